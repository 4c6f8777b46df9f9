"""W7: a window of one is sign descent with momentum gamma/delta."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, advance, record, step

G, x, V, mu, alpha, size, eps, gamma, delta = sympy.symbols("G x V mu alpha size epsilon gamma delta", positive=True)
g = sympy.Symbol("g", real=True, nonzero=True)


def moment() -> tuple[Any, Any, Any]:
    return step(omega=1, G=G, g=g, eps=1)[0].G, g**2, g**2 + G


def sign_step() -> tuple[Any, Any, Any]:
    after = step(omega=1, G=G, V=V, x=x, g=g, mu=mu, alpha=alpha, eps=0)[1]
    return after, x - mu * V - alpha * sympy.sign(g), x - alpha * sympy.sign(g)


def with_eps() -> tuple[Any, Any, Any]:
    new = step(omega=1, G=G, g=g, alpha=alpha, eps=eps)[0].V
    return new, alpha * sympy.sign(g) * sympy.Abs(g) / (sympy.Abs(g) + eps), alpha * sympy.sign(g)


def momentum() -> tuple[Any, Any, Any]:
    k = advance(DWMGRAD, record(DWMGRAD, delta=delta, gamma=gamma, alpha=alpha), -1, {"omega": 1})
    return k.omega + k.mu, 1 + gamma / delta, 1 + gamma


CLAIM = Claim(
    id="W7",
    title="a unit window is sign descent",
    statement="omega_t = 1 implies G_t = g_t²; the step is V_t = mu_t V_{t-1} + alpha_t sign(g_t) |g_t|/(|g_t| + "
    "eps), sign "
    "descent with momentum mu_t = gamma/delta, where the past gradients' sizes are forgotten",
    latex=r"\omega_t=1\ \Rightarrow\ G_t=g_t^2,\quad V_t=\tfrac\gamma\delta V_{t-1}+\alpha_t\,\mathrm{sign}(g_t)"
    r"\frac{|g_t|}{|g_t|+\varepsilon}",
    source=Source("dwmgrad", "Algorithm 1 with omega = 1", also=(Source("dwmgradnotes", "W7"),)),
    kind="identity",
    hypotheses=("omega_t = 1", "g_t != 0 if eps = 0"),
    proof=(
        identity("W7.moment", "the weight of the past is 1 - 1/1 = 0: G_t = g_t²", moment),
        identity("W7.sign", "with eps = 0 the step is momentum plus alpha_t sign(g_t)", sign_step),
        identity("W7.eps", "with eps > 0 it shrinks by |g|/(|g| + eps)", with_eps),
        identity("W7.momentum", "a window that narrows to 1 or stays there has momentum gamma/delta", momentum),
    ),
    note="At g_t = 0 and eps = 0 the step is 0/0: after any zero gradient, not only at the start.",
)
