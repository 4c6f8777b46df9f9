"""Implications about one step of a rule, asked of both solvers within a budget of time.

What one question needs is few of the hypotheses: those about the unknowns that it names, and the roots among them. It
is asked with these first and then with all. A budget that is spent leaves a question undecided, never decided.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import z3

from analysis.audit.solver_numbers import Condition, World
from proofs.checkers.by_smt import impossible, settled

FIRST, LATER, SECOND = 1.0, 4.0, 5.0  # seconds for z3 on few hypotheses, z3 on all, cvc5


class Budget:
    """So many seconds on the clock, from now."""

    def __init__(self, seconds: float):
        self.begun, self.seconds = time.monotonic(), seconds

    @property
    def spent(self) -> float:
        return time.monotonic() - self.begun

    def at_most(self, seconds: float) -> float:
        return max(min(seconds, self.seconds - self.spent), 0.0)


@dataclass(frozen=True)
class Answer:
    """proved by both solvers, false with the values that show it, or neither."""

    proved: bool
    model: dict[str, str] | None = None


def term(condition: Any) -> Any:
    """A condition as the solvers' term; one that is decided already is a constant."""
    condition = condition.term if isinstance(condition, Condition) else condition
    return condition if z3.is_expr(condition) else z3.BoolVal(bool(condition))


def unknowns(e: Any) -> frozenset[str]:
    """The names of the real constants in a term."""
    found, todo, seen = set(), [e], set()
    while todo:
        one = todo.pop()
        if one.get_id() in seen:
            continue
        seen.add(one.get_id())
        if z3.is_const(one) and one.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found.add(one.decl().name())
        todo += one.children()
    return frozenset(found)


class Prover:
    """Asks whether hypotheses imply a conclusion in a world, with what defines its roots."""

    def __init__(self, budget: Budget):
        self.budget = budget

    def implied(self, world: World, given: Iterable[Any], then: Any, roots: int | None = None, second: bool = True
                ) -> Answer:  # fmt: skip
        """Whether the solvers' terms `given`, and the definitions of the first `roots` roots, imply `then`.

        `second` asks cvc5 as well; without it z3 alone answers, for a search whose result is proved again.
        """
        given, denial = list(given), z3.Not(then)
        if z3.is_false(z3.simplify(denial)):
            return Answer(True)
        sides = world.sides()[: None if roots is None else 2 * roots]
        few = _concerning(then, given, sides)
        for hypotheses, seconds in ((few, FIRST), ([*given, *sides], LATER)):
            asked = [*hypotheses, denial]
            if not (allowed := self.budget.at_most(seconds)):
                return Answer(False)
            said, model = settled(asked, allowed)
            if said == "unsat":
                if not second or impossible(asked, self.budget.at_most(SECOND)):
                    return Answer(True)
            elif said == "sat" and len(hypotheses) == len(given) + len(sides):
                return Answer(False, model)
        return Answer(False)


def _concerning(then: Any, given: list[Any], sides: list[Any]) -> list[Any]:
    """The hypotheses that speak of the conclusion's unknowns only, and the definitions of its roots."""
    known, grew = unknowns(then), True
    while grew:
        grew = False
        for definition in sides[1::2]:
            names = unknowns(definition)
            if unknowns(definition.arg(0)) <= known and not names <= known:
                known, grew = known | names, True
    return [e for e in [*given, *sides] if unknowns(e) <= known]
