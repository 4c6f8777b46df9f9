"""R4 extended: momentum that changes from step to step, by a mirrored iterate that looks ahead.

z_t = theta_t - c_t V_{t-1} with c_t = mu_t (1 + c_{t+1}), from any c_{T+1} >= 0. While the window grows at every step
its momentum is known in advance, so the c_t are numbers and not random.
"""

from functools import reduce
from itertools import pairwise
from typing import Any

import flint
import sympy

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import Found
from proofs.claims.controls.c_regret import MONOTONE
from proofs.claims.regret.r2_a_posteriori import QUADRATIC, TERM, ZERO, each, every, total
from proofs.claims.regret.r2_linear import CLAIM as LINEAR
from proofs.claims.regret.r3_any_window import ALMOST, NEXT, ONE
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
from proofs.inference.fixed_loss import MINIMIZER, ONE_LOSS, above_minimum, f_u, regret_of_one, subgradient
from proofs.models.window import AT_REST, equal
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, record
from proofs.statements.statement import ForAll, Statement, reals, sequences
from proofs.statements.vocabulary import CONVEX, POSITIVE, D, R, T, V, d, f, g, h, i, mu_t, s, t, theta, u

SOURCE = Source(
    "dwmgrad", "Algorithm 1 with mu_t = gamma omega_t/delta", also=(Source("dwmgradnotes", "R4, extended here"),)
)
c, A = sequences("c A")
X, Y = sequences("X Y")
rho, C = reals("rho C")
x, y, v, slope, scale, p, q, k, w, n1, n2, m1, big, grown_so_far, old_h, new_h = reals(
    "x y V g h p q k w c c' mu B a' h_old h_new"
)
m, j = sympy.symbols("m j", integer=True)

INSIDE = (t >= 1) & (t + 1 <= T)
AHEAD = every(equal(c(t), mu_t(t) * (1 + c(t + 1))))
SIGNS = every(c(t + 1) >= 0)
NOT_BACKWARDS = every(mu_t(t) >= 0)
LIMIT = every(c(t + 1) <= C)
SLOW = ForAll(t, INSIDE, c(t + 2) - c(t + 1) <= rho)
FIRST_FACTOR = equal(A(1), 1 / (1 + c(2)))
FACTORS = ForAll(t, INSIDE, equal(A(t + 1), A(t) + sympy.Max(1 / (1 + c(t + 2)) - 1 / (1 + c(t + 1)), 0)))
PUSHED = every(equal(V(t, i), mu_t(t) * V(t - 1, i) + g(t, i) / h(t, i)))
MOVED = every(equal(theta(t + 1, i), theta(t, i) - V(t, i)))


def damping(t: Any) -> Any:
    """H_t = h_t/(1 + c_{t+1}), the damped preconditioner."""
    return h(t, i) / (1 + c(t + 1))


def mirrored(t: Any, i: Any = i) -> Any:
    return theta(t, i) - c(t) * V(t - 1, i)


NEAR = every((mirrored(t) - u(i)) ** 2 <= D(i) ** 2)
PER_COORDINATE = (every(POSITIVE), every(MONOTONE), ZERO, PUSHED, AT_REST, MOVED, NEAR)
MOMENTUM = (NOT_BACKWARDS, AHEAD, SIGNS, LIMIT, SLOW, FIRST_FACTOR, FACTORS, rho >= 0)
PUT = {theta: sympy.Lambda((m, j), mirrored(m, j)), h: sympy.Lambda((m, j), h(m, j) / (1 + c(m + 1)))}
CROSS = c(s) * g(s, i) * V(s - 1, i)
MIRRORED = total(g(s, i) * (mirrored(s) - u(i)), T)
EXCESS = sympy.Sum(f(s) - f_u, (s, 1, t))


def all_steps(fact: Fact) -> Fact:
    return for_all(fact, t, (t >= 1) & (t <= T))


def nearer() -> Fact:
    """(z_{t+1} - u)² <= (z_t - (1 + c_{t+1}) g_t/h_t - u)²: an equality."""
    known = lemma(
        "R4-varying.mirror", "The mirrored iterate moves by the gradient over a damped preconditioner.",
        [equal(y, m1 * v + slope / scale), scale > 0, n2 >= 0, equal(p, x - y), equal(n1, m1 * (1 + n2))],
        (p - n2 * y - q) ** 2 <= (x - n1 * v - slope / (scale / (1 + n2)) - q) ** 2,
        [(p - n2 * y - q) ** 2 <= ALMOST * (x - n1 * v - slope / (scale / (1 + n2)) - q) ** 2],
    )  # fmt: skip
    known = use(known, {y: V(t, i), m1: mu_t(t), v: V(t - 1, i), slope: g(t, i), scale: h(t, i), p: theta(t + 1, i),
                        x: theta(t, i), n1: c(t), n2: c(t + 1), q: u(i)})  # fmt: skip
    return discharge(known, *(at(assume(e), t) for e in (PUSHED, every(POSITIVE), SIGNS, MOVED, AHEAD)))


def damped() -> Fact:
    known = lemma("R4-varying.damped", "The damped preconditioner is positive.", [scale > 0, n2 >= 0],
                  scale / (1 + n2) > 0, [scale / (1 + n2) > 1])  # fmt: skip
    return discharge(use(known, {scale: h(t, i), n2: c(t + 1)}), at(assume(every(POSITIVE)), t), at(assume(SIGNS), t))


def at_rest() -> Fact:
    """Before the first step the damped preconditioner is 0."""
    return follows("R4-varying.zero", "Nothing over something positive is nothing.",
                   [assume(ZERO), at(assume(AHEAD), ONE), at(assume(NOT_BACKWARDS), ONE), at(assume(SIGNS), ONE)],
                   equal(h(0, i) / (1 + c(1)), 0) & (c(1) >= 0), [c(1) > 0])  # fmt: skip


GROWTH = sympy.Max(damping(s) - damping(s - 1), 0)


def growth() -> Fact:
    """The growth of the damped preconditioner is at most A_T h_T."""
    invariant = (total(GROWTH, t) <= A(t) * h(t, i)) & (1 / (1 + c(t + 1)) <= A(t))
    base = follows(
        "R4-varying.first", "From 0 the damped preconditioner rises to its first value.",
        [single_sum(GROWTH, s), at_rest(), assume(FIRST_FACTOR), at(assume(every(POSITIVE)), ONE),
         at(assume(SIGNS), ONE)], invariant.subs({t: 1}), [total(GROWTH, 1) <= ALMOST * A(1) * h(1, i)],
    )  # fmt: skip
    kept = lemma(
        "R4-varying.variation", "It grows with h, and where its factor grows.",
        [x <= y * old_h, p <= y, p > 0, q > 0, old_h > 0, new_h >= old_h, equal(k, y + sympy.Max(q - p, 0))],
        (x + sympy.Max(new_h * q - old_h * p, 0) <= k * new_h) & (q <= k),
        [x + sympy.Max(new_h * q - old_h * p, 0) <= ALMOST * k * new_h],
    )  # fmt: skip
    here = {x: total(GROWTH, t), y: A(t), p: 1 / (1 + c(t + 1)), q: 1 / (1 + c(t + 2)), old_h: h(t, i),
            new_h: h(t + 1, i), k: A(t + 1)}  # fmt: skip
    inverse = lemma("R4-varying.inverse", "Both factors are positive.", [n1 >= 0, n2 >= 0],
                    (1 / (1 + n1) > 0) & (1 / (1 + n2) > 0), [1 / (1 + n1) > sympy.Rational(1, 10)])  # fmt: skip
    inverse = discharge(use(inverse, {n1: c(t + 1), n2: c(t + 2)}), at(assume(SIGNS), t), at(assume(SIGNS), t + 1))
    step = discharge(use(kept, here), inverse, at(assume(every(POSITIVE)), t), at(assume(every(MONOTONE)), t + 1),
                     at(assume(FACTORS), t))  # fmt: skip
    step = restate(step, invariant.subs(NEXT), longer_sum(GROWTH, s, t))
    return use(induction(invariant, t, 1, base, under(step, t >= 1), last=T), {t: T})


def squares() -> Fact:
    """The sum of g²/(2 H) is at most 1 + C times that of g²/(2 h)."""
    left = slope**2 / (2 * (scale / (1 + n2)))
    one = lemma("R4-varying.square", "Damping enlarges a term by at most 1 + C.", [scale > 0, n2 >= 0, n2 <= w],
                left <= (1 + w) * (slope**2 / (2 * scale)),
                [left <= ALMOST * (1 + w) * (slope**2 / (2 * scale))])  # fmt: skip
    one = use(one, {slope: g(s, i), scale: h(s, i), n2: c(s + 1), w: C})
    one = discharge(one, *(at(assume(e), s) for e in (every(POSITIVE), SIGNS, LIMIT)))
    summed = sum_over(one, s, 1, T)
    scaled = follows("R4-varying.scaled", "A constant factor leaves the sum.",
                     [linear(total(k * QUADRATIC, T)), linear(total(QUADRATIC, T))],
                     equal(total(k * QUADRATIC, T), k * total(QUADRATIC, T)))  # fmt: skip
    return restate(summed, summed.then.lhs <= (1 + C) * total(QUADRATIC, T), use(scaled, {k: 1 + C}))


def coordinate() -> Fact:
    """The linear sum of one coordinate: what its mirrored iterate costs, and the shift's sum."""
    linear_sum = discharge(use(theorem(LINEAR), PUT), all_steps(nearer()), all_steps(damped()), at_rest())
    costs = lemma(
        "R4-varying.costs",
        "Both sums are replaced by their bounds.",
        [p <= q / 2 * x + v, q >= 0, x <= y, v <= w],
        p <= q / 2 * y + w,
        [p <= ALMOST * (q / 2 * y + w)],
    )
    both_bounds = growth()
    variation = part(both_bounds, total(GROWTH, T) <= A(T) * h(T, i))
    costs = use(costs, {p: MIRRORED, q: D(i) ** 2, x: total(GROWTH, T), y: A(T) * h(T, i), v: squares().then.lhs,
                        w: (1 + C) * total(QUADRATIC, T)})  # fmt: skip
    costs = discharge(costs, linear_sum, variation, squares())
    ours, theirs, crossed = (linear(e) for e in (total(TERM, T), MIRRORED, total(CROSS, T)))
    split = follows("R4-varying.split", "theta is z plus the shift.", [ours, theirs, crossed],
                    equal(total(TERM, T), MIRRORED + total(CROSS, T)))  # fmt: skip
    return follows("R4-varying.coordinate", "Both parts of a coordinate.", [costs, split],
                   total(TERM, T) <= PART + total(CROSS, T),
                   [total(TERM, T) <= ALMOST * PART + total(CROSS, T)],
                   parts={p: MIRRORED, q: D(i) ** 2, x: total(CROSS, T), v: total(QUADRATIC, T)})  # fmt: skip


def weighted() -> Fact:
    """The sum of c_t g_t V_{t-1} over steps and coordinates, by parts."""
    inner = sympy.Sum(CROSS, (i, 1, d))
    first = c(2) * (f(1) - f_u)
    invariant = total(inner, t) <= first + rho * EXCESS - c(t + 1) * (f(t) - f_u)
    zero = follows("R4-varying.rest", "Nothing has moved before the first step.", [assume(AT_REST)],
                   equal(c(1) * g(1, i) * V(0, i), 0))  # fmt: skip
    start = sum_over(zero, i, 1, d)
    base = follows(
        "R4-varying.start", "The first term is 0.",
        [single_sum(inner, s), start, evident(equal(start.then.rhs, 0)), single_sum(f(s) - f_u, s), above_minimum(1)],
        invariant.subs({t: 1}), [total(inner, 1) <= -1], given=[rho >= 0],
    )  # fmt: skip
    there = follows("R4-varying.moved", "The last move is the velocity.", [at(assume(MOVED), t)],
                    equal(g(t + 1, i) * (theta(t + 1, i) - theta(t, i)), -g(t + 1, i) * V(t, i)))  # fmt: skip
    moves = sum_over(there, i, 1, d)
    minus, outside = linear(moves.then.rhs), linear(sympy.Sum(CROSS.subs({s: t + 1}), (i, 1, d)))
    fall = follows("R4-varying.fall", "Convexity bounds what the move gains.", [subgradient(t + 1, t), moves, minus],
                   outside.then.rhs.subs({c(t + 1): 1}) <= f(t) - f(t + 1),
                   [outside.then.rhs.subs({c(t + 1): 1}) <= f(t) - f(t + 1) - sympy.Rational(1, 100)])  # fmt: skip
    parts = lemma(
        "R4-varying.parts", "The weight rises by at most rho, which multiplies what is not negative.",
        [x <= y + rho * k - n1 * p, w <= p - q, n1 >= 0, n2 - n1 <= rho, p >= 0, q >= 0],
        x + n1 * w <= y + rho * (k + q) - n2 * q, [x + n1 * w <= y + ALMOST * rho * (k + q) - n2 * q],
    )  # fmt: skip
    signs = [shifted(above_minimum(e), e) for e in (t, t + 1)]
    turned = follows(
        "R4-varying.turned",
        "Both losses from the minimum.",
        [fall],
        fall.then.lhs <= (f(t) - f_u) - (f(t + 1) - f_u),
        [fall.then.lhs <= f(t) - f(t + 1) - sympy.Rational(1, 100)],
    )
    here = {x: total(inner, t), y: first, k: EXCESS, n1: c(t + 1), n2: c(t + 2), p: f(t) - f_u, q: f(t + 1) - f_u,
            w: fall.then.lhs}  # fmt: skip
    step = discharge(use(parts, here), turned, at(assume(SIGNS), t), at(assume(SLOW), t), *signs)
    step = restate(step, invariant.subs(NEXT), longer_sum(inner, s, t), longer_sum(f(s) - f_u, s, t), outside)
    return use(induction(invariant, t, 1, base, under(step, t >= 1), last=T), {t: T})


def shifted(fact: Fact, at_step: Any) -> Fact:
    return follows(
        f"R4-varying.above-{at_step}".replace(" ", ""),
        "The loss is at least its minimum.",
        [fact],
        f(at_step) - f_u >= 0,
        [f(at_step) - f_u >= sympy.Rational(1, 100)],
    )


PART = D(i) ** 2 / 2 * A(T) * h(T, i) + (1 + C) * total(QUADRATIC, T)
START = c(2) * (f(1) - f_u)


def regret() -> Fact:
    coordinates = sum_over(coordinate(), i, 1, d)
    swapped, crossed = exchange(coordinates.then.lhs), exchange(sympy.Sum(total(CROSS, T), (i, 1, d)))
    added = use(
        linear(sympy.Sum(X(i) + Y(i), (i, 1, d))), {X: sympy.Lambda(i, PART), Y: sympy.Lambda(i, total(CROSS, T))}
    )
    last = shifted(use(above_minimum(t), {t: T}), T)
    end = at(assume(SIGNS), T)
    return follows(
        "R4-varying.regret",
        "The two sums together; rho of the regret moves to the left.",
        [convexity(), swapped, coordinates, added, crossed, weighted(), regret_of_one(), last, end],
        (1 - rho) * R(T) <= sympy.Sum(PART, (i, 1, d)) + START,
        [(1 - ALMOST * rho) * R(T) <= sympy.Sum(PART, (i, 1, d)) + START],
    )


CAPS = {10: ("0.0464", "1.0059"), 15: ("0.3227", "1.2028"), 100: ("0.1631", "1.7497"), 1000: ("0.0491", "1.8723")}


def growing_phase(delta: int) -> tuple[Any, Any]:
    """rho and A in balls for T = delta - 5 with the options at their defaults and c_{T+1} = 0."""
    o = record(DWMGRAD, delta=flint.arb(delta), omega0=flint.arb(5), gamma=flint.arb(9) / 10, alpha=flint.arb(1))
    k, momenta = DWMGRAD.start(o), []
    for _ in range(delta - 5):
        k = DWMGRAD.shared(o, k, 1)
        momenta.append(k.mu)
    ahead = [flint.arb(0)]
    for value in reversed(momenta):
        ahead.insert(0, value * (1 + ahead[0]))  # ahead[t - 1] is c_t
    factors = [1 / (1 + value) for value in ahead[1:]]
    most = reduce(ops.maximum, (b - a for a, b in pairwise(ahead[1:])), flint.arb(0))
    return most, factors[0] + sum((ops.maximum(b - a, 0) for a, b in pairwise(factors)), flint.arb(0))


def caps() -> Found:
    """The whole growing phase for the caps of the paper and of the released scripts, enclosed to the last digit."""
    last_digit, inside, below = flint.arb("0.0001"), True, True
    for delta, told in CAPS.items():
        for number, limit in zip(growing_phase(delta), map(flint.arb, told), strict=True):
            inside = inside and bool(number <= limit) and bool(number >= limit - last_digit)
            below = below and bool(number > limit - last_digit)
    told = "; ".join(f"delta = {delta}: rho <= {r}, A <= {a}" for delta, (r, a) in CAPS.items())
    return inside, below, told, {str(delta): {"rho": r, "A": a} for delta, (r, a) in CAPS.items()}


GIVEN = (CONVEX, ONE_LOSS, MINIMIZER, *map(each, PER_COORDINATE), *MOMENTUM, T >= 1)
CLAIM = Claim(
    id="R4-varying",
    title="regret with momentum that changes from step to step",
    statement=Statement(
        given=GIVEN,
        then=(1 - rho) * R(T) <= sympy.Sum(PART, (i, 1, d)) + START,
        where=(
            (c, "what the mirrored iterate z_t = theta_t - c_t V_{t-1} looks ahead, any with c_t = mu_t (1 + c_{t+1})"),
            (A, "1/(1 + c_2) and what 1/(1 + c_{t+1}) has grown by since"),
            (rho, "bound on the growth of c"),
            (C, "bound on c"),
        ),
    ),
    source=SOURCE,
    kind="inequality",
    proof=(regret(),),
    controls=(
        rigorous(
            "R4-varying.caps",
            "rho and A over the whole growing phase at gamma = 0.9, omega0 = 5, the rest by default, from c_{T+1} = 0.",
            caps,
        ),
    ),
    note="No projection: a box would break the mirror. D bounds the distance of z_t from u. It says something if "
    "rho < 1, as it is over the growing phase at every cap in use (control), though with alpha/sqrt(t) and "
    "positive losses, not with the constant step size and the signals that were published. A constant momentum with "
    "c = mu/(1 - mu) has rho = 0 and gives R4.",
)
