"""Data profiles of success, and the claim that one rule reaches global minima more often than another, tested."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.frames import Frame
from analysis.stats.statistics import holm

DRAWS, LEVEL = 10_000, 0.05


def data_profiles(runs: Frame, budgets: Sequence[int]) -> Frame:
    """The share of runs that reached the minimum within so many gradients: columns label, budget, solved, runs.

    One gradient of d numbers costs what [more2009] calls a simplex gradient, d + 1 values of the loss, so that the
    number of gradients is the abscissa of their data profiles.
    """
    rows = []
    for label, group in runs.groupby("label", sort=False):
        for budget in budgets:
            rows.append((label, int(budget), float((group.gradients <= budget).mean()), len(group)))
    return pd.DataFrame(rows, columns=["label", "budget", "solved", "runs"])


def shares(runs: Frame) -> Frame:
    """Success within the budget by label and problem: columns label, problem, alpha, share, runs."""
    solved = runs.assign(share=np.isfinite(runs.gradients).astype(float))
    grouped = solved.groupby(["label", "problem"], sort=False)
    return grouped.agg(alpha=("alpha", "first"), share=("share", "mean"), runs=("share", "size")).reset_index()


def against(runs: Frame, ours: Sequence[str], draws: int = DRAWS, seed: int = 0) -> Frame:
    """The difference of success, each of ours minus each other rule's, with intervals from a bootstrap.

    The difference is the mean over problems of the mean over starts.

    Problems are drawn with replacement, and within each problem its starts, which are the same for both rules. The
    p-value is two-sided: twice the smaller share of draws on either side of zero, ties counted on both sides, at least
    2/draws. Holm's correction is over all rows.

    Returns:
        Columns ours, other, difference, low, high (95 %), p, holm, wins, losses (problems with more or less success).
    """
    wide = runs.assign(solved=np.isfinite(runs.gradients).astype(float)).pivot(
        index=["problem", "seed", "start"], columns="label", values="solved"
    )
    rows = []
    for name, other in itertools.product(ours, (label for label in wide.columns if label not in ours)):
        gap = wide[name] - wide[other]
        table = np.array([group.to_numpy() for _, group in gap.groupby(level="problem")])
        drawn = _bootstrap(table, draws, np.random.default_rng(seed))
        sides = min(float((drawn <= 0).mean()), float((drawn >= 0).mean()))
        low, high = np.quantile(drawn, [0.025, 0.975])
        p, means = min(1.0, max(2 * sides, 2 / draws)), table.mean(axis=1)
        wins, losses = int((means > 0).sum()), int((means < 0).sum())
        rows.append((name, other, float(table.mean()), float(low), float(high), p, wins, losses))
    found = pd.DataFrame(rows, columns=["ours", "other", "difference", "low", "high", "p", "wins", "losses"])
    return found.assign(holm=holm(found.p))


def _bootstrap(table: np.ndarray, draws: int, random: np.random.Generator) -> np.ndarray:
    """Means (draws,) of a table (problems, starts), its problems redrawn, and the starts within each drawn problem."""
    problems, starts = table.shape
    means = np.empty(draws)
    for i in range(draws):
        chosen = random.integers(0, problems, problems)
        within = random.integers(0, starts, (problems, starts))
        means[i] = table[chosen[:, None], within].mean()
    return means


def verdict(found: Frame, level: float = LEVEL) -> str:
    """What the tests of one of ours say about "reaches global minima more often than X", in words."""
    better, worse = (found[(s * found.difference > 0) & (found.holm < level)].other.tolist() for s in (1, -1))
    left = [other for other in found.other if other not in better + worse]
    parts = [("better than", better), ("worse than", worse), ("not told apart from", left)]
    return "; ".join(f"{words} {', '.join(names)}" for words, names in parts if names)
