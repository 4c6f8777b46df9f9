"""Which tensors a group's step works on: found once, kept while parameters, state and gradients stay what they were.

The formula is for real numbers, one coordinate at a time, so each tensor is seen through views that change nothing
about its memory: the local shard of a distributed tensor, a complex tensor as pairs of reals, a transposed or
channels-last tensor in the order of its memory.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.torch.storage import plain

WORK = {
    torch.float64: torch.float64,
    torch.float32: torch.float32,
    torch.bfloat16: torch.float32,
    torch.float16: torch.float32,
    torch.complex64: torch.float32,
    torch.complex128: torch.float64,
    torch.complex32: torch.float32,
}
_shape, _dtype, _layout = (attrgetter(name) for name in ("shape", "dtype", "layout"))
_is_negated = Tensor.is_neg
COMPLEX = {dtype for dtype in WORK if dtype.is_complex}


@dataclass
class Bucket:
    """Parameters of one device and dtype that have a gradient.

    where    positions in the group's parameters
    leaves   the parameters themselves; `p.data = ...` may give one new memory between any two steps
    states   one list per field of the rule's Coord, seen as the parameters are; float32 for half precision
    views    how to see a parameter and its gradient; None where all are seen as they are
    dense    plain memory and contiguous as they are seen, so one pass over memory can do the step
    how      the implementation that runs it: loop, foreach or fused
    readable whether the memory of this step's gradients can be read, without which foreach runs in place of fused
    cache    for an implementation to keep what it derives from the lists; it lives as long as they do
    """

    where: list[int]
    leaves: list[Tensor]
    states: list[list[Tensor]]
    views: list[Callable[[Tensor], Tensor]] | None
    dense: bool
    how: str = "loop"
    readable: bool = True
    cache: dict[Any, Any] = field(default_factory=dict)

    @property
    def params(self) -> list[Tensor]:
        """What the arithmetic writes: the parameters, seen as real, local and, if `dense`, contiguous."""
        if self.views is None:
            return self.leaves
        return [view(p) for view, p in zip(self.views, self.leaves, strict=True)]

    def gradients(self, grads: list[Any]) -> list[Tensor]:
        """This bucket's gradients, out of the group's, seen as the parameters are; contiguous if `dense`."""
        found = grads if len(grads) == len(self.where) else [grads[i] for i in self.where]
        if self.views is not None:
            found = [view(g) for view, g in zip(self.views, found, strict=True)]
        if any(map(_is_negated, found)):  # autograd gives such views out of complex arithmetic
            found = [g.resolve_neg() for g in found]
        return [g if g.is_contiguous() else g.contiguous() for g in found] if self.dense else found


@dataclass
class Plan:
    """A group's buckets and what they were made from."""

    params: list[Tensor]
    present: list[bool]
    facts: tuple[list[Any], ...]
    places: list[torch.device]
    stored: list[tuple[dict[str, Any], str, Tensor]]
    buckets: list[Bucket]

    @cached_property
    def devices(self) -> set[torch.device]:
        """Of all parameters, with a gradient or without."""
        return set(self.places)

    def holds(self, params: list[Tensor], grads: list[Any]) -> bool:
        """Whether these are still the optimizer's tensors: the same parameters and state, gradients that fit them.

        The fused step compares addresses, and so devices, and the gradients' sizes itself.
        """
        if [g is not None for g in grads] != self.present or [*map(id, params)] != self._identities:
            return False
        if _facts(params) != self.facts or not all([values[name] is tensor for values, name, tensor in self.stored]):
            return False
        given = grads if self._all_present else [g for g in grads if g is not None]
        if {*map(_layout, given)} - {torch.strided}:
            return False
        if self._all_fused:
            return True
        return [p.device for p in params] == self.places and [g.shape for g in given] == self.shapes

    @cached_property
    def _identities(self) -> list[int]:
        return [*map(id, self.params)]

    @cached_property
    def _all_present(self) -> bool:
        return all(self.present)

    @property
    def _all_fused(self) -> bool:
        return all(bucket.how == "fused" for bucket in self.buckets)

    @cached_property
    def shapes(self) -> list[torch.Size]:
        """Of the parameters with a gradient."""
        return [shape for shape, has in zip(self.facts[0], self.present, strict=True) if has]


def _facts(tensors: list[Tensor]) -> tuple[list[Any], ...]:
    """What a plan rests on. By `p.data = ...` a complex tensor may become a conjugated view of the same memory."""
    dtypes = [*map(_dtype, tensors)]
    conjugated = [*map(Tensor.is_conj, tensors)] if COMPLEX & {*dtypes} else []
    return [*map(_shape, tensors)], dtypes, [*map(Tensor.is_contiguous, tensors)], [*map(type, tensors)], conjugated


def fresh_state(fields: tuple[str, ...], p: Tensor, history: int) -> dict[str, Tensor]:
    """Zeros for each field of the rule's Coord, laid out like the parameter; `past` holds that many of them."""
    real = torch.view_as_real(p.detach()) if p.is_complex() else p.detach()
    zeros = {name: torch.zeros_like(real, dtype=WORK[p.dtype]) for name in fields if name != "past"}
    if "past" in fields:
        zeros["past"] = torch.zeros((history, *real.shape), dtype=WORK[p.dtype], device=p.device)
    return zeros


def build(fields: tuple[str, ...], params: list[Tensor], grads: list[Any], state: Any, *, reorder: bool = True) -> Plan:
    """The plan for these gradients; every parameter with a gradient has a state that fits it.

    Args:
        reorder: whether tensors may be seen in the order of their memory.
    """
    found: dict[Any, list[tuple[int, Callable[[Tensor], Tensor]]]] = {}
    for position, (p, g) in enumerate(zip(params, grads, strict=True)):
        if g is not None:
            view = view_of(p, reorder)
            seen = view(p)
            memory = [seen, *(view(state[p][f]) for f in fields if "past" not in fields)]
            dense = "past" not in fields and all(t.is_contiguous() and plain(t) for t in memory)  # loaded state may not
            found.setdefault((seen.device, seen.dtype, dense), []).append((position, view))
    buckets = []
    for (_, _, dense), members in found.items():
        views = None if all(view is _as_it_is for _, view in members) else [view for _, view in members]
        mine = [params[position] for position, _ in members]
        states = [
            [state[p][f] if f == "past" else view(state[p][f]) for p, (_, view) in zip(mine, members, strict=True)]
            for f in fields
        ]
        buckets.append(Bucket([position for position, _ in members], mine, states, views, dense))
    present = [g is not None for g in grads]
    stored = [(state[p], f, state[p][f]) for p, has in zip(params, present, strict=True) if has for f in fields]
    return Plan(list(params), present, _facts(params), [p.device for p in params], stored, buckets)


def check_parameter(owner: str, p: Tensor) -> None:
    """Refuse what the formula cannot move; a lazy module's parameter is looked at when it has been given a shape."""
    if is_lazy(p):
        return
    if p.is_conj() or p.is_neg():
        kind = "conjugated" if p.is_conj() else "negated"
        raise BadInput(
            f"{owner} got a parameter that is a {kind} view of other memory; give it memory of its own: "
            "p.resolve_conj().resolve_neg()"
        )
    if p.dtype not in WORK or p.layout != torch.strided:
        known = ", ".join(str(dtype).removeprefix("torch.") for dtype in WORK)
        raise BadInput(f"{owner} got a parameter of {p.dtype}, layout {p.layout}; expected a dense one of {known}")


def _wanted(p: Tensor) -> tuple[Any, ...]:
    return (*p.shape, 2) if p.is_complex() else tuple(p.shape), WORK.get(p.dtype), p.device


def _found(name: str, tensor: Tensor) -> tuple[Any, ...]:
    return tuple(tensor.shape[1:] if name == "past" else tensor.shape), tensor.dtype, tensor.device


def fits(p: Tensor, values: dict[str, Tensor], fields: tuple[str, ...]) -> bool:
    """Whether a parameter's state is of its shape, device and dtype."""
    return all(_found(name, values[name]) == _wanted(p) for name in fields)


def check_fits(owner: str, position: int, p: Tensor, values: dict[str, Tensor], fields: tuple[str, ...]) -> None:
    """Refuse a parameter that was reshaped, cast or moved since its state was made."""
    for name in fields:
        if (found := _found(name, values[name])) != _wanted(p):
            raise BadInput(
                f"{owner}: parameter {position} of its group is now {tuple(p.shape)} {p.dtype} on {p.device}, but its "
                f"state {name} is {found[0]} {found[1]} on {found[2]}; nothing was changed. Move or cast the model "
                "before making the optimizer, or make a new one"
            )


def check_gradients(owner: str, params: list[Tensor], grads: list[Any]) -> None:
    """Refuse sparse gradients, and any that is not of its parameter's shape, before anything is modified."""
    for position, (p, g) in enumerate(zip(params, grads, strict=True)):
        if g is None:
            continue
        if g.layout != torch.strided:
            raise BadInput(
                f"{owner} cannot use the sparse gradient of parameter {position} (layout {g.layout}): the formula "
                "moves every coordinate at every step. Make it dense, for an embedding with sparse=False"
            )
        if g.shape != p.shape or g.dtype != p.dtype or g.device != p.device:
            raise BadInput(
                f"{owner}: the gradient of parameter {position} is {tuple(g.shape)} {g.dtype} on {g.device}, the "
                f"parameter {tuple(p.shape)} {p.dtype} on {p.device}; nothing was changed"
            )


def _as_it_is(tensor: Tensor) -> Tensor:
    return tensor


def _real_and_local(tensor: Tensor) -> Tensor:
    """This process's part of a distributed tensor, a complex tensor as pairs of reals; no memory is copied."""
    mine: Any = tensor
    mine = mine.to_local() if hasattr(tensor, "to_local") else mine
    return torch.view_as_real(mine.resolve_conj()) if mine.is_complex() else mine


def view_of(p: Tensor, reorder: bool) -> Callable[[Tensor], Tensor]:
    """How to see this parameter, its gradient and its state as real, local and in the order of its memory."""
    seen = _real_and_local(p)
    if not reorder or seen.is_contiguous():
        return _as_it_is if seen is p else _real_and_local
    order = sorted(range(seen.dim()), key=lambda axis: -seen.stride(axis))
    return lambda tensor: _real_and_local(tensor).permute(order)
