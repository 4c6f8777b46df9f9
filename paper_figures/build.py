"""Find the figures, compute their tables, draw them, and record how.

A figure is one file `fig_NAME.py` with

    SOURCE      what it regenerates or shows
    SIZE        width and height, inches
    KEYS        columns that identify a row, those that a table has
    PUBLISHED   files under published/ that it reads
    data()      all computation -> DataFrame, or dict of them by name
    sample()    some rows of data(), recomputed on their own in a few seconds
    draw(figure, table)   only draws, from what data() returned

Computing writes NAME.csv (NAME-TABLE.csv for a dict) and the drawing is made from that file as read back, so
the picture shows what the CSV says. data/ holds committed copies, from which `reuse=True` redraws in seconds.
"""

import hashlib
import importlib
import io
import json
import pkgutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dwmgrad_ref.errors import BadInput, UnknownName
from dwmgrad_ref.files import write_atomic
from dwmgrad_ref.trace import environment
from paper_figures.style import RC

HERE = Path(__file__).resolve().parent
PUBLISHED = HERE / "published"
DATA = HERE / "data"
OUT = Path("build/figures")
FLOAT = "%.7g"
# The CSVs keep seven digits, and libm's exp and log differ in the last bit between systems.
RTOL, ATOL = 1e-5, 1e-9

Tables = dict[str, pd.DataFrame]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """One figure: how its numbers were come by, its files, and the seconds it took."""

    name: str
    how: Literal["computed", "reused", "unchanged"]
    files: tuple[Path, ...]
    seconds: float


@cache
def _registry() -> dict[str, ModuleType]:
    found = (m.name for m in pkgutil.iter_modules([str(HERE)]) if m.name.startswith("fig_"))
    return {name.removeprefix("fig_"): importlib.import_module(f"paper_figures.{name}") for name in sorted(found)}


def names() -> list[str]:
    """Names of all figures, sorted."""
    return list(_registry())


def get(name: str) -> ModuleType:
    """The figure's module.

    Raises:
        UnknownName: no such figure; lists the nearest.
    """
    if name not in _registry():
        raise UnknownName("figure", name, _registry())
    return _registry()[name]


def build(
    chosen: Iterable[str] = (), out: str | Path = OUT, *, reuse: bool = False, force: bool = False,
    progress: Progress | None = None,
) -> list[Built]:  # fmt: skip
    """Build figures (all if none is chosen) into `out`: NAME.pdf, NAME.png, the CSVs and NAME.manifest.json.

    Args:
        reuse: draw from the committed CSVs instead of computing.
        force: compute although neither the inputs nor the outputs have changed since the last time.
        progress: called with a line of text as each figure starts.

    Raises:
        UnknownName: no such figure.
        BadInput: an input is missing.
    """
    modules = {name: get(name) for name in (list(chosen) or names())}
    out, built = Path(out), []
    for name, module in modules.items():
        began = time.perf_counter()
        inputs = _inputs(name, module)
        if not (reuse or force) and (files := _unchanged(out, name, inputs)):
            built.append(Built(name, "unchanged", files, time.perf_counter() - began))
            continue
        if progress:
            progress(f"{name}: {'drawing' if reuse else 'computing'}")
        texts = _committed(name) if reuse else _texts(name, module.data())
        files = _write(out, name, module, inputs, texts, reuse)
        built.append(Built(name, "reused" if reuse else "computed", files, time.perf_counter() - began))
    return built


def check(chosen: Iterable[str] = (), *, sample: bool = False, progress: Progress | None = None) -> list[str]:
    """Recompute figures' tables and compare them with the committed CSVs, to a relative 1e-5.

    Args:
        sample: only the rows that each figure's `sample()` recomputes.

    Returns:
        One line for every table that differs; empty if all agree.
    """
    differences = []
    for name in list(chosen) or names():
        module = get(name)
        if progress:
            progress(f"{name}: checking")
        committed = _tables(_committed(name))
        fresh = _tables(_texts(name, module.sample() if sample else module.data()))
        for file in sorted(fresh.keys() | (committed.keys() if not sample else set())):
            if file not in committed or file not in fresh:
                differences.append(f"{file}: only among the {'committed' if file in committed else 'new'} tables")
            elif problem := compare(committed[file], fresh[file], module.KEYS, part=sample):
                differences.append(f"{file}: {problem}")
    return differences


def commit(chosen: Iterable[str] = (), out: str | Path = OUT) -> list[Path]:
    """Copy computed tables and their manifests from `out` to data/, to be committed.

    Raises:
        BadInput: a figure was not computed, or not at a clean commit.
    """
    copied = []
    for name in list(chosen) or names():
        manifest = Path(out) / f"{name}.manifest.json"
        if not manifest.is_file():
            raise BadInput(f"{name} is not in {out}; build it first")
        record = json.loads(manifest.read_text())
        if record["reused"] or not record["commit"] or record["commit"].endswith("-dirty"):
            raise BadInput(f"{name} in {out} was not computed at a clean commit; commit the code, then build with force")
        record["outputs"] = {file: sha for file, sha in record["outputs"].items() if file.endswith(".csv")}
        for file in record["outputs"]:
            copied.append(_put(DATA / file, (Path(out) / file).read_bytes()))
        copied.append(_put(DATA / manifest.name, _json(record)))
    return copied


def compare(committed: pd.DataFrame, fresh: pd.DataFrame, keys: Iterable[str], part: bool = False) -> str | None:
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
    both = fresh.astype(numbers).merge(committed.astype(numbers), on=keys, how="left", suffixes=("", " committed"), indicator=True)
    if missing := int((both["_merge"] == "left_only").sum()):
        return f"{missing} of {len(fresh)} rows are not among the committed ones"
    for column in fresh.columns.difference(keys):
        now, then = both[column], both[f"{column} committed"]
        if pd.api.types.is_numeric_dtype(now) and pd.api.types.is_numeric_dtype(then):
            same = np.isclose(now.astype(float), then.astype(float), rtol=RTOL, atol=ATOL, equal_nan=True)
        else:
            same = ((now == then) | (now.isna() & then.isna())).to_numpy()
        if not same.all():
            row = int(np.flatnonzero(~same)[0])
            where = ", ".join(f"{key}={both[key].iloc[row]}" for key in keys)
            return f"{(~same).sum()} values of {column} differ, first {now.iloc[row]} now, {then.iloc[row]} at {where}"
    return None


# --- inputs and manifests ------------------------------------------------------------------------------------


def _inputs(name: str, module: ModuleType) -> dict[str, str]:
    """Checksum of every file that the figure's numbers and looks follow from."""
    assert module.__file__
    files = [Path(module.__file__), HERE / "build.py", HERE / "style.py"]
    files += [PUBLISHED / file for file in getattr(module, "PUBLISHED", ())]
    for file in files:
        if not file.is_file():
            raise BadInput(f"figure {name} needs {file.parent.name}/{file.name}, which is missing; restore it from git")
    inputs = {f"{file.parent.name}/{file.name}": _sha256(file.read_bytes()) for file in files}
    for package in ("dwmgrad_ref", "analysis"):
        digest = hashlib.sha256()
        for file in sorted((HERE.parent / package).rglob("*.py")):
            digest.update(file.relative_to(HERE.parent).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
        inputs[package] = digest.hexdigest()
    return inputs


def _unchanged(out: Path, name: str, inputs: dict[str, str]) -> tuple[Path, ...]:
    """The files in `out`, if they were computed from these inputs with these versions and are whole; else none."""
    manifest = out / f"{name}.manifest.json"
    try:
        record = json.loads(manifest.read_text())
        whole = all(_sha256((out / file).read_bytes()) == sha for file, sha in record["outputs"].items())
    except (OSError, ValueError, KeyError):
        return ()
    if whole and not record["reused"] and record["inputs"] == inputs and record["versions"] == _versions():
        return (*(out / file for file in record["outputs"]), manifest)
    return ()


def _versions() -> dict[str, str]:
    return {**environment()["versions"], "matplotlib": matplotlib.__version__, "python": environment()["python"]}


def _write(
    out: Path, name: str, module: ModuleType, inputs: dict[str, str], texts: dict[str, str], reused: bool
) -> tuple[Path, ...]:
    figure = drawn(module, _tables(texts))
    contents = {file: text.encode() for file, text in texts.items()}
    # Without dates and program names the same table gives the same bytes.
    contents[f"{name}.pdf"] = _saved(figure, "pdf", {"CreationDate": None, "Creator": None, "Producer": None})
    contents[f"{name}.png"] = _saved(figure, "png", {"Software": None})
    record = {
        "figure": name,
        "source": str(module.SOURCE),
        "command": f"dwmgrad figures {name}" + (" --reuse-data" if reused else ""),
        "reused": reused,
        "inputs": inputs,
        "commit": environment()["commit"],
        "versions": _versions(),
        "outputs": {file: _sha256(content) for file, content in contents.items()},
    }
    if reused:
        record["data"] = json.loads(_manifest(name).read_text())
    contents[f"{name}.manifest.json"] = _json(record)
    return tuple(_put(out / file, content) for file, content in contents.items())


def drawn(module: ModuleType, tables: Tables) -> Figure:
    """The figure drawn from its tables (file names to frames), as a matplotlib object."""
    by_key = {_key(file): table for file, table in tables.items()}
    with matplotlib.rc_context(RC):
        figure = Figure(figsize=module.SIZE)
        FigureCanvasAgg(figure)
        module.draw(figure, by_key[""] if list(by_key) == [""] else by_key)
        return figure


def _saved(figure: Figure, kind: str, metadata: dict[str, Any]) -> bytes:
    with matplotlib.rc_context(RC):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, metadata=metadata)
        return buffer.getvalue()


# --- tables as text ------------------------------------------------------------------------------------------


def _texts(name: str, data: pd.DataFrame | Tables) -> dict[str, str]:
    """CSV text by file name."""
    if isinstance(data, pd.DataFrame):
        data = {"": data}
    return {
        f"{name}-{key}.csv" if key else f"{name}.csv": table.to_csv(index=False, float_format=FLOAT, lineterminator="\n")
        for key, table in data.items()
    }


def _tables(texts: dict[str, str]) -> Tables:
    return {file: pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=["", "nan"]) for file, text in texts.items()}


def _key(file: str) -> str:
    return file.removesuffix(".csv").partition("-")[2]


def _manifest(name: str) -> Path:
    path = DATA / f"{name}.manifest.json"
    if not path.is_file():
        raise BadInput(f"the committed data of {name} is missing: no {path.name}; restore it from git, or compute it")
    return path


def committed_tables(name: str) -> Tables:
    """The committed tables of a figure, by file name."""
    get(name)
    return _tables(_committed(name))


def _committed(name: str) -> dict[str, str]:
    """CSV text by file name, as the committed manifest lists them.

    Raises:
        BadInput: a file is missing, or is not the one that was committed.
    """
    texts = {}
    for file, sha in json.loads(_manifest(name).read_text())["outputs"].items():
        path = DATA / file
        if not path.is_file():
            raise BadInput(f"the committed data of {name} is missing: no {file}; restore it from git, or compute it")
        if _sha256(path.read_bytes()) != sha:
            raise BadInput(f"{file} is not what its manifest says; restore it from git, or compute it")
        texts[file] = path.read_text(encoding="utf-8")
    return texts


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode()


def _put(path: Path, content: bytes) -> Path:
    return write_atomic(path, lambda file: file.write(content))
