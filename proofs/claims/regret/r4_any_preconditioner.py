"""R4-any: constant momentum on one convex loss without projection, with any preconditioner that never decreases.

z_t = theta_t - gamma/(1 - gamma) V_{t-1} moves by g_t/((1 - gamma) h_t), and what the shift costs telescopes.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.controls.c_regret import MONOTONE, growth
from proofs.claims.regret.r2_a_posteriori import QUADRATIC, TERM, ZERO, each, every, total
from proofs.claims.regret.r2_linear import CLAIM as LINEAR
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
from proofs.inference.fixed_loss import ONE_LOSS, subgradient
from proofs.models.window import AT_REST, equal
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import CONVEX, POSITIVE, D, R, T, V, d, f, g, gamma, h, i, s, t, theta, u

SOURCE = Source("dwmgrad", "convergence under convexity, with the momentum held constant",
                also=(Source("dwmgradnotes", "R4"),))  # fmt: skip
KAPPA = gamma / (1 - gamma)
ALMOST = sympy.Rational(99, 100)
PUSHED = every(equal(V(t, i), gamma * V(t - 1, i) + g(t, i) / h(t, i)))
MOVED = every(equal(theta(t + 1, i), theta(t, i) - V(t, i)))


def mirrored(t: Any, i: Any = i) -> Any:
    """z_t = theta_t - gamma/(1 - gamma) V_{t-1}."""
    return theta(t, i) - KAPPA * V(t - 1, i)


NEAR = every((mirrored(t) - u(i)) ** 2 <= D(i) ** 2)
PER_COORDINATE = (every(POSITIVE), every(MONOTONE), ZERO, PUSHED, AT_REST, MOVED, NEAR)
x, y, v, slope, scale, c, q, r, k, p = reals("x y V g h c q r k p")
m, j = sympy.symbols("m j", integer=True)
PUT = {theta: sympy.Lambda((m, j), mirrored(m, j)), h: sympy.Lambda((m, j), (1 - gamma) * h(m, j))}


def here(statement: Any) -> Fact:
    return at(assume(statement), t)


def all_steps(fact: Fact) -> Fact:
    return for_all(fact, t, (t >= 1) & (t <= T))


def nearer() -> Fact:
    """(z_{t+1} - u)² <= (z_t - g_t/((1-gamma) h_t) - u)²: an equality."""
    known = lemma(
        "R4.mirror", "The mirrored iterate moves by the gradient over the damped preconditioner.",
        [equal(y, gamma * v + slope / scale), scale > 0, gamma < 1, equal(p, x - y)],
        (p - KAPPA * y - c) ** 2 <= (x - KAPPA * v - slope / ((1 - gamma) * scale) - c) ** 2,
        [(p - KAPPA * y - c) ** 2 <= ALMOST * (x - KAPPA * v - slope / ((1 - gamma) * scale) - c) ** 2],
    )  # fmt: skip
    known = use(known, {y: V(t, i), v: V(t - 1, i), slope: g(t, i), scale: h(t, i), p: theta(t + 1, i), x: theta(t, i),
                        c: u(i)})  # fmt: skip
    return discharge(known, *map(here, (PUSHED, every(POSITIVE), MOVED)))


def damped() -> tuple[Fact, Fact, Fact]:
    """(1 - gamma) h is positive, does not fall, and starts at 0."""
    kept = lemma("R4.damped", "A positive factor keeps signs and order.", [scale > 0, scale >= q, gamma < 1],
                 ((1 - gamma) * scale > 0) & ((1 - gamma) * scale >= (1 - gamma) * q),
                 [(1 - gamma) * scale >= (1 - gamma) * q + sympy.Rational(1, 100)])  # fmt: skip
    kept = use(kept, {scale: h(t, i), q: h(t - 1, i)})
    kept = discharge(kept, *map(here, (every(POSITIVE), every(MONOTONE))))
    zero = follows("R4.zero", "Before the first step it is 0.", [assume(ZERO)], equal((1 - gamma) * h(0, i), 0))
    return part(kept, (1 - gamma) * h(t, i) > 0), part(kept, (1 - gamma) * h(t, i) >= (1 - gamma) * h(t - 1, i)), zero


CROSS = g(s, i) * V(s - 1, i)
MIRRORED = total(TERM, T).subs({theta(s, i): mirrored(s)})
PART = D(i) ** 2 / 2 * ((1 - gamma) * h(T, i)) + total(QUADRATIC, T) / (1 - gamma)


def mirrored_sum() -> Fact:
    """The linear sum of one coordinate's mirrored iterate is at most that coordinate's part of the bound."""
    sign, order, zero = damped()
    linear_sum = discharge(use(theorem(LINEAR), PUT), all_steps(nearer()), all_steps(sign), zero)
    grown = under(use(use(growth(), {h: PUT[h]}), {t: T}), T >= 1)
    grown = discharge(grown, all_steps(order), zero)
    scaled = follows("R4.scaled", "A constant factor leaves the sum.",
                     [linear(total(k * QUADRATIC, T)), linear(total(QUADRATIC, T))],
                     equal(total(k * QUADRATIC, T), k * total(QUADRATIC, T)))  # fmt: skip
    return restate(linear_sum, MIRRORED <= PART, grown, use(scaled, {k: 1 / (1 - gamma)}))


def split() -> Fact:
    """The linear sum of theta is that of z and the sum of g_t V_{t-1}, times gamma/(1-gamma)."""
    ours = linear(total(TERM, T))
    theirs = use(linear(total(g(s, i) * (theta(s, i) - k * V(s - 1, i) - u(i)), T)), {k: KAPPA})
    return follows("R4.split", "theta is z plus the shift.", [ours, theirs],
                   equal(total(TERM, T), MIRRORED + KAPPA * total(CROSS, T)), given=[gamma < 1])  # fmt: skip


def telescoped() -> Fact:
    """The sum of g_t V_{t-1} over steps and coordinates is at most f(theta_1) - f(theta_T)."""
    inner = sympy.Sum(CROSS, (i, 1, d))
    invariant = total(inner, t) <= f(1) - f(t)
    zero = follows("R4.rest", "Nothing has moved before the first step.", [assume(AT_REST)],
                   equal(g(1, i) * V(0, i), 0))  # fmt: skip
    start = sum_over(zero, i, 1, d)
    base = follows("R4.start", "The first term is 0.",
                   [single_sum(inner, s), start, evident(equal(start.then.rhs, 0))], invariant.subs({t: 1}),
                   [total(inner, 1) <= -1])  # fmt: skip
    there = follows("R4.moved", "The last move is the velocity.", [here(MOVED)],
                    equal(g(t + 1, i) * (theta(t + 1, i) - theta(t, i)), -g(t + 1, i) * V(t, i)))  # fmt: skip
    moves = sum_over(there, i, 1, d)
    minus = linear(moves.then.rhs)
    step = follows("R4.telescoped", "Convexity bounds each term by what the loss falls by.",
                   [subgradient(t + 1, t), moves, minus, longer_sum(inner, s, t)], invariant.subs({t: t + 1}),
                   [total(inner, t + 1) <= f(1) - f(t + 1) - sympy.Rational(1, 100)], given=[invariant])  # fmt: skip
    return under(use(induction(invariant, t, 1, base, under(step, t >= 1), last=T), {t: T}), T >= 1)


GAIN = KAPPA * (f(1) - f(T))


def regret() -> Fact:
    one = follows("R4.one", "Both parts of a coordinate.", [mirrored_sum(), split()],
                  total(TERM, T) <= PART + KAPPA * total(CROSS, T),
                  [total(TERM, T) <= ALMOST * PART + KAPPA * total(CROSS, T)],
                  parts={p: MIRRORED, x: total(CROSS, T), q: D(i) ** 2}, given=[gamma < 1])  # fmt: skip
    coordinates = sum_over(one, i, 1, d)
    swapped, crossed = exchange(coordinates.then.lhs), exchange(sympy.Sum(total(CROSS, T), (i, 1, d)))
    parts = follows("R4.parts", "The sum over coordinates is split.",
                    [linear(coordinates.then.rhs), linear(sympy.Sum(PART, (i, 1, d)))],
                    equal(coordinates.then.rhs,
                          sympy.Sum(PART, (i, 1, d)) + KAPPA * crossed.then.lhs), given=[gamma < 1])  # fmt: skip
    factor = lemma("R4.factor", "The factor is not negative.", [gamma >= 0, gamma < 1], KAPPA >= 0, [KAPPA > 0])
    then = R(T) <= sympy.Sum(PART, (i, 1, d)) + GAIN
    return follows("R4.regret", "Convexity bounds the regret by the linear sums.",
                   [convexity(), swapped, coordinates, parts, crossed, telescoped(), factor], then,
                   [then.lhs <= then.rhs - 1], given=[gamma < 1])  # fmt: skip


CLAIM = Claim(
    id="R4-any",
    title="regret with constant momentum, with any preconditioner that never decreases",
    statement=Statement(
        given=(CONVEX, ONE_LOSS, *map(each, PER_COORDINATE), gamma >= 0, gamma < 1, T >= 1),
        then=R(T) <= sympy.Sum(PART, (i, 1, d)) + GAIN,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(regret(),),
    note="D bounds the distance of the mirrored iterate z_t = theta_t - gamma/(1 - gamma) V_{t-1}, not of theta_t. u "
    "is any point, not only a minimizer. A box would break the mirror, and losses that change the telescoping sum.",
)  # fmt: skip
