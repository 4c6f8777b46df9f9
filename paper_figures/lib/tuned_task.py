"""One tuned task: how each method's validation loss depends on its step size, its final scores, and paired tests."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.comparison.curve_test import LEVEL
from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from analysis.stats.statistics import compare, holm, pairs_needed
from analysis.training.runs.committed_results import Released
from paper_figures.lib import training_panels as panels
from paper_figures.lib import training_results as t
from paper_figures.lib.style import panel_letters

TESTED = ["a", "b", "difference", "t", "p_t", "p_wilcoxon", "seeds", "holm_t", "holm_wilcoxon", "needed", "epochs"]


def tables(experiment: str, value: str) -> dict[str, Frame]:
    """What the figure of a tuned experiment shows; `value` is a final value of which less is better."""
    released = t.best(experiment)
    tested = tests(released, value, -1)
    # The signal is chosen after the fact, so the correction is over the comparisons of all signals.
    tested = tested.assign(holm_t=holm(tested.p_t), holm_wilcoxon=holm(tested.p_wilcoxon))
    return {
        "trials": trials(released),
        "finals": t.finals(released, (value, "train_loss")),
        "tests": tested,
    }


def trials(released: Released | None) -> Frame:
    """The last validation loss of every trial: label, lr, seed, loss; nan where it diverged."""
    if released is None:
        return pd.DataFrame(columns=["label", "lr", "seed", "loss"])
    rows = released.rows[released.rows.stage == "trial"]
    last = rows.loc[rows.groupby("run").epoch.idxmax()]
    loss = last.validation_loss.where(last.status == "complete")
    return last.assign(loss=loss)[["label", "lr", "seed", "loss"]].sort_values(["label", "lr", "seed"], kind="stable")


def tests(released: Released | None, value: str, sign: int) -> Frame:
    """Paired tests of a final value, each signal of DWMGrad against every other method, Holm-corrected for each signal.

    Args:
        sign: 1 if more is better, else -1; a positive difference then says that DWMGrad is better.
    """
    if released is None:
        return pd.DataFrame(columns=TESTED)
    final, parts = released.final(), []
    values = {str(k): dict(zip(g.seed, sign * g[value], strict=True)) for k, g in final.groupby("label")}
    for ours in (label for label in values if label.startswith("dwmgrad")):
        others = {k: v for k, v in values.items() if k == ours or not k.startswith("dwmgrad")}
        found = compare(others, ours)
        needed = [pairs_needed(abs(r.t) / np.sqrt(r.seeds)) for r in found.itertuples()]
        parts.append(found.assign(needed=needed, epochs=int(final.epoch.max())))
    return pd.concat(parts, ignore_index=True)


def draw(figure: Figure, table: dict[str, Frame], value: str, what: str, highest: float) -> None:
    """Validation loss of the trials against the step size, and final values with intervals.

    Args:
        what: the value in words, for the axes.
        highest: the trials' panel ends here; a trial that lies above, or diverged, is drawn nowhere.
    """
    left, right = figure.subplots(1, 2)
    if not panels.empty(left, table["trials"]):
        lowest = table["trials"].loss.min()
        for label, own in table["trials"].groupby("label", sort=False):
            mean = own.groupby("lr").loss.mean()
            left.plot(mean.index, mean, marker=".", **panels.LOOKS[str(label)].line)
        left.set(xscale="log", ylim=(lowest - (highest - lowest) / 20, highest))
    left.set(xlabel="step size", ylabel="validation loss", title="trials")
    panels.dots(right, table["finals"], value)
    right.set(xlabel=what, title="at the chosen step size, test")
    panel_letters((left, right))
    handles = [line for line in left.get_lines() if line.get_label()[:1] != "_"]
    figure.legend(handles, [line.get_label() for line in handles], loc="outside lower center", ncols=4)


def row(name: str, group: Frame, better_than: str, value: str, published: int | None) -> Row:
    """A row on "DWMGrad is better": one signal must beat every other method; it is out once another method beats it.

    Args:
        group: of `tests`.
        better_than, value: the claim's comparative and what is compared, in words.
        published: epochs; None if nothing was published for the task.
    """
    claim = f"{name}: DWMGrad, under some signal, is {better_than} than every other method at tuned step sizes"
    better, worse = (group[(sign * group.difference > 0) & (group.holm_t < LEVEL)] for sign in (1, -1))
    beats = [str(ours) for ours, rows in group.groupby("a") if len(better[better.a == ours]) == len(rows)]
    left = group[~group.a.isin(worse.a)]
    text = (
        f"paired t-tests of {value}, Holm over all: {len(better)} of {len(group)} comparisons better at 5 %, "
        f"{len(worse)} worse"
    )
    how, verdict = "", "not reproduced"
    if beats:
        verdict, how = "reproduced", f"under {', '.join(beats)}"
    elif len(left):
        open_ = left[left.holm_t >= LEVEL]
        most = open_.needed.max() if open_.needed.notna().all() else np.inf
        enough = f"{most:.0f} seeds would decide each" if np.isfinite(most) else "no number of seeds up to 10,000 would"
        verdict, how = "inconclusive", f"{len(open_)} comparisons are open; {enough}, at the differences seen"
    epochs = int(group.epochs.iloc[0])
    told = f"{published} published" if published else "none published"
    budget = f"{epochs} epochs ({told}); {int(group.seeds.min())} seeds"
    return Row(
        f"tuned-{name}",
        claim,
        "stated",
        text,
        verdict,
        how,
        budget,
        "step sizes: one grid, by validation data",
    )
