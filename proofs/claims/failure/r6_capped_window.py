"""R6: with a window capped at delta, losses that repeat take the iterate to the end that the drift points to.

The chain is in `proofs/claims/failure/capped.py` and the files it imports. One coordinate, d = 1.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.failure.capped import FAMILY, WHERE, Capped
from proofs.claims.failure.capped_limit import DOWN, LIMIT, PUSHES
from proofs.claims.failure.capped_sums import FIXED, MEAN, WIDE, mean
from proofs.claims.failure.r6_drift_lemma import F
from proofs.claims.failure.repeating import AVERAGE, RATE, best
from proofs.inference.derivation import Fact, both, use
from proofs.inference.limits import either, implication, limit_of, order_of
from proofs.statements.claim import Claim
from proofs.statements.statement import BigO, Eventually, ForAll, Statement, Tends, substitute
from proofs.statements.vocabulary import T, alpha, alpha_t, g, i, t, theta

SOURCE = Source("reddi2018", "Theorem 1, its periodic losses", also=(Source("dwmgradnotes", "R6"),))
ONE = {i: sympy.S.One}
TIED = Capped(schedule="sqrt")
FREE = Capped(schedule="sqrt", momentum="constant")
FIXED_STEP = Capped()

x = theta(t, 1)
BEST = ForAll(T, T >= 1, sympy.Sum(g(t, 1), (t, 1, T)) > 0)
REGRET = substitute(AVERAGE, ONE)
UP, DOWNWARDS = PUSHES > DOWN, PUSHES < DOWN


def single(fact: Fact) -> Fact:
    """The fact for the only coordinate."""
    return use(fact, ONE)


def given(run: Any, *more: Any) -> tuple[Any, ...]:
    return tuple(substitute(e, ONE) for e in (run, *FAMILY, LIMIT, *more))


def tends(run: Capped, sign: int) -> Fact:
    """theta_t tends to 1 or to -1."""
    distance = sympy.Symbol("distance", real=True)
    return limit_of(distance + sign, {distance: run.limit(sign)})


def near_order() -> Fact:
    """1 - theta_t = O(alpha_t)."""
    near = use(TIED.end(1), FIXED)
    return order_of(near, near.then.args[1].rhs / alpha_t(t))


NOTE_REGRET = "f_t(x) - f_t(-1) = g_t (x + 1), so the sum of g_t (theta_t + 1) is the regret against -1."

CLAIM = Claim(
    id="R6",
    title="capped window: no-regret fails",
    statement=Statement(
        given=given(TIED.run.hypothesis, UP),
        then=BEST & Tends(t, x, sympy.S.One) & BigO(t, x - 1, alpha_t(t)) & Tends(T, REGRET, RATE),
        where=WHERE,
    ),
    source=SOURCE,
    kind="impossibility",
    proof=tuple(map(single, (best(), tends(TIED, 1), near_order(), TIED.regret_limit(1)))),
    note=f"-1 is the best point and +1 the worst. {NOTE_REGRET} On the boundary, where the two sides are equal, the "
    "limit depends on the start. For delta = 1 the power 0^0 is 1. proofs/models/periodic.py estimates when R6-drift "
    "sets in.",
)

CONVERSE = Claim(
    id="R6-converse",
    title="below the boundary the iterate goes to the best point",
    statement=Statement(
        given=given(TIED.run.hypothesis, DOWNWARDS),
        then=BEST & Tends(t, x, sympy.S.NegativeOne) & Tends(T, REGRET, sympy.S.Zero),
        where=WHERE,
    ),
    source=SOURCE,
    kind="rate",
    proof=tuple(map(single, (best(), tends(TIED, -1), TIED.regret_limit(-1)))),
    note=f"So the condition of R6 is sharp. {NOTE_REGRET}",
)


def whatever_momentum() -> Fact:
    """Either end, for momentum tied to the window or constant."""
    ends = []
    for sign, condition in ((1, UP), (-1, DOWNWARDS)):
        tied, free = (implication(tends(run, sign), condition) for run in (TIED, FREE))
        ends.append(either(tied, free, TIED.run.hypothesis, FREE.run.hypothesis))
    return single(both(*ends))


MOMENTUM = Claim(
    id="R6-momentum",
    title="momentum changes the transient, not the limit",
    statement=Statement(
        given=given(sympy.Or(TIED.run.hypothesis, FREE.run.hypothesis)),
        then=sympy.Implies(UP, Tends(t, x, sympy.S.One)) & sympy.Implies(DOWNWARDS, Tends(t, x, sympy.S.NegativeOne)),
        where=WHERE,
    ),
    source=SOURCE,
    kind="rate",
    proof=(whatever_momentum(),),
    note="Neither condition contains gamma or how momentum is chosen, so the conjecture in [dwmgradnotes] R6, as first "
    "written, holds. Momentum multiplies the mean push by 1/(1 - gamma), which shortens the walk.",
)

CONSTANT = Claim(
    id="R6-constant",
    title="capped window with a constant step size: the iterate stays near the worst point",
    statement=Statement(
        given=given(FIXED_STEP.run.hypothesis, UP, MEAN, F >= WIDE),
        then=BEST & Eventually(t, sympy.Abs(x - 1) <= 3 * F * alpha),
        where=(
            *WHERE,
            (mean, "mean push of the periodic limit without momentum, over the step size"),
            (F, "a constant that does not depend on alpha"),
        ),
    ),
    source=SOURCE,
    kind="impossibility",
    proof=tuple(map(single, (best(), FIXED_STEP.near_end(1)))),
    note="The published setting is a constant step size. The smaller it is, the nearer to the worst point the "
    "iterate stays.",
)
