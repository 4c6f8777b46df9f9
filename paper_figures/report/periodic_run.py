"""DWMGrad on the periodic losses, step by step in plain Python: what the page's script must give to the last bit.

`drive.js` has the same loop. Every number in either loop comes from the rule, the loss and the driver's arithmetic;
the loops only hand them on. Both compare the regret with the two ends of the domain, because linear losses have their
best fixed point at an end.
"""

import math
from pathlib import Path
from typing import Any, NamedTuple

from dwmgrad_ref import arithmetic, rules
from dwmgrad_ref.problems.periodic import periodic_loss
from paper_figures.report import javascript

LOW, HIGH = -1.0, 1.0
LARGEST_FIRST_WINDOW = 5.0  # the paper's omega_0; a smaller cap takes its place


class Setting(NamedTuple):
    """What the page lets the reader choose: the losses' slope C and period k, DWMGrad's options, and the steps T."""

    C: float = 7.0
    k: int = 7
    delta: float = 10.0
    alpha: float = 0.5
    gamma: float = 0.9
    signal: str = "loss"
    schedule: str = "sqrt"
    start: float = 0.0
    steps: int = 10_000


class Run(NamedTuple):
    """A run's summary, and its path at logged steps.

    theta            the iterate after the last step, in [-1, 1]
    regret           R_T against the better end of the domain, in units of the loss
    window           omega_T
    first_violation  first step t >= 2 with h_t < h_{t-1}, 0 if there is none
    violations       how many such steps there are
    path             (t, theta_t, R_t / t, omega_t) at the logged steps
    """

    theta: float
    regret: float
    window: float
    first_violation: int
    violations: int
    path: list[tuple[int, float, float, float]]


def run(setting: Setting) -> Run:
    """Run DWMGrad on the periodic losses.

    Raises:
        BadOption: an option lies outside its range.
    """
    s, rule = setting, rules.get("dwmgrad")
    chosen = rule.options(
        alpha=s.alpha,
        gamma=s.gamma,
        delta=s.delta,
        omega0=min(LARGEST_FIRST_WINDOW, s.delta),
        signal=s.signal,
        schedule=s.schedule,
    )
    o = rule.encode(chosen)
    k, c = rule.begin(o, 0.0)
    x, sums, path = s.start, [(0.0, 0.0)] * 3, []
    before, first, violations = 0.0, 0, 0
    logged = set(steps(s.steps))
    for t in range(1, s.steps + 1):
        value, g = _loss(s, t, x)
        at_ends = [_loss(s, t, end)[0] for end in (LOW, HIGH)]
        sums = [arithmetic.added(*total, each) for total, each in zip(sums, [value, *at_ends], strict=True)]
        theta = x
        k, c, x = rule.step(o, k, c, x, g, value)
        h = rule.reading(o, k, c).h
        x = arithmetic.projected(x, LOW, HIGH)
        if t > 1 and h < before:
            first, violations = first or t, violations + 1
        before = h
        if t in logged:
            path.append((t, theta, _regret(sums) / t, k.omega))
    return Run(x, _regret(sums), k.omega, first, violations, path)


def steps(T: int, points: int = 240) -> list[int]:
    """Logged steps, equally spaced on a logarithmic axis, whole, from 1 to T."""
    return sorted({max(1, min(T, math.floor(T ** (i / points)))) for i in range(points + 1)} | {T})


def _loss(s: Setting, t: int, x: float) -> tuple[float, float]:
    g = [0.0]
    return periodic_loss(None, None, [s.C, float(s.k)], t, [x], g), g[0]


def _regret(sums: list[tuple[float, float]]) -> float:
    (own, own_rest), *ends = sums
    return max((own - total) + (own_rest - rest) for total, rest in ends)


def recorded() -> list[tuple[str, Setting]]:
    """Recorded settings, each with what it shows."""
    return [
        ("The window is capped at 10 and the regret for each step stays away from zero.", Setting()),
        ("The window grows at every step and the regret for each step tends to zero.", Setting(delta=math.inf)),
        (
            "These are the paper's defaults; only the losses are chosen against the method.",
            Setting(C=100.0, k=50, alpha=1e-3, schedule="constant", start=-1.0),
        ),
        ("The gradient is so large that the same window no longer fails.", Setting(C=8.0)),
    ]


def summary(run: Run) -> dict[str, Any]:
    """The summary without the path; numbers as the shortest decimals that give them back."""
    return {name: value for name, value in run._asdict().items() if name != "path"}


def for_script(setting: Setting) -> dict[str, Any]:
    """The setting with the options that the page does not offer."""
    return {**setting._asdict(), "eps": rules.get("dwmgrad").options().eps}


def script() -> str:
    """The JavaScript that runs a setting: `drive(setting, logged)` returns what `run` returns."""
    return javascript.source() + "\n" + Path(__file__).with_name("drive.js").read_text(encoding="utf-8")
