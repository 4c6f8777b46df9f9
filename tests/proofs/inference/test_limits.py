"""The rules of the long run refuse what does not fit, and no false conclusion can be had from them."""

import itertools
import math

import pytest
import sympy

from proofs.inference import limits, periods
from proofs.inference.derivation import WrongShape, assume, eventually, lemma, use
from proofs.statements.statement import Eventually, ForAll, Tends, integers, keys, reals, sequences
from proofs.statements.vocabulary import T, alpha_t, k, s, t

x, y = sequences("x y")
a, b, q = reals("a b q")
t0, j = integers("t0 j")


def shrinking(factor):
    return assume(Eventually(t, sympy.Abs(x(t + 1)) <= factor * sympy.Abs(x(t))))


def test_contraction_needs_a_factor_that_is_the_same_at_every_step_and_assumes_that_it_is_below_one():
    fact = limits.contraction(shrinking(q), x(t), q)
    assert fact.then == Tends(t, x(t), 0)
    assert keys([q >= 0, q < 1]).keys() <= keys(fact.given).keys()
    with pytest.raises(WrongShape, match="depends on"):  # a factor t/(t+1) shrinks for ever and need not reach 0
        limits.contraction(shrinking(t / (t + 1)), x(t), t / (t + 1))
    with pytest.raises(WrongShape):
        limits.contraction(shrinking(q), x(t), q / 2)


def test_from_then_on_keeps_what_a_conclusion_says_about_the_start():
    late = ForAll(t, t >= t0, x(t) <= a)
    rest = limits.shifted(assume(Eventually(t, x(t) <= a)), 0)
    conclusion = eventually(lemma("l", "", [b <= 1], b <= 2, [b <= 0]), t)
    with pytest.raises(WrongShape, match="does not need"):
        limits.from_then_on(conclusion, t0, rest)
    about_start = limits.from_then_on
    speaking = assume(Eventually(t, y(t) <= t0))
    with pytest.raises(WrongShape, match="does not speak"):
        about_start(speaking, t0, rest)
    bounded_above = weakened(assume(Eventually(t, y(t) <= a)), late, t0 <= 5)
    with pytest.raises(WrongShape, match="more than a lower bound"):
        about_start(bounded_above, t0, rest)
    fits = about_start(weakened(assume(Eventually(t, y(t) <= a)), late, t0 >= 5), t0, rest)
    assert t0 not in set().union(*(e.free_symbols for e in fits.given))


def weakened(fact, *given):
    from proofs.inference.derivation import weaken

    return weaken(fact, *given)


def test_cases_need_both_cases():
    one = weakened(assume(a <= b), a > 0)
    other = weakened(assume(a <= b), a <= 0)
    assert not limits.cases(one, other, a > 0).given[1:]  # a <= b itself is all that is left
    with pytest.raises(WrongShape):
        limits.cases(one, one, a > 0)


def test_a_function_that_is_not_continuous_has_no_limit_by_rule():
    tends = assume(Tends(t, x(t), a))
    assert limits.limit_of(sympy.Abs(b) * 2, {b: tends}).then == Tends(t, 2 * sympy.Abs(x(t)), 2 * sympy.Abs(a))
    for broken in (sympy.sign(b), 1 / b, sympy.Piecewise((1, b > 0), (0, True)), b * t):
        with pytest.raises(WrongShape):
            limits.limit_of(broken, {b: tends})


def test_dominated_and_average_need_a_bound_that_vanishes():
    bound = assume(Eventually(t, sympy.Abs(x(t)) <= y(t)))
    assert limits.dominated(bound, assume(Tends(t, y(t), 0)), x(t)).then == Tends(t, x(t), 0)
    with pytest.raises(WrongShape):
        limits.dominated(bound, assume(Tends(t, y(t), 1)), x(t))
    with pytest.raises(WrongShape):
        limits.average_to_zero(assume(Tends(t, x(t), 1)), T)


def test_congruence_refuses_what_is_bound():
    equal = assume(sympy.Eq(t, a, evaluate=False))
    with pytest.raises(WrongShape):
        limits.congruence(ForAll(t, t >= 1, x(t) <= b), equal)


def test_threshold_wants_one_function_that_falls_without_further_conditions():
    z, place = reals("z place")
    falls = lemma("f", "", [a < b, a > 0], -b < -a, [-b < -a - 1])
    above = lemma("p", "", [], (sympy.Rational(1, 2) > 0) & (q**2 + 1 > q), [q**2 + 1 > 2 * q])
    with pytest.raises(WrongShape):  # nothing shows where -x is positive: it is nowhere above 0
        limits.threshold(falls, above, above, a, b, sympy.S.Zero, place)
    conditional = lemma("c", "", [a < b, a > 0, z > a], -b < -a, [-b < -a - 1])
    with pytest.raises(WrongShape, match="asks more"):
        limits.threshold(conditional, above, above, a, b, sympy.S.Zero, place)


def test_jurys_criterion_agrees_with_the_roots():
    z = sympy.Symbol("z")
    polynomial = z**3 + a * z**2 + b * z + q
    from proofs.statements.statement import Named

    stable, unstable = Named("all inside {0}", polynomial), Named("one outside {0}", polynomial)
    inside, outside = limits.schur_cohn(stable, unstable, polynomial, z)
    conditions = next(e for e in inside.then.args if e != stable)
    for values in itertools.product((-1.3, -0.4, 0.15, 0.9), repeat=3):
        at = dict(zip((a, b, q), values, strict=True))
        largest = max(abs(root) for root in sympy.Poly(polynomial.subs(at), z).nroots())
        assert bool(conditions.subs(at)) == (largest < 1)
        assert not outside.then.args[0].subs(at) or largest > 1
    with pytest.raises(WrongShape):
        limits.schur_cohn(Named("of nothing"), unstable, polynomial, z)


@pytest.mark.parametrize("period", [1, 2, 5])
def test_facts_about_the_phase_are_true_of_the_remainder(period):
    numbers = {step: (step - 1) % period for step in range(1, 30)}
    for fact in (periods.phase_wraps(t, k), periods.phase_grows(t, k), periods.phase_range(t, k)):
        for step in range(1, 25):
            put = {periods.Phase(t, k): numbers[step], periods.Phase(t + 1, k): numbers[step + 1]}
            given = [e.xreplace(put).subs({k: period}) for e in fact.given]
            if all(given):
                assert fact.then.xreplace(put).subs({k: period}) == sympy.true


@pytest.mark.parametrize("period", [1, 3, 4])
def test_sums_over_periods_are_true_of_numbers(period):
    """|partial sum| <= the sum of sizes, and a period counts every phase once."""
    values = [2.0, -7.0, 4.0, 1.0][:period]
    centred = [v - math.fsum(values) / period for v in values]
    widest = max(abs(math.fsum(centred[(m - 1) % period] for m in range(1, n))) for n in range(1, 40))
    assert widest <= math.fsum(map(abs, centred)) + 1e-12
    body = sympy.Piecewise((a, sympy.Eq(periods.Phase(s, k), 0)), (b * periods.Phase(s, k), True))
    whole = periods.one_period(body, s, k, j).then.rhs.subs({k: period}).doit()
    assert sympy.simplify(whole - (a + b * sum(range(1, period)))) == 0


def test_what_depends_on_the_step_itself_has_no_period():
    for rule in (
        lambda: periods.partial_sums(s * periods.Phase(s, k), s, k, t),
        lambda: periods.one_period(alpha_t(s), s, k, j),
        lambda: periods.average_over_periods(periods.Phase(s, k) + s, s, k, T),
        lambda: periods.constant_sum(j, j, 1, k),
    ):
        with pytest.raises(WrongShape):
            rule()


@pytest.mark.parametrize("base", [0, sympy.Rational(1, 3), 1])
def test_powers_are_true_of_numbers(base):
    for n in range(1, 6):
        for fact in (periods.power_range(q, k), periods.power_at_most(q, k), periods.power_next(q, k)):
            assert fact.then.subs({q: base, k: n}) == sympy.true


def test_a_symbol_for_a_whole_number_stays_one():
    with pytest.raises(WrongShape):
        periods.power_at_most(q, a)
    with pytest.raises(WrongShape):
        use(periods.power_range(q, k), {k: a})


def test_a_run_is_not_renamed_under_its_hypothesis():
    """Else "theta is a run" would say of any sequence that it follows the rule's recurrence."""
    from proofs.models.symbolic_run import Run
    from proofs.statements.formulas import DWMGRAD
    from proofs.statements.vocabulary import theta

    moves = Run(DWMGRAD, box=True).iterate()
    with pytest.raises(WrongShape, match="named hypothesis"):
        use(moves, {theta: sympy.Lambda((t, j), 0)})
