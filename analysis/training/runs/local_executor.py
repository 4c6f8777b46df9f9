"""Runs on the cores of this machine: worker processes that take one run after another.

A worker that dies, killed for want of memory say, is replaced, and its run goes on from its checkpoint; a run whose
workers die three times is given up.
"""

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

from analysis.training.runs.execute import Job, Session, execute
from analysis.training.runs.run import Place, Run
from analysis.training.runs.store import Result

Open = Callable[[Run, Place], Session]
ATTEMPTS = 3
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


class Event(NamedTuple):
    """What a worker tells: `epoch` with (number, row), `done` with a Result, `failed` with a Failure."""

    kind: str
    key: str
    content: Any


class Failure(NamedTuple):
    """An exception as plain values, which every process can read: not all exceptions survive pickling."""

    kind: str
    message: str
    errno: int | None = None


def failure(error: BaseException) -> Failure:
    return Failure(type(error).__name__, str(error), getattr(error, "errno", None))


def run_all(
    jobs: Sequence[Job], workers: int, open_session: Open, tell: Callable[[Event], None],
) -> None:  # fmt: skip
    """Carry out the jobs on that many processes; `tell` is called here, in this process, as they go.

    If `tell` raises (a full disk, Ctrl-C), the workers are ended and the exception goes on: checkpoints are kept.
    """
    waiting = [(job, 1) for job in reversed(jobs)]
    with ExitStack() as stack:
        pool: dict[Connection, _Worker] = {}

        def feed(worker: "_Worker") -> None:
            if waiting:
                worker.give(*waiting.pop())
                pool[worker.connection] = worker
            else:
                worker.end()

        for _ in range(min(workers, len(waiting))):
            feed(stack.enter_context(_Worker(open_session)))
        while pool:
            for ready in wait(list(pool)):
                worker = pool[ready]  # type: ignore[index]
                try:
                    event: Event = worker.connection.recv()
                except (EOFError, OSError):  # it died
                    del pool[worker.connection]
                    worker.end()
                    if worker.attempt < ATTEMPTS:
                        waiting.append((worker.job, worker.attempt + 1))
                    else:
                        tell(Event("failed", worker.job.key, Failure("Killed", f"its process died {ATTEMPTS} times")))
                    feed(stack.enter_context(_Worker(open_session)))
                    continue
                if event.kind != "epoch":
                    del pool[worker.connection]
                    feed(worker)
                tell(event)


class _Worker:
    """A process at the other end of a pipe."""

    job: Job
    attempt: int

    def __init__(self, open_session: Open):
        # Spawned, not forked: torch's threads do not survive a fork. It reads its thread count when it is loaded.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        before = {name: os.environ.get(name) for name in ONE_THREAD}
        os.environ.update(ONE_THREAD)
        try:
            self.process = context.Process(target=_work, args=(theirs, open_session), daemon=True)
            self.process.start()
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        theirs.close()

    def give(self, job: Job, attempt: int) -> None:
        self.job, self.attempt = job, attempt
        self.connection.send(job)

    def end(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()

    def __enter__(self) -> "_Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def _work(connection: Connection, open_session: Open) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to answer
    logging.getLogger("dwmgrad").setLevel(logging.ERROR)  # and what a data set lacks the driver has told
    while True:
        try:
            job: Job = connection.recv()
        except EOFError:
            return
        try:
            result: Result = execute(job, open_session, lambda n, row, key=job.key: _say(connection, key, n, row))
            event = Event("done", job.key, result)
        except BrokenPipeError:  # the driver is gone
            return
        except Exception as error:
            event = Event("failed", job.key, failure(error))
        connection.send(event)


def _say(connection: Connection, key: str, epoch: int, row: dict[str, float]) -> None:
    connection.send(Event("epoch", key, (epoch, row)))
