"""W9, continued: under exchangeable noise the window grows like sqrt(t) and says nothing about progress.

Losses may be taken uniform on [0, 1], because the window sees their order only (W9-order). phi(f) = 1 - 2 f is the
mean of the next move after a loss f, W_t the sum of the moves, M_t = W_t + phi(f_t) - phi(f_0), and Z_t the window
less 1 plus phi(f_t).
"""

from functools import cache
from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.window.w9_noise import ORDER
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    argued,
    at,
    equation,
    follows,
    induction,
    lemma,
    part,
    theorem,
    under,
)
from proofs.inference.logic import implies
from proofs.inference.probability import EXCHANGEABLE
from proofs.models.window import equal
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Named, Statement, reals, sequences, substitute
from proofs.statements.vocabulary import t

SOURCE = Source("dwmgrad-code", "the signals increase and decrease", also=(Source("dwmgradnotes", "W9"),))
THIRD, HALF = sympy.Rational(1, 3), sympy.Rational(1, 2)
x, y, X, old, new, a, size, root = reals("x y X f g a m r")
window, second, fourth, absolute, ends = sequences("mean M2 M4 A Z2")
WALK = Named(
    "the window has no cap, is 1 when the first two losses are compared, and follows `increase` with reset within one "
    "epoch"
)
WHERE = (
    (window, "mean of the window omega_t after t comparisons of losses"),
    (second, "mean of M_t², M_t = the sum of the moves, plus phi(f_t), less phi(f_0); phi(f) = 1 - 2 f"),
    (fourth, "mean of the fourth power of M_t"), (absolute, "mean of |M_t|"),
    (ends, "mean of (omega_t - 1 + phi(f_t))²"),
)  # fmt: skip


def expectation(down: Any, up: Any) -> Any:
    """Mean over a uniform next loss y, given that the last was x: `down` where y < x, `up` where y > x."""
    return sympy.integrate(sympy.expand(down), (y, 0, x)) + sympy.integrate(sympy.expand(up), (y, x, 1))


def phi(loss: Any) -> Any:
    return 1 - 2 * loss


def integrals() -> list[Fact]:
    """Means of one step, by integration over the next loss."""
    d = phi(y) - phi(x)
    at_end = THIRD + x - 2 * x**2
    inside = expectation((X - 1 + phi(y)) ** 2, (X + 1 + phi(y)) ** 2) - (X + phi(x)) ** 2
    end = expectation(phi(y) ** 2, (1 + phi(y)) ** 2) - phi(x) ** 2
    moved = sympy.Piecewise((1, new > old), (-1, True)) + phi(new) - phi(old)
    drift = expectation(-1 + phi(y), 1 + phi(y)) - phi(x)
    return [
        equation("W9-growth.martingale", "M has increments of mean 0 after every loss.", drift, 0, x / 100),
        equation("W9-growth.third", "They have the second moment 1/3 after every loss.",
                 expectation((d - 1) ** 2, (d + 1) ** 2), THIRD, THIRD + x / 100),
        equation("W9-growth.inside", "Away from 1 the square of Z grows by 1/3 in the mean.", inside, THIRD,
                 THIRD + x / 100),
        equation("W9-growth.end", "At 1, where a fall holds the window, it grows by a polynomial of the last loss.",
                 end, at_end, THIRD + sympy.Rational(99, 100) * x - 2 * x**2),
        lemma("W9-growth.half", "The polynomial is less than 1/2.", [0 <= x, x <= 1], at_end < HALF,
              [at_end <= sympy.Rational(9, 20)]),
        lemma("W9-growth.increment", "Increments of M lie in [-1, 1], so that their higher moments are at most 1/3.",
              [0 <= old, old <= 1, 0 <= new, new <= 1], sympy.Abs(moved) <= 1,
              [sympy.Abs(moved) <= sympy.Rational(99, 100)]),
        lemma("W9-growth.interpolation", "A bound of |M| from below by its square and fourth power.", [size >= 0],
              size >= INTERPOLATION * (size**2 - size**4), [size >= (INTERPOLATION + THIRD / 3) * (size**2 - size**4)]),
    ]  # fmt: skip


INTERPOLATION = sympy.Rational(5, 2)
ROOT = sympy.sqrt(t)
EVERY = ForAll(t, t >= 0, sympy.And(
    equal(second(t), t * THIRD),
    fourth(t + 1) <= fourth(t) + 6 * THIRD * second(t) + 4 * THIRD * absolute(t) + THIRD,
    absolute(t) <= (1 + second(t)) / 2,
    ends(t + 1) <= ends(t) + HALF,
    window(t) - 1 <= sympy.sqrt(ends(t)) + 1,
    ends(t) >= 0,
    2 * (window(t) - 1) >= absolute(t) - 2,
))  # fmt: skip
LATE = ForAll(t, t >= 1, absolute(t) >= INTERPOLATION * (second(t) / (2 * ROOT) - fourth(t) / (2 * ROOT) ** 3))
START = equal(fourth(0), 0) & (ends(0) <= 1)


@cache
def moments() -> Fact:
    """What the means of one step say of the means after t steps."""
    return argued(
        "Because the window sees only the order of exchangeable losses (W9-order), they may be taken independent and "
        "uniform on [0, 1]. Orthogonality of martingale increments gives the second moment; expanding the fourth power "
        "of a step, whose increment has mean 0, gives the recursion of the fourth; |M| <= (1 + M²)/2 and the "
        "interpolation at |M|/a, a = 2 sqrt(t), bound the mean of |M|; |phi| <= 1 and Jensen's inequality bound the "
        "window from above by Z; and omega_t - 1 >= max(W_t, 0), the mean 0 of W_t and |W_t - M_t| <= 2 from below.",
        [implies(fact, *fact.given) if fact.given else fact for fact in (*integrals(), theorem(ORDER))],
        sympy.And(EVERY, LATE, START), given=[EXCHANGEABLE, WALK],
    )  # fmt: skip


def known(which: Any, when: Any) -> Fact:
    return at(part(moments(), which), when)


def fourth_moment() -> Fact:
    """At most 4/9 t² + t, by induction."""
    invariant = fourth(t) <= sympy.Rational(4, 9) * t**2 + t
    base = follows("W9-growth.zero", "M starts at 0.", [part(moments(), START)],
                   substitute(invariant, {t: sympy.Integer(0)}),
                   [fourth(0) <= -1])  # fmt: skip
    step = follows("W9-growth.fourth", "One step adds at most 8/9 t + 1.", [known(EVERY, t)],
                   substitute(invariant, {t: t + 1}), [fourth(t + 1) <= sympy.Rational(4, 9) * (t + 1) ** 2 + t],
                   given=[invariant, t >= 0])  # fmt: skip
    return induction(invariant, t, 0, base, under(step, t >= 0))


def square_at_end() -> Fact:
    """The mean of Z² is at most t/2 + 1, by induction."""
    invariant = ends(t) <= t / 2 + 1
    base = follows("W9-growth.one", "|phi| is at most 1.", [part(moments(), START)],
                   substitute(invariant, {t: sympy.Integer(0)}),
                   [ends(0) <= sympy.Rational(99, 100)])  # fmt: skip
    step = follows("W9-growth.square", "One step adds at most 1/2.", [known(EVERY, t)],
                   substitute(invariant, {t: t + 1}),
                   [ends(t + 1) <= t / 2 + 1], given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, base, step)


LOWER = sympy.Rational(3, 25)


def bounds() -> tuple[Fact, Fact]:
    lower = follows(
        "W9-growth.root", "At nine comparisons and more the fourth moment leaves that much of the second.",
        [under(known(LATE, t), t >= 9), under(known(EVERY, t), t >= 9), under(fourth_moment(), t >= 9)],
        LOWER * ROOT - 1 <= window(t) - 1, [LOWER * ROOT * 2 - 1 <= window(t) - 1], given=[t >= 9],
    )  # fmt: skip
    upper = follows(
        "W9-growth.upper", "The root keeps the order.",
        [under(known(EVERY, t), t >= 9), under(square_at_end(), t >= 9)], window(t) - 1 <= sympy.sqrt(t / 2 + 1) + 1,
        [window(t) - 1 <= sympy.sqrt(t / 2 + 1) + sympy.Rational(99, 100)], given=[t >= 9],
    )  # fmt: skip
    return lower, upper


GROWTH = Claim(
    id="W9-growth",
    title="under exchangeable noise the window grows like sqrt(t)",
    statement=Statement(
        given=(EXCHANGEABLE, WALK, t >= 9),
        then=(LOWER * ROOT - 1 <= window(t) - 1) & (window(t) - 1 <= sympy.sqrt(t / 2 + 1) + 1),
        where=WHERE,
    ),
    source=SOURCE,
    kind="rate",
    proof=bounds(),
    note="So it grows whether or not any progress is made. The constant of the limit should be sqrt(2/(3 pi)) = 0.461, "
    "by the invariance principle; that is not proved here.",
)
