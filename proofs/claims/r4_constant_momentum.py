"""R4: with constant momentum, one convex loss and no projection the regret is O(sqrt T) too."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import read, step

omega, G, alpha, eps = sympy.symbols("omega G alpha epsilon", positive=True)
x, V, g, u = sympy.symbols("x V g u", real=True)
mu = sympy.Symbol("mu", positive=True)
S, D, T, omega0, gained = sympy.symbols("S D T omega0 gained", positive=True)


def one_step() -> tuple[Any, Any, Any, Any]:
    """z_t, z_{t+1}, h_t and 1 - mu, by the step and the Potential that run."""
    c, after = step(omega=omega, G=G, V=V, x=x, g=g, mu=mu, alpha=alpha, eps=eps)
    now = read(G=c.G, V=c.V, mu=mu, alpha=alpha, eps=eps)
    before = read(G=G, V=V, mu=mu, alpha=alpha, eps=eps)  # the shift needs V_{t-1} and the constant mu only
    return x + before.shift, after + now.shift, now.h, now.damp


def mirror() -> tuple[Any, Any, Any]:
    z, new, h, damp = one_step()
    return z - new, g / (damp * h), g / h


def split() -> tuple[Any, Any, Any]:
    z = one_step()[0]
    return g * (x - u), g * (z - u) + mu / (1 - mu) * g * V, g * (z - u) + g * V


def velocity() -> tuple[Any, Any, Any]:
    """V_t is the last move: theta_t - theta_{t+1} = V_t."""
    c, after = step(omega=omega, G=G, V=V, x=x, g=g, mu=mu, alpha=alpha, eps=eps)
    return x - after, c.V, c.V - mu * V


def telescoped() -> Obligation:
    """M = sum_{s<=t} g_s . V_{s-1} <= f(theta_1) - f(theta_t); m is the new term at t + 1."""
    first, f, new, M, m = reals("first f new M m")
    given = {
        "M <= f_1 - f_t": M <= first - f,
        "f(theta_t) >= f(theta_{t+1}) + g_{t+1} . V_t (convexity, R4.velocity)": f >= new + m,
    }
    return Obligation(given, M + m <= first - new)


def damped() -> Obligation:
    """H = (1 - mu) h never decreases either, so H_1 + sum (H_t - H_{t-1})_+ = H_T."""
    mu, old, new = reals("mu old new")
    given = {"mu < 1": mu < 1, "h_t >= h_{t-1} (W8)": new >= old}
    return Obligation(given, (1 - mu) * new >= (1 - mu) * old)


def added() -> Obligation:
    """R = sum f(theta_t) - f(u); linear = sum g (z - u) over coordinates; kappa = mu/(1 - mu)."""
    R, linear, M, kappa, bound, gained = reals("R linear M kappa bound gained")
    given = {
        "R <= sum g . (theta - u) = linear + kappa M (convexity, R4.split)": R <= linear + kappa * M,
        "linear <= bound (R2+)": linear <= bound,
        "M <= f_1 - f_T (R4.telescoped)": M <= gained,
        "kappa >= 0": kappa >= 0,
    }
    return Obligation(given, R <= bound + kappa * gained)


def composed() -> tuple[Any, Any, Any]:
    """½ D² (1 - mu) h_T + sum g²/(2 (1 - mu) h_t), with R3.last and R3.sum."""
    root, last = sympy.sqrt(1 + omega0), (S + eps * sympy.sqrt(T)) / alpha
    ours = D**2 / 2 * (1 - mu) * last + alpha * 2 * root * S / (2 * (1 - mu))
    printed = ((1 - mu) * D**2 / (2 * alpha) + alpha * root / (1 - mu)) * S
    extra = (1 - mu) * D**2 * eps * sympy.sqrt(T) / (2 * alpha)
    return ours + mu / (1 - mu) * gained, printed + extra + mu / (1 - mu) * gained, printed + extra + gained


def best_alpha() -> tuple[Any, Any, Any]:
    root = sympy.sqrt(1 + omega0)
    best = (1 - mu) * D / sympy.sqrt(2 * root)
    value = (1 - mu) * D**2 / (2 * alpha) + alpha * root / (1 - mu)
    excess = (alpha - best) ** 2 * root / ((1 - mu) * alpha)
    return value, D * sympy.sqrt(2 * root) + excess, (1 - mu) * D * sympy.sqrt(2 * root) + excess


CLAIM = Claim(
    id="R4",
    title="regret with constant momentum",
    statement="With R3's window and step size, constant mu in [0, 1), one convex loss f, no projection and |z_t - u| "
    "<= D for "
    "z_t = theta_t - mu/(1-mu) V_{t-1}: sum f(theta_t) - f(u) <= sum_i [(1-mu) D_i²/(2 alpha) + alpha "
    "sqrt(1+omega_0)/(1-mu)] "
    "S_{T,i} + (1-mu) D_i² eps sqrt(T)/(2 alpha), plus mu/(1-mu) (f(theta_1) - f(theta_T))",
    latex=r"\sum_{t\le T}f(\theta_t)-f(u)\le\sum_i\Bigl[\frac{(1-\mu)D_i^2}{2\alpha}+\frac{\alpha\sqrt{1+"
    r"\omega_0}}{1-\mu}\Bigr]"
    r"S_{T,i}+\frac{(1-\mu)D_i^2\varepsilon\sqrt T}{2\alpha}+\frac{\mu}{1-\mu}\bigl(f(\theta_1)-f(\theta_T)\bigr)",
    source=Source(
        "dwmgrad", "convergence under convexity, with the momentum held constant", also=(Source("dwmgradnotes", "R4"),)
    ),
    kind="rate",
    hypotheses=(
        "one convex f",
        "no projection",
        "constant mu in [0, 1)",
        "omega_t = omega_0 + t",
        "alpha_t = alpha/sqrt(t)",
        "|z_{t,i} - u_i| <= D_i for t <= T",
        "g_1 != 0 or eps > 0",
    ),
    depends=("R2+", "R3"),
    proof=(
        identity("R4.mirror", "z_{t+1} = z_t - g_t/((1-mu) h_t) by the formula that runs, so ghat = g in R2+", mirror),
        identity("R4.split", "g (theta_t - u) = g (z_t - u) + mu/(1-mu) g V_{t-1}", split),
        identity("R4.velocity", "V_{t-1} = theta_{t-1} - theta_t, the last move", velocity),
        forall("R4.telescoped", "so by convexity sum g_t . V_{t-1} <= f(theta_1) - f(theta_T); V_0 = 0", telescoped),
        forall("R4.damped", "(1-mu) h never decreases, so R2+'s first bracket is (1-mu) h_T", damped),
        forall("R4.added", "the two sums together bound the regret", added),
        identity("R4.composed", "with R3's bounds of h_T and of sum g²/h the constants follow", composed),
        identity("R4.alpha", "best alpha is (1-mu) D/sqrt(2 sqrt(1+omega_0)): then S_T's factor is R3's", best_alpha),
    ),
    note="R3-sharp and R3-leading improve alpha sqrt(1+omega_0) here as well. D bounds the mirrored iterate, not "
    "theta.",
)
