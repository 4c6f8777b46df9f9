"""The ball engine must not be fooled: uncertain is unknown, and a broken variant must be told apart."""

import flint
import pytest

from dwmgrad_ref import ops
from proofs.checkers.by_arb import ball, rigorous, shown


@pytest.fixture
def precise(monkeypatch):
    """128 bits, as in a check; the default 53 would make the float 0.9 and the ball of 0.9 hard to tell apart."""
    monkeypatch.setattr(flint.ctx, "prec", 128)


ABOUT_A_THIRD = "0.33333333333333333333333333333333333333333333333333"


@pytest.mark.parametrize(
    "true, broken, status",
    [(True, True, "holds"), (True, False, "unknown"), (False, True, "unknown"), (False, False, "unknown")],
)
def test_only_certain_and_sharp_statements_hold(true, broken, status):
    outcome = rigorous("t", "", lambda: (true, broken, "detail", {"a": 1})).run()
    assert (outcome.status, outcome.witness) == (status, {"a": 1})


def test_balls_that_overlap_decide_nothing():
    """1/3 and a ball around it: neither < nor >= is certain, so neither statement may pass or fail."""
    for compare in ("__lt__", "__ge__"):
        third = rigorous(
            "t", "", lambda c=compare: (getattr(flint.arb(1) / 3, c)(ball(ABOUT_A_THIRD)), True, "", None), bits=64
        )
        assert third.run().status == "unknown"


def test_undecided_branch_is_unknown():
    def build():
        ops.greater(flint.arb(0, 1), 0)
        return True, True, "", None

    assert rigorous("t", "", build).run().status == "unknown"


def test_precision_is_set_for_the_check_and_restored_even_after_an_error():
    seen, before = [], flint.ctx.prec

    def build():
        seen.append(flint.ctx.prec)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rigorous("t", "", build, bits=333).run()
    assert seen == [333] and flint.ctx.prec == before


def test_a_ball_is_the_decimal_as_written(precise):
    assert (10 * ball(0.9) - 9).contains(0)
    assert flint.arb(0.9).is_exact() and flint.arb(0.9) != ball(0.9).mid()  # the float beside nine tenths
    assert ball(ball(2)) == 2 and shown(ball("0.5"), 3) == "0.500"
