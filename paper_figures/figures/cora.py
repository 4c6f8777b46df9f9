"""Cora, two-layer GCN with 16 hidden units and dropout: loss and test accuracy as published, and at tuned step sizes.

As published: 200 epochs, step size 1e-3; DWMGrad as the released class has it (signal `loss`, delta 10). Points are
read off the published image, a low-resolution one. Tuned: each step size chosen on the validation nodes.
"""

from typing import Any

from matplotlib.figure import Figure

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import training_panels as panels
from paper_figures.lib import training_results as t
from paper_figures.lib.style import PAGE, panel_letters

SOURCE = Source("dwmgrad-code", "example/RCN/result/loss-acc-dropout.png")
PUBLISHED = ("cora_gcn_dropout.csv",)
RESULTS = ("cora", "cora_tuned")
SIZE = (PAGE, 3.1)
KEYS = ("label", "value", "epoch", "optimizer")

VALUES = ("train_loss", "test_accuracy")
LOSS, ACCURACY = ("train_loss", 0.02), ("test_accuracy", 0.01)
NAMES = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "dwmgrad-loss": "DWMGrad"}
PAIRS = {
    label: [t.Published(name, *LOSS), t.Published(name, *ACCURACY)]
    for label, name in (*NAMES.items(), ("dwmgrad-increase", "DWMGrad"), ("dwmgrad-decrease", "DWMGrad"))
}


def data() -> dict[str, Frame]:
    results = t.best("cora")
    return {
        "curves": t.curves(results, VALUES),
        "finals": t.finals(results, (*VALUES, "best_test_accuracy")),
        "distances": t.distances(results, PUBLISHED[0], "epoch", 1, PAIRS),
        "tuned": t.finals(t.best("cora_tuned"), ("final_test_accuracy", "train_loss")),
        "read": panels.read(PUBLISHED[0], 1),
    }


sample = data


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 3)
    for ax, value, title in zip(axes, VALUES, ("training loss", "test accuracy"), strict=False):
        panels.curves(ax, table["curves"], value)
        panels.points(ax, table["read"], value, {name: label for label, name in NAMES.items()})
        ax.set(xlabel="epoch", title=f"{title}, as published")
    axes[0].set(ylabel="loss, with dropout")
    axes[1].set(ylabel="share of test nodes")
    panels.dots(axes[2], table["tuned"], "final_test_accuracy")
    axes[2].set(xlabel="share of test nodes", title="tuned step size, test")
    panel_letters(axes)
    panels.legend(figure, axes[:2], 4)


def reproduction(table: dict[str, Any]) -> list[Row]:
    finals, far, tuned = table["finals"], table["distances"], table["tuned"]
    rows = [
        panels.curve_row("cora", finals, far, label, value, name, scale)
        for label, name in NAMES.items()
        for value, scale in (("train_loss", 1.0), ("test_accuracy", 100.0))
    ]
    rows.append(panels.signals_row("cora", far))
    rows.append(panels.scalar_row(
        "cora-79.80", "cora: test accuracy of DWMGrad, 79.80 %", 79.80, finals, "test_accuracy", "dwmgrad-loss", 100.0,
        0.05,
    ))  # fmt: skip
    rows.append(panels.order_row(
        "cora-better", "cora: DWMGrad is more accurate than SGD, Adam and AdamW", "79.80 % is DWMGrad's", tuned,
        "final_test_accuracy", "dwmgrad-loss", ("sgd", "adam", "adamw"),
    ))  # fmt: skip
    return rows
