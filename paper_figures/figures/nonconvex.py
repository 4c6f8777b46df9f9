"""Who reaches the global minimum of losses that are not convex, from random starts, each rule at its tuned step size.

Eleven problems, 100 starts each (20 from each of 5 seeds), 2000 gradients a run. Each rule's step size is the best of
one grid for each problem, on 20 starts of another seed. DWMGrad's window is capped as in the paper (delta = 10).
"""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from analysis.frames import Frame
from analysis.nonconvex import judge, measure, suite
from dwmgrad_ref.rules.base import Source
from paper_figures.lib.style import GREY, METHODS, PAGE, panel_letters

SOURCE = Source("more2009", "data profiles, with the known global minima")
SIZE = (PAGE, 4.1)
KEYS = ("label", "problem", "ours", "other", "budget")


def data() -> dict[str, Frame]:
    tuning, runs = measure.measured()
    return {
        "tuning": tuning[tuning.chosen == 1].drop(columns="chosen"),
        "success": judge.shares(runs),
        "profiles": judge.data_profiles(runs, measure.LOOKS[::2].tolist()),
        "tests": judge.against(runs, measure.OURS),
    }


def sample() -> dict[str, Frame]:
    two = [entry for entry in measure.ENTRIES if entry.label in ("dwmgrad-loss", "adam")]
    tuning, runs = measure.measured(two, [item for item in suite.SUITE if item.name == "himmelblau"])
    return {"tuning": tuning[tuning.chosen == 1].drop(columns="chosen"), "success": judge.shares(runs)}


def draw(figure: Figure, table: dict[str, Any]) -> None:
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.1, 1.2, 0.9))
    for label, rows in table["profiles"].groupby("label", sort=False):
        left.plot(rows.budget, rows.solved, **METHODS[str(label)].line)
    left.set(
        xscale="log",
        xlabel="number of gradients",
        ylabel="share of runs at the minimum",
        title="data profiles",
        ylim=(0, 1),
    )
    _success(middle, table["success"])
    _differences(right, table["tests"])
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    panel_letters((left, middle, right))


def _success(ax: Any, table: Frame) -> None:
    wide = table.pivot(index="problem", columns="label", values="share")
    names = [label for label in METHODS if label in wide.columns]
    image = ax.imshow(wide[names].to_numpy(), cmap="Greys", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(np.arange(len(names)), [METHODS[name].label for name in names], rotation=90, fontsize=7)
    ax.set_yticks(np.arange(len(wide)), wide.index, fontsize=7)
    ax.set(title="share at the minimum", xlabel="method")
    ax.figure.colorbar(image, ax=ax, label="share of runs")


def _differences(ax: Any, table: Frame) -> None:
    """Each of DWMGrad's signals beside the others, from one row of the panel to the next."""
    ours, others = table.ours.unique(), table.other.unique()
    for i, name in enumerate(ours):
        rows = table[table.ours == name].set_index("other").loc[others]
        place, color = np.arange(len(others)) + 0.22 * (i - 1), METHODS[name].color
        ax.hlines(place, rows.low, rows.high, color=color, linewidth=1)
        ax.plot(rows.difference, place, "o", color=color, markersize=2.5)
    ax.axvline(0, color=GREY, linewidth=0.6)
    ax.set_yticks(np.arange(len(others)), [METHODS[name].label for name in others], fontsize=7)
    ax.set(xlabel="difference of shares", title="differences")
