"""Where a capped window goes to the worst point: periods k and gradients C, the closed form and runs.

The losses are C x every k-th step and -x at the others, on [-1, 1]. For C > k - 1 the best point is -1. Claims R6,
R6-converse and R6-region say that the iterate ends at +1 exactly for C < C-bar(k, delta). The runs have momentum
gamma = 0.9, of which R6-momentum says that it does not move the boundary. They are placed at fractions of C-bar's
distance to k - 1, so that the nearest are three per cent of it away from the boundary on either side.
"""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.frames import Frame
from analysis.worst_case.failure_region import boundary, simulated
from dwmgrad_ref.rules.base import Source
from paper_figures.lib.style import CAPS, GREEN, GREY, INK, PAGE, RED, SKY, Look, panel_letters

SOURCE = Source("reddi2018", "Theorem 1, its periodic losses; the region is claim R6-region")
SIZE = (PAGE, 3.2)
KEYS = ("delta", "k", "fraction")

LOOKS = {2: Look("δ = 2", GREEN, "-"), 5: Look("δ = 5", SKY, (0, (4, 1, 1, 1))), 10: CAPS["10"], 100: CAPS["100"]}
SHOWN = (2, 10, 100)
PERIODS = tuple(range(3, 61))
SIMULATED = (3, 4, 5, 7, 10, 15, 20, 30, 50)
FRACTIONS = (0.1, 0.3, 0.6, 0.9, 0.97, 1.03, 1.1, 1.5, 3.0, 8.0)
RUN = (50, 100)  # k and C of R6-run: the paper's defaults, every rounding enclosed


def data() -> dict[str, Frame]:
    return {"boundary": _boundary(tuple(LOOKS)), "runs": _runs(SHOWN, SIMULATED)}


def sample() -> dict[str, Frame]:
    return {"boundary": _boundary((10,)), "runs": _runs((2, 10), (3, 7))}


def _boundary(deltas: tuple[int, ...]) -> Frame:
    return pd.DataFrame([{"delta": d, "k": k, "C_bar": boundary(k, float(d))} for d in deltas for k in PERIODS])


def _runs(deltas: tuple[int, ...], periods: tuple[int, ...]) -> Frame:
    """`fails` is 1 where the run itself ended at theta > 0, on the worst point's side."""
    rows = []
    for delta in deltas:
        for k in periods:
            width = boundary(k, float(delta)) - (k - 1)
            for fraction in FRACTIONS:
                C = k - 1 + fraction * width
                fails = int(simulated(C, k, float(delta)))
                rows.append({"delta": delta, "k": k, "fraction": fraction, "C": C, "fails": fails})
    return pd.DataFrame(rows)


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 4, width_ratios=(1.25, 1, 1, 1))
    _plane(axes[0], table["boundary"])
    for ax, delta in zip(axes[1:], SHOWN, strict=True):
        _excess(ax, *(part[part.delta == delta] for part in (table["boundary"], table["runs"])))
        ax.set_title(f"δ = {delta}")
    axes[1].set_ylabel("C/(k − 1) − 1")
    panel_letters(axes)
    marks: list[Any] = [Line2D([], [], label=look.label, color=look.color, ls=look.dashes) for look in LOOKS.values()]
    marks += [
        Line2D([], [], ls="", marker="o", color=RED, ms=3.5, label="failing run: ends at θ > 0"),
        Line2D([], [], ls="", marker="o", color=INK, mfc="white", ms=3.5, label="not failing: ends at θ ≤ 0"),
        Patch(facecolor=GREY, alpha=0.25, label="failure, proved"),
        Line2D([], [], color=INK, ls=":", lw=0.9, label="C = k"),
        Line2D([], [], ls="", marker="*", color=INK, ms=7, label="C = 100, k = 50 at the paper's defaults"),
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=3)


def _plane(ax: Any, rows: Frame) -> None:
    for delta, look in LOOKS.items():
        part = rows[rows.delta == delta]
        ax.plot(part.C_bar, part.k, **look.line)
        ax.fill_betweenx(part.k, part.k - 1, part.C_bar, color=look.color, alpha=0.15, lw=0)
    ks = rows[rows.delta == 2].k
    ax.plot(ks - 1, ks, color=INK, lw=0.9)
    ax.plot(RUN[1], RUN[0], "*", color=INK, ms=7)
    ax.annotate("C = k − 1", (22, 23), xytext=(2.15, 33), fontsize=7, arrowprops={"arrowstyle": "-", "lw": 0.5})
    ax.set(xscale="log", yscale="log", xlim=(2, 3e3), ylim=(3, 60), xlabel="gradient C", ylabel="period k")
    ax.set_yticks([3, 5, 10, 20, 50], ["3", "5", "10", "20", "50"])
    ax.set_yticks([], minor=True)
    ax.set_title("the (C, k) plane")


def _excess(ax: Any, end: Frame, runs: Frame) -> None:
    """C relative to k - 1, so that the region keeps a width on paper for every cap."""
    look, above = LOOKS[int(end.delta.iloc[0])], end.C_bar / (end.k - 1) - 1
    ax.plot(end.k, above, **look.line)
    low, high = (float((runs.C / (runs.k - 1) - 1).agg(f)) for f in ("min", "max"))
    ax.fill_between(end.k, low / 2, above, color=look.color, alpha=0.15, lw=0)
    ax.plot(end.k, 1 / (end.k - 1), ":", color=INK, lw=0.9)
    for fails, face in ((1, RED), (0, "white")):
        part = runs[runs.fails == fails]
        ax.plot(part.k, part.C / (part.k - 1) - 1, "o", color=RED if fails else INK, mfc=face, ms=2.6, mew=0.6)
    if int(end.delta.iloc[0]) == 10:
        ax.plot(RUN[0], RUN[1] / (RUN[0] - 1) - 1, "*", color=INK, ms=7)
    ax.set(xscale="log", yscale="log", xlabel="period k", xlim=(2.7, 60), ylim=(low / 2, 2 * high))
    ax.set_xticks([3, 5, 10, 20, 50], ["3", "5", "10", "20", "50"])
    ax.set_xticks([], minor=True)
