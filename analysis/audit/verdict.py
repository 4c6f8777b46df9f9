"""Whether a rule has no regret: proved, refuted or open, from its formula alone.

proved    a bound of the order sqrt(T) for every step size alpha > 0 and every sequence of losses of the hypotheses
refuted   losses on which the average regret does not tend to 0, with a witness that another engine re-checks
open      neither was found; this says nothing about the rule
"""

import importlib
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.audit import step_model, upper_side
from analysis.audit.proving import Budget
from analysis.audit.upper_side import Side, Tell
from dwmgrad_ref.rules.base import Rule

PROVED, REFUTED, OPEN = "proved", "refuted", "open"
MEANS = {
    PROVED: "its regret is at most of the order sqrt(T), whatever alpha > 0 and the losses of the hypotheses",
    REFUTED: "there are losses on which its average regret does not tend to 0 (with a constant alpha: for every alpha "
    "below the limit that the witness states)",
    OPEN: "neither a bound of the order sqrt(T) nor losses that refute one were found within the time",
}
STEP_SIZES = {"constant": "a constant alpha", "sqrt": "alpha/sqrt(t)"}


@dataclass
class Verdict:
    """A verdict on one rule with one schedule of its step sizes; `seconds` is the time on the clock that it took."""

    word: str
    schedule: str
    seconds: float
    upper: Side
    witness: Any = None
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The verdict, then at most three lines: what is shown, under which hypotheses, and what else is known."""
        told = [f"{self.word} with {STEP_SIZES[self.schedule]} ({self.seconds:.1f} s): {MEANS[self.word]}"]
        theorem = self.upper.theorem
        if self.witness is not None:
            told.append(f"Witness: {self.witness.statement()}")
        if theorem and self.word != REFUTED:
            told.append(f"Bound: {theorem}")
            told.append(f"If {'; '.join(theorem.hypotheses)}.")
        told += [f"Not proved: {reason}." for reason in self.upper.reasons]
        return [*told[:4], *self.notes]

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "verdict": self.word,
            "means": MEANS[self.word],
            "schedule": self.schedule,
            "seconds": self.seconds,
            "theorem": self.upper.theorem.record() if self.upper.theorem else None,
            "witness": None if self.witness is None else self.witness.statement(),
            "reasons": self.upper.reasons,
            "invariants": self.upper.invariants,
            "lines": self.lines(),
        }


def decide(rule: Rule, schedule: str | None = None, seconds: float = 60.0, tell: Tell = lambda what: None,
           file: str | None = None, **options: Any) -> Verdict:  # fmt: skip
    """The verdict on a rule with these options, whose alpha does not matter.

    Args:
        schedule: constant or sqrt; None asks for what the options say.
        seconds: time for both sides.
        tell: is told what is being done.
        file: where the rule is, if it is not one of ours; a witness names it.
    """
    rule, schedule = step_model.scheduled(rule, schedule, options)
    budget = Budget(seconds)
    upper = upper_side.search(rule, schedule, seconds / 2, tell)
    if upper.theorem and upper.theorem.no_regret:
        return Verdict(PROVED, schedule, budget.spent, upper)
    tell("lower side: losses that refute")
    witness, notes = refutation(rule, schedule, budget.at_most(seconds), file)
    return Verdict(OPEN if witness is None else REFUTED, schedule, budget.spent, upper, witness, notes)


def refutation(rule: Rule, schedule: str, seconds: float, file: str | None = None) -> tuple[Any, list[str]]:
    """A witness that another engine confirms in what it says of every alpha, or None; and notes on what was not done.

    Args:
        rule: its default options are the ones that the witness is about, except alpha.
        schedule: constant or sqrt.
        seconds: time for the search; the confirmation takes about as long as what was found took.
        file: where the rule is, if it is not one of ours.
    """
    if not (refute := _lower_side()):
        return None, ["The lower side is not installed, so no refutation was looked for."]
    if not (witness := refute(rule, schedule, seconds, file)):
        return None, []
    replay = importlib.import_module("analysis.worst_case.replay").replay
    wrong = [check.what for check in replay(replace(witness, finite=None)) if not check.holds]
    if wrong:
        return None, [f"A refutation was found that another engine does not confirm: {wrong[0]}"]
    return witness, []


def _lower_side() -> Any:
    """`refute` of analysis.worst_case.refutation; None where that module is absent."""
    name = "analysis.worst_case.refutation"
    try:
        return importlib.import_module(name).refute
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None
