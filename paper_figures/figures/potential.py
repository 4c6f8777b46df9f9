"""The potential along a run, and the step at which its condition h_t >= h_{t-1} first breaks, for each cap.

Signal `loss` on positive losses, so that the window grows by one a step until it meets the cap delta; gamma = 0.9
tied to the window and omega0 = 5, as in the paper; alpha = 0.1. The potential is 1/2 sum_i h_i (z_i - u_i)^2 with
u the minimizer, or the best fixed point over all steps. With alpha/sqrt(t) the condition holds for every gradient
if and only if the window is at least t; with a constant alpha no finite window gives it. The online problem is
run with five shuffled orders of the rows; their geometric mean comes with Student's 95 % interval, taken on the
logarithm.
"""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from analysis.frames import Frame
from analysis.stats.tuning import interval, sweep
from dwmgrad_ref import problems
from dwmgrad_ref.rules.base import Source
from paper_figures.lib.style import CAPS, INK, PAGE, panel_letters

SOURCE = Source("dwmgrad", "the potential of its convergence theorem, followed as run")
SIZE = (PAGE, 2.9)
KEYS = ("problem", "schedule", "delta", "seed", "t")

STEPS = 20_000
SEEDS = range(5)
DELTAS = ("inf", "1000", "100", "10")
PROBLEMS = {"logistic-breast-cancer": "breast cancer, all rows", "stream-logistic-breast-cancer": "row by row"}
SCHEDULES = {"sqrt": "α/√t", "constant": "α"}


def data() -> dict[str, Frame]:
    runs = _runs(STEPS, DELTAS)
    last = runs[runs.t == STEPS].drop(columns=["t", "potential"])
    return {"curves": _curves(runs), "breaks": last.assign(steps=STEPS)}


def sample() -> dict[str, Frame]:
    """The first 200 steps; how often the condition breaks is known only after all of them."""
    return {"curves": _curves(_runs(200, ("10",)))}


def _runs(steps: int, deltas: tuple[str, ...]) -> Frame:
    marks = np.unique(np.rint(np.geomspace(1, STEPS, 121)).astype(int))
    settings = []
    for name in PROBLEMS:
        for seed in SEEDS if name.startswith("stream") else [0]:
            problem = problems.get(name, seed=seed) if name.startswith("stream") else problems.get(name)
            comparator = problem.best_fixed(STEPS).u
            for schedule in SCHEDULES:
                for delta in deltas:
                    label = {"problem": name, "schedule": schedule, "delta": delta, "seed": seed}
                    job: dict[str, Any] = {"problem": problem, "comparator": comparator, "schedule": schedule}
                    job |= {"rule": "dwmgrad", "delta": float(delta), "alpha": 0.1, "observe": ("potential", "audit")}
                    settings.append((label, {**job, "steps": steps, "grid": marks[marks <= steps].tolist()}))
    runs = sweep(settings, ["potential", "violating_steps", "first_violation"])
    return runs[runs.t.isin(marks)].astype({"t": int})


def _curves(runs: Frame) -> Frame:
    shown = runs[runs.schedule == "sqrt"]
    return interval(shown, ["problem", "delta", "t"], "potential", geometric=True).rename(columns={"mean": "potential"})


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 4, width_ratios=(1.35, 1.35, 1, 1))
    for ax, (name, title) in zip(axes, PROBLEMS.items(), strict=False):
        _potential(ax, table["curves"][table["curves"].problem == name], table["breaks"])
        ax.set_title(title)
    axes[0].set(ylabel="potential", ylim=(1e-31, 1e4))
    axes[1].set(ylim=(1e-1, 1e4))
    _breaks(axes[2], table["breaks"], "first_violation")
    axes[2].set(ylabel="step", title="first break")
    _breaks(axes[3], table["breaks"], "violating_steps")
    axes[3].set(ylabel="share of steps", title="how often")
    panel_letters(axes)
    handles = axes[0].get_lines()[: len(DELTAS)]
    marks = axes[2].get_legend_handles_labels()
    figure.legend(
        [*handles, *marks[0]], [h.get_label() for h in handles] + marks[1], loc="outside lower center", ncols=4
    )


def _potential(ax: Any, part: Frame, breaks: Frame) -> None:
    lines = {}
    for delta, curve in part.groupby("delta", sort=False):
        lines[delta] = ax.plot(curve.t, curve.potential, **CAPS[f"{float(delta):g}"].line)[0]
        if (curve.seeds > 1).all():
            ax.fill_between(curve.t, curve.low, curve.high, color=lines[delta].get_color(), alpha=0.2, lw=0)
    ours = breaks[(breaks.problem == part.problem.iloc[0]) & (breaks.schedule == "sqrt")]
    for delta, first in ours.groupby("delta").first_violation.median().dropna().items():
        curve = part[part.delta == delta]
        at = np.exp(np.interp(np.log(first), np.log(curve.t), np.log(curve.potential)))
        ax.plot(first, at, "v", color=lines[delta].get_color(), markersize=6, mec="white", mew=0.6, zorder=5)
    ax.set(xscale="log", yscale="log", xlabel="step", xlim=(1, STEPS))


def _breaks(ax: Any, breaks: Frame, column: str) -> None:
    order = [float(delta) for delta in DELTAS[::-1]]
    ax.set_xticks(
        range(len(order)), [CAPS[f"{d:g}"].label.removeprefix("δ = ").replace("expanding", "∞") for d in order]
    )
    for k, ((name, title), schedule) in enumerate((p, s) for s in SCHEDULES for p in PROBLEMS.items()):
        part = breaks[(breaks.problem == name) & (breaks.schedule == schedule)]
        at = [order.index(float(d)) + 0.16 * (k - 1.5) for d in part.delta]
        value = part.first_violation if column == "first_violation" else part.violating_steps / part.steps
        color = "#0173b2" if schedule == "sqrt" else "#d55e00"
        shape = "o" if name.startswith("stream") else "s"
        face = "white" if name.startswith("stream") else color
        label = f"{title}, {SCHEDULES[schedule]}"
        ax.plot(at, value, shape, color=color, mfc=face, mew=0.8, markersize=3.5, label=label)
    never = breaks[breaks.first_violation.isna()]
    if column == "first_violation" and len(never):
        ax.annotate(
            "never,\nα/√t", (3, 0.97), xycoords=("data", "axes fraction"), fontsize=7, ha="center", va="top", color=INK
        )
    ax.set(xlabel="cap δ", xlim=(-0.5, 3.5), yscale="log" if column == "first_violation" else "linear")
    if column == "first_violation":
        ax.set_ylim(1, 2 * STEPS)
