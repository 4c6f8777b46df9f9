"""W8: the preconditioner never decreases, whatever the gradients, if and only if omega_t >= t."""

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.claims.w3_sign import CLAIM as SIGN
from proofs.claims.w5_moment import CLAIM as NEWEST
from proofs.derivation import Fact, assume, at, discharge, follows, lemma, replace, theorem, under, use
from proofs.statement import Statement, reals
from proofs.vocabulary import G, alpha, alpha_t, eps, g, h, i, omega, t
from proofs.window import AT_LEAST_ONE, EMPTY, MOMENT, PRECONDITIONER, ROOT_SCHEDULE, equal, every_step

SOURCE = Source("dwmgrad", "Algorithm 1 with alpha_t = alpha/sqrt(t)", also=(Source("dwmgradnotes", "W8"),))
r, p, a, c, window, size = reals("r p a c omega M")  # r = sqrt(t), p = sqrt(t - 1), a = sqrt(G_t), c = sqrt(G_{t-1})
EARLIER = {t: t - 1}


def form() -> Fact:
    """h_t with alpha_t = alpha/sqrt(t)."""
    return replace(at(assume(PRECONDITIONER), t), at(assume(ROOT_SCHEDULE), t))


def both_forms() -> tuple[Fact, Fact]:
    return form(), use(form(), EARLIER)


ROOTS = {r: sympy.sqrt(t), p: sympy.sqrt(t - 1), a: sympy.sqrt(G(t, i)), c: sympy.sqrt(G(t - 1, i))}


def grows() -> Fact:
    """omega_t >= t at a step t >= 2 keeps h from falling."""
    before = use(theorem(SIGN), EARLIER)
    larger = follows(
        "W8.moment", "A window of at least t gives the past at least the weight (t - 1)/t.",
        [at(assume(MOMENT), t), before], t * G(t, i) >= (t - 1) * G(t - 1, i),
        [(t - sympy.Rational(1, 100)) * G(t, i) >= (t - 1) * G(t - 1, i)], given=[omega(t) >= t, t >= 2],
    )  # fmt: skip
    roots = lemma(
        "W8.roots", "The roots keep the order of the squares, and eps only adds to the later side.",
        [r > p, p > 0, a >= 0, c >= 0, eps >= 0, alpha > 0, r**2 * a**2 >= p**2 * c**2],
        r * (a + eps) / alpha >= p * (c + eps) / alpha,
        [r * (a + eps) / alpha >= p * (c + eps) / alpha * sympy.Rational(101, 100)],
    )  # fmt: skip
    return larger, roots
