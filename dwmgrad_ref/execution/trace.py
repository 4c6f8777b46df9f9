"""The record of a run: a frame with one row a logged step, and everything needed to make it again."""

import hashlib
import importlib.metadata
import json
import platform
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dwmgrad_ref.errors import TraceError
from dwmgrad_ref.files import write_atomic

_KEY = b"dwmgrad"
_VERSIONS = ("dwmgrad", "numpy", "numba", "scipy", "scikit-learn", "pandas", "pyarrow")


@dataclass(frozen=True)
class Trace:
    """frame: columns t, loss and those of the observers. meta: provenance, plain JSON values.

    meta["stopped"] is None, or says at which step and coordinate a loss or gradient was not finite.
    """

    frame: pd.DataFrame
    meta: dict[str, Any]

    @property
    def stopped(self) -> dict[str, Any] | None:
        """Where a loss or gradient was not finite ("step", "coordinate"); None if the run went to its end."""
        return self.meta.get("stopped")

    @property
    def final(self) -> pd.Series:
        """The last logged row.

        Raises:
            TraceError: the run stopped before its first row.
        """
        if self.frame.empty:
            raise TraceError(f"the run has no row: it stopped before the first logged step ({self.stopped})")
        return self.frame.iloc[-1]

    def save(self, path: str | Path) -> Path:
        """Write to Parquet, atomically, with provenance and a checksum of the content."""
        table = pa.Table.from_pandas(self.frame, preserve_index=False)
        meta = json.dumps({"meta": self.meta, "sha256": _digest(self.frame, self.meta)})
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), _KEY: meta.encode()})
        return write_atomic(path, lambda file: pq.write_table(table, file, compression="zstd"))


def load(path: str | Path) -> Trace:
    """Read a trace back.

    Raises:
        TraceError: the file is missing, cut, damaged, or not a trace.
    """
    path = Path(path)
    if not path.is_file():
        raise TraceError(f"no trace at {path}; `dwmgrad run ... --out {path}` writes one")
    try:
        table = pq.read_table(path)
        stored = json.loads(table.schema.metadata[_KEY])
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise TraceError(f"{path} is cut, damaged or not a trace ({error}); run it again") from error
    frame = table.to_pandas()
    if _digest(frame, stored["meta"]) != stored["sha256"]:
        raise TraceError(f"{path} is damaged: its content does not match its checksum; run it again")
    return Trace(frame, stored["meta"])


def _digest(frame: pd.DataFrame, meta: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(meta, sort_keys=True).encode())
    for column in frame.columns:
        digest.update(column.encode())
        digest.update(np.ascontiguousarray(frame[column].to_numpy()).tobytes())
    return digest.hexdigest()


@cache
def environment() -> dict[str, Any]:
    """Versions, machine and commit of this process; the commit is None outside a git checkout."""
    versions = {}
    for package in _VERSIONS:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": versions,
        "commit": _commit(),
    }


def _commit() -> str | None:
    """HEAD of the checkout this package runs from, with -dirty if the working tree differs from it."""
    here = Path(__file__).resolve().parent

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=here, capture_output=True, text=True, check=True).stdout.strip()

    try:
        if not git("ls-files", Path(__file__).name):  # installed inside some other project's checkout
            return None
        return git("rev-parse", "HEAD") + ("-dirty" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return None
