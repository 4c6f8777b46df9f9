"""Average regret of DWMGrad on the periodic losses, with the window capped and with the window expanding.

The losses are those of Reddi et al. in the published shape: one gradient of 7 against six gradients of -1 in every
seven steps, on [-1, 1]. The best fixed point is -1; the worst is +1. Every method takes the step size
alpha/sqrt(t) with alpha = 0.1, and DWMGrad keeps the paper's own omega0 = 5, gamma = 0.9 and signal `loss`.

(a)  R_T/T against T. A no-regret method goes to 0. With the window capped at delta = 10 it goes to 2/7, the limit
     of claim R6.
(b)  The iterate. Capped, it settles at the worst point of the domain; expanding, at the best one.
"""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from analysis.frames import Frame
from analysis.stats.tuning import sweep
from dwmgrad_ref import problems
from dwmgrad_ref.rules.base import Source
from paper_figures.lib.style import CAPS, INK, METHODS, PAGE, Look, panel_letters

SOURCE = Source("dwmgrad", "the convergence theorem under convexity, checked as run")
SIZE = (PAGE, 2.7)
KEYS = ("method", "t")

STEPS = 10**6
LIMIT = 2 / 7  # claim R6 at C = k = 7
RUNS: dict[str, tuple[Look, dict[str, Any]]] = {
    "capped": (CAPS["10"]._replace(label="DWMGrad, window capped at 10"), {"rule": "dwmgrad", "delta": 10.0}),
    "expanding": (CAPS["inf"]._replace(label="DWMGrad, window expanding"), {"rule": "dwmgrad", "delta": np.inf}),
    "adam": (METHODS["adam"], {"rule": "adam"}),
}


def data() -> Frame:
    return _runs(STEPS)


def sample() -> Frame:
    """The first 300 steps."""
    return _runs(300)


def _runs(steps: int) -> Frame:
    marks = np.unique(np.rint(np.geomspace(1, STEPS, 241)).astype(int))
    common = {"problem": problems.get("periodic"), "alpha": 0.1, "schedule": "sqrt", "steps": steps}
    common |= {"observe": ("regret", "iterate"), "grid": marks[marks <= steps].tolist()}
    runs = sweep([({"method": m}, common | options) for m, (_, options) in RUNS.items()], ["regret", "theta_0"])
    runs = runs[runs.t.isin(marks)].astype({"t": int})
    return runs.assign(average_regret=runs.regret / runs.t).drop(columns="regret")


def draw(figure: Figure, table: Frame) -> None:
    average, iterate = figure.subplots(1, 2)
    for method, (look, _) in RUNS.items():
        run = table[table.method == method]
        average.plot(run.t, run.average_regret, **look.line)
        iterate.plot(run.t, run.theta_0, **look.line)
    average.axhline(LIMIT, color=INK, lw=0.6, ls=(0, (1, 2)))
    average.annotate("2/7, the limit proved in R6", (STEPS, LIMIT * 1.15), fontsize=7, color=INK, ha="right")
    average.set(xscale="log", yscale="log", xlabel="number of steps $T$", ylabel="average regret $R_T/T$")
    average.set(title="capped, the average regret does not vanish", xlim=(1, STEPS))
    for value, words in ((1.05, "worst fixed point"), (-1.18, "best fixed point")):
        iterate.annotate(words, (STEPS, value), fontsize=7, color=INK, ha="right")
    iterate.set(xscale="log", xlabel="step $t$", ylabel="iterate $\\theta_t$", ylim=(-1.25, 1.25), xlim=(1, STEPS))
    iterate.set(title="capped, the iterate settles at the worst point")
    panel_letters((average, iterate))
    figure.legend(*average.get_legend_handles_labels(), loc="outside lower center", ncols=3)
