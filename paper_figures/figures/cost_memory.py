"""Memory of a step: iterate and gradient, what is kept between steps, and what a step holds for a moment.

From the committed profile, at its largest size, in words (8 bytes in NumPy and compiled, 4 in torch) a coordinate.
Bars are counted; dots are how much the process's resident peak grew, which includes all of it.
"""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis.cost import findings
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import cost
from paper_figures.lib.style import BLUE, GREY, INK, ORANGE, PAGE, panel_letters

SOURCE = Source("dwmgrad", "Algorithm 1: what it keeps")
SIZE = (PAGE, 3.6)
KEYS = ("engine", "rule", "d")
PUBLISHED = (cost.PROFILE,)

SHOWN = {"dwmgrad": "DWMGrad", "adam": "Adam", "lcam": "LCAM"}


def data() -> Frame:
    kept = [r for r in findings.memory(cost.profile()) if not r["delta"] and r["rule"] in SHOWN]
    return pd.DataFrame(kept).drop(columns=["delta"])


def sample() -> Frame:
    return data().iloc[:5]


def draw(figure: Figure, table: Frame) -> None:
    axes = figure.subplots(1, len(SHOWN), sharex=True)
    engines = [e for e in cost.ENGINES if e in set(table.engine)]
    largest = table[table.d == table.d.max()]
    for ax, (rule, name) in zip(axes, SHOWN.items(), strict=True):
        _bars(ax, largest[largest.rule == rule].set_index("engine"), engines)
        ax.set_title(name)
    axes[0].set_yticks(range(len(engines)), [cost.ENGINES[e].label for e in engines])
    for ax in axes[1:]:
        ax.set_yticks(range(len(engines)), [""] * len(engines))
    panel_letters(axes)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)


def _bars(ax: Any, rows: Frame, engines: list[str]) -> None:
    for i, engine in enumerate(engines):
        if engine not in rows.index:
            ax.text(0.2, i, "not in it", va="center", fontsize=7, color=GREY)
            continue
        row, left = rows.loc[engine], 0.0
        for width, color, label in (
            (2.0, GREY, "iterate, gradient"),
            (row.state, BLUE, "kept between steps"),
            (row.step, ORANGE, "held during a step"),
        ):
            ax.barh(i, width, 0.6, left=left, color=color, label=label if i == 0 else None)
            left += width
        ax.plot(row.resident, i, "o", color=INK, ms=3, label="resident growth" if i == 0 else None)
    ax.set(ylim=(len(engines) - 0.5, -0.5), xlabel="words a coordinate")
    ax.tick_params(axis="y", length=0)
