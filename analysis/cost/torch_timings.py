"""Timings of the torch optimizers beside torch's own, taken in turns so that a machine that changes speed cannot
favour one."""

import gc
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor

from analysis.cost.released_loop import ReleasedScheme
from dwmgrad_ref.torch import LCAM, AdaMomentum, DWMGrad
from dwmgrad_ref.torch.kernels import fused

SIZES = ((10_000_000, 10), (10_000_000, 200), (100_000, 100))  # parameters, in so many tensors
BYTES = {"DWMGrad": 28, "AdaMomentum": 28, "LCAM": 20, "Adam": 28, "SGD": 20}  # read and written for a parameter
PEER = {"DWMGrad": "Adam fused", "AdaMomentum": "Adam fused", "LCAM": "SGD fused", "released": "Adam fused"}
ALLOCATIONS = 5  # where the pages of 120 MB happen to lie makes 10 % of a step, so they are laid anew so many times
Step = Callable[[], Any]


def parameters(n: int, tensors: int, device: str = "cpu") -> list[Tensor]:
    """fp32 parameters with gradients."""
    params = [torch.randn(n // tensors, device=device, requires_grad=True) for _ in range(tensors)]
    for p in params:
        p.grad = torch.randn_like(p)
    return params


def stepper(cls: Any, params: list[Tensor], **options: Any) -> Step:
    """One step on the gradients that are there; torch's own take no loss."""
    optimizer = cls(params, lr=1e-3, **options)
    if cls.__module__.startswith("torch."):
        return optimizer.step
    loss = torch.tensor(1.0)
    return lambda: optimizer.step(loss=loss)


def quick(n: int, tensors: int) -> dict[str, Step]:
    """The fused paths and their peers."""
    ours = {f"{c.__name__} fused": stepper(c, parameters(n, tensors)) for c in (DWMGrad, AdaMomentum, LCAM)}
    return {
        "Adam fused": stepper(torch.optim.Adam, parameters(n, tensors), fused=True),
        "SGD fused": stepper(torch.optim.SGD, parameters(n, tensors), momentum=0.9, fused=True),
        **ours,
    }


def slow(n: int, tensors: int) -> dict[str, Step]:
    """The other implementations and the released scheme, beside the same peers."""
    ways = {"foreach": {"foreach": True}, "loop": {"foreach": False}}
    found = {k: v for k, v in quick(n, tensors).items() if k in PEER.values()}
    for cls in (DWMGrad, AdaMomentum, LCAM):
        found |= {f"{cls.__name__} {way}": stepper(cls, parameters(n, tensors), **o) for way, o in ways.items()}
    return {**found, "released scheme": stepper(ReleasedScheme, parameters(n, tensors))}


def in_turns(candidates: dict[str, Step], rounds: int, repeat: int = 1) -> dict[str, list[float]]:
    """Seconds of one call of each, `rounds` times; a call is the mean of `repeat` in a row."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for call in candidates.values():  # first steps make state, compile and warm up
        call()
        call()
    gc.collect()
    for _ in range(rounds):
        for name, call in candidates.items():
            began = time.perf_counter()
            for _ in range(repeat):
                call()
            seconds[name].append((time.perf_counter() - began) / repeat)
    return seconds


def ratio(seconds: dict[str, list[float]], name: str, peer: str) -> float:
    """Median over the rounds of the ratio within a round."""
    return median(a / b for a, b in zip(seconds[name], seconds[peer], strict=True))


def steps_table(rounds: int) -> list[dict[str, Any]]:
    """All implementations at all SIZES: time, ratio to the peer, fraction of the floor reached."""
    rows = []
    for n, tensors in SIZES:
        small = n < 1_000_000
        moved = {} if small else {"copy": 16 * n, "in place": 32 * n}  # bytes, about what a step touches
        timed: dict[str, list[float]] = {}
        for _ in range(ALLOCATIONS):
            moving = {} if small else {"copy": copying(2 * n), "in place": in_place(4 * n)}
            candidates = {**quick(n, tensors), **moving}
            for name, seconds in in_turns(candidates, -(-rounds // ALLOCATIONS), 20 if small else 1).items():
                timed.setdefault(name, []).extend(seconds)
        bandwidth = max((moved[name] / median(timed.pop(name)) for name in moved), default=None)
        rows += [_row(n, tensors, timed, name, bandwidth) for name in timed]
        others = in_turns(slow(n, tensors), max(3, rounds // 4), 5 if small else 1)
        rows += [_row(n, tensors, others, name, bandwidth) for name in others if name not in timed]
    return rows


def copying(n: int) -> Step:
    """torch's own copy of n fp32 numbers, far more than the caches hold."""
    a, b = torch.randn(n), torch.zeros(n)
    return lambda: b.copy_(a)


def in_place(n: int) -> Step:
    """One pass that reads n fp32 numbers and writes them back: as a step does, and unlike a copy, which on many
    processors also reads what it overwrites."""
    a = torch.randn(n)
    return a.neg_


def _row(n: int, tensors: int, timed: dict[str, list[float]], name: str, bandwidth: float | None) -> dict[str, Any]:
    family = name.split()[0]
    seconds = median(timed[name])
    floor = BYTES[family] * n / bandwidth if bandwidth and family in BYTES else None
    return {
        "parameters": n,
        "tensors": tensors,
        "optimizer": name,
        "ms": 1e3 * seconds,
        "fastest_ms": 1e3 * min(timed[name]),
        "peer": PEER.get(family),
        "ratio": ratio(timed, name, PEER[family]) if family in PEER else None,
        "ratio_fastest": min(timed[name]) / min(timed[PEER[family]]) if family in PEER else None,
        "fraction_of_floor": floor and floor / seconds,
        "moving_GBps": bandwidth and bandwidth / 1e9,
    }


def temporary_memory(step: Step) -> int:
    """Most bytes that one step holds beyond what was there before, torch's and Python's (NumPy's) together."""
    step()
    tracemalloc.start()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        step()
    _, python = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert profile.profiler is not None and profile.profiler.kineto_results is not None
    events: list[Any] = [e for e in profile.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = peak = 0
    for event in sorted(events, key=lambda e: e.start_ns()):
        held += event.nbytes()
        peak = max(peak, held)
    return peak + python


def memory_table() -> list[dict[str, Any]]:
    """Temporary memory of a step of 10 million parameters, in bytes and as a share of the state."""
    rows = []
    for (n, tensors), candidates in zip(SIZES, (lambda *size: {**quick(*size), **slow(*size)}, quick), strict=False):
        for name, step in candidates(n, tensors).items():
            state = 4 * n * (1 if name.startswith(("LCAM", "SGD")) else 2)
            held = temporary_memory(step)
            rows.append(
                {"parameters": n, "tensors": tensors, "optimizer": name, "bytes": held, "of_state": held / state}
            )
    return rows


def compile_table() -> list[dict[str, Any]]:
    """Seconds to the first step's end with nothing compiled, with the code on disk, and of a later step."""
    rows = []
    for cls in (DWMGrad, AdaMomentum, LCAM):
        stepper(cls, parameters(10, 1))()  # torch's own first-step imports are not ours
        with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, {"DWMGRAD_CACHE": folder}):
            seconds = {}
            for start in ("cold", "warm"):
                fused._kernel.cache_clear()
                step = stepper(cls, parameters(10, 1))
                began = time.perf_counter()
                step()
                seconds[f"{start}_s"] = time.perf_counter() - began
        rows.append({"optimizer": cls.__name__, **seconds})
    fused._kernel.cache_clear()
    return rows
