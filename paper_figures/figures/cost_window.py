"""What a longer window costs: the recursion's flat line, and the stored window's time and memory of order δ d.

From the committed profile; the window is full. A ring with a running sum makes the stored window's time flat again,
for the same memory.
"""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis.cost import findings
from analysis.cost.points import LONG
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import cost
from paper_figures.lib.style import INK, PAGE, Look, panel_letters
from proofs.cost.measurements import where

SOURCE = Source("dwmgrad", "Algorithm 1: the window's cap δ")
SIZE = (PAGE, 3.3)
KEYS = ("engine", "rule", "delta")
PUBLISHED = (cost.PROFILE,)

SERIES = {
    ("compiled", cost.EXPLICIT): Look("stored window, compiled", cost.ENGINES["compiled"].color, (0, (1, 1.2))),
    ("numpy", cost.EXPLICIT): Look("stored window, NumPy", cost.ENGINES["numpy"].color, (0, (1, 1.2))),
    ("numpy ring", cost.EXPLICIT): cost.ENGINES["numpy ring"],
    ("compiled", "dwmgrad"): Look("recursion, compiled", cost.ENGINES["compiled"].color, "-"),
    ("numpy", "dwmgrad"): Look("recursion, NumPy", cost.ENGINES["numpy"].color, "-"),
    ("torch fused", "dwmgrad"): Look("recursion, torch fused", cost.ENGINES["torch fused"].color, "-"),
}


def data() -> dict[str, Frame]:
    found = cost.profile()
    times = [
        {"engine": r["engine"], "rule": r["rule"], "delta": r["delta"], "seconds": r["median"] / r["calls"]}
        for r in where(found["timed"], section="delta")
    ]
    kept = [{name: r[name] for name in (*KEYS, "state", "step")} for r in findings.memory(found) if r["delta"]]
    return {"times": pd.DataFrame(times), "memory": pd.DataFrame(kept)}


def sample() -> dict[str, Frame]:
    return {name: table.iloc[:5] for name, table in data().items()}


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 2)
    _lines(axes[0], table["times"], "seconds")
    axes[0].set(ylabel="time of a step, s", title=f"time, d = {LONG}")
    _lines(axes[1], table["memory"], "state")
    axes[1].set(ylabel="words kept a coordinate", title="memory")
    panel_letters(axes)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)


def _lines(ax: Any, rows: Frame, y: str) -> None:
    for (engine, rule), look in SERIES.items():
        part = rows[(rows.engine == engine) & (rows.rule == rule)]
        if len(part):
            cost.curve(ax, part, "delta", y, look)
    deltas = sorted(rows.delta.unique())
    top = rows[rows.rule == cost.EXPLICIT][y].max()
    ax.plot(deltas[-3:], [top * d / deltas[-1] / 1.6 for d in deltas[-3:]], color=INK, lw=0.6)
    ax.annotate(
        "slope 1", (deltas[-2], top * deltas[-2] / deltas[-1] / 1.6), (3, -9), textcoords="offset points", fontsize=7
    )
    ax.set(xscale="log", yscale="log", xlabel="window cap δ")
