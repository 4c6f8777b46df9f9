"""Carry out one run: epoch after epoch, a checkpoint after each, from where an earlier attempt stopped."""

import math
import os
import platform
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import pandas as pd
import torch

from analysis.training.runs.run import ANYWHERE, Place, Run
from analysis.training.runs.store import Result, Status, Store, load_checkpoint, save_checkpoint

Report = Callable[[int, dict[str, float]], None]


class Session(Protocol):
    """A model in training, as a task opens it for a run."""

    def epoch(self) -> dict[str, float]:
        """Train one epoch, evaluate what the run watches: `train_loss`, `test_accuracy`, ... by name."""
        ...

    def finish(self) -> dict[str, float]:
        """Evaluate what is seen only once, after the last epoch."""
        ...

    def finite(self) -> bool:
        """Whether every parameter is finite."""
        ...

    def state(self) -> dict[str, Any]:
        """Tensors and plain values from which `restore` goes on to the same last bit."""
        ...

    def restore(self, state: dict[str, Any]) -> None: ...


class Job(NamedTuple):
    """A run with the key and identity that the driver found for it; and where the data lie."""

    key: str
    run: Run
    identity: dict[str, Any]
    store: str
    place: Place = ANYWHERE


OFTEN = 1.0  # seconds: epochs shorter than this share a checkpoint


def execute(job: Job, open_session: Callable[[Run, Place], Session], report: Report) -> Result:
    """The run's result; `report(epoch, row)` is called after each epoch.

    A checkpoint is written at the end of an epoch, unless the one before is less than OFTEN seconds old.

    Raises:
        OSError: a checkpoint could not be written; the one before is as it was.
        TraceError: the checkpoint to go on from is damaged.
    """
    torch.set_num_threads(job.run.threads)
    path = Store(job.store).checkpoint_path(job.key)
    saved = load_checkpoint(path, job.key)
    session = open_session(job.run, job.place)
    rows: list[dict[str, float]] = []
    if saved:
        rows = saved["rows"]
        session.restore(saved["session"])
    stretches = (saved["stretches"] if saved else 0) + 1
    status: Status = saved["status"] if saved else "complete"
    safe = time.monotonic()
    while status == "complete" and len(rows) < job.run.epochs:
        began = time.perf_counter()
        row = {name: float(value) for name, value in session.epoch().items()}
        row.setdefault("seconds", time.perf_counter() - began)
        rows.append({"epoch": float(len(rows) + 1), **row})
        if not math.isfinite(row["train_loss"]) or not session.finite():
            status = "diverged"
        if time.monotonic() - safe >= OFTEN:
            state = {"rows": rows, "status": status, "session": session.state(), "stretches": stretches}
            save_checkpoint(path, job.key, state)
            safe = time.monotonic()
        report(len(rows), rows[-1])
    final = session.finish() if status == "complete" else {}
    return Result(pd.DataFrame(rows), status, job.identity, _provenance(rows, stretches), final)


def _provenance(rows: list[dict[str, float]], stretches: int) -> dict[str, Any]:
    """Where and when, and in how many stretches; nothing that the numbers depend on."""
    from dwmgrad_ref.execution.trace import environment

    return {
        **environment(),
        "torch": torch.__version__,
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "seconds": sum(row["seconds"] for row in rows),
        "stretches": stretches,
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
