"""One pass over memory: a rule's formula, compiled, on all tensors of a bucket.

A `Table` is made once for a bucket's tensors and holds their addresses. Every step makes sure first that they are still
theirs: a tensor that was given other memory leads to a new table or an error, never to a stray write. Only the
gradients are found anew.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch import kernel_text, machine_code, tape, threads
from dwmgrad_ref.torch.coordinate import Around

PART = 1 << 15  # numbers that a thread takes at a time; torch's own grain
DTYPES = {dtype: str(dtype).removeprefix("torch.") for dtype in (torch.float32, torch.float64, torch.bfloat16)}
if machine_code.halves():
    DTYPES[torch.float16] = "float16"


def available(device: torch.device | str = "cpu") -> str | None:
    """None if the fused step can run on that device, else why it cannot."""
    if torch.device(device).type != "cpu":
        return f"it is compiled for CPUs and these parameters are on {device}"
    return machine_code.why_not()


@cache
def _kernel(rule: Rule, around: Around, choices: Any, kinds: tuple[str, ...]) -> tuple[Any, Any]:
    """Compiled code, and the function that computes from (o, k, decay) what all coordinates share.

    Raises:
        TypeError: the formula branches on a number.
    """
    names = ("x", "g", *(f"c.{name}" for name in rule.Coord._fields))
    program = kernel_text.program(tape.trace(rule, around, choices), dict(zip(names, kinds, strict=True)))
    return machine_code.Code(program.text), program.shared


class Table:
    """Where a bucket's numbers are, cut into pieces for the threads to take.

    Args:
        tensors: the parameters, then one list for every field of the state, each contiguous, on the CPU and of one
            of DTYPES.

    Raises:
        BadInput: tensors of which one table cannot be made.
    """

    def __init__(self, tensors: Sequence[Sequence[Tensor]], shared: np.ndarray):
        for like, *others in zip(*tensors, strict=True):
            for t in (like, *others):
                if t.device.type != "cpu" or not t.is_contiguous() or t.numel() != like.numel():
                    raise BadInput(f"{tuple(t.shape)}, strides {t.stride()}, for a parameter of {tuple(like.shape)}")
        self.seen = [where(column) for column in tensors]
        self.sizes = [t.numel() for t in tensors[0]]
        pieces = [(j, at, min(PART, n - at)) for j, n in enumerate(self.sizes) for at in range(0, n, PART)]
        self._tensor, start, length = np.array(pieces, np.int64).reshape(-1, 3).T
        addresses = [np.array(seen, np.int64)[self._tensor] for seen, _ in self.seen]
        widths = [column[0].element_size() for column in tensors]
        x, *states = (a + start * width for a, width in zip(addresses, widths, strict=True))
        self._offset = start * widths[0]
        self._rows = np.stack([length, x, self._offset, *states], axis=1)  # gradients join at every step
        self._gradients: list[int] = []
        _, first = np.unique((np.cumsum(length) - length) // PART, return_index=True)
        self._firsts = np.append(first, len(pieces)).astype(np.int64)
        self.parts = len(first)
        self._shared = shared
        self._job = np.array([0, self.parts, *(a.ctypes.data for a in (self._rows, shared, self._firsts))], np.int64)

    def job(self, gradients: list[int]) -> int:
        """Address of the job, nothing of it taken yet, for gradients at these addresses."""
        if gradients != self._gradients:
            self._rows[:, 2] = np.array(gradients, np.int64)[self._tensor] + self._offset
            self._gradients = gradients
        self._job[0] = 0
        return self._job.ctypes.data


def where(tensors: Sequence[Tensor]) -> tuple[list[int], list[int]]:
    """Addresses and sizes, which are others if the memory is."""
    return [t.data_ptr() for t in tensors], [t.numel() for t in tensors]


class Fused:
    """The fused step of one bucket."""

    def __init__(self, rule: Rule, around: Around, choices: Any, params: list[Tensor], states: list[list[Tensor]]):
        kinds = [DTYPES[column[0].dtype] for column in (params, *states)]
        self._code, self._numbers = _kernel(rule, around, choices, (kinds[0], *kinds))
        self._dtype = params[0].dtype
        self._table: Table | None = None

    def step(
        self, o: Any, k: Any, decay: float, params: list[Tensor], states: list[list[Tensor]], grads: list[Tensor]
    ) -> None:
        """One step in place; o and k are floats, k already advanced.

        Raises:
            BadInput: a gradient does not fit its parameter; nothing is changed then.
        """
        numbers = np.array(self._numbers(o, k, decay))
        table = self._table
        seen = [where(column) for column in (params, *states)]
        ...
