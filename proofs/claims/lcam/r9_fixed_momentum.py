"""R9a: with a fixed coefficient LCAM is heavy ball, stable on a quadratic iff 0 < alpha kappa < 2(1 + mu)."""

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import Fact, assume, at, discharge, follows, for_all, lemma, theorem, under, use
from proofs.inference.logic import implies, some
from proofs.models.switched import NEXT_W, NEXT_X, SOURCE, STEPS, WHERE, A, a, among, m, of_run, x
from proofs.models.symbolic_run import Run
from proofs.models.window import equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.statement import Exists, Statement, reals
from proofs.statements.vocabulary import alpha, i, lam, mu, t, theta

u, v, z = reals("u v z")
MOMENTUM_RANGE = (mu >= 0, mu < 1)
T = 1 + mu - A
INSIDE = (A > 0) & (A < 2 * (1 + mu))
# u + iv is a root of z² - T z + mu: the real and the imaginary part.
ROOT = equal(u**2 - v**2 - T * u + mu, 0) & equal(2 * u * v - T * v, 0)


def recurrence() -> Fact:
    """x(t+2) = T x(t+1) - mu x(t), T = 1 + mu - a."""
    fixed = at(assume(among(mu)), t + 1)
    known = [at(assume(every_step(e)), n) for e, n in ((NEXT_W, t + 1), (NEXT_X, t), (NEXT_X, t + 1))]
    two = follows("R9a.recurrence", "What two steps do to the iterate is a recurrence of second order.",
                  [fixed, *known], equal(x(t + 2), (1 + mu - a) * x(t + 1) - mu * x(t)))  # fmt: skip
    return of_run(for_all(under(two, t >= 1), t, t >= 1))


def inside() -> Fact:
    """Both roots of z² - T z + mu lie inside the unit circle."""
    says = "A root on or outside the unit circle contradicts the two equations."
    c = reals("a")
    root = [e.subs(A, c) for e in ROOT.args]
    found = lemma("R9a.inside", says, [*root, c > 0, c < 2 * (1 + mu), *MOMENTUM_RANGE], u**2 + v**2 < 1,
                  [u**2 + v**2 < sympy.Rational(99, 100)])  # fmt: skip
    return implies(use(found, {c: A}), INSIDE, ROOT)


def outside(which: str) -> Fact:
    """A real root of absolute value at least 1."""
    c = reals("a")
    sign, condition = {"low": (1, c <= 0), "high": (-1, c >= 2 * (1 + mu))}[which]
    trace = 1 + mu - c
    value = (trace + sign * sympy.sqrt(trace**2 - 4 * mu)) / 2
    r = reals("r")
    root = (trace + sign * r) / 2
    real = lemma(f"R9a.{which}-real", "The roots are real.", [condition, *MOMENTUM_RANGE], trace**2 - 4 * mu >= 0,
                 [trace**2 - 4 * mu >= sympy.Rational(1, 10**4)])  # fmt: skip
    far = lemma(
        f"R9a.{which}", "One root is real and does not lie inside the unit circle.",
        [condition, *MOMENTUM_RANGE, r >= 0, equal(r**2, trace**2 - 4 * mu)],
        (root**2 >= 1) & equal(root**2 - trace * root + mu, 0), [root**2 >= sympy.Rational(101, 100)],
    )  # fmt: skip
    q = reals("q")
    rooted = use(lemma("R9a.root", "A root of a number that is not negative is its root.", [q >= 0],
                       sympy.sqrt(q) >= 0, [sympy.sqrt(q) > 0]),
                 {q: trace**2 - 4 * mu})  # fmt: skip
    found = discharge(use(far, {r: sympy.sqrt(trace**2 - 4 * mu)}), discharge(rooted, real))
    shown = some(found, z, value, z**2 >= 1, equal(z**2 - trace * z + mu, 0))
    return implies(use(shown, {c: A}), condition.subs(c, A))


THEN = (
    every_step(equal(theta(t + 2, i) - m(i), T * (theta(t + 1, i) - m(i)) - mu * (theta(t, i) - m(i))))
    & sympy.Implies(INSIDE & ROOT, u**2 + v**2 < 1)
    & sympy.Implies(A <= 0, Exists(z, z**2 >= 1, equal(z**2 - T * z + mu, 0)))
    & sympy.Implies(A >= 2 * (1 + mu), Exists(z, z**2 >= 1, equal(z**2 - T * z + mu, 0)))
)
ROOTS = ((u, "real part of a complex number"), (v, "its imaginary part"))

FIXED = Claim(
    id="R9a",
    title="LCAM with one coefficient: stable iff αλ < 2(1+μ)",
    statement=Statement(given=(*STEPS, among(mu), *MOMENTUM_RANGE), then=THEN, where=(*WHERE, *ROOTS)),
    source=SOURCE,
    kind="identity",
    proof=(recurrence(), inside(), outside("low"), outside("high")),
    note="The roots u + iv of z² = (1 + mu - alpha kappa) z - mu are the factors by which the iterate can be "
    "multiplied at every step: all lie inside the unit circle if and only if 0 < alpha kappa < 2(1 + mu).",
)

HEAVY_BALL = Run(rules.get("heavy-ball"), box=False, alpha=alpha, mu=mu, weight_decay=lam)


def heavy_ball() -> Fact:
    steps = [for_all(fact, t, t >= 1) for fact in (HEAVY_BALL.coord("V"), HEAVY_BALL.iterate())]
    kept = for_all(HEAVY_BALL.shared("mu"), t, t >= 1)
    return discharge(theorem(FIXED), *steps, kept)


CONTROL = Claim(
    id="C-heavy-ball",
    title="control: heavy ball's stability interval",
    statement=Statement(given=(HEAVY_BALL.hypothesis, STEPS[2], *MOMENTUM_RANGE), then=THEN, where=(*WHERE, *ROOTS)),
    source=Source("polyak1964", "the two-step method on a quadratic"),
    kind="identity",
    proof=(heavy_ball(),),
    note="A known result, here to test the machinery: another rule's formula has the same recurrences.",
)
