"""R6 under the released signal `increase`: no cap of the window protects.

The window narrows on every step but the spike: it is sign descent that a large loss cannot correct.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.failure.capped import WHERE
from proofs.claims.failure.increasing import SMALL_EPS, Increasing, narrow
from proofs.claims.failure.r6_simulation import Failure
from proofs.claims.failure.repeating import AVERAGE, RATE
from proofs.claims.failure.signals import LONG
from proofs.inference.derivation import Fact, discharge, use
from proofs.inference.limits import limit_of
from proofs.statements.claim import Claim
from proofs.statements.statement import Eventually, Statement, Tends, reals, substitute
from proofs.statements.vocabulary import T, i, t, theta

SOURCE = Source("dwmgrad-code", "the MNIST and CIFAR-10 scripts", also=(Source("dwmgradnotes", "R6"),))
ONE = {i: sympy.S.One}
R = sympy.Rational
RUN = Increasing()


def given(run: Any, *more: Any) -> tuple[Any, ...]:
    return tuple(substitute(e, ONE) for e in (*run.given, *more))


PLACE, LOST = Tends(t, theta(t, 1), sympy.S.One), Tends(T, substitute(AVERAGE, ONE), RATE)
PATTERN = Eventually(t, narrow(t))
DEFAULTS = Failure(
    "R6-increase.run",
    "The run at every default of the paper but the signal, in balls.",
    7,
    7,
    5000,
    3000,
    R(99, 100),
    R(15, 100),
    {"signal": "increase"},
    narrow=True,
)


def goes_to_the_worst_point(run: Any) -> tuple[Fact, Fact]:
    """theta_t tends to 1, and the average regret to its limit."""
    distance = reals("distance")
    place = limit_of(distance + 1, {distance: run.limit(1)})
    return tuple(settled(discharge(fact, run.upwards())) for fact in (place, run.regret_limit(1)))


def settled(fact: Fact) -> Fact:
    """The fact for the only coordinate, and for k >= 3."""
    return discharge(use(fact, ONE), LONG)


CLAIM = Claim(
    id="R6-increase",
    title="signal `increase`: failure for every C > max(k-1, 3), whatever the cap",
    statement=Statement(given=given(RUN, SMALL_EPS), then=PATTERN & PLACE & LOST & DEFAULTS.statement(), where=WHERE),
    source=SOURCE,
    kind="impossibility",
    proof=(use(RUN.narrows(), ONE), *goes_to_the_worst_point(RUN), DEFAULTS.fact()),
    note="It holds for one epoch with beta reset after every step: the first step of an epoch has no loss before it, "
    "and without the reset beta adds up. So the released scripts' signal makes the failure worse: no window cap "
    "protects.",
)
