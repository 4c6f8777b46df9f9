"""R3: with a window that grows by one at every step the regret is O(sqrt T); the best step size."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.controls.c_ogd import root_below
from proofs.claims.controls.c_regret import HYPOTHESES
from proofs.claims.regret.r2_a_posteriori import each, every
from proofs.claims.regret.r3_any_window import ALMOST, NEXT, RAW, SHARED, C
from proofs.claims.regret.r3_any_window import CLAIM as ANY
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    evident,
    follows,
    for_all,
    induction,
    lemma,
    restate,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.models.symbolic_run import Run
from proofs.models.window import AT_MOST_ONE_WIDER, FIRST, equal
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import (  # fmt: skip
    D,
    Gmax,
    L,
    R,
    S,
    T,
    alpha,
    d,
    delta,
    eps,
    g,
    i,
    n,
    omega,
    omega0,
    s,
    t,
)

SOURCE = Source("dwmgrad", "convergence under convexity", also=(Source("dwmgradnotes", "R3, with the eps term added"),))
RUN = Run(DWMGRAD, box=True, alpha=alpha, gamma=0, delta=delta, omega0=omega0, eps=eps, schedule="sqrt")
PART = RUN.bound("R3")
GROWN = equal(omega(T), omega0 + T)
EXPANDING = equal(omega(t), omega0 + t)
p, q, r, x, y, width, size, root = reals("p q r x y D G s")


def slope() -> Fact:
    """omega_{s+n} <= omega_s + n for s, n >= 0: the window widens by at most one a step."""
    invariant = omega(s + n) <= omega(s) + n
    later = lemma("R3.later", "A later step has a larger number.", [s >= 0, n >= 0], s + n + 1 >= 1, [s + n >= 1])
    wider = discharge(at(assume(AT_MOST_ONE_WIDER), s + n + 1), later)
    step = follows("R3.slope", "Every step widens by at most one.", [wider], invariant.subs({n: n + 1}),
                   [omega(s + n + 1) <= omega(s) + n], given=[invariant])  # fmt: skip
    return induction(invariant, n, 0, evident(invariant.subs({n: 0})), step)


def expanding() -> Fact:
    """omega_t = omega0 + t for every t <= T, since omega_T = omega0 + T leaves no step that did not widen by one."""
    before, after = use(slope(), {s: sympy.Integer(0), n: t}), use(slope(), {s: t, n: T - t})
    known = follows("R3.expanding", "The last window tells all before it.",
                    [before, after, assume(FIRST), assume(GROWN)], EXPANDING)  # fmt: skip
    return under(known, t >= 1)


def wide() -> Fact:
    return follows("R3.wide", "A window of omega0 + t is at least t.", [expanding()], omega(t) >= t,
                   [omega(t) >= t + sympy.Rational(1, 100)], given=[omega0 >= 0])  # fmt: skip


def shares() -> Fact:
    """L_t = 1: nothing is lost."""
    kept = follows("R3.shares", "The window less one is the window before.",
                   [expanding(), use(expanding(), NEXT)], equal(1, (omega(t + 1) - 1) / omega(t)),
                   given=[t >= 1, omega0 >= 0])  # fmt: skip
    return for_all(kept, t, (t >= 1) & (t + 1 <= T))


def room() -> Fact:
    return follows("R3.room", "The window over t is largest at the first step.", [expanding()],
                   omega(t) <= (1 + omega0) * t, [omega(t) <= ALMOST * (1 + omega0) * t],
                   given=[omega0 >= 0, t >= 1])  # fmt: skip


def all_steps(fact: Fact) -> Fact:
    return for_all(fact, t, (t >= 1) & (t <= T))


def bound() -> Fact:
    general = use(theorem(ANY), {L: sympy.Lambda(t, 1), C: 1 + omega0})
    return discharge(general, all_steps(wide()), shares(), all_steps(room()))


CLAIM = Claim(
    id="R3",
    title="regret of the expanding window",
    statement=Statement(
        given=(*HYPOTHESES, *map(each, RAW), *SHARED, FIRST, GROWN, omega0 >= 0, alpha > 0, eps >= 0),
        then=R(T) <= sympy.Sum(PART, (i, 1, d)),
    ),
    source=SOURCE,
    kind="rate",
    proof=(bound(),),
    note="No signal is assumed: omega_T = omega0 + T says by itself that every step so far has widened the window by "
    "one, because no step widens it by more. Positive losses under the signal `loss` do that up to T = delta - omega0 "
    "(R5), for ever if delta = inf. For omega0 = 0 it is AdaGrad's bound (W4-adagrad). R3-sharp and R3-leading improve "
    "the constant.",
)  # fmt: skip

BOUNDED = each(every((g(t, i) <= Gmax(i)) & (-g(t, i) <= Gmax(i))))
RATE = (
    (D(i) ** 2 / (2 * alpha) + alpha * sympy.sqrt(1 + omega0)) * Gmax(i) + D(i) ** 2 * eps / (2 * alpha)
) * sympy.sqrt(T)


def rate() -> Fact:
    """Bounded gradients put G sqrt(T) in the place of S_T."""
    most = use(root_below("R3-rate"), {t: T})
    factor = lemma(
        "R3-rate.factor",
        "Both parts of the factor of S_T are positive or 0.",
        [x <= y, alpha > 0, p >= 1, width >= 0],
        (width / (2 * alpha) + alpha * p) * x <= (width / (2 * alpha) + alpha * p) * y,
        [(width / (2 * alpha) + alpha * p) * x <= ALMOST * (width / (2 * alpha) + alpha * p) * y],
    )
    one = use(factor, {x: S(T, i), y: Gmax(i) * sympy.sqrt(T), width: D(i) ** 2, p: sympy.sqrt(1 + omega0)})
    least = lemma("R3-rate.root", "The root of a window is at least 1.", [omega0 >= 0], sympy.sqrt(1 + omega0) >= 1,
                  [sympy.sqrt(1 + omega0) > 1])  # fmt: skip
    one = discharge(one, most, least)
    whole = follows("R3-rate.coordinate", "The term with eps is of that order already.", [one], PART <= RATE,
                    [PART <= ALMOST * RATE],
                    given=[alpha > 0],
                    parts={p: sympy.sqrt(1 + omega0), width: D(i) ** 2, r: sympy.sqrt(T)})  # fmt: skip
    summed = sum_over(under(whole, T >= 1), i, 1, d)
    return follows("R3-rate.regret", "The coordinates are added up.", [theorem(CLAIM), summed], R(T) <= summed.then.rhs,
                   [R(T) <= summed.then.rhs - 1])  # fmt: skip


RATE_CLAIM = Claim(
    id="R3-rate",
    title="regret of the expanding window is O(sqrt T)",
    statement=Statement(
        given=(*CLAIM.statement.given, BOUNDED, each(Gmax(i) >= 0)), then=R(T) <= sympy.Sum(RATE, (i, 1, d))
    ),
    source=SOURCE,
    kind="rate",
    proof=(rate(),),
    note="A constant times sqrt(T), for every T: the average regret falls to 0 like 1/sqrt(T).",
)


# --- the best step size -------------------------------------------------------------------------------------------


def least(name: str, near: Any, far: Any, weight: Any, *signs: Fact) -> Fact:
    """weight (a²/alpha + alpha b²) >= 2 a b weight for a = near, b = far, with equality at alpha = a/b and only there.

    Args:
        signs: facts that a, b > 0.
    """
    value, lowest = (x**2 / alpha + alpha * y**2) * size, 2 * x * y * size
    above = lemma(
        f"{name}.least",
        "A square is not negative, and 0 at one place only.",
        [alpha > 0, size > 0, x > 0, y > 0],
        (value >= lowest) & sympy.Equivalent(equal(value, lowest), equal(alpha, x / y)),
        [value >= sympy.Rational(101, 100) * lowest],
    )
    return discharge(use(above, {x: near, y: far, size: weight}), *signs)


EXACT = Run(DWMGRAD, box=True, alpha=alpha, gamma=0, delta=delta, omega0=omega0, eps=0, schedule="sqrt").bound("R3")
FOURTH = (1 + omega0) ** sympy.Rational(1, 4)
BEST = D(i) / sympy.sqrt(2 * sympy.sqrt(1 + omega0))
LEAST = D(i) * sympy.sqrt(2 * sympy.sqrt(1 + omega0)) * S(T, i)


def best() -> Fact:
    halved = lemma("R3-alpha.halved", "Half a positive width is positive.", [width > 0],
                   width / sympy.sqrt(2) > 0, [width / sympy.sqrt(2) > 1])  # fmt: skip
    signs = use(halved, {width: D(i)}), positive_root("R3-alpha.rooted")
    return restate(least("R3-alpha", D(i) / sympy.sqrt(2), FOURTH, S(T, i), *signs), minimal(EXACT, BEST, LEAST))


def minimal(value: Any, best: Any, lowest: Any) -> Any:
    """alpha = best, and it alone, makes the value the lowest that it can be."""
    return (value >= lowest) & sympy.Equivalent(equal(value, lowest), equal(alpha, best))


def positive_root(name: str) -> Fact:
    """(1 + omega0)^(1/4) > 0."""
    known = lemma(name, "The root of a positive number is positive, and so is the root of the root.", [p >= 0],
                  sympy.sqrt(1 + p) > 0, [sympy.sqrt(1 + p) > 1])  # fmt: skip
    again = lemma(f"{name}-again", "The root of a positive number is positive.", [q > 0], sympy.sqrt(q) > 0,
                  [sympy.sqrt(q) > 1])  # fmt: skip
    return discharge(use(again, {q: sympy.sqrt(1 + omega0)}), use(known, {p: omega0}))


ALPHA_CLAIM = Claim(
    id="R3-alpha",
    title="the step size that makes the bound of the expanding window least",
    statement=Statement(given=(alpha > 0, D(i) > 0, S(T, i) > 0, omega0 >= 0), then=minimal(EXACT, BEST, LEAST)),
    source=SOURCE,
    kind="identity",
    proof=(best(),),
    note="One coordinate, and eps = 0. Where all coordinates have one width D the sum has the same best step size.",
)
