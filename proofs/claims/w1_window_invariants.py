"""W1: the window stays in [1, delta], moves by at most one, and the momentum stays in [0, gamma]."""

from itertools import product
from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_exact import Found, exact
from proofs.engines.by_smt import Obligation, exists, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, advance, record

SOURCE = Source("dwmgrad", "Algorithm 1, the window and the momentum", also=(Source("dwmgradnotes", "W1"),))
SIGNALS = ("loss", "increase", "decrease")


def everywhere(signals: tuple[str, ...], ties: tuple[str, ...], flags: tuple[bool, ...], **numbers: Any) -> list[Any]:
    """The shared state after one step from any state, for every combination of the options named."""
    e, last, s, beta, jumps, loss, alpha, epoch, threshold = reals("e last s beta jumps loss alpha epoch threshold")
    omega = numbers.pop("omega")
    before = {"t": 1, "e": e, "last": last, "s": s, "beta": beta, "jumps": jumps, "omega": omega}
    after = []
    for signal, reset, guard, momentum in product(signals, flags, flags, ties):
        o = record(DWMGRAD, signal=signal, reset=reset, guard=guard, momentum=momentum, alpha=alpha,
                   epoch=epoch, guard_threshold=threshold, **numbers)  # fmt: skip
        after.append(advance(DWMGRAD, o, loss, before))
    return after


def window() -> Obligation:
    omega, delta, gamma = reals("omega delta gamma")
    after = everywhere(SIGNALS, ("tied",), (True, False), omega=omega, delta=delta, gamma=gamma)
    given = {"delta >= 1": delta >= 1, "0 <= omega <= delta": z3.And(omega >= 0, omega <= delta)}
    inside = z3.And(*(z3.And(k.omega >= 1, k.omega <= delta) for k in after))
    near = z3.And(*(z3.And(k.omega - omega <= 1, omega - k.omega <= 1) for k in after))
    sharper = {
        "omega' <= delta - 1/10": z3.And(*(k.omega <= delta - 0.1 for k in after)),
        "|move| <= 9/10": z3.And(*(k.omega - omega <= 0.9 for k in after)),
    }
    return Obligation(given, z3.And(inside, near), sharper)


def momentum() -> Obligation:
    omega, delta, gamma = reals("omega delta gamma")
    after = everywhere(("loss",), ("tied", "constant"), (True,), omega=omega, delta=delta, gamma=gamma)
    given = {
        "delta >= 1": delta >= 1,
        "0 <= omega <= delta": z3.And(omega >= 0, omega <= delta),
        "0 <= gamma < 1": z3.And(gamma >= 0, gamma < 1),
    }
    bounded = z3.And(*(z3.And(k.mu >= 0, k.mu <= gamma, z3.Implies(gamma > 0, k.mu > 0)) for k in after))
    return Obligation(given, bounded, {"mu' > 0 always": z3.And(*(k.mu > 0 for k in after))})


def start() -> tuple[Any, Any, Any]:
    omega0 = sympy.Symbol("omega0", nonnegative=True)
    return DWMGRAD.start(record(DWMGRAD, omega0=omega0)).omega, omega0, omega0 + 1


def uncapped() -> tuple[Any, Any, Any]:
    omega, gamma = sympy.symbols("omega gamma", positive=True)
    after = advance(DWMGRAD, record(DWMGRAD, delta=sympy.oo, gamma=gamma), 1, {"omega": omega})
    return after.omega + after.mu, omega + 1, omega + 1 + gamma


def no_momentum() -> list[Any]:
    gamma, mu = reals("gamma mu")
    after = advance(DWMGRAD, record(DWMGRAD, gamma=gamma, alpha=1), 1, {"omega": 5})
    return [gamma >= 0, gamma < 1, mu == after.mu, z3.Not(mu > 0)]


def printed_fails() -> Found:
    after = advance(DWMGRAD, record(DWMGRAD, gamma=0, alpha=1), 1)
    usual = advance(DWMGRAD, record(DWMGRAD, gamma=9, delta=10, alpha=1), 1)  # any gamma > 0
    below = DWMGRAD.start(record(DWMGRAD, omega0=0)).omega
    witness = {"gamma": 0, "mu_1": int(after.mu), "omega0": 0, "omega_0": int(below)}
    return after.mu == 0 and below < 1, usual.mu > 0, "mu_1 = 0 at gamma = 0; omega_0 = 0 is below 1", witness


CLAIM = Claim(
    id="W1",
    title="window invariants",
    statement="1 <= omega_t <= delta, |omega_t - omega_{t-1}| <= 1, 0 <= mu_t <= gamma and mu_t > 0 if gamma > 0 and "
    "delta < inf, for t >= 1, every loss signal, with or without reset and guard",
    latex=r"1\le\omega_t\le\delta,\quad |\omega_t-\omega_{t-1}|\le 1,\quad 0\le\mu_t\le\gamma\qquad(t\ge 1)",
    source=SOURCE,
    kind="inequality",
    hypotheses=("delta >= 1", "0 <= omega_0 <= delta", "0 <= gamma < 1"),
    proof=(
        identity("W1.base", "the window starts at omega_0, which lies in [0, delta]", start),
        forall("W1.window", "from any omega in [0, delta] a step leads into [1, delta] and moves by at most 1", window),
        forall("W1.momentum", "the momentum of that step lies in [0, gamma], and is positive if gamma is", momentum),
        identity("W1.uncapped", "with delta = inf the window grows by one and a tied momentum is 0", uncapped),
    ),
    note="[dwmgradnotes] first had 0 < mu_t without the conditions on gamma and delta, and 1 <= omega_t also for "
    "t = 0: see W1-printed. omega_0 < 1 is allowed (R3 needs omega_0 = 0); from such a start a narrowing step widens "
    "to 1.",
)

PRINTED = Claim(
    id="W1-printed",
    title="window invariants as printed",
    statement="1 <= omega_t <= delta for t >= 0 and 0 < mu_t <= gamma, with no condition on omega_0 and gamma",
    latex=r"1\le\omega_t\le\delta,\quad 0<\mu_t\le\gamma\qquad(t\ge 0)",
    source=Source("dwmgradnotes", "W1, as first written"),
    kind="inequality",
    refutation=(
        exists("W1-printed.zero", "some gamma in [0, 1) gives a momentum that is not positive", no_momentum),
        exact("W1-printed.replay", "replayed: gamma = 0 gives mu_1 = 0, and omega_0 = 0 is below 1", printed_fails),
    ),
    note="Corrected as W1. delta = inf, which the rule offers, makes every tied momentum 0 as well.",
)
