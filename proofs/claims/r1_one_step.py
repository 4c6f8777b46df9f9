"""R1: what one preconditioned step, projected or not, does to the distance from any comparator."""

from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import clip, read, step


def is_preconditioned() -> tuple[Any, Any, Any]:
    omega, G, alpha, eps = sympy.symbols("omega G alpha epsilon", positive=True)
    x, g = sympy.symbols("x g", real=True)
    c, after = step(omega=omega, G=G, x=x, g=g, alpha=alpha, eps=eps)
    h = read(G=c.G, alpha=alpha, eps=eps).h
    return x - after, g / h, g / (2 * h)


def square() -> tuple[Any, Any, Any]:
    x, u, g, h = sympy.symbols("x u g h", real=True)
    half = h * ((x - u) ** 2 - (x - g / h - u) ** 2) / 2
    return g * (x - u), half + g**2 / (2 * h), half + g**2 / h


def projection() -> Obligation:
    y, u, low, high = reals("y u low high")
    given = {"u in the box": z3.And(low <= u, u <= high)}
    p = clip(y, low, high)
    return Obligation(given, z3.And((p - u) * (p - u) <= (y - u) * (y - u), low <= p, p <= high))


def composed() -> Obligation:
    x, u, g, h, y, p, near, far = reals("x u g h y p near far")
    given = {
        "h > 0": h > 0,
        "R1.square, times 2h": 2 * h * g * (x - u) == h * h * ((x - u) * (x - u) - far) + g * g,
        "near = (p - u)² <= far = (y - u)² (R1.projection)": near <= far,
    }  # fmt: skip
    then = 2 * h * g * (x - u) <= h * h * ((x - u) * (x - u) - near) + g * g
    return Obligation(
        given, then, {"with g²/(4h)": 2 * h * g * (x - u) <= h * h * ((x - u) * (x - u) - near) + g * g / 2}
    )


CLAIM = Claim(
    id="R1",
    title="one-step potential inequality",
    statement="For mu_t = 0, h_t = (sqrt(G_t) + eps)/alpha_t > 0 and every u in the box: "
    "g_t (theta_t - u) <= ½ h_t [(theta_t - u)² - (theta_{t+1} - u)²] + g_t²/(2 h_t), an equality without projection",
    latex=r"g_t(\theta_t-u)\le\tfrac12h_t\bigl[(\theta_t-u)^2-(\theta_{t+1}-u)^2\bigr]+\frac{g_t^2}{2h_t}",
    source=Source(
        "zinkevich2003", "proof of Theorem 1, with DWMGrad's preconditioner", also=(Source("dwmgradnotes", "R1"),)
    ),
    kind="inequality",
    hypotheses=("mu_t = 0", "h_t > 0", "u in the box, or no box"),
    proof=(
        identity("R1.step", "with mu_t = 0 the formula that runs moves theta by g_t/h_t", is_preconditioned),
        identity("R1.square", "expanding the square of theta_t - g_t/h_t - u gives the equality", square),
        forall("R1.projection", "the projection stays in the box and comes no farther from u", projection),
        forall("R1.composed", "so with theta_{t+1} projected the equality becomes the inequality", composed),
    ),
    note="h_t = 0 only if eps = 0 and all gradients so far were 0; then nothing is suffered and the step is 0/0.",
)
