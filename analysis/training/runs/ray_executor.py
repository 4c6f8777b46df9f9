"""Runs on a Ray cluster: one task a run, one core each; a task whose worker dies is given to another.

The store is the driver's: results come back to it and are written there, so nothing is stored twice, and a worker
that dies loses at most what came after its last checkpoint. Checkpoints lie at the same path on every node; on a
file system that all nodes share, a run goes on elsewhere from there, and without one it starts again.
"""

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from analysis.training.runs.execute import Job, execute
from analysis.training.runs.local_executor import ATTEMPTS, ONE_THREAD, Event, Failure, Open, failure
from dwmgrad_ref.errors import BadInput

POLL = 0.5  # seconds between two looks at what the workers tell


def run_all(jobs: Sequence[Job], address: str | None, open_session: Open, tell: Callable[[Event], None]) -> None:
    """Carry out the jobs on the cluster; `tell` is called here as they go.

    Args:
        address: of the cluster's head node, or None for a cluster of this machine's cores.

    Raises:
        BadInput: Ray is not installed, or there is no cluster at the address.
    """
    if not jobs:
        return
    ray = _ray()
    ours = not ray.is_initialized()
    if ours:
        try:
            ray.init(address=address, log_to_driver=False, include_dashboard=False if address is None else None)
        except ConnectionError as error:
            raise BadInput(f"no Ray cluster answers at {address}: {error}") from None
    try:
        _drive(ray, jobs, open_session, tell)
    finally:
        if ours:
            ray.shutdown()


def _drive(ray: Any, jobs: Sequence[Job], open_session: Open, tell: Callable[[Event], None]) -> None:
    from ray.util.queue import Queue  # pyright: ignore[reportMissingImports]

    said = Queue(actor_options={"num_cpus": 0})
    remote = ray.remote(num_cpus=1, max_retries=ATTEMPTS - 1, runtime_env={"env_vars": ONE_THREAD})(_carry_out)
    left = {remote.remote(job, open_session, said): job for job in jobs}
    try:
        while left:
            done, _ = ray.wait(list(left), num_returns=1, timeout=POLL)
            for event in said.get_nowait_batch(said.qsize()):
                tell(event)
            for reference in done:
                tell(_outcome(ray, reference, left.pop(reference).key))
    finally:
        for reference in left:
            ray.cancel(reference, force=True)
        said.shutdown(force=True)


def _outcome(ray: Any, reference: Any, key: str) -> Event:
    try:
        return ray.get(reference)
    except ray.exceptions.WorkerCrashedError:
        return Event("failed", key, Failure("Killed", f"its process died {ATTEMPTS} times"))
    except ray.exceptions.RayError as error:
        return Event("failed", key, failure(error))


def _carry_out(job: Job, open_session: Open, said: Any) -> Event:
    """On a node: the run's outcome; epochs are told through the queue as they end."""
    os.environ.update(ONE_THREAD)

    def report(epoch: int, row: dict[str, float]) -> None:
        said.put_nowait(Event("epoch", job.key, (epoch, row)))

    try:
        return Event("done", job.key, execute(job, open_session, report))
    except Exception as error:
        return Event("failed", job.key, failure(error))


def _ray() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Ray's own use of what its dependencies deprecate
            import ray  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise BadInput("--engine ray needs Ray: pip install 'dwmgrad[ray]'") from None
    return ray
