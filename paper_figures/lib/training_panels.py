"""Panels and table rows that the figures of training runs share."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.comparison.curve_test import LEVEL, MARGIN
from analysis.comparison.verdicts import Row, Verdict
from analysis.frames import Frame
from analysis.stats.statistics import FEWEST
from paper_figures.lib import folders
from paper_figures.lib.style import GREEN, GREY, INDIGO, METHODS, Look
from paper_figures.lib.training_results import one, told

LOOKS = {
    **METHODS,
    "sgd-momentum": Look("SGD, momentum", GREY, (0, (3, 1))),
    "adagrad": Look("AdaGrad", GREEN, (0, (1, 1))),
    "adadelta": Look("Adadelta", INDIGO, "-"),
}
NO_NUMBER = "no number of seeds up to 100 would"
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


def curve_row(
    task: str, finals: Frame, judged: Frame, label: str, value: str, name: str, scale: float, settings: str,
    budget: str = "epochs, as published",
) -> Row:  # fmt: skip
    """A row for one published curve, against the other methods of its figure."""
    what = {"train_loss": "training loss", "test_accuracy": "test accuracy"}[value]
    claim = f"{task}: the published {what} curve of {name}"
    identifier = f"{task}-{label}-{'loss' if value == 'train_loss' else 'accuracy'}"
    own, final = _asked(judged, "methods", value, label), one(finals, label, value)
    if own is None or final is None:
        return Row(identifier, claim, "curve", "", "not run", "no committed run")
    noise = f", one run's noise {own.noise:.2g}" if np.isfinite(own.noise) else ""
    result = (
        f"off by at most {own.off:.2g} reading errors in a block of epochs{noise}; rms over all points {own.rms:.2g}; "
        f"last epoch {told(final, scale)}"
    )
    spent = f"{own.epochs} {budget}; {_seeds(own.seeds)}"
    how = _how(own, own.seeds)
    return Row(identifier, claim, f"curve, {own.points} points", result, own.verdict, how, spent, settings)


def _asked(judged: Frame, question: str, value: str, label: str) -> Any:
    if judged.empty:
        return None
    found = judged[(judged.question == question) & (judged.value == value) & (judged.label == label)]
    return None if found.empty else found.iloc[0]


def _how(own: Any, seeds: float) -> str:
    """What a verdict on a curve or number leaves open."""
    enough = f"{_seeds(own.needed)} would do" if np.isfinite(own.needed) else NO_NUMBER
    if own.verdict == "compatible":
        how = f"cannot tell from {_kept(own)}; {enough}"
    elif own.verdict == "inconclusive" and seeds < FEWEST:
        return f"{_seeds(seeds)}, whose noise is not known; {_seeds(FEWEST)} are needed"
    elif own.verdict == "inconclusive":
        how = f"every rival is rejected, but a difference of {MARGIN:g} reading errors cannot be excluded; {enough}"
    else:
        how = "every rival is rejected" if own.verdict == "reproduced" else ""
    if own.wider != own.verdict:
        how += f"{'; ' * bool(how)}at twice the margin: {own.wider}"
    return how


def _kept(own: Any) -> str:
    return ", ".join(LOOKS[name].label for name in str(own.kept).split() if name != "none")


def signals_row(task: str, judged: Frame, settings: str, budget: str = "epochs, as published") -> Row:
    """A row that says which of the three signals is the published DWMGrad curve's: each against the other two."""
    claim = f"{task}: the signal under which DWMGrad's published loss curve comes out"
    own = judged[(judged.question == "signals") & (judged.value == "train_loss")] if len(judged) else judged
    if len(own) < 2:
        return Row(f"{task}-signal", claim, "sources disagree", "", "not run", "no committed runs of the variants")
    listed = "; ".join(f"{_signal(r.label)}: off by {r.off:.3g} ({_seeds(r.seeds)})" for r in own.itertuples())
    out = [_signal(r.label) for r in own.itertuples() if r.verdict == "not reproduced"]
    alone = [_signal(r.label) for r in own.itertuples() if r.verdict == "reproduced"]
    left = [_signal(r.label) for r in own.itertuples() if r.verdict != "not reproduced"]
    rejected = f"rejected: {', '.join(out) or 'none'}"
    verdict: Verdict
    if alone:
        verdict, how = "reproduced", f"under {', '.join(alone)}; {rejected}"
    elif not left:
        verdict, how = "not reproduced", rejected
    elif own.seeds.max() < FEWEST:
        verdict, how = "inconclusive", f"{rejected}; {_seeds(FEWEST)} of {' and '.join(left)} are needed"
    else:
        verdict, how = "compatible", f"cannot tell {' from '.join(left)}; {rejected}"
    spent = f"{own.epochs.max()} {budget}; seeds as listed"
    text = f"largest distance in a block of epochs, in reading errors: {listed}"
    return Row(f"{task}-signal", claim, "sources disagree", text, verdict, how, spent, settings)


def _signal(label: str) -> str:
    return str(label).removeprefix("dwmgrad-")


def _seeds(count: float) -> str:
    return f"{count:.0f} seed{'s' if count > 1 else ''}"


def order_row(
    identifier: str, claim: str, published: str, orders: Frame, settings: str, budget: str = "epochs, as published"
) -> Row:
    """A row for "each first ends above its second" at the published budget: a paired test a pair, all must hold."""
    if orders.empty:
        return Row(identifier, claim, published, "", "not run", "no committed run")
    named = [
        f"{LOOKS[r.above].label} {100 * r.first:.2f} {'>' if r.difference > 0 else '<'} {LOOKS[r.below].label} "
        f"{100 * r.second:.2f} (p = {min(r.p, r.p_reversed):.2g})"
        for r in orders.itertuples()
    ]
    seeds = int(orders.seeds.min())
    reversed_ = [LOOKS[r.below].label for r in orders.itertuples() if r.p_reversed < LEVEL]
    text = f"last epoch, paired t-tests, one-sided: {'; '.join(named)}"
    spent = f"{int(orders.epochs.max())} {budget}; {_seeds(seeds)}"
    verdict: Verdict
    if seeds < FEWEST:
        verdict, how = "inconclusive", f"{_seeds(seeds)}; {_seeds(FEWEST)} are needed"
    elif (orders.p < LEVEL).all():
        verdict, how = "reproduced", ""
    elif reversed_:
        verdict, how = "not reproduced", f"the other way: {', '.join(reversed_)}"
    else:
        verdict, how = "inconclusive", _undecided(orders)
    return Row(identifier, claim, published, text, verdict, how, spent, settings)


def _undecided(orders: Frame) -> str:
    pairs = orders[orders.p >= LEVEL].itertuples()
    return "; ".join(
        f"{LOOKS[r.above].label} and {LOOKS[r.below].label}: "
        + (
            f"{_seeds(r.needed)} would do at this difference"
            if np.isfinite(r.needed)
            else "no number of seeds up to 10,000 would"
        )
        for r in pairs
    )


def number_row(
    identifier: str, claim: str, published: float, judged: Frame, scale: float, epochs: int, settings: str
) -> Row:
    """A row for one published number whose epoch is not told: reproduced, or not, only if both readings of it are."""
    if judged.empty:
        return Row(identifier, claim, f"{published:g}", "", "not run", "no committed run")
    names = {"last": "last epoch", "best": "best epoch, which selects on the test set"}
    text = "; ".join(f"{names[r['question']]}: {told(r, scale)}" for _, r in judged.iterrows())
    readings = [r for _, r in judged.iterrows()]
    found = {r.verdict for r in readings}
    verdict: Verdict = found.pop() if len(found) == 1 else "compatible" if "compatible" in found else "inconclusive"
    how = "; ".join(
        f"{names[r.question]}: {r.verdict}" + f" ({_how(r, r.seeds)})" * bool(_how(r, r.seeds)) for r in readings
    )
    budget = f"{epochs} epochs, as published; {_seeds(readings[0].seeds)}"
    return Row(identifier, claim, f"{published:g}", text, verdict, how, budget, settings)
