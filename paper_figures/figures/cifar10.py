"""CIFAR-10, three-layer ConvNet with dropout: training loss of six methods, the published panel of 20 epochs.

(a): the released script has DWMGrad only (signal `increase`, delta 100, step size 1e-4). The five other step sizes are
not published: those used here are the decade whose first epoch is nearest to the published curve's, panel (c).
(b): DWMGrad under each of the three signals that the sources name.
"""

from typing import Any

from matplotlib.figure import Figure

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import training_panels as panels
from paper_figures.lib import training_results as t
from paper_figures.lib.style import PAGE, panel_letters

SOURCE = Source("dwmgrad-code", "example/CNN/result/img.png, the enlarged panel")
PUBLISHED = ("cifar10_convnet_loss.csv",)
RESULTS = ("cifar10", "cifar10_first_epoch")
SIZE = (PAGE, 3.1)
KEYS = ("label", "value", "epoch", "optimizer", "question")

NAMES = {
    "sgd": "SGD", "adagrad": "AdaGrad", "rmsprop": "RMSProp", "adadelta": "Adadelta", "adam": "Adam",
    "dwmgrad-increase": "DWMGrad",
}  # fmt: skip
ERROR = 0.006
PAIRS = {
    label: [t.Published(name, "train_loss", ERROR)]
    for label, name in (NAMES | {"dwmgrad-loss": "DWMGrad", "dwmgrad-decrease": "DWMGrad"}).items()
}

RIVALS = {"methods": tuple(NAMES), "signals": panels.SIGNALS}
BUDGET = "epochs of 100 published, those of the enlarged panel"
READ_BACK = "step size: read back, the decade nearest to the published first epoch"
SCRIPT = "step size 1e-4, delta 100, signal: script"


def data() -> dict[str, Frame]:
    results = t.best("cifar10")
    read = panels.read(PUBLISHED[0], 0)
    return {
        "curves": t.curves(results, ("train_loss", "test_accuracy")),
        "finals": t.finals(results, ("train_loss", "test_accuracy")),
        "judged": t.judged(results, PUBLISHED[0], "epoch", 0, PAIRS, RIVALS),
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
    return table[["label", "method", "lr", "value", "mean", "published", "seeds"]]


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 3, width_ratios=(1.3, 1, 1))
    six = {name: label for label, name in NAMES.items()}
    for ax, labels, shown in ((axes[0], NAMES, six), (axes[1], panels.SIGNALS, {"DWMGrad": "dwmgrad-increase"})):
        panels.curves(ax, table["curves"][table["curves"].label.isin(list(labels))], "train_loss")
        panels.points(ax, table["read"], "train_loss", shown)
        ax.set(xlabel="epoch", xlim=(0.5, 20.5))
        ax.set_xticks([1, 5, 10, 15, 20])
    axes[0].set(ylabel="mean loss of the epoch's batches", title="training loss")
    axes[1].set(title="DWMGrad by signal")
    for method, rows in table["first"].groupby("method", sort=False):
        look, rows = panels.LOOKS[str(method)], rows.sort_values("lr")
        axes[2].plot(rows.lr, rows["mean"], marker="D", markersize=3, **look.line)
        if rows.published.notna().all():
            axes[2].axhline(rows.published.iloc[0], color=look.color, linewidth=0.6, linestyle=look.dashes)
    axes[2].set(xscale="log", xlabel="step size; thin lines: published", title="first epoch")
    panel_letters(axes)
    panels.legend(figure, axes[:2], 5)


def reproduction(table: dict[str, Any]) -> list[Row]:
    finals, judged = table["finals"], table["judged"]
    rows = [
        panels.curve_row("cifar10", finals, judged, label, "train_loss", name, 1.0,
                         SCRIPT if label.startswith("dwmgrad") else READ_BACK, BUDGET)
        for label, name in NAMES.items()
    ]  # fmt: skip
    rows.append(panels.signals_row("cifar10", judged, "step size, delta: script; signals: script, paper", BUDGET))
    claim = "cifar10: F1 of 90.67 % with ResNet-110"
    why = "ResNet-110 needs a GPU; a task file of its own follows"
    return [*rows, Row("cifar10-resnet110-f1", claim, "90.67 %", "", "not run", why)]
