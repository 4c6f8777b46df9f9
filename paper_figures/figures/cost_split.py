"""What splitting costs: the same coordinates in more tensors, and more runs at once.

From the committed profile. (a) One step on 2^18 coordinates in m equal tensors; our engines step DWMGrad, torch.optim's
step Adam. (b) `run_many`: R runs of 20,000 steps in 10 dimensions on all cores; the time of one run among R.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.cost.points import SPLIT
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import cost
from paper_figures.lib.style import PAGE, panel_letters
from proofs.cost.measurements import where

SOURCE = Source("dwmgrad", "the statement on time complexity, over tensors and runs")
SIZE = (PAGE, 3.5)
KEYS = ("engine", "rule", "tensors", "runs")
PUBLISHED = (cost.PROFILE,)


def data() -> dict[str, Frame]:
    found = cost.profile()["timed"]
    split = [
        {"engine": r["engine"], "rule": r["rule"], "tensors": r["tensors"], "seconds": r["median"] / r["calls"]}
        for r in where(found, section="tensors")
        if r["rule"] == ("adam" if r["engine"].startswith("torch.optim") else cost.ours(r["engine"]))
    ]
    batch = [
        {"rule": r["rule"], "runs": r["runs"], "seconds": r["median"] / r["runs"]}
        for r in where(found, section="batch")
    ]
    return {"split": pd.DataFrame(split), "batch": pd.DataFrame(batch)}


def sample() -> dict[str, Frame]:
    return {name: table.iloc[:5] for name, table in data().items()}


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 2, width_ratios=(1.4, 1))
    for engine, rows in table["split"].groupby("engine", sort=False):
        cost.curve(axes[0], rows, "tensors", "seconds", cost.ENGINES[str(engine)])
    axes[0].set(xscale="log", yscale="log", xlabel="tensors m", ylabel="time of a step, s")
    axes[0].set_title(f"one step, $2^{{{int(np.log2(SPLIT))}}}$ coordinates")
    for rule, rows in table["batch"].groupby("rule", sort=False):
        cost.curve(axes[1], rows.assign(ms=1e3 * rows.seconds), "runs", "ms", cost.RULES[str(rule)])
    axes[1].set(xlabel="runs at once R", ylabel="time of each run, ms", title="many runs, compiled")
    axes[1].set_xscale("log", base=2)
    axes[1].set_ylim(bottom=0)
    axes[1].legend()
    panel_letters(axes)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
