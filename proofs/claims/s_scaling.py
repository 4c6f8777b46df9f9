"""What can be checked of "the second moment of the momentum is the better scaling" (AdaMomentum).

"Better" names no measure. Two things can be said exactly: how the two scalings differ under stationary noise, and
that by one natural measure, telling progress from oscillation, the momentum's is the worse one.
"""

from typing import Any

import flint
import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule, Source
from proofs.claim import Claim
from proofs.engines.by_arb import rigorous
from proofs.engines.by_exact import Found
from proofs.engines.by_sympy import identity
from proofs.formulas import record

ADAM, ADAMOMENTUM = rules.get("adam"), rules.get("adamomentum")


def late(rule: Rule, m: Any, v: Any, g: Any, alpha: Any, beta1: Any, beta2: Any) -> tuple[Any, Any]:
    """(state, move) of a late step, where the bias corrections are 1; eps = 0."""
    o = record(rule, alpha=alpha, beta1=beta1, beta2=beta2, eps=0)
    k = rule.start(o)._replace(alpha=alpha, c1=1, c2=1)
    c, after = rule.coord(o, k, rule.Coord(m=m, v=v), 0, g)
    return c, after


def second_moment() -> tuple[Any, Any, Any]:
    """E m² of m = mean + d with Var d = s is a fixed point of the step; g = mean + e, e independent of d."""
    mean, sigma, d, e = sympy.symbols("g sigma d e", real=True)
    beta1, alpha = sympy.symbols("beta1 alpha", positive=True)
    s = sigma**2 * (1 - beta1) / (1 + beta1)
    m = late(ADAMOMENTUM, mean + d, 1, mean + e, alpha, beta1, 0)[0].m
    square: Any = sympy.expand(m**2)
    expected = square.coeff(d, 0).coeff(e, 0) + square.coeff(d, 2) * s + square.coeff(e, 2) * sigma**2
    return expected, mean**2 + s, mean**2 + sigma**2


def oscillation(rule: Rule) -> Any:
    """Alternating ±G: m = ±aG, a = (1-beta1)/(1+beta1), is a 2-cycle; v and the move there."""

    def build() -> tuple[Any, Any, Any]:
        G, alpha, beta1, beta2 = sympy.symbols("G alpha beta1 beta2", positive=True)
        weight_m, weight_v = sympy.symbols("w_m w_v")
        a = (1 - beta1) / (1 + beta1)
        v = (a * G) ** 2 if rule is ADAMOMENTUM else G**2
        c, move = late(rule, -a * G, v, G, alpha, beta1, beta2)
        size = alpha if rule is ADAMOMENTUM else alpha * a
        # the root is taken of a perfect square: compare squares of the move, which is negative
        lhs = move**2 + weight_m * (c.m - a * G) + weight_v * (c.v - v)
        return lhs, size**2, 2 * size**2

    return build


def oscillation_run() -> Found:
    """2000 steps of both rules with their defaults on +1, -1, +1, ...: size of the last move over alpha."""
    moves = []
    for rule in (ADAMOMENTUM, ADAM):
        numbers = {"alpha": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}
        o = record(rule, **{name: flint.arb(value) for name, value in numbers.items()})
        k, c, x = (
            rule.start(o)._replace(power1=flint.arb(1), power2=flint.arb(1)),
            rule.Coord(m=flint.arb(0), v=flint.arb(0)),
            flint.arb(0),
        )
        before = x
        for t in range(2000):
            before = x
            k = rule.shared(o, k, 0)
            c, x = rule.coord(o, k, c, x, flint.arb(1 if t % 2 == 0 else -1))
        moves.append(abs(x - before) / flint.arb("0.001"))
    ratio = moves[0] / moves[1]
    text = f"AdaMomentum moves {moves[0].str(5)} alpha, Adam {moves[1].str(5)} alpha"
    witness = {"g": "(-1)^(t-1), t = 1..2000", "ratio": ratio.str(6)}
    return bool(ratio > 17), not bool(ratio > 20), text, witness


SOURCE = Source("adamomentum", "the argument for scaling by the momentum's second moment")

NOISE = Claim(
    id="S-scaling",
    title="AdaMomentum's scaling sees (1-β1)/(1+β1) of the gradient's variance",
    statement="Under stationary gradients with mean g and independent noise of variance sigma² the scaling v of Adam "
    "has mean g² + sigma², AdaMomentum's g² + sigma² (1-beta1)/(1+beta1) (eps = 0): 1/19 of the noise at beta1 = 0.9",
    latex=r"\mathbb E\,m_\infty^2=g^2+\sigma^2\frac{1-\beta_1}{1+\beta_1}",
    source=SOURCE,
    kind="identity",
    hypotheses=("the limit of late steps", "independent noise", "eps = 0"),
    proof=(
        identity(
            "S-scaling.moment", "the second moment of the momentum is a fixed point of its recursion", second_moment
        ),
    ),
    note="This much of the statement is exact. Whether it is 'better' depends on what is asked: see S-better.",
)

BETTER = Claim(
    id="S-better",
    title="scaling by the momentum is better at telling progress from oscillation",
    statement="Against a gradient that only alternates in sign, AdaMomentum's moves are no larger than Adam's (same "
    "alpha, beta1, beta2)",
    latex=r"|\Delta\theta^{\mathrm{AdaMomentum}}|\le|\Delta\theta^{\mathrm{Adam}}|\quad(g_t=(-1)^{t-1}G)",
    source=SOURCE,
    kind="inequality",
    refutation=(
        identity(
            "S-better.adamomentum", "alternating ±G: AdaMomentum moves by alpha (a 2-cycle)", oscillation(ADAMOMENTUM)
        ),
        identity("S-better.adam", "Adam by alpha (1-beta1)/(1+beta1) only", oscillation(ADAM)),
        rigorous(
            "S-better.run", "with the defaults, in balls: 18 times larger moves after 2000 steps", oscillation_run
        ),
    ),
    note="One reading of 'better', ours. What the paper argues, flatter minima, is about trained networks and is not "
    "decided here; the factor sqrt((1+beta1)/(1-beta1)) of S-scaling is what makes the moves larger under noise.",
)
