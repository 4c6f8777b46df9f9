"""W5: a window of omega bounds the step by alpha sqrt(omega), whatever the gradients."""

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.window.w3_weights import SIGN
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    follows,
    induction,
    lemma,
    replace,
    theorem,
    under,
    use,
)
from proofs.models.window import (
    AT_LEAST_ONE,
    AT_REST,
    EMPTY,
    ITERATE,
    MOMENT,
    NOT_ZERO,
    VELOCITY,
    equal,
    every_step,
    moment,
)
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, record
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import G, V, alpha, alpha_t, delta, eps, g, gamma, i, mu_t, omega, t, theta

SOURCE = Source("dwmgrad", "Algorithm 1", also=(Source("dwmgradnotes", "W5"),))
last, new, window, rate, most, pushed, root, cap, keep = reals("a g omega r m p q c k")
ALMOST = sympy.Rational(99, 100)


def newest_term() -> Fact:
    """The newest square is one of the terms of the window times the moment."""
    terms = lemma(
        "W5-moment.term", "The moment is at least its newest term.", [window >= 1, last >= 0],
        new**2 <= window * moment(window, last, new), [new**2 <= ALMOST * window * moment(window, last, new)],
    )  # fmt: skip
    terms = use(terms, {window: omega(t), last: G(t - 1, i), new: g(t, i)})
    terms = discharge(terms, use(theorem(SIGN), {t: t - 1}), at(assume(AT_LEAST_ONE), t))
    return under(replace(terms, at(assume(MOMENT), t), backwards=True), t >= 1)


NEWEST = Claim(
    id="W5-moment",
    title="the newest square is at most the window times the moment",
    statement=Statement(
        given=(MOMENT, EMPTY, AT_LEAST_ONE, t >= 1),
        then=g(t, i) ** 2 <= omega(t) * G(t, i),
    ),
    source=SOURCE,
    kind="inequality",
    proof=(newest_term(),),
    note="It is sharp: from G_{t-1} = 0 both sides are equal.",
)  # fmt: skip


WINDOW = every_step((1 <= omega(t)) & (omega(t) <= delta))
MOMENTUM = every_step((0 <= mu_t(t)) & (mu_t(t) <= gamma))
STEP_SIZE = every_step((0 < alpha_t(t)) & (alpha_t(t) <= alpha))
PUSH = alpha_t(t) * g(t, i) / (sympy.sqrt(G(t, i)) + eps)
(BOUND,) = DWMGRAD.step_bounds
FARTHEST = alpha * BOUND.value(record(DWMGRAD, delta=delta, gamma=gamma))  # what the rule itself states
SPARSE = (MOMENT, EMPTY, WINDOW, STEP_SIZE, NOT_ZERO, eps >= 0, t >= 1)


def push() -> Fact:
    """What one gradient adds to the velocity."""
    added = rate * new / (sympy.sqrt(most) + eps)
    bounded = lemma(
        "W5.push", "The root of the moment is at least the gradient over the root of the window.",
        [rate > 0, eps >= 0, most >= 0, sympy.sqrt(most) + eps > 0, window >= 1, new**2 <= window * most],
        sympy.Abs(added) <= rate * sympy.sqrt(window), [sympy.Abs(added) <= ALMOST * rate * sympy.sqrt(window)],
    )  # fmt: skip
    here = use(bounded, {rate: alpha_t(t), most: G(t, i), window: omega(t), new: g(t, i)})
    known = at(assume(WINDOW), t), at(assume(STEP_SIZE), t), at(assume(NOT_ZERO), t)
    return under(discharge(here, *known, theorem(NEWEST), theorem(SIGN)), t >= 1)


def velocity() -> Fact:
    """|V_t| never exceeds the geometric sum, for t >= 0 by induction."""
    invariant = sympy.Abs(V(t, i)) <= FARTHEST
    options = [alpha > 0, delta >= 1, gamma < 1, gamma >= 0]
    base = follows("W5.rest", "The velocity starts at 0.", [assume(AT_REST)], invariant.subs({t: 0}),
                   [sympy.Abs(V(0, i)) + alpha <= ALMOST * FARTHEST], given=options)  # fmt: skip
    sums = lemma(
        "W5.velocity", "A step keeps at most gamma of the velocity and adds at most one push.",
        [sympy.Abs(last) <= most, sympy.Abs(pushed) <= rate * root, rate > 0, rate <= alpha, root <= cap, cap >= 1,
         0 <= keep, keep <= gamma, gamma < 1, (1 - gamma) * most >= alpha * cap],
        sympy.Abs(keep * last + pushed) <= most, [sympy.Abs(keep * last + pushed) <= ALMOST * most],
    )  # fmt: skip
    later = {last: V(t, i), most: FARTHEST, pushed: PUSH.subs({t: t + 1}), rate: alpha_t(t + 1), keep: mu_t(t + 1),
             root: sympy.sqrt(omega(t + 1)), cap: sympy.sqrt(delta)}  # fmt: skip
    known = [at(assume(e), t + 1) for e in (WINDOW, STEP_SIZE, MOMENTUM)]
    window_root, cap_root = sympy.sqrt(omega(t + 1)), sympy.sqrt(delta)
    roots = follows(
        "W5.cap", "The root of the window is at most the root of its cap, which is at least 1.", [known[0]],
        (window_root <= cap_root) & (cap_root >= 1), [window_root <= ALMOST * cap_root, ALMOST * cap_root >= 1],
    )  # fmt: skip
    kept = discharge(use(sums, later), use(push(), {t: t + 1}), *known[1:], roots)
    moves = replace(at(assume(VELOCITY), t + 1), at(assume(MOMENT), t + 1), backwards=True)
    kept = replace(kept, moves, backwards=True)
    return under(induction(invariant, t, 0, base, kept), t >= 1)


def length() -> Fact:
    """Without projection the iterate moves by the velocity."""
    moved = follows(
        "W5.length", "The iterate moves by the velocity.", [at(assume(ITERATE), t), at(assume(VELOCITY), t)],
        equal(V(t, i), theta(t, i) - theta(t + 1, i)),
        parts={pushed: 1 / (sympy.sqrt(moment(omega(t), G(t - 1, i), g(t, i))) + eps)},
    )  # fmt: skip
    return replace(velocity(), moved)


CLAIM = Claim(
    id="W5",
    title="bounded step",
    statement=Statement(
        given=(*SPARSE, VELOCITY, ITERATE, AT_REST, MOMENTUM, alpha > 0, delta >= 1, gamma >= 0, gamma < 1),
        then=sympy.And(
            sympy.Abs(PUSH) <= alpha_t(t) * sympy.sqrt(omega(t)), sympy.Abs(V(t, i)) <= FARTHEST, length().then
        ),
    ),
    source=SOURCE,
    kind="inequality",
    proof=(push(), velocity(), length()),
    note="No projection is meant. With eps = 0 the step is 0/0 until the first gradient "
    "that is not 0; the rule's floats give nan there.",
)
