"""The window on real training runs beside a coin flip: mean window by epoch, and what its moves are correlated with.

Under `increase` and `decrease` a move up is a loss that rose or fell since the step before. A fair coin moves up half
the time with lag-one correlation 0; the changes of unrelated losses have -1/2. A window that said something about
progress would leave these as training goes on.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.frames import Frame
from analysis.reproduction import Row
from analysis.walks import coin_mean
from dwmgrad_ref.rules.base import Source
from paper_figures import training as t
from paper_figures import training_panels as panels
from paper_figures.style import BLUE, PAGE, panel_letters

SOURCE = Source("dwmgrad", "Algorithm 1's window, followed through the runs on MNIST and CIFAR-10")
RESULTS = ("mnist", "cifar10", "ablation_mnist")
SIZE = (PAGE, 3.0)
KEYS = ("task", "label", "value", "epoch")

VALUES = ("window_mean", "loss_rises", "loss_lag1")
TASKS = {"mnist": ("MNIST", 938, 1000.0), "cifar10": ("CIFAR-10", 391, 100.0)}


def data() -> Frame:
    parts = []
    for task, (_, steps, cap) in TASKS.items():
        found = t.curves(t.best(task), VALUES, ("dwmgrad-increase", "dwmgrad-decrease", "dwmgrad-loss"))
        if len(found):
            parts += [found, _coin(int(found.epoch.max()), steps, cap)]
            parts[-2:] = [part.assign(task=task) for part in parts[-2:]]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["task", *t.CURVE_COLUMNS])


sample = data


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
        for (task, label), rows in table[table.value == value].groupby(["task", "label"], sort=False):
            if label == "coin":
                ax.plot(rows.epoch, rows["mean"], color=BLUE, linestyle=(0, (1, 1)), label="coin flip")
            else:
                look = panels.LOOKS[str(label)]
                width = 1.3 if task == "mnist" else 0.7
                ax.plot(rows.epoch, rows["mean"], **{**look.line, "label": f"{look.label}, {TASKS[task][0]}"}, lw=width)
        ax.set(xlabel="epoch", ylabel=ylabel)
    axes[0].set(yscale="log", title="window")
    axes[1].axhline(0.5, color=BLUE, linewidth=0.6)
    axes[1].set(ylim=(0.4, 0.6), title="moves up")
    axes[2].axhline(-0.5, color=BLUE, linewidth=0.6)
    axes[2].set(ylim=(-0.6, 0.1), title="memory of the moves")
    panel_letters(axes)
    handles = {line.get_label(): line for ax in axes for line in ax.get_lines() if line.get_label()[:1] != "_"}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3)


def reproduction(table: Any) -> list[Row]:
    rows = []
    for task, (name, _, _) in TASKS.items():
        claim = f"{name}: DWMGrad's window follows the progress of training"
        own = table[(table.task == task) & (table.label == "dwmgrad-increase")] if len(table) else table
        if not len(own):
            rows.append(Row(f"window-{task}", claim, "stated", "", "not run", "no committed run"))
            continue
        mean = {value: own[own.value == value]["mean"].mean() for value in VALUES}
        seeds = int(own.seeds.min())
        noise = abs(mean["loss_rises"] - 0.5) < 0.02 and abs(mean["loss_lag1"] + 0.5) < 0.05
        text = (
            f"signal increase: losses rise in {mean['loss_rises']:.3f} of the steps, their changes have lag-one "
            f"correlation {mean['loss_lag1']:.3f} (unrelated losses: 0.5 and -0.5), {seeds} seed{'s' * (seeds > 1)}"
        )
        verdict = "not reproduced" if noise else "partly"
        rows.append(
            Row(f"window-{task}", claim, "stated", text, verdict, "" if noise else "the moves are not pure noise")
        )
    return rows
