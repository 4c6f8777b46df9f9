"""MNIST, 784-512-10 ReLU network: training loss and test accuracy as published, and at tuned step sizes.

(a), (b): the released script's settings for DWMGrad (signal `increase`, delta 1000, step size 1e-3); SGD's and Adam's
step sizes are not published and taken at the same 1e-3. Points are read off the published image. (c): every
optimizer at the step size that validation data chose from one grid, test accuracy seen once.
"""

from typing import Any

from matplotlib.figure import Figure

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import training_panels as panels
from paper_figures.lib import training_results as t
from paper_figures.lib.style import PAGE, panel_letters

SOURCE = Source("dwmgrad-code", "example/Multi Layer Net/result/loss_acc.png")
PUBLISHED = ("mnist_mlp.csv",)
RESULTS = ("mnist", "mnist_tuned")
SIZE = (PAGE, 2.9)
KEYS = ("label", "value", "epoch", "optimizer", "question", "above", "below")

VALUES = ("train_loss", "test_accuracy")
LOSS, ACCURACY = ("train_loss", 0.005), ("test_accuracy_percent", 0.1)
SHOWN = ("sgd", "adam", "dwmgrad-increase")  # five seeds each; the other signals have one, for the distance alone
PAIRS = {
    label: [t.Published(name, *LOSS), t.Published(name, *ACCURACY)]
    for label, name in (
        ("sgd", "SGD"), ("adam", "Adam"), ("dwmgrad-increase", "DWMGrad"), ("dwmgrad-loss", "DWMGrad"),
        ("dwmgrad-decrease", "DWMGrad"),
    )
}  # fmt: skip

RIVALS = {"methods": SHOWN, "signals": panels.SIGNALS}
SETTINGS = {
    "sgd": "step size: guess, DWMGrad's 1e-3",
    "adam": "step size: guess, DWMGrad's 1e-3",
    "dwmgrad-increase": "step size 1e-3, delta 1000, signal: script",
}


def data() -> dict[str, Frame]:
    published = t.best("mnist")
    return {
        "curves": t.curves(published, VALUES, SHOWN),
        "finals": t.finals(published, (*VALUES, "best_test_accuracy")),
        "judged": t.judged(published, PUBLISHED[0], "epoch", 1, PAIRS, RIVALS),
        "orders": t.orders(published, "test_accuracy", (("dwmgrad-increase", "adam"), ("adam", "sgd"))),
        "tuned": t.finals(t.best("mnist_tuned"), ("final_test_accuracy", "train_loss")),
        "read": panels.read(PUBLISHED[0], 1),
    }


sample = data


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 3)
    read = table["read"].assign(test_accuracy=table["read"].test_accuracy_percent / 100)
    for ax, value, title in zip(axes, VALUES, ("training loss", "test accuracy"), strict=False):
        panels.curves(ax, table["curves"], value)
        panels.points(ax, read, value, {"SGD": "sgd", "Adam": "adam", "DWMGrad": "dwmgrad-increase"})
        ax.set(xlabel="epoch", title=f"{title}, as published")
    axes[0].set(yscale="log", ylabel="mean loss of the epoch's batches")
    axes[1].set(ylabel="share of test images", ylim=(0.85, 0.99))
    panels.dots(axes[2], table["tuned"], "final_test_accuracy")
    axes[2].set(xlabel="share of test images", title="tuned step size, test")
    panel_letters(axes)
    panels.legend(figure, axes[:2], 5)


def reproduction(table: dict[str, Any]) -> list[Row]:
    finals, judged = table["finals"], table["judged"]
    rows = [
        panels.curve_row("mnist", finals, judged, label, value, name, scale, SETTINGS[label])
        for label, name in (("sgd", "SGD"), ("adam", "Adam"), ("dwmgrad-increase", "DWMGrad"))
        for value, scale in (("train_loss", 1.0), ("test_accuracy", 100.0))
    ]
    rows.append(panels.signals_row("mnist", judged, "step size, delta: script; signals: script, paper"))
    claim = "mnist: DWMGrad ends more accurate than Adam, and Adam than SGD"
    published = "98.45 % > 98.04 % > 95.28 %"
    settings = "; ".join(f"{panels.LOOKS[label].label}: {told}" for label, told in SETTINGS.items())
    return [*rows, panels.order_row("mnist-order", claim, published, table["orders"], settings)]
