"""One measurement: a point as a statement, timed by torch.utils.benchmark, as a record of plain values."""

import gc
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from torch.utils.benchmark import Timer

from analysis.profile import engines, kernels, watching
from analysis.profile.engines.base import Work
from analysis.profile.plan import Point

LEAST = 3  # values a process gives for every point, however slow it is
SLOW = 0.5  # seconds of one call from which on two values must do
LARGE = 1 << 16  # coordinates from which on garbage is collected after every point
THREADS = 1


def work(point: Point) -> Work:
    """What the point's engine is asked to step: `tensors` equal parts, and delta where the section varies it."""
    size, more = divmod(point.d, point.tensors)
    sizes = tuple(size + (i < more) for i in range(point.tensors))
    options = {"delta": float(point.delta), "omega0": float(point.delta)} if point.delta else {}
    return Work(point.rule, sizes, options, point.device)


def statement(point: Point) -> tuple[Callable[[], Any], dict[str, Any]]:
    """What to time, and what is known besides: `calls` units in one call, bytes kept."""
    if point.section == "machine":
        return kernels.statement(point.rule, point.d), {"calls": kernels.passes(point.d)}
    if point.section == "observers":
        run, size = watching.statement(point.rule, point.d, point.n, point.observer)
        return run, {"calls": point.n, "bytes": size}
    if point.section == "batch":
        return _batch(point), {"calls": point.n}
    stepper = engines.get(point.engine).start(work(point))
    return lambda: stepper.advance(point.n), {"calls": point.n}


def _batch(point: Point) -> Callable[[], Any]:
    """`runs` independent runs at once, on all cores; the time is that of all of them."""
    from dwmgrad_ref import problems, run_many

    problem = problems.get("quadratic-diagonal", d=point.d)
    jobs = [dict(rule=point.rule, problem=problem, steps=point.n, observe=(), grid=point.n)] * point.runs
    return lambda: run_many(jobs)


def timed(point: Point, seconds: float) -> dict[str, Any]:
    """The record of one point: seconds of each timed call, after a call to warm up.

    Args:
        seconds: of timing, at least; slow statements get LEAST values whatever it takes.
    """
    call, known = statement(point)
    began = time.perf_counter()
    call()
    once = time.perf_counter() - began
    least = max(seconds, (1.5 if once > SLOW else LEAST - 0.5) * once)
    # Calls once more before it counts: what the first call only touched for the first time is then warm.
    times = Timer("call()", globals={"call": call}, num_threads=THREADS).blocked_autorange(min_run_time=least).times
    del call
    if point.d > LARGE:
        gc.collect()
    return {**asdict(point), **known, "times": [float(f"{t:.5g}") for t in _thinned(times)]}


def _thinned(times: list[float], most: int = 15) -> list[float]:
    """At most that many, spread over the measurement."""
    return [times[i * len(times) // min(most, len(times))] for i in range(min(most, len(times)))]
