"""W5-stored: the step of the comparator that stores its window is bounded as the recursion's is."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from fractions import Fraction
from random import Random
from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.claims.window.w5_any_moment import ALMOST, MOMENTUM, OPTIONS, STEP_SIZE, WINDOW, new, window
from proofs.claims.window.w5_any_moment import CLAIM as ANY
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
    longer_sum,
    part,
    replace,
    restate,
    theorem,
    use,
)
from proofs.models.window import AT_REST, NOT_ZERO, equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.formulas import record
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import G, V, alpha, alpha_t, delta, eps, g, gamma, i, mu_t, n, omega, t, theta

EXPLICIT = rules.get("dwmgrad-explicit-window")
omega_t = sympy.Function("omega", integer=True)  # as `omega`, but whole: it counts what is stored
WHOLE = {omega: sympy.Lambda(t, omega_t(t))}
age = sympy.Symbol("a", integer=True, positive=True)  # as in ops.mean_of_last
OLDER = g(t - age, i) ** 2
rest, most = reals("Q m")


def moved() -> tuple[Any, Any]:
    """The coordinate's memory and theta_{t+1} by the rule's own step, with the window omega_t."""
    o = record(EXPLICIT, eps=eps)
    k = EXPLICIT.start(o)._replace(omega=omega_t(t), mu=mu_t(t), alpha=alpha_t(t))
    past = sympy.Lambda(age, OLDER)
    return EXPLICIT.coord(o, k, EXPLICIT.Coord(G=G(t - 1, i), V=V(t - 1, i), past=past), theta(t, i), g(t, i))


after, end = moved()
STORED = every_step(equal(G(t, i), after.G))
VELOCITY = every_step(equal(V(t, i), after.V))
ITERATE = every_step(equal(theta(t + 1, i), end))
WINDOWED = WINDOW.replace(omega, omega_t)
(BOUND,) = EXPLICIT.step_bounds


def older() -> Fact:
    """The squares before the newest add up to something that is not negative, for n >= 0 of them."""
    invariant = sympy.Sum(OLDER, (age, 1, n)) >= 0
    step = follows("W5-stored.older", "A square is added.", [longer_sum(OLDER, age, n)], invariant.subs({n: n + 1}),
                   [sympy.Sum(OLDER, (age, 1, n + 1)) > 0], given=[invariant])  # fmt: skip
    return induction(invariant, n, 0, evident(invariant.subs({n: 0})), step)


def share() -> tuple[Fact, Fact]:
    """g_t² <= omega_t G_t and G_t >= 0, for t >= 1."""
    known = lemma("W5-stored.share", "The newest square is one of the terms of the mean.",
                  [window >= 1, rest >= 0, equal(most, (new**2 + rest) / window)],
                  (new**2 <= window * most) & (most >= 0), [new**2 <= ALMOST * window * most])  # fmt: skip
    known = use(
        known, {window: omega_t(t), new: g(t, i), rest: sympy.Sum(OLDER, (age, 1, omega_t(t) - 1)), most: G(t, i)}
    )
    wide = part(at(assume(WINDOWED), t), omega_t(t) >= 1)
    known = discharge(known, discharge(use(older(), {n: omega_t(t) - 1}), wide), wide, at(assume(STORED), t))
    newest, sign = g(t, i) ** 2 <= omega_t(t) * G(t, i), G(t, i) >= 0
    return part(known, newest), part(known, sign)


def bounded() -> Fact:
    """W5-any for the mean of what is stored."""
    here = at(assume(VELOCITY), t)
    velocity = replace(here, at(assume(STORED), t), backwards=True)
    move = restate(at(assume(ITERATE), t), equal(theta(t + 1, i), theta(t, i) - V(t, i)), here)
    known = use(theorem(ANY), WHOLE)
    known = discharge(known, *(for_all(fact, t, t >= 1) for fact in (*share(), velocity, move)))
    farthest = alpha * BOUND.value(record(EXPLICIT, delta=delta, gamma=gamma))
    return part(known, sympy.Abs(theta(t + 1, i) - theta(t, i)) <= farthest)


def ran() -> Found:
    """The rule's step on fractions against the plain mean of the last omega_t squares."""
    rng, cap, agree, apart = Random(8), 4, True, False
    o = record(EXPLICIT, delta=Fraction(cap), omega0=Fraction(2), gamma=Fraction(0), alpha=Fraction(1), eps=Fraction(1))
    k, c = EXPLICIT.begin(o._replace(delta=float(cap)), Fraction(0))
    squares: list[Fraction] = []
    for _ in range(40):
        k = EXPLICIT.shared(o, k, Fraction(rng.choice((-1, 1))))
        slope = Fraction(rng.randint(1, 20), 7)
        squares.append(slope * slope)
        moment = EXPLICIT.coord(o, k._replace(alpha=Fraction(0)), c, Fraction(0), slope)[0]
        mean = sum(squares[-int(k.omega) :], start=Fraction(0)) / k.omega
        agree, apart = agree and moment.G == mean, apart or moment.G != sum(squares) / len(squares)
        c = moment
    return agree, apart, "40 steps, the window between 1 and 4: G_t is the mean of the last omega_t squares", None


CLAIM = Claim(
    id="W5-stored",
    title="bounded step of a stored window",
    statement=Statement(
        given=(STORED, WINDOWED, STEP_SIZE, NOT_ZERO, eps >= 0, VELOCITY, ITERATE, AT_REST, MOMENTUM, *OPTIONS, t >= 1),
        then=bounded().then,
        where=((omega_t, "window at step t, a whole number of squared gradients; those before the first count as 0"),),
    ),
    source=Source("dwmgrad", "Algorithm 1, with the window taken literally", also=(Source("dwmgradnotes", "W5"),)),
    kind="inequality",
    proof=(bounded(),),
    controls=(exact("W5-stored.ran", "The stored squares of the rule that runs are those of the last steps.", ran),),
    note="The stored mean replaces the recursion's; W5's argument needs only the newest square among its terms.",
)  # fmt: skip
