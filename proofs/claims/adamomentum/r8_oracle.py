"""R8-oracle: AdaMomentum's exact step size on alternating gradients."""

from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import ball, rigorous, shown
from proofs.checkers.by_exact import Found
from proofs.checkers.by_sympy import identity
from proofs.inference.worded import claim as Claim
from proofs.models.adamomentum import RULE, momentum_step
from proofs.models.simulation import in_balls


def _symbols() -> Any:
    beta1, beta2, G, eps = sympy.symbols("beta1 beta2 G eps", positive=True)
    return beta1, beta2, G, eps, sympy.Symbol("t", integer=True, positive=True), (1 - beta1) / (1 + beta1)


def _momentum(beta1: Any, G: Any, a: Any, s: Any, power: Any) -> Any:
    """m_t = a G (s + beta1^t), s = (-1)^(t-1)."""
    return a * G * (s + power)


def momentum() -> tuple[Any, Any, Any]:
    beta1, beta2, G, eps, t, a = _symbols()
    s, power = sympy.symbols("s power")
    before = _momentum(beta1, G, a, -s, power / beta1)
    m = momentum_step(g=s * G, m=before, beta1=beta1, beta2=beta2, eps=eps)[0].m
    return m, _momentum(beta1, G, a, s, power), a * G * s


def base() -> tuple[Any, Any, Any]:
    """t = 0: s = -1 and beta1^0 = 1 give m_0 = 0; the constants of v are chosen so that v_0 = 0."""
    beta1, beta2, G, eps, t, a = _symbols()
    return _momentum(beta1, G, a, -1, 1) + sum(_moments(beta1, beta2, G, eps, a)), 0, 1


def _moments(beta1: Any, beta2: Any, G: Any, eps: Any, a: Any) -> tuple[Any, Any, Any, Any]:
    """v_t = K + A s beta1^t + B beta1^(2t) + E beta2^t: the coefficients of 1, (-1)^t beta1^t, beta1^(2t), beta2^t."""
    scale = (1 - beta2) * a**2 * G**2
    K = a**2 * G**2 + eps / (1 - beta2)
    A = -2 * scale * beta1 / (beta1 + beta2)
    B = scale * beta1**2 / (beta1**2 - beta2)
    return K, A, B, -K - A - B


def moment() -> tuple[Any, Any, Any]:
    beta1, beta2, G, eps, t, a = _symbols()
    s, p1, p2 = sympy.symbols("s p1 p2")  # (-1)^(t-1), beta1^t, beta2^t
    K, A, B, E = _moments(beta1, beta2, G, eps, a)
    before = K + A * s * p1 / beta1 + B * p1**2 / beta1**2 + E * p2 / beta2
    v = momentum_step(g=s * G, m=_momentum(beta1, G, a, -s, p1 / beta1), v=before, beta1=beta1, beta2=beta2, eps=eps)[
        0
    ].v
    after = K - A * s * p1 + B * p1**2 + E * p2
    return sympy.expand(v - after).subs(s**2, 1), 0, sympy.expand(E * p2)


def limit() -> tuple[Any, Any, Any]:
    """|m_t|/(1 - beta1^t) -> aG and (1 - beta2^t) -> 1; the signs of m_t only alternate."""
    beta1, beta2, G, eps, t, a = _symbols()
    alpha, p, q = sympy.symbols("alpha p q", positive=True)
    r1, r2 = 1 / (1 + p), 1 / (1 + q)  # rates below 1
    size = sympy.limit(a * G * (1 + r1**t) / (1 - r1**t), t, sympy.oo)
    K, correction = _moments(beta1, beta2, G, eps, a)[0], sympy.limit(1 - r2**t, t, sympy.oo)
    expected = alpha * a * G / sympy.sqrt(a**2 * G**2 + eps / (1 - beta2))
    return alpha * size / sympy.sqrt(K / correction), expected, alpha * G


def run_long() -> Found:
    """20000 steps of the algorithm itself with its defaults, G = 3."""
    o, G = in_balls(RULE, alpha="0.001"), flint.arb(3)
    k, c, x = RULE.start(o), RULE.Coord(flint.arb(0), flint.arb(0)), flint.arb(0)
    before = x
    for t in range(20000):
        k = RULE.shared(o, k, flint.arb(1))
        before, (c, x) = x, RULE.coord(o, k, c, x, G if t % 2 == 0 else -G)
    a = (1 - o.beta1) / (1 + o.beta1)
    expected = o.alpha * a * G / (a * a * G * G + o.eps / (1 - o.beta2)).sqrt()
    gap = abs(abs(x - before) - expected)
    detail = f"step 20000 has size {shown(abs(x - before), 10)}; the limit is {shown(expected, 10)}"
    without_eps = abs(abs(x - before) - o.alpha)
    return bool(gap < ball("1e-11")), bool(without_eps > ball("1e-8")), detail, {"G": 3, "steps": 20000}


CLAIM = Claim(
    id="R8-oracle",
    title="exact step size on alternating gradients",
    statement="For g_t = (-1)^{t-1} G the size of AdaMomentum's step tends to alpha a|G|/√(a²G² + eps/(1-beta2)), a ="
    " (1-beta1)/(1+beta1): with eps = 0 to alpha, though the gradients cancel",
    latex=r"|\theta_{t+1}-\theta_t|\to\frac{\alpha a|G|}{\sqrt{a^2G^2+\varepsilon/(1-\beta_2)}}",
    source=Source("adamomentum", "the AdaMomentum algorithm", also=(Source("dwmgradnotes", "R8"),)),
    kind="identity",
    hypotheses=("constant alpha", "beta2 != beta1² (the closed form; the limit does not need it)"),
    proof=(
        identity("R8-oracle.base", "the closed forms start at m_0 = v_0 = 0", base),
        identity("R8-oracle.momentum", "m_t = aG((-1)^{t-1} + beta1^t) is preserved by the formula", momentum),
        identity(
            "R8-oracle.moment",
            "v_t = K + A(-1)^t beta1^t + B beta1^{2t} + E beta2^t is, with K = a²G² + eps/(1-beta2)",
            moment,
        ),
        identity("R8-oracle.limit", "powers of rates below 1 vanish: the limit of the corrected step", limit),
        rigorous("R8-oracle.run", "the algorithm itself agrees after 20000 steps, to 1e-11", run_long),
    ),
)
