"""R4: with constant momentum, one convex loss and no projection the regret is O(sqrt T) too."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.controls.c_regret import growth
from proofs.claims.regret.r2_a_posteriori import QUADRATIC, TERM, ZERO, each, every, total
from proofs.claims.regret.r2_linear import CLAIM as LINEAR
from proofs.claims.regret.r3_any_window import (  # fmt: skip
    ALMOST,
    DIVIDES,
    NEXT,
    form,
    last,
    monotone,
    numerator,
    positive,
    sums,
)
from proofs.claims.regret.r3_expanding_window import FOURTH, GROWN, least, minimal, positive_root
from proofs.claims.regret.r3_sharp import settled
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
    replace,
    restate,
    single_sum,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.inference.fixed_loss import ONE_LOSS, subgradient
from proofs.models.symbolic_run import Run
from proofs.models.window import (  # fmt: skip
    AT_LEAST_ONE,
    AT_MOST_ONE_WIDER,
    AT_REST,
    EMPTY,
    FIRST,
    MOMENT,
    PRECONDITIONER,
    ROOT_SCHEDULE,
    equal,
    every_step,
)
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, step
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import (  # fmt: skip
    CONVEX,
    D,
    G,
    R,
    S,
    T,
    V,
    alpha,
    alpha_t,
    d,
    delta,
    eps,
    f,
    g,
    gamma,
    h,
    i,
    omega,
    omega0,
    s,
    t,
    theta,
    u,
)

SOURCE = Source("dwmgrad", "convergence under convexity, with the momentum held constant",
                also=(Source("dwmgradnotes", "R4"),))  # fmt: skip
RUN = Run(DWMGRAD, box=False, alpha=alpha, gamma=gamma, delta=delta, omega0=omega0, eps=eps, schedule="sqrt",
          momentum="constant")  # fmt: skip
BOUND = {bound.claim: bound for bound in DWMGRAD.bounds}["R4"]
PART = RUN.bound("R4")
GAIN = BOUND.once(RUN.o, RUN.shared_at(T), RUN.facts(fixed=True)) if BOUND.once else sympy.Integer(0)

after, moved = step(omega=omega(t), G=G(t - 1, i), V=V(t - 1, i), x=theta(t, i), mu=gamma, g=g(t, i), alpha=alpha_t(t),
                    eps=eps)  # fmt: skip
VELOCITY = every_step(equal(V(t, i), after.V))
MOVED = every_step(equal(theta(t + 1, i), moved.subs({after.V: V(t, i)})))
KAPPA = gamma / (1 - gamma)


def mirrored(t: Any, i: Any = i) -> Any:
    """z_t = theta_t - gamma/(1 - gamma) V_{t-1}, the rule's own shift."""
    return theta(t, i) - KAPPA * V(t - 1, i)


NEAR = every((mirrored(t) - u(i)) ** 2 <= D(i) ** 2)
GIVEN = (CONVEX, ONE_LOSS, *map(each, (MOMENT, EMPTY, PRECONDITIONER, ZERO, DIVIDES, VELOCITY, AT_REST, MOVED, NEAR)),
         AT_LEAST_ONE, AT_MOST_ONE_WIDER, ROOT_SCHEDULE, FIRST, GROWN, omega0 >= 0, alpha > 0, eps >= 0, gamma >= 0,
         gamma < 1, T >= 1)  # fmt: skip
x, y, v, slope, scale, c, q, r, k, p = reals("x y V g h c q r k p")
m, j = sympy.symbols("m j", integer=True)
PUT = {theta: sympy.Lambda((m, j), mirrored(m, j)), h: sympy.Lambda((m, j), (1 - gamma) * h(m, j))}


def velocity() -> Fact:
    """V_t = gamma V_{t-1} + g_t/h_t for 1 <= t <= T."""
    push = lemma(
        "R4.velocity", "The push of a step is the gradient over the preconditioner.",
        [equal(scale, r * k / alpha), r > 0, k > 0, alpha > 0, equal(y, gamma * v + alpha / r * slope / k)],
        equal(y, gamma * v + slope / scale), [],
    )  # fmt: skip
    push = use(push, {scale: h(t, i), r: sympy.sqrt(t), k: sympy.sqrt(G(t, i)) + eps, y: V(t, i), v: V(t - 1, i),
                      slope: g(t, i)})  # fmt: skip
    steps = lemma(
        "R4.roots", "The root of a step's number is positive.", [t >= 1], sympy.sqrt(t) > 0, [sympy.sqrt(t) > 1]
    )
    here = replace(at(assume(VELOCITY), t), at(assume(MOMENT), t), backwards=True)
    here = replace(here, at(assume(ROOT_SCHEDULE), t))
    return under(discharge(push, form(), steps, settled(numerator()), here), t >= 1)


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
    return under(discharge(known, velocity(), settled(positive()), at(assume(MOVED), t)), t >= 1)


def damped() -> tuple[Fact, Fact, Fact]:
    """(1 - gamma) h is positive, does not fall, and starts at 0."""
    kept = lemma("R4.damped", "A positive factor keeps signs and order.", [scale > 0, scale >= q, gamma < 1],
                 ((1 - gamma) * scale > 0) & ((1 - gamma) * scale >= (1 - gamma) * q),
                 [(1 - gamma) * scale >= (1 - gamma) * q + sympy.Rational(1, 100)])  # fmt: skip
    kept = discharge(use(kept, {scale: h(t, i), q: h(t - 1, i)}), settled(positive()), settled(monotone()))
    zero = follows("R4.zero", "Before the first step it is 0.", [assume(ZERO)], equal((1 - gamma) * h(0, i), 0))
    return part(kept, (1 - gamma) * h(t, i) > 0), part(kept, (1 - gamma) * h(t, i) >= (1 - gamma) * h(t - 1, i)), zero


def all_steps(fact: Fact) -> Fact:
    return for_all(fact, t, (t >= 1) & (t <= T))


CROSS = g(s, i) * V(s - 1, i)
MIRRORED = total(TERM, T).subs({theta(s, i): mirrored(s)})


def mirrored_sum() -> Fact:
    """The linear sum of one coordinate's mirrored iterate is at most that coordinate's part of the bound."""
    sign, order, zero = damped()
    linear_sum = discharge(use(theorem(LINEAR), PUT), all_steps(nearer()), all_steps(sign), zero)
    grown = under(use(use(growth(), {h: PUT[h]}), {t: T}), T >= 1)
    grown = discharge(grown, all_steps(order), zero)
    scaled = follows("R4.scaled", "A constant factor leaves the sum.",
                     [linear(total(k * QUADRATIC, T)), linear(total(QUADRATIC, T))],
                     equal(total(k * QUADRATIC, T), k * total(QUADRATIC, T)))  # fmt: skip
    scaled = use(scaled, {k: 1 / (1 - gamma)})
    bounded = restate(linear_sum, MIRRORED <= D(i) ** 2 / 2 * grown.then.rhs + scaled.then.rhs, grown, scaled)
    joined = lemma(
        "R4.coordinate", "Damping multiplies the first part of R3's bound and divides the second.",
        [p <= q / 2 * (k * x) + v / k, q >= 0, k > 0, x <= y, v <= r], p <= q / 2 * (k * y) + r / k,
        [p <= ALMOST * (q / 2 * (k * y) + r / k)],
    )  # fmt: skip
    above, below = settled(last()), settled(sums())
    joined = use(joined, {p: MIRRORED, q: D(i) ** 2, k: 1 - gamma, x: h(T, i), v: total(QUADRATIC, T),
                          y: above.then.rhs, r: below.then.rhs})  # fmt: skip
    room = follows("R4.room", "Momentum leaves room.", [], 1 - gamma > 0, [1 - gamma > sympy.Rational(1, 100)],
                   given=[gamma < 1])  # fmt: skip
    return restate(discharge(joined, bounded, above, below, room), MIRRORED <= PART)


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
    base = follows(
        "R4.start",
        "The first term is 0.",
        [single_sum(inner, s), start, evident(equal(start.then.rhs, 0))],
        invariant.subs({t: 1}),
        [total(inner, 1) <= -1],
    )
    there = follows("R4.moved", "The last move is the velocity.", [at(assume(MOVED), t)],
                    equal(g(t + 1, i) * (theta(t + 1, i) - theta(t, i)), -g(t + 1, i) * V(t, i)))  # fmt: skip
    moves = sum_over(there, i, 1, d)
    minus = linear(moves.then.rhs)
    step = follows("R4.telescoped", "Convexity bounds each term by what the loss falls by.",
                   [subgradient(t + 1, t), moves, minus, longer_sum(inner, s, t)], invariant.subs(NEXT),
                   [total(inner, t + 1) <= f(1) - f(t + 1) - sympy.Rational(1, 100)], given=[invariant])  # fmt: skip
    return under(use(induction(invariant, t, 1, base, under(step, t >= 1)), {t: T}), T >= 1)


def regret() -> Fact:
    one = follows(
        "R4.one",
        "Both parts of a coordinate.",
        [mirrored_sum(), split()],
        total(TERM, T) <= PART + KAPPA * total(CROSS, T),
        [total(TERM, T) <= ALMOST * PART + KAPPA * total(CROSS, T)],
        parts={p: MIRRORED, x: total(CROSS, T)},
        given=[gamma < 1, omega0 >= 0, T >= 1, alpha > 0],
    )
    coordinates = sum_over(one, i, 1, d)
    swapped, crossed = exchange(coordinates.then.lhs), exchange(sympy.Sum(total(CROSS, T), (i, 1, d)))
    whole, parts = linear(coordinates.then.rhs), linear(sympy.Sum(PART, (i, 1, d)))
    factor = lemma("R4.factor", "The factor is not negative.", [gamma >= 0, gamma < 1], KAPPA >= 0, [KAPPA > 0])
    return follows(
        "R4.regret", "Convexity bounds the regret by the linear sums.",
        [convexity(), swapped, coordinates, whole, parts, crossed, telescoped(), factor],
        R(T) <= sympy.Sum(PART, (i, 1, d)) + GAIN, [R(T) <= sympy.Sum(PART, (i, 1, d)) + GAIN - 1],
        given=[gamma < 1, omega0 >= 0, T >= 1, alpha > 0],
    )  # fmt: skip


CLAIM = Claim(
    id="R4",
    title="regret with constant momentum",
    statement=Statement(given=GIVEN, then=R(T) <= sympy.Sum(PART, (i, 1, d)) + GAIN),
    source=SOURCE,
    kind="rate",
    proof=(regret(),),
    note="D bounds the distance of the mirrored iterate z_t = theta_t - gamma/(1 - gamma) V_{t-1}, not of theta_t. u "
    "is any point, not only a minimizer. A box would break the mirror, and losses that change the telescoping sum. At "
    "the step size R4-alpha the factor of S_T is R3's.",
)

EXACT = {bound.claim: bound for bound in DWMGRAD.bounds}["R4"].coordinate(RUN.o._replace(eps=0), None, RUN.facts())
BEST = (1 - gamma) * D(i) / sympy.sqrt(2 * sympy.sqrt(1 + omega0))
LEAST = D(i) * sympy.sqrt(2 * sympy.sqrt(1 + omega0)) * S(T, i)


def best() -> Fact:
    """The two factors 1 - gamma and 1/(1 - gamma) only move the best step size."""
    near = lemma(
        "R4-alpha.near",
        "A product of positive numbers is positive.",
        [x > 0, gamma < 1],
        x * sympy.sqrt(1 - gamma) / sympy.sqrt(2) > 0,
        [x * sympy.sqrt(1 - gamma) / sympy.sqrt(2) > 1],
    )
    far = lemma("R4-alpha.far", "So is a quotient.", [y > 0, gamma < 1], y / sympy.sqrt(1 - gamma) > 0,
                [y / sympy.sqrt(1 - gamma) > 1])  # fmt: skip
    far = discharge(use(far, {y: FOURTH}), positive_root("R4-alpha.rooted"))
    known = least("R4-alpha", D(i) * sympy.sqrt(1 - gamma) / sympy.sqrt(2), FOURTH / sympy.sqrt(1 - gamma), S(T, i),
                  use(near, {x: D(i)}), far)  # fmt: skip
    return restate(known, minimal(EXACT, BEST, LEAST))


ALPHA = Claim(
    id="R4-alpha",
    title="the step size that makes the bound with constant momentum least",
    statement=Statement(
        given=(alpha > 0, D(i) > 0, S(T, i) > 0, omega0 >= 0, gamma < 1), then=minimal(EXACT, BEST, LEAST)
    ),
    source=SOURCE,
    kind="identity",
    proof=(best(),),
    note="One coordinate, and eps = 0. The least factor of S_T is that of R3-alpha: momentum costs only the last term.",
)
