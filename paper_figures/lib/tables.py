"""A figure's tables as CSV text: writing, reading back, the committed ones, and comparing."""

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.frames import Frame
from dwmgrad_ref.errors import BadInput
from paper_figures.lib import folders

FLOAT = "%.7g"
# The CSVs keep seven digits, and libm's exp and log differ in the last bit between systems.
RTOL, ATOL = 1e-5, 1e-9

Tables = dict[str, Frame]


def texts(name: str, data: Frame | Tables) -> dict[str, str]:
    """CSV text by file name: NAME.csv of a single table, NAME-TABLE.csv of several."""
    named = {"": data} if isinstance(data, pd.DataFrame) else data
    return {
        f"{name}-{key}.csv" if key else f"{name}.csv": table.to_csv(
            index=False, float_format=FLOAT, lineterminator="\n"
        )
        for key, table in named.items()
    }


def parsed(texts: dict[str, str]) -> Tables:
    """Tables by file name, as anyone reads them from the files."""
    return {file: pd.read_csv(io.StringIO(text)) for file, text in texts.items()}


def as_drawn(tables: Tables) -> Frame | Tables:
    """What data() returned, from tables by file name."""
    named = {file.removesuffix(".csv").partition("-")[2]: table for file, table in tables.items()}
    return named[""] if list(named) == [""] else named


def manifest(name: str) -> Path:
    """The manifest of a figure's committed tables.

    Raises:
        BadInput: there is none.
    """
    path = folders.DATA / f"{name}.manifest.json"
    if not path.is_file():
        raise BadInput(f"the committed data of {name} is missing: no {path.name}; restore it from git, or compute it")
    return path


def committed(name: str) -> dict[str, str]:
    """CSV text by file name, as the committed manifest lists them.

    Raises:
        BadInput: a file is missing, or is not the one that was committed.
    """
    found = {}
    for file, sha in json.loads(manifest(name).read_text(encoding="utf-8"))["outputs"].items():
        path = folders.DATA / file
        if not path.is_file():
            raise BadInput(f"the committed data of {name} is missing: no {file}; restore it from git, or compute it")
        if folders.sha256(path.read_bytes()) != sha:
            raise BadInput(f"{file} is not what its manifest says; restore it from git, or compute it")
        found[file] = path.read_text(encoding="utf-8")
    return found


def compare(committed: Frame, fresh: Frame, keys: Iterable[str], part: bool = False) -> str | None:
    """What differs between two tables, or None. With `part` the fresh one may lack rows."""
    if list(committed.columns) != list(fresh.columns):
        return f"columns {list(fresh.columns)} now, {list(committed.columns)} committed"
    keys = [key for key in keys if key in fresh.columns]
    if not part and len(committed) != len(fresh):
        return f"{len(fresh)} rows now, {len(committed)} committed"
    if fresh.duplicated(keys).any():
        return f"the columns {keys} do not identify a row"
    # A part's numbers may all be whole where the other table's are not.
    numbers = {k: float for k in keys if all(pd.api.types.is_numeric_dtype(side[k]) for side in (committed, fresh))}
    both = fresh.astype(numbers).merge(
        committed.astype(numbers), on=keys, how="left", suffixes=("", " committed"), indicator=True
    )
    if missing := int((both["_merge"] == "left_only").sum()):
        return f"{missing} of {len(fresh)} rows are not among the committed ones"
    for column in fresh.columns.difference(keys):
        same = _close(both[column], both[f"{column} committed"])
        if not same.all():
            row = both.iloc[int(np.flatnonzero(~same)[0])]
            then, where = row[f"{column} committed"], ", ".join(f"{key}={row[key]}" for key in keys)
            return f"{(~same).sum()} of {column}, first {row[column]} now, {then} committed at {where}"
    return None


def _close(now: Any, then: Any) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(now) and pd.api.types.is_numeric_dtype(then):
        return np.isclose(now.astype(float), then.astype(float), rtol=RTOL, atol=ATOL, equal_nan=True)
    return ((now == then) | (now.isna() & then.isna())).to_numpy(dtype=bool)
