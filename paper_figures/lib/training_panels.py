"""Panels and table rows that the figures of training runs share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from paper_figures.lib import folders
from paper_figures.lib.style import GREEN, GREY, INDIGO, METHODS, Look
from paper_figures.lib.training_results import closeness, one, told

LOOKS = {
    **METHODS,
    "sgd-momentum": Look("SGD, momentum", GREY, (0, (3, 1))),
    "adagrad": Look("AdaGrad", GREEN, (0, (1, 1))),
    "adadelta": Look("Adadelta", INDIGO, "-"),
}
SIGNALS = ("dwmgrad-increase", "dwmgrad-loss", "dwmgrad-decrease")


def read(file: str, offset: int) -> Frame:
    """Published points with the epoch counted as ours, from 1."""
    table = pd.read_csv(folders.PUBLISHED / file)
    return table.assign(epoch=table.epoch + offset)


def curves(ax: Any, table: Frame, value: str) -> None:
    """Mean curves with their bands."""
    if empty(ax, table[table.value == value]):
        return
    for label, curve in table[table.value == value].groupby("label", sort=False):
        look = LOOKS[str(label)]
        ax.plot(curve.epoch, curve["mean"], **look.line)
        ax.fill_between(curve.epoch, curve.low, curve.high, color=look.color, alpha=0.2, linewidth=0)


def points(ax: Any, read: Frame, value: str, shown_as: Mapping[str, str]) -> None:
    """Points read off the published image, in the colour of the optimizer they are said to be."""
    for name, label in shown_as.items():
        own = read[(read.optimizer == name) & read[value].notna()]
        ax.plot(own.epoch, own[value], "o", color=LOOKS[label].color, markersize=2, mew=0, markevery=2, zorder=4)


def dots(ax: Any, finals: Frame, value: str) -> None:
    """One line an optimizer: mean and interval."""
    own = finals[finals.value == value].sort_values("mean")
    empty(ax, own)
    for position, row in enumerate(own.itertuples()):
        color = LOOKS[row.label].color
        ax.plot([row.low, row.high], [position, position], color=color, linewidth=1.5)
        ax.plot(row.mean, position, "o", color=color, markersize=4)
    names = [f"{LOOKS[row.label].label}, {row.lr:g}" for row in own.itertuples()]
    ax.set_yticks(range(len(own)), names)
    ax.grid(axis="x", linewidth=0.3)


def empty(ax: Any, rows: Frame) -> bool:
    """Whether there is nothing to show, which is then written there."""
    if len(rows):
        return False
    ax.text(0.5, 0.5, "no committed run", transform=ax.transAxes, ha="center", va="center", color=GREY)
    return True


def legend(figure: Figure, axes: Iterable[Any], columns: int) -> None:
    """One legend for the curves of some panels; dots are published."""
    handles = {line.get_label(): line for ax in axes for line in ax.get_lines() if line.get_label()[:1] != "_"}
    dot = next((line for ax in axes for line in ax.get_lines() if line.get_marker() == "o"), None)
    if dot is not None:
        handles["dots: read off the published figure"] = dot
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=columns)


def curve_row(task: str, finals: Frame, far: Frame, label: str, value: str, name: str, scale: float) -> Row:
    """A row for one published curve."""
    what = {"train_loss": "training loss", "test_accuracy": "test accuracy"}[value]
    claim = f"{task}: the published {what} curve of {name}"
    identifier = f"{task}-{label}-{'loss' if value == 'train_loss' else 'accuracy'}"
    distance, final = one(far, label, value), one(finals, label, value)
    if distance is None or final is None:
        return Row(identifier, claim, "curve", "", "not run", "no committed run")
    yardstick = f"one seed's own distance {distance.seed:.2g}" if np.isfinite(distance.seed) else "one seed"
    result = (
        f"rms {distance.rms:.2g}, worst {distance.worst:.2g} reading errors ({yardstick}); "
        f"last epoch {told(final, scale)} ({final.profile})"
    )
    verdict = closeness(distance.rms, distance.seed)
    alone = "" if np.isfinite(distance.seed) else "; one seed, whose noise is not known"
    how = f"at the distance of {distance.rms:.2g} reading errors{alone}" if verdict == "partly" else ""
    return Row(identifier, claim, f"curve, {distance.points} points", result, verdict, how)


def signals_row(task: str, far: Frame) -> Row:
    """A row that says which signal's loss curve is nearest to the published DWMGrad curve."""
    claim = f"{task}: the signal under which DWMGrad's published loss curve comes out"
    own = far[far.label.isin(SIGNALS) & (far.value == "train_loss")].sort_values("rms")
    if len(own) < 2:
        return Row(f"{task}-signal", claim, "sources disagree", "", "not run", "no committed runs of the variants")
    listed = ", ".join(f"{r.label.removeprefix('dwmgrad-')} {r.rms:.3g} ({_seeds(r.seeds)})" for r in own.itertuples())
    nearest = own.iloc[0]
    verdict = closeness(nearest.rms, nearest.seed)
    others = own.iloc[1:].itertuples()
    near = [r.label.removeprefix("dwmgrad-") for r in others if closeness(r.rms, r.seed) == "reproduced"]
    how = f"nearest: {nearest.label.removeprefix('dwmgrad-')}"
    if near:
        how += f"; by the same measure also {' and '.join(near)}"
    text = f"rms distance by signal, in reading errors: {listed}"
    return Row(f"{task}-signal", claim, "sources disagree", text, verdict, how)


def _seeds(count: float) -> str:
    return f"{count:.0f} seed{'s' if count > 1 else ''}"


def order_row(
    identifier: str, claim: str, published: str, finals: Frame, value: str, ours: str, others: Sequence[str]
) -> Row:
    """A row for "ours is better than others" under tuned step sizes, by intervals that do not overlap."""
    mine = one(finals, ours, value)
    rest = [r for label in others if (r := one(finals, label, value)) is not None]
    if mine is None or not rest:
        return Row(identifier, f"{claim} (tuned)", published, "", "not run", "no committed run at tuned step sizes")
    sign = 1.0 if "accuracy" in value else -1.0
    scale = 100.0 if "accuracy" in value else 1.0
    above = [r for r in rest if sign * (mine["low" if sign > 0 else "high"] - r["high" if sign > 0 else "low"]) > 0]
    below = [r for r in rest if sign * (r["low" if sign > 0 else "high"] - mine["high" if sign > 0 else "low"]) > 0]
    text = f"{LOOKS[ours].label} {told(mine, scale)}; " + "; ".join(
        f"{LOOKS[r.label].label} {told(r, scale)}" for r in rest
    )
    if len(above) == len(rest):
        return Row(identifier, f"{claim} (tuned)", published, f"{text} ({mine.profile})", "reproduced")
    how = f"better than {_names(above)}, worse than {_names(below)}; the other intervals overlap"
    verdict = "partly" if above else "not reproduced"
    return Row(identifier, f"{claim} (tuned)", published, f"{text} ({mine.profile})", verdict, how)


def _names(rows: Sequence[Any]) -> str:
    return ", ".join(LOOKS[r.label].label for r in rows) or "none"


def scalar_row(
    identifier: str, claim: str, published: float, finals: Frame, value: str, label: str, scale: float, rounding: float
) -> Row:
    """A row for one published number: reproduced if it lies within the interval widened by `rounding`."""
    mine = one(finals, label, value)
    if mine is None:
        return Row(identifier, claim, f"{published:g}", "", "not run", "no committed run")
    ends = [mine[k] * scale if np.isfinite(mine[k]) else mine["mean"] * scale for k in ("low", "high")]
    inside = ends[0] - rounding <= published <= ends[1] + rounding
    peak = one(finals, label, f"best_{value}")
    also = "" if peak is None else f"; best epoch's, which selects on the test set: {told(peak, scale)}"
    text = f"{told(mine, scale)} after the last epoch{also} ({mine.profile})"
    if (
        not inside
        and peak is not None
        and ends[0] <= published <= (peak.high if peak.seeds > 1 else peak["mean"]) * scale
    ):
        how = "it lies between the last epoch's and the best epoch's; which of the two was published is not said"
        return Row(identifier, claim, f"{published:g}", text, "partly", how)
    return Row(identifier, claim, f"{published:g}", text, "reproduced" if inside else "not reproduced")
