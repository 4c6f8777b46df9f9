"""Memory of a step: what is kept, what is allocated and freed again, and the resident peak.

    state_bytes     kept between steps, besides parameters and gradients, as the engine counts its arrays
    step_bytes      the most that one step has allocated at once on top of what was there (NumPy by tracemalloc, torch
                    by its profiler's allocation events)
    resident_bytes  growth of the process's resident peak from before the tensors exist to after two steps

A series of points runs in a process of its own, which gives memory back as soon as it is freed; the peak is reset
before each point where the system allows it (Linux), and elsewhere not given.
"""

import gc
import platform
import tracemalloc
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analysis.cost import backends
from analysis.cost.backends.base import Stepper, gradient
from analysis.cost.measure import work
from analysis.cost.points import Point


def measured(point: Point) -> dict[str, Any]:
    """The record of one point."""
    start = backends.get(point.engine).start
    base = _reset_peak()
    stepper = start(work(point))
    stepper.advance(point.n)
    peak = _status("VmHWM") if base is not None else None
    record = {
        **asdict(point),
        "state_bytes": stepper.state_bytes(),
        "step_bytes": _allocated(stepper, point.engine),
        "resident_bytes": None if peak is None or base is None else peak - base,
    }
    del stepper
    gradient.cache_clear()
    gc.collect()
    return record


def warm(points: tuple[Point, ...]) -> None:
    """Import, compile and step once at a small size, so that none of it counts."""
    for engine, rule in dict.fromkeys((p.engine, p.rule) for p in points):
        stepper = backends.get(engine).start(work(Point("memory", engine, rule, 16, 2)))
        stepper.advance(2)
        _allocated(stepper, engine)


def _allocated(stepper: Stepper, engine: str) -> int:
    """Bytes that one step holds at its worst moment beyond what it found."""
    return _by_torch(stepper) if "torch" in engine else _by_tracemalloc(stepper)


def _by_tracemalloc(stepper: Stepper) -> int:
    tracemalloc.start()
    try:
        stepper.advance(1)  # what it replaces is from before and is not traced; what it makes is
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        stepper.advance(1)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def _by_torch(stepper: Stepper) -> int:
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        stepper.advance(1)
    held = most = 0
    results: Any = seen.profiler.kineto_results if seen.profiler else None
    for event in results.events() if results else ():  # in the order of time
        if event.name() == "[memory]":
            held += event.nbytes()
            most = max(most, held)
    return most


def _reset_peak() -> int | None:
    """Set the resident peak to what is resident now, and return that; None where the system cannot."""
    if platform.system() != "Linux":
        return None
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return None
    return _status("VmRSS")


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no {name} in the process status")
