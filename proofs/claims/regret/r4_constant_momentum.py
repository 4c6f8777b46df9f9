"""R4: with constant momentum, one convex loss and no projection the regret is O(sqrt T) too."""

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.regret.r2_a_posteriori import QUADRATIC, ZERO, each, total
from proofs.claims.regret.r3_any_window import (  # fmt: skip
    ALMOST,
    DIVIDES,
    form,
    last,
    monotone,
    numerator,
    positive,
    sums,
)
from proofs.claims.regret.r3_expanding_window import FOURTH, GROWN, least, minimal, positive_root
from proofs.claims.regret.r3_sharp import settled
from proofs.claims.regret.r4_any_preconditioner import CLAIM as ANY
from proofs.claims.regret.r4_any_preconditioner import NEAR
from proofs.claims.regret.r4_any_preconditioner import PART as GENERAL_PART
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    follows,
    for_all,
    lemma,
    replace,
    restate,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.inference.fixed_loss import ONE_LOSS
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
    g,
    gamma,
    h,
    i,
    omega,
    omega0,
    t,
    theta,
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
GIVEN = (CONVEX, ONE_LOSS, *map(each, (MOMENT, EMPTY, PRECONDITIONER, ZERO, DIVIDES, VELOCITY, AT_REST, MOVED, NEAR)),
         AT_LEAST_ONE, AT_MOST_ONE_WIDER, ROOT_SCHEDULE, FIRST, GROWN, omega0 >= 0, alpha > 0, eps >= 0, gamma >= 0,
         gamma < 1, T >= 1)  # fmt: skip
x, y, v, slope, scale, c, q, r, k, p = reals("x y V g h c q r k p")


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


def all_steps(fact: Fact) -> Fact:
    return for_all(for_all(fact, t, (t >= 1) & (t <= T)), i, (1 <= i) & (i <= d))


def regret() -> Fact:
    """R4-any, with the last preconditioner and the sum of squares over it replaced by R3's bounds of them."""
    facts = (settled(positive()), settled(monotone()), velocity(), at(assume(MOVED), t))
    known = discharge(theorem(ANY), *map(all_steps, facts))
    joined = lemma(
        "R4.coordinate", "Damping multiplies the first part of R3's bound and divides the second.",
        [q >= 0, k > 0, x <= y, v <= r], q / 2 * (k * x) + v / k <= q / 2 * (k * y) + r / k,
        [q / 2 * (k * x) + v / k <= ALMOST * (q / 2 * (k * y) + r / k)],
    )  # fmt: skip
    above, below = settled(last()), settled(sums())
    joined = use(joined, {q: D(i) ** 2, k: 1 - gamma, x: h(T, i), v: total(QUADRATIC, T), y: above.then.rhs,
                          r: below.then.rhs})  # fmt: skip
    room = follows("R4.room", "Momentum leaves room.", [], 1 - gamma > 0, [1 - gamma > sympy.Rational(1, 100)],
                   given=[gamma < 1])  # fmt: skip
    joined = restate(discharge(joined, above, below, room), GENERAL_PART <= PART)
    then = R(T) <= sympy.Sum(PART, (i, 1, d)) + GAIN
    return follows("R4.bounds", "The coordinates are added up.", [known, sum_over(joined, i, 1, d)], then,
                   [then.lhs <= then.rhs - 1], given=[gamma < 1])  # fmt: skip


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
