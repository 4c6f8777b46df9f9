"""A rule for the window that a fair coin moves: the law of its height and its mean, one step after another."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false

from typing import Any, NamedTuple

import sympy

from proofs.inference.derivation import Fact, WrongShape, _fact
from proofs.statements.statement import ForAll, Named, keys, sequences
from proofs.statements.vocabulary import j, t

COIN = Named("the window has no cap, is 1 at t = 0, and every move is up or down with probability 1/2, independently")
law, average = sequences("P mean")
WHERE = ((law, "probability that omega_t - 1 = j"), (average, "mean of omega_t"))
HALF = sympy.Rational(1, 2)


class Walk(NamedTuple):
    """What holds of the law and the mean.

    start    all the probability is at 0, and the mean is 1
    end      P_{t+1,0} for t >= 0
    inside   P_{t+1,j} for t >= 0, j >= 1
    growth   the mean after t + 1 moves, t >= 0
    """

    start: Fact
    end: Fact
    inside: Fact
    growth: Fact


def walked(moves: Fact, step: Any, w: Any, sign: Any, cap: Any) -> Walk:
    """The law one move later, from what one move does to the window.

    By total probability, with the window whole: the height 0 is reached from 1 by a fall, and from 0 by a fall that
    holds; the height j >= 1 from j - 1 by a rise and from j + 1 by a fall. Each is half the probability. A move adds 1
    with probability 1/2, and takes 1 with probability 1/2 unless the height is 0, so the mean grows by half of the
    probability that it is. All heights after t moves lie in 0..t, so the mean is a finite sum.

    Args:
        moves: for w >= 1 below the cap and a sign that is not 0, `step` is w + 1 if the sign is positive; if it is
            negative, it is w - 1 from w >= 2 on and 1 at w <= 1.
        step: the window after the move, an expression in the window w, the sign and the cap.

    Raises:
        WrongShape: the fact says something else of the step, or needs more.
    """
    down = sympy.Piecewise((w - 1, w >= 2), (1, True))
    rises = sympy.Implies(sign > 0, _equal(step, w + 1))
    falls = sympy.Implies(sympy.And(sign < 0, (w <= 1) | (w >= 2)), _equal(step, down))
    if keys([rises, falls]).keys() - keys([moves.then]).keys():
        raise WrongShape(f"{moves.then} does not say what a rise and a fall do to {w}")
    allowed = keys([w >= 1, w + 1 <= cap, sympy.Ne(sign, 0)])
    if extra := [e for k, e in keys(moves.given).items() if k not in allowed]:
        raise WrongShape(f"{extra[0]} is more than a window from 1 on, below the cap")

    def fact(then: Any, *given: Any) -> Fact:
        return _fact([COIN, *given], then, "fair walk", premises=(moves,), meant=moves.meant | {law, average})

    first = _equal(law(0, 0), 1) & _equal(average(0), 1)
    return Walk(
        fact(first & ForAll(j, j >= 1, _equal(law(0, j), 0))),
        fact(_equal(law(t + 1, 0), (law(t, 0) + law(t, 1)) / 2), t >= 0),
        fact(_equal(law(t + 1, j), (law(t, j - 1) + law(t, j + 1)) / 2), t >= 0, j >= 1),
        fact(_equal(average(t + 1), average(t) + law(t, 0) / 2), t >= 0),
    )


def _equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)
