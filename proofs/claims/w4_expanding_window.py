"""W4: while the window grows by one at every step, the second moment is an exact mean, as in AdaGrad."""

from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, record, step, step_size

ADAGRAD = rules.get("adagrad")
omega, omega0, t, Q, g, x, alpha = sympy.symbols("omega omega0 t Q g x alpha", positive=True)


def base() -> tuple[Any, Any, Any]:
    return omega0 * DWMGRAD.Coord(0, 0).G, sympy.Integer(0), omega0


def exact_mean() -> tuple[Any, Any, Any]:
    """omega_t G_t = Q_t, the sum of squares: the old window omega, the new one omega + 1."""
    G = sympy.Symbol("G", positive=True)
    new = step(omega=omega + 1, G=G, g=g)[0].G
    return (omega + 1) * new, omega * G + g**2, omega * G + 2 * g**2


def weight() -> tuple[Any, Any, Any]:
    """1/omega stays the weight of every gradient: with g = 0 the formula turns it into 1/(omega + 1)."""
    new = step(omega=omega + 1, G=1 / omega, g=0, eps=1)[0].G
    return new, 1 / (omega + 1), 1 / omega


def adagrad() -> tuple[Any, Any, Any]:
    """One step from the same Q_{t-1}: DWMGrad with alpha/sqrt(t), AdaGrad with alpha sqrt((omega0 + t)/t)."""
    before = Q / (omega0 + t - 1)
    ours = step(omega=omega0 + t, G=before, g=g, x=x, alpha=step_size(t, alpha))[1]
    o = record(ADAGRAD, alpha=alpha * sympy.sqrt((omega0 + t) / t), eps=0)
    theirs = ADAGRAD.coord(o, ADAGRAD.start(o), ADAGRAD.Coord(G=Q), x, g)[1]
    return ours, theirs, ADAGRAD.coord(o._replace(alpha=alpha), ADAGRAD.start(o), ADAGRAD.Coord(G=Q), x, g)[1]


def never_above() -> Obligation:
    """omega_t G_t <= Q_t on any path of the window that grows by at most one a step."""
    before, after, G, Q, g = reals("before after G Q g")
    given = {
        "omega_{t-1} G_{t-1} <= Q_{t-1}": before * G <= Q,
        "1 <= omega_t <= omega_{t-1} + 1": after - before <= 1,
        "omega_t >= 1": after >= 1,
        "G_{t-1} >= 0": G >= 0,
    }
    new = step(omega=after, G=G, g=g, eps=1)[0].G
    return Obligation(
        given, after * new <= Q + g * g, {"(omega_t + 1/10) G_t <= Q_t": (after + 0.1) * new <= Q + g * g}
    )


CLAIM = Claim(
    id="W4",
    title="an expanding window is an exact mean",
    statement="If omega_t = omega_0 + t then G_t = (g_1² + ... + g_t²)/(omega_0 + t): every weight is 1/(omega_0 + t)",
    latex=r"\omega_t=\omega_0+t\ \Rightarrow\ G_t=\frac1{\omega_0+t}\sum_{s\le t}g_s^2",
    source=Source("dwmgrad", "Algorithm 1, G_t", also=(Source("dwmgradnotes", "W4"),)),
    kind="identity",
    hypotheses=("omega_t = omega_0 + t", "G_0 = 0"),
    proof=(
        identity("W4.base", "omega_0 G_0 = 0, the empty sum of squares", base),
        identity(
            "W4.step", "omega_t G_t = omega_{t-1} G_{t-1} + g_t², so omega_t G_t stays the sum of squares", exact_mean
        ),
        identity("W4.weights", "an old weight 1/omega_{t-1} becomes 1/omega_t, which the newest has too", weight),
    ),
)

ADAGRAD_CLAIM = Claim(
    id="W4-adagrad",
    title="an expanding window is AdaGrad",
    statement="With omega_t = omega_0 + t, alpha_t = alpha/sqrt(t), mu = 0, eps = 0 a step is AdaGrad's with step size "
    "alpha sqrt(1 + omega_0/t); for omega_0 = 0 it is AdaGrad",
    latex=r"\frac{\alpha}{\sqrt t}\frac{g_t}{\sqrt{G_t}}=\alpha\sqrt{1+\tfrac{\omega_0}t}\ \frac{g_t}{\sqrt{\sum_{s"
    r"\le t}g_s^2}}",
    source=Source("dwmgradnotes", "W4 and R3", also=(Source("duchi2011", "AdaGrad"),)),
    kind="identity",
    hypotheses=("omega_t = omega_0 + t", "alpha_t = alpha/sqrt(t)", "mu_t = 0", "eps = 0", "g_1 != 0"),
    depends=("W4",),
    proof=(identity("W4-adagrad.step", "both formulas, run from the same sum of squares, give one iterate", adagrad),),
)

UPPER = Claim(
    id="W4-upper",
    title="the moment never exceeds the mean over the window",
    statement="On every path of the window omega_t G_t <= g_1² + ... + g_t²",
    latex=r"\omega_tG_t\le\sum_{s\le t}g_s^2",
    source=Source("dwmgrad", "Algorithm 1, G_t", also=(Source("dwmgradnotes", "W4, extended here"),)),
    kind="inequality",
    hypotheses=("1 <= omega_t <= omega_{t-1} + 1 (W1)", "G_0 = 0"),
    depends=("W1", "W3"),
    proof=(
        forall("W4-upper.step", "omega_t G_t <= Q_t is kept, because (omega_t - 1) G <= omega_{t-1} G", never_above),
    ),
    note="With W5 it encloses the moment: g_t² <= omega_t G_t <= g_1² + ... + g_t².",
)
