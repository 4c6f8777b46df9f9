"""W5-any: a moment of which the newest square is a share bounds the step, whatever the gradients."""

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import Fact, assume, at, discharge, follows, induction, lemma, replace, under, use
from proofs.models.window import AT_REST, NOT_ZERO, equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, record
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import G, V, alpha, alpha_t, delta, eps, g, gamma, i, mu_t, omega, t, theta

SOURCE = Source("dwmgrad", "Algorithm 1", also=(Source("dwmgradnotes", "W5"),))
last, new, window, rate, most, pushed, root, cap, keep = reals("a g omega r m p q c k")
ALMOST = sympy.Rational(99, 100)

WINDOW = every_step((1 <= omega(t)) & (omega(t) <= delta))
MOMENTUM = every_step((0 <= mu_t(t)) & (mu_t(t) <= gamma))
STEP_SIZE = every_step((0 < alpha_t(t)) & (alpha_t(t) <= alpha))
PUSH = alpha_t(t) * g(t, i) / (sympy.sqrt(G(t, i)) + eps)
(BOUND,) = DWMGRAD.step_bounds
FARTHEST = alpha * BOUND.value(record(DWMGRAD, delta=delta, gamma=gamma))  # what the rule itself states
SHARE = every_step(g(t, i) ** 2 <= omega(t) * G(t, i))
SIGN = every_step(G(t, i) >= 0)
VELOCITY = every_step(equal(V(t, i), mu_t(t) * V(t - 1, i) + PUSH))
MOVED = every_step(equal(theta(t + 1, i), theta(t, i) - V(t, i)))
OPTIONS = (alpha > 0, delta >= 1, gamma >= 0, gamma < 1)


def push() -> Fact:
    """What one gradient adds to the velocity."""
    added = rate * new / (sympy.sqrt(most) + eps)
    bounded = lemma(
        "W5.push", "The root of the moment is at least the gradient over the root of the window.",
        [rate > 0, eps >= 0, most >= 0, sympy.sqrt(most) + eps > 0, window >= 1, new**2 <= window * most],
        sympy.Abs(added) <= rate * sympy.sqrt(window), [sympy.Abs(added) <= ALMOST * rate * sympy.sqrt(window)],
    )  # fmt: skip
    here = use(bounded, {rate: alpha_t(t), most: G(t, i), window: omega(t), new: g(t, i)})
    return discharge(here, *(at(assume(e), t) for e in (WINDOW, STEP_SIZE, NOT_ZERO, SHARE, SIGN)))


def velocity() -> Fact:
    """|V_t| never exceeds the geometric sum, for t >= 0 by induction."""
    invariant = sympy.Abs(V(t, i)) <= FARTHEST
    base = follows("W5.rest", "The velocity starts at 0.", [assume(AT_REST)], invariant.subs({t: 0}),
                   [sympy.Abs(V(0, i)) + alpha <= ALMOST * FARTHEST], given=OPTIONS)  # fmt: skip
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
    kept = replace(kept, at(assume(VELOCITY), t + 1), backwards=True)
    return under(induction(invariant, t, 0, base, kept), t >= 1)


def length() -> Fact:
    """Without projection the iterate moves by the velocity."""
    moved = follows("W5.length", "The iterate moves by the velocity.", [at(assume(MOVED), t)],
                    equal(V(t, i), theta(t, i) - theta(t + 1, i)))  # fmt: skip
    return replace(velocity(), moved)


CLAIM = Claim(
    id="W5-any",
    title="bounded step, for any moment of which the newest square is a share",
    statement=Statement(
        given=(SHARE, SIGN, WINDOW, STEP_SIZE, NOT_ZERO, eps >= 0, VELOCITY, MOVED, AT_REST, MOMENTUM, *OPTIONS,
               t >= 1),
        then=sympy.And(
            sympy.Abs(PUSH) <= alpha_t(t) * sympy.sqrt(omega(t)), sympy.Abs(V(t, i)) <= FARTHEST, length().then
        ),
    ),
    source=SOURCE,
    kind="inequality",
    proof=(push(), velocity(), length()),
    note="No projection is meant. How the moment is formed does not matter.",
)  # fmt: skip
