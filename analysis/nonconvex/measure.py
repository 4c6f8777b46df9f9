"""Gradients that a rule needs to reach a global minimum: each rule tuned on starts of its own, all on one grid.

A run has reached the minimum when f(x) - f* <= TOLERANCE (f(x_1) - f*), with f* the known global minimum: the test of
[more2009], there with the best value that any solver found. It is looked at after 1, 2, 3, 4, 6, ... gradients.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.frames import Frame
from analysis.nonconvex.suite import SUITE, Item
from dwmgrad_ref import rules
from dwmgrad_ref.execution.driver import Engine, Workspace
from dwmgrad_ref.rules.base import Rule

BUDGET, TOLERANCE = 2000, 1e-3
ALPHAS = tuple(float(f"{10 ** (k / 2):.4g}") for k in range(-8, 5))  # 1e-4 to 100, two a decade
TUNING_SEED, SEEDS, STARTS = 0, (1, 2, 3, 4, 5), 20
LOOKS = np.unique(np.rint(np.geomspace(1, BUDGET, 60)).astype(int))


class Entry(NamedTuple):
    """A rule with the options that are not tuned, under the name that it has in tables."""

    label: str
    rule: str
    options: dict[str, Any] = {}


OURS = ("dwmgrad-loss", "dwmgrad-increase", "dwmgrad-decrease")  # the signals that the sources name; the paper's first
ENTRIES = (
    Entry(OURS[0], "dwmgrad", {"signal": "loss"}),
    Entry(OURS[1], "dwmgrad", {"signal": "increase"}),
    Entry(OURS[2], "dwmgrad", {"signal": "decrease"}),
    Entry("sgd", "sgd"),
    Entry("heavy-ball", "heavy-ball"),
    Entry("nesterov", "nesterov"),
    Entry("adagrad", "adagrad"),
    Entry("rmsprop", "rmsprop"),
    Entry("adam", "adam"),
    Entry("amsgrad", "amsgrad"),
    Entry("adamomentum", "adamomentum"),
    Entry("lcam", "lcam"),
)


def gradients_needed(rule: Rule, options: Any, item: Item, starts: np.ndarray) -> np.ndarray:
    """Gradients until the minimum is reached from each start (count, d); inf if it is not within the budget.

    A run that meets a value that is not finite has not reached it.
    """
    problem = item.problem
    engine = Engine(rule, options, problem, [], np.zeros(problem.d))
    least = problem.solution.value
    needed = np.full(len(starts), np.inf)
    for i, start in enumerate(starts):
        s, done = Workspace.fresh(rule, options, start, []), 0
        for look in LOOKS:
            if engine.advance(s, done + 1, int(look)) <= look:
                break
            done = int(look)
            if s.sums[2] - least <= TOLERANCE * (s.sums[3] - least):  # the loss of this step and of the first
                needed[i] = done
                break
    return needed


def tuned(entry: Entry, item: Item, alphas: Sequence[float] = ALPHAS, count: int = STARTS) -> list[dict[str, Any]]:
    """Successes and mean gradients of every step size on the tuning starts; `chosen` marks the best one.

    The best has most successes; of equal ones the fewest gradients, a run without success counting as the budget.
    """
    rule, starts = rules.get(entry.rule), item.starts(TUNING_SEED, count)
    rows = []
    for alpha in alphas:
        needed = gradients_needed(rule, rule.options(**entry.options, alpha=alpha), item, starts)
        solved, mean = int(np.isfinite(needed).sum()), float(np.minimum(needed, BUDGET).mean())
        rows.append({"label": entry.label, "problem": item.name, "alpha": alpha, "solved": solved, "mean": mean})
    best = max(range(len(rows)), key=lambda i: (rows[i]["solved"], -rows[i]["mean"]))
    return [row | {"chosen": int(i == best), "starts": count} for i, row in enumerate(rows)]


def measured(entries: Sequence[Entry] = ENTRIES, suite: Sequence[Item] = SUITE) -> tuple[Frame, Frame]:
    """The tuning table, and one row a run at the chosen step size: label, problem, seed, start, alpha, gradients."""
    tuning: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    for item in suite:
        for entry in entries:
            tried = tuned(entry, item)
            tuning += tried
            (alpha,) = [row["alpha"] for row in tried if row["chosen"]]
            rule = rules.get(entry.rule)
            options = rule.options(**entry.options, alpha=alpha)
            for seed in SEEDS:
                for start, needed in enumerate(gradients_needed(rule, options, item, item.starts(seed, STARTS))):
                    runs.append({"label": entry.label, "problem": item.name, "seed": seed, "start": start,
                                 "alpha": alpha, "gradients": needed})  # fmt: skip
    return pd.DataFrame(tuning), pd.DataFrame(runs)
