"""The engines for concrete statements and the helpers that hand the running formulas to proofs."""

from fractions import Fraction

import flint
import pytest
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.errors import BadOption, UnknownName
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import exact
from proofs.statements import formulas

CASES = [(True, True, "holds"), (False, True, "fails"), (False, False, "fails"), (True, False, "unknown")]


@pytest.mark.parametrize("engine", [exact, rigorous])
@pytest.mark.parametrize("true, told, status", CASES)
def test_a_statement_holds_only_if_its_broken_variant_is_told_apart(engine, true, told, status):
    if engine is rigorous and not true:
        status = "unknown"  # balls too wide to be certain refute nothing
    assert engine("n", "s", lambda: (true, told, "detail", {"x": 1})).run().status == status


def test_balls_that_overlap_are_unknown_and_the_precision_is_put_back():
    before = flint.ctx.prec

    def build():
        assert flint.ctx.prec == 77
        return bool(ops.greater(flint.arb(0, 1), 0)), True, "", None

    assert rigorous("n", "s", build, bits=77).run().status == "unknown"
    assert flint.ctx.prec == before


def test_record_checks_choices_and_leaves_numbers_alone():
    alpha = z3.Real("alpha")
    o = formulas.record(formulas.DWMGRAD, signal="decrease", reset=False, alpha=alpha)
    assert (o.signal, o.reset) == (2.0, 0.0)
    assert o.alpha is alpha
    with pytest.raises(BadOption):
        formulas.record(formulas.DWMGRAD, signal="rise")
    with pytest.raises(UnknownName):
        formulas.record(formulas.DWMGRAD, signl="loss")


def test_one_step_by_hand():
    # omega = 4: G = 3/4 · 4 + 4/4 = 4, V = 1/2 · 1 + 3 · 2/(2 + 1), all exact in binary: no tolerance
    c, after = formulas.step(g=2.0, omega=4.0, G=4.0, V=1.0, x=10.0, mu=0.5, alpha=3.0, eps=1.0)
    assert (c.G, c.V, after) == (4.0, 2.5, 7.5)
    assert formulas.read(G=4.0, alpha=3.0, V=2.5, mu=0.5, eps=1.0) == (1.0, 0.5, -2.5)
    assert formulas.step_size(4.0, 3.0) == 1.5


def test_advance_starts_where_the_rule_starts():
    o = formulas.record(formulas.DWMGRAD, omega0=Fraction(5), delta=Fraction(10), gamma=Fraction(9, 10))
    assert formulas.advance(formulas.DWMGRAD, o, Fraction(1)).omega == 6
    assert formulas.advance(formulas.DWMGRAD, o, Fraction(0), {"omega": Fraction(2)}).mu == Fraction(9, 100)


def test_clip_is_the_drivers_projection():
    assert [formulas.clip(x, -1.0, 1.0) for x in (-3.0, 0.5, 3.0)] == [-1.0, 0.5, 1.0]
