"""Step-size sensitivity: score on validation data over one grid for every method, and the step size it chose.

These are the trials that the tuned runs were chosen by: the same grid and the same number of trials for every method.
A trial that diverged has no point.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from analysis.stats.statistics import FEWEST
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import training_panels as panels
from paper_figures.lib import training_results as t
from paper_figures.lib.style import PAGE, panel_letters

SOURCE = Source("dwmgrad", "its claim of robustness, on tasks of ours and the paper's")
RESULTS = ("digits_tuned", "mnist_tuned", "cora_tuned", "citeseer_tuned")
SIZE = (PAGE, 4.6)
KEYS = ("task", "label", "lr")

TASKS = {
    "digits_tuned": "digits MLP",
    "mnist_tuned": "MNIST MLP",
    "cora_tuned": "Cora GCN",
    "citeseer_tuned": "CiteSeer GCN",
}
WIDE = 0.02  # a step size is good if its validation accuracy is within this of the method's best


def data() -> Frame:
    parts = []
    for name in TASKS:
        released = t.best(name)
        if released is not None:
            rows = released.rows[released.rows.stage == "trial"]
            last = rows.loc[rows.groupby("run").epoch.idxmax()]
            good = last.validation_accuracy.where(last.status == "complete")
            scored = last.assign(task=name, accuracy=good, loss=last.validation_loss.where(last.status == "complete"))
            grouped = scored.groupby(["task", "label", "lr"], sort=False)
            table = grouped[["accuracy", "loss"]].agg(lambda x: x.mean(skipna=False)).reset_index()
            chosen = pd.Series(released.meta["chosen"])
            parts.append(
                table.assign(
                    seeds=grouped.seed.nunique().to_numpy(),
                    chosen=(table.lr == table.label.map(chosen)).astype(int),
                    profile=released.budget,
                )
            )
    return pd.concat(parts, ignore_index=True)


sample = data


def draw(figure: Figure, table: Frame) -> None:
    axes = figure.subplots(2, 2, sharex=True)
    for ax, (task, name) in zip(axes.flat, TASKS.items(), strict=True):
        panels.empty(ax, table[table.task == task])
        for label, rows in table[table.task == task].groupby("label", sort=False):
            look, rows = panels.LOOKS[str(label)], rows.sort_values("lr")
            ax.plot(rows.lr, rows.accuracy, **look.line)
            best = rows[rows.chosen == 1]
            ax.plot(best.lr, best.accuracy, "D", color=look.color, markersize=3.5)
        ax.set(xscale="log", title=name)
    for ax in axes[1]:
        ax.set_xlabel("step size")
    for ax in axes[:, 0]:
        ax.set_ylabel("validation accuracy; ◆ chosen")
    panel_letters(axes.flat)
    handles = {line.get_label(): line for ax in axes.flat for line in ax.get_lines() if line.get_label()[:1] != "_"}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=5)


def reproduction(table: Any) -> list[Row]:
    claim = "DWMGrad is less sensitive to its step size than Adam"
    rows = []
    for task, name in TASKS.items():
        own = table[table.task == task]
        widths = {str(label): _decades(rows) for label, rows in own.groupby("label", sort=False)}
        ours = {label: w for label, w in widths.items() if label.startswith("dwmgrad")}
        identifier = f"step-size-{task.removesuffix('_tuned')}"
        if not ours or "adam" not in widths:
            rows.append(Row(identifier, f"{name}: {claim}", "stated", "", "not run", "no committed run"))
            continue
        listed = ", ".join(f"{panels.LOOKS[label].label} {w:.2g}" for label, w in widths.items())
        seeds, profile = int(own.seeds.min()), own.profile.iloc[0]
        text = f"decades of step sizes within {WIDE:.0%} of the best: {listed}"
        which = [panels.LOOKS[label].label for label, w in ours.items() if w > widths["adam"]]
        how = (
            f"wider than Adam's: {', '.join(which) or 'none'}, but a width counted on {seeds} seeds a trial has no "
            f"interval; {FEWEST} seeds are the fewest that give one"
        )
        budget = f"profile {profile}, epochs of ours; {seeds} seeds a trial"
        settings = "step sizes: one grid for all"
        rows.append(Row(identifier, f"{name}: {claim}", "stated", text, "inconclusive", how, budget, settings))
    return rows


def _decades(rows: Frame) -> float:
    """Decades spanned by the step sizes that do nearly as well as the best, one grid step counted for each."""
    rows = rows.sort_values("lr")
    step = float(np.median(np.diff(np.log10(rows.lr))))
    return float((rows.accuracy >= rows.accuracy.max() - WIDE).sum() * step)
