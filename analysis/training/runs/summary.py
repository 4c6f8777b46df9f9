"""A finished campaign in a few lines: means over seeds with intervals, and what differs from the committed results."""

import math
from typing import Any, NamedTuple

from analysis.stats.statistics import mean_interval
from analysis.training.runs import committed_results
from analysis.training.runs.campaign import Campaign
from analysis.training.runs.committed_results import Released

SHOWN = ("train_loss", "test_accuracy", "final_test_accuracy", "validation_accuracy")


def of(campaign: Campaign, experiment: str) -> list[dict[str, Any]]:
    """One row an optimizer: runs, diverged ones, and the last epoch's values over seeds."""
    released = _released(campaign, experiment)
    if released is None or (final := released.final()).empty:
        return []
    rows = []
    for label, group in final.groupby("label", sort=False):
        good = group[group.status == "complete"]
        row: dict[str, Any] = {"optimizer": label, "lr": float(group.lr.iloc[0]), "seeds": len(group)}
        row["diverged"] = int((group.status == "diverged").sum())
        row |= {name: str(mean_interval(good[name])) for name in SHOWN if name in final and final[name].notna().any()}
        row["seconds"] = round(float(_seconds(released, str(label))), 1)
        rows.append(row)
    return rows


def _seconds(released: Released, label: str) -> float:
    runs = released.runs
    return float(runs[(runs.label == label) & (runs.stage == "run")].seconds.mean())


class Comparison(NamedTuple):
    """With the committed results of the same budget: how many last values, how many of them the same to the last bit.

    differences: a line for every value beyond seed noise, and for every optimizer that only one of the two has.
    """

    values: int
    same: int
    differences: list[str]


def compared(campaign: Campaign, experiment: str) -> Comparison | None:
    """The campaign's results beside the committed ones; None if either has none."""
    now, then = _released(campaign, experiment), committed_results.read(experiment, campaign.budget)
    if now is None or then is None or now.runs[now.runs.stage == "run"].empty:
        return None
    table = committed_results.compare(now, then)
    lines = [_line(row) for row in table[table.beyond == 1].itertuples()]
    here, there = (set(one.runs[one.runs.stage == "run"].label) for one in (now, then))
    lines += [f"{label} is not among the committed results" for label in sorted(here - there)]
    lines += [f"{label} is committed and has no result here" for label in sorted(there - here)]
    return Comparison(len(table), int(table.same.sum()), lines)


def _line(row: Any) -> str:
    noise = "one seed, no noise known" if math.isnan(row.noise) else f"noise {row.noise:.2g}"
    return f"{row.label}, {row.value}: {row.then:.6g} committed, {row.now:.6g} now ({noise})"


def _released(campaign: Campaign, experiment: str) -> Released | None:
    """The campaign's results as they would be committed."""
    found = campaign.results(experiment)
    if not any(stage == "run" for stage, _, _ in found):
        return None
    return Released(committed_results.collected(campaign, experiment))
