"""W6: once the window is saturated, DWMGrad is RMSProp with momentum."""

from typing import Any

import flint
import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_arb import rigorous
from proofs.engines.by_exact import Found
from proofs.engines.by_smt import exists, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, advance, record, step

RMSPROP = rules.get("rmsprop")
G, delta, gamma, alpha, eps = sympy.symbols("G delta gamma alpha epsilon", positive=True)
buf, x, g = sympy.symbols("buf x g", real=True)


def both(g: Any = g) -> tuple[Any, Any]:
    """(G, V, theta) of DWMGrad at omega = delta, and the same of RMSProp, from one state with V = alpha buf."""
    o = record(DWMGRAD, delta=delta, gamma=gamma, alpha=alpha, eps=eps)
    k = advance(DWMGRAD, o, 1, {"omega": delta})
    c, after = DWMGRAD.coord(o, k._replace(omega=delta), DWMGRAD.Coord(G=G, V=alpha * buf), x, g)
    p = record(RMSPROP, alpha=alpha, beta2=1 - 1 / delta, mu=gamma, eps=eps)
    d, moved = RMSPROP.coord(p, RMSPROP.start(p), RMSPROP.Coord(G=G, V=buf), x, g)
    return (c.G, c.V, after), (d.G, alpha * d.V, moved)


def saturated_momentum() -> tuple[Any, Any, Any]:
    o = record(DWMGRAD, delta=delta, gamma=gamma, alpha=alpha)
    k = advance(DWMGRAD, o, 1, {"omega": delta})
    return k.mu + 2 * k.omega, gamma + 2 * delta, gamma + 2 * delta - 1


def base() -> tuple[Any, Any, Any]:
    start, o = record(RMSPROP), RMSPROP.Coord(G=0, V=0)
    return alpha * o.V + RMSPROP.start(start).t, DWMGRAD.Coord(G=0, V=0).V, alpha


def same(index: int) -> Any:
    def build() -> tuple[Any, Any, Any]:
        ours, theirs = both()
        return ours[index], theirs[index], both(2 * g)[1][index]

    return build


def scheduled() -> list[Any]:
    """A step size that halves: from V = alpha buf the velocities are not V' = (alpha/2) buf'."""
    buf, alpha, V, new = reals("buf alpha V new")
    ours = step(omega=10, G=1, V=V, g=1, mu=0.5, alpha=alpha / 2, eps=1)[0].V
    p = record(RMSPROP, beta2=0.9, mu=0.5, eps=1)
    theirs = RMSPROP.coord(p, RMSPROP.start(p), RMSPROP.Coord(G=1, V=buf), 0, 1)[0].V
    return [alpha > 0, buf > 0, V == alpha * buf, new == ours, new != alpha / 2 * theirs]


def two_steps() -> Found:
    """Gradients 1, 1 from zero, delta = 10, gamma = 9/10, eps = 0: steps 1 and 2 by both formulas, in balls."""
    ten = flint.arb(10)
    o = record(DWMGRAD, delta=ten, omega0=ten, gamma=9 / ten, alpha=flint.arb(1), eps=0, schedule="sqrt")
    p = record(RMSPROP, alpha=flint.arb(1), beta2=9 / ten, mu=9 / ten, eps=0)
    k, c, d = DWMGRAD.start(o), DWMGRAD.Coord(0, 0), RMSPROP.Coord(0, 0)
    ours, theirs = [], []
    for _ in range(2):
        k = DWMGRAD.shared(o, k._replace(t=flint.arb(k.t)), 1)
        c, d = DWMGRAD.coord(o, k, c, 0, flint.arb(1))[0], RMSPROP.coord(p, RMSPROP.start(p), d, 0, flint.arb(1))[0]
        ours.append(c.V)
        theirs.append(k.alpha * d.V)
    detail = f"V_2 = {ours[1].str(6)}, alpha_2 buf_2 = {theirs[1].str(6)}; V_1 = alpha_1 buf_1"
    witness = {"gradients": [1, 1], "V_2": ours[1].str(12), "alpha_2 buf_2": theirs[1].str(12)}
    return ours[1] != theirs[1], not ours[0] != theirs[0], detail, witness


CLAIM = Claim(
    id="W6",
    title="saturated DWMGrad is RMSProp with momentum",
    statement="With omega_t = delta and constant alpha, DWMGrad from (G, V) is RMSProp with beta2 = 1 - 1/delta, "
    "momentum "
    "gamma and the same eps from (G, V/alpha), step for step, as torch.optim.RMSprop has it",
    latex=r"\omega_t\equiv\delta:\quad (G_t,V_t,\theta_t)_{\mathrm{DWMGrad}}=(G_t,\alpha\,\mathrm{buf}_t,\theta_t)_{"
    r"\mathrm{RMSProp}(1-1/\delta,\ \gamma)}",
    source=Source("dwmgrad", "Algorithm 1 with omega = delta", also=(Source("dwmgradnotes", "W6"),)),
    kind="identity",
    hypotheses=(
        "omega_t = delta for all t (W2: positive losses from omega_0 = delta, or after delta - omega_0 steps)",
        "constant alpha",
        "momentum tied to the window, or constant gamma",
    ),  # fmt: skip
    depends=("W2",),
    proof=(
        identity("W6.momentum", "at omega = delta, kept by a positive loss, the momentum is gamma", saturated_momentum),
        identity("W6.base", "both start from zero, so V_0 = alpha buf_0", base),
        identity("W6.moment", "from one G a step gives one G", same(0)),
        identity("W6.velocity", "from V = alpha buf a step gives V' = alpha buf'", same(1)),
        identity("W6.iterate", "and one iterate", same(2)),
    ),
    note="From omega_0 < delta the first delta - omega_0 steps differ; after them both methods agree only if RMSProp "
    "is "
    "handed DWMGrad's state. Under alpha/sqrt(t) it fails: see W6-schedule.",
)

SCHEDULE = Claim(
    id="W6-schedule",
    title="saturated DWMGrad under alpha/sqrt(t) is RMSProp with the scheduled step size",
    statement="With omega_t = delta, alpha_t = alpha/sqrt(t) and RMSProp's lr set to alpha_t at each step, V_t = "
    "alpha_t buf_t",
    latex=r"V_t=\alpha_t\,\mathrm{buf}_t",
    source=Source("dwmgradnotes", "W6, read without 'constant alpha'"),
    kind="identity",
    refutation=(
        exists("W6-schedule.found", "V = alpha buf is lost in a step that halves the step size", scheduled),
        rigorous("W6-schedule.replay", "replayed from zero: the first step agrees, the second does not", two_steps),
    ),
    note="DWMGrad keeps past step sizes inside the velocity, RMSProp rescales its whole velocity by the present one.",
)
