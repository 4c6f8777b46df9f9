"""R8-any, R8: AdaMomentum's convex theorem with the proof repaired.

Per coordinate, h_t = √v_t/alpha_t does not decrease (weaker than the printed v_t <= v_{t+1}). The mean m_t replaces
g_t once: g_t = m_t + (g_t - m_t), and R2-linear bounds the part of the means. All is proved about any h first.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from proofs.claims.adamomentum.r8_lemma import (
    BOUND,
    GRADIENTS,
    MOMENTA,
    NONZERO,
    RATIO,
    SOURCE,
    harmonic,
    inverse_root,
    products,
    total,
)
from proofs.claims.adamomentum.r8_lemma import CLAIM as R8D
from proofs.claims.regret.r1_one_step import NEARER
from proofs.claims.regret.r2_linear import CLAIM as R2_LINEAR
from proofs.claims.regret.r2_linear import GROWTH, NEAR, every
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    convexity,
    discharge,
    evident,
    exchange,
    follows,
    for_all,
    induction,
    lemma,
    linear,
    longer_sum,
    part,
    restate,
    single_sum,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.models.adamomentum import COEFFICIENTS, MEANING, MOMENT, MOMENTUM, RATES, START, H, beta, each, m, v
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import CONVEX, POSITIVE, D, R, T, alpha, beta1, beta2, d, g, h, i, s, t, theta, u

MEANS = sympy.Lambda((t, i), m(t, i))
LEFT, MEAN = g(s, i) * (theta(s, i) - u(i)), m(s, i) * (theta(s, i) - u(i))
GAP = (g(s, i) - m(s, i)) * (theta(s, i) - u(i))
SQUARE, WEIGHTED = m(s, i) ** 2 / h(s, i), beta(s) * h(s, i)
GROWING = h(t - 1, i) <= h(t, i)
c, w, x, y, q, p, k, new, old, D2, A, B, C, E, r1, r2, r3, L = reals("c w x y q p k new old D² A B C E r1 r2 r3 L")
CARRIED = beta1 / (1 - beta1)


def here(statement: Any, when: Any = t) -> Fact:
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


def step_bound(when: Any, before: Any, older: Any) -> Fact:
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

    def entering(when: Any) -> dict[Any, Any]:
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


COMPARED = every(NEARER.xreplace({g(t, i): m(t, i)}).subs(h(t, i), H(t, i)))
NOT_FALLING = every(H(t - 1, i) <= H(t, i))
FIRST = D(i) ** 2 * H(T, i) / 2 + D(i) ** 2 / 2 / (1 - beta1) * total(beta(s) * H(s, i), T)
THIRD = (
    (sympy.Rational(1, 2) + 2 * CARRIED)
    * alpha
    * sympy.sqrt(1 + sympy.log(T))
    * sympy.sqrt(GRADIENTS)
    / (sympy.sqrt(1 - beta2) * sympy.sqrt(1 - beta1))
)


def adamomentum() -> Fact:
    """R8-any with h_t = √(t v_t)/alpha, and R8d for its last sum."""
    positive = lemma("R8.h", "The preconditioner is positive.", [x > 0, y > 0, c > 0],
                     sympy.sqrt(x) * sympy.sqrt(y) / c > 0,
                     [sympy.sqrt(x) * sympy.sqrt(y) / c > 1])  # fmt: skip
    positive = use(positive, {x: v(t, i), y: t, c: alpha})
    positive = under(discharge(positive, here(NONZERO)), t >= 1)
    general = discharge(use(theorem(GENERAL), {h: H}), for_all(positive, t, (t >= 1) & (t <= T)))
    scaled = linear(total(alpha * RATIO, T))
    bounded, small = part(theorem(R8D), BOUND), part(theorem(R8D), (1 - beta1) * MOMENTA <= GRADIENTS)
    roots = lemma("R8.roots", "The momenta are replaced by the gradients.", [0 <= c, c < 1, y >= 0, (1 - c) * y <= x],
                  sympy.sqrt(y) <= sympy.sqrt(x) / sympy.sqrt(1 - c),
                  [sympy.sqrt(y) <= sympy.Rational(9, 10) * sympy.sqrt(x) / sympy.sqrt(1 - c)])  # fmt: skip
    sums = under(use(products(), {t: T}), T >= 1)
    roots = discharge(use(roots, {c: beta1, y: MOMENTA, x: GRADIENTS}), small, part(sums, MOMENTA >= 0))
    general = restate(general, total(LEFT, T) <= FIRST + k_of(beta1) * alpha * total(RATIO, T), scaled)
    logarithm = lemma("R8.log", "The root of the logarithm is not negative.", [0 <= B, B <= 1 + y],
                      sympy.sqrt(1 + y) >= 0, [sympy.sqrt(1 + y) > 0])  # fmt: skip
    logarithm = discharge(use(logarithm, {B: total(1 / s, T), y: sympy.log(T)}), part(sums, total(1 / s, T) >= 0),
                          use(harmonic(), {t: T}))  # fmt: skip
    composed = lemma("R8.composition", "The last sum is bounded by R8d, first with momenta, then with gradients.",
                     [A <= B + k_of(c) * q * C, C <= L * x * r1, x <= y, 0 <= c, c < 1,
                      q > 0, L >= 0, r1 >= 0],
                     A <= B + k_of(c) * q * L * y * r1,
                     [A <= B + sympy.Rational(9, 10) * k_of(c) * q * L * y * r1])  # fmt: skip
    composed = use(composed, {A: total(LEFT, T), B: FIRST, c: beta1, q: alpha, C: total(RATIO, T),
                              L: sympy.sqrt(1 + sympy.log(T)), x: sympy.sqrt(MOMENTA), y: roots.then.rhs,
                              r1: 1 / sympy.sqrt(1 - beta2)})  # fmt: skip
    return discharge(composed, general, bounded, roots, logarithm, inverse_root(1 - beta2, assume(beta2 < 1)))


def k_of(c: Any) -> Any:
    """1/2 + 2 c/(1 - c), the factor of the squares in R8-any for c = beta1."""
    return sympy.Rational(1, 2) + 2 * c / (1 - c)


def theorem_of_all() -> Fact:
    """Summed over coordinates, against convex losses."""
    coordinates = sum_over(adamomentum(), i, 1, d)
    swapped = exchange(sympy.Sum(total(LEFT, T), (i, 1, d)))
    return follows("R8.regret", "Convexity bounds the regret by the linear sums of all coordinates.",
                   [convexity(), swapped, coordinates], R(T) <= coordinates.then.rhs,
                   [R(T) <= coordinates.then.rhs - 1])  # fmt: skip


CLAIM = Claim(
    id="R8",
    title="AdaMomentum's convex theorem: the statement holds, by another proof",
    statement=Statement(
        given=(CONVEX, each(COMPARED), each(every(NEAR)), each(NOT_FALLING), each(every(MOMENTUM)), each(every(MOMENT)),
               each(START), every(COEFFICIENTS), *RATES, 0 <= beta1, each(every(NONZERO)),
               T >= 1),
        then=R(T) <= sympy.Sum(FIRST + THIRD, (i, 1, d)),
        where=MEANING,
    ),
    source=SOURCE,
    kind="rate",
    proof=(theorem_of_all(),),
    note="The printed proof fails at R8a and R8b; the statement survives with gamma < 1 not needed. It assumes that "
    "√v_t/alpha_t does not decrease, which is weaker than the printed v_t <= v_{t+1}; see R8c. Bias corrections are "
    "left out, as printed.",
)  # fmt: skip
