"""Rules for the window under exchangeable losses: means one comparison later, and what holds on every path.

The window sees the order of the losses only, and exchangeable losses without ties have every order with the same
probability, as independent ones uniform on [0, 1] have. So the window has the law that it has under such losses
f_0, f_1, ...: it rises by 1 if the next loss is larger than the last, and falls by 1, holding at 1, if it is smaller.
With phi(f) = 1 - 2 f, which is the mean of the next move (1 - f up, f down), the state after t comparisons is

    h   the window less 1                       0 at t = 0
    W   the sum of the moves without the hold   0 at t = 0
    M   W + phi(f_t) - phi(f_0)                 0 at t = 0
    x   f_t, the last loss, uniform on [0, 1]

and `expected(t, F)` is the mean of F(M, W, h, x) after t comparisons. All of it is bounded by t + 2, so means exist.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from collections.abc import Sequence
from typing import Any

import sympy

from proofs.inference.derivation import Fact, WrongShape, _fact, lemma
from proofs.inference.probability import EXCHANGEABLE, random_variables
from proofs.statements.statement import Named, keys, sequences, substitute
from proofs.statements.vocabulary import t

M, W, h, x, y = STATE = random_variables("M W h x y")
expected, window = sequences("expected mean")
WALK = Named(
    "the window has no cap, is 1 when the first two losses are compared, and follows `increase` with reset within one "
    "epoch"
)
IN_UNIT = (x >= 0, x <= 1)


def phi(loss: Any) -> Any:
    return 1 - 2 * loss


def moved(F: Any, rises: bool, held: bool = False) -> Any:
    """F after a comparison with the next loss y; `held` if the window is at 1 and falls."""
    one = 1 if rises else -1
    after = {M: M + one + phi(y) - phi(x), W: W + one, h: sympy.S.Zero if held else h + one, x: y}
    return sympy.sympify(F).subs(after, simultaneous=True)


def averaged(F: Any, at_end: bool) -> Any:
    """The mean of F after the next comparison, given the state: y is uniform, and smaller than x with probability x."""
    fall, rise = moved(F, False, at_end), moved(F, True)
    if at_end:
        fall, rise = fall.subs(h, 0), rise.subs(h, 0)
    for part in (fall, rise):
        if not part.is_polynomial(M, W, h, x, y):
            raise WrongShape(f"{F} is no polynomial in the state")
    return sympy.expand(sympy.integrate(sympy.expand(fall), (y, 0, x)) + sympy.integrate(sympy.expand(rise), (y, x, 1)))


def linear(F: Any, at: Any = t) -> Any:
    """The mean of a sum as the sum of its terms' means; what is not random comes out."""
    total = sympy.S.Zero
    for term in sympy.Add.make_args(sympy.expand(F)):
        outside, inside = term.as_independent(*STATE, as_Add=False)
        total += outside * (1 if inside == 1 else expected(at, inside))
    return total


class Noise:
    """The rules, for the fact that the window sees the order only (W9-order)."""

    def __init__(self, order: Fact):
        from proofs.claims.window.w9_noise import ORDER

        if order.claim != ORDER.id or keys([order.then]).keys() != keys([ORDER.statement.then]).keys():
            raise WrongShape(f"{order.then} does not say that the window sees the order of the losses only")
        self.order = order

    def _fact(self, then: Any, *given: Any, premises: Sequence[Fact] = ()) -> Fact:
        meant = frozenset({expected, window}).union(*(p.meant for p in premises))
        return _fact([EXCHANGEABLE, WALK, *given], then, "noise", premises=(self.order, *premises), meant=meant)

    def height(self) -> Fact:
        """The window's mean is that of h, and 1."""
        return self._fact(sympy.Eq(window(t) - 1, expected(t, h), evaluate=False), t >= 0)

    def start(self, F: Any) -> Fact:
        """The mean of F before the first comparison, when only x is not 0."""
        first = sympy.sympify(F).subs({M: 0, W: 0, h: 0}, simultaneous=True)
        if not first.is_polynomial(x):
            raise WrongShape(f"{F} is no polynomial in {x} at the start")
        return self._fact(sympy.Eq(linear(F, sympy.S.Zero), sympy.integrate(first, (x, 0, 1)), evaluate=False))

    def following(self, F: Any) -> Fact:
        """The mean of F one comparison later, for an F that does not speak of the window's height."""
        F = sympy.sympify(F)
        if h in F.free_symbols:
            raise WrongShape(f"{F} speaks of {h}, which may hold at 0; use `grows`")
        after = linear(averaged(F, at_end=False))
        return self._fact(sympy.Eq(linear(F, t + 1), after, evaluate=False), t >= 0)

    def grows(self, name: str, words: str, F: Any, bound: Any, sharper: Any) -> Fact:
        """mean of F one comparison later <= mean of the bound now, because it is so given any state, at h = 0 too."""
        found = []
        for which, at_end, given in (("inside", False, [h >= 1]), ("end", True, [])):
            most, less = (sympy.sympify(e).subs(h, 0) if at_end else e for e in (bound, sharper))
            after = averaged(F, at_end)
            if sympy.expand(after - most).is_nonpositive is not True:  # else a number that is at most 0
                found.append(lemma(f"{name}.{which}", words, [*IN_UNIT, *given], after <= most, [after <= less]))
        return self._fact(linear(F, t + 1) <= linear(bound), t >= 0, premises=found)

    def below(self, fact: Fact, always: Sequence["Always"] = ()) -> Fact:
        """mean of A <= mean of B from A <= B for every state in which what holds on every path does.

        Hypotheses of the fact that speak of no part of the state stay.
        """
        if getattr(fact.then, "rel_op", "") not in ("<=", ">="):
            raise WrongShape(f"{fact.then} is no inequality")
        small, large = fact.then.args if fact.then.rel_op == "<=" else reversed(fact.then.args)
        allowed = keys([*IN_UNIT, h >= 0, *(a.holds for a in always)])
        rest = [e for k, e in keys(fact.given).items() if k not in allowed]
        if extra := [e for e in rest if e.free_symbols & {*STATE}]:
            raise WrongShape(f"{extra[0]} is not known of every state")
        steps = [fact, *(step for a in always for step in a.steps)]
        return self._fact(linear(small) <= linear(large), t >= 0, *rest, premises=steps)

    def spread(self, X: Any) -> Fact:
        """(mean of |X|)² <= mean of X²: the variance of |X| is not negative."""
        absolute = linear(sympy.Abs(X))
        return self._fact((absolute**2 <= linear(sympy.expand(X**2))) & (absolute >= 0), t >= 0)


class Always:
    """What holds after any number of comparisons, on every path: at the start, and after a rise, a fall and a hold."""

    def __init__(self, name: str, words: str, holds: Any, sharper: Any):
        def said(which: str, given: Sequence[Any], F: Any) -> list[Fact]:
            shown = sympy.sympify(F(holds))
            return [] if shown == sympy.true else [
                lemma(f"{name}.{which}", words, [*IN_UNIT, *given], shown, [F(sharper)])]  # fmt: skip

        between = [y >= 0, y <= 1]
        self.holds = holds
        self.steps = [
            *said("start", [], lambda F: substitute(F, {M: sympy.S.Zero, W: sympy.S.Zero, h: sympy.S.Zero})),
            *said("rise", [*between, holds, h >= 0], lambda F: moved(F, True)),
            *said("fall", [*between, holds, h >= 1], lambda F: moved(F, False)),
            *said("hold", [*between, substitute(holds, {h: sympy.S.Zero})], lambda F: moved(F, False, True)),
        ]
