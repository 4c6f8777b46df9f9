"""R2: the regret of a run is bounded by sums that the run itself shows, whatever the window did."""

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.regret.r1_one_step import projected
from proofs.claims.regret.r2_linear import CLAIM as LINEAR
from proofs.claims.regret.r2_linear import GROWTH, NEAR, QUADRATIC, TERM, ZERO, bound, every, total
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    convexity,
    discharge,
    exchange,
    follows,
    for_all,
    sum_over,
    theorem,
)
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement
from proofs.statements.vocabulary import CONVEX, DESCENT, IN_BOX, POSITIVE, R, T, d, i, t

__all__ = ["CLAIM", "GROWTH", "NEAR", "QUADRATIC", "TERM", "ZERO", "bound", "each", "every", "total"]


def each(statement: object) -> ForAll:
    """For every coordinate."""
    return ForAll(i, (1 <= i) & (i <= d), statement)


def coordinate() -> Fact:
    """The linear sums of one coordinate of a projected run."""
    nearer = discharge(projected(), at(assume(every(DESCENT)), t))
    return discharge(theorem(LINEAR), for_all(nearer, t, (t >= 1) & (t <= T)))


def regret() -> Fact:
    """Summed over coordinates, against convex losses."""
    coordinates = sum_over(coordinate(), i, 1, d)
    swapped = exchange(sympy.Sum(total(TERM, T), (i, 1, d)))
    return follows("R2.regret", "Convexity bounds the regret by the linear sums of all coordinates.",
                   [convexity(), swapped, coordinates], R(T) <= coordinates.then.rhs,
                   [R(T) <= coordinates.then.rhs - 1])  # fmt: skip


CLAIM = Claim(
    id="R2",
    title="a-posteriori regret bound, any window rule",
    statement=Statement(
        given=(CONVEX, *map(each, (every(DESCENT), every(POSITIVE), every(NEAR), IN_BOX, ZERO)), T >= 1),
        then=R(T) <= sympy.Sum(bound(T), (i, 1, d)),
    ),
    source=Source("duchi2011", "the argument of Theorem 5 for any diagonal preconditioner",
                  also=(Source("dwmgradnotes", "R2"),)),
    kind="inequality",
    proof=(regret(),),
    note="h_0 stands for 0, so that the first growth is h_1. D is the box width, where theta_1 lies in the box, or the "
    "largest distance observed; only distances up to theta_T count, not theta_{T+1}.",
)  # fmt: skip
