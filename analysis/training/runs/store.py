"""Results and checkpoints of runs, each one file under its key, complete or not there.

    STORE/results/KEY.parquet      one row an epoch; the run, its status and its provenance in the file's metadata
    STORE/checkpoints/KEY.pt       a run that is not finished, and the file of a finished one is deleted
    STORE/tensorboard/             learning curves, as event files

Every file carries a SHA-256 of its content, checked when it is read.
"""

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import torch

from analysis.training.runs.run import key as key_of
from dwmgrad_ref.errors import TraceError
from dwmgrad_ref.execution.trace import Trace, load
from dwmgrad_ref.files import write_atomic

MAGIC = b"dwmgrad checkpoint 1\n"
Status = Literal["complete", "diverged"]


@dataclass(frozen=True)
class Result:
    """A finished run.

    frame       one row an epoch, column `epoch` from 1
    status      "diverged" if the loss or a parameter stopped being finite; the rows end there
    identity    what determined it (`Run.identity`)
    provenance  what did not: seconds, versions, commit, host's processor, when it finished
    final       values of the end of the run, such as the test accuracy seen once
    """

    frame: pd.DataFrame
    status: Status
    identity: dict[str, Any]
    provenance: dict[str, Any]
    final: dict[str, float]


class Store:
    """The folder of results."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def result_path(self, key: str) -> Path:
        return self.folder / "results" / f"{key}.parquet"

    def checkpoint_path(self, key: str) -> Path:
        return self.folder / "checkpoints" / f"{key}.pt"

    def has(self, key: str) -> bool:
        return self.result_path(key).is_file()

    def put(self, key: str, result: Result) -> Path:
        """Store a finished run, then drop its checkpoint."""
        meta = {name: getattr(result, name) for name in ("status", "identity", "provenance", "final")}
        path = Trace(result.frame, meta).save(self.result_path(key))
        self.checkpoint_path(key).unlink(missing_ok=True)
        return path

    def get(self, key: str) -> Result:
        """The result under that key, of the run that the key is made of.

        Raises:
            TraceError: the file is cut or altered, or holds another run than its name says.
        """
        path = self.result_path(key)
        trace = load(path)
        if (told := key_of(trace.meta["identity"])) != key:
            raise TraceError(f"{path} holds the result of another run, {told}; rename it to that, or delete it")
        return Result(trace.frame, **trace.meta)

    def identities(self) -> dict[str, dict[str, Any]]:
        """What determined each stored result, by key."""
        paths = sorted((self.folder / "results").glob("*.parquet"))
        return {path.stem: load(path).meta["identity"] for path in paths}


def save_checkpoint(path: Path, key: str, state: dict[str, Any]) -> None:
    """Write the state of an unfinished run, with a checksum.

    Raises:
        OSError: nothing could be written; the checkpoint before, if any, is as it was.
    """
    buffer = io.BytesIO()
    torch.save({"key": key, **state}, buffer)
    content = buffer.getvalue()
    head = MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n"
    write_atomic(path, lambda file: file.write(head + content))


def load_checkpoint(path: Path, key: str) -> dict[str, Any] | None:
    """The state to go on from, or None if there is none. Only tensors and plain values are unpickled.

    Raises:
        TraceError: the file is cut, altered or of another run.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    head, body = content[: len(MAGIC) + 65], content[len(MAGIC) + 65 :]
    if head != MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n":
        raise TraceError(f"{path} is cut, damaged or not a checkpoint; delete it to start this run again")
    state = torch.load(io.BytesIO(body), weights_only=True)
    if state.pop("key") != key:
        raise TraceError(f"{path} belongs to another run; delete it to start this run again")
    return state


def default_folder() -> Path:
    """Where results lie if nothing is said: DWMGRAD_STORE, or build/store here."""
    return Path(os.environ.get("DWMGRAD_STORE") or "build/store")
