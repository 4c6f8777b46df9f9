"""CiteSeer, two-layer GCN with 16 hidden units and dropout: loss and test accuracy with Cora's settings, and tuned.

No curve of CiteSeer is published and the released code has no script for it.
"""

from typing import Any

from matplotlib.figure import Figure

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import training_panels as panels
from paper_figures.lib import training_results as t
from paper_figures.lib.style import PAGE, panel_letters

SOURCE = Source("dwmgrad-code", "example/RCN/Core.py, its settings on another graph")
RESULTS = ("citeseer", "citeseer_tuned")
SIZE = (PAGE, 3.1)
KEYS = ("label", "value", "epoch", "above", "below")

VALUES = ("train_loss", "test_accuracy")


def data() -> dict[str, Frame]:
    results = t.best("citeseer")
    return {
        "curves": t.curves(results, VALUES),
        "finals": t.finals(results, (*VALUES, "best_test_accuracy")),
        "orders": t.orders(results, "test_accuracy", [("dwmgrad-loss", other) for other in ("sgd", "adam", "adamw")]),
        "tuned": t.finals(t.best("citeseer_tuned"), ("final_test_accuracy", "train_loss")),
    }


sample = data


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 3)
    for ax, value, title in zip(axes, VALUES, ("training loss", "test accuracy"), strict=False):
        panels.curves(ax, table["curves"], value)
        ax.set(xlabel="epoch, step size 1e-3", title=title)
    axes[0].set(ylabel="loss, with dropout")
    axes[1].set(ylabel="share of test nodes")
    panels.dots(axes[2], table["tuned"], "final_test_accuracy")
    axes[2].set(xlabel="share of test nodes", title="tuned step size, test")
    panel_letters(axes)
    panels.legend(figure, axes[:2], 6)


def reproduction(table: dict[str, Any]) -> list[Row]:
    row = panels.order_row(
        "citeseer-order", "citeseer: DWMGrad ends more accurate than SGD, Adam and AdamW", "stated, no number",
        table["orders"], "step sizes and DWMGrad's options: guess, those of Cora", "epochs, Cora's; none is published",
    )  # fmt: skip
    pubmed = Row("pubmed", "pubmed: as citeseer", "stated, no number", "", "not run", "the data set is not at hand")
    return [row, pubmed]
