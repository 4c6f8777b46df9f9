"""R8, R8-constant: AdaMomentum's convex theorem with the proof repaired, and with a constant beta1.

Per coordinate, h_t = √v_t/alpha_t does not decrease (weaker than the printed v_t <= v_{t+1}). The mean m_t replaces
g_t once: g_t = m_t + (g_t - m_t), and R2-linear bounds the part of the means. All is proved about any h first.
"""

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.adamomentum import COEFFICIENTS, MEANING, MOMENT, MOMENTUM, RATES, START, STEP, H, beta, each, m
from proofs.claim import Claim
from proofs.claims.r1_one_step import NEARER, projection
from proofs.claims.r1_one_step import a as box_low
from proofs.claims.r1_one_step import b as box_high
from proofs.claims.r1_one_step import c as box_point
from proofs.claims.r1_one_step import y as box_free
from proofs.claims.r2_linear import CLAIM as R2_LINEAR
from proofs.claims.r2_linear import GROWTH, NEAR, every
from proofs.claims.r8_lemma import CLAIM as R8D
from proofs.claims.r8_lemma import CONSTANT, GRADIENTS, MOMENTA, NONZERO, RATIO, SOURCE, STEADY, total
from proofs.derivation import (
    Fact, assume, at, convexity, discharge, evident, exchange, follows, induction, lemma, linear, longer_sum, replace,
    restate, single_sum, sum_over, theorem, under, use,
)  # fmt: skip
from proofs.statement import Statement, keys, reals
from proofs.vocabulary import CONVEX, D, IN_BOX, POSITIVE, R, T, alpha, beta1, beta2, d, eps, g, h, high, i, low, s, t, theta, u

MEANS = sympy.Lambda((t, i), m(t, i))
LEFT, MEAN = g(s, i) * (theta(s, i) - u(i)), m(s, i) * (theta(s, i) - u(i))
GAP = (g(s, i) - m(s, i)) * (theta(s, i) - u(i))
SQUARE, WEIGHTED = m(s, i) ** 2 / h(s, i), beta(s) * h(s, i)
GROWING = h(t - 1, i) <= h(t, i)
c, w, x, y, q, p, k, new, old, D2, A, B, C, E, r1, r2, r3, L = reals("c w x y q p k new old D² A B C E r1 r2 r3 L")
CARRIED = beta1 / (1 - beta1)


def here(statement: object, when: object = t) -> Fact:
    """The hypothesis about every step, at one of them."""
    return at(assume(every(statement)), when)


def growth() -> Fact:
    """The growths of h add up to h_n, for 0 <= n <= T."""
    then = total(GROWTH, t) <= h(t, i)
    zero = assume(sympy.Eq(h(0, i), 0, evaluate=False))
    base = restate(evident(sympy.true), then.subs({t: 0}), zero)
    step = follows("R8.growth", "Where h does not decrease its growths telescope.",
                   [longer_sum(GROWTH, s, t), here(GROWING, t + 1)], then.subs({t: t + 1}),
                   [total(GROWTH, t + 1) <= h(t, i)], given=[then])  # fmt: skip
    return induction(then, t, 0, base, step, last=T)


def means() -> Fact:
    """sum m_t (theta_t - u) <= D² h_T/2 + sum m_t²/(2 h_t)."""
    known = use(theorem(R2_LINEAR), {g: MEANS})
    halves = linear(total(SQUARE / 2, T))
    telescoped = under(use(growth(), {t: T}), T >= 1)
    return follows("R8.telescoped", "The potential argument for the momenta, with h that does not decrease.",
                   [known, telescoped, halves], total(MEAN, T) <= D(i) ** 2 * h(T, i) / 2 + total(SQUARE, T) / 2,
                   [total(MEAN, T) <= D(i) ** 2 * h(T, i) / 2 + total(SQUARE, T) / 4], given=[D2 >= 0],
                   parts={D2: D(i) ** 2})  # fmt: skip


def cross() -> Fact:
    """(g - m) x <= beta h D²/(2 (1 - beta1)) + beta1/(1 - beta1) (m²/h + m'²/h') for a mean m of g and m', h' <= h."""
    gap = new - old
    young = lemma("R8.young", "Two factors are bounded by the halves of their squares, weighted with h.",
                  [k > 0, x**2 <= D2], gap * x <= k * D2 / 2 + gap**2 / (2 * k),
                  [gap * x <= sympy.Rational(9, 10) * (k * D2 / 2 + gap**2 / (2 * k))])  # fmt: skip
    spread = lemma("R8.spread", "The square of the change is at most twice the sum of the squares.",
                   [p > 0, p <= k], gap**2 / (2 * k) <= new**2 / k + old**2 / p,
                   [gap**2 / (2 * k) <= sympy.Rational(9, 10) * (new**2 / k + old**2 / p)])  # fmt: skip
    means = sympy.Eq(new, (1 - w) * q + w * old, evaluate=False)
    decomposed = lemma("R8.decomposed", "The gradient differs from the mean by a multiple of the mean's change.",
                       [means], sympy.Eq((1 - w) * ((q - new) * x), w * (gap * x), evaluate=False), [])  # fmt: skip
    then = y <= w * A / (1 - c) + c / (1 - c) * B
    weights = lemma("R8.weights", "The multiple is at most what the largest coefficient gives.",
                    [0 <= w, w <= c, c < 1, A >= 0, B >= 0, C <= A + B, sympy.Eq((1 - w) * y, w * C, evaluate=False)],
                    then, [y <= sympy.Rational(9, 10) * then.rhs])  # fmt: skip
    weights = use(weights, {c: beta1, y: (q - new) * x, C: gap * x, A: k * D2 / 2, B: new**2 / k + old**2 / p})
    total_gap = follows("R8.gap", "Both bounds together.", [young, spread],
                        gap * x <= k * D2 / 2 + (new**2 / k + old**2 / p),
                        [gap * x <= k * D2 / 2 + (new**2 / k + old**2 / p) / 2])  # fmt: skip
    signs = lemma("R8.signs", "Squares over positive numbers are not negative.", [p > 0, p <= k, x**2 <= D2],
                  (k * D2 / 2 >= 0) & (new**2 / k + old**2 / p >= 0), [k * D2 / 2 > 0])  # fmt: skip
    return under_positive(discharge(weights, total_gap, signs, decomposed))


def under_positive(fact: Fact) -> Fact:
    """Without h > 0, which follows from 0 < h' <= h."""
    positive = lemma("R8.order", "What is at least a positive number is positive.", [p > 0, p <= k], k > 0, [k > 1])
    return discharge(fact, positive)


def step_bound(when: object, before: object, older: object) -> Fact:
    """`cross` for the step `when`, with the momentum of the step `before` and h of the step `older`."""
    known = use(cross(), {q: g(when, i), new: m(when, i), old: m(before, i), x: theta(when, i) - u(i), w: beta(when),
                          k: h(when, i), p: h(older, i), D2: D(i) ** 2})  # fmt: skip
    return discharge(known, *(here(e, when) for e in (NEAR, MOMENTUM, COEFFICIENTS)))


def corrections() -> Fact:
    """sum (g_t - m_t)(theta_t - u) <= D²/(2 (1 - beta1)) sum beta_t h_t + 2 beta1/(1 - beta1) sum m_t²/h_t."""
    right = D(i) ** 2 / 2 / (1 - beta1) * total(WEIGHTED, t) + 2 * CARRIED * total(SQUARE, t)
    then = total(GAP, t) + CARRIED * m(t, i) ** 2 / h(t, i) <= right

    singles = [single_sum(term, s) for term in (GAP, WEIGHTED, SQUARE)]
    zero = assume(sympy.Eq(m(0, i), 0, evaluate=False))
    start = then.subs({t: 1})
    own = {r1: 1 / (1 - beta1), c: CARRIED, D2: D(i) ** 2}

    def entering(when: object) -> dict[object, object]:
        return {**own, C: GAP.subs({s: when}), E: WEIGHTED.subs({s: when}), A: SQUARE.subs({s: when})}

    one = C <= D2 * r1 * E / 2 + c * A
    opening = lemma("R8.first", "At the first step there is no momentum before.", [one],
                    c * A + C <= D2 * r1 * E / 2 + 2 * c * A, [c * A + C <= D2 * r1 * E / 2 + c * A])  # fmt: skip
    opening = use(opening, entering(sympy.S.One))
    first = discharge(step_bound(sympy.S.One, sympy.S.Zero, sympy.S.One), here(POSITIVE, 1))
    base = restate(discharge(opening, restate(first, opening.given[0], zero)), start, *singles)
    kept = lemma("R8.corrections", "Every step adds its own two squares, of which one was carried along.",
                 [C <= D2 * r1 * E / 2 + c * (A + B), c * B + x <= D2 * r1 * w / 2 + 2 * c * y],
                 c * A + x + C <= D2 * r1 * (w + E) / 2 + 2 * c * (y + A),
                 [c * A + x + C <= D2 * r1 * (w + E) / 2 + 2 * c * y])  # fmt: skip
    kept = use(kept, {**entering(t + 1), B: m(t, i) ** 2 / h(t, i), x: total(GAP, t), w: total(WEIGHTED, t),
                      y: total(SQUARE, t)})  # fmt: skip
    following = discharge(step_bound(t + 1, t, t), here(POSITIVE, t), here(GROWING, t + 1))
    longer = [longer_sum(term, s, t) for term in (GAP, WEIGHTED, SQUARE)]
    step = restate(discharge(kept, following), then.subs({t: t + 1}), *longer)
    return induction(then, t, 1, base, step, last=T)


SUMS = D(i) ** 2 * h(T, i) / 2 + D(i) ** 2 / 2 / (1 - beta1) * total(WEIGHTED, T)
GENERAL_BOUND = SUMS + (sympy.Rational(1, 2) + 2 * CARRIED) * total(SQUARE, T)


def coordinate() -> Fact:
    """The linear sum of one coordinate: the means and the corrections, added."""
    joined = lemma("R8.joined", "The two bounds are added, and the carried square is dropped.",
                   [A <= B + C / 2, c * w + E <= x + 2 * c * C, c * w >= 0],
                   A + E <= B + x + (sympy.Rational(1, 2) + 2 * c) * C, [A + E <= B + x + 2 * c * C])  # fmt: skip
    joined = use(joined, {A: total(MEAN, T), B: D(i) ** 2 * h(T, i) / 2, C: total(SQUARE, T), c: CARRIED,
                          w: m(T, i) ** 2 / h(T, i), E: total(GAP, T),
                          x: D(i) ** 2 / 2 / (1 - beta1) * total(WEIGHTED, T)})  # fmt: skip
    sign = lemma("R8.carried", "What is carried is not negative.", [0 <= c, c < 1, k > 0],
                 c / (1 - c) * w**2 / k >= 0, [c / (1 - c) * w**2 / k > 0])  # fmt: skip
    sign = discharge(use(sign, {c: beta1, w: m(T, i), k: h(T, i)}), here(POSITIVE, T))
    added = discharge(joined, means(), use(corrections(), {t: T}), sign)
    parts = [linear(total(term, T)) for term in (LEFT, MEAN, GAP)]
    return restate(added, total(LEFT, T) <= GENERAL_BOUND, *parts)


GENERAL = Claim(
    id="R8-any",
    title="descent along means of the gradients, with any h that does not decrease",
    statement=Statement(
        given=(every(NEARER.xreplace({g(t, i): m(t, i)})), every(POSITIVE), every(NEAR), every(GROWING),
               sympy.Eq(h(0, i), 0, evaluate=False), every(MOMENTUM), sympy.Eq(m(0, i), 0, evaluate=False),
               every(COEFFICIENTS), 0 <= beta1, beta1 < 1, T >= 1),
        then=total(LEFT, T) <= GENERAL_BOUND,
        where=MEANING,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(coordinate(),),
    note="It holds for a coordinate of any method that moves by m_t/h_t, with projection or without.",
)  # fmt: skip
