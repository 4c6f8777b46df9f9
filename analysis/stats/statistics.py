"""Statistics of runs: intervals over seeds, paired tests with correction, time to a target, performance profiles.

Every function that returns a number over seeds returns their count beside it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from analysis.frames import Frame
from dwmgrad_ref.errors import BadInput

CERTAIN = 10.0  # standard deviations: five pairs find such a difference with a power of 1 to double precision
FEWEST = 5  # seeds below which no interval is given: the mean's Student interval is then wider than it is useful


class Mean(NamedTuple):
    """Mean over seeds with its 95 % Student interval; below FEWEST seeds low and high are nan."""

    mean: float
    low: float
    high: float
    seeds: int

    def __str__(self) -> str:
        seeds = f"{self.seeds} seed{'s' * (self.seeds != 1)}"
        if not self.seeds:
            return "no run"
        if not np.isfinite(self.low):
            return f"{self.mean:.4g} ({seeds})"
        return f"{self.mean:.4g} [{self.low:.4g}, {self.high:.4g}] ({seeds})"


def mean_interval(values: Sequence[float] | np.ndarray, level: float = 0.95) -> Mean:
    """Mean of `values`, one a seed, with Student's interval: mean +- t s/sqrt(n) with n - 1 degrees of freedom.

    Its coverage is `level` for normal values; a test measures it for others. Bootstrap percentiles of five values
    cover far less. Fewer than FEWEST values have no interval. Equal values have one of width zero. A nan or infinite
    value, such as a diverged run's, makes mean and interval nan: it is not dropped.
    """
    x = np.asarray(values, dtype=float)
    if x.size == 0 or not np.isfinite(x).all():
        return Mean(np.nan, np.nan, np.nan, x.size)
    mean = float(x.mean())
    if x.size < FEWEST:
        return Mean(mean, np.nan, np.nan, x.size)
    half = float(stats.t.ppf((1 + level) / 2, x.size - 1) * x.std(ddof=1) / np.sqrt(x.size))
    return Mean(mean, mean - half, mean + half, x.size)


def summary(table: Frame, by: Sequence[str], value: str) -> Frame:
    """`mean_interval` of a column for every group: columns `by`, mean, low, high, seeds."""
    rows = []
    for names, group in table.groupby(list(by), sort=False):
        rows.append([*names, *mean_interval(group[value])])
    return pd.DataFrame(rows, columns=[*by, *Mean._fields])


def time_to_target(frame: Frame, column: str, target: float, *, below: bool = True) -> tuple[float, float]:
    """Epochs and seconds until `column` first reaches the target; inf, inf if it never does.

    Args:
        frame: one run's rows, with columns epoch and seconds (of each epoch) and `column`.
        below: reached when the value is at most the target; else when it is at least the target.
    """
    reached = frame[column] <= target if below else frame[column] >= target
    if not reached.any():
        return np.inf, np.inf
    first = int(np.argmax(reached.to_numpy()))
    return float(frame["epoch"].iloc[first]), float(frame["seconds"].iloc[: first + 1].sum())


class Paired(NamedTuple):
    """One paired comparison over common seeds: the mean difference a - b and p-values, corrected and not."""

    a: str
    b: str
    difference: float
    t: float
    p_t: float
    p_wilcoxon: float
    seeds: int


def paired(a: np.ndarray, b: np.ndarray, alternative: str = "two-sided") -> tuple[float, float, float]:
    """t statistic and p of the paired t-test, and p of Wilcoxon's signed-rank test, of a against b.

    Args:
        a, b: values of the same seeds in the same order, (n,) each, n >= 2.
        alternative: "less" asks whether a is below b.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or a.size < 2:
        raise BadInput(f"a paired test needs the same two or more seeds on both sides; given {a.size} and {b.size}")
    if np.ptp(a - b) == 0:  # no spread: the t statistic has no value, and a tie has no sign
        return np.nan, (1.0 if a[0] == b[0] else np.nan), float("nan") if a[0] == b[0] else _wilcoxon(a, b, alternative)
    test: Any = stats.ttest_rel(a, b, alternative=alternative)
    return float(test.statistic), float(test.pvalue), _wilcoxon(a, b, alternative)


def pairs_needed(effect: float, power: float = 0.8, level: float = 0.05) -> float:
    """Pairs with which a one-sided paired t-test finds a mean difference of `effect` standard deviations.

    Returns:
        A whole number, at least FEWEST and at most 10,000, beyond which it is nan: no number is worth naming.
    """
    from statsmodels.stats.power import TTestPower  # late: it takes a second

    if not effect > 0:
        return np.nan
    tried = TTestPower()
    for count in (*range(FEWEST, 100), *range(100, 10_001, 100)):
        if effect > CERTAIN or tried.power(effect, count, level, alternative="larger") >= power:
            return float(count)
    return np.nan


def _wilcoxon(a: np.ndarray, b: np.ndarray, alternative: str) -> float:
    test: Any = stats.wilcoxon(a, b, alternative=alternative)
    return float(test.pvalue)


def holm(p: Sequence[float]) -> np.ndarray:
    """Holm's step-down adjusted p-values (statsmodels), (n,), in the order given; nan stays nan and is not counted."""
    from statsmodels.stats.multitest import multipletests  # late: it takes a second

    adjusted = np.asarray(p, dtype=float).copy()
    counted = ~np.isnan(adjusted)
    if counted.any():
        adjusted[counted] = multipletests(adjusted[counted], method="holm")[1]
    return adjusted


def lag_one(x: Sequence[float] | np.ndarray) -> float:
    """The lag-one autocorrelation r_1 = sum (x_t - m)(x_{t+1} - m) / sum (x_t - m)^2 of x (n,), m its mean.

    Returns nan where all values are alike.
    """
    x = np.asarray(x, dtype=float)
    if np.ptp(x) == 0:
        return float("nan")
    centred = x - x.mean()
    return float(np.sum(centred[1:] * centred[:-1])) / float(np.sum(centred**2))


def compare(values: Mapping[str, Mapping[int, float]], against: str) -> Frame:
    """Paired tests of every method against one, over the seeds both have, with Holm's correction over the methods.

    Args:
        values: by method, then by seed.

    Returns:
        One row a method: a, b, difference (mean of a - b), t, p_t, p_wilcoxon, seeds, holm_t, holm_wilcoxon.
    """
    if against not in values:
        raise BadInput(f"{against!r} is not among {sorted(values)}")
    rows = []
    for name in values:
        if name == against:
            continue
        seeds = sorted(values[against].keys() & values[name].keys())
        a = np.array([values[against][seed] for seed in seeds])
        b = np.array([values[name][seed] for seed in seeds])
        if len(seeds) < 2 or not np.isfinite([*a, *b]).all():
            rows.append(Paired(against, name, np.nan, np.nan, np.nan, np.nan, len(seeds)))
            continue
        rows.append(Paired(against, name, float(np.mean(a - b)), *paired(a, b), len(seeds)))
    table = pd.DataFrame(rows, columns=list(Paired._fields))
    return table.assign(holm_t=holm(table.p_t), holm_wilcoxon=holm(table.p_wilcoxon))


def performance_profile(costs: Frame, ratios: Sequence[float] | None = None) -> Frame:
    """Dolan and Moré's performance profiles: the share of tasks that a method solves within a factor of the best.

    Args:
        costs: one row a task, one column a method, positive costs, such as seconds to a target; inf or nan: not solved.
        ratios: the factors tau >= 1 at which the step functions are given; all where one jumps if left out.

    Returns:
        Columns method, ratio, share, tasks. A task that no method solves counts against all.
    """
    if not ((costs > 0) | costs.isna()).all(axis=None):
        raise BadInput("costs must be positive; a task that is not solved has inf or nan")
    filled = costs.fillna(np.inf).astype(float)
    best = filled.min(axis=1)
    with np.errstate(invalid="ignore"):
        relative = filled.div(best, axis=0).where(np.isfinite(filled), np.inf)
    jumps = np.unique(relative.to_numpy())
    taus = np.asarray(ratios if ratios is not None else [1.0, *jumps[np.isfinite(jumps) & (jumps > 1)]], dtype=float)
    rows = [
        (method, float(tau), float((relative[method] <= tau).mean()), len(costs))
        for method in costs.columns
        for tau in taus
    ]
    return pd.DataFrame(rows, columns=["method", "ratio", "share", "tasks"])
