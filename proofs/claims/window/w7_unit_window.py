"""W7: a window of one is sign descent with momentum gamma/delta."""

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import Fact, assume, at, follows, replace, under
from proofs.models.window import MOMENT, TIED, VELOCITY, equal
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement
from proofs.statements.vocabulary import G, V, alpha_t, delta, eps, g, gamma, i, mu_t, omega, t

UNIT = equal(omega(t), 1)
DEFINED = sympy.Abs(g(t, i)) + eps > 0
SIGN = sympy.Piecewise((1, g(t, i) > 0), (-1, True))  # of a gradient that is not 0
SIZE = sympy.Abs(g(t, i)) / (sympy.Abs(g(t, i)) + eps)
AFTER = mu_t(t) * V(t - 1, i) + alpha_t(t) * SIGN * SIZE


def moment() -> Fact:
    """The weight of the past is 1 - 1/1 = 0."""
    return under(replace_window(at(assume(MOMENT), t)), t >= 1)


def replace_window(fact: Fact) -> Fact:
    return replace(fact, assume(UNIT))


def velocity() -> Fact:
    moved = replace_window(at(assume(VELOCITY), t))
    return follows("W7.sign", "The push is the sign of the gradient, shrunk by eps.", [moved], equal(V(t, i), AFTER),
                   given=[DEFINED])  # fmt: skip


def momentum() -> Fact:
    return replace_window(at(assume(TIED), t))


CLAIM = Claim(
    id="W7",
    title="a unit window is sign descent",
    statement=Statement(
        given=(MOMENT, VELOCITY, TIED, UNIT, DEFINED, t >= 1),
        then=sympy.And(equal(G(t, i), g(t, i) ** 2), equal(V(t, i), AFTER), equal(mu_t(t), gamma / delta)),
    ),
    source=Source("dwmgrad", "Algorithm 1 with omega = 1", also=(Source("dwmgradnotes", "W7"),)),
    kind="identity",
    proof=(moment(), velocity(), momentum()),
    note="The sizes of past gradients are forgotten. With eps = 0 the push is alpha_t times the sign; at g_t = 0 it is "
    "then 0/0, after any zero gradient and not only at the start.",
)
