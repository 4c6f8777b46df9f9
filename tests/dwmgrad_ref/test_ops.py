"""Each operation on each kind of number: floats, arrays, symbols, z3 terms, balls, compiled."""

import math
from typing import Any

import flint
import numpy as np
import pytest
import sympy
import torch
import z3
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

import dwmgrad_ref.execution.compiled  # noqa: F401  teaches numba the operations
from dwmgrad_ref import ops

numbers = st.floats(-1e6, 1e6)


@njit
def _all_compiled(a, b):
    return (
        ops.minimum(a, b),
        ops.maximum(a, b),
        ops.where(ops.greater(a, b), a, b),
        ops.absolute(a),
        ops.sqrt(ops.absolute(b)),
        ops.sign(a),
    )


def every_operation(a: Any, b: Any) -> tuple[Any, ...]:
    """All operations without history, in the order of `_all_compiled`."""
    larger = ops.where(ops.greater(a, b), a, b)
    return ops.minimum(a, b), ops.maximum(a, b), larger, ops.absolute(a), ops.sqrt(ops.absolute(b)), ops.sign(a)


def by_hand(a: float, b: float) -> tuple[float, ...]:
    return min(a, b), max(a, b), max(a, b), abs(a), math.sqrt(abs(b)), (a > 0) - (a < 0)


def value(term: Any) -> float:
    """A closed z3 term as a float."""
    simplified = z3.simplify(term)
    return float(simplified.numerator_as_long()) / float(simplified.denominator_as_long())


@given(numbers, numbers)
def test_floats(a: float, b: float) -> None:
    assert every_operation(a, b) == by_hand(a, b)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5))
def test_arrays_are_floats_coordinate_by_coordinate(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    wanted = np.array([by_hand(x, y) for x, y in pairs]).T
    assert np.array_equal(np.array(every_operation(a, b)), wanted)
    assert np.array_equal(ops.maximum(a, 0.0), np.maximum(a, 0)), "an array against a number"


@given(numbers, numbers)
def test_compiled(a: float, b: float) -> None:
    assert _all_compiled(a, b) == by_hand(a, b)


@given(st.fractions(-9, 9, max_denominator=7), st.fractions(-9, 9, max_denominator=7))
def test_symbols(a: Any, b: Any) -> None:
    """Built on symbols first, then evaluated exactly."""
    x, y = sympy.symbols("x y", real=True)
    values = {x: sympy.Rational(a), y: sympy.Rational(b)}
    got = [expression.xreplace(values) for expression in every_operation(x, y)]
    wanted = [min(a, b), max(a, b), max(a, b), abs(a)]
    assert got[:4] == [sympy.Rational(v) for v in wanted] and got[4] == sympy.sqrt(sympy.Rational(abs(b)))
    assert got[5] == (a > 0) - (a < 0)


@given(st.fractions(-9, 9, max_denominator=7), st.fractions(0, 9, max_denominator=7))
def test_z3_terms(a: Any, root: Any) -> None:
    """b = -root², so the root of |b| is rational and the solver must find exactly it."""
    b = -root * root
    x, y = z3.Reals("x y")
    with ops.side_conditions() as conditions:
        *plain, s, sign = every_operation(x, y)
    values = [(x, z3.RealVal(str(a))), (y, z3.RealVal(str(b)))]
    got = [value(z3.substitute(term, *values)) for term in (*plain, sign)]
    assert got == [float(v) for v in (min(a, b), max(a, b), max(a, b), abs(a), (a > 0) - (a < 0))]
    solver = z3.Solver()
    solver.add(*(z3.substitute(condition, *values) for condition in conditions))
    assert solver.check() == z3.sat
    solver.add(s != z3.RealVal(str(root)))
    assert solver.check() == z3.unsat


@given(numbers, numbers)
def test_balls(a: float, b: float) -> None:
    got = every_operation(flint.arb(a), flint.arb(b))
    for ball, wanted in zip(got[:4], by_hand(a, b)[:4], strict=True):
        assert ball == flint.arb(wanted)
    assert got[4] ** 2 - flint.arb(abs(b)) in flint.arb(0, 1e-3)  # 53 bits of a root up to 1e3
    assert got[5] == (a > 0) - (a < 0)
    assert ops.minimum(flint.arb(a), b) == flint.arb(min(a, b)), "a ball against a number"


def test_overlapping_balls_are_undecided_and_touching_intervals_too() -> None:
    wide = flint.arb(1, 0.5)
    for other in (flint.arb(1.25), flint.arb(1, 0.1), flint.arb(1.5)):
        with pytest.raises(ops.Undecided, match="raise flint.ctx.prec"):
            ops.greater(other, wide)
    assert ops.greater(flint.arb(2), wide) is True
    assert ops.greater(wide, flint.arb(2)) is False
    assert ops.greater(flint.arb(2), flint.arb(2)) is False, "exact balls that are equal are decided"


def test_min_and_max_of_overlapping_balls_enclose_both_answers() -> None:
    """No decision is needed: the ball of the minimum holds the minimum of any two points."""
    a, b = flint.arb(1, 0.5), flint.arb(1.25, 0.5)
    for x in np.linspace(0.5, 1.5, 5):
        for y in np.linspace(0.75, 1.75, 5):
            assert ops.minimum(a, b).contains(flint.arb(min(x, y)))
            assert ops.maximum(a, b).contains(flint.arb(max(x, y)))


def test_a_z3_root_without_side_conditions_raises() -> None:
    with pytest.raises(RuntimeError, match="side_conditions"):
        ops.sqrt(z3.Real("x"))
    with ops.side_conditions():
        ops.sqrt(z3.Real("x"))
    with pytest.raises(RuntimeError, match="side_conditions"):  # the block is over, also for later roots
        ops.sqrt(z3.Real("x"))


def test_side_conditions_do_not_leak_between_blocks() -> None:
    x = z3.Real("x")
    with ops.side_conditions() as outer:
        ops.sqrt(x)
        with ops.side_conditions() as inner:
            ops.sqrt(x)
            ops.sqrt(x)
    assert (len(outer), len(inner)) == (2, 4)


def test_a_z3_real_is_below_infinity() -> None:
    """An infinite window cap or epoch is a Python float that z3 itself cannot hold."""
    x = z3.Real("x")
    assert ops.greater(math.inf, x) and not ops.greater(x, math.inf) and ops.greater(x, -math.inf)
    assert ops.minimum(x, math.inf) is x and ops.maximum(x, -math.inf) is x


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_mean_of_last(count: int) -> None:
    """Newest 8, before it 4, 2, 1: the mean of the last `count`, on every kind of number."""
    wanted = sum([8, 4, 2, 1][:count]) / count
    past = (4.0, 2.0, 1.0)
    assert ops.mean_of_last(past, 8.0, float(count)) == wanted
    arrays = tuple(np.array([p, 2 * p]) for p in past)
    assert np.array_equal(ops.mean_of_last(arrays, np.array([8.0, 16.0]), count), [wanted, 2 * wanted])
    symbols = sympy.symbols("a b c n")
    expression = ops.mean_of_last(symbols[:3], sympy.Integer(8), symbols[3])
    assert float(expression.subs(dict(zip(symbols, (4, 2, 1, count), strict=True)))) == pytest.approx(wanted, rel=1e-15)
    terms = [z3.RealVal(p) for p in past]
    assert value(ops.mean_of_last(terms, z3.RealVal(8), z3.RealVal(count))) == wanted
    balls = [flint.arb(p) for p in past]
    ball = ops.mean_of_last(balls, flint.arb(8), flint.arb(count))
    assert ball.contains(flint.fmpq(sum([8, 4, 2, 1][:count]), count))
    assert _mean_compiled(np.array(past), 8.0, float(count)) == wanted


@njit
def _mean_compiled(past, newest, count):
    return ops.mean_of_last(past, newest, count)


@njit
def _pushed_compiled(past, newest):
    return ops.pushed(past, newest)


def test_pushed() -> None:
    assert ops.pushed((4.0, 2.0, 1.0), 8.0) == (8.0, 4.0, 2.0)
    assert ops.pushed((4.0,), 8.0) == (8.0,)
    assert _pushed_compiled(np.array([4.0, 2.0, 1.0]), 8.0).tolist() == [8, 4, 2]
    assert _pushed_compiled(np.array([4.0]), 8.0).tolist() == [8]


@given(st.floats(1e-6, 1e6))
def test_logarithms(x: float) -> None:
    assert ops.log(x) == math.log(x) and ops.log(np.array([x]))[0] == np.log(x)
    assert float(ops.log(sympy.Float(x, 30))) == pytest.approx(math.log(x), rel=1e-15, abs=1e-15)
    assert abs(ops.log(flint.arb(x)) - flint.arb(math.log(x))) < 1e-13


def test_a_sign_of_nan_is_nan() -> None:
    """Else a step by signs would hide a gradient that is no number."""
    for kind in (float, np.float64, lambda x: np.array([x]), lambda x: torch.tensor(x)):
        assert np.isnan(np.asarray(ops.sign(kind(math.nan)))).all()
    assert math.isnan(_compiled_sign(math.nan)) and _compiled_sign(-0.5) == -1


@njit
def _compiled_sign(x):
    return ops.sign(x)


@njit
def _transcendental(x, y):
    return ops.exp(y), ops.log(x), ops.power(x, y)


@given(st.floats(1e-3, 1e3), st.floats(-2, 2))
def test_exponential_logarithm_and_power_on_every_number_that_has_them(x: float, y: float) -> None:
    def all_three(a: Any, b: Any) -> tuple[Any, ...]:
        return ops.exp(b), ops.log(a), ops.power(a, b)

    wanted = math.exp(y), math.log(x), x**y
    assert all_three(x, y) == wanted
    a, b = sympy.symbols("a b", real=True)
    for found in (
        _transcendental(x, y),
        all_three(np.array([x]), np.array([y])),
        [e.xreplace({a: sympy.Float(x, 30), b: sympy.Float(y, 30)}) for e in all_three(a, b)],
        all_three(flint.arb(x), flint.arb(y)),
        all_three(torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)),
    ):
        for one, number in zip(found, wanted, strict=True):
            assert abs(float(one.item() if isinstance(one, np.ndarray) else one) - number) <= 1e-13 * (1 + abs(number))


@pytest.mark.parametrize("told, operation", [
    ("exponential", lambda x: ops.exp(x)),
    ("logarithm", lambda x: ops.log(x)),
    ("power with a real exponent", lambda x: ops.power(x, 0.8)),
    ("power with a real exponent", lambda x: ops.power(2.0, x)),
])  # fmt: skip
def test_z3_is_told_which_operation_it_has_not(told: str, operation: Any) -> None:
    with pytest.raises(ops.NotAlgebraic, match=f"z3 has no {told} on the reals; choose options"):
        operation(z3.Real("x"))


def test_a_number_beside_a_tensor_keeps_its_digits() -> None:
    """torch.as_tensor(0.1) alone is a float32."""
    x = torch.tensor([0.5, -1.0], dtype=torch.float64)
    assert ops.minimum(x, 0.1).tolist() == [0.1, -1.0] and ops.maximum(0.1, x).tolist() == [0.5, 0.1]
    assert ops.minimum(x.float(), torch.tensor(0.1, dtype=torch.float64)).dtype == torch.float32
