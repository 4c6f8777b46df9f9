"""One measurement: a point as a statement, timed by torch.utils.benchmark, as a record of plain values.

What runs on one thread is timed by that thread's processor time: on a quiet machine the same as the time that
passes, on a busy one without the time that others took. Runs on several threads and on a GPU are timed by the clock.
"""

import gc
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from torch.utils.benchmark import Timer, timer

from analysis.cost import backends, machine_limits, watched_run
from analysis.cost.backends.base import Work
from analysis.cost.points import Point

LEAST = 3  # values a process gives for every point, however slow it is
SLOW = 0.5  # seconds of one call from which on two values must do
LARGE = 1 << 16  # coordinates from which on garbage is collected after every point
THREADS = 1
FINE = 1e-6  # seconds; a processor clock coarser than this is not used


def work(point: Point) -> Work:
    """What the point's engine is asked to step: `tensors` equal parts, and delta where the section varies it."""
    size, more = divmod(point.d, point.tensors)
    sizes = tuple(size + (i < more) for i in range(point.tensors))
    options = {"delta": float(point.delta), "omega0": float(point.delta)} if point.delta else {}
    return Work(point.rule, sizes, options, point.device)


def statement(point: Point) -> tuple[Callable[[], Any], dict[str, Any]]:
    """What to time, and what is known besides: `calls` units in one call, bytes kept."""
    if point.section == "machine":
        return machine_limits.statement(point.rule, point.d), {"calls": machine_limits.passes(point.d)}
    if point.section == "observers":
        run, size = watched_run.statement(point.rule, point.d, point.n, point.observer)
        return run, {"calls": point.n, "bytes": size}
    if point.section == "batch":
        return _batch(point), {"calls": point.n}
    engine = backends.get(point.engine)
    stepper = engine.start(work(point))
    return lambda: stepper.advance(point.n), {"calls": point.n, "itemsize": engine.itemsize}


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
    began = time.thread_time()
    call()
    once = time.thread_time() - began
    least = max(seconds, (1.5 if once > SLOW else LEAST - 0.5) * once)
    # Calls once more before it counts: what the first call only touched for the first time is then warm.
    clocked = Timer("call()", globals={"call": call}, num_threads=THREADS, timer=_clock(point))
    times = clocked.blocked_autorange(min_run_time=least).times
    del call
    if point.d > LARGE:
        gc.collect()
    return {**asdict(point), **known, "times": [float(f"{t:.5g}") for t in _thinned(times)]}


def _clock(point: Point) -> Callable[[], float]:
    fine = time.get_clock_info("thread_time").resolution <= FINE
    return time.thread_time if fine and point.device == "cpu" and point.section != "batch" else timer


def _thinned(times: list[float], most: int = 15) -> list[float]:
    """At most that many, spread over the measurement."""
    return [times[i * len(times) // min(most, len(times))] for i in range(min(most, len(times)))]
