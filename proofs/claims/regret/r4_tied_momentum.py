"""R4-tied: momentum tied to a window that grows by one at every step."""

from typing import Any

import sympy

from proofs.claims.controls.c_regret import each_step
from proofs.claims.regret.r2_a_posteriori import QUADRATIC, ZERO, each, total
from proofs.claims.regret.r3_any_window import ALMOST, DIVIDES, NEXT, ONE, last, monotone, positive, root_sign, sums
from proofs.claims.regret.r3_expanding_window import GROWN, expanding
from proofs.claims.regret.r3_sharp import settled
from proofs.claims.regret.r4_varying_momentum import (
    AHEAD,
    AT_REST,
    MOVED,
    NEAR,
    PUSHED,
    SOURCE,
    A,
    C,
    all_steps,
    c,
    rho,
)
from proofs.claims.regret.r4_varying_momentum import CLAIM as VARYING
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    both,
    discharge,
    follows,
    for_all,
    induction,
    lemma,
    part,
    restate,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.inference.fixed_loss import MINIMIZER, ONE_LOSS, above_minimum, f_u
from proofs.models.window import (  # fmt: skip
    AT_LEAST_ONE,
    AT_MOST_ONE_WIDER,
    EMPTY,
    FIRST,
    MOMENT,
    PRECONDITIONER,
    ROOT_SCHEDULE,
    TIED,
    equal,
)
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals, substitute
from proofs.statements.vocabulary import (  # fmt: skip
    CONVEX,
    D,
    R,
    S,
    T,
    alpha,
    d,
    delta,
    eps,
    f,
    gamma,
    h,
    i,
    mu_t,
    n,
    omega0,
    t,
)

Q = gamma / (delta * (1 - gamma) ** 2)
RHO = equal(rho, Q / (1 - Q))
END = equal(c(T + 1), mu_t(T) / (1 - mu_t(T)))
OPTIONS = [gamma >= 0, gamma < 1, delta >= 1, omega0 >= 0, omega0 + T <= delta, delta * (1 - gamma) ** 2 > 2 * gamma]
RAW = (MOMENT, EMPTY, PRECONDITIONER, ZERO, DIVIDES, PUSHED, AT_REST, MOVED, NEAR)
x, y, p, q, k, m, o, eta, ahead, end = reals("x y p q k m o eta a e")


def momentum(step: Any) -> Fact:
    """mu_t = gamma (omega0 + t)/delta for 1 <= t <= T."""
    known = follows("R4-tied.momentum", "The window is omega0 + t.", [at(assume(TIED), t), expanding()],
                    equal(mu_t(t), gamma * (omega0 + t) / delta), given=[delta >= 1])  # fmt: skip
    return use(under(known, t >= 1), {t: step})


def slow_enough() -> Fact:
    """gamma/delta (1 + rho) = rho (1 - gamma)², and 0 <= rho < 1."""
    return follows("R4-tied.rho", "q is less than a half.", [assume(RHO)],
                   equal(gamma / delta * (1 + rho), rho * (1 - gamma) ** 2) & (rho >= 0) & (rho < 1),
                   [rho < ALMOST],
                   given=[gamma >= 0, gamma < 1, delta >= 1, delta * (1 - gamma) ** 2 > 2 * gamma])  # fmt: skip


def looks_ahead() -> Fact:
    """Backwards from the last step: c_{t+1} (1 - mu_t) lies in [mu_t, mu_t + rho], and c_{t+1} in [0, c_{T+1}]."""

    def invariant(ahead: Any, m: Any, end: Any) -> Any:
        return (ahead >= 0) & (ahead * (1 - m) >= m) & (ahead * (1 - m) <= m + rho) & (ahead <= end)

    here = invariant(c(T - n + 1), mu_t(T - n), c(T + 1))
    base = follows(
        "R4-tied.end",
        "At the last step it is in balance.",
        [assume(END), momentum(T), slow_enough()],
        substitute(here, {n: sympy.Integer(0)}),
        [c(T + 1) * (1 - mu_t(T)) <= mu_t(T) + rho - sympy.Rational(1, 100)],
        given=[*OPTIONS, T >= 1],
    )
    step = lemma(
        "R4-tied.back",
        "A step back in time keeps it, because the momentum falls by eta only.",
        [
            invariant(ahead, m, end),
            o >= 0,
            equal(m, o + eta),
            eta >= 0,
            m < 1,
            eta * (1 + rho) <= rho * (1 - m) * (1 - o),
            rho >= 0,
            equal(x, m * (1 + ahead)),
        ],
        invariant(x, o, end),
        [x * (1 - o) <= o + ALMOST * rho, x * (1 - o) >= o / ALMOST],
    )
    step = use(
        step, {ahead: c(T - n + 1), m: mu_t(T - n), o: mu_t(T - n - 1), eta: gamma / delta, end: c(T + 1), x: c(T - n)}
    )
    window = omega0 + T - n
    shares = lemma(
        "R4-tied.range",
        "The momentum is gamma times the share of the cap that the window has.",
        [gamma >= 0, delta >= 1, k >= 1, k <= delta],
        (gamma * (k - 1) / delta >= 0)
        & equal(gamma * k / delta, gamma * (k - 1) / delta + gamma / delta)
        & (gamma / delta >= 0)
        & (gamma * k / delta <= gamma),
        [gamma * k / delta <= ALMOST * gamma],
    )
    inside = follows("R4-tied.window", "The window lies between 1 and the cap.", [], (window >= 1) & (window <= delta),
                     [window >= 2 + sympy.Rational(1, 100)], given=[*OPTIONS[3:5], n >= 0, n + 2 <= T])  # fmt: skip
    shares = discharge(use(shares, {k: window}), inside)
    shares = restate(shares, (mu_t(T - n - 1) >= 0) & equal(mu_t(T - n), mu_t(T - n - 1) + gamma / delta)
                     & (gamma / delta >= 0) & (mu_t(T - n) <= gamma), momentum(T - n), momentum(T - n - 1))  # fmt: skip
    slow = lemma(
        "R4-tied.slow", "Both momenta are at most gamma.",
        [m <= gamma, equal(m, o + eta), eta >= 0, gamma < 1, equal(eta * (1 + rho), rho * (1 - gamma) ** 2), rho >= 0],
        (eta * (1 + rho) <= rho * (1 - m) * (1 - o)) & (m < 1),
        [eta * (1 + rho) <= ALMOST * rho * (1 - m) * (1 - o)],
    )  # fmt: skip
    slow = discharge(use(slow, {m: mu_t(T - n), o: mu_t(T - n - 1), eta: gamma / delta}), shares, slow_enough())
    ranges = both(shares, slow, slow_enough())
    step = discharge(step, ranges, at(assume(AHEAD), T - n))
    found = induction(here, n, 0, base, under(step, n + 2 <= T, n >= 0), last=T - 1)
    return use(found, {n: T - t})


TWO = sympy.Integer(2)
CONSTANT = 1 / (1 + c(2))


def general() -> Fact:
    """R4-varying for this c: its factors are constant, its growth is at most rho."""
    facts = looks_ahead()
    later = use(facts, NEXT)
    back = at(assume(AHEAD), t + 1)
    signs = all_steps(under(part(facts, c(t + 1) >= 0), t >= 1))
    limit = all_steps(under(part(facts, c(t + 1) <= c(T + 1)), t >= 1))
    rising = follows("R4-tied.rising", "So c grows, by rho at most.", [later, back],
                     (c(t + 2) - c(t + 1) <= rho) & (c(t + 1) <= c(t + 2)),
                     [c(t + 2) - c(t + 1) <= ALMOST * rho])  # fmt: skip
    inside = (t >= 1) & (t + 1 <= T)
    slow = for_all(under(part(rising, c(t + 2) - c(t + 1) <= rho), t >= 1), t, inside)
    still = lemma("R4-tied.factor", "A factor that falls adds nothing.", [x >= 0, y >= x],
                  equal(k, k + sympy.Max(1 / (1 + y) - 1 / (1 + x), 0)), [])  # fmt: skip
    still = discharge(use(still, {k: CONSTANT, x: c(t + 1), y: c(t + 2)}), part(rising, c(t + 1) <= c(t + 2)),
                      part(facts, c(t + 1) >= 0))  # fmt: skip
    factors = for_all(under(still, t >= 1), t, inside)
    forward = follows(
        "R4-tied.forward",
        "The momentum is not negative.",
        [momentum(t)],
        mu_t(t) >= 0,
        [mu_t(t) >= sympy.Rational(1, 100)],
        given=[gamma >= 0, delta >= 1, omega0 >= 0, t >= 1],
    )
    known = use(theorem(VARYING), {A: sympy.Lambda(t, CONSTANT), C: c(T + 1)})
    return discharge(known, signs, limit, slow, factors, all_steps(forward), part(slow_enough(), rho >= 0),
                     each_step(settled(positive())), each_step(settled(monotone())))  # fmt: skip


def constants() -> Fact:
    """1/(1 + c_2) <= 1 - mu_2, 1 + c_{T+1} <= 1/(1 - gamma) and c_2 <= gamma/(1 - gamma), for T >= 2."""
    second = use(looks_ahead(), {t: TWO})
    first = use(looks_ahead(), {t: ONE})
    balance = follows("R4-tied.second", "c_3 is at least c_2.", [second, at(assume(AHEAD), TWO), momentum(TWO)],
                      (c(2) * (1 - mu_t(2)) >= mu_t(2)) & (c(2) >= 0),
                      [c(2) * (1 - mu_t(2)) >= mu_t(2) / ALMOST],
                      given=[gamma >= 0, gamma < 1, delta >= 1, omega0 >= 0, omega0 + T <= delta, T >= 2])  # fmt: skip
    least = lemma("R4-tied.least", "The inverse of the factor.", [x >= 0, x * (1 - m) >= m], 1 / (1 + x) <= 1 - m,
                  [1 / (1 + x) <= ALMOST * (1 - m)])  # fmt: skip
    least = discharge(use(least, {x: c(2), m: mu_t(2)}), balance)
    most = lemma(
        "R4-tied.most",
        "The last momentum is at most gamma.",
        [equal(x, m / (1 - m)), m <= gamma, gamma < 1, y <= x],
        (1 + x <= 1 / (1 - gamma)) & (y <= gamma / (1 - gamma)),
        [1 + x <= ALMOST / (1 - gamma), y <= ALMOST * gamma / (1 - gamma)],
    )
    share = lemma("R4-tied.share", "The window is at most the cap.", [gamma >= 0, delta >= 1, k <= delta],
                  gamma * k / delta <= gamma, [gamma * k / delta <= ALMOST * gamma])  # fmt: skip
    cap = restate(use(share, {k: omega0 + T}), mu_t(T) <= gamma, momentum(T))
    most = discharge(use(most, {x: c(T + 1), m: mu_t(T), y: c(2)}), assume(END), cap, part(first, c(2) <= c(T + 1)))
    return both(least, most, part(balance, c(2) >= 0), part(first, c(2) <= c(T + 1)))


SECOND = gamma * (omega0 + 2) / delta
PART = D(i) ** 2 / 2 * ((1 - SECOND) * ((S(T, i) + eps * sympy.sqrt(T)) / alpha)) + alpha * sympy.sqrt(1 + omega0) * S(
    T, i
) / (1 - gamma)
START = gamma / (1 - gamma) * (f(1) - f_u)


def coordinate() -> Fact:
    joined = lemma(
        "R4-tied.coordinate",
        "Every factor is replaced by its bound.",
        [q >= 0, k >= 0, k <= m, x >= 0, x <= y, o >= 0, o <= eta, p <= end, end >= 0],
        q / 2 * k * x + o * p <= q / 2 * (m * y) + eta * end,
        [q / 2 * k * x + o * p <= ALMOST * (q / 2 * (m * y) + eta * end)],
    )
    above, below = settled(last()), settled(sums())
    joined = use(joined, {q: D(i) ** 2, k: CONSTANT, m: 1 - SECOND, x: h(T, i), y: above.then.rhs, o: 1 + c(T + 1),
                          eta: 1 / (1 - gamma), p: total(QUADRATIC, T), end: below.then.rhs})  # fmt: skip
    told = constants()
    least = restate(part(told, CONSTANT <= 1 - mu_t(2)), CONSTANT <= 1 - SECOND, momentum(TWO))
    most = part(told, 1 + c(T + 1) <= 1 / (1 - gamma))
    signs = follows(
        "R4-tied.signs", "c is not negative.", [told], (CONSTANT >= 0) & (1 + c(T + 1) >= 0), [CONSTANT > 1]
    )
    sign = follows("R4-tied.h", "h_T is positive.", [use(settled(positive()), {t: T})], h(T, i) >= 0, [h(T, i) > 1])
    root = lemma(
        "R4-tied.root",
        "A product of what is not negative.",
        [alpha > 0, omega0 >= 0, x >= 0],
        alpha * sympy.sqrt(1 + omega0) * x >= 0,
        [alpha * sympy.sqrt(1 + omega0) * x > 1],
    )
    root = discharge(use(root, {x: S(T, i)}), use(root_sign(), {t: T}))
    found = discharge(joined, least, most, signs, sign, root, above, below)
    return restate(found, found.then.lhs <= PART)


def regret() -> Fact:
    summed = sum_over(coordinate(), i, 1, d)
    told = constants()
    lead = follows("R4-tied.lead", "The first excess is not negative.",
                   [part(told, c(2) <= gamma / (1 - gamma)), above_minimum(1)], c(2) * (f(1) - f_u) <= START,
                   [c(2) * (f(1) - f_u) <= ALMOST * START], given=[gamma < 1])  # fmt: skip
    found = follows("R4-tied.regret", "The coordinates are added up.", [general(), summed, lead],
                    (1 - rho) * R(T) <= sympy.Sum(PART, (i, 1, d)) + START,
                    [(1 - rho) * R(T) <= sympy.Sum(PART, (i, 1, d)) + START - 1], given=[gamma < 1])  # fmt: skip
    return under(found, T >= 2)


CLAIM = Claim(
    id="R4-tied",
    title="regret with momentum tied to a growing window",
    statement=Statement(
        given=(CONVEX, ONE_LOSS, MINIMIZER, *map(each, RAW), AT_LEAST_ONE, AT_MOST_ONE_WIDER, ROOT_SCHEDULE, FIRST,
               GROWN, TIED, AHEAD, END, RHO, *OPTIONS, alpha > 0, eps >= 0, T >= 2),
        then=(1 - rho) * R(T) <= sympy.Sum(PART, (i, 1, d)) + START,
        where=((c, "what the mirrored iterate z_t = theta_t - c_t V_{t-1} looks ahead, backwards from the last step"),
               (rho, "bound on the growth of c")),
    ),
    source=SOURCE,
    kind="rate",
    proof=(regret(),),
    note="The factor of D² is 1 - mu_2 with mu_2 = gamma (omega0 + 2)/delta, so there must be a second step. At "
    "gamma = 0.9 it needs delta > 180; the released MNIST script has 1000, but a constant step size and the signal "
    "`increase`, which this does not cover. For smaller caps R4-varying holds with the numbers of its control.",
)  # fmt: skip
