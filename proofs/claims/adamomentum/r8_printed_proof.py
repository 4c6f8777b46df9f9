"""R8a, R8b: two steps of the printed proof of AdaMomentum's convex theorem that do not hold."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from fractions import Fraction
from typing import Any

import flint
import sympy
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import ball, rigorous, shown
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_smt import Obligation, exists, forall, reals
from proofs.checkers.solver_terms import Translation
from proofs.models.adamomentum import (  # fmt: skip
    COEFFICIENTS,
    GROWING,
    MEANING,
    MOMENT,
    MOMENTUM,
    RATES,
    START,
    STEP,
    H,
    beta,
    every,
    m,
    momentum_step,
)
from proofs.statements.claim import Claim
from proofs.statements.formulas import clip
from proofs.statements.statement import ForAll, Statement, integers
from proofs.statements.vocabulary import D, T, beta1, g, high, i, low, s, t, theta, u

SOURCE = Source("adam3", "supplement, proof of Theorem 4", also=(Source("dwmgradnotes", "R8"),))
BETA1, BETA2 = Fraction(9, 10), Fraction(999, 1000)


def momentum_found() -> list[Any]:
    g1, g2, beta = reals("g1 g2 beta")
    first = momentum_step(g=g1, beta1=beta, beta2=0, eps=1)[0].m
    second = momentum_step(g=g2, m=first, beta1=beta, beta2=0, eps=1)[0].m
    return [beta == z3.Q(9, 10), g1 == 1, g2 == -1, second * second < (1 - beta) * (1 - beta) * g2 * g2]


def momentum_replayed() -> Found:
    m, v, holds = Fraction(0), Fraction(0), []
    for slope in (1, -1, 1, -1):
        c, _ = momentum_step(g=Fraction(slope), m=m, v=v, beta1=BETA1, beta2=BETA2)
        m, v = c.m, c.v
        holds.append(m * m >= ((1 - BETA1) * slope) ** 2)
    detail = f"g = 1, -1, 1, -1: m_j² >= ((1-beta1) g_j)² is {holds}; m_4 = {m}, not ±1/10"
    return not any(holds[1:]), holds[0], detail, {"g": [1, -1, 1, -1], "beta1": "9/10", "m_4": str(m)}


# Four steps of AdaMomentum on the linear losses g_t theta over [-1, 1], from theta_1 = 1, with u = -1 and alpha = 4:
# m_t = 1, -1/10, 1/10, -1/10, so v_t = 1/100 throughout, and every step crosses the whole box.
RUN = {"g": ("10", "-1/10", "19/10", "-1/10"), "beta": ("9/10", "0", "9/10", "0"), "beta1": "9/10", "beta2": "99/100",
       "eps": "0", "alpha": "4", "u": "-1", "D": "2"}  # fmt: skip


def replayed(number: Any) -> tuple[list[Any], Any, Any, Any]:
    """The run of RUN: (all v_t, the sum with 1/(1 - beta_t), with 1/(1 - beta1), the telescoped bound)."""
    beta2, alpha, u, width = (number(RUN[name]) for name in ("beta2", "alpha", "u", "D"))
    x, m, v, moments, left, right, h = number("1"), number("0"), number("0"), [], 0, 0, number("0")
    for step, (slope, coefficient) in enumerate(zip(RUN["g"], RUN["beta"], strict=True), start=1):
        now = alpha / ops.sqrt(number(str(step)))
        b = number(coefficient)
        c, free = momentum_step(g=number(slope), m=m, v=v, x=x, beta1=b, beta2=beta2, alpha=now, eps=number(RUN["eps"]))
        m, v, h, after = c.m, c.v, ops.sqrt(c.v) / now, clip(free, number("-1"), number("1"))
        change = h * ((x - u) * (x - u) - (after - u) * (after - u))
        left, right = left + change / (1 - b), right + change / (1 - number(RUN["beta1"]))
        moments, x = [*moments, v], after
    return moments, left, right, width * width * h / (1 - number(RUN["beta1"]))


def run_found() -> Obligation:
    """The run on exact numbers, whose roots the solvers then see: √2 and √3 only."""
    moments, *sums = replayed(sympy.Rational)
    left, right, bound = map(Translation(), sums)
    level = [z3.BoolVal(v == sympy.Rational(1, 100)) for v in moments]
    return Obligation({}, z3.And(left > right, left > bound, *level), {"by a fifth": 5 * left > 6 * bound})


def run_replayed() -> Found:
    """The same run in balls."""
    moments, left, right, bound = replayed(lambda x: flint.arb(flint.fmpq(*map(int, (*x.split("/"), "1")[:2]))))
    detail = f"the sum is {shown(left)}; with 1/(1 - beta1) it is {shown(right)}; the telescoped bound {shown(bound)}"
    level = all(abs(v - ball("0.01")) < ball("1e-30") for v in moments)
    return bool(left > bound and left > right and level), bool(right <= bound), detail, {**RUN, "sum": shown(left)}


j = integers("j")
FLAW_A = Claim(
    id="R8a",
    title="printed step: m_j² >= ((1 - beta_1j) g_j)²",
    statement=Statement(
        given=(every(MOMENTUM), sympy.Eq(m(0, i), 0, evaluate=False), every(COEFFICIENTS), beta1 < 1),
        then=ForAll(j, j >= 1, m(j, i) ** 2 >= ((1 - beta(j)) * g(j, i)) ** 2),
        where=MEANING,
    ),
    source=SOURCE,
    kind="inequality",
    refutation=(
        exists("R8a.found", "After gradients of opposite signs the momentum is smaller than its newest part.",
               momentum_found),
        exact("R8a.replayed", "The formula on fractions violates it at steps 2, 3 and 4 of alternating gradients.",
              momentum_replayed),
    ),
    note="The step is not needed: R8d replaces it.",
)  # fmt: skip

CHANGE = H(s, i) * ((theta(s, i) - u(i)) ** 2 - (theta(s + 1, i) - u(i)) ** 2)
FLAW_B = Claim(
    id="R8b",
    title="printed step: 1/(1 - beta_1t) replaced by 1/(1 - beta1)",
    statement=Statement(
        given=(every(MOMENTUM), every(MOMENT), every(STEP), START, every(COEFFICIENTS), *RATES, every(GROWING),
               every((theta(t, i) - u(i)) ** 2 <= D(i) ** 2), (low(i) <= u(i)) & (u(i) <= high(i)), T >= 1),
        then=sympy.Sum(CHANGE / (1 - beta(s)), (s, 1, T)) <= D(i) ** 2 * H(T, i) / (1 - beta1),
        where=MEANING,
    ),
    source=SOURCE,
    kind="inequality",
    refutation=(
        forall("R8b.found", "Four steps of AdaMomentum, whose second moment does not decrease, exceed both the sum "
               "with the larger factor and its telescoped bound.", run_found),
        rigorous("R8b.replayed", "The same four steps in balls give the two sums and the bound.", run_replayed),
    ),
    note="The printed proof first puts the larger factor in front of every difference, also of the negative ones, and "
    "then telescopes; the run breaks both steps. The sum is bounded if beta_{1,t} does not increase; R8 is proved "
    "without either condition.",
)  # fmt: skip
