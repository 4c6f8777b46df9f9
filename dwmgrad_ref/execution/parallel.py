"""Many runs on all cores."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from dwmgrad_ref.execution.runner import NonFinite, Progress, run
from dwmgrad_ref.execution.trace import Trace


def run_many(jobs: Sequence[Mapping[str, Any]], workers: int = -1, progress: Progress | None = None) -> list[Trace]:
    """Traces of `run(**job)` for every job, in the order of the jobs.

    A run that meets a non-finite loss or gradient is not dropped and does not stop the others: its trace up to
    there is returned, with `stopped` set. Any other exception is raised once the runs under way have ended; those
    not begun never are. Runs are threads, because compiled steps release the interpreter lock.

    Args:
        jobs: keyword arguments of `run`, one mapping a run.
        workers: threads; -1 for one per core.
        progress: called with (runs finished, runs in all).
    """
    with ThreadPoolExecutor(workers if workers > 0 else os.cpu_count()) as pool:
        futures = [pool.submit(_kept, dict(job)) for job in jobs]
        try:
            for finished, future in enumerate(as_completed(futures), start=1):
                future.result()
                if progress:
                    progress(finished, len(jobs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]


def _kept(job: dict[str, Any]) -> Trace:
    try:
        return run(**job)
    except NonFinite as stopped:
        return stopped.trace
