"""Find the figures, compute their tables, draw them, and record how.

A figure is one file `figures/NAME.py` with

    SOURCE      what it regenerates or follows
    SIZE        width and height, inches
    KEYS        columns that identify a row, those that a table has
    PUBLISHED   files under published/ that it reads, if any
    RESULTS     experiments whose committed results (analysis/training/results) it reads, if any
    data()      all computation -> DataFrame, or dict of them by name
    sample()    some rows of data(), recomputed on their own in a few seconds
    draw(figure, table)   only draws, from what data() returned
    SLOW        True if data() takes minutes: building all figures redraws it, naming it computes it
    reproduction(table)   rows of the reproduction table, where it regenerates something published

Computing writes NAME.csv (NAME-TABLE.csv for a dict) and the drawing is made from that file as read back, so
the picture shows what the CSV says. data/ holds committed copies, from which `reuse=True` redraws in seconds.
"""

import importlib
import io
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dwmgrad_ref import discovery
from dwmgrad_ref.errors import BadInput, UnknownName
from paper_figures.lib import catalogue, folders, manifest, tables
from paper_figures.lib.style import RC

OUT = Path("build/figures")
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
    return {name: importlib.import_module(f"paper_figures.figures.{name}") for name in catalogue.names()}


def names() -> list[str]:
    """Names of all figures, sorted."""
    return list(_registry())


def get(name: str) -> ModuleType:
    """The module of the figure of that name, or of the file with that path if the name ends in .py.

    Raises:
        UnknownName: no such figure; lists the nearest.
        BadInput: the file is missing, or Python cannot read it.
    """
    if discovery.is_file(name):
        return discovery.executed(name)
    if name not in _registry():
        raise UnknownName("figure", name, _registry())
    return _registry()[name]


def build(
    chosen: Sequence[str] = (), out: str | Path = OUT, *, reuse: bool = False, force: bool = False,
    progress: Progress | None = None,
) -> list[Built]:  # fmt: skip
    """Build figures (all if none is chosen) into `out`: NAME.pdf, NAME.png, the CSVs, NAME.caption.md and
    NAME.manifest.json.

    Args:
        reuse: draw from the committed CSVs instead of computing.
        force: compute even if the commit, the inputs and the outputs are those of the last time. A working tree
            with changes is always computed anew.
        progress: called with a line of text as each figure starts.

    Raises:
        UnknownName: no such figure.
        BadInput: an input is missing.
    """
    modules = {Path(name).stem: get(name) for name in (list(chosen) or names())}
    out, built, every = Path(out), [], not chosen
    for name, module in modules.items():
        began = time.perf_counter()
        inputs = manifest.inputs(name, module)
        again = reuse or (every and not force and getattr(module, "SLOW", False))
        files = () if again or force else manifest.unchanged(out, name, inputs)
        how: Literal["computed", "reused", "unchanged"] = "unchanged"
        if not files:
            how = "reused" if again else "computed"
            if progress:
                progress(f"{name}: {'drawing from its committed numbers' if again else 'computing'}")
            texts = tables.committed(name) if again else tables.texts(name, module.data())
            contents = {file: text.encode() for file, text in texts.items()} | _drawings(name, module, texts)
            if caption := catalogue.caption(name):
                contents[f"{name}.caption.md"] = caption.encode()
            contents[f"{name}.manifest.json"] = manifest.record(name, module, inputs, contents, again)
            files = tuple(folders.put(out / file, content) for file, content in contents.items())
        built.append(Built(name, how, files, time.perf_counter() - began))
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
        then = tables.parsed(tables.committed(name))
        now = tables.parsed(tables.texts(name, module.sample() if sample else module.data()))
        for file in sorted(now.keys() | (set() if sample else then.keys())):
            if file not in then or file not in now:
                differences.append(f"{file}: only among the {'committed' if file in then else 'new'} tables")
            elif problem := tables.compare(then[file], now[file], module.KEYS, part=sample):
                differences.append(f"{file}: {problem}")
    return differences


def commit(chosen: Iterable[str] = (), out: str | Path = OUT) -> list[Path]:
    """Copy computed tables and their manifests from `out` to data/, to be committed.

    Raises:
        BadInput: a figure was not computed, or not at a clean commit.
    """
    copied = []
    for name in list(chosen) or names():
        path = Path(out) / f"{name}.manifest.json"
        if not path.is_file():
            raise BadInput(f"{name} is not in {out}; build it first")
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["reused"] or not told["commit"] or told["commit"].endswith("-dirty"):
            raise BadInput(
                f"{name} in {out} was not computed at a clean commit; commit the code, then build with force"
            )
        told["outputs"] = {file: sha for file, sha in told["outputs"].items() if file.endswith(".csv")}
        copied += [folders.put(folders.DATA / file, (Path(out) / file).read_bytes()) for file in told["outputs"]]
        copied.append(folders.put(folders.DATA / path.name, manifest.as_json(told)))
    return copied


def table(name: str) -> tables.Frame | tables.Tables:
    """The committed table of a figure, or its tables by name."""
    get(name)
    return tables.as_drawn(tables.parsed(tables.committed(name)))


def redrawn(name: str) -> Figure:
    """The figure drawn from its committed tables."""
    return drawn(get(name), tables.committed(name))


def drawn(module: ModuleType, texts: dict[str, str]) -> Figure:
    """The figure drawn from its tables (CSV text by file name), as a matplotlib object."""
    with matplotlib.rc_context(RC):
        figure = Figure(figsize=module.SIZE)
        FigureCanvasAgg(figure)
        module.draw(figure, tables.as_drawn(tables.parsed(texts)))
        return figure


def _drawings(name: str, module: ModuleType, texts: dict[str, str]) -> dict[str, bytes]:
    """PDF and PNG. Without dates and program names the same tables give the same bytes."""
    figure, kinds = drawn(module, texts), dict[str, Any]()
    kinds["pdf"] = {"CreationDate": None, "Creator": None, "Producer": None}
    kinds["png"] = {"Software": None}
    contents = {}
    with matplotlib.rc_context(RC):
        for kind, metadata in kinds.items():
            buffer = io.BytesIO()
            figure.savefig(buffer, format=kind, metadata=metadata)
            contents[f"{name}.{kind}"] = buffer.getvalue()
    return contents
