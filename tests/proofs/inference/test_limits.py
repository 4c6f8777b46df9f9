"""The rules of the long run refuse what does not fit, and no false conclusion can be had from them."""

import itertools
import math

import pytest
import sympy

from proofs.inference import limits, periods
from proofs.inference.derivation import WrongShape, assume, eventually, lemma, use, weaken
from proofs.statements.statement import BigO, Eventually, ForAll, Named, Tends, integers, keys, reals, sequences
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
    bounded_above = weaken(assume(Eventually(t, y(t) <= a)), late, t0 <= 5)
    with pytest.raises(WrongShape, match="more than a lower bound"):
        about_start(bounded_above, t0, rest)
    fits = about_start(weaken(assume(Eventually(t, y(t) <= a)), late, t0 >= 5), t0, rest)
    assert t0 not in set().union(*(e.free_symbols for e in fits.given))


def test_cases_need_both_cases():
    one = weaken(assume(a <= b), a > 0)
    other = weaken(assume(a <= b), a <= 0)
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


def test_a_forced_contraction_needs_a_factor_below_one_and_a_force_that_vanishes():
    step = assume(Eventually(t, sympy.Abs(x(t + 1)) <= q * sympy.Abs(x(t)) + y(t)))
    fades = assume(Tends(t, y(t), 0))
    fact = limits.forced_contraction(step, fades, x(t), q)
    assert fact.then == Tends(t, x(t), 0)
    assert keys([q >= 0, q < 1, *step.given, *fades.given]).keys() <= keys(fact.given).keys()
    with pytest.raises(WrongShape, match="does not tend to 0"):  # x = y/(1 - q) for ever
        limits.forced_contraction(step, assume(Tends(t, y(t), 1)), x(t), q)
    with pytest.raises(WrongShape, match="is not"):  # of another sequence nothing is known
        limits.forced_contraction(step, fades, y(t), q)
    with pytest.raises(WrongShape, match="is not"):  # the force of the step is not the one that vanishes
        limits.forced_contraction(step, assume(Tends(t, y(t) ** 2, 0)), x(t), q)
    growing = assume(Eventually(t, sympy.Abs(x(t + 1)) <= t / (t + 1) * sympy.Abs(x(t)) + y(t)))
    with pytest.raises(WrongShape, match="depends on"):
        limits.forced_contraction(growing, fades, x(t), t / (t + 1))
    with pytest.raises(WrongShape, match="Eventually"):
        limits.forced_contraction(assume(x(t) <= a), fades, x(t), q)


@pytest.mark.parametrize(
    "rule, function", [(limits.root_of_limit, sympy.sqrt), (limits.inverse_of_limit, lambda c: 1 / c)]
)
def test_roots_and_quotients_of_limits_need_a_positive_limit(rule, function):
    tends = assume(Tends(t, x(t), a))
    fact = rule(tends)
    assert fact.then == Tends(t, function(x(t)), function(a))
    assert (
        keys([a > 0]).keys() <= keys(fact.given).keys()
    )  # at 0 a root may be undefined for ever, and 1/x has no limit
    with pytest.raises(WrongShape, match="no limit"):
        rule(assume(x(t) <= a))


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
        for m in range(n + 1):
            assert periods.power_falls(q, m, k).then.subs({q: base, k: n}) == sympy.true


def test_powers_fall_only_from_an_exponent_that_is_not_the_larger():
    fact = periods.power_falls(q, j, k)
    assert keys([q <= 1, q >= 0, j >= 0, k >= j]).keys() == keys(fact.given).keys()


@pytest.mark.parametrize("base", [1, sympy.Rational(3, 2), 7])
@pytest.mark.parametrize("exponent", [0, sympy.Rational(1, 3), 2])
def test_a_power_of_what_is_at_least_one_is(base, exponent):
    fact = periods.power_at_least_one(a, b)
    assert fact.then.subs({a: base, b: exponent}) == sympy.true
    assert keys(fact.given).keys() == keys([a >= 1, b >= 0]).keys()  # 2^-1 and (1/2)^1 are below 1


def test_a_symbol_for_a_whole_number_stays_one():
    with pytest.raises(WrongShape):
        periods.power_at_most(q, a)
    with pytest.raises(WrongShape):
        use(periods.power_range(q, k), {k: a})
    with pytest.raises(WrongShape):
        periods.power_falls(q, k, a)


def test_a_run_is_not_renamed_under_its_hypothesis():
    """Else "theta is a run" would say of any sequence that it follows the rule's recurrence."""
    from proofs.models.symbolic_run import Run
    from proofs.statements.formulas import DWMGRAD
    from proofs.statements.vocabulary import theta

    moves = Run(DWMGRAD, box=True).iterate()
    with pytest.raises(WrongShape, match="has a meaning"):
        use(moves, {theta: sympy.Lambda((t, j), 0)})


# --- logic: for statements A, B, C every row of the truth table -------------------------------------------------------

A, B, C = (Named(name) for name in "ABC")
ROWS = list(itertools.product([sympy.true, sympy.false], repeat=3))


def true_in(fact, row):
    """Whether the fact holds where A, B and C are true or false as the row says."""
    put = dict(zip((A, B, C), row, strict=True))
    return bool(sympy.Implies(sympy.And(*fact.given), fact.then).xreplace(put))


def assert_follows(conclusion, *premises):
    """In no row are all premises true and the conclusion false."""
    for row in ROWS:
        if all(true_in(premise, row) for premise in premises):
            assert true_in(conclusion, row), (conclusion.given, conclusion.then, row)


def known(then, *given):
    """A fact as it would be, had it been proved."""
    return weaken(assume(then), *given)


def stated(then, *given):
    """A fact that assumes no more than `given`, so that nothing but the rule's own shape keeps it true."""
    from proofs.inference.derivation import _fact

    return _fact(given, then, "stated", any_values=True)


def test_implications_follow_in_every_row():
    fact = stated(C, A, B)
    assert_follows(limits.implication(fact, A), fact)
    assert limits.implication(fact, A).given == (B,)
    assert_follows(limits.closed(fact), fact)
    assert limits.closed(fact).given == () and limits.closed(stated(A)).then == A
    assert_follows(limits.antecedent(limits.closed(fact)), fact)
    assert keys(limits.antecedent(limits.closed(fact)).given).keys() == keys([A, B]).keys()
    steps = stated(sympy.Implies(A, B)), stated(sympy.Implies(B, C))
    assert_follows(limits.chained(*steps), *steps)
    same = stated(sympy.Equivalent(A, B)), stated(sympy.Equivalent(B, C))
    assert_follows(limits.equivalent(*same), *same)
    ways = stated(C, A), stated(C, B)
    assert_follows(limits.either(*ways, A, B), *ways)
    assert limits.either(*ways, A, B).given == (sympy.Or(A, B),)
    assert_follows(limits.cases(stated(C, A, B), stated(C, sympy.Not(A)), A), stated(C, A, B), stated(C, sympy.Not(A)))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: limits.implication(stated(C, A), B),  # B is no hypothesis
        lambda: limits.antecedent(stated(sympy.Or(A, B))),
        lambda: limits.antecedent(stated(sympy.Equivalent(A, B))),
        lambda: limits.either(stated(C, A), stated(B, A), A, A),  # two conclusions
        lambda: limits.either(stated(C, A), stated(C, A), A, B),  # the second does not come from B
        lambda: limits.cases(stated(C, A), stated(C, B), A),  # nothing is known where A is false
        lambda: limits.chained(stated(sympy.Implies(A, B)), stated(sympy.Implies(A, C))),
        lambda: limits.chained(stated(sympy.Implies(B, C)), stated(sympy.Implies(A, B))),  # the wrong way round
        lambda: limits.chained(stated(sympy.Implies(A, B)), stated(sympy.Equivalent(B, C))),
        lambda: limits.equivalent(stated(sympy.Equivalent(A, B)), stated(sympy.Implies(B, C))),
        lambda: limits.equivalent(stated(sympy.Equivalent(A, B)), stated(sympy.Equivalent(A, B))),
    ],
)
def test_logic_refuses_what_does_not_follow(wrong):
    with pytest.raises(WrongShape):
        wrong()


def test_hypotheses_of_all_premises_stay():
    steps = stated(sympy.Implies(A, B), a > 0), stated(sympy.Implies(B, C), b > 0)
    assert keys(limits.chained(*steps).given).keys() == keys([a > 0, b > 0]).keys()
    same = stated(sympy.Equivalent(A, B), a > 0), stated(sympy.Equivalent(B, C), b > 0)
    assert keys(limits.equivalent(*same).given).keys() == keys([a > 0, b > 0]).keys()
    ways = stated(C, A, a > 0), stated(C, B, b > 0)
    assert keys(limits.either(*ways, A, B).given).keys() == keys([a > 0, b > 0, sympy.Or(A, B)]).keys()


# --- limits restated ------------------------------------------------------------------------------------------------


def test_a_limit_is_restated_for_the_same_sequence_only():
    tends = known(Tends(t, x(t), a))
    same = known(Eventually(t, sympy.Eq(y(t), x(t), evaluate=False)))
    assert limits.restated_limit(tends, same).then == Tends(t, y(t), a)
    other = known(Eventually(t, sympy.Eq(y(t), x(t + 1), evaluate=False)))
    elsewhere = known(Eventually(s, sympy.Eq(y(s), x(s), evaluate=False)))
    below = known(Eventually(t, y(t) <= x(t)))
    for wrong in (other, elsewhere, below, known(sympy.Eq(y(t), x(t), evaluate=False))):
        with pytest.raises(WrongShape):
            limits.restated_limit(tends, wrong)
    with pytest.raises(WrongShape):  # from y -> a and y = x nothing is said here of x
        limits.restated_limit(known(Tends(t, y(t), a)), same)


def test_the_value_of_a_limit_is_replaced_by_an_equal_number():
    tends = known(Tends(t, x(t), a))
    assert limits.limit_value(tends, known(sympy.Eq(a, b, evaluate=False))).then == Tends(t, x(t), b)
    for wrong in (sympy.Eq(b, a, evaluate=False), a <= b, sympy.Eq(a, x(t), evaluate=False)):
        with pytest.raises(WrongShape):
            limits.limit_value(tends, known(wrong))


def test_only_what_does_not_depend_on_the_step_tends_to_itself():
    assert limits.constant_limit(a + 1, t).then == Tends(t, a + 1, a + 1)
    for wrong in (a + t, x(t)):
        with pytest.raises(WrongShape, match="depends on"):
            limits.constant_limit(wrong, t)


def test_an_order_is_a_bound_by_a_constant_multiple():
    bound = known(Eventually(t, sympy.Abs(x(t)) <= 3 * a * y(t)))
    assert limits.order_of(bound, 3 * a).then == BigO(t, x(t), y(t))
    for constant in (t, y(t), sympy.Integer(0), b):  # |x| <= 3 a y is no bound by a multiple of b: b may be 0
        with pytest.raises(WrongShape):
            limits.order_of(bound, constant)
    for wrong in (Eventually(t, x(t) <= a), Eventually(t, a <= sympy.Abs(x(t))), Tends(t, x(t), a)):
        with pytest.raises(WrongShape):
            limits.order_of(known(wrong), a)
