"""R9g: up to the first unstable word LCAM's coefficients may be switched in any order. R9h: so its own order is stable.

Below 3.42 one quadratic function does it (R9b-converges), between 3.42 and 3.661066 it is polygons.
"""

import sympy

from proofs.claims.lcam.r9_below_threshold import CONVERGES, PAIR
from proofs.claims.lcam.r9_polygons import CUTS, polygon
from proofs.claims.lcam.r9_switching import MU, UNSTABLE
from proofs.inference.derivation import Fact, at, discharge, follows, for_all, lemma, theorem, under, use
from proofs.inference.limits import cases, either
from proofs.models.polygon import shrinking
from proofs.models.switched import (
    ENDLESS,
    QUADRATIC,
    RUN,
    SOURCE,
    STEPS,
    SWITCHED,
    VANISHES,
    WHERE,
    A,
    a,
    above,
    among,
    below,
    coefficients,
    of_switched,
)
from proofs.models.symbolic_run import Run
from proofs.models.window import equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement
from proofs.statements.vocabulary import alpha, mu_t, t

LOW, HIGH = LETTERS = tuple(sympy.Rational(MU[name]) for name in "lh")
FIRST, LAST = (sympy.Rational(CUTS[end]) for end in (0, -1))


def by_polygons() -> Fact:
    """theta and V of coordinate i tend to their minimum and to 0."""
    return of_switched(shrinking(
        "R9g.polygons", "Every interval has a polygon that all steps map strictly inside itself.", SWITCHED,
        tuple(MU.values()), CUTS, polygon, UNSTABLE,
    ))  # fmt: skip


POLYGONS = Claim(
    id="R9g-polygons",
    title="switching between 0.9 and 0.95 in any order converges for 3.42 ≤ αλ ≤ 3.661066",
    statement=Statement(
        given=(*STEPS, among(*LETTERS), A >= FIRST, A <= LAST, alpha > 0), then=VANISHES, where=WHERE,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(by_polygons(),),
    note="A polygon is found in floats by closing a hull under the steps, and checked in fractions.",
)  # fmt: skip


def any_order() -> Fact:
    """The two ranges overlap."""
    near = use(theorem(CONVERGES), PAIR)
    wanted = next(e for e in near.given if e.has(sympy.sqrt(370)))
    inside = lemma("R9g.overlap", "The range of the quadratic function ends beyond that of the polygons begins.",
                   [a < FIRST], wanted.subs(A, a), [wanted.subs(A, sympy.Rational(101, 100) * a)])  # fmt: skip
    near = discharge(near, use(inside, {a: A}))
    return cases(theorem(POLYGONS), near, A >= FIRST)


ANY_ORDER = Claim(
    id="R9g",
    title="switching between 0.9 and 0.95 in any order converges for 0 < αλ ≤ 3.661066",
    statement=Statement(given=(*STEPS, among(*LETTERS), A > 0, A <= LAST, alpha > 0), then=VANISHES, where=WHERE),
    source=SOURCE,
    kind="inequality",
    proof=(any_order(),),
    note="At 3.661067 a word of seven letters, repeated, diverges (R9c), so to six decimals the threshold of free "
    "switching is that word's. In between nothing is proved here: the last millionth, up to the word's own threshold "
    "3.66106698..., would need a polygon over that algebraic number.",
)


def own(run: Run) -> Fact:
    """The run's recurrences and its coefficients, one of the two whatever its losses."""
    two = follows("R9h.pair", "The two options are the two coefficients.", [at(coefficients(run), t)],
                  among(*LETTERS).args[2], [equal(mu_t(t), LOW)], given=[PAIRS])  # fmt: skip
    steps = [for_all(fact, t, t >= 1) for fact in (run.coord("V"), run.iterate())]
    return discharge(theorem(ANY_ORDER), *steps, for_all(under(two, t >= 1), t, t >= 1))


PAIRS = (equal(below, HIGH) & equal(above, LOW)) | (equal(below, LOW) & equal(above, HIGH))
EITHER = RUN.hypothesis | ENDLESS.hypothesis

OWN = Claim(
    id="R9h",
    title="LCAM itself converges for 0 < αλ ≤ 3.661066, whatever its losses",
    statement=Statement(
        given=(EITHER, every_step(QUADRATIC), PAIRS, A > 0, A <= LAST, alpha > 0), then=VANISHES, where=WHERE,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(either(own(RUN), own(ENDLESS), RUN.hypothesis, ENDLESS.hypothesis),),
    note="Whatever losses it is given, whatever the length of an epoch, and whichever of the two goes with a loss "
    "below the mean. The statement holds for every coordinate with its own curvature. LCAM does diverge at 3.73 with "
    "epochs of 5 steps (R9e); in between nothing is proved here in either direction.",
)  # fmt: skip
