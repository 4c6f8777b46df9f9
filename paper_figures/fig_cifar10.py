"""CIFAR-10, three-layer ConvNet with dropout: training loss of six methods, the published panel of 20 epochs.

The released script has DWMGrad only (signal `increase`, delta 100, step size 1e-4). The five other step sizes are not
published: those used here are the decade whose first epoch is nearest to the published curve's, panel (b).
"""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from analysis.frames import Frame
from analysis.reproduction import Row
from dwmgrad_ref.rules.base import Source
from paper_figures import training as t
from paper_figures import training_panels as panels
from paper_figures.style import PAGE, panel_letters

SOURCE = Source("dwmgrad-code", "example/CNN/result/img.png, the enlarged panel")
PUBLISHED = ("cifar10_convnet_loss.csv",)
RESULTS = ("cifar10", "cifar10_first_epoch")
SIZE = (PAGE, 3.1)
KEYS = ("label", "value", "epoch", "optimizer")

NAMES = {
    "sgd": "SGD", "adagrad": "AdaGrad", "rmsprop": "RMSProp", "adadelta": "Adadelta", "adam": "Adam",
    "dwmgrad-increase": "DWMGrad",
}  # fmt: skip
ERROR = 0.006
PAIRS = {label: [t.Published(name, "train_loss", ERROR)] for label, name in NAMES.items()}


def data() -> dict[str, Frame]:
    results = t.best("cifar10")
    read = panels.read(PUBLISHED[0], 0)
    return {
        "curves": t.curves(results, ("train_loss", "test_accuracy")),
        "finals": t.finals(results, ("train_loss", "test_accuracy")),
        "distances": t.distances(results, PUBLISHED[0], "epoch", 0, PAIRS),
        "first": _first(read),
        "read": read[read.epoch <= 20],
    }


sample = data


def _first(read: Frame) -> Frame:
    """First epoch's loss by optimizer and step size, beside the first published one; epochs of the two agree."""
    found = t.finals(t.best("cifar10_first_epoch"), ("train_loss",))
    method = found.label.str.replace(r"-1(e-\d)?$", "", regex=True)
    told = read[read.epoch == 1].set_index("optimizer").train_loss
    table = found.assign(method=method, published=method.map(NAMES).map(told))
    table.loc[method.isin(panels.SIGNALS), "published"] = told["DWMGrad"]
    return table[["label", "method", "lr", "value", "mean", "published", "seeds"]]


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 2, width_ratios=(1.4, 1))
    panels.curves(axes[0], table["curves"], "train_loss")
    panels.points(axes[0], table["read"], "train_loss", {name: label for label, name in NAMES.items()})
    axes[0].set(xlabel="epoch", ylabel="mean loss of the epoch's batches", title="training loss", xlim=(0.5, 20.5))
    axes[0].set_xticks([1, 5, 10, 15, 20])
    for method, rows in table["first"].groupby("method", sort=False):
        look, rows = panels.LOOKS[str(method)], rows.sort_values("lr")
        axes[1].plot(rows.lr, rows["mean"], marker="D", markersize=3, **look.line)
        if rows.published.notna().all():
            axes[1].axhline(rows.published.iloc[0], color=look.color, linewidth=0.6, linestyle=look.dashes)
    axes[1].set(xscale="log", xlabel="step size", ylabel="loss", title="first epoch; lines: published")
    panel_letters(axes)
    panels.legend(figure, axes[:1], 4)


def reproduction(table: dict[str, Any]) -> list[Row]:
    rows = [
        panels.curve_row("cifar10", table["finals"], table["distances"], label, "train_loss", name, 1.0)
        for label, name in NAMES.items()
    ]
    rows.append(_signal_row(table["first"]))
    claim = "cifar10: F1 of 90.67 % with ResNet-110"
    why = "ResNet-110 needs a GPU; a task file of its own follows"
    return [*rows, Row("cifar10-resnet110-f1", claim, "90.67 %", "", "not run", why)]


def _signal_row(first: Frame) -> Row:
    """Which signal's first epoch, at the released step size, is nearest to the published one."""
    claim = "cifar10: the signal under which DWMGrad's published first epoch comes out"
    own = first[first.method.isin(panels.SIGNALS)]
    if len(own) < 2:
        return Row("cifar10-signal", claim, "sources disagree", "", "not run", "no committed runs of the variants")
    off = ((own["mean"] - own.published) / ERROR).abs()
    listed = ", ".join(
        f"{method.removeprefix('dwmgrad-')} {mean:.3f} ({away:.0f} reading errors)"
        for method, mean, away in zip(own.method, own["mean"], off, strict=True)
    )
    text = f"loss of the first epoch: {listed}; 1 seed, whose noise is not known"
    nearest = str(own.method[off.idxmin()]).removeprefix("dwmgrad-")
    return Row(
        "cifar10-signal",
        claim,
        f"{own.published.iloc[0]:.3f}",
        text,
        t.closeness(off.min(), np.nan),
        f"nearest: {nearest}",
    )
