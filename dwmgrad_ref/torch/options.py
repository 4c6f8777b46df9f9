"""A parameter group's options: the rule's under torch's names where torch has one, checked as the rule checks them."""

from typing import Any

import torch

from dwmgrad_ref.errors import BadOption, UnknownName
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch.coordinate import Around
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


def names(rule: Rule) -> tuple[str, ...]:
    """Names of all options of a group: `lr` for the rule's alpha, the rule's others, torch's."""
    own = ("lr" if name == "alpha" else name for name in rule.Options._fields)
    return tuple(dict.fromkeys([*own, *TORCH]))


def defaults(rule: Rule, given: dict[str, Any]) -> dict[str, Any]:
    """The options of a group that sets none itself.

    Raises:
        UnknownName, BadOption: as `Rule.options`, under the names of this module.
    """
    known = names(rule)
    for name in given:
        if name not in known:
            raise UnknownName(f"option of {rule.name}", name, known)
    own = {("lr" if n == "alpha" else n): v for n, v in rule.options()._asdict().items()}
    merged = {**TORCH, **own, **given, "rule": rule.name}
    checked(rule, merged)
    return {name: merged[name] for name in (*known, "rule")}


def checked(rule: Rule, group: dict[str, Any]) -> Any:
    """The rule's Options of a group.

    Raises:
        BadOption: a value outside its range; the message names both.
    """
    for flag in FLAGS:
        if not isinstance(group[flag], bool):
            raise BadOption(f"{rule.name}: {flag}={group[flag]!r} is not allowed; it must be true or false")
    if group["foreach"] and group["fused"]:
        raise BadOption(f"{rule.name}: foreach and fused cannot both be true; choose one")
    if "alpha" in group or (isinstance(group["lr"], torch.Tensor) and group["lr"].numel() != 1):
        raise BadOption(f"{rule.name}: the step size is called lr here, and is one number")
    lr = 1.0 if isinstance(group["lr"], torch.Tensor) else checked_lr(rule, group["lr"])
    decay = group["weight_decay"]
    if not isinstance(decay, int | float) or not 0 <= decay < float("inf"):
        raise BadOption(f"{rule.name}: weight_decay={decay!r} is not allowed; it must lie in [0, inf)")
    own = {name: group["lr" if name == "alpha" else name] for name in rule.Options._fields}
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
    """Where the shared state lives: None for floats on the host, else the device of its tensors."""
    devices = [p.device for p in group["params"]]
    elsewhere = next((d for d in devices if d.type != "cpu"), None)
    if elsewhere is not None:
        return elsewhere
    return torch.device("cpu") if group["capturable"] or group["differentiable"] else None


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
    if isinstance(lr, torch.Tensor) and device is not None:
        lr = lr.reshape(())
        return o._replace(alpha=lr), o_shared._replace(alpha=lr.to(device, scalar_dtype(device)))
    lr = checked_lr(rule, float(lr))
    shared = lr if device is None else torch.full((), lr, dtype=scalar_dtype(device), device=device)
    return o._replace(alpha=lr), o_shared._replace(alpha=shared)


def checked_lr(rule: Rule, lr: Any) -> Any:
    """A step size of 0, which schedules pass through, is allowed although the formula's own range is open."""
    if not isinstance(lr, int | float) or not 0 <= lr < float("inf"):
        raise BadOption(f"{rule.name}: lr={lr!r} is not allowed; it must lie in [0, inf)")
    return lr


def _tensor(rule: Rule, chosen: Any, name: str, value: Any, device: torch.device) -> Any:
    if rule.choices(name) or isinstance(getattr(chosen, name), bool):
        return value
    return torch.full((), value, dtype=scalar_dtype(device), device=device)
