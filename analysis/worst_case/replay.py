"""A witness checked again by another engine: nothing that the search found out is believed.

The rule's formula runs once more, on mpmath's intervals instead of Arb balls: from the start to the first step of the
box, once around the period from the whole box, and through the run that is stated.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from analysis.worst_case.enclosures import Engine, Intervals
from analysis.worst_case.invariant import Driven, holds
from analysis.worst_case.played import average_regret
from analysis.worst_case.refutation import SCHEDULES, drift
from analysis.worst_case.witness import Witness
from analysis.worst_case.words import length
from dwmgrad_ref.ops import Undecided


@dataclass(frozen=True)
class Check:
    """One thing that was checked: whether it holds, and what was found."""

    holds: bool
    what: str


def replay(witness: Witness, file: str | None = None, engine: Engine | None = None) -> list[Check]:
    """Every part of the witness checked anew; it is confirmed if all of them hold.

    Args:
        file: where the rule's file is now, if it is one.
        engine: what encloses; mpmath's intervals unless given.

    Raises:
        UnknownName, BadOption, BadInput: the rule, its version or its options are not known here.
    """
    rule = witness.load_rule(file)
    options = rule.options(**witness.options)
    engine = engine or Intervals()
    driven = Driven(rule, options, witness.schedule, witness.word, engine, witness.ramp)
    driven.fading = any(part.p == 0 < part.q for part in witness.box)
    checks: list[Check] = []
    for check in (_losses, _entered, _closed, *((_run,) if witness.finite else ())):
        try:
            checks.append(check(witness, driven))
        except (Undecided, ZeroDivisionError, ValueError, TypeError) as error:
            checks.append(Check(False, f"{check.__doc__} This cannot be decided: {error}."))
        if not checks[-1].holds:
            break  # the checks after it build on it
    return checks


def _losses(witness: Witness, driven: Driven) -> Check:
    """The losses repeat, and one end of the box is best."""
    k = length(witness.word)
    good = witness.limit > 0 and witness.first >= 1 and witness.first % k == 0 and witness.schedule in SCHEDULES
    return Check(good, f"The losses repeat every {k} steps; at the worst end a step costs {float(witness.limit):.6g}.")


def _entered(witness: Witness, driven: Driven) -> Check:
    """The state enters the box."""
    state = driven.entered(witness.first)
    good = len(state) == len(witness.box) and all(a[:2] == b[:2] and a.clock == b.clock and holds([b], [a])
                                                  for a, b in zip(state, witness.box, strict=True))  # fmt: skip
    return Check(
        good, f"The state lies in the box after step {witness.first:,}: {len(state)} numbers, every one enclosed."
    )


def _closed(witness: Witness, driven: Driven) -> Check:
    """A period takes the box into itself, and the pushes in it point to the worst end."""
    after, pushes = driven.period(witness.first, witness.box)
    found = drift(tuple(pushes), witness.worst)
    good = (
        holds(witness.box, after)
        and witness.mean_push > 0
        and found.mean >= Fraction(witness.mean_push)
        and found.spread <= Fraction(witness.spread)
    )
    return Check(
        good,
        f"A period from any later step takes the box into itself; the mean push to the worst end is at least "
        f"{float(found.mean):.6g} and its sums stray by at most {float(found.spread):.6g} (claim R6-drift-below).",
    )


def _run(witness: Witness, driven: Driven) -> Check:
    """The run that is stated."""
    assert witness.finite is not None
    low, high = average_regret(driven, witness.finite)
    return Check(
        low >= witness.finite.average,
        f"The run of {witness.finite.steps:,} steps has R_T/T in [{low:.9g}, {high:.9g}].",
    )


def record(witness: Witness, checks: list[Check], engine: str) -> dict[str, Any]:
    """The result as plain values for JSON."""
    return {
        "confirmed": all(check.holds for check in checks),
        "rule": witness.rule,
        "statement": witness.statement(),
        "finite_statement": witness.finite_statement(),
        "checks": [{"holds": check.holds, "what": check.what} for check in checks],
        "engine": engine,
        "versions": dict(witness.versions),
    }
