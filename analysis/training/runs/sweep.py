"""Many runs: none that is stored already, each result stored as it comes, stopped cleanly and gone on with later."""

import errno
import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from analysis.training.runs.execute import Job
from analysis.training.runs.local_executor import Event, Failure
from analysis.training.runs.run import ANYWHERE, Place, Run
from analysis.training.runs.store import Store
from dwmgrad_ref.errors import DwmgradError

FULL = (errno.ENOSPC, errno.EDQUOT)


class SweepStopped(DwmgradError):
    """A sweep that could not go on; what is done is stored, and the same line goes on from there."""


class SweepFailed(DwmgradError):
    """Some runs raised; all others, `done` of them, are stored."""

    done = 0


class Planned(NamedTuple):
    """A run of an experiment, with all that names it."""

    experiment: str
    label: str
    key: str
    run: Run
    identity: dict[str, Any]
    weight: float = 1.0  # expected seconds an epoch, for the time left


class Engine(Protocol):
    """Something that carries out jobs and tells, in this process, how they go."""

    def __call__(self, jobs: Sequence[Job], tell: Callable[[Event], None]) -> None: ...


class Watcher(Protocol):
    """Something that shows the sweep: a progress bar, TensorBoard."""

    def start(self, planned: Sequence[Planned]) -> None: ...

    def epoch(self, planned: Planned, number: int, row: dict[str, float]) -> None: ...

    def done(self, planned: Planned) -> None: ...


def missing(planned: Sequence[Planned], store: Store) -> list[Planned]:
    """The runs that have no result yet, each key once."""
    by_key = {one.key: one for one in reversed(planned)}
    return [one for one in by_key.values() if not store.has(one.key)][::-1]


def carry_out(
    planned: Sequence[Planned], store: Store, engine: Engine, watchers: Sequence[Watcher] = (),
    place: Place = ANYWHERE,
) -> int:  # fmt: skip
    """Run what is missing and store it; the number of runs that were carried out.

    Raises:
        SweepStopped: the disk is full, or another sweep is at work on this store.
        SweepFailed: some runs raised; they are named, all others are done.
    """
    todo = {one.key: one for one in missing(planned, store)}
    failed: list[str] = []
    total, left = len(todo), dict(todo)

    def tell(event: Event) -> None:
        one = todo[event.key]
        if event.kind == "epoch":
            for watcher in watchers:
                watcher.epoch(one, *event.content)
        elif event.kind == "done":
            store.put(event.key, event.content)
            del left[event.key]
            for watcher in watchers:
                watcher.done(one)
        else:
            if event.content.errno in FULL:
                raise OSError(event.content.errno, event.content.message)
            failed.append(_complaint(one, event.content))

    with locked(store.folder):
        for watcher in watchers:
            watcher.start(list(todo.values()))
        try:
            engine([Job(one.key, one.run, one.identity, str(store.folder), place) for one in left.values()], tell)
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise SweepStopped(
                f"no space left in {store.folder}: {total - len(left)} of {total} runs are done and stored, and the "
                f"others keep their last checkpoint; free some space and give the same line again"
            ) from None
    if failed:
        error = SweepFailed(f"{len(failed)} of {total} runs failed, all others are stored: {'; '.join(failed[:3])}")
        error.done = total - len(left)
        raise error
    return total


def _complaint(one: Planned, told: Failure) -> str:
    return f"{one.experiment} {one.label} seed {one.run.seed}: {told.kind}: {told.message}"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One sweep at a time on a store; a process that dies lets go of it.

    Raises:
        SweepStopped: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SweepStopped(f"another sweep is at work on {folder}; wait for it, or give another --store") from None
        yield
