"""W9, continued: under exchangeable noise the window grows like sqrt(t) and says nothing about progress.

Z is the window less 1 plus phi of the last loss, h + phi(x); the state and its means are those of `noise_walk`.
"""

from functools import cache
from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.window.noise_walk import IN_UNIT, WALK, Always, M, Noise, W, expected, h, linear, phi, window, x
from proofs.claims.window.w9_noise import ORDER
from proofs.inference.derivation import Fact, discharge, follows, induction, lemma, theorem, under, use
from proofs.inference.probability import EXCHANGEABLE
from proofs.models.window import equal
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals, substitute
from proofs.statements.vocabulary import t

SOURCE = Source("dwmgrad-code", "the signals increase and decrease", also=(Source("dwmgradnotes", "W9"),))
THIRD, HALF = sympy.Rational(1, 3), sympy.Rational(1, 2)
INTERPOLATION = sympy.Rational(5, 2)
ROOT = sympy.sqrt(t)
root = reals("r")
Z = sympy.expand(h + phi(x))
LEAST = sympy.Rational(3, 25)
ZERO = {t: sympy.S.Zero}


@cache
def noise() -> Noise:
    return Noise(theorem(ORDER))


def by_induction(name: str, words: str, said: Any, steps: list[Fact], begins: list[Fact]) -> Fact:
    """An equation about the means after t comparisons, for t >= 0."""
    start = follows(f"{name}-start", "Before the first comparison only the last loss is not 0.", begins,
                    substitute(said, ZERO))  # fmt: skip
    step = follows(name, words, steps, substitute(said, {t: t + 1}), given=[said])
    return induction(said, t, 0, start, step)


@cache
def half() -> Fact:
    """The mean of the last loss is 1/2."""
    return by_induction("W9-growth.loss", "Every loss is uniform on [0, 1].", equal(expected(t, x), HALF),
                        [noise().following(x)], [noise().start(x)])  # fmt: skip


@cache
def fair() -> Fact:
    """The mean of the sum of the moves without the hold is 0."""
    return by_induction("W9-growth.fair", "The next move has the mean phi of the last loss.",
                        equal(expected(t, W), 0), [noise().following(W), half()], [noise().start(W)])  # fmt: skip


@cache
def second() -> Fact:
    """The mean of M² is t/3."""
    return by_induction("W9-growth.second", "Every increment has the mean 0 and the second moment 1/3.",
                        equal(expected(t, M**2), t * THIRD), [noise().following(M**2)],
                        [noise().start(M**2)])  # fmt: skip


@cache
def fourth() -> Fact:
    """The mean of M⁴ is t²/3 - 2t/15."""
    return by_induction("W9-growth.fourth", "An increment has the third moment 0 and the fourth 1/5.",
                        equal(expected(t, M**4), t**2 * THIRD - 2 * t / 15),
                        [noise().following(M**4), second()], [noise().start(M**4)])  # fmt: skip


@cache
def square_at_end() -> Fact:
    """The mean of Z² is at most t/2 + 1."""
    said = linear(Z**2) <= t / 2 + 1
    start = follows("W9-growth.one", "|phi| is at most 1.", [noise().start(Z**2)], substitute(said, ZERO),
                    [substitute(linear(Z**2), ZERO) <= sympy.Rational(1, 4)])  # fmt: skip
    grows = noise().grows("W9-growth.square", "The square of Z grows by 1/3 away from 1, and by less than 1/2 at 1.",
                          Z**2, sympy.expand(Z**2) + HALF, sympy.expand(Z**2) + sympy.Rational(9, 20))  # fmt: skip
    step = follows("W9-growth.grown", "One step adds at most 1/2.", [grows], substitute(said, {t: t + 1}),
                   [substitute(linear(Z**2), {t: t + 1}) <= t / 2 + 1], given=[said])  # fmt: skip
    return induction(said, t, 0, start, step)


@cache
def apart() -> tuple[Always, Always]:
    """h >= W, and M is W + phi(x) to within 1, on every path."""
    return (
        Always("W9-growth.above", "The hold only adds.", h >= W, h >= W + sympy.Rational(101, 100)),
        Always("W9-growth.near", "phi of the first loss is at most 1 in size.", sympy.Abs(M - W - phi(x)) <= 1,
               sympy.Abs(M - W - phi(x)) <= sympy.Rational(99, 100)),
    )  # fmt: skip


def lower() -> Fact:
    """window - 1 >= 3/25 sqrt(t) - 1 for t >= 9."""
    above, near = apart()
    pathwise = lemma("W9-growth.height", "The height is at least the sum of the moves, and at least 0.",
                     [*IN_UNIT, h >= 0, above.holds, near.holds], sympy.Abs(M) - 2 + W <= 2 * h,
                     [sympy.Abs(M) - sympy.Rational(19, 10) + W <= 2 * h])  # fmt: skip
    least = INTERPOLATION * (M**2 / (2 * root) - M**4 / (2 * root) ** 3)
    between = lemma("W9-growth.interpolation", "A bound of |M| from below by its square and fourth power.", [root > 0],
                    least <= sympy.Abs(M), [least * (1 + THIRD / 5) <= sympy.Abs(M)])  # fmt: skip
    positive = lemma("W9-growth.positive", "The root is not 0.", [t >= 9], ROOT > 0, [ROOT > 3])
    interpolated = discharge(use(noise().below(between), {root: ROOT}), positive)
    return follows(
        "W9-growth.root", "At nine comparisons and more the fourth moment leaves that much of the second.",
        [noise().height(), noise().below(pathwise, apart()), interpolated, fair(), second(), fourth()],
        LEAST * ROOT - 1 <= window(t) - 1, [LEAST * ROOT * 2 - 1 <= window(t) - 1], given=[t >= 9],
    )  # fmt: skip


def upper() -> Fact:
    """window - 1 <= sqrt(t/2 + 1) + 1."""
    within = lemma("W9-growth.within", "|phi| is at most 1.", [*IN_UNIT], h <= sympy.Abs(Z) + 1,
                   [h <= sympy.Abs(Z) + sympy.Rational(99, 100)])  # fmt: skip
    return follows(
        "W9-growth.upper", "The mean of |Z| is at most the root of that of its square.",
        [noise().height(), noise().below(within), noise().spread(Z), square_at_end()],
        window(t) - 1 <= sympy.sqrt(t / 2 + 1) + 1, [window(t) - 1 <= sympy.sqrt(t / 2 + 1) + sympy.Rational(99, 100)],
        given=[t >= 0],
    )  # fmt: skip


GROWTH = Claim(
    id="W9-growth",
    title="under exchangeable noise the window grows like sqrt(t)",
    statement=Statement(
        given=(EXCHANGEABLE, WALK, t >= 9),
        then=(LEAST * ROOT - 1 <= window(t) - 1) & (window(t) - 1 <= sympy.sqrt(t / 2 + 1) + 1),
        where=((window, "mean of the window omega_t after t comparisons of losses"),),
    ),
    source=SOURCE,
    kind="rate",
    proof=(under(lower(), t >= 9), under(upper(), t >= 9)),
    note="So it grows whether or not any progress is made. The constant of the limit should be sqrt(2/(3 pi)) = 0.461, "
    "by the invariance principle; that is not proved here.",
)
