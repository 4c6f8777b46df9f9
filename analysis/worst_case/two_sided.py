"""The worst regret of a rule over T linear losses, |g| <= 1 on [-1, 1], between a certified lower and upper value.

Lower: the worst sequence a search finds, its regret enclosed in balls. Upper: the smallest of the ledger's a-priori
bounds and the dynamic programme of `value_bound.py`, where they apply; else 2 T, which no method can exceed.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.worst_case.enclosures import balls
from analysis.worst_case.invariant import Driven
from analysis.worst_case.played import average_regret
from analysis.worst_case.value_bound import Cells, NoUpper, upper_value, warmed
from analysis.worst_case.witness import Finite
from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.rules.bounds import Facts
from proofs.checkers.by_search import OFFSET, worst_sequence

LEVELS = (Cells(512, 1.2, 24), Cells(1024, 1.06, 48), Cells(4096, 1.06, 256))
FINER = 12.0  # times that the next level takes, about
LONGEST = 100  # steps for which the dynamic programme is worth its time
TRIVIAL = "no upper value known but 2 T"


@dataclass(frozen=True)
class TwoSided:
    """lower <= the worst regret <= upper, and by what; `gradients` attain `lower` from `start`."""

    rule: str
    T: int
    lower: float
    upper: float
    by: str
    start: float
    gradients: tuple[float, ...]
    seconds: float

    @property
    def gap(self) -> float:
        """How far apart they are, as a share of the upper value."""
        return 1 - self.lower / self.upper


def worst_case(rule: str | Rule, T: int, seconds: float = 60.0, **options: Any) -> TwoSided:
    """Enclose the worst regret of a rule with these options.

    Args:
        T: steps.
        seconds: about how long it may take.
    """
    rule, begun = rules.get(rule), time.monotonic()
    chosen = rule.options(**options)
    effort = {} if T <= 100 else {"count": 4, "iterations": 40, "polish": 20_000}
    found = worst_sequence(rule, T, False, **effort, **options)
    g = found.g.tolist()
    with balls() as engine:
        lower = certified_regret(rule, chosen, g, found.start, engine)
    upper, by = ledger_value(rule, chosen, T), "the ledger's bound"
    if upper is None or not np.isfinite(upper) or upper >= 2 * T:
        upper, by = 2.0 * T, TRIVIAL
    if T <= LONGEST:
        programme, why = _programme(rule, chosen, T, begun + seconds)
        if programme < upper:
            upper, by = programme, "a dynamic programme over cells"
        elif by == TRIVIAL and why:
            by = f"{TRIVIAL}: {why}"
    return TwoSided(rule.name, T, lower, upper, by, found.start, tuple(g), time.monotonic() - begun)


def certified_regret(rule: Rule, options: Any, g: list[float], start: float, engine: Any) -> float:
    """The least that the rule's regret on these slopes can be, all rounding enclosed; losses g x + 2."""
    word = tuple((slope, 1) for slope in g)
    schedule = getattr(options, "schedule", "constant")
    driven = Driven(rule, options, schedule, word, engine)
    driven.b = [OFFSET] * len(g)
    low, _ = average_regret(driven, Finite(options.alpha, start, len(g), 0.0))
    return float(np.nextafter(low * len(g), -np.inf))


def ledger_value(rule: Rule, options: Any, T: int) -> float | None:
    """The rule's smallest a-priori bound for T slopes of size at most 1; every bound grows with their sizes.

    It is computed in floats and raised by more than their rounding; None where no bound applies.
    """
    o = rule.encode(options)
    k = rule.start(o)
    for _ in range(T):
        k = rule.shared(o, k, OFFSET)
    one = np.ones(1)
    facts = Facts(D=2 * one, S=np.sqrt(T) * one, T=T, first=0.0, last=0.0, fixed=False, projected=True, G=one, g1=one)
    value = rule.bound(o, k, facts)
    return value * (1 + 1e-9) if np.isfinite(value) else None


def _programme(rule: Rule, options: Any, T: int, deadline: float) -> tuple[float, str]:
    """The best value of the programme within the time, infinite if it does not apply; and why not."""
    best, took = float("inf"), 0.0
    warmed()
    for cells in LEVELS:
        if time.monotonic() + FINER * took > deadline:
            break
        begun = time.monotonic()
        try:
            best = min(best, upper_value(rule, options, T, cells))
        except NoUpper as error:
            return best, str(error)
        took = time.monotonic() - begun
    return best, ""
