"""Three ways to run one formula on a bucket of tensors: a loop over them, torch._foreach_* calls, one fused pass."""

import importlib
import warnings
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from dwmgrad_ref.errors import BadOption
from dwmgrad_ref.recording import Untraceable
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch.buckets import WORK, Bucket
from dwmgrad_ref.torch.kernels import recording
from dwmgrad_ref.torch.kernels.coordinate import Around, coordinate_step

CHUNK = 1 << 20  # numbers that one foreach call works on; the temporaries are a few times that


def choose(rule: Rule, group: dict[str, Any], bucket: Bucket, shared: torch.device | None) -> str:
    """The implementation for a bucket: what the group asks for, else the quickest that can run it.

    As in torch.optim, `foreach` or `fused` alone set to False means the loop. `differentiable` and rules that keep
    past gradients are always run by the loop.

    Args:
        shared: device of the shared state's tensors, None for floats. From tensors on the CPU the fused step reads
            the numbers only if it is asked for, since they are there to be part of a graph.

    Raises:
        CannotFuse: `fused=True` where that cannot run; the message says why.
    """
    plain = group["differentiable"] or "past" in rule.Coord._fields
    if not group["fused"] and (plain or group["foreach"] is not None or group["fused"] is not None):
        return "foreach" if group["foreach"] and not plain else "loop"
    reason = "differentiable or a rule that keeps past gradients" if plain else _why_not_fused(bucket, shared)
    if reason is None and (shared is None or group["fused"]):
        return "fused"
    if group["fused"]:
        raise CannotFuse(
            f"{rule.name}: `fused=True` requires all the params to be floating point Tensors in this host's memory, "
            f"with nothing to differentiate, and cannot run here: {reason}; without it the quickest way is taken"
        )
    return "foreach"


class CannotFuse(BadOption, RuntimeError):
    """`fused=True` where the fused step cannot run; torch.optim raises a RuntimeError there."""


def _why_not_fused(bucket: Bucket, shared: torch.device | None) -> str | None:
    module, first = _fused(), bucket.params[0]
    if module is None:
        return "this installation has no fused implementation"
    if (reason := module.available(first.device)) is not None:
        if first.device.type == "cpu":
            _notice(reason)
        return reason
    if not bucket.dense or first.dtype not in module.DTYPES:
        return f"not for {first.dtype} in this memory layout, or not in memory of its own"
    if shared is not None and shared.type != "cpu":
        return f"the shared state is on {shared}, with other parameters of the group"
    return None


@cache
def _fused() -> ModuleType | None:
    try:
        return importlib.import_module("dwmgrad_ref.torch.kernels.fused")
    except ModuleNotFoundError:
        return None


@cache
def _notice(reason: str) -> None:
    """Say once why steps are slower than they could be."""
    warnings.warn(f"the fused step is not available ({reason}); a slower way gives the same", stacklevel=2)


def prepare(rule: Rule, o: Any, around: Around, bucket: Bucket, grads: list[Tensor]) -> None:
    """See whether the bucket's step can be made as planned; nothing is changed.

    Raises:
        BadInput: a gradient or the state does not fit.
    """
    if bucket.how == "fused":
        work = bucket.cache.get("fused") or _made_fused(rule, o, around, bucket)
        bucket.readable = work is not None and work.ready(bucket, grads)


def run(rule: Rule, o: Any, k: Any, around: Around, group: dict[str, Any], bucket: Bucket, grads: list[Tensor]) -> None:
    """Advance a bucket's parameters and states in place, after `prepare`; k is already advanced."""
    decay = float(group["weight_decay"])
    match bucket.how:
        case "fused" if bucket.readable:
            if isinstance(k[0], Tensor):
                o, k = _floats(o), _floats(k)
            bucket.cache["fused"].step(o, k, decay, bucket)
        case "fused" | "foreach":
            foreach(rule, o, k, around, decay, bucket, grads)
        case _:
            loop(rule, o, k, around, decay, bucket, grads, replace=group["differentiable"])


def _made_fused(rule: Rule, o: Any, around: Around, bucket: Bucket) -> Any:
    """The fused step of a bucket, kept there; None for a formula that only the loop can run."""
    from dwmgrad_ref.torch.kernels import fused

    try:
        bucket.cache["fused"] = fused.Fused(rule, around, _choices(rule, o), bucket)
    except Untraceable as error:
        _notice(f"{rule.name}: {error}")
        bucket.how = "loop"
    return bucket.cache.get("fused")


def _floats(values: Any) -> Any:
    """Options or shared state with 0-d tensors on the CPU read as floats."""
    return values._make(float(value) if isinstance(value, Tensor) else value for value in values)


def loop(
    rule: Rule, o: Any, k: Any, around: Around, decay: float, bucket: Bucket, grads: list[Tensor], replace: bool
) -> None:
    """One tensor after the other by the rule's own `coord`: the oracle for the other two.

    Args:
        replace: put new state tensors in place of the old, which a gradient through the step may still need.
    """
    for i, (p, g) in enumerate(zip(bucket.params, grads, strict=True)):
        work = WORK[p.dtype]
        c = rule.Coord(*(values[i] for values in bucket.states))
        if c and c._fields[-1] == "past":
            c = c._replace(past=c.past.unbind())
        x = p.clone() if replace else p
        new, x = coordinate_step(rule, around, o, k, c, x.to(work), g.to(work), decay)
        for field, (old, value) in enumerate(zip((v[i] for v in bucket.states), new, strict=True)):
            if isinstance(value, tuple):
                value = torch.stack(value)
            if replace:
                bucket.states[field][i] = torch.as_tensor(value, dtype=old.dtype).expand_as(old)
            else:
                old.copy_(value) if isinstance(value, Tensor) else old.fill_(value)
        p.copy_(x)


def foreach(rule: Rule, o: Any, k: Any, around: Around, decay: float, bucket: Bucket, grads: list[Tensor]) -> None:
    """All tensors of a chunk in one call for each operation of the formula."""
    try:
        recorded = recording.trace(rule, around, _choices(rule, o))
    except Untraceable:
        return loop(rule, o, k, around, decay, bucket, grads, replace=False)
    everything = bucket.params
    for chunk in _chunks(bucket, everything):
        params, g = everything[chunk], grads[chunk]
        states = [values[chunk] for values in bucket.states]
        work = WORK[params[0].dtype]
        if params[0].dtype == work:
            recorded.run(o, k, decay, params, states, g, own_g=False)
        else:
            x = [p.to(work) for p in params]
            recorded.run(o, k, decay, x, states, [t.to(work) for t in g], own_g=True)
            torch._foreach_copy_(params, x)


def _choices(rule: Rule, o: Any) -> Any:
    """The options that choose a formula as they are, None for every number."""
    return rule.Options(*(v if n in _choosing(rule) else None for n, v in o._asdict().items()))


@cache
def _choosing(rule: Rule) -> set[str]:
    default = rule.options()._asdict()
    return {name for name in default if rule.choices(name) or isinstance(default[name], bool)}


def _chunks(bucket: Bucket, params: list[Tensor]) -> list[slice]:
    """Ranges of the bucket's tensors of about CHUNK numbers each."""
    if "chunks" not in bucket.cache:
        ends, total = [], 0
        for position, p in enumerate(params, start=1):
            total += p.numel()
            if total >= CHUNK or position == len(params):
                ends.append(position)
                total = 0
        bucket.cache["chunks"] = [slice(a, b) for a, b in zip([0, *ends], ends, strict=False)]
    return bucket.cache["chunks"]
