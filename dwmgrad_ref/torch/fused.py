"""One pass over memory: a rule's formula, compiled, on all tensors of a parameter group.

`Plan` is built once for a list of tensors and holds addresses. Before each step it makes sure that they are still
theirs, so that a parameter replaced between steps is an error or a new plan and never a stray write.
"""

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch import llvm, threads, tracing

PART = 1 << 15  # coordinates that a thread takes at a time; torch's own grain
KINDS = {torch.float32: "float32", torch.float64: "float64", torch.bfloat16: "bfloat16"}


@cache
def available(device: str = "cpu") -> str | None:
    """None if the fused step runs on that kind of device, else why it does not."""
    if device != "cpu":
        return f"the fused step is compiled for CPUs; these parameters are on {device}"
    try:
        llvm.Kernel("define void @team(ptr %job) { ret void }")
    except Exception as error:  # whatever LLVM says on a platform it does not know
        return f"LLVM cannot compile here: {error}"
    return None


@cache
def _kernel(rule: Rule, choices: tuple[Any, ...], maximize: bool, decay: str, kinds: tuple[str, ...]) -> Any:
    """Compiled code and the traced formula."""
    o = rule.Options(*choices)
    formula = tracing.trace(rule, o, maximize=maximize, decay=decay)
    names = ("x", "g", *rule.Coord._fields)
    return llvm.Kernel(llvm.source(formula, dict(zip(names, kinds, strict=True)))), formula


class Plan:
    """The fused step on fixed tensors.

    Args:
        o: encoded options; the choices among them are fixed for this plan, the numbers are read at every step.
        params: contiguous (or all alike dense) tensors of one dtype on the CPU, changed in place.
        states: for every field of rule.Coord the tensors that hold it, one a parameter, of one dtype: the
            parameter's, or float32 for bfloat16 parameters.
        decay: "" , "coupled" or "decoupled".

    Raises:
        tracing.Untraceable: this formula has no fused form.
        BadInput: sizes, dtypes or layouts that do not fit together.
    """

    def __init__(
        self, rule: Rule, o: Any, params: Sequence[torch.Tensor], states: Sequence[Sequence[torch.Tensor]], *,
        maximize: bool = False, decay: str = "",
    ):  # fmt: skip
        self.params, self.states = list(params), [list(field) for field in states]
        kinds = _kinds(rule, self.params, self.states)
        fixed = tracing.specialized(rule)
        choices = tuple(v if name in fixed else 0.0 for name, v in o._asdict().items())
        self._kernel, self._formula = _kernel(rule, choices, maximize, decay, kinds)
        self._dtype = params[0].dtype
        self._owned = [self.params, *self.states]
        self._sizes = [p.numel() for p in self.params]
        self._addresses = self._own_addresses()
        self._gradients: list[int] = []
        self._layout()

    def _own_addresses(self) -> list[int]:
        return [t.data_ptr() for tensors in self._owned for t in tensors]

    def _layout(self) -> None:
        """Cut the tensors into pieces of at most PART, gather pieces into parts of about as much."""
        pieces = [(j, at, min(PART, n - at)) for j, n in enumerate(self._sizes) for at in range(0, n, PART)]
        table = np.array(pieces, dtype=np.int64).reshape(-1, 3)
        self._tensor, start, length = table[:, 0], table[:, 1], table[:, 2]
        self._rows = np.zeros((len(pieces), 3 + len(self.states)), dtype=np.int64)
        self._rows[:, 0] = length
        owned = np.array(self._addresses, dtype=np.int64).reshape(len(self._owned), -1)
        for column, tensors, addresses in zip((1, *range(3, 3 + len(self.states))), self._owned, owned, strict=True):
            width = tensors[0].element_size() if tensors else 0
            self._rows[:, column] = addresses[self._tensor] + start * width
        self._offset = start * (self.params[0].element_size() if self.params else 0)
        part = (np.cumsum(length) - length) // PART
        self._firsts = np.append(np.searchsorted(part, np.unique(part)), len(pieces)).astype(np.int64)
        self._shared = np.zeros(len(self._formula.needed), dtype=np.float64)
        self._job = np.array(
            [0, len(self._firsts) - 1, *(a.ctypes.data for a in (self._rows, self._shared, self._firsts))], np.int64
        )

    def step(self, o: Any, k: Any, grads: Sequence[torch.Tensor], *, weight_decay: float = 0.0, lr: float = 0.0) -> None:
        """One step in place, k already advanced.

        Raises:
            BadInput: a tensor was replaced or resized since the plan was made, or a gradient does not fit; nothing
                has been changed then.
        """
        self._check(grads)
        self._shared[:] = self._formula.scalars(o, k, lr, weight_decay)
        self._job[0] = 0
        workers = min(torch.get_num_threads(), len(self._firsts) - 1)
        if workers > 1:
            threads.runner()(self._kernel.address, self._job.ctypes.data, workers)
        else:
            self._kernel.team(self._job.ctypes.data)

    def _check(self, grads: Sequence[torch.Tensor]) -> None:
        """Everything that keeps the kernel inside its tensors; then the gradients' addresses into the table."""
        if self._own_addresses() != self._addresses or [p.numel() for p in self.params] != self._sizes:
            raise BadInput("a parameter or its state was replaced since the last step; nothing has been changed")
        if [g.numel() for g in grads] != self._sizes:
            raise BadInput(f"gradients of {[g.numel() for g in grads]} numbers for parameters of {self._sizes}")
        dtype = self._dtype
        if not all([g.dtype is dtype and g.is_contiguous() for g in grads]):
            raise BadInput("dtype or layout")
        addresses = [g.data_ptr() for g in grads]
        if addresses != self._gradients:
            self._rows[:, 2] = np.array(addresses, dtype=np.int64)[self._tensor] + self._offset
            self._gradients = addresses


def _kinds(rule, params, states):
    kind = KINDS[params[0].dtype]
    return (kind, kind, *(KINDS[f[0].dtype] for f in states))
