"""The driver's own arithmetic, on floats and on symbols, and that it computes to the bit what it always did."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from dwmgrad_ref import arithmetic, run
from dwmgrad_ref.execution import compiled as c

finite = st.floats(-1e6, 1e6)

# Last iterate and certificate after 500 steps on `periodic`, recorded when both were still written inside the loop.
# Only + - * / and roots of floats go into them, which every machine rounds alike.
RECORDED = {
    "adadelta": ("0x1.b7fdb1eedd5fdp-9", "0x1.2b68392b71d07p+17"),
    "adagrad": ("-0x1.21938986a7f3fp-2", "0x1.a68dd56f55e38p+8"),
    "adam": ("-0x1.0000000000000p+0", "0x1.1718a852aa7d6p+8"),
    "adamomentum": ("-0x1.0000000000000p+0", "0x1.8fbbd34db3ff0p+10"),
    "adamw": ("-0x1.0000000000000p+0", "0x1.13b2525dc1b38p+8"),
    "amsgrad": ("-0x1.0000000000000p+0", "0x1.137d77bd50437p+8"),
    "dwmgrad": ("0x1.862cd481cb72ap-1", "0x1.7d5cfa037eee5p+8"),
    "dwmgrad-explicit-window": ("0x1.9a64900095ecbp-1", "0x1.cfe8d8e6864fep+8"),
    "heavy-ball": ("-0x1.0000000000000p+0", "0x1.1e9d1f571d04cp+10"),
    "lcam": ("-0x1.0000000000000p+0", "0x1.22e84d46db674p+14"),
    "nesterov": ("-0x1.0000000000000p+0", "0x1.00d01b224e1f0p+10"),
    "rmsprop": ("-0x1.e94b100f4012ep-1", "0x1.ba483d8aad927p+7"),
    "rmsprop-momentum": ("-0x1.0000000000000p+0", "0x1.808b5d40e1d86p+10"),
    "sgd": ("-0x1.c000000000000p-1", "0x1.0740000000000p+8"),
}


@pytest.mark.parametrize("rule", RECORDED)
def test_not_a_bit_has_changed(rule):
    last = run(rule, "periodic", 500, ("bound", "iterate"), alpha=0.125).final
    assert (float(last["theta_0"]).hex(), float(last["bound"]).hex()) == RECORDED[rule]


@given(finite, finite, finite)
def test_projected_is_the_median_of_point_and_ends(x, a, b):
    low, high = min(a, b), max(a, b)
    assert arithmetic.projected(x, low, high) == sorted((x, low, high))[1]
    assert _compiled(x, low, high) == sorted((x, low, high))[1]


@njit
def _compiled(x, low, high):
    return arithmetic.projected(x, low, high)


def test_a_nan_survives_the_projection():
    """Else the driver would go on from an end of the box and never stop."""
    assert math.isnan(_compiled(math.nan, -1.0, 1.0)) and math.isnan(arithmetic.projected(math.nan, -1.0, 1.0))


@given(finite, finite, st.floats(0, 1e6), finite, st.floats(0, 1))
def test_w_is_no_nearer_than_z_to_any_point_of_the_box(free, low, width, shift, where):
    """In exact arithmetic, and so it is z itself, to the bit, where something is mirrored."""
    free, low, shift = map(Fraction, (free, low, shift))
    high = low + Fraction(width)
    u = low + Fraction(where) * Fraction(width)
    for move in (shift, Fraction(0)):
        w = arithmetic.unprojected(free, move, low, high)
        z = arithmetic.mirrored(arithmetic.projected(free, low, high), move)
        assert abs(z - u) <= abs(w - u) and (w == z if move else w == free)


@given(st.lists(finite, min_size=1, max_size=40))
def test_added_keeps_what_rounding_takes(values):
    """One term at a time, high + rest is the exact sum as long as the errors themselves add up without rounding."""
    total = rest = 0.0
    exact = Fraction(0)
    for value in values:
        new, kept = arithmetic.added(total, 0.0, value)
        assert Fraction(new) + Fraction(kept) == Fraction(total) + Fraction(value)
        total, rest, exact = *arithmetic.added(total, rest, value), exact + Fraction(value)
    assert abs(Fraction(total) + Fraction(rest) - exact) <= Fraction(40 * 2.0**-106) * sum(
        abs(Fraction(v)) for v in values
    )


def test_added_loses_nothing_on_symbols():
    total, rest, value = sympy.symbols("total rest value", real=True)
    assert arithmetic.added(total, rest, value) == (total + value, rest)


@pytest.mark.parametrize("name", ["added", "mirrored", "projected", "unprojected"])
def test_compiled_equals_interpreted(name):
    function = c.compilable(getattr(arithmetic, name))
    arity = function.__code__.co_argcount
    fast = njit(lambda a: function(*a))
    for values in np.random.default_rng(5).standard_normal((50, arity)):
        assert fast(tuple(values)) == function(*values.tolist())
