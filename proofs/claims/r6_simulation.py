"""R6-run: the failure happens at the paper's own defaults, computed with every rounding enclosed."""

import flint

from dwmgrad_ref.rules.base import Source
from proofs import periodic
from proofs.claim import Claim
from proofs.engines.by_arb import rigorous, shown
from proofs.engines.by_exact import Found
from proofs.formulas import DWMGRAD
from proofs.simulation import in_balls, periodic_run

SOURCE = Source(
    "dwmgrad",
    "Algorithm 1 and its defaults delta = 10, gamma = 0.9, omega_0 = 5, eps = 1e-8",
    also=(Source("dwmgradnotes", "R6"),),
)


def failure(C: int, k: int, steps: int, settled: int, level: str, regret: str, **options: object) -> Found:
    """From the best point -1: after `settled` steps the iterate stays above `level`; R_T/T > `regret` at T = steps."""
    total, lowest, low, high = flint.arb(0), flint.arb(1), flint.arb(level), flint.arb(regret)
    for moment in periodic_run(DWMGRAD, in_balls(DWMGRAD, **options), flint.arb(C), k, steps, flint.arb(-1)):
        total += moment.regret
        if moment.t > settled:
            lowest = lowest.min(moment.after)
    average, limit = total / steps, 2 * flint.arb(C - k + 1) / k
    detail = f"C = {C}, k = {k}, T = {steps}: theta > {shown(lowest)} after {settled} steps, R_T/T = {shown(average)}"
    witness = {"C": C, "k": k, "steps": steps, "start": -1, "options": options, "regret": shown(average, 10)}
    # broken variant: that the average regret has passed its limit 2(C - k + 1)/k
    return bool(lowest > low) and bool(average > high), bool(average < limit), detail, witness


def defaults() -> Found:
    return failure(100, 50, 6000, 2500, "0.99", "1.6")


def decaying() -> Found:
    return failure(7, 7, 10000, 4000, "0.97", "0.26", alpha=0.5, schedule="sqrt")


def no_momentum() -> Found:
    return failure(100, 50, 4000, 1500, "0.9", "1.5", alpha=0.5, schedule="sqrt", gamma=0)


def explicit_start() -> Found:
    """|V_t/alpha_t - b*_j| <= m/4 at and after the closed-form t0, for one period of the run itself."""
    C, k = 7, 7
    start = periodic.start(C, k, 10.0, 0.9)
    moves = periodic.velocities(periodic.pushes(flint.arb(C), k, flint.arb(10), flint.arb("1e-8")), flint.arb("0.9"))
    m, worst, early = sum(moves, start=flint.arb(0)) / k, flint.arb(0), flint.arb(0)
    o = in_balls(DWMGRAD, alpha=0.5, schedule="sqrt")
    for moment in periodic_run(DWMGRAD, o, flint.arb(C), k, start.t0 + k, flint.arb(-1)):
        gap = abs(-moment.coord.V / moment.shared.alpha - moves[(moment.t - 1) % k])
        worst = worst.max(gap) if moment.t >= start.t0 else worst
        early = early.max(gap) if moment.t <= 2 * k else early
    detail = (
        f"t0 = {start.t0}: |d_t - d*| <= {shown(worst, 3)} < m/4 = {shown(m / 4, 3)}; in the first"
        f" periods {shown(early, 3)}"
    )
    return bool(worst < m / 4), bool(early > m / 4), detail, {"t0": start.t0, "m": shown(m), "F": start.F}


CLAIM = Claim(
    id="R6-run",
    title="failure at the paper's defaults, with all rounding enclosed",
    statement="With every default of the paper (alpha = 0.001 constant) and C = 100, k = 50, started at the"
    " best point -1, the"
    " iterate is above 0.99 from step 2500 to 6000 and R_6000/6000 > 1.6; with alpha_t = 0.5/√t and C = k = 7 it is"
    " above 0.97 from step 4000 to 10000 and the average regret exceeds 0.26 (its limit is 2/7)",
    latex=r"\theta_1=-1,\ \theta_t>0.99\ (2500<t\le 6000),\quad R_{6000}/6000>1.6",
    source=SOURCE,
    kind="impossibility",
    proof=(
        rigorous("R6-run.defaults", "every default of the paper, alpha constant; C = 100, k = 50", defaults),
        rigorous("R6-run.decaying", "alpha_t = 0.5/√t, gamma = 0.9, C = k = 7 of [dwmgradnotes] R6", decaying),
        rigorous("R6-run.plain", "alpha_t = 0.5/√t without momentum; C = 100, k = 50", no_momentum),
        rigorous(
            "R6-run.start", "the closed-form t0 of R6 does what it promises for C = k = 7, gamma = 0.9", explicit_start
        ),
    ),
)
