"""Controls: the potential argument, and the regret bounds of AdaGrad and of online gradient descent from it."""

from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.claims.r2_a_posteriori import CLAIM as R2
from proofs.claims.r2_a_posteriori import GROWTH, NEAR, QUADRATIC, ZERO, each, every, total
from proofs.derivation import (
    Fact, assume, at, discharge, empty_sum, equation, follows, for_all, induction, lemma, longer_sum, replace, restate, sum_over,
    theorem, under, use,
)  # fmt: skip
from proofs.run import Run
from proofs.statement import ForAll, Statement, reals
from proofs.vocabulary import (
    CONVEX, DESCENT, IN_BOX, POSITIVE, D, G, R, S, T, alpha, d, eps, g, h, i, s, squares, t,
)  # fmt: skip

MONOTONE = h(t, i) >= h(t - 1, i)


# --- the potential argument, for any step theta' = P(theta - g/h) with h that never decreases ---------------------


def growth() -> Fact:
    """The positive parts of the differences of h add up to h_T, because h never decreases and h_0 = 0."""
    invariant = sympy.Eq(total(GROWTH, t), h(t, i), evaluate=False)
    base = follows("C-potential.start", "No growth has been added before the first step.",
                   [empty_sum(GROWTH, s), assume(ZERO)], invariant.subs({t: 0}), given=[])  # fmt: skip
    rises = at(assume(every(MONOTONE)), t + 1)
    step = follows("C-potential.growth", "Each positive part is the difference itself.",
                   [rises, longer_sum(GROWTH, s, t)], invariant.subs({t: t + 1}), given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, base, step)


def potential() -> Fact:
    last = under(use(growth(), {t: T}), T >= 1)
    one = D(i) ** 2 / 2 * h(T, i) + total(QUADRATIC, T)
    other = D(i) ** 2 / 2 * total(GROWTH, T) + total(QUADRATIC, T)
    width = reals("D²")
    coordinate = follows("C-potential.coordinate", "The growth is what R2 multiplies with the squared width.", [last],
                         sympy.Eq(other, one, evaluate=False), parts={width: D(i) ** 2})  # fmt: skip
    summed = sum_over(coordinate, i, 1, d)
    return follows("C-potential.bound", "Put into R2.", [theorem(R2), summed], R(T) <= summed.then.rhs,
                   [R(T) <= summed.then.rhs - 1])  # fmt: skip


POTENTIAL = Claim(
    id="C-potential",
    title="control: the potential argument",
    statement=Statement(
        given=(*R2.statement.given, each(every(MONOTONE))),
        then=R(T) <= sympy.Sum(D(i) ** 2 / 2 * h(T, i) + total(QUADRATIC, T), (i, 1, d)),
    ),
    source=Source("mcmahan2010", "the diagonal analysis", also=(Source("dwmgradnotes", "R1, R2"),)),
    kind="inequality",
    proof=(potential(),),
)


def each_step(fact: Fact) -> Fact:
    """For every step and every coordinate."""
    return for_all(for_all(fact, t, t >= 1), i, (1 <= i) & (i <= d))


def each_coordinate(fact: Fact) -> Fact:
    return for_all(fact, i, (1 <= i) & (i <= d))


# --- AdaGrad ------------------------------------------------------------------------------------------------------

ADAGRAD = rules.get("adagrad")
GRAD = Run(ADAGRAD, box=True, alpha=alpha, eps=eps)
STEP_SIZE, EPSILON = alpha > 0, eps >= 0
DIVIDES = (eps > 0) | sympy.Ne(g(1, i), 0)
old, new, slope, scale, rate, small, first = reals("a b g h alpha epsilon g_1")


def adagrad_moment() -> Fact:
    """G_t is the sum of the squared gradients."""
    invariant = sympy.Eq(G(t, i), squares(t, i), evaluate=False)
    base = follows("C-adagrad.start", "Both start at 0.", [GRAD.coord_start("G"), empty_sum(g(s, i) ** 2, s)],
                   invariant.subs({t: 0}))  # fmt: skip
    step = follows("C-adagrad.moment", "A step adds the newest square to both.",
                   [use(GRAD.coord("G"), {t: t + 1}), longer_sum(g(s, i) ** 2, s, t)], invariant.subs({t: t + 1}),
                   given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, base, step)


def adagrad_first() -> Fact:
    """G_t is at least g_1² for t >= 1, so no step divides by 0."""
    invariant = G(t, i) >= g(1, i) ** 2
    base = follows("C-adagrad.first", "After the first step the moment is the first square.",
                   [use(GRAD.coord("G"), {t: sympy.Integer(1)}), GRAD.coord_start("G")], invariant.subs({t: 1}),
                   [G(1, i) >= 2 * g(1, i) ** 2])  # fmt: skip
    step = follows("C-adagrad.later", "It never decreases.", [use(GRAD.coord("G"), {t: t + 1})],
                   invariant.subs({t: t + 1}), [G(t + 1, i) > g(1, i) ** 2], given=[invariant])  # fmt: skip
    return induction(invariant, t, 1, base, step)


def adagrad_positive() -> Fact:
    positive = lemma("C-adagrad.positive", "The root of the moment, or eps, is positive.",
                     [old >= first**2, rate > 0, small >= 0, (small > 0) | sympy.Ne(first, 0)],
                     (sympy.sqrt(old) + small) / rate > 0,
                     [(sympy.sqrt(old) + small) / rate > small])  # fmt: skip
    used = use(positive, {old: G(t, i), first: g(1, i), rate: alpha, small: eps})
    return replace(discharge(used, adagrad_first()), GRAD.potential("h", h), backwards=True)


def adagrad_monotone() -> Fact:
    """h_t >= h_{t-1}, also from h_0 = 0 to h_1."""
    first_step = follows("C-adagrad.rises", "From 0 h rises to something positive.",
                         [use(adagrad_positive(), {t: sympy.Integer(1)}), GRAD.no_potential_yet(h)],
                         h(1, i) >= h(0, i), [h(1, i) >= h(0, i) + 1])  # fmt: skip
    rising = lemma("C-adagrad.monotone", "A larger moment has a larger root.",
                   [new >= old, old >= 0, rate > 0],
                   (sympy.sqrt(new) + small) / rate >= (sympy.sqrt(old) + small) / rate,
                   [(sympy.sqrt(new) + small) / rate > (sympy.sqrt(old) + small) / rate])  # fmt: skip
    used = use(rising, {new: G(t + 1, i), old: G(t, i), rate: alpha, small: eps})
    grows = follows("C-adagrad.grows", "The moment gains a square.", [use(GRAD.coord("G"), {t: t + 1})],
                    G(t + 1, i) >= G(t, i), [G(t + 1, i) > G(t, i)])  # fmt: skip
    moment = adagrad_first()
    known = follows("C-adagrad.sign", "A moment above a square is not negative.", [moment], G(t, i) >= 0,
                    [G(t, i) >= 1])  # fmt: skip
    h_now, h_next = GRAD.potential("h", h), use(GRAD.potential("h", h), {t: t + 1})
    later = restate(discharge(used, grows, known), h(t + 1, i) >= h(t, i), h_next, h_now)
    return induction(MONOTONE, t, 1, first_step, later)


def adagrad_sum() -> Fact:
    """The sum of g_t²/(2 h_t) is at most alpha sqrt(G_t)."""
    invariant = total(QUADRATIC, t) <= alpha * sympy.sqrt(G(t, i))
    base = follows("C-adagrad.empty", "Both are 0 before the first step.",
                   [empty_sum(QUADRATIC, s), GRAD.coord_start("G")], invariant.subs({t: 0}),
                   [invariant.subs({t: 0}).lhs < invariant.subs({t: 0}).rhs])  # fmt: skip
    term = lemma(
        "C-adagrad.term", "A term is at most what the root of the moment gains.",
        [old >= 0, sympy.Eq(new, old + slope**2), rate > 0, small >= 0, sympy.sqrt(new) + small > 0],
        slope**2 / (2 * ((sympy.sqrt(new) + small) / rate)) <= rate * (sympy.sqrt(new) - sympy.sqrt(old)),
        [slope**2 / (2 * ((sympy.sqrt(new) + small) / rate)) <= rate * (sympy.sqrt(new) - sympy.sqrt(old)) * 0.99],
    )  # fmt: skip
    return base, term, invariant
