"""Every figure as the template reads it: an embedded picture, its words, the tables behind it and their provenance."""

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import matplotlib
import pandas as pd
from PIL import Image

from analysis.comparison.verdicts import Row
from paper_figures.lib import build, catalogue, tables
from paper_figures.lib.style import RC
from paper_figures.report.mathematics import plain

COLOURS = 128  # of the palette that the pictures are reduced to, which makes them a third of the size


@dataclass(frozen=True)
class Table:
    """A CSV behind a figure, as a link that holds it."""

    file: str
    rows: int
    columns: str
    link: str


@dataclass(frozen=True)
class Picture:
    """A figure with everything that is said about it."""

    name: str
    words: dict[str, str]
    link: str
    width: int
    height: int
    source: Any
    tables: list[Table]
    rows: list[Row]
    manifest: dict[str, Any]
    seeds: str

    @property
    def command(self) -> str:
        return f"dwmgrad figures {self.name}"


words = catalogue.words


def pictures() -> Iterator[Picture]:
    """The figures, in the order in which `figures.toml` has their words."""
    for name in words():
        module, texts = build.get(name), tables.committed(name)
        content, width, height = drawn(name)
        rows = list(module.reproduction(build.table(name))) if hasattr(module, "reproduction") else []
        manifest = json.loads(tables.manifest(name).read_text(encoding="utf-8"))
        yield Picture(
            name, words()[name], data_link("image/png", content), width, height, plain(str(module.SOURCE)),
            [_table(file, text) for file, text in texts.items()], rows, manifest, _seeds(texts),
        )  # fmt: skip


def data_link(kind: str, content: bytes) -> str:
    """Content as a link that needs no network."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def drawn(name: str) -> tuple[bytes, int, int]:
    """The picture as PNG with its size in pixels."""
    figure, drawn, small = build.redrawn(name), io.BytesIO(), io.BytesIO()
    with matplotlib.rc_context(RC):
        figure.savefig(drawn, format="png")
    picture = Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(small, format="PNG", optimize=True)
    return small.getvalue(), *picture.size


def _table(file: str, text: str) -> Table:
    frame = pd.read_csv(io.StringIO(text))
    return Table(file, len(frame), ", ".join(map(str, frame.columns)), data_link("text/csv", text.encode()))


def _seeds(texts: dict[str, str]) -> str:
    """How many seeds the numbers of a figure rest on, as far as its tables say."""
    counts: set[int] = set()
    for text in texts.values():
        frame = pd.read_csv(io.StringIO(text))
        if "seeds" in frame:
            counts |= {int(n) for n in frame["seeds"].dropna()}
    if not counts:
        return "The tables have no column of seeds."
    many = f"{min(counts)} to {max(counts)} seeds" if len(counts) > 1 else f"{counts.pop()} seed(s)"
    return f"A mean rests on {many}; the column 'seeds' of the tables has the number for each value."
