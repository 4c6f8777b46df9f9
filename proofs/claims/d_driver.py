"""D-driver: where the driver puts the iterate, the mirrored iterate and the end of the mirrored step."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.derivation import follows
from proofs.driven import MEANING, Driven, free, shift
from proofs.statement import Statement
from proofs.vocabulary import high, i, low, t, theta, w, z

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
