"""Committed training results as the tables that figures show: curves with intervals, and verdicts on published ones.

An epoch's value is a mean over seeds with its 95 % Student interval, from five seeds on. A run that diverged has no
value after that, and then the mean has none either: it is never taken over the runs that are left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.comparison import curve_test
from analysis.frames import Frame
from analysis.stats import statistics
from analysis.stats.statistics import Mean, mean_interval
from analysis.training.runs import committed_results
from analysis.training.runs.committed_results import Released
from paper_figures.lib import folders

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
            rows.append((label, value, epoch, *mean_interval(column.to_numpy())))
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


def judged(
    released: Released | None, file: str, x: str, offset: int, pairs: Mapping[str, Sequence[Published]],
    rivals: Mapping[str, Sequence[str]],
) -> Frame:  # fmt: skip
    """Verdicts on published curves: see `analysis.comparison.curve_test`.

    Args:
        x, offset: the published file's column of epochs, and what to add to it for ours, which begin at 1.
        pairs: by label, the published curves to compare with and our value for each, in order: see OURS.
        rivals: by name of a question, the labels that are each other's rivals in it.

    Returns:
        label, optimizer, value, question, the fields of `Judged` (kept: names with a space between), rms (distance of
        our mean from all published points, in reading errors), points, seeds, epochs.
    """
    told: Frame = pd.read_csv(folders.PUBLISHED / file)
    rows = []
    for label, question, one in ((la, q, o) for la in pairs for q in rivals for o in pairs[la] if la in rivals[q]):
        tables = {name: table for name, _, table in _tables(released, [OURS[one.column]], rivals[question])}
        if label not in tables:
            continue
        points = told[(told.optimizer == one.optimizer) & told[one.column].notna()].set_index(x)[one.column]
        points.index = points.index + offset
        points = points[points.index.isin(tables[label].columns)]
        scale = (100 if one.column.endswith("percent") else 1) / one.error
        runs = {name: table[points.index].to_numpy() * scale for name, table in tables.items()}
        ours, read = runs.pop(label), points.to_numpy() / one.error
        found = _cells(curve_test.judge(read, ours, runs))
        known = {"label": label, "optimizer": one.optimizer, "value": OURS[one.column], "question": question}
        size = {"points": len(points), "seeds": len(ours), "epochs": int(tables[label].columns.max())}
        rows.append({**known, **found, "rms": _rms(ours.mean(axis=0) - read), **size})
    return pd.DataFrame(rows)


def judged_number(
    released: Released | None, published: float, error: float, value: str, label: str, rivals: Sequence[str]
) -> Frame:
    """The same verdicts on one published number, read as the last epoch's value and as the best epoch's.

    Args:
        published, error: the number and to how much it is taken, in units of `value`.

    Returns:
        As `judged`, with the question "last" or "best" and no optimizer, rms and points.
    """
    tables = {name: table for name, _, table in _tables(released, [value], [label, *rivals])}
    rows = []
    for question in ("last", "best") if label in tables else ():
        ends = {k: (v.iloc[:, -1] if question == "last" else v.max(axis=1)).to_numpy() for k, v in tables.items()}
        runs = {name: end[:, None] / error for name, end in ends.items()}
        ours = runs.pop(label)
        found = _cells(curve_test.judge(np.array([published / error]), ours, runs))
        mean = Mean(*mean_interval(ends[label]))._asdict()
        rows.append({"label": label, "value": value, "question": question, **found, **mean})
    return pd.DataFrame(rows)


def _cells(found: curve_test.Judged) -> dict[str, Any]:
    return {**asdict(found), "kept": " ".join(found.kept) or "none"}


def orders(released: Released | None, value: str, pairs: Sequence[tuple[str, str]]) -> Frame:
    """Paired tests over common seeds of "the first ends above the second", one row a pair.

    Returns:
        above, below, their means, their difference, p (of the first being no greater), p_reversed (of the second being
        no greater), seeds, needed (seeds for a power of 80 % at this difference and spread), epochs, profile.
    """
    last = None if released is None else released.final().pivot(index="seed", columns="label", values=value)
    rows = []
    for above, below in pairs:
        if last is None or released is None or above not in last or below not in last:
            continue
        both = last[[above, below]].dropna()
        a, b = both[above].to_numpy(), both[below].to_numpy()
        p, p_reversed = (statistics.paired(a, b, side)[1] if len(a) > 1 else np.nan for side in ("greater", "less"))
        effect = abs(np.mean(a - b)) / np.std(a - b, ddof=1) if len(a) > 1 and np.ptp(a - b) else np.nan
        needed, epochs = statistics.pairs_needed(float(effect)), int(released.runs.epochs.max())
        rows.append((above, below, a.mean(), b.mean(), float(np.mean(a - b)), p, p_reversed, len(a), needed, epochs,
                     released.budget))  # fmt: skip
    names = ["above", "below", "first", "second", "difference", "p", "p_reversed", "seeds", "needed", "epochs",
             "profile"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


OURS = {
    "train_loss": "train_loss",
    "test_accuracy_percent": "test_accuracy",
    "test_accuracy": "test_accuracy",
}  # by published column


def told(mean: Any, scale: float = 1.0, digits: int = 4) -> str:
    """A row of `finals` in words: "0.981 [0.980, 0.982], 5 seeds"."""
    m = Mean(mean["mean"] * scale, mean["low"] * scale, mean["high"] * scale, int(mean["seeds"]))
    seeds = f"{m.seeds} seed{'s' if m.seeds != 1 else ''}"
    if not np.isfinite(m.low):
        return f"{m.mean:.{digits}g}, {seeds}"
    return f"{m.mean:.{digits}g} [{m.low:.{digits}g}, {m.high:.{digits}g}], {seeds}"


def one(table: Frame, label: str, value: str) -> Any:
    """The row of `finals` of that label and value, or None."""
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
