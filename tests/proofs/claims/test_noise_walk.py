"""The rules of the window under exchangeable losses agree with orders enumerated, and refuse what is not so."""

from fractions import Fraction
from itertools import permutations

import pytest
import sympy

from proofs.claims.window import w9_growth
from proofs.claims.window.noise_walk import IN_UNIT, Always, M, Noise, W, expected, h, x
from proofs.claims.window.w9_noise import ORDER, ORDER_DOWN
from proofs.inference.derivation import WrongShape, assume, lemma, theorem
from proofs.inference.probability import random_variables
from proofs.statements.statement import reals
from proofs.statements.vocabulary import t


def paths(comparisons):
    """(h, W, ranks of f_0 and f_t) for every order of the losses, each with the same probability."""
    for ranks in permutations(range(1, comparisons + 2)):
        height = free = 0
        for last, new in zip(ranks, ranks[1:], strict=False):
            move = 1 if new > last else -1
            height, free = max(height + move, 0), free + move
        yield height, free, ranks[0], ranks[-1]


def order_moment(i, j, n):
    """E U_(i) U_(j) of the order statistics of n independent uniform numbers."""
    i, j = sorted((i, j))
    return Fraction(i * (j + 1), (n + 1) * (n + 2))


@pytest.mark.parametrize("comparisons", [1, 2, 3, 4])
def test_means_are_those_of_all_orders(comparisons):
    n = comparisons + 1
    found = list(paths(comparisons))
    first = second = fair = Fraction(0)
    for height, free, begin, end in found:
        # M = W - 2 (f_t - f_0), and given their ranks the losses are order statistics
        square = order_moment(end, end, n) - 2 * order_moment(begin, end, n) + order_moment(begin, begin, n)
        second += Fraction(free**2) - 4 * free * Fraction(end - begin, n + 1) + 4 * square
        first, fair = first + height, fair + free
    mean, second, fair = (value / len(found) for value in (first, second, fair))
    assert fair == 0 == w9_growth.fair().then.rhs
    assert w9_growth.second().then == sympy.Eq(expected(t, M**2), t / 3, evaluate=False)
    assert second == Fraction(comparisons, 3)
    assert float(mean) <= (comparisons / 2 + 1) ** 0.5 + 1
    grows = Noise(theorem(ORDER)).following(W).then  # E W one later, from E W and E x: 1/2 once t >= 0
    assert grows == sympy.Eq(expected(t + 1, W), expected(t, W) - 2 * expected(t, x) + 1, evaluate=False)


def test_the_rules_need_the_order_and_the_state():
    noise = Noise(theorem(ORDER))
    for wrong in (theorem(ORDER_DOWN), assume(ORDER.statement.then)):
        with pytest.raises(WrongShape, match="order of the losses only"):
            Noise(wrong)
    with pytest.raises(WrongShape, match="may hold at 0"):
        noise.following(h * W)
    with pytest.raises(WrongShape, match="no polynomial"):
        noise.following(sympy.Abs(M))
    with pytest.raises(WrongShape, match="not known of every state"):
        noise.below(lemma("w", "Test.", [h >= 1], h - 1 >= 0, [h >= 2]))
    with pytest.raises(WrongShape, match="not known of every state"):  # h >= W is, once it is shown
        noise.below(lemma("w", "Test.", [h >= W], h - W + 1 >= 1, [h - W >= 1]))
    with pytest.raises(WrongShape, match="is no inequality"):
        noise.below(assume(sympy.Eq(h, W, evaluate=False)))


def test_what_does_not_stay_true_on_every_path_is_not_proved():
    stays = Always("a", "Test.", h >= W, h >= W + sympy.Rational(101, 100))
    assert {step.check.run().status for step in stays.steps} == {"holds"}
    falls = Always("b", "Test.", h <= W, h <= W - 1)  # false after the first hold
    assert "fails" in {step.check.run().status for step in falls.steps}
    late = Always("c", "Test.", W >= 0, W >= 2)
    assert "fails" in {step.check.run().status for step in late.steps}


def test_growth_needs_both_cases():
    """At 1 the window holds, so the square of h + phi grows by more than 1/3 there."""
    Z, noise = sympy.expand((h + 1 - 2 * x) ** 2), Noise(theorem(ORDER))
    fact = noise.grows("g", "Test.", Z, Z + sympy.Rational(1, 3), Z + sympy.Rational(1, 4))
    assert "fails" in {step.check.run().status for step in fact.premises if step.check}


def test_no_constant_becomes_random():
    (y,), a = random_variables("Y"), reals("a")
    from proofs.inference.derivation import use

    scaled = Noise(theorem(ORDER)).below(lemma("s", "Test.", [*IN_UNIT, a >= 0], a * x <= a, [a * x <= a / 2]))
    assert a in scaled.then.free_symbols
    with pytest.raises(WrongShape, match="is not random"):
        use(scaled, {a: y})
