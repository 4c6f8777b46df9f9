"""R8a, R8b: two steps of the printed proof of AdaMomentum's convex theorem that do not hold."""

from fractions import Fraction
from typing import Any

import z3

from dwmgrad_ref.rules.base import Source
from proofs.adamomentum import momentum_step
from proofs.claim import Claim
from proofs.engines.by_exact import Found, exact
from proofs.engines.by_smt import exists, reals

SOURCE = Source("adam3", "supplement, proof of Theorem 4", also=(Source("dwmgradnotes", "R8"),))
BETA1, BETA2 = Fraction(9, 10), Fraction(999, 1000)


def momentum_found() -> list[Any]:
    g1, g2, beta = reals("g1 g2 beta")
    first = momentum_step(g=g1, beta1=beta, beta2=0, eps=1)[0].m
    second = momentum_step(g=g2, m=first, beta1=beta, beta2=0, eps=1)[0].m
    return [beta == z3.Q(9, 10), g1 == 1, g2 == -1, second * second < (1 - beta) * (1 - beta) * g2 * g2]


def momentum_replayed() -> Found:
    m, v, holds = Fraction(0), Fraction(0), []
    for g in (1, -1, 1, -1):
        c, _ = momentum_step(g=Fraction(g), m=m, v=v, beta1=BETA1, beta2=BETA2)
        m, v = c.m, c.v
        holds.append(m * m >= ((1 - BETA1) * g) ** 2)
    detail = f"g = 1, -1, 1, -1: m_j² >= ((1-beta1) g_j)² is {holds}; m_4 = {m}, not ±1/10"
    return not any(holds[1:]), holds[0], detail, {"g": [1, -1, 1, -1], "beta1": "9/10", "m_4": str(m)}


def difference_found() -> list[Any]:
    beta_t, beta1, before, after = reals("beta_t beta1 before after")
    difference = before - after
    return [beta1 == z3.Q(9, 10), beta_t >= 0, beta_t <= beta1, before == 0, after == 1,
            difference / (1 - beta_t) > difference / (1 - beta1)]  # fmt: skip


def sums_replayed() -> Found:
    """h_t = 1, (theta_t - u)² = 1, 0, 1, 0, 1 and beta_{1,t} = 9/10, 0, 9/10, 0, all at most beta1 = 9/10."""
    distance, betas = [1, 0, 1, 0, 1], [BETA1, Fraction(0), BETA1, Fraction(0)]
    gaps = [Fraction(distance[t] - distance[t + 1]) for t in range(4)]
    left = sum(gap / (1 - beta) for gap, beta in zip(gaps, betas, strict=True))
    right = sum(gaps, start=Fraction(0)) / (1 - BETA1)
    telescoped = Fraction(1) / (1 - BETA1)  # D² h_T / (1 - beta1)
    detail = (
        f"the sum is {left}; with 1/(1-beta1) in front it would be {right}, and the telescoped bound is {telescoped}"
    )
    witness = {"h": [1, 1, 1, 1], "distance²": distance, "beta_1t": [str(b) for b in betas], "beta1": "9/10"}
    return left > telescoped > right, not left <= right, detail, witness


FLAW_A = Claim(
    id="R8a",
    title="printed step: m_j² >= ((1 - beta_1j) g_j)²",
    statement="m_j² >= ((1 - beta_{1,j}) g_j)² for every j: false as soon as signs alternate",
    latex=r"m_j^2\ge\bigl((1-\beta_{1,j})g_j\bigr)^2",
    source=SOURCE,
    kind="inequality",
    refutation=(
        exists("R8a.found", "g = 1, -1 with beta1 = 0.9: m_2 = -1/100, but (1 - beta1) g_2 = -1/10", momentum_found),
        exact("R8a.replayed", "the formula on fractions: false at steps 2, 3 and 4", momentum_replayed),
    ),
    note="The step is not needed: R8d replaces it.",
)

FLAW_B = Claim(
    id="R8b",
    title="printed step: 1/(1 - beta_1t) replaced by 1/(1 - beta1)",
    statement="sum_t h_t [(θ_t-u)² - (θ_{t+1}-u)²]/(1-beta_{1,t}) <= 1/(1-beta1) sum_t h_t [(θ_t-u)² -"
    " (θ_{t+1}-u)²], and so"
    " <= D² h_T/(1-beta1), for every beta_{1,t} <= beta1: false, term by term and in the sum",
    latex=r"\frac{x}{1-\beta_{1,t}}\le\frac{x}{1-\beta_1}\ \text{for } x<0",
    source=SOURCE,
    kind="inequality",
    refutation=(
        exists(
            "R8b.found",
            "the difference is -1 and beta_{1,t} < beta1: the replacement makes the term smaller",
            difference_found,
        ),
        exact("R8b.sum", "four steps with beta_{1,t} = 0.9, 0, 0.9, 0 exceed even the telescoped bound", sums_replayed),
    ),
    note="The sum is bounded after all if beta_{1,t} does not increase; R8 is proved without either condition.",
)
