"""Control: descent along running means of the gradients, which AMSGrad, AdaMomentum and heavy ball share.

m_t = beta1 m_{t-1} + (1 - beta1) g_t with a constant beta1, the step is m_t/h_t, projected, and h never decreases. Then
g_t = m_t + k (m_t - m_{t-1}) with k = beta1/(1 - beta1), the differences are summed by parts, and a step back costs
m_t (theta_t - theta_{t+1}) <= m_t²/h_t, because a projection does not expand.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.adamomentum.r8_lemma import GRADIENTS, MOMENTA, SIZE, STEADY, harmonic, products
from proofs.claims.controls.c_regret import MONOTONE, growth
from proofs.claims.regret.r1_one_step import projected
from proofs.claims.regret.r2_linear import CLAIM as R2_LINEAR
from proofs.claims.regret.r2_linear import NEAR, TERM, ZERO, every, total
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    convexity,
    discharge,
    exchange,
    follows,
    for_all,
    induction,
    lemma,
    linear,
    longer_sum,
    restate,
    root_of_squares,
    single_sum,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.models.adamomentum import MOMENTUM, beta, m
from proofs.statements.claim import Claim
from proofs.statements.formulas import clip
from proofs.statements.statement import Statement, reals, substitute
from proofs.statements.vocabulary import (
    DESCENT,
    IN_BOX,
    POSITIVE,
    D,
    R,
    S,
    T,
    beta1,
    d,
    g,
    h,
    high,
    i,
    low,
    s,
    t,
    theta,
    u,
)

SOURCE = Source("alacaoglu2020", "the shift of m_{t-1} by one step", also=(Source("dwmgradnotes", "R8"),))
ALMOST = sympy.Rational(99, 100)
LATER = {t: t + 1}
ONE = sympy.S.One
MEANS = sympy.Lambda((t, i), m(t, i))


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


MEAN = MOMENTUM.xreplace({beta(t): beta1})
MOVES = DESCENT.xreplace({g(t, i): m(t, i)})
EMPTY = equal(m(0, i), 0)
FIRST_INSIDE = (low(i) <= theta(1, i)) & (theta(1, i) <= high(i))
INSIDE = (low(i) <= theta(t, i)) & (theta(t, i) <= high(i))
RATE = (0 <= beta1, beta1 < 1)
GIVEN = (every(MOVES), every(POSITIVE), every(NEAR), every(MONOTONE), ZERO, every(MEAN), EMPTY, IN_BOX, FIRST_INSIDE,
         *RATE, T >= 1)  # fmt: skip
CARRIED = beta1 / (1 - beta1)
MEAN_TERM = m(s, i) * (theta(s, i) - u(i))
SQUARE = m(s, i) ** 2 / h(s, i)
BOUND = D(i) ** 2 / (2 * (1 - beta1)) * h(T, i) + (1 + beta1) / (2 * (1 - beta1)) * total(SQUARE, T)
c, old, new, slope, x, y, z, a, b, scale, D2, A, B, E, e, p, q, r, n, G = reals(
    "c m_old m_new g x y z a b h D² A B E e p q r n G"
)


def here(statement: Any, when: Any = t) -> Fact:
    """The hypothesis about every step, at one of them."""
    return at(assume(every(statement)), when)


def inside() -> Fact:
    """theta_t lies in the box, for 1 <= t <= T."""
    kept = follows("C-means.inside", "A projected step ends in the box.", [here(MOVES), assume(IN_BOX)],
                   INSIDE.subs(LATER), [(low(i) < theta(t + 1, i)) & (theta(t + 1, i) <= high(i))])  # fmt: skip
    return induction(INSIDE, t, 1, assume(FIRST_INSIDE), kept, last=T)


def step_back() -> Fact:
    """m_t (theta_t - theta_{t+1}) <= m_t²/h_t, for 1 <= t <= T."""
    end = clip(x - y, a, b)
    short = lemma("C-means.short", "From a point of the box a projected step is no longer than the step.",
                  [a <= x, x <= b], y * (x - end) <= y**2, [y * (x - end) <= ALMOST * y**2])  # fmt: skip
    scaled = lemma("C-means.back", "Multiplied by h it is what a step back costs.",
                   [scale > 0, y * (x - z) <= y**2, equal(slope, y * scale)], slope * (x - z) <= slope**2 / scale,
                   [slope * (x - z) <= ALMOST * slope**2 / scale])  # fmt: skip
    push = m(t, i) / h(t, i)
    short = discharge(use(short, {x: theta(t, i), y: push, a: low(i), b: high(i)}), inside())
    short = restate(short, push * (theta(t, i) - theta(t + 1, i)) <= push**2, here(MOVES))
    scaled = use(scaled, {scale: h(t, i), y: push, x: theta(t, i), z: theta(t + 1, i), slope: m(t, i)})
    return discharge(scaled, here(POSITIVE), short)


def by_parts() -> Fact:
    """The linear sum of the gradients by that of the means, for 1 <= t <= T."""

    def said(when: Any) -> Any:
        last = m(when, i) * (theta(when, i) - u(i)) - m(when, i) ** 2 / h(when, i)
        return total(TERM, when) <= total(MEAN_TERM, when) + CARRIED * (last + total(SQUARE, when))

    k = c / (1 - c)
    shifted = lemma("C-means.shifted", "The gradient is the newest mean and a multiple of what the mean changed by.",
                    [c < 1, equal(new, c * old + (1 - c) * slope)],
                    equal(slope * y, new * y + k * (new * y - old * y)), [])  # fmt: skip

    def shift(when: Any, before: Any) -> Fact:
        known = use(
            shifted, {c: beta1, new: m(when, i), old: m(before, i), slope: g(when, i), y: theta(when, i) - u(i)}
        )
        return discharge(known, here(MEAN, when))

    singles = [single_sum(term, s) for term in (TERM, MEAN_TERM, SQUARE)]
    first = lemma("C-means.first", "Before the first step there is no mean.", [equal(A, p + r * (p - q)), equal(q, 0)],
                  A <= p + r * p, [A <= ALMOST * p + r * p])  # fmt: skip
    now = {r: CARRIED, p: m(1, i) * (theta(1, i) - u(i))}
    first = use(first, {**now, A: g(1, i) * (theta(1, i) - u(i)), q: m(0, i) * (theta(1, i) - u(i))})
    nothing = follows("C-means.nothing", "The mean starts at 0.", [assume(EMPTY)],
                      equal(m(0, i) * (theta(1, i) - u(i)), 0))  # fmt: skip
    first = restate(discharge(first, shift(ONE, sympy.S.Zero), nothing), said(ONE), *singles)
    kept = lemma(
        "C-means.parts", "The changes of the mean are summed by parts; the step back pays for the shift.",
        [r >= 0, A <= B + r * (q - e + E), q - z <= e, equal(slope, p + r * (p - z))],
        A + slope <= B + p + r * (p + E), [A + slope <= B + ALMOST * p + r * (p + E)],
    )  # fmt: skip
    kept = use(kept, {r: CARRIED, A: total(TERM, t), B: total(MEAN_TERM, t), E: total(SQUARE, t),
                      e: m(t, i) ** 2 / h(t, i), q: m(t, i) * (theta(t, i) - u(i)), slope: TERM.subs({s: t + 1}),
                      z: m(t, i) * (theta(t + 1, i) - u(i)), p: MEAN_TERM.subs({s: t + 1})})  # fmt: skip
    sign = lemma("C-means.carried", "The multiple is not negative.", [0 <= c, c < 1], k >= 0, [k > 0])
    kept = discharge(kept, shift(t + 1, t), step_back(), use(sign, {c: beta1}))
    longer = [longer_sum(term, s, t) for term in (TERM, MEAN_TERM, SQUARE)]
    step = under(restate(kept, said(t + 1), *longer), t >= 1)
    return induction(said(t), t, 1, first, step, last=T)


def means() -> Fact:
    """sum m_t (theta_t - u) <= D² h_T/2 + sum m_t²/(2 h_t): the potential argument for the means."""
    nearer = discharge(use_means(projected()), here(MOVES))
    known = discharge(use(theorem(R2_LINEAR), {g: MEANS}), for_all(nearer, t, (t >= 1) & (t <= T)))
    halves, grown = linear(total(SQUARE / 2, T)), under(use(growth(), {t: T}), T >= 1)
    then = total(MEAN_TERM, T) <= D(i) ** 2 / 2 * h(T, i) + total(SQUARE, T) / 2
    return follows("C-means.means", "The growths of h add up to its last value.", [known, halves, grown], then,
                   [then.lhs <= ALMOST * then.rhs], parts={D2: D(i) ** 2})  # fmt: skip


def use_means(fact: Fact) -> Fact:
    return use(fact, {g: MEANS})


def last() -> Fact:
    """m_T (theta_T - u) <= D² h_T/2 + m_T²/(2 h_T)."""
    young = lemma("C-means.young", "A product is at most the halves of the squares, weighted with h.",
                  [scale > 0, x**2 <= D2], slope * x <= D2 / 2 * scale + slope**2 / scale / 2,
                  [slope * x <= ALMOST * (D2 / 2 * scale + slope**2 / scale / 2)])  # fmt: skip
    young = use(young, {scale: h(T, i), x: theta(T, i) - u(i), D2: D(i) ** 2, slope: m(T, i)})
    return discharge(young, here(POSITIVE, T), here(NEAR, T))


def coordinate() -> Fact:
    k = c / (1 - c)
    joined = lemma(
        "C-means.coordinate", "The means, and what was carried over at the end.",
        [0 <= c, c < 1, A <= B + k * (p - e + E), B <= D2 / 2 * scale + E / 2, p <= D2 / 2 * scale + e / 2, e >= 0],
        A <= D2 / (2 * (1 - c)) * scale + (1 + c) / (2 * (1 - c)) * E,
        [A <= ALMOST * (D2 / (2 * (1 - c)) * scale + (1 + c) / (2 * (1 - c)) * E)],
    )  # fmt: skip
    square = lemma("C-means.square", "A square over something positive is not negative.", [scale > 0],
                   slope**2 / scale >= 0, [slope**2 / scale > 0])  # fmt: skip
    square = discharge(use(square, {scale: h(T, i), slope: m(T, i)}), here(POSITIVE, T))
    joined = use(joined, {c: beta1, A: total(TERM, T), B: total(MEAN_TERM, T), p: m(T, i) * (theta(T, i) - u(i)),
                          e: m(T, i) ** 2 / h(T, i), E: total(SQUARE, T), D2: D(i) ** 2, scale: h(T, i)})  # fmt: skip
    parts = under(use(by_parts(), {t: T}), T >= 1)
    return discharge(joined, parts, means(), last(), square)


CLAIM = Claim(
    id="C-means",
    title="control: descent along running means of the gradients, in one coordinate",
    statement=Statement(given=GIVEN, then=total(TERM, T) <= BOUND,
                        where=((m, "mean of the gradients after step t, coordinate i"),)),
    source=SOURCE,
    kind="inequality",
    proof=(coordinate(),),
    note="Without projection the distance to u is not bounded by a box, but the inequality holds: a box that holds all "
    "iterates and u changes no step.",
)  # fmt: skip

rate = reals("a")
STEEP = m(t, i) ** 2 / h(t, i) <= rate * (sympy.Abs(m(t, i)) / sympy.sqrt(t))


def rooted() -> Fact:
    """sum m_t²/h_t <= a √(1 + log T) S_T."""
    summed = sum_over(here(STEEP, s), s, 1, T)
    apart = linear(summed.then.rhs)
    steady = use(theorem(STEADY), {beta: sympy.Lambda(t, beta1)})
    known = [restate(summed, total(SQUARE, T) <= rate * total(SIZE, T), apart), steady,
             under(use(products(), {t: T}), T >= 1), use(harmonic(), {t: T})]  # fmt: skip
    then = total(SQUARE, T) <= rate * (sympy.sqrt(1 + sympy.log(T)) * sympy.sqrt(GRADIENTS))
    rooted = follows(
        "C-means.roots", "The inequality of Cauchy and Schwarz separates the harmonic sum from the gradients.", known,
        then, [then.lhs <= ALMOST * then.rhs], given=[rate >= 0],
        parts={A: total(SIZE, T), B: total(1 / s, T), E: MOMENTA, G: GRADIENTS, n: total(SQUARE, T),
               y: sympy.log(T)},
    )  # fmt: skip
    return restate(rooted, total(SQUARE, T) <= rate * (sympy.sqrt(1 + sympy.log(T)) * S(T, i)),
                   use(root_of_squares(), {t: T}))  # fmt: skip


ROOTS = Claim(
    id="C-means-roots",
    title="control: the squares of running means over a preconditioner that grows with the root of t",
    statement=Statement(
        given=(every(STEEP), every(MEAN), EMPTY, *RATE, rate >= 0, T >= 1),
        then=rooted().then,
        where=((m, "mean of the gradients after step t, coordinate i"), (rate, "a constant")),
    ),
    source=SOURCE,
    kind="inequality",
    proof=(rooted(),),
)


DISTANCE, SPREAD = D2 / (2 * (1 - c)), (1 + c) / (2 * (1 - c))  # the bound's two factors, for D² and c = beta1


def entered(known: Fact, last: Fact, sums: Fact, values: dict[Any, Any]) -> Fact:
    """The bound of CLAIM with bounds of the last preconditioner and of the sum of squares put in.

    Args:
        known: what CLAIM concludes, in whatever symbols.
        last, sums: h_T <= ..., and the sum of m_t²/h_t <= ....
        values: what D² and c are there.
    """
    joined = lemma("C-means.entered", "Both bounds enter the potential argument.",
                   [A <= x * y + z * E, y <= n, E <= q, x >= 0, z >= 0], A <= x * n + z * q,
                   [A <= x * n + ALMOST * z * q])  # fmt: skip
    signs = lemma("C-means.signs", "The factors are not negative.", [0 <= c, c < 1, D2 >= 0],
                  (DISTANCE >= 0) & (SPREAD >= 0), [SPREAD >= sympy.Rational(51, 100)])  # fmt: skip
    joined = use(joined, {A: known.then.lhs, x: substitute(DISTANCE, values), y: last.then.lhs,
                          z: substitute(SPREAD, values), E: sums.then.lhs, n: last.then.rhs,
                          q: sums.then.rhs})  # fmt: skip
    return discharge(joined, known, last, sums, use(signs, values))


def regret(name: str, coordinate: Fact) -> Fact:
    """The regret from the linear sums of one coordinate, TERM summed <= its part of the bound, by convexity."""
    coordinates = sum_over(coordinate, i, 1, d)
    swapped = exchange(sympy.Sum(total(TERM, T), (i, 1, d)))
    return follows(f"{name}.regret", "Convexity bounds the regret by the linear sums of all coordinates.",
                   [convexity(), swapped, coordinates], R(T) <= coordinates.then.rhs,
                   [R(T) <= coordinates.then.rhs - 1])  # fmt: skip
