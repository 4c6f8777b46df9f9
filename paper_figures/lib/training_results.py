"""Committed training results as the tables that figures show: curves with intervals, and distances to published ones.

An epoch's value is a mean over seeds with its 95 % bootstrap interval. A run that diverged has no value after that,
and then the mean has none either: it is never taken over the runs that are left.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.comparison.verdicts import Verdict
from analysis.frames import Frame
from analysis.stats.statistics import Mean, mean_interval
from analysis.training.runs import committed_results
from analysis.training.runs.committed_results import Released
from paper_figures.lib import folders

CURVE_RESAMPLES = 999  # for a band in a picture; numbers in tables take the full count
CURVE_COLUMNS = ("label", "value", "epoch", "mean", "low", "high", "seeds")


class Published(NamedTuple):
    """A curve read off an image: which optimizer in which column, and half its line's width."""

    optimizer: str
    column: str
    error: float


def best(experiment: str) -> Released | None:
    """The committed results of the fullest profile that is there, smoke left out."""
    return committed_results.best(experiment)


def curves(released: Released | None, values: Sequence[str], labels: Sequence[str] = ()) -> Frame:
    """Mean curves with bands, one row an optimizer, value and epoch; empty if there are no results."""
    rows: list[tuple[Any, ...]] = []
    for label, value, table in _tables(released, values, labels):
        for epoch, column in table.items():
            rows.append((label, value, epoch, *mean_interval(column.to_numpy(), resamples=CURVE_RESAMPLES)))
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS))


def finals(released: Released | None, values: Sequence[str], labels: Sequence[str] = ()) -> Frame:
    """The last epoch's values over seeds: label, lr, value, mean, low, high, seeds, diverged, profile.

    `best_test_accuracy` is the largest over the epochs, as the released scripts print it; it selects on the test set.
    """
    columns = ["label", "lr", "value", "mean", "low", "high", "seeds", "diverged", "profile"]
    if released is None:
        return pd.DataFrame(columns=columns)
    rows, last = [], released.final()
    if "test_accuracy" in released.rows:
        last = last.assign(best_test_accuracy=last.run.map(released.rows.groupby("run").test_accuracy.max()))
    for label, group in last.groupby("label", sort=False):
        if labels and label not in labels:
            continue
        diverged = int((group.status == "diverged").sum())
        for value in values:
            if value in group and group[value].notna().any():
                numbers = group[value].where(group.status == "complete").to_numpy(float)
                rows.append((label, float(group.lr.iloc[0]), value, *mean_interval(numbers), diverged, released.budget))
    return pd.DataFrame(rows, columns=columns)


def distances(
    released: Released | None, file: str, x: str, offset: int, pairs: Mapping[str, Sequence[Published]]
) -> Frame:
    """How far mean curves are from published ones, in units of the reading error.

    Args:
        x, offset: the published file's column of epochs, and what to add to it for ours, which begin at 1.
        pairs: by label, the published curves to compare with and our value for each, in order: see VALUES.

    Returns:
        label, optimizer, value, rms, worst, seed (rms distance of one seed from the mean of all, the yardstick),
        points, seeds. `rms` is over all published points that have a value.
    """
    told: Frame = pd.read_csv(folders.PUBLISHED / file)
    rows = []
    for label, published in pairs.items():
        for one in published:
            value = OURS[one.column]
            for _, _, table in _tables(released, [value], [label]):
                points = told[(told.optimizer == one.optimizer) & told[one.column].notna()]
                points = points[(points[x] + offset).isin(table.columns)]
                if points.empty:
                    continue
                ours = table[points[x] + offset].to_numpy() * (100 if one.column.endswith("percent") else 1)
                off = (ours.mean(axis=0) - points[one.column].to_numpy()) / one.error
                spread = ours.std(axis=0, ddof=1) / one.error if len(ours) > 1 else np.array([np.nan])
                rms, seed = _rms(off), _rms(spread)
                rows.append((label, one.optimizer, value, rms, np.abs(off).max(), seed, len(points), len(ours)))
    names = ["label", "optimizer", "value", "rms", "worst", "seed", "points", "seeds"]
    return pd.DataFrame(rows, columns=names)


OURS = {
    "train_loss": "train_loss",
    "test_accuracy_percent": "test_accuracy",
    "test_accuracy": "test_accuracy",
}  # by published column


def closeness(rms: float, seed: float) -> Verdict:
    """Whether a curve is the published one, as far as reading errors and seeds allow.

    The published curve is one run of an unknown seed, read to one error: a mean over seeds is expected at
    sqrt(1 + seed²) of it. Up to twice that is `reproduced`, up to ten times `partly`.
    """
    expected = np.sqrt(1 + np.nan_to_num(seed) ** 2)
    if not np.isfinite(rms):
        return "not reproduced"
    return "reproduced" if rms <= 2 * expected else "partly" if rms <= 10 * expected else "not reproduced"


def told(mean: Any, scale: float = 1.0, digits: int = 4) -> str:
    """A row of `finals` in words: "0.981 [0.980, 0.982], 5 seeds"."""
    m = Mean(mean["mean"] * scale, mean["low"] * scale, mean["high"] * scale, int(mean["seeds"]))
    seeds = f"{m.seeds} seed{'s' if m.seeds != 1 else ''}"
    if m.seeds < 2 or not np.isfinite(m.low):
        return f"{m.mean:.{digits}g}, {seeds}"
    return f"{m.mean:.{digits}g} [{m.low:.{digits}g}, {m.high:.{digits}g}], {seeds}"


def one(table: Frame, label: str, value: str) -> Any:
    """The row of `finals` or `distances` of that label and value, or None."""
    found = table[(table.label == label) & (table.value == value)]
    return None if found.empty else found.iloc[0]


def _tables(released: Released | None, values: Sequence[str], labels: Sequence[str]) -> list[tuple[str, str, Frame]]:
    """(label, value, table with one row a seed and one column an epoch), nan after a run diverged."""
    if released is None:
        return []
    rows, found = released.rows[released.rows.stage == "run"], []
    for label, group in rows.groupby("label", sort=False):
        if labels and label not in labels:
            continue
        for value in values:
            if value in group and group[value].notna().any():
                table = group.pivot(index="seed", columns="epoch", values=value)
                table.columns = table.columns.astype(int)
                found.append((str(label), value, table))
    return found


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.asarray(values, float) ** 2)))
