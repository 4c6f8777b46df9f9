"""D-driver, D-observer: where the driver puts theta, z and w, and what the observer makes of them, by formula."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import Fact, follows, replace
from proofs.models.driven import MEANING, Driven, damp, free, shift
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement
from proofs.statements.vocabulary import H, g, h, high, i, low, t, theta, w, z

RUN = Driven(box=True)


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


INSIDE = sympy.Min(high(i), sympy.Max(low(i), free(t + 1, i)))
CLAIM = Claim(
    id="D-driver",
    title="the driver projects the rule's iterate, and mirrors it by the rule's shift",
    statement=Statement(
        given=(RUN.hypothesis, t >= 1),
        then=equal(z(t, i), theta(t, i) + shift(t - 1, i))
        & equal(theta(t + 1, i), INSIDE)
        & sympy.Implies(equal(shift(t, i), 0), equal(w(t + 1, i), free(t + 1, i)))
        & sympy.Implies(sympy.Ne(shift(t, i), 0), equal(w(t + 1, i), INSIDE + shift(t, i))),
        where=MEANING,
    ),
    source=Source("dwmgradnotes", "R2, with projection and mirrored iterate"),
    kind="identity",
    proof=(
        RUN.mirror(),
        RUN.projection(),
        follows("D-driver.still", "Where nothing is mirrored the step ends before the projection.", [RUN.end_of_step()],
                sympy.Implies(equal(shift(t, i), 0), equal(w(t + 1, i), free(t + 1, i)))),
        follows("D-driver.mirrored", "Where something is, it ends at the next mirrored iterate.", [RUN.end_of_step()],
                sympy.Implies(sympy.Ne(shift(t, i), 0), equal(w(t + 1, i), INSIDE + shift(t, i)))),
    ),
)  # fmt: skip


def step_of(field: str) -> Fact:
    """The observer's sum at step t with the preconditioner under its own name."""
    return replace(RUN.step(field), RUN.step("H"), backwards=True)


STEP = z(t, i) - w(t + 1, i)
SUMS = {
    "variation": sympy.Max(0, H(t, i) - H(t - 1, i)),
    "quadratic": H(t, i) * STEP**2 / 2,
    "residual": sympy.Abs(g(t, i) - H(t, i) * STEP),
}


def grown(field: str) -> Any:
    """field_t is field_{t-1} and the term of step t."""
    return equal(getattr(RUN.watched_at(t), field), getattr(RUN.watched_at(t - 1), field) + SUMS[field])


OBSERVER = Claim(
    id="D-observer",
    title="what the observer of the certificate adds at a step",
    statement=Statement(
        given=(RUN.hypothesis, t >= 1),
        then=sympy.And(equal(H(t, i), sympy.Max(0, damp(t, i) * h(t, i))), *map(grown, SUMS)),
        where=MEANING,
    ),
    source=Source("dwmgradnotes", "R2, with projection and mirrored iterate"),
    kind="identity",
    proof=(RUN.step("H"), *map(step_of, SUMS)),
    note="The certificate would hold with any other H too (R2+); this is the H with which it is tight.",
)
