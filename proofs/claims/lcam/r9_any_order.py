"""R9g-polygons: between 3.42 and the first unstable word LCAM's coefficients may be switched in any order.

R9h-polygons: so LCAM's own loss control is stable there too.
"""

import sympy

from proofs.claims.lcam.r9_polygons import CUTS, MU, UNSTABLE, polygon
from proofs.inference.derivation import Fact, assume, at, discharge, follows, for_all, part, theorem, under, use
from proofs.inference.limits import either
from proofs.models.polygon import Switched, shrinking
from proofs.models.switched import (  # fmt: skip
    ENDLESS,
    NEXT_W,
    NEXT_X,
    QUADRATIC,
    RUN,
    SOURCE,
    STEPS,
    VANISHES,
    WHERE,
    A,
    a,
    above,
    among,
    below,
    coefficients,
    recurrences,
    scaled,
    vanishes,
    w,
    x,
)
from proofs.models.symbolic_run import Run
from proofs.models.window import equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import alpha, mu_t, t

p, q, letter = reals("x w mu")
NEXT_VELOCITY = letter * q + a * p
SWITCHED = Switched((x, w), (p - NEXT_VELOCITY, NEXT_VELOCITY), mu_t, t, (p, q, letter, a))
LETTERS = tuple(sympy.Rational(mu) for mu in MU.values())
RANGE = (A >= sympy.Rational(CUTS[0]), A <= sympy.Rational(CUTS[-1]))


def any_order() -> Fact:
    """theta and V of coordinate i tend to their minimum and to 0."""
    known = [at(assume(every_step(e)), t) for e in (NEXT_W, NEXT_X)]
    moved = follows("R9g.move", "The iterate's move is the velocity of the step.", known,
                    SWITCHED.steps[0].args[2])  # fmt: skip
    found = shrinking(
        "R9g.polygons", "Every interval has a polygon that all steps map strictly inside itself.", SWITCHED,
        tuple(MU.values()), CUTS, polygon, UNSTABLE,
    )  # fmt: skip
    found = discharge(found, for_all(under(moved, t >= 1), t, t >= 1))
    found = discharge(use(found, scaled()), *recurrences())
    to_zero = [part(found, e) for e in found.then.args]
    to_zero.sort(key=lambda fact: fact.then.args[1].has(sympy.Function("V", real=True)))
    return vanishes(*to_zero)


ANY_ORDER = Claim(
    id="R9g-polygons",
    title="switching between 0.9 and 0.95 in any order converges for 3.42 ≤ αλ ≤ 3.661066",
    statement=Statement(given=(*STEPS, among(*LETTERS), *RANGE, alpha > 0), then=VANISHES, where=WHERE),
    source=SOURCE,
    kind="inequality",
    proof=(any_order(),),
    note="The order is free. A polygon is found in floats by closing a hull under the steps, and checked in fractions. "
    "Below 3.42 it is R9b's quadratic function that does it; at 3.66107 a word of seven letters diverges (R9c).",
)


def own(run: Run) -> Fact:
    """The run's recurrences and its coefficients, one of the two whatever its losses."""
    two = follows("R9h.pair", "The two options are the two coefficients.", [at(coefficients(run), t)],
                  among(*LETTERS).args[2], [equal(mu_t(t), LETTERS[0])], given=[PAIRS])  # fmt: skip
    steps = [for_all(fact, t, t >= 1) for fact in (run.coord("V"), run.iterate())]
    return discharge(theorem(ANY_ORDER), *steps, for_all(under(two, t >= 1), t, t >= 1))


LOW, HIGH = (sympy.Rational(MU[name]) for name in "lh")
PAIRS = (equal(below, HIGH) & equal(above, LOW)) | (equal(below, LOW) & equal(above, HIGH))
EITHER = RUN.hypothesis | ENDLESS.hypothesis

OWN = Claim(
    id="R9h-polygons",
    title="LCAM itself converges for 3.42 ≤ αλ ≤ 3.661066, whatever its losses",
    statement=Statement(
        given=(EITHER, every_step(QUADRATIC), PAIRS, *RANGE, alpha > 0), then=VANISHES, where=WHERE,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(either(own(RUN), own(ENDLESS), RUN.hypothesis, ENDLESS.hypothesis),),
    note="Whatever losses it is given, whatever the length of an epoch, and whichever of the two goes with a loss "
    "below the mean. The statement holds for every coordinate with its own curvature.",
)  # fmt: skip
