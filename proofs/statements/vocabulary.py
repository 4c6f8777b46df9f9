"""The symbols that claims share, each with its meaning and how it is written. A claim imports them from here."""

from typing import Any

import sympy

from proofs.statements.formulas import clip
from proofs.statements.statement import Named, integers, reals, sequences

# whole numbers
t, s, n, T, d, i, j, k = integers("t s n T d i j k")

# options and constants
alpha, beta1, beta2, gamma, delta, eps, mu, omega0, lam = reals(
    "alpha beta1 beta2 gamma delta epsilon mu omega0 lambda"
)

# sequences of a run: of a step and a coordinate, or of a step alone
theta, g, h, G, V, S, z, w, H, ghat = sequences("theta g h G V S z w H ghat")
omega, mu_t, alpha_t, L, f, R = sequences("omega mu_t alpha_t L f R")

# per coordinate
D, u, low, high, Gmax = sequences("D u low high Gmax")

MEANING: dict[Any, str] = {
    t: "step, counted from 1",
    T: "number of steps",
    d: "number of coordinates",
    i: "coordinate",
    alpha: "step size",
    gamma: "base momentum",
    delta: "cap of the window",
    eps: "the constant that keeps the division finite",
    omega0: "window before the first step",
    theta: "iterate: coordinate i before step t",
    g: "(sub)gradient of f_t at the iterate, coordinate i",
    h: "preconditioner over step size",
    G: "second moment after step t",
    V: "velocity after step t",
    S: "S_{t,i} = sqrt(g_{1,i}² + ... + g_{t,i}²)",
    omega: "window at step t",
    R: "regret after T steps against the comparator u",
    D: "largest distance to the comparator in coordinate i",
    u: "comparator",
    Gmax: "bound on |g_{t,i}|",
    H: "preconditioner of the mirrored step, any numbers that are not negative",
    z: "mirrored iterate",
    w: "end of the mirrored step before projection",
}

CONVEX = Named("every loss f_t is convex, and g_t is a subgradient of f_t at the iterate theta_t")


def regret(T: Any = T) -> Any:
    """R_T = sum over t of f_t(theta_t) - f_t(u), as the symbol that statements use."""
    return R(T)


def squares(T: Any, i: Any) -> Any:
    """g_{1,i}² + ... + g_{T,i}²."""
    return sympy.Sum(g(s, i) ** 2, (s, 1, T))


# Hypotheses that several claims share, for the coordinate i and the step t at hand.
DESCENT = sympy.Eq(
    theta(t + 1, i), clip(theta(t, i) - g(t, i) / h(t, i), low(i), high(i)), evaluate=False
)  # projected preconditioned descent
POSITIVE = h(t, i) > 0
IN_BOX = (low(i) <= u(i)) & (u(i) <= high(i))
