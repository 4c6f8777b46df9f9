"""State dicts: checked as a whole before anything is taken over, then copied into the tensors that are there."""

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import torch

from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch import options, shared_state, storage
from dwmgrad_ref.torch.group_step import fresh_state

if TYPE_CHECKING:
    from dwmgrad_ref.torch.rule_optimizer import RuleOptimizer


def load(optimizer: "RuleOptimizer", state_dict: dict[str, Any]) -> None:
    """What `RuleOptimizer.load_state_dict` promises, with torch's hooks around it."""
    state_dict = dict(state_dict)
    for hook in optimizer._optimizer_load_state_dict_pre_hooks.values():
        replaced = hook(optimizer, state_dict)
        state_dict = state_dict if replaced is None else replaced
    saved_groups = [options.normalized(options.renamed(optimizer.rule, g)) for g in state_dict["param_groups"]]
    groups = optimizer.param_groups
    _check_groups(optimizer.rule, groups, saved_groups)
    saved = state_dict["state"]
    pairs = [
        (p, index, saved.get(index) or {})
        for group, given in zip(groups, saved_groups, strict=True)
        for p, index in zip(group["params"], given["params"], strict=True)
    ]
    for p, index, values in pairs:
        _check_state(optimizer, p, index, values)
    for group, given in zip(groups, saved_groups, strict=True):
        _take_options(optimizer.rule, group, given)
        _take_shared(optimizer.rule, group, given["shared"])
    for p, _, values in pairs:
        _take_state(optimizer, p, values)
    known = {index for _, index, _ in pairs}
    optimizer.state.update({name: deepcopy(value) for name, value in saved.items() if name not in known})
    for hook in optimizer._optimizer_load_state_dict_post_hooks.values():
        hook(optimizer)


def _check_groups(rule: Rule, groups: list[dict[str, Any]], saved: list[dict[str, Any]]) -> None:
    if len(groups) != len(saved):
        raise BadInput(
            f"the state dict has {len(saved)} parameter groups, this optimizer {len(groups)}; nothing loaded"
        )
    for number, (group, given) in enumerate(zip(groups, saved, strict=True)):
        name = given.get("rule")
        if not _same_formula(rule, name):
            whose = f"of the rule {name!r}" if name else "of an optimizer that is not one of this package"
            raise BadInput(f"the state dict is {whose}; this is {rule.name!r}; nothing loaded")
        if len(group["params"]) != len(given["params"]):
            raise BadInput(
                f"group {number} of the state dict has {len(given['params'])} parameters, this optimizer's "
                f"{len(group['params'])}; nothing loaded"
            )
        if set(given.get("shared", ())) != {*rule.Shared._fields}:
            raise BadInput(
                f"group {number} of the state dict has the shared state {sorted(given.get('shared', ()))}, expected "
                f"{sorted(rule.Shared._fields)}; nothing loaded"
            )
        options.checked(rule, {**group, **given})
    options.refuse_mixed(rule, [{**group, **given} for group, given in zip(groups, saved, strict=True)])


def _same_formula(rule: Rule, name: Any) -> bool:
    """Variants of a rule have one formula and other defaults, so their states are interchangeable."""
    if name == rule.name:
        return True
    other = rules.get(name) if name in rules.names() else None
    return other is not None and (other.shared, other.coord) == (rule.shared, rule.coord)


def _check_state(optimizer: "RuleOptimizer", p: torch.Tensor, index: int, values: dict[str, Any]) -> None:
    if not values:
        return  # it had no gradient yet
    fields = optimizer.rule.Coord._fields
    if not {*fields} <= set(values):
        raise BadInput(
            f"parameter {index} of the state dict has the state {sorted(values)}, expected {sorted(fields)}; "
            "nothing loaded"
        )
    shape = (*p.shape, 2) if p.is_complex() else tuple(p.shape)
    if storage.valueless(p) and not any(storage.valueless(values[name]) for name in fields):
        raise BadInput(
            f"parameter {index} is on {p.device} and has no values to hold it; fill it first; nothing loaded"
        )
    for name in fields:
        value = values[name]
        found = tuple(value.shape[1:] if name == "past" else value.shape)
        if found != shape:
            raise BadInput(
                f"{name} of parameter {index} in the state dict is {found}, expected {shape}; nothing loaded"
            )


def _take_options(rule: Rule, group: dict[str, Any], given: dict[str, Any]) -> None:
    """All of the saved group's entries, such as a schedule's own, except how and where the arithmetic runs."""
    here = {"params", "shared", "rule", "foreach", "fused"}
    for name, value in given.items():
        if name not in here:
            group[name] = deepcopy(value)


def _take_shared(rule: Rule, group: dict[str, Any], given: dict[str, Any]) -> None:
    """The saved shared state, in the tensors that are there if there are any (a captured graph knows them)."""
    place = options.place(group)
    new = shared_state.placed(rule, {**given}, place)
    if place is None:
        group["shared"] = new
    else:
        group["shared"] = shared_state.placed(rule, group["shared"], place)
        shared_state.vector_of(group["shared"]).copy_(shared_state.vector_of(new))


def _take_state(optimizer: "RuleOptimizer", p: torch.Tensor, values: dict[str, Any]) -> None:
    state, fields = optimizer.state, optimizer.rule.Coord._fields
    if not values:
        for name in state[p].keys() & {*fields}:
            state[p][name].zero_()
        return
    group = next(g for g in optimizer.param_groups if any(q is p for q in g["params"]))
    if not _like(state[p], values, fields):
        state[p].update(fresh_state(optimizer.rule, group, p))
    with torch.no_grad():
        for name in fields:
            state[p][name].copy_(values[name])
    for name in {*values} - {*fields}:  # what others keep beside the state, as torch's optimizers take it over
        value = deepcopy(values[name])
        state[p][name] = value.to(p.device) if isinstance(value, torch.Tensor) else value


def _like(here: dict[str, Any], values: dict[str, Any], fields: tuple[str, ...]) -> bool:
    return all(name in here and here[name].shape == values[name].shape for name in fields)
