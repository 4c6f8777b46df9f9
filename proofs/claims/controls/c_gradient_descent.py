"""Controls: gradient descent's exact rate L D²/(4T+2), and PEPit's regret of online gradient descent.

The proof is Drori and Teboulle's: the smoothness inequalities of consecutive points, weighted with lambda_i =
i/(2T+1-i), leave a quadratic form in the gradients that is positive semidefinite. It is checked in fractions.
"""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_pepit import worst_case
from proofs.inference.worded import claim as Claim
from proofs.statements.formulas import record

SGD, HEAVY_BALL, DWMGRAD = rules.get("sgd"), rules.get("heavy-ball"), rules.get("dwmgrad")
LONGEST = 10


def sgd(x: Any, g: Any, alpha: Any) -> Any:
    o = record(SGD, alpha=alpha, weight_decay=0)
    return SGD.coord(o, SGD.start(o), SGD.Coord(), x, g)[1]


def form(T: int, value: Fraction) -> Any:
    """The quadratic form in (theta_1 - theta*, g_0, ..., g_T) that must be semidefinite; L = 1, fractions."""
    unit: Any = np.array([[Fraction(int(i == j)) for j in range(T + 2)] for i in range(T + 2)])
    g, x = unit[1:], [unit[0]]  # theta* is the origin
    for i in range(T):
        x.append(sgd(x[i], g[i], 1))
    weight: list[Any] = [Fraction(0), *(Fraction(i, 2 * T + 1 - i) for i in range(1, T + 1)), Fraction(1)]
    total = value * np.outer(unit[0], unit[0])
    for i in range(1, T + 1):
        total = total + weight[i] * (np.outer(g[i], x[i - 1] - x[i]) + np.outer(g[i - 1] - g[i], g[i - 1] - g[i]) / 2)
    for i in range(T + 1):
        total = total + (weight[i + 1] - weight[i]) * (np.outer(g[i], -x[i]) + np.outer(g[i], g[i]) / 2)
    return (total + total.T) / 2


def semidefinite(M: np.ndarray) -> bool:
    """Symmetric elimination; a zero pivot must have a zero row."""
    M = M.copy()
    for i in range(len(M)):
        if M[i, i] < 0 or (M[i, i] == 0 and any(M[i, i:] != 0)):
            return False
        if M[i, i] > 0:
            M[i + 1 :, i + 1 :] = M[i + 1 :, i + 1 :] - np.outer(M[i + 1 :, i], M[i, i + 1 :]) / M[i, i]
    return True


def certified() -> Found:
    good = all(semidefinite(form(T, Fraction(1, 4 * T + 2))) for T in range(1, LONGEST + 1))
    less = any(semidefinite(form(T, Fraction(1, 4 * T + 3))) for T in range(1, LONGEST + 1))
    return good, not less, f"T = 1..{LONGEST}; with 1/(4T+3) the form is indefinite", None


def attained() -> Found:
    """A Huber loss with threshold D/(2T+1), L = D = 1, reaches the bound exactly."""
    found = []
    for T in range(1, LONGEST + 1):
        x, bend = Fraction(1), Fraction(1, 2 * T + 1)
        for _ in range(T):
            x = sgd(x, bend if x >= bend else x, 1)
        found.append(bend * x - bend * bend / 2 if x >= bend else x * x / 2)
    exactly = [Fraction(1, 4 * T + 2) for T in range(1, LONGEST + 1)]
    return found == exactly, found != [1 / (1 / f + 1) for f in exactly], f"equality for T = 1..{LONGEST}", None


def smooth(T: int, take: Any) -> Any:
    """PEPit: worst f(theta_{T+1}) - f* over 1-smooth convex f, |theta_1 - theta*| <= 1; take(t, state, x, g)."""
    from PEPit import PEP
    from PEPit.functions import SmoothConvexFunction

    problem = PEP()
    f = problem.declare_function(SmoothConvexFunction, L=1)
    best = f.stationary_point()
    x, state = problem.set_initial_point(), None
    distance: Any = (x - best) ** 2
    problem.set_initial_condition(distance <= 1)
    for t in range(1, T + 1):
        state, x = take(t, state, x, f.gradient(x))
    problem.set_performance_metric(f(x) - f(best))
    return problem


def descent_cases() -> Iterator[tuple[str, Any, float]]:
    for T in (1, 2, 4):
        yield f"T = {T}", smooth(T, lambda t, s, x, g: (s, sgd(x, g, 1.0))), 1 / (4 * T + 2)


def online(n: int, M: float, D: float) -> Any:
    """PEPit: worst regret of n steps D/(M sqrt(n)) on M-Lipschitz convex losses over a convex set of diameter D."""
    from PEPit import PEP
    from PEPit.functions import ConvexIndicatorFunction, ConvexLipschitzFunction
    from PEPit.primitive_steps import proximal_step

    problem = PEP()
    losses = [problem.declare_function(ConvexLipschitzFunction, M=M) for _ in range(n)]
    domain = problem.declare_function(ConvexIndicatorFunction, D=D)
    u = proximal_step(problem.set_initial_point(), domain, 1)[0]
    x = proximal_step(problem.set_initial_point(), domain, 1)[0]
    regret = 0 * losses[0](x)
    for f in losses:
        gradient, value = f.oracle(x)
        regret = regret + value - f(u)
        x = proximal_step(sgd(x, gradient, D / (M * math.sqrt(n))), domain, 1)[0]
    problem.set_performance_metric(regret)
    return problem


def online_cases() -> Iterator[tuple[str, Any, float]]:
    for n, M, D in ((1, 1.0, 1.0), (2, 1.0, 0.5), (3, 1.0, 1.0)):
        yield f"n = {n}, M = {M:g}, D = {D:g}", online(n, M, D), M * D * math.sqrt(n)


def skeleton(t: int, state: Any, x: Any, g: Any) -> tuple[Any, Any]:
    """Heavy ball with step 1 whose momentum is what DWMGrad's own shared formula makes of gamma, omega_0 and delta."""
    o = DWMGRAD.encode(DWMGRAD.options())
    k, V = state or (DWMGRAD.start(o), 0 * g)
    k = DWMGRAD.shared(o, k, 1.0)
    h = record(HEAVY_BALL, alpha=1.0, mu=0.0, weight_decay=0)
    c, x = HEAVY_BALL.coord(h, HEAVY_BALL.start(h)._replace(mu=k.mu), HEAVY_BALL.Coord(V=V), x, g)
    return (k, c.V), x


SKELETON = {1: 1 / 6, 2: 0.19845, 3: 0.22883, 4: 0.20221}  # found first, now expected


def skeleton_cases() -> Iterator[tuple[str, Any, float]]:
    for T, value in SKELETON.items():
        yield f"T = {T}", smooth(T, skeleton), value


GRADIENT_DESCENT = Claim(
    id="C-gd",
    title="control: gradient descent, L D²/(4T+2)",
    statement=f"Gradient descent with step 1/L on an L-smooth convex f has f(theta_(T+1)) - f* <= L D²/(4T+2), D the "
    f"distance of the start from a minimizer, and no smaller bound holds; T <= {LONGEST} here",
    latex=r"f(\theta_{T+1})-f^\star\le\frac{LD^2}{4T+2}",
    source=Source("drori2014", "Theorem 1"),
    kind="rate",
    hypotheses=("f convex and L-smooth", f"1 <= T <= {LONGEST}"),
    proof=(
        exact("C-gd.certificate", "the weighted smoothness inequalities leave a semidefinite form", certified),
        exact("C-gd.tight", "a Huber loss reaches the bound exactly", attained),
    ),
    search=(worst_case("C-gd.pepit", "PEPit finds the same worst case", descent_cases),),
    note="The inequality f_j >= f_i + <g_i, x_j - x_i> + |g_i - g_j|²/(2L) of smooth convex functions is "
    "[nesterov2018], Theorem 2.1.5. The theorem holds for all T; the certificate is checked up to 10.",
)

ONLINE = Claim(
    id="C-ogd-pepit",
    title="control: the worst case of online gradient descent is exactly M D √n",
    statement="With step D/(M sqrt(n)) on M-Lipschitz convex losses over a convex set of diameter D the worst regret "
    "after n steps is M D sqrt(n): 0.7071 for n = 2, M = 1, D = 0.5",
    latex=r"\max R_n=MD\sqrt n",
    source=Source("zinkevich2003", "Theorem 1; the worst case as in PEPit's online gradient descent example"),
    kind="rate",
    search=(worst_case("C-ogd-pepit.value", "the semidefinite programs give M D sqrt(n)", online_cases),),
    note="The 0.7071 is the regret itself (a sum over the two steps), not an average.",
)

RAMP = Claim(
    id="X-skeleton",
    title="worst case of the saturating skeleton: heavy ball with momentum γ ω_t/δ",
    statement="Heavy ball with step 1/L and DWMGrad's default momentum ramp 0.54, 0.63, 0.72, 0.81 on L-smooth convex "
    "functions, |theta_1 - theta*| <= 1: the worst f(theta_(T+1)) - f* is L times 0.1667, 0.1984, 0.2288, 0.2022 for "
    "T = 1..4, from T = 2 on above gradient descent's 1/(4T+2)",
    latex=r"\max f(\theta_{T+1})-f^\star,\qquad V_t=\gamma\tfrac{\omega_t}{\delta}V_{t-1}+\tfrac1Lg_t",
    source=Source(
        "dwmgrad", "Algorithm 1 with the preconditioner held fixed", also=(Source("dwmgradnotes", "section 3"),)
    ),
    kind="rate",
    search=(worst_case("X-skeleton.value", "the exact worst cases", skeleton_cases),),
)
