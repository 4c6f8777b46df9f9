"""The logarithm's growth: true on numbers, sharp where the interval is short, and refused outside its range."""

import math

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from proofs.inference.derivation import WrongShape, use
from proofs.inference.logarithm import growth
from proofs.statements.statement import reals

a, b = reals("a b")


# A width so small that the sides differ by less than a rounding would test the floats.
@given(st.floats(1e-3, 1e3), st.one_of(st.just(0.0), st.floats(1e-3, 1e3)))
def test_growth_is_true_and_not_of_the_lower_end(low, width):
    value = growth(a, b).then.subs({a: low, b: low + width})
    assert float(value.lhs) <= float(value.rhs) + 1e-12 if value not in (sympy.true, sympy.false) else bool(value)
    assert width / low >= math.log(low + width) - math.log(low) - 1e-12  # (b - a)/a lies on the other side


def test_growth_needs_positive_numbers_in_order():
    assert set(growth(a, b).given) == {a > 0, a <= b}
    with pytest.raises(WrongShape):
        use(growth(a, b), {a: 2, b: 1})
    with pytest.raises(WrongShape):
        use(growth(a, b), {a: -1, b: 1})
