"""A run as the driver makes it and the observer `bound` watches it, as sequences of symbols.

The recurrences are the functions of `dwmgrad_ref/arithmetic.py` and `dwmgrad_ref/observers/bound.py` themselves, handed
symbols: change one of them and the facts here change. What the rule does is left open: its own next iterate, its
gradients and its Potential are any sequences at all.
"""

from typing import Any

import sympy

from dwmgrad_ref.arithmetic import added, mirrored, projected, unprojected
from dwmgrad_ref.observers.bound import Watched, certificate, lag, watched
from proofs.inference.derivation import Fact, _fact
from proofs.statements import vocabulary as v
from proofs.statements.statement import Named, sequences

free, shift, damp, lags, lags_rest = sequences("free shift damp lags lags'")
MEANING = (
    (free, "the rule's own next iterate, before projection; any numbers"),
    (shift, "the rule's shift after step t; any numbers"),
    (damp, "the rule's damping after step t; any numbers"),
    (lags, "the observer's sum of g_t (theta_t - z_t) over steps and coordinates; a prime marks a rest"),
)
_WORDS = (
    "theta, z and w are the driver's, {0}, and the sums are what the observer `bound` makes of them in exact arithmetic"
)


class Driven:
    """What the driver and the observer compute from any rule; with a box [low_i, high_i], or without one."""

    def __init__(self, box: bool):
        self.box = box
        self.ends = (v.low(v.i), v.high(v.i)) if box else (-sympy.oo, sympy.oo)  # what the driver projects onto
        self.against = (v.low(v.i), v.high(v.i)) if box else (v.u(v.i), v.u(v.i))  # where comparators lie
        where = "projected onto the box [low_i, high_i]" if box else "without projection"
        self.hypothesis = Named(_WORDS.format(where))

    def watched_at(self, t: Any) -> Watched:
        """The observer's memory of coordinate i after step t."""
        return Watched(*(sequences(field.replace("_rest", "'"))(t, v.i) for field in Watched._fields))

    def start(self, field: str) -> Fact:
        return self._defined(getattr(self.watched_at(0), field), sympy.Integer(0))

    def step(self, field: str) -> Fact:
        """field_{t,i} from the memory of step t - 1, for t >= 1."""
        t, i = v.t, v.i
        after = watched(self.watched_at(t - 1), t, v.g(t, i), v.h(t, i), damp(t, i), v.z(t, i), v.w(t + 1, i))
        return self._defined(getattr(self.watched_at(t), field), getattr(after, field), t >= 1)

    def mirror(self) -> Fact:
        """z_{t,i} from theta_{t,i} and the shift after step t - 1, for t >= 1."""
        return self._defined(v.z(v.t, v.i), mirrored(v.theta(v.t, v.i), shift(v.t - 1, v.i)), v.t >= 1)

    def projection(self) -> Fact:
        """theta_{t+1,i} from the rule's own next iterate, for t >= 1."""
        return self._defined(v.theta(v.t + 1, v.i), projected(free(v.t + 1, v.i), *self.ends), v.t >= 1)

    def end_of_step(self) -> Fact:
        """w_{t+1,i}, for t >= 1."""
        t, i = v.t, v.i
        return self._defined(v.w(t + 1, i), unprojected(free(t + 1, i), shift(t, i), *self.ends), t >= 1)

    def lag(self) -> Fact:
        """The sum over all coordinates that the observer keeps in `totals`, for t >= 1."""
        t, i = v.t, v.i
        newest = sympy.Sum(lag(v.theta(t, i), v.z(t, i), v.g(t, i)), (i, 1, v.d))
        both = added(lags(t - 1), lags_rest(t - 1), newest)
        return self._defined(lags(t) + lags_rest(t), sympy.Add(*both), t >= 1)

    def lag_start(self) -> Fact:
        return self._defined(lags(0) + lags_rest(0), sympy.Integer(0))

    def certificate(self, t: Any) -> Any:
        """One coordinate's part of the number that the observer prints."""
        return certificate(self.watched_at(t), *self.against)

    def printed(self, t: Any) -> Any:
        """The number in the column `bound` after step t."""
        return sympy.Sum(self.certificate(t), (v.i, 1, v.d)) + lags(t) + lags_rest(t)

    def _defined(self, left: Any, right: Any, *given: Any) -> Fact:
        equal = sympy.Eq(left, sympy.sympify(right), evaluate=False)
        return _fact([self.hypothesis, *given], equal, "driver and observer")
