"""A parameter group's options: the rule's under torch's names where torch has one, checked as the rule checks them.

Schedules and monitors take a group's `momentum` for a number and write or log it. A rule's choice of that name is
therefore kept as `momentum_mode`; the constructor and the dict of a group take it as `momentum` all the same.
"""

from functools import cache
from typing import Any

import numpy as np
import torch

from dwmgrad_ref.errors import BadOption, UnknownName
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch import storage
from dwmgrad_ref.torch.kernels.coordinate import Around
from dwmgrad_ref.torch.shared_state import scalar_dtype

TORCH = {
    "weight_decay": 0.0,
    "decoupled_weight_decay": False,
    "maximize": False,
    "foreach": None,
    "fused": None,
    "capturable": False,
    "differentiable": False,
}
FLAGS = ("decoupled_weight_decay", "maximize", "capturable", "differentiable")
_PLAIN = {float, int, str, bool, type(None)}


@cache
def key(rule: Rule, name: str) -> str:
    """The name in a parameter group of an option of the rule: `lr` for its alpha, `momentum_mode` for such a choice."""
    if name == "momentum" and name in rule.Options._fields and rule.choices(name):
        return "momentum_mode"
    return "lr" if name == "alpha" else name


@cache
def renames(rule: Rule) -> frozenset[str]:
    """The options that have another name in a group; under their own they would be ignored."""
    return frozenset(name for name in rule.Options._fields if key(rule, name) != name)


def names(rule: Rule) -> tuple[str, ...]:
    """Names of all options of a group: the rule's, then torch's."""
    return tuple(dict.fromkeys([*(key(rule, name) for name in rule.Options._fields), *TORCH]))


def renamed(rule: Rule, given: dict[str, Any]) -> dict[str, Any]:
    """Options as a user or an older state dict gives them, under the names of a group."""
    name = key(rule, "momentum")
    return {name if old == "momentum" else old: value for old, value in given.items()}


def normalized(group: dict[str, Any]) -> dict[str, Any]:
    """NumPy's numbers and arrays without an axis as Python's, which state dicts can hold; all else as it is."""
    zero_dim = {n: v for n, v in group.items() if isinstance(v, np.generic) or isinstance(v, np.ndarray) and not v.ndim}
    return {**group, **{name: value.item() for name, value in zero_dim.items()}}


def are_plain(values: tuple[Any, ...]) -> bool:
    """Whether `normalized` would leave such values alone, and comparing them is safe."""
    return {*map(type, values)} <= _PLAIN


def defaults(rule: Rule, given: dict[str, Any]) -> dict[str, Any]:
    """The options of a group that sets none itself.

    Raises:
        UnknownName, BadOption: as `Rule.options`, under the names of this module.
    """
    known, given = names(rule), normalized(renamed(rule, given))
    for name in given:
        if name not in known:
            raise UnknownName(f"option of {rule.name}", name, known)
    own = {key(rule, n): v for n, v in rule.options()._asdict().items()}
    merged = {**TORCH, **own, **given, "rule": rule.name}
    checked(rule, merged)
    return {name: merged[name] for name in (*known, "rule")}


def checked(rule: Rule, group: dict[str, Any]) -> Any:
    """The rule's Options of a group.

    Raises:
        BadOption: a value outside its range; the message names both.
    """
    for name in names(rule):
        if name != "lr" and isinstance(group[name], torch.Tensor):
            raise BadOption(f"{rule.name}: {name}={group[name]!r} is not allowed; only lr may be a tensor")
    for flag in FLAGS:
        if not isinstance(group[flag], bool):
            raise BadOption(f"{rule.name}: {flag}={group[flag]!r} is not allowed; it must be true or false")
    if group["foreach"] and group["fused"]:
        raise BadOption(f"{rule.name}: foreach and fused cannot both be true; choose one")
    for name in renames(rule):
        if name in group:
            raise BadOption(f"{rule.name}: {name}={group[name]!r} is not allowed; in a group it is {key(rule, name)}")
    lr = 1.0 if isinstance(group["lr"], torch.Tensor) else group["lr"]
    checked_lr(rule, group["lr"])
    decay = group["weight_decay"]
    if not isinstance(decay, int | float) or not 0 <= decay < float("inf"):
        raise BadOption(f"{rule.name}: weight_decay={decay!r} is not allowed; it must lie in [0, inf)")
    own = {name: group[key(rule, name)] for name in rule.Options._fields}
    options = rule.options(**{**own, "alpha": lr or 1.0})
    return options._replace(alpha=lr)


def refuse_mixed(rule: Rule, groups: list[dict[str, Any]]) -> None:
    """One loss drives all windows, so the groups must read it alike.

    Raises:
        BadOption: two groups have different values of `signal`.
    """
    if "signal" in rule.Options._fields and len(signals := {group["signal"] for group in groups}) > 1:
        raise BadOption(
            f"{rule.name}: the groups mix the loss signals {', '.join(sorted(map(str, signals)))}; one loss drives the "
            "windows of all groups, so give all the same signal, or make one optimizer for each"
        )


def place(group: dict[str, Any]) -> torch.device | None:
    """Where the shared state lives: None for floats on the host, else the device of its tensors.

    Parameters without values do not decide it, unless there are no others.
    """
    params = [p for p in group["params"] if not storage.valueless(p)] or group["params"]
    elsewhere = next((p.device for p in params if p.device.type != "cpu"), None)
    if elsewhere is not None:
        return elsewhere
    on_tensors = group["capturable"] or group["differentiable"] or any(map(storage.valueless, params))
    return torch.device("cpu") if on_tensors else None


def encoded(rule: Rule, group: dict[str, Any], chosen: Any) -> tuple[Any, Any, Around]:
    """The options as the coordinate formula and as the shared formula see them, and what is added around.

    Where the shared state lives on tensors, so do the numbers its formula reads: a choice between two Python floats
    would be made in the default dtype.
    """
    decay, decoupled = chosen._asdict().get("weight_decay"), group["decoupled_weight_decay"]
    own = decay is not None
    if own and decoupled:
        chosen = chosen._replace(weight_decay=0.0)
    around = Around(group["maximize"], not own and not decoupled and group["weight_decay"] > 0, decoupled)
    o, device = rule.encode(chosen), place(group)
    if device is None:
        return o, o, around
    return o, rule.Options(*(_tensor(rule, chosen, n, v, device) for n, v in o._asdict().items())), around


def with_lr(rule: Rule, o: Any, o_shared: Any, lr: Any, device: torch.device | None) -> tuple[Any, Any]:
    """The encoded options with that step size.

    Raises:
        BadOption: a step size outside [0, inf).
    """
    checked_lr(rule, lr)
    if isinstance(lr, torch.Tensor) and device is not None:
        lr = lr.reshape(())
        return o._replace(alpha=lr), o_shared._replace(alpha=lr.to(device, scalar_dtype(device)))
    lr = float(lr)
    shared = lr if device is None else torch.full((), lr, dtype=scalar_dtype(device), device=device)
    return o._replace(alpha=lr), o_shared._replace(alpha=shared)


def checked_lr(rule: Rule, lr: Any) -> None:
    """A step size of 0, which schedules pass through, is allowed although the formula's own range is open.

    A tensor's value is looked at where that does not wait for a device.

    Raises:
        BadOption: a step size outside [0, inf), or a tensor that is not one real number.
    """
    if isinstance(lr, torch.Tensor):
        if lr.numel() != 1 or lr.is_complex() or lr.dtype == torch.bool:
            raise BadOption(
                f"{rule.name}: Tensor lr must be 1-element and real; got {lr.dtype}, shape {tuple(lr.shape)}"
            )
        if lr.device.type != "cpu" or storage.valueless(lr):
            return
        lr = float(lr.detach())
    if not isinstance(lr, int | float) or not 0 <= lr < float("inf"):
        raise BadOption(f"{rule.name}: lr={lr!r} is not allowed; it must lie in [0, inf)")


def _tensor(rule: Rule, chosen: Any, name: str, value: Any, device: torch.device) -> Any:
    if rule.choices(name) or isinstance(getattr(chosen, name), bool):
        return value
    return torch.full((), value, dtype=scalar_dtype(device), device=device)
