"""The window on real training runs beside a coin flip: mean window by epoch, and what its moves are correlated with.

Under `increase` and `decrease` a move up is a loss that rose or fell since the step before. A fair coin moves up half
the time with lag-one correlation 0; the changes of unrelated losses have -1/2. A window that said something about
progress would leave these as training goes on. A loss that is what it was, such as 0 in single precision twice, has
not risen, which a coin does not know: (b) has the share of all losses that rose, and of those that changed. Under
`loss` the window does not ask whether a loss rose, so it is in (a) alone.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from analysis.stats.window_walk import coin_mean
from analysis.training.runs.committed_results import Released
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import training_panels as panels
from paper_figures.lib import training_results as t
from paper_figures.lib.style import BLUE, GREY, PAGE, panel_letters

SOURCE = Source("dwmgrad", "Algorithm 1's window, followed through the runs on MNIST and CIFAR-10")
RESULTS = ("mnist", "cifar10", "ablation_mnist")
SIZE = (PAGE, 3.0)
KEYS = ("task", "label", "value", "epoch")

SETTINGS = "step size, delta, signal: script"
VALUES = ("window_mean", "loss_rises", "loss_lag1")
CHANGED, TIES = "changed_rises", "loss_ties"  # where ties were recorded: older runs have none
TASKS = {"mnist": ("MNIST", 938, 1000.0), "cifar10": ("CIFAR-10", 391, 100.0)}


def data() -> Frame:
    parts = []
    for task, (_, steps, cap) in TASKS.items():
        found = t.curves(_with_changed(t.best(task)), (*VALUES, CHANGED, TIES), panels.SIGNALS)
        if len(found):
            parts += [found, _coin(int(found.epoch.max()), steps, cap)]
            parts[-2:] = [part.assign(task=task) for part in parts[-2:]]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["task", *t.CURVE_COLUMNS])


sample = data


def _with_changed(released: Released | None) -> Released | None:
    """With the share of the losses that rose among those that changed, where ties were recorded."""
    if released is not None and TIES in released.rows:
        rows = released.rows
        released.rows = rows.assign(**{CHANGED: rows.loss_rises / (1 - rows[TIES]).where(rows[TIES] < 1)})
    return released


def _coin(epochs: int, steps: int, cap: float) -> Frame:
    """A coin's mean window by epoch, exact."""
    means = np.asarray(coin_mean(int(cap), 5, epochs * steps)).reshape(epochs, steps).mean(axis=1)
    rows = [("coin", "window_mean", epoch, m, m, m, 0) for epoch, m in enumerate(means, 1)]
    return pd.DataFrame(rows, columns=list(t.CURVE_COLUMNS))


def draw(figure: Figure, table: Frame) -> None:
    axes = figure.subplots(1, 3)
    for ax, value, ylabel in zip(
        axes, VALUES, ("mean window of the epoch", "share of losses that rose", "lag-one correlation of changes"),
        strict=True,
    ):  # fmt: skip
        panels.empty(ax, table)
        own = table[(table.value == value) & ((table.label != "dwmgrad-loss") | (value == "window_mean"))]
        for (task, label), rows in own.groupby(["task", "label"], sort=False):
            if label == "coin":
                ax.plot(rows.epoch, rows["mean"], color=BLUE, linestyle=(0, (1, 1)), label="coin flip")
            else:
                look = panels.LOOKS[str(label)]
                how: dict[str, Any] = {"lw": 1.3} if task == "mnist" else {"lw": 0.7, "marker": "o", "markersize": 2}
                ax.plot(rows.epoch, rows["mean"], **{**look.line, "label": f"{look.label}, {TASKS[task][0]}", **how})
                ax.fill_between(rows.epoch, rows.low, rows.high, color=look.color, alpha=0.2, linewidth=0)
        ax.set(xlabel="epoch", ylabel=ylabel)
    axes[0].set(yscale="log", title="window")
    for label, rows in table[(table.value == CHANGED) & (table.label != "dwmgrad-loss")].groupby("label", sort=False):
        axes[1].plot(rows.epoch, rows["mean"], ":", color=panels.LOOKS[str(label)].color, lw=1)
    axes[1].plot([], [], ":", color=GREY, lw=1, label="of the losses that changed")
    axes[1].axhline(0.5, color=BLUE, linewidth=0.6)
    axes[1].set(ylim=(0, 0.6), title="moves up")
    axes[2].axhline(-0.5, color=BLUE, linewidth=0.6)
    axes[2].set(ylim=(-0.6, 0.1), title="memory of the moves")
    panel_letters(axes)
    handles = {line.get_label(): line for ax in axes for line in ax.get_lines() if line.get_label()[:1] != "_"}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3)


def reproduction(table: Any) -> list[Row]:
    rows = []
    for task, (name, steps, _) in TASKS.items():
        claim = f"{name}: DWMGrad's window follows the progress of training"
        own = table[(table.task == task) & (table.label == "dwmgrad-increase")] if len(table) else table
        if not len(own):
            rows.append(Row(f"window-{task}", claim, "stated", "", "not run", "no committed run"))
            continue
        rows.append(_row(f"window-{task}", claim, own, steps))
    return rows


def _row(identifier: str, claim: str, own: Frame, steps: int) -> Row:
    """Whether the window's moves are those of unrelated losses, as far as losses move."""
    told = {str(value): part.set_index("epoch")["mean"] for value, part in own.groupby("value")}
    rises, lag = told.get(CHANGED, told["loss_rises"]), told["loss_lag1"].mean()
    until, last, seeds = _like_a_coin(rises), int(own.epoch.max()), int(own.seeds.min())
    which = "losses that changed" if CHANGED in told else "losses"
    text = (
        f"signal increase: of the {which} {rises.mean():.3f} rose, lag-one correlation of "
        f"their changes {lag:.3f} (unrelated losses: 0.5 and -0.5)"
    )
    ties = told.get(TIES)
    if ties is not None and ties.iloc[-1] > 0.01:
        text += (
            f"; in the last epoch {ties.iloc[-1]:.2f} of the losses are exactly the one before, which is no rise and "
            f"takes the window to {told['window_mean'].iloc[-1]:.2g}"
        )
    budget = f"{last} epochs of {steps} steps, of which each is an observation; {seeds} seed{'s' * (seeds > 1)}"
    if abs(lag + 0.5) >= 0.05:
        how = (
            "the moves are not those of unrelated losses: what they remember may be progress, or the data's order; no "
            "number of seeds would tell"
        )
        return Row(identifier, claim, "stated", text, "inconclusive", how, budget, SETTINGS)
    if until < last:
        how = f"it is a coin's until epoch {until}; in the last epoch {rises.iloc[-1]:.2f} of the changed losses rise; "
        how += "no number of seeds would tell whether that is progress"
        return Row(identifier, claim, "stated", text, "inconclusive", how, budget, SETTINGS)
    return Row(identifier, claim, "stated", text, "not reproduced", "", budget, SETTINGS)


def _like_a_coin(rises: Any) -> int:
    """The epoch up to which half of the losses rise, to 0.02 in the mean of five epochs."""
    off = (rises.rolling(5, min_periods=1, center=True).mean() - 0.5).abs() > 0.02
    return int(off.idxmax()) - 1 if off.any() else int(rises.index[-1])
