"""R9b-pair: the threshold of LCAM's own coefficients. R9b-converges: below the threshold any order converges."""

from fractions import Fraction

import sympy

from proofs.checkers.by_exact import Found, exact
from proofs.claims.lcam import r9_common_lyapunov as common
from proofs.claims.lcam.r9_common_lyapunov import COMMON, HIGH, LOW, MEANINGS, RANGE, ROOT, STRICT, m1, m2
from proofs.inference.derivation import Fact, lemma, theorem, use
from proofs.inference.limits import equivalent
from proofs.models.lyapunov import vanishing
from proofs.models.switched import SOURCE, STEPS, SWITCHED, VANISHES, WHERE, A, a, among, of_switched
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement
from proofs.statements.vocabulary import alpha

PAIR = {m1: sympy.Rational(LOW), m2: sympy.Rational(HIGH)}
NUMBER = sympy.Rational(2, 9) * (2 + ROOT.subs(PAIR)) ** 2


def pair() -> Fact:
    """For 0.9 and 0.95 the threshold is a number."""
    near = (a > 0) & common.below(ROOT).subs(PAIR)
    same = lemma("R9b.number", "The threshold of the pair as a number.", [],
                 sympy.Equivalent(near, (a > 0) & (a < NUMBER)),
                 [sympy.Equivalent(near, (a > 0) & (a < sympy.Rational(34209, 10000)))])  # fmt: skip
    return equivalent(use(theorem(common.CLAIM), PAIR), same)


def digits() -> Found:
    """x < (2/9)(2 + rho)² says that (9x/2 - 4 - rho²)/4 < rho, whose square is known."""
    square = Fraction(str(ROOT.subs(PAIR) ** 2))

    def under(x: Fraction) -> bool:
        return ((Fraction(9, 2) * x - 4 - square) / 4) ** 2 < square

    low, high = Fraction(342092, 10**5), Fraction(342093, 10**5)
    return under(low) and not under(high), not under(Fraction(34210, 10**4)), f"between {low} and {high}", None


def converges() -> Fact:
    """Below the threshold the iterate tends to its minimum in whatever order the coefficients come."""
    form = common.form().subs(common.rooted_choice(), simultaneous=True)
    return of_switched(vanishing(common.works(), form, SWITCHED, (m1, m2)))


OWN_PAIR = Claim(
    id="R9b-pair",
    title="LCAM switching: a common quadratic Lyapunov function up to αλ = (2/9)(2+√3.7)² ≈ 3.42092",
    statement=Statement(
        then=sympy.Equivalent(COMMON.subs(PAIR), (a > 0) & (a < NUMBER)), where=MEANINGS[:3],
    ),
    source=SOURCE,
    kind="inequality",
    proof=(pair(),),
    controls=(exact("R9b.digits", "Five digits of the threshold.", digits),),
    note="The coefficients are 0.9 and 0.95. Above the threshold another kind of function is needed (R9g).",
)  # fmt: skip

BELOW = common.below(ROOT).subs(a, A)

CONVERGES = Claim(
    id="R9b-converges",
    title="LCAM switching in any order converges below the threshold of R9b",
    statement=Statement(
        given=(*STEPS, among(m1, m2), *RANGE, *STRICT, A > 0, BELOW, alpha > 0), then=VANISHES, where=WHERE,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(converges(),),
    note="Any two coefficients from [0, 1) and any order of them. For 0.9 and 0.95 the threshold is 3.42092... "
    "(R9b-pair); what lies beyond it is R9g.",
)  # fmt: skip
