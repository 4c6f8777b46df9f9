"""Checkpoints of a run: its workspace and the rows so far, in one file that is complete or not there."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from dwmgrad_ref.errors import TraceError
from dwmgrad_ref.execution.driver import Workspace
from dwmgrad_ref.files import write_atomic


def save(path: Path, identity: dict[str, Any], s: Workspace, t: int, u: np.ndarray, rows: list[Any]) -> None:
    """Write the state after step t of the run that `identity` determines."""
    note = json.dumps({"identity": identity, "t": t, "rows": rows})
    arrays: dict[str, Any] = {"note": np.array(note), "u": u, **s.arrays()}
    write_atomic(path, lambda file: np.savez(file, **arrays))


def load(path: Path, identity: dict[str, Any]) -> tuple[Workspace, int, np.ndarray, list[Any]]:
    """The state to go on from.

    Raises:
        TraceError: the file is damaged, or of another run; the message names what differs.
    """
    try:
        # np.load leaves a damaged file open, so we open it; the zip's own checksums cover every array
        with open(path, "rb") as file, np.load(file) as stored:
            note = json.loads(str(stored["note"]))
            u = stored["u"]
            s = Workspace(**{name: stored[name] for name in stored.files if name not in ("note", "u")})
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise TraceError(f"{path} is cut, damaged or not a checkpoint ({error}); delete it to start again") from error
    then = note["identity"]
    if differ := [key for key in identity if identity[key] != then.get(key)]:
        listed = "; ".join(f"{key}: {then.get(key)!r} there, {identity[key]!r} now" for key in differ)
        raise TraceError(f"{path} belongs to another run ({listed}); delete it or give another path")
    return s, note["t"], u, note["rows"]
