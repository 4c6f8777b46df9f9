"""One pass over memory: a rule's formula, compiled, on all tensors of a bucket.

A `Table` is made once for a bucket's tensors and holds their addresses. Every step makes sure first that they are still
theirs: a tensor that was given other memory leads to a new table or an error, never to a stray write. Only the
gradients are found anew.
"""

from functools import cache
from operator import attrgetter
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.graph import increment_version

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch import storage
from dwmgrad_ref.torch.buckets import Bucket
from dwmgrad_ref.torch.kernels import llvm, machine_code, recording, threads
from dwmgrad_ref.torch.kernels.coordinate import Around

PART = 1 << 15  # numbers that a thread takes at a time; torch's own grain
_dtype = attrgetter("dtype")
ALONE = 4  # parts that one thread does sooner than it wakes and awaits another
DTYPES = {dtype: str(dtype).removeprefix("torch.") for dtype in (torch.float32, torch.float64, torch.bfloat16)}
if machine_code.halves():
    DTYPES[torch.float16] = "float16"


def available(device: torch.device | str = "cpu") -> str | None:
    """None if the fused step can run on that device, else why it cannot."""
    if torch.device(device).type != "cpu":
        return f"it is compiled for CPUs and these parameters are on {device}"
    return machine_code.why_not()


@cache
def _kernel(rule: Rule, around: Around, choices: Any, kinds: tuple[str, ...]) -> tuple[machine_code.Code, Any, int]:
    """Compiled code, the function that computes from (o, k, decay) what all coordinates share, and how many that are.

    Raises:
        Untraceable: the formula branches on a number.
    """
    names = ("x", "g", *(f"c.{name}" for name in rule.Coord._fields))
    program = llvm.program(recording.trace(rule, around, choices), dict(zip(names, kinds, strict=True)))
    return machine_code.Code(program.text), program.shared, program.count


class Table:
    """Where a bucket's numbers are, cut into pieces for the threads to take.

    Args:
        columns: the parameters, then one list for every field of the state: contiguous tensors on the CPU.
        dtypes: of each column.
        shared: where the numbers that all coordinates share will be.

    Raises:
        BadInput: tensors of which one table cannot be made.
    """

    def __init__(self, columns: list[list[Tensor]], dtypes: list[torch.dtype], shared: np.ndarray):
        for dtype, column in zip(dtypes, columns, strict=True):
            for t, p in zip(column, columns[0], strict=True):
                same = t.dtype is dtype and t.shape == p.shape and t.is_contiguous() and t.device.type == "cpu"
                if not (same and storage.plain(t) and (t.data_ptr() or not t.numel())):
                    raise BadInput(
                        f"a tensor of shape {tuple(t.shape)}, strides {t.stride()}, {t.dtype} on {t.device} came where "
                        f"shape {tuple(p.shape)}, contiguous, {dtype} in memory of the CPU was; make a new optimizer"
                    )
        self.seen, self._shared = addresses(columns), shared
        self.sizes = [p.numel() for p in columns[0]]
        pieces = [(j, at, min(PART, n - at)) for j, n in enumerate(self.sizes) for at in range(0, n, PART)]
        self._tensor, start, length = np.array(pieces, np.int64).reshape(-1, 3).T
        rows = [length]
        for column, places in zip(columns, self.seen, strict=True):
            rows.append(np.array(places, np.int64)[self._tensor] + start * column[0].element_size())
        self._offset = start * columns[0][0].element_size()
        self._rows = np.stack([*rows[:2], self._offset, *rows[2:]], axis=1)  # a gradient's address joins at every step
        _, first = np.unique((np.cumsum(length) - length) // PART, return_index=True)
        self._firsts = np.append(first, len(pieces)).astype(np.int64)
        self.parts = len(first)
        self._job = np.array([0, self.parts, *(a.ctypes.data for a in (self._rows, shared, self._firsts))], np.int64)
        self._gradients: list[int] = []

    def job(self, gradients: list[int]) -> int:
        """Address of the whole job, for gradients at these addresses."""
        if gradients != self._gradients:
            self._rows[:, 2] = np.array(gradients, np.int64)[self._tensor] + self._offset
            self._gradients = gradients
        self._job[0] = 0
        return self._job.ctypes.data


def addresses(columns: list[list[Tensor]]) -> list[list[int]]:
    """Where each tensor's first number is; a tensor that was given other memory has another."""
    return [[*map(Tensor.data_ptr, column)] for column in columns]


class Fused:
    """The fused step on the tensors of one bucket.

    Raises:
        Untraceable: the formula branches on a number.
    """

    def __init__(self, rule: Rule, around: Around, choices: Any, bucket: Bucket):
        columns = [bucket.params, *bucket.states]
        self._dtypes = [column[0].dtype for column in columns]
        kinds = [DTYPES[dtype] for dtype in self._dtypes]
        self._code, self._numbers, count = _kernel(rule, around, choices, (kinds[0], *kinds))
        self._shared = np.zeros(count)
        self._table = Table(columns, self._dtypes, self._shared)
        self._gradients: list[int] = []  # their addresses

    def ready(self, bucket: Bucket, grads: list[Tensor]) -> bool:
        """Look at everything that a step could be refused for, and find the tensors' memory; nothing is changed.

        `Plan.holds` has found the parameters' shape, dtype, class and order and the state tensors to be those of
        before, and `Bucket.gradients` has made the gradients contiguous; left to see is whether memory was replaced.

        Returns:
            Whether `step` can make the step: not with gradients that have no memory to read, such as zero tensors.

        Raises:
            BadInput: a gradient does not fit its parameter, or the state does not any more.
        """
        if not storage.native(grads):
            return False
        columns = [bucket.params, *bucket.states]
        if addresses(columns) != self._table.seen:
            self._table = Table(columns, self._dtypes, self._shared)
        table, dtype = self._table, self._dtypes[0]
        if [*map(Tensor.numel, grads)] != table.sizes or {*map(_dtype, grads)} - {dtype}:
            raise BadInput(f"a gradient does not have its parameter's size and {dtype}; nothing was changed")
        places = [*map(Tensor.data_ptr, grads)]
        for g, n, place in () if all(places) else zip(grads, table.sizes, places, strict=True):
            if n and not place:
                if g._is_zerotensor():
                    return False
                raise BadInput(f"a gradient of shape {tuple(g.shape)} was freed: it has no memory; nothing was changed")
        self._gradients = places
        return True

    def step(self, o: Any, k: Any, decay: float, bucket: Bucket) -> None:
        """One step in place on the memory that `ready` has just found; o and k are floats, k already advanced."""
        self._shared[:] = self._numbers(o, k, decay)
        table = self._table
        job, workers = table.job(self._gradients), min(torch.get_num_threads(), table.parts // ALONE)
        if workers > 1:
            threads.runner()(self._code.address, job, workers)
        else:
            self._code.team(job)
        increment_version(bucket.params)  # a graph that still needs the old values notices, as after any step in place
