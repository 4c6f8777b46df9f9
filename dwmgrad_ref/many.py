"""Many runs on all cores."""

from collections.abc import Mapping, Sequence
from typing import Any

from joblib import Parallel, delayed

from dwmgrad_ref.run import NonFinite, Progress, run
from dwmgrad_ref.trace import Trace


def run_many(jobs: Sequence[Mapping[str, Any]], workers: int = -1, progress: Progress | None = None) -> list[Trace]:
    """Traces of `run(**job)` for every job, in the order of the jobs.

    A run that meets a non-finite loss or gradient is not dropped and does not stop the others: its trace up to
    there is returned, with `stopped` set. Runs are threads, because compiled steps release the interpreter lock.

    Args:
        jobs: keyword arguments of `run`, one mapping a run.
        workers: threads; -1 for one per core.
        progress: called with (runs finished, runs in all).
    """
    traces: list[Trace] = []
    for trace in Parallel(n_jobs=workers, backend="threading", return_as="generator")(
        delayed(_kept)(dict(job)) for job in jobs
    ):
        traces.append(trace)
        if progress:
            progress(len(traces), len(jobs))
    return traces


def _kept(job: dict[str, Any]) -> Trace:
    try:
        return run(**job)
    except NonFinite as stopped:
        return stopped.trace
