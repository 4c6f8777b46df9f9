"""A program's comparisons are followed both ways, and what it decides is held against a condition."""

import pytest
import sympy

from dwmgrad_ref import rules
from proofs.checkers.by_paths import decided, ways
from proofs.claims.driver import d_requirements
from proofs.statements.statement import reals

x, y = reals("x y")


def test_every_way_is_found_with_its_condition():
    found = ways(lambda unknown: unknown(x) > 1 and not unknown(y) == 2)
    yes = sympy.Or(*(condition for condition, result in found if result))
    assert len(found) == 3
    for a in (0, 1, 2):
        for b in (1, 2, 3):
            assert bool(yes.subs({x: a, y: b})) == (a > 1 and b != 2)


@pytest.mark.parametrize("value, passes", [(float("inf"), True), (float("-inf"), False), (None, False)])
def test_a_number_is_finite_and_there(value, passes):
    def run(unknown):
        return unknown(x) < value if value is not None else unknown(x) == value

    assert ways(run) == [(sympy.true, passes)]


def test_a_program_that_decides_otherwise_fails():
    def run(unknown):
        return unknown(x) + 1 > 2 * unknown(y)

    assert decided("a", "b", run, x + 1 > 2 * y, x + 1 >= 2 * y).run().status == "holds"
    assert decided("a", "b", run, x + 1 >= 2 * y, x > y).run().status == "fails"
    assert decided("a", "b", run, x + 1 > 2 * y, x > 2 * y - 1).run().status == "unknown"  # the same, turned round


def test_every_requirement_of_a_bound_is_claimed():
    """Except those of bounds that the ledger has not proved."""
    required = {r for name in rules.names() for b in (*rules.get(name).bounds, *rules.get(name).step_bounds)
                if b.claim for r in b.requires}  # fmt: skip
    assert required <= {case.requirement for case in d_requirements.CASES}
