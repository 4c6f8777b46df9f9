"""Runs under a progress bar that Ctrl-C stops where they can go on from."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from dwmgrad_ref import grid_points, run_many
from dwmgrad_ref.execution.grid import whole
from dwmgrad_ref.execution.trace import Trace
from dwmgrad_ref.terminal import console


class Stopped(Exception):
    """Ctrl-C, noticed between two slices of a run. Not KeyboardInterrupt, which a thread cannot hand over."""


class Speed(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed or 0.0
        if speed >= 1e6:
            return Text(f"{speed / 1e6:.1f} M steps/s")
        return Text(f"{speed / 1e3:.1f} k steps/s" if speed else "")


@contextmanager
def stop_flag() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets; the second interrupts as usual."""
    flag, before = threading.Event(), signal.getsignal(signal.SIGINT)

    def stop(*_: Any) -> None:
        flag.set()
        signal.signal(signal.SIGINT, before)

    # Only the main thread may set handlers; and a run started to ignore Ctrl-C (nohup, a background job) goes on to.
    ours = threading.current_thread() is threading.main_thread() and before is not signal.SIG_IGN
    if ours:
        signal.signal(signal.SIGINT, stop)
    try:
        yield flag
    finally:
        if ours:
            signal.signal(signal.SIGINT, before)


def watched(labels: Sequence[str], jobs: Sequence[dict[str, Any]], quiet: bool) -> list[Trace]:
    """`run_many(jobs)` under one progress bar a job.

    Raises:
        BadInput: steps or grid.
        Stopped: Ctrl-C; every run that has a checkpoint has saved it.
    """
    for job in jobs:  # said before the bars appear
        grid_points(job["grid"], whole(job["steps"]))
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Speed(), TimeRemainingColumn()]
    with stop_flag() as flag, Progress(*columns, console=console(stderr=True), disable=quiet) as bars:

        def reporter(label: str, steps: float) -> Callable[[int, int], None]:
            bar, begun = bars.add_task(label, total=steps), False

            def report(done: int, total: int) -> None:
                nonlocal begun
                if not begun:  # speed counts from here: not the compilation, nor steps of an earlier stretch
                    bars.reset(bar, completed=done, total=total)
                    begun = True
                bars.update(bar, completed=done)
                if flag.is_set():
                    raise Stopped

            return report

        reporters = [reporter(label, job["steps"]) for label, job in zip(labels, jobs, strict=True)]
        return run_many([{**job, "progress": r} for job, r in zip(jobs, reporters, strict=True)])
