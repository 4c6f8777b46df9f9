"""Many runs as one tidy table, the choice of a step size on a grid, and means over seeds with intervals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.frames import Frame
from dwmgrad_ref import run_many
from dwmgrad_ref.errors import BadInput

Setting = tuple[Mapping[str, Any], Mapping[str, Any]]


def quarter_decades(low: int, high: int) -> list[float]:
    """10^low, ..., 10^high, four values a decade, to four digits."""
    return [float(f"{10 ** (k / 4):.4g}") for k in range(4 * low, 4 * high + 1)]


def sweep(settings: Iterable[Setting], columns: Sequence[str]) -> Frame:
    """Run every setting on all cores.

    Args:
        settings: pairs (labels, job): the row's own columns, and the keyword arguments of `run`.
        columns: columns of the trace to keep, besides t.

    Returns:
        One row a logged step of every run. A run that stopped at a non-finite loss has rows up to there.
    """
    labels, jobs = zip(*settings, strict=True)
    parts = []
    for label, trace in zip(labels, run_many(jobs), strict=True):
        if not trace.frame.empty:
            parts.append(trace.frame[["t", *columns]].assign(**label))
    table = pd.concat(parts, ignore_index=True)
    return table[[*labels[0], "t", *columns]]


def choose(table: Frame, by: Sequence[str], score: str) -> Frame:
    """The table with a column `chosen`, 1 on each group's row of lowest score; of equal ones the first.

    Raises:
        BadInput: a group has no finite score.
    """
    score_or_inf = table[score].where(np.isfinite(table[score]), np.inf)
    best = score_or_inf.groupby([table[name] for name in by], sort=False).idxmin()
    if not np.isfinite(score_or_inf[best]).all():
        raise BadInput(f"no finite {score} for some {' and '.join(by)}: widen the grid")
    return table.assign(chosen=table.index.isin(best).astype(int))


def interval(table: Frame, by: Sequence[str], value: str, *, level: float = 0.95, geometric: bool = False) -> Frame:
    """Mean of `value` over seeds with Student's t interval: columns `by`, mean, low, high, seeds.

    With one seed there is no interval, and low and high are the mean. `geometric` takes both on the logarithm,
    for positive values that differ by factors.
    """
    logged = table.assign(**{value: np.log(table[value])}) if geometric else table
    grouped = logged.groupby(list(by), sort=False)[value].agg(["mean", "std", "count"]).reset_index()
    quantile = stats.t.ppf((1 + level) / 2, np.maximum(grouped["count"] - 1, 1))
    half = (quantile * grouped["std"] / np.sqrt(grouped["count"])).where(grouped["count"] > 1, 0.0)
    mean = grouped["mean"]
    ends = {"mean": mean, "low": mean - half, "high": mean + half}
    if geometric:
        ends = {name: np.exp(end) for name, end in ends.items()}
    return grouped.drop(columns=["mean", "std", "count"]).assign(**ends, seeds=grouped["count"])
