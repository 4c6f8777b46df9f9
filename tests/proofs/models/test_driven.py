"""R2+ is about the functions that run: break one of them, and the derivation breaks with it."""

import pytest
import sympy

from dwmgrad_ref import arithmetic
from dwmgrad_ref.observers import bound
from proofs.checkers.solver_terms import Translation
from proofs.claims.regret.r2_with_momentum import Certificate
from proofs.models import driven
from proofs.statements.statement import integers, sequences


def statuses(box: bool) -> set[str]:
    return {check.run().status for check in Certificate("tried", box).regret().checks}


@pytest.mark.parametrize("box", [True, False])
def test_as_they_are_every_step_holds(box):
    assert statuses(box) == {"holds"}


def changed(**fields):
    """The observer's step with some of its results replaced by functions of (before, after)."""

    def watched(s, t, g, h, damp, z, w):
        after = bound.watched(s, t, g, h, damp, z, w)
        return after._replace(**{name: change(s, after) for name, change in fields.items()})

    return watched


BROKEN = {
    "growth of H left out": ("watched", changed(variation=lambda s, after: s.variation)),
    "H may be negative": ("watched", changed(H=lambda s, after: after.H - 1)),
    "smallest z forgotten": ("watched", changed(least=lambda s, after: s.least)),
    "largest z of the last step only": ("watched", changed(most=lambda s, after: after.most - 1)),
    "half of the residual": ("watched", changed(residual=lambda s, after: (s.residual + after.residual) / 2)),
    "half of the quadratic term": ("watched", changed(quadratic=lambda s, after: (s.quadratic + after.quadratic) / 2)),
    "w is never mirrored": ("unprojected", lambda free, shift, low, high: free),
    "z is not mirrored": ("mirrored", lambda x, shift: x),
    "lag with the wrong sign": ("lag", lambda x, z, g: g * (z - x)),
    "D to the nearer end": ("certificate", lambda s, low, high: bound.certificate(s, high, low)),
    "sums lose a quarter": ("added", lambda total, rest, value: (total + 3 * value / 4, rest)),
}  # fmt: skip


@pytest.mark.parametrize("name, replacement", BROKEN.values(), ids=BROKEN)
def test_a_broken_function_is_noticed(monkeypatch, name, replacement):
    monkeypatch.setattr(driven, name, replacement)
    try:
        found = statuses(True)
    except TypeError:  # the derivation cannot even be written down (WrongShape)
        return
    assert found != {"holds"}


def test_without_a_box_the_ends_are_infinite():
    x, shift = sympy.symbols("x shift", real=True)
    assert arithmetic.projected(x, -sympy.oo, sympy.oo) == x
    assert arithmetic.unprojected(x, sympy.Integer(0), -sympy.oo, sympy.oo) == x


def test_solvers_see_sums_of_different_bound_symbols_as_one_number():
    (s, t, n), g = integers("s t n"), sequences("g")
    term = Translation()
    assert term(sympy.Sum(g(s), (s, 1, n))).eq(term(sympy.Sum(g(t), (t, 1, n))))
    assert not term(sympy.Sum(g(s), (s, 1, n))).eq(term(sympy.Sum(g(s) ** 2, (s, 1, n))))
