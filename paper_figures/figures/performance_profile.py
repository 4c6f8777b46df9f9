"""Dolan and Moré's performance profiles over the tuned tasks: epochs to a target, each method at its tuned step size.

Target of a task: the mean last training loss of the method in the middle (the median over methods). A seed that never
gets there has no solution, so a profile may end below 1. Each pair of task and seed is one problem. The seconds in (b)
are those of the committed runs, made on a machine that did other work besides: they are an indication only.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from analysis.stats.statistics import performance_profile, time_to_target
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import training_panels as panels
from paper_figures.lib import training_results as t
from paper_figures.lib import tuned_task
from paper_figures.lib.style import PAGE, panel_letters

SOURCE = Source("dolan2002", "performance profiles, of the tuned runs")
RESULTS = ("digits_tuned", "mnist_tuned", "cora_tuned", "citeseer_tuned")
SIZE = (PAGE, 3.2)
KEYS = ("cost", "method", "ratio", "task", "label", "a", "b")

COSTS = {"epochs": "epochs to the target", "seconds": "seconds to the target"}
OURS = "dwmgrad-increase"
PUBLISHED_EPOCHS = {"mnist": 100, "cora": 200}


def data() -> dict[str, Frame]:
    costs = _costs()
    common = set.intersection(*(set(group.label) for _, group in costs.groupby("task")))
    shared = costs[costs.label.isin(common)]
    parts = []
    for cost in COSTS:
        wide = shared.pivot(index=["task", "seed"], columns="label", values=cost)
        parts.append(performance_profile(wide).assign(cost=cost))
    return {"profiles": pd.concat(parts, ignore_index=True), "targets": _targets(costs), "tests": _tests()}


def sample() -> dict[str, Frame]:
    return data()


def _costs() -> Frame:
    """Epochs and seconds to the task's target for every run that counts: task, label, seed, target, epochs, seconds."""
    rows = []
    for task in RESULTS:
        released = t.best(task)
        if released is None:
            continue
        runs = released.rows[released.rows.stage == "run"]
        target = float(released.final().groupby("label").train_loss.mean().median())
        for (label, seed), frame in runs.groupby(["label", "seed"], sort=False):
            rows.append((task, label, seed, target, *time_to_target(frame, "train_loss", target), released.budget))
    return pd.DataFrame(rows, columns=["task", "label", "seed", "target", *COSTS, "profile"])


def _targets(costs: Frame) -> Frame:
    """Mean epochs and seconds to the target over seeds that got there, and how many did."""
    costs = costs.assign(solved=np.isfinite(costs.epochs).astype(int))
    finite = costs.replace(np.inf, np.nan).groupby(["task", "label"], sort=False)
    table = finite.agg(target=("target", "first"), epochs=("epochs", "mean"), seconds=("seconds", "mean"),
                       solved=("solved", "sum"), seeds=("seed", "size"), profile=("profile", "first"))  # fmt: skip
    return table.reset_index()


def _tests() -> Frame:
    """Paired tests of final test accuracy, DWMGrad against every other, Holm-corrected within a task."""
    parts = []
    for task in RESULTS:
        released = t.best(task)
        if released is None:
            continue
        parts.append(tuned_task.tests(released, "final_test_accuracy", 1).assign(task=task))
    return pd.concat(parts, ignore_index=True)


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 2, sharey=True)
    for ax, (cost, what) in zip(axes, COSTS.items(), strict=True):
        own = table["profiles"][table["profiles"].cost == cost]
        for method, rows in own.groupby("method", sort=False):
            ax.step(rows.ratio, rows.share, where="post", **panels.LOOKS[str(method)].line)
        ax.set(xscale="log", xlabel=f"{what}, over the best method's", title=what, ylim=(0, 1.02))
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 1.2, 1.5, 2, 3, 5)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}"))
        ax.xaxis.set_minor_locator(NullLocator())
    axes[0].set_ylabel(f"share of {int(table['profiles'].tasks.max())} problems")
    panel_letters(axes)
    panels.legend(figure, axes[:1], 4)


def reproduction(table: dict[str, Any]) -> list[Row]:
    return [_row(str(task), group) for task, group in table["tests"].groupby("task", sort=False)]


def _row(task: str, group: Frame) -> Row:
    name = task.removesuffix("_tuned")
    return tuned_task.row(name, group, "more accurate", "test accuracy", PUBLISHED_EPOCHS.get(name))
