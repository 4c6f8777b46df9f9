"""R6 under the released signal `increase` with momentum tied to the window, once the window has narrowed."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

import sympy

from proofs.claims.failure.capped import WHERE
from proofs.claims.failure.r6_drift_lemma import CLAIM as R6_DRIFT
from proofs.claims.failure.r6_increase import LOST, PATTERN, PLACE, SOURCE, given
from proofs.claims.failure.repeating import C
from proofs.claims.failure.signals import Signalled
from proofs.claims.failure.step_sizes import equal
from proofs.inference.derivation import Fact, argued, lemma, theorem
from proofs.inference.limits import closed
from proofs.statements.claim import Claim
from proofs.statements.formulas import step
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import alpha, delta, eps, gamma, k

R = sympy.Rational
RUN = Signalled("increase", momentum=gamma)
GIVEN = given(RUN, gamma >= 0, 8 * gamma <= delta, gamma < 1, 100 * eps <= 1, PATTERN)
WORST = PLACE & LOST


def spike_velocity() -> Fact:
    V, mu = reals("V mu")
    new = step(omega=2 * sympy.S.One, G=sympy.S.One, g=C, V=V, mu=mu, alpha=alpha, eps=eps)[0].V
    return lemma(
        "R6-increase.spike",
        "A spike moves the iterate down by no more than a step size and a half.",
        [V <= 0, mu >= 0, alpha > 0, C > 0, eps >= 0],
        100 * new <= 142 * alpha,
        [100 * new <= 141 * alpha],
    )


def velocity_after() -> Fact:
    V, mu, last = reals("V mu a")
    new = step(omega=sympy.S.One, g=-sympy.S.One, V=V, mu=mu, alpha=alpha, eps=eps)[0].V
    return lemma(
        "R6-increase.after",
        "The step after the spike moves up again, and so does every later one.",
        [
            100 * V <= 142 * last,
            alpha > 0,
            last <= 2 * alpha,
            last >= alpha,
            mu >= 0,
            4 * mu <= 1,
            eps >= 0,
            100 * eps <= 1,
        ],
        new <= 0,
        [new <= -alpha * R(9, 10)],
    )


def momentum_mean() -> Fact:
    S, first, last, m = reals("S b0 b m")
    return lemma(
        "R6-increase.mean",
        "The velocities of a period in the limit sum to something that moves up.",
        [
            equal((1 + eps) * (S - m * (first + S - last)), -(k - 1)),
            100 * first <= 142,
            S <= last,
            last <= 0,
            k >= 3,
            m >= 0,
            4 * m <= 1,
            eps >= 0,
            100 * eps <= 1,
        ],
        first + S < 0,
        [first + S < -R(1, 2)],
    )


CLAIM = Claim(
    id="R6-increase-momentum",
    title="signal `increase` with tied momentum, once the window is 2 at spikes and 1 elsewhere",
    statement=Statement(
        given=GIVEN,
        then=WORST,
        where=WHERE,
    ),
    source=SOURCE,
    kind="impossibility",
    proof=(
        argued(
            "In this pattern mu_t is at most 1/4. A spike moves the iterate down once, the step after it already "
            "moves up, and "
            "the velocities over the step size come near to a cycle whose sum moves up; R6-drift does the rest.",
            [closed(fact) for fact in (spike_velocity(), velocity_after(), momentum_mean(), theorem(R6_DRIFT))],
            WORST,
            GIVEN,
        ),
    ),
    note="That the window enters the pattern with momentum is not claimed; R6-increase.run shows it for the paper's "
    "defaults.",
)
