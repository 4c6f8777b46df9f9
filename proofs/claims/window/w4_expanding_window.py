"""W4: while the window grows by one at every step, the second moment is an exact mean, as in AdaGrad."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.window.w3_weights import SIGN
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    empty_sum,
    equation,
    follows,
    induction,
    longer_sum,
    replace,
    theorem,
    under,
    use,
)
from proofs.models.window import (  # fmt: skip
    ADAGRAD,
    AT_LEAST_ONE,
    AT_MOST_ONE_WIDER,
    EMPTY,
    EXPANDING,
    MOMENT,
    ROOT_SCHEDULE,
    A,
    equal,
    every_step,
)
from proofs.statements.claim import Claim
from proofs.statements.formulas import record, step
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import G, alpha, alpha_t, g, i, omega, omega0, s, squares, t, theta

SQUARE = g(s, i) ** 2
new, old, total, window = reals("g G Q omega")
NOTES = Source("dwmgradnotes", "W4")


def exact_mean() -> Fact:
    """(omega_0 + t) G_t is the sum of squares, for t >= 0 by induction."""
    invariant = equal((omega0 + t) * G(t, i), squares(t, i))
    base = follows("W4.base", "Before the first step both sides are 0.", [assume(EMPTY), empty_sum(SQUARE, s)],
                   invariant.subs({t: 0}))  # fmt: skip
    later = [at(assume(MOMENT), t + 1), at(assume(EXPANDING), t + 1), longer_sum(SQUARE, s, t)]
    kept = follows("W4.step", "The window times the moment gains the newest square.", later, invariant.subs({t: t + 1}),
                   given=[invariant, omega0 >= 0, t >= 0])  # fmt: skip
    return induction(invariant, t, 0, base, kept)


def mean() -> Fact:
    """For t >= 1 the window is positive and may be divided by."""
    return follows("W4.mean", "The window is positive and may be divided by.", [under(exact_mean(), t >= 1)],
                   equal(G(t, i), squares(t, i) / (omega0 + t)), given=[omega0 >= 0, t >= 1])  # fmt: skip


CLAIM = Claim(
    id="W4",
    title="an expanding window is an exact mean",
    statement=Statement(
        given=(MOMENT, EMPTY, EXPANDING, omega0 >= 0, t >= 1),
        then=equal(G(t, i), squares(t, i) / (omega0 + t)),
    ),
    source=Source("dwmgrad", "Algorithm 1, G_t", also=(NOTES,)),
    kind="identity",
    proof=(mean(),),
    note="Every square has the same weight 1/(omega_0 + t); the weights sum to t/(omega_0 + t), less than 1 if "
    "omega_0 > 0.",
)


def upper() -> Fact:
    """omega_t G_t is at most the sum of squares on every path that widens by at most one a step."""
    invariant = omega(t) * G(t, i) <= squares(t, i)
    base = follows("W4-upper.base", "Before the first step both sides are 0.", [assume(EMPTY), empty_sum(SQUARE, s)],
                   invariant.subs({t: 0}), [omega(0) * G(0, i) < squares(0, i)])  # fmt: skip
    wider, least = at(assume(AT_MOST_ONE_WIDER), t + 1), at(assume(AT_LEAST_ONE), t + 1)
    later = [at(assume(MOMENT), t + 1), theorem(SIGN), wider, least, longer_sum(SQUARE, s, t)]
    kept = follows(
        "W4-upper.step", "The old window is at least the new one less one, which is the weight of the old moment.",
        later, invariant.subs({t: t + 1}),
        [(omega(t + 1) + sympy.Rational(1, 100)) * G(t + 1, i) <= squares(t + 1, i)], given=[invariant],
    )  # fmt: skip
    return induction(invariant, t, 0, base, kept)


UPPER = Claim(
    id="W4-upper",
    title="the moment never exceeds the sum of squares over the window",
    statement=Statement(
        given=(MOMENT, EMPTY, AT_LEAST_ONE, AT_MOST_ONE_WIDER, t >= 0),
        then=omega(t) * G(t, i) <= squares(t, i),
    ),
    source=Source("dwmgrad", "Algorithm 1, G_t", also=(Source("dwmgradnotes", "W4, extended here"),)),
    kind="inequality",
    proof=(upper(),),
    note="W1 supplies the hypotheses on the window for every signal. With W5 it encloses the moment from both sides.",
)


def adagrad(before: Any, size: Any) -> Any:
    """theta_{t+1} by AdaGrad's own formula with that step size, from its accumulator before the step."""
    o = record(ADAGRAD, alpha=size, eps=0)
    return ADAGRAD.coord(o, ADAGRAD.start(o), ADAGRAD.Coord(G=before), theta(t, i), g(t, i))


ACCUMULATES = every_step(equal(A(t, i), adagrad(A(t - 1, i), alpha)[0].G))
NOTHING = equal(A(0, i), 0)
OURS = equal(theta(t + 1, i), step(omega=omega(t), G=G(t - 1, i), g=g(t, i), x=theta(t, i), alpha=alpha_t(t))[1])
SCALED = alpha * sympy.sqrt((omega0 + t) / t)


def accumulated() -> Fact:
    """AdaGrad's accumulator is the sum of squares, by its own formula."""
    invariant = equal(A(t, i), squares(t, i))
    base = follows("W4-adagrad.base", "Before the first step both are 0.", [assume(NOTHING), empty_sum(SQUARE, s)],
                   invariant.subs({t: 0}))  # fmt: skip
    kept = follows("W4-adagrad.accumulator", "AdaGrad's accumulator gains the newest square.",
                   [at(assume(ACCUMULATES), t + 1), longer_sum(SQUARE, s, t)], invariant.subs({t: t + 1}),
                   given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, base, kept)


def same_step() -> Fact:
    """The step that runs, with G_t and alpha_t replaced by what they are, is AdaGrad's."""
    ours = replace(assume(OURS), at(assume(MOMENT), t), backwards=True)
    ours = replace(replace(ours, theorem(CLAIM)), at(assume(ROOT_SCHEDULE), t))
    sum_of_squares = under(accumulated(), t >= 1)
    positive = replace(assume(A(t, i) > 0), sum_of_squares)
    step_now, count = ours.then.rhs, reals("t")
    theirs = adagrad(A(t - 1, i), SCALED)[1].subs({A(t - 1, i) + g(t, i) ** 2: squares(t, i)})
    folded = {squares(t, i): total, g(t, i): new, theta(t, i): old, t: count}
    left, right = step_now.subs(folded), theirs.subs(folded)
    equality = equation(
        "W4-adagrad.step", "The roots of the window and of the step number combine into the factor.", left, right,
        right - alpha, given=[total > 0, omega0 >= 0, count >= 1],
    )  # fmt: skip
    equality = discharge(use(equality, {total: squares(t, i), new: g(t, i), old: theta(t, i), count: t}), positive)
    accumulator = at(assume(ACCUMULATES), t)
    back = replace(replace(ours, equality), sum_of_squares, backwards=True)
    return replace(back, accumulator)


ADAGRAD_CLAIM = Claim(
    id="W4-adagrad",
    title="an expanding window is AdaGrad",
    statement=Statement(
        given=(OURS, MOMENT, EMPTY, EXPANDING, ROOT_SCHEDULE, ACCUMULATES, NOTHING, A(t, i) > 0, omega0 >= 0, t >= 1),
        then=equal(theta(t + 1, i), adagrad(A(t - 1, i), SCALED)[1]),
        where=((A, "accumulator of AdaGrad on the same gradients"),),
    ),
    source=Source("dwmgradnotes", "W4 and R3", also=(Source("duchi2011", "AdaGrad"),)),
    kind="identity",
    proof=(same_step(),),
    note="The step is AdaGrad's own, with the step size alpha sqrt((omega_0 + t)/t) in place of alpha; for omega_0 = 0 "
    "the two methods are one. No momentum, no projection and eps = 0 are meant; a projection changes nothing, because "
    "both project the same point.",
)
