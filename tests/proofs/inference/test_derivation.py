"""The rules refuse facts that do not fit, and a false statement cannot be had from them."""

import pytest
import sympy

from proofs.inference import derivation as rule
from proofs.inference.derivation import Fact, WrongShape
from proofs.statements.claim import Claim, Mismatch
from proofs.statements.statement import (
    Eventually,
    ForAll,
    Named,
    Statement,
    Tends,
    canonical,
    integers,
    keys,
    reals,
    sequences,
    substitute,
)

a, b, c = reals("a b c")
n, m, i = integers("n m i")
f, F = sequences("f F")


def fact(given, then):
    return rule.lemma("t", "Test.", given, then, [])


def test_a_fact_is_made_by_a_rule_only():
    with pytest.raises(WrongShape):
        Fact((), a <= b, "lemma")


# --- statements as data ---


@pytest.mark.parametrize(
    "one, other",
    [
        (a >= b, b <= a),
        (2 * (a + b) <= c, 2 * a <= c - 2 * b),
        (ForAll(n, n >= 1, f(n) <= a), ForAll(m, m >= 1, f(m) <= a)),
        (sympy.Sum(f(n), (n, 1, m)) <= a, sympy.Sum(f(i), (i, 1, m)) <= a),
        ((a <= b) & (b <= c), (b <= c) & (a <= b)),
    ],
)
def test_the_same_statement_is_recognized(one, other):
    assert keys([one]).keys() == keys([other]).keys()


@pytest.mark.parametrize(
    "one, other",
    [
        (a <= b, a < b),
        (a <= b, b <= a),
        (a <= 2 * b, a <= 3 * b),
        (ForAll(n, n >= 1, f(n) <= a), ForAll(n, n >= 2, f(n) <= a)),
        (ForAll(n, n >= 1, f(n) <= a), ForAll(n, n >= 1, f(m) <= a)),
        (ForAll(n, n >= 1, f(n) <= a), Eventually(n, f(n) <= a)),
    ],
)
def test_another_statement_is_told_apart(one, other):
    assert canonical(one) != canonical(other)


def test_substitution_renames_what_would_be_captured():
    """f(n) <= m for all n, with n put for m, is not f(n) <= n."""
    found = substitute(ForAll(n, n >= 1, f(n) <= m), {m: n})
    assert n in found.free_symbols and canonical(found) != canonical(ForAll(n, n >= 1, f(n) <= n))
    summed = substitute(sympy.Sum(f(n) * m, (n, 1, m)), {m: n})
    assert summed.subs({n: 2}).doit() == 2 * f(1) + 2 * f(2)


# --- logic ---


def test_use_refuses_what_is_not_free_or_not_whole():
    known = fact([n >= 1], ForAll(m, m >= n, f(m) <= a))
    with pytest.raises(WrongShape, match="not free"):
        rule.use(known, {m: n + 1})
    with pytest.raises(WrongShape, match="whole number"):
        rule.use(known, {n: a})
    with pytest.raises(WrongShape, match="false"):
        rule.use(known, {n: sympy.Integer(0)})
    assert rule.use(known, {n: m}).then == ForAll(sympy.Symbol("m'", integer=True), sympy.Symbol("m'", integer=True)
                                                  >= m, f(sympy.Symbol("m'", integer=True)) <= a)  # fmt: skip


def test_a_symbol_that_is_positive_by_itself_stays_positive():
    """SymPy may have used the sign without saying so."""
    p = sympy.Symbol("p", positive=True)
    root = rule.equation("r", "Test.", sympy.sqrt(p**2), p, 2 * p)
    assert rule.use(root, {p: sympy.Integer(3)}).then in (sympy.true, sympy.Eq(3, 3, evaluate=False))
    for value in (a, sympy.Integer(-3), sympy.Integer(0), a**2):
        with pytest.raises(WrongShape, match="sign by itself"):
            rule.use(root, {p: value})


def test_discharge_fails_when_shapes_differ():
    needs = fact([a <= b, b <= c], a <= c)
    assert rule.discharge(needs, rule.assume(b >= a)).given == (b <= c, b >= a)
    with pytest.raises(WrongShape):
        rule.discharge(needs, rule.assume(a <= 2 * b))
    with pytest.raises(WrongShape):
        rule.discharge(needs, rule.assume(a < b))


def test_part_and_replace_need_what_is_there():
    known = rule.assume((a <= b) & (b <= c))
    assert rule.part(known, b <= c).then == (b <= c)
    with pytest.raises(WrongShape):
        rule.part(known, a <= c)
    with pytest.raises(WrongShape):
        rule.replace(rule.assume(a <= b), rule.assume(sympy.Eq(c, b)))
    bound = rule.assume(ForAll(n, n >= 1, f(n) <= a))
    with pytest.raises(WrongShape, match="bound"):
        rule.replace(bound, rule.assume(sympy.Eq(f(n), b)))


def test_for_all_makes_the_hypotheses_general():
    known = fact([f(n) <= a, n >= 1], F(n) <= a)
    found = rule.for_all(known, n, n >= 1)
    assert found.given == (ForAll(n, n >= 1, f(n) <= a),) and found.then == ForAll(n, n >= 1, F(n) <= a)


def test_at_asks_for_the_domain():
    known = rule.assume(ForAll(n, n >= 1, f(n) <= a))
    assert keys(rule.at(known, m + 1).given).keys() == keys([known.then, m >= 0]).keys()
    with pytest.raises(WrongShape):
        rule.at(known, a)


def test_under_takes_only_stronger_hypotheses():
    known = fact([n >= 0], f(n) >= 0)
    assert rule.under(known, n >= 1).given == (n >= 1,)
    with pytest.raises(WrongShape):
        rule.under(known, n >= -1)
    with pytest.raises(WrongShape):
        rule.under(fact([n > 0], f(n) >= 0), n >= 0)


# --- induction and sums ---

INVARIANT = f(n) <= a
BASE = fact([f(0) <= b], f(0) <= a)
STEP = fact([f(n) <= a, F(n) <= b, n >= 0], f(n + 1) <= a)


def test_induction_lifts_what_the_step_assumes():
    found = rule.induction(INVARIANT, n, 0, BASE, STEP)
    assert keys(found.given).keys() == keys([f(0) <= b, ForAll(n, n >= 0, F(n) <= b), n >= 0]).keys()


def test_induction_up_to_a_last_number_assumes_and_concludes_nothing_beyond_it():
    step = fact([f(n) <= a, F(n) <= b, n >= 0, n + 1 <= m], f(n + 1) <= a)
    found = rule.induction(INVARIANT, n, 0, BASE, step, last=m)
    inside = (n >= 0) & (n + 1 <= m)
    assert keys(found.given).keys() == keys([f(0) <= b, ForAll(n, inside, F(n) <= b), n >= 0, n <= m]).keys()
    too_far = rule.induction(INVARIANT, n, 0, BASE, step, last=m + 1)  # what the step needs is not so for n = m
    assert ForAll(n, (n >= 0) & (n + 1 <= m + 1), n + 1 <= m) in too_far.given
    with pytest.raises(WrongShape):
        rule.induction(INVARIANT, n, 0, BASE, step, last=n)


@pytest.mark.parametrize(
    "base, step",
    [
        (fact([f(1) <= b], f(1) <= a), STEP),
        (BASE, fact([f(n) <= a], f(n + 2) <= a)),
        (BASE, fact([f(n) <= a], f(n + 1) <= a + 1)),
        (fact([f(n) <= b], f(0) <= a), STEP),
    ],
)
def test_induction_refuses_another_base_or_step(base, step):
    with pytest.raises(WrongShape):
        rule.induction(INVARIANT, n, 0, base, step)


def test_rules_of_sums_are_true_of_numbers():
    put = {m: 4}
    for found in (rule.longer_sum(n**2, n, m), rule.linear(sympy.Sum(a * n + n**2, (n, 1, m))),
                  rule.exchange(sympy.Sum(n * i + i, (n, 1, 3), (i, 1, m)))):  # fmt: skip
        left, right = found.then.args
        assert sympy.expand((left - right).subs(put).doit()) == 0
    assert rule.empty_sum(n**2, n).then.lhs.doit() == 0


def test_exchange_refuses_ranges_that_depend_on_each_other():
    with pytest.raises(WrongShape):
        rule.exchange(sympy.Sum(f(n), (n, 1, i), (i, 1, m)))
    with pytest.raises(WrongShape):
        rule.exchange(sympy.Sum(f(n), (n, 1, m)))


def test_sum_over_sums_hypotheses_too():
    found = rule.sum_over(fact([f(i) >= 0], F(i) <= f(i)), i, 1, m)
    assert found.given == (ForAll(i, (1 <= i) & (i <= m), f(i) >= 0),)
    with pytest.raises(WrongShape):
        rule.sum_over(fact([], sympy.Ne(F(i), f(i))), i, 1, m)


# --- limits ---


def test_eventually_needs_no_more_than_a_lower_bound():
    assert rule.eventually(fact([n >= 3, a > 0], f(n) <= a), n).given == (a > 0,)
    with pytest.raises(WrongShape):
        rule.eventually(fact([n <= 3], f(n) <= a), n)
    with pytest.raises(WrongShape):
        rule.eventually(fact([f(n) >= 0], F(n) <= a), n)


def test_squeeze_wants_one_expression_and_one_limit():
    low = rule.assume(ForAll(n, n >= 1, f(n) <= F(n)))
    high = rule.assume(ForAll(n, n >= 1, F(n) <= 2 * f(n)))
    zero = [rule.assume(Tends(n, x, sympy.S.Zero)) for x in (f(n), 2 * f(n))]
    assert rule.squeeze(low, high, *zero).then == Tends(n, F(n), sympy.S.Zero)
    with pytest.raises(WrongShape):
        rule.squeeze(low, high, zero[0], rule.assume(Tends(n, 2 * f(n), sympy.S.One)))


# --- engines ---


def test_a_false_lemma_fails_and_a_loose_one_is_not_taken():
    assert rule.lemma("t", "", [a > 0], a**2 >= a, [a**2 >= 2 * a]).check.run().status == "fails"
    assert rule.lemma("t", "", [a > 1], a**2 >= a, [a**2 >= a + 1]).check.run().status == "holds"
    assert rule.lemma("t", "", [a > 1], a**2 >= a, [a**2 >= a - 1]).check.run().status == "unknown"


def test_an_equation_keeps_away_from_zero_and_from_roots_of_negative_numbers():
    assert rule.equation("t", "", a * b / b**2, a / b, a, [sympy.Ne(b, 0)]).check.run().status == "holds"
    assert rule.equation("t", "", a * b / b**2, a / b, a).check.run().status == "unknown"
    assert rule.equation("t", "", sympy.sqrt(a) ** 3, a * sympy.sqrt(a), a, [a >= 0]).check.run().status == "holds"
    assert rule.equation("t", "", sympy.sqrt(a) ** 3, a * sympy.sqrt(a), a).check.run().status == "unknown"
    assert rule.equation("t", "", (a + b) ** 2, a**2 + b**2, a).check.run().status != "holds"


def test_solvers_keep_two_symbols_of_one_name_apart():
    real, whole = sympy.Symbol("x", real=True), sympy.Symbol("x", integer=True)
    assert rule.lemma("t", "", [real > 1], whole > 1, []).check.run().status == "fails"


def test_a_named_hypothesis_cannot_be_asked_of_a_solver():
    assert "quantif" not in str(rule.assume(ForAll(n, n >= 1, f(n) <= a)).then)
    with pytest.raises(TypeError):
        rule.lemma("t", "", [ForAll(n, n >= 1, f(n) <= a)], f(1) <= a, []).check.run()


# --- claims ---


def claim(given, then, *facts):
    return Claim("T", "test", Statement(then, given), None, "inequality", proof=facts)  # type: ignore[arg-type]


def test_a_claim_says_what_its_facts_say():
    known = fact([a <= b, b <= c], a <= c)
    assert claim((a <= b, b <= c), c >= a, known)
    with pytest.raises(Mismatch, match="claimed"):
        claim((a <= b, b <= c), a <= c / 9, known)
    with pytest.raises(Mismatch, match="not given"):
        claim((a <= b,), a <= c, known)
    with pytest.raises(Mismatch, match="claimed"):
        claim((a <= b, b <= c), (a <= c) & (b <= a), known)


def test_one_name_stands_for_one_step():
    one, other = (
        rule.lemma("t", "One.", [a <= b], a <= b + 1, [a < b]),
        rule.lemma("t", "Other.", [a <= b], a <= b + 2, [a < b]),
    )
    with pytest.raises(Mismatch, match="two different steps"):
        claim((a <= b,), (a <= b + 1) & (a <= b + 2), one, other)


def test_what_sympy_alone_decides_is_no_lemma():
    with pytest.raises(WrongShape, match="evident"):
        rule.lemma("t", "", [a <= b], sympy.true, [])
    with pytest.raises(WrongShape, match="evident"):
        rule.lemma("t", "", [a <= b], a <= b + 1, [sympy.false])
    assert rule.evident(sympy.Sum(f(n), (n, 1, 0)) >= 0).given == ()
    with pytest.raises(WrongShape):
        rule.evident(f(0) >= 0)


def test_restate_replaces_in_order_and_compares():
    known = fact([], sympy.Eq(f(n + 1), 2 * F(n) / a, evaluate=False))
    equal = [rule.assume(sympy.Eq(F(n), b * m, evaluate=False)), rule.assume(sympy.Eq(b, c, evaluate=False))]
    found = rule.restate(known, sympy.Eq(f(n + 1), 2 * c * m / a, evaluate=False), *equal)
    assert len(found.given) == 2
    with pytest.raises(WrongShape, match="is wanted"):
        rule.restate(known, sympy.Eq(f(n + 1), 3 * c * m / a, evaluate=False), *equal)
    with pytest.raises(WrongShape, match="bound"):
        rule.restate(rule.assume(ForAll(n, n >= 1, F(n) >= 0)), ForAll(n, n >= 1, b * m >= 0), equal[0])


def test_single_sum():
    assert rule.single_sum(f(n) * n, n, 3).then.rhs == 3 * f(3)


# --- whole numbers and recursion ---


def test_only_whole_numbers_are_apart():
    assert rule.apart(n, 2 * m).then == sympy.Or(n >= 2 * m, n + 1 <= 2 * m)
    for x, y in ((a, n), (n, m / 2)):
        with pytest.raises(WrongShape):
            rule.apart(x, y)
    for x in range(-3, 4):  # true of numbers, and no longer if a half is added
        assert all(rule.apart(n, m).then.subs({n: x, m: y}) for y in range(-3, 4))


def test_power_of_a_sum_needs_a_positive_base_and_is_true_of_numbers():
    found = rule.power_sum(a, n, m)
    assert found.given == (a > 0,)
    assert all(found.then.subs({a: sympy.Rational(2, 3), n: x, m: y}) for x in range(-3, 4) for y in range(-3, 4))


START = f(0) <= a


def recursive(given=(), then=START, start=1, domain=n >= 1, step=None):
    body = sympy.Eq(F(n + 1), F(n) * n + a if step is None else step, evaluate=False)
    return fact([sympy.Eq(F(start), b, evaluate=False), ForAll(n, domain, body), f(1) <= a, *given], then)


def test_a_sequence_defined_by_recursion_and_used_no_more_need_not_be_assumed():
    assert rule.defined(recursive(), F).given == (f(1) <= a,)
    assert rule.defined(recursive(domain=(n >= 1) & (n + 1 <= m)), F).given == (f(1) <= a,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"given": [F(3) <= a]},  # something else is assumed of it
        {"then": F(2) <= a},  # the conclusion is about it
        {"domain": n >= 0},  # F(1) would be said twice
        {"step": F(n + 1) + 1},  # F(n + 1) = F(n + 1) + 1 has no solution
        {"step": F(n + 2)},
        {"start": n},
    ],
)
def test_what_does_not_define_a_sequence_stays_assumed(wrong):
    with pytest.raises(WrongShape):
        rule.defined(recursive(**wrong), F)


def test_two_steps_of_one_name_are_refused():
    one, other = (rule.lemma("same", "Test.", [a >= 0], a + k**2 >= 0, [a >= 1]) for k in (b, c))
    both = rule.both(one, other)
    with pytest.raises(Mismatch, match="same is the name of two different steps"):
        claim((a >= 0,), both.then, both)


# --- what has a meaning keeps it ------------------------------------------------------------------------------------


def meaningful():
    """Facts about sequences that a definition, a hypothesis in words or a program fixes, with what must stay."""
    from proofs.claims.driver.d_step import STEP, k1
    from proofs.inference.probability import E, mean, random_variables
    from proofs.models.driven import Driven
    from proofs.models.symbolic_run import Run
    from proofs.statements import vocabulary as v
    from proofs.statements.formulas import DWMGRAD

    X, Y = random_variables("X Y")
    run, driver = Run(DWMGRAD, box=False), Driven(box=True)
    doubled = rule.lemma("double", "Test.", [sympy.Eq(v.V(0, v.i), 0, evaluate=False)], v.V(0, v.i) * 2 <= 0, [])
    return [
        (rule.root_of_squares(), v.S),  # S = 0 would make every gradient 0
        (rule.convexity(), v.R),  # R = 1 would be below a sum that may be 0
        (rule.convexity(), v.u),  # R is the regret against this u
        (driver.start("variation"), driver.watched_at(0).variation.func),  # a word that the hypothesis does not use
        (mean(X + Y), E),  # E = square is not linear
        (run.coord_start("V"), v.V),
        (rule.discharge(doubled, run.coord_start("V")), v.V),  # what follows from it means the same
        (rule.both(doubled, run.coord_start("V")), v.V),
        (rule.theorem(STEP), k1),
    ]


@pytest.mark.parametrize("number", range(9))
def test_nothing_takes_the_place_of_what_has_a_meaning(number):
    known, head = meaningful()[number]
    value = sympy.Lambda(tuple(integers("p q")), 1) if not hasattr(head, "free_symbols") else sympy.Integer(1)
    with pytest.raises(WrongShape, match="has a meaning"):
        rule.use(known, {head: value})


def test_what_holds_for_all_sequences_is_used_for_any():
    square = rule.lemma("square", "Test.", [f(n) >= a], f(n) + 1 >= a, [f(n) >= a + 1])
    named = rule.weaken(square, Named("f is the best sequence"))  # true of every f, with or without the words
    used = rule.use(named, {f: sympy.Lambda(n, n), a: 0})
    assert used.then == (n + 1 >= 0)


def test_a_sequence_that_has_a_meaning_is_not_defined_anew():
    """Two recursions for one sequence may contradict each other; then no sequence satisfies both."""
    from proofs.models.symbolic_run import Run
    from proofs.statements.formulas import DWMGRAD

    run = Run(DWMGRAD, box=False, names={"beta": F})
    ours = rule.both(run.shared_start("beta"), recursive())
    assert any(isinstance(e, Named) for e in ours.given)
    dropped = rule.part(ours, START)
    with pytest.raises(WrongShape):
        rule.defined(dropped, F)
