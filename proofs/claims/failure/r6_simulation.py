"""R6-run: the failure happens at the paper's own defaults, computed with every rounding enclosed."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from dataclasses import dataclass
from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous, shown
from proofs.checkers.by_exact import Found
from proofs.inference.derivation import Fact, computed
from proofs.models import periodic
from proofs.models.simulation import in_balls, periodic_run
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD
from proofs.statements.statement import Named, Statement

SOURCE = Source(
    "dwmgrad",
    "Algorithm 1 and its defaults delta = 10, gamma = 0.9, omega_0 = 5, eps = 1e-8",
    also=(Source("dwmgradnotes", "R6"),),
)


@dataclass(frozen=True)
class Failure:
    """A run from the best point -1 on the losses of R6: where the iterate stays, and what the average regret exceeds.

    Steps are counted as everywhere: theta_t is the iterate at which f_t is suffered, and R_T sums t = 1..T.
    """

    name: str
    words: str
    C: int
    k: int
    steps: int
    settled: int
    level: sympy.Rational
    regret: sympy.Rational
    options: dict[str, Any]
    narrow: bool = False  # whether it is also said that the window is 2 at the spikes and 1 elsewhere

    def statement(self) -> Named:
        settings = ", ".join(f"{name} = {value}" for name, value in self.options.items()) or "no other"
        pattern = " and the window 2 at the spikes and 1 elsewhere" if self.narrow else ""
        return Named(
            "the run of dwmgrad from theta_1 = -1, projected onto [-1, 1], with the paper's defaults but for these "
            f"options ({settings}), on f_t = {{0}} (x + 2) at every {{1}}th step from the first on and 2 - x at the "
            f"others, has "
            "theta_t > {2}" + pattern + " for {3} < t <= {4}, and R_T/T > {5} for T = {4} against u = -1",
            *map(sympy.sympify, (self.C, self.k, self.level, self.settled, self.steps, self.regret)),
        )

    def fact(self) -> Fact:
        return computed(rigorous(self.name, self.words, self.found), self.statement())

    def found(self) -> Found:
        """Also the broken variant: that the average regret has passed its limit 2(C - k + 1)/k."""
        total, lowest, pattern = flint.arb(0), flint.arb(1), True
        level, regret = (flint.arb(int(n.p)) / int(n.q) for n in (self.level, self.regret))
        o = in_balls(DWMGRAD, **self.options)
        for moment in periodic_run(DWMGRAD, o, flint.arb(self.C), self.k, self.steps, flint.arb(-1)):
            total += moment.regret
            if moment.t > self.settled:
                lowest = lowest.min(moment.theta)
                wanted = 2 if (moment.t - 1) % self.k == 0 else 1
                pattern &= not self.narrow or bool(moment.shared.omega == wanted)
        average, limit = total / self.steps, 2 * flint.arb(self.C - self.k + 1) / self.k
        detail = (
            f"C = {self.C}, k = {self.k}, T = {self.steps}: theta_t > {shown(lowest)} for t > {self.settled}, "
            f"R_T/T = {shown(average)}"
        )
        witness = {
            "C": self.C,
            "k": self.k,
            "steps": self.steps,
            "start": -1,
            "options": self.options,
            "regret": shown(average, 10),
        }
        return pattern and bool(lowest > level) and bool(average > regret), bool(average < limit), detail, witness


R = sympy.Rational
DEFAULTS = Failure(
    "R6-run.defaults",
    "Every default of the paper, so a constant step size.",
    100,
    50,
    6000,
    2500,
    R(99, 100),
    R(16, 10),
    {},
)
DECAYING = Failure(
    "R6-run.decaying",
    "The step size decays, with C = k = 7 of [dwmgradnotes] R6.",
    7,
    7,
    10000,
    4000,
    R(97, 100),
    R(26, 100),
    {"alpha": 0.5, "schedule": "sqrt"},
)
PLAIN = Failure(
    "R6-run.plain",
    "The step size decays, without momentum.",
    100,
    50,
    4000,
    1500,
    R(9, 10),
    R(15, 10),
    {"alpha": 0.5, "schedule": "sqrt", "gamma": 0},
)
RUNS = (DEFAULTS, DECAYING, PLAIN)


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
    statement=Statement(then=sympy.And(*(run.statement() for run in RUNS))),
    source=SOURCE,
    kind="impossibility",
    proof=tuple(run.fact() for run in RUNS),
    controls=(
        rigorous(
            "R6-run.start",
            "From the estimated start of R6-drift on the push is near its limit, at C = k = 7.",
            explicit_start,
        ),
    ),
    note="The limits of the average regret, were the runs to go on with alpha/sqrt(t), are 2.04 for C = 100, k = 50 "
    "and 2/7 "
    "for C = k = 7.",
)
