"""What holds for every rule, found by discovery: one formula on every kind of number, and its symmetries."""

import ctypes
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
import sympy
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from dwmgrad_ref import ops, rules
from dwmgrad_ref.execution import compiled
from tests.dwmgrad_ref.rules.rule_cases import CASES, D, Point, bits, flat, outputs, run, stream, unflat

SLOW = settings(max_examples=12, deadline=None, derandomize=True)
every_case = pytest.mark.parametrize("name, given_options", CASES, ids=[f"{n}-{o}" for n, o in CASES])
every_rule = pytest.mark.parametrize("name", rules.names())


# Rules, with the option that was given, whose shared formula has an exponential or a power that is no root.
NOT_ALGEBRAIC = {("adafactor",), ("adafactor", "step"), ("ademamix", "ramp_up")}


# --- compiled ------------------------------------------------------------------------------------------------


@every_case
def test_compiled_is_the_interpreted_formula_bit_for_bit(name: str, given_options: Any) -> None:
    rule = rules.get(name)
    o = rule.encode(rule.options(**given_options))
    x, gradients, losses = stream(1)
    k, c = rule.begin(o, x)
    p, memory, shared, theta = np.array(o), np.array(flat(c)).reshape(-1, D), np.array(k, dtype=float), x.copy()
    arguments = [ctypes.c_void_p] * 5 + [ctypes.c_int64] * 2 + [ctypes.c_double]
    step = ctypes.CFUNCTYPE(None, *arguments)(compiled.step_of(rule).address)
    for t, (g, loss) in enumerate(zip(gradients, losses, strict=True), start=1):
        k, c, x = rule.step(o, k, c, x, g, loss)
        pointers = [a.ctypes.data for a in (p, shared, memory, theta, g)]
        step(*pointers, D, len(memory), loss)
        assert bits(x) == theta.tobytes(), f"theta after step {t}"
        assert bits(k) == shared.tobytes(), f"shared state after step {t}"
        assert bits(flat(c)) == memory.tobytes(), f"state after step {t}"


@every_case
def test_one_coordinate_on_floats_is_the_array_formula_bit_for_bit(name: str, given_options: Any) -> None:
    rule = rules.get(name)
    o = rule.encode(rule.options(**given_options))
    x, gradients, losses = stream(2, 40)
    k, c, end = run(rule, o, x, gradients, losses)
    for i in range(D):
        alone = run(rule, o, float(x[i]), gradients[:, i].tolist(), losses.tolist())
        assert bits(alone[0]) == bits(k) and bits(alone[2]) == bits(end[i])
        assert bits(flat(alone[1])) == bits([row[i] for row in flat(c)])


# --- symbols, z3, balls: one step from a state reached by 7 float steps ------------------------------------------


@every_case
def test_symbols(name: str, given_options: Any) -> None:
    """The sympy expressions, evaluated with 30 digits, give the float step; 1e-12 leaves room for its rounding."""
    point = Point(name, given_options)
    inputs = point.inputs()
    symbols = {n: sympy.Symbol(n, real=True) for n in inputs}
    values = {symbols[n]: sympy.Rational(v) if np.isfinite(v) else sympy.oo for n, v in inputs.items()}
    # Exact numbers are put in and only then rounded, to 30 digits: relations see no rounding at all.
    got = [sympy.sympify(e).xreplace(values).evalf(30) for e in point.step_on(symbols)]
    np.testing.assert_allclose(np.array(got, dtype=float), np.array(point.after, dtype=float), rtol=1e-12, atol=1e-15)


@every_case
def test_balls(name: str, given_options: Any) -> None:
    """30 steps at 200 bits: radii stay below 1e-40 and the float run is within rounding of them."""
    rule = rules.get(name)
    x, gradients, losses = stream(4, 30)
    floats = run(rule, rule.encode(rule.options(**given_options)), x, gradients, losses)
    precision, flint.ctx.prec = flint.ctx.prec, 200
    try:
        o = rule.encode(rule.options(**given_options), number=flint.arb)
        for i in range(D):
            k, c = rule.begin(o, flint.arb(x[i]))
            state = rule.Shared(*map(flint.arb, k)), c
            balls = run(rule, o, flint.arb(x[i]), map(flint.arb, gradients[:, i]), map(flint.arb, losses), state)
            wanted = outputs(floats[0], unflat(floats[1], [v[i] for v in flat(floats[1])]), floats[2][i])
            for ball, value in zip(outputs(*balls), wanted, strict=True):
                assert float(flint.arb(ball).rad()) < 1e-40
                assert float(abs(ball - flint.arb(float(value)))) <= 1e-12 * (abs(float(value)) + 1e-3)
    finally:
        flint.ctx.prec = precision


@every_case
def test_z3_terms(name: str, given_options: Any) -> None:
    """At exact rational inputs no real solution of the terms is further than 1e-9 from the float step.

    The coordinate's formula gets the floats that the shared formula gave: roots of roots cost z3 up to a minute.
    """
    point = Point(name, given_options)
    if (name, *given_options) in NOT_ALGEBRAIC:
        with ops.side_conditions(), pytest.raises(ops.NotAlgebraic, match="z3 has no .* on the reals; choose options"):
            point.shared_on({n: z3.Real(n) for n in point.inputs()})
        return
    numbers = point.inputs()
    inputs = {n: z3.Real(n) if np.isfinite(v) else v for n, v in numbers.items()}
    values = {inputs[n]: z3.RealVal(str(Fraction(v))) for n, v in numbers.items() if np.isfinite(v)}
    count = len(point.k)
    for part, wanted in ((point.shared_on, point.after[:count]), (point.coord_on, point.after[count:])):
        with ops.side_conditions() as conditions:
            after = part(inputs)
        solver = z3.SolverFor("QF_NRA")
        solver.add(*(z3.substitute(condition, *values.items()) for condition in conditions))
        assert solver.check() == z3.sat  # the hypotheses can be met, so that "unsat" below says something
        for term, value in zip(after, wanted, strict=True):
            if not z3.is_expr(term):
                assert term == value
                continue
            apart = z3.substitute(term, *values.items()) - z3.RealVal(str(Fraction(float(value))))
            solver.push()
            solver.add(z3.Or(apart > z3.Q(1, 10**9), apart < -z3.Q(1, 10**9)))
            assert solver.check() == z3.unsat
            solver.pop()


# --- symmetries ------------------------------------------------------------------------------------------------


@every_case
def test_inputs_are_left_unchanged(name: str, given_options: Any) -> None:
    rule = rules.get(name)
    o = rule.encode(rule.options(**given_options))
    x, gradients, losses = stream(5, 6)
    k, c, x = run(rule, o, x, gradients[:5], losses[:5])
    g = gradients[5].copy()
    before = bits(k), bits(flat(c)), bits(x), bits(g)
    for array in (*flat(c), x, g):
        array.setflags(write=False)  # writing in place would raise
    rule.step(o, k, c, x, g, 0.5)
    assert before == (bits(k), bits(flat(c)), bits(x), bits(g))


@every_rule
def test_no_gradient_no_motion(name: str) -> None:
    """From rest a zero gradient moves nothing, exactly; weight decay is a force of its own and is left out."""
    rule = rules.get(name)
    o = rule.encode(rule.options(**({"weight_decay": 0.0} if "weight_decay" in rule.Options._fields else {})))
    x = np.array([1.5, -2.0, 0.0])
    _, _, end = run(rule, o, x, np.zeros((10, D)), np.ones(10))
    assert bits(end) == bits(x)


@every_rule
@SLOW
@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(range(D)))
def test_coordinates_may_be_permuted(name: str, seed: int, order: list[int]) -> None:
    rule = rules.get(name)
    o = rule.encode(rule.options())
    x, gradients, losses = stream(seed, 30)
    k, c, end = run(rule, o, x, gradients, losses)
    k2, c2, end2 = run(rule, o, x[order], gradients[:, order], losses)
    assert bits(k) == bits(k2) and bits(end[order]) == bits(end2)
    assert bits([row[order] for row in flat(c)]) == bits(flat(c2))


@every_rule
@SLOW
@given(seed=st.integers(0, 2**32 - 1))
def test_mirrored_gradients_mirror_the_run(name: str, seed: int) -> None:
    """Every rule is odd in (theta, g) coordinate by coordinate, exactly: rounding to nearest is symmetric."""
    rule = rules.get(name)
    o = rule.encode(rule.options())
    x, gradients, losses = stream(seed, 30)
    sign = np.array([1.0, -1.0, -1.0])
    end, mirrored = run(rule, o, x, gradients, losses)[2], run(rule, o, sign * x, sign * gradients, losses)[2]
    assert np.array_equal(sign * end, mirrored)


@every_rule
@SLOW
@given(seed=st.integers(0, 2**32 - 1), shift=st.floats(-100, 100))
def test_the_origin_is_nowhere_special(name: str, seed: int, shift: float) -> None:
    """Shifting theta shifts the run and leaves the state bitwise alone; weight decay pulls to the origin, so none."""
    rule = rules.get(name)
    o = rule.encode(rule.options(**({"weight_decay": 0.0} if "weight_decay" in rule.Options._fields else {})))
    x, gradients, losses = stream(seed, 30)
    _, c, end = run(rule, o, x, gradients, losses)
    _, c2, end2 = run(rule, o, x + shift, gradients, losses)
    assert bits(flat(c)) == bits(flat(c2))
    np.testing.assert_allclose(end2 - shift, end, rtol=0, atol=30 * 2**-52 * (100 + np.max(np.abs(end))))


@every_case
@settings(max_examples=5, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(0, 30))
def test_a_saved_state_continues_bit_for_bit(name: str, given_options: Any, seed: int, cut: int) -> None:
    """All there is of a run is (shared, state, theta): written to bytes and read back, it goes on the same."""
    rule = rules.get(name)
    o = rule.encode(rule.options(**given_options))
    x, gradients, losses = stream(seed, 30)
    k, c, end = run(rule, o, x, gradients, losses)
    k1, c1, x1 = run(rule, o, x, gradients[:cut], losses[:cut])
    read = rule.Shared(*np.frombuffer(bits(k1)).tolist())
    memory = np.frombuffer(bits(flat(c1))).reshape(-1, D) if flat(c1) else []
    state = read, unflat(c1, list(memory))
    k2, c2, end2 = run(rule, o, np.frombuffer(bits(x1)), gradients[cut:], losses[cut:], state)
    assert (bits(k), bits(flat(c)), bits(end)) == (bits(k2), bits(flat(c2)), bits(end2))
