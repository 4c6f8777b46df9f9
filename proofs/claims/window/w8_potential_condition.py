"""W8: the preconditioner never decreases, whatever the gradients, if and only if omega_t >= t."""

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.window.w3_weights import SIGN
from proofs.claims.window.w5_bounded_step import NEWEST
from proofs.inference.derivation import Fact, assume, at, discharge, follows, lemma, replace, theorem, under, use
from proofs.models.window import AT_LEAST_ONE, EMPTY, MOMENT, PRECONDITIONER, ROOT_SCHEDULE, equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import G, alpha, alpha_t, eps, g, h, i, omega, t

SOURCE = Source("dwmgrad", "Algorithm 1 with alpha_t = alpha/sqrt(t)", also=(Source("dwmgradnotes", "W8"),))
r, p, a, c, k, w, new = reals("r p a c k w g")
EARLIER = {t: t - 1}
MORE = sympy.Rational(101, 100)
NOW, BEFORE, MOMENT_NOW, MOMENT_BEFORE = sympy.sqrt(t), sympy.sqrt(t - 1), sympy.sqrt(G(t, i)), sympy.sqrt(G(t - 1, i))


def forms() -> tuple[Fact, Fact]:
    """h_t and h_{t-1} with alpha_t = alpha/sqrt(t)."""
    now = replace(at(assume(PRECONDITIONER), t), at(assume(ROOT_SCHEDULE), t))
    return now, use(now, EARLIER)


def times() -> Fact:
    """sqrt(t) > sqrt(t - 1) >= 1."""
    return follows("W8.times", "The root of the step number grows.", [], (NOW > BEFORE) & (BEFORE >= 1),
                   [NOW > MORE * BEFORE, BEFORE >= MORE], given=[t >= 2])  # fmt: skip


def grows() -> Fact:
    """omega_t >= t at a step t >= 2 keeps h from falling."""
    before = use(theorem(SIGN), EARLIER)
    larger = follows(
        "W8.moment", "A window of at least t leaves the past at least the weight (t - 1)/t.",
        [at(assume(MOMENT), t), before], t * G(t, i) >= (t - 1) * G(t - 1, i),
        [t * G(t, i) >= MORE * (t - 1) * G(t - 1, i)], given=[omega(t) >= t, t >= 2],
    )  # fmt: skip
    roots = lemma(
        "W8.roots", "The roots keep the order of the squares, and eps only adds to the later side.",
        [r > p, p >= 1, a >= 0, c >= 0, eps >= 0, alpha > 0, r**2 * a**2 >= p**2 * c**2],
        r * (a + eps) / alpha >= p * (c + eps) / alpha, [r * (a + eps) / alpha >= MORE * p * (c + eps) / alpha],
    )  # fmt: skip
    moments = follows("W8.positive", "Roots are not negative.", [theorem(SIGN), before],
                      (MOMENT_NOW >= 0) & (MOMENT_BEFORE >= 0),
                      [MOMENT_NOW > 0, MOMENT_BEFORE > 0])  # fmt: skip
    here = use(roots, {r: NOW, p: BEFORE, a: MOMENT_NOW, c: MOMENT_BEFORE})
    ordered = discharge(here, times(), larger, moments)
    return under(replace_both(ordered), t >= 2)


def replace_both(ordered: Fact) -> Fact:
    """The inequality in h_t and h_{t-1}."""
    now, before = forms()
    return replace(replace(ordered, now, backwards=True), before, backwards=True)


CLAIM = Claim(
    id="W8",
    title="the potential condition is sufficient",
    statement=Statement(
        given=(MOMENT, EMPTY, AT_LEAST_ONE, PRECONDITIONER, ROOT_SCHEDULE, eps >= 0, alpha > 0, omega(t) >= t, t >= 2),
        then=h(t, i) >= h(t - 1, i),
    ),
    source=SOURCE,
    kind="inequality",
    proof=(grows(),),
    note="No gradient matters: a window of at least t keeps h from falling whatever was seen. The converse is "
    "W8-necessary.",
)

LEFT = sympy.sqrt(1 - 1 / omega(t))  # what a gradient of 0 leaves of the root of the moment
GAIN = BEFORE - NOW * LEFT
LARGE = sympy.Abs(g(t - 1, i)) * GAIN > eps * sympy.sqrt(omega(t - 1)) * (NOW - BEFORE)
STILL = equal(g(t, i), 0)
FEW = omega(t) < t


def shrinks() -> tuple[Fact, Fact]:
    """A gradient of 0 after a large one, at a step whose window is below t."""
    gain = follows(
        "W8-necessary.gain", "A window below t leaves the past less than the weight (t - 1)/t.",
        [times(), at(assume(AT_LEAST_ONE), t)], GAIN > 0, [GAIN > sympy.Rational(1, 10)], given=[FEW, t >= 2],
    )  # fmt: skip
    left = follows(
        "W8-necessary.moment", "A gradient of 0 only scales the moment.",
        [at(assume(MOMENT), t), use(theorem(SIGN), EARLIER), at(assume(AT_LEAST_ONE), t)],
        equal(MOMENT_NOW, LEFT * MOMENT_BEFORE), given=[STILL],
    )  # fmt: skip
    newest = follows(
        "W8-necessary.newest", "The root of the moment is at least the newest gradient over the root of the window.",
        [use(theorem(NEWEST), EARLIER), at(assume(AT_LEAST_ONE), t - 1), use(theorem(SIGN), EARLIER)],
        (sympy.Abs(g(t - 1, i)) <= sympy.sqrt(omega(t - 1)) * MOMENT_BEFORE) & (sympy.sqrt(omega(t - 1)) >= 1),
        [sympy.Abs(g(t - 1, i)) * MORE <= sympy.sqrt(omega(t - 1)) * MOMENT_BEFORE],
    )  # fmt: skip
    outweighs = lemma(
        "W8-necessary.outweighs", "A root of the moment that large outweighs what the growth of t adds to eps.",
        [a * k > w * p, a <= w * c, w >= 1, k > 0], c * k > p, [c * k > MORE * p],
    )  # fmt: skip
    outweighs = use(outweighs, {a: sympy.Abs(g(t - 1, i)), k: GAIN, w: sympy.sqrt(omega(t - 1)), c: MOMENT_BEFORE,
                                p: eps * (NOW - BEFORE)})  # fmt: skip
    divided = lemma("W8-necessary.divided", "Dividing by alpha keeps the order.", [a < c, alpha > 0],
                    a / alpha < c / alpha, [MORE * a / alpha < c / alpha])  # fmt: skip
    here = use(divided, {a: NOW * (LEFT * MOMENT_BEFORE + eps), c: BEFORE * (MOMENT_BEFORE + eps)})
    falling = discharge(here, discharge(outweighs, gain, newest))
    falling = replace(falling, left, backwards=True)
    return under(gain, t >= 2), under(replace_both(falling), t >= 2)


NECESSARY = Claim(
    id="W8-necessary",
    title="the potential condition is necessary",
    statement=Statement(
        given=(
            MOMENT,
            EMPTY,
            AT_LEAST_ONE,
            PRECONDITIONER,
            ROOT_SCHEDULE,
            eps >= 0,
            alpha > 0,
            FEW,
            STILL,
            LARGE,
            t >= 2,
        ),
        then=(GAIN > 0) & (h(t, i) < h(t - 1, i)),
    ),
    source=SOURCE,
    kind="impossibility",
    proof=shrinks(),
    note="The factor is positive, so a gradient that is large enough exists; for eps = 0 any gradient but 0 is. The "
    "window answers to losses and not to gradients, so linear losses can have these gradients on any window path. "
    "With eps > 0 and gradients known to be small a narrower window can do.",
)


def constant() -> Fact:
    """h_t = (sqrt(G_t) + eps)/alpha falls at a gradient of 0."""
    less = follows(
        "W8-constant.moment", "A gradient of 0 scales the moment by less than 1.",
        [at(assume(MOMENT), t), at(assume(AT_LEAST_ONE), t)], MOMENT_NOW < MOMENT_BEFORE,
        [MOMENT_NOW * MORE < MOMENT_BEFORE], given=[STILL, G(t - 1, i) > 0],
    )  # fmt: skip
    smaller = lemma("W8-constant.step", "Adding eps and dividing by alpha keep the order.", [a < c, alpha > 0],
                    (a + eps) / alpha < (c + eps) / alpha, [(a + eps) / alpha * MORE < (c + eps) / alpha])  # fmt: skip
    falling = discharge(use(smaller, {a: MOMENT_NOW, c: MOMENT_BEFORE}), less)
    now = replace(at(assume(PRECONDITIONER), t), at(assume(SAME_SIZE), t))
    both = replace(replace(falling, now, backwards=True), use(now, EARLIER), backwards=True)
    return under(both, t >= 2)


SAME_SIZE = every_step(equal(alpha_t(t), alpha))
CONSTANT = Claim(
    id="W8-constant",
    title="no finite window has the potential condition under constant alpha",
    statement=Statement(
        given=(MOMENT, AT_LEAST_ONE, PRECONDITIONER, SAME_SIZE, alpha > 0, STILL, G(t - 1, i) > 0, t >= 2),
        then=h(t, i) < h(t - 1, i),
    ),
    source=SOURCE,
    kind="impossibility",
    proof=(constant(),),
    note="A window that is not capped is finite at every step too.",
)
