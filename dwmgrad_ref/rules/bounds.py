"""Proved bounds of a rule, as data: which claim proves one, what it requires, and one expression.

A `Bound` is stated once, by the rule that has it. The ledger proves the very function `coordinate`, run on symbols;
`Rule.bound` evaluates it on numbers, where every requirement holds on the options and the run at hand; `dwmgrad show`
renders it. It is written with `+ - * /` and `dwmgrad_ref.ops`, like a rule's formula, and never asks for a choice
among the options: each choice with a bound of its own is a Bound of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


class Facts(NamedTuple):
    """What an a-priori regret bound may use: constants of the problem and the sizes of the gradients.

    D      (d,) largest distance to the comparator per coordinate over the steps t <= T: the width of the box, or, where
           there is none, what was observed of the mirrored iterate z_t (theta_t itself where there is no momentum)
    S      (d,) sqrt(sum of g_t² over t <= T)
    T      number of steps
    first, last    f_1(theta_1) and f_T(theta_T)
    fixed          the loss is the same convex function at every step
    projected      theta_1 lies in a box, and every iterate is projected onto it
    G      (d,) largest |g_t| over t <= T, None where it was not recorded; some bounds are sharper with it
    g1     (d,) |g_1|, None where it was not recorded; without eps a first gradient of 0 makes the step 0/0
    """

    D: Any
    S: Any
    T: Any
    first: Any
    last: Any
    fixed: bool
    projected: bool
    G: Any = None
    g1: Any = None


@dataclass(frozen=True)
class Requirement:
    """One hypothesis of a bound: in words, and as a test of encoded options, shared state after step T and facts."""

    words: str
    holds: Callable[[Any, Any, Facts], bool]


@dataclass(frozen=True)
class Bound:
    """An a-priori bound of the regret R_T, in units of the losses.

    claim        the claim of the ledger that proves it; "" where it is derived by hand and the ledger has no proof yet
    requires     its hypotheses, besides convex losses
    coordinate   (o, k, facts) -> one coordinate's part; the parts are added up
    once         (o, k, facts) -> what is added once, whatever the dimension
    """

    claim: str
    requires: tuple[Requirement, ...]
    coordinate: Callable[[Any, Any, Facts], Any]
    once: Callable[[Any, Any, Facts], Any] | None = None

    def applies(self, o: Any, k: Any, facts: Facts) -> bool:
        """Whether every requirement holds; o encoded, k the shared state after step T."""
        return all(bool(requirement.holds(o, k, facts)) for requirement in self.requires)

    def total(self, o: Any, k: Any, facts: Facts) -> Any:
        """All coordinates' parts and what is added once, on any kind of number."""
        parts = np.sum(self.coordinate(o, k, facts))
        return parts + self.once(o, k, facts) if self.once else parts

    def value(self, o: Any, k: Any, facts: Facts) -> float:
        """The bound on numbers, whether it applies or not."""
        return float(self.total(o, k, facts))


@dataclass(frozen=True)
class StepBound:
    """A bound of |theta_{t+1,i} - theta_{t,i}| / alpha without projection, for all t, i and gradients.

    claim       the claim of the ledger that proves it; "" where the ledger has no proof yet
    requires    its hypotheses; their tests get the options only, as (o, None, None)
    value       (o) -> the bound
    """

    claim: str
    requires: tuple[Requirement, ...]
    value: Callable[[Any], Any]

    def applies(self, o: Any) -> bool:
        """Whether every requirement holds for the encoded options o."""
        return all(bool(requirement.holds(o, None, None)) for requirement in self.requires)  # type: ignore[arg-type]


# --- requirements that several rules share ----------------------------------------------------------------------


def _moves(o: Any, k: Any, facts: Facts) -> bool:
    return o.eps > 0 or (facts.g1 is not None and bool(np.all(np.asarray(facts.g1) != 0)))


DIVIDES = Requirement("eps > 0, or the first gradient is not 0 in any coordinate", _moves)
EPS_POSITIVE = Requirement("eps > 0", lambda o, k, facts: o.eps > 0)
NO_DECAY = Requirement("no weight decay", lambda o, k, facts: o.weight_decay == 0)
BOX = Requirement("projected onto a box that holds theta_1", lambda o, k, facts: facts.projected)
NO_BOX = Requirement("no projection", lambda o, k, facts: not facts.projected)
ONE_LOSS = Requirement("one and the same convex loss at every step", lambda o, k, facts: facts.fixed)
LARGEST = Requirement("G_i >= |g_{t,i}| is known", lambda o, k, facts: facts.G is not None)
