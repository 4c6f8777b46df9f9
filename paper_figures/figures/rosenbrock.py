"""Rosenbrock's valley from (1, 2), 500 steps: loss and path, at equal and at tuned step sizes.

Equal: alpha = 1e-3 for every method, as published. Tuned: each method's alpha from the same grid, four values
a decade from 1e-4 to 100, by the largest loss over steps 450..500, so that a curve which only passes through
a low value is not chosen. All other options keep their defaults. There is no randomness.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.comparison.published_curves import ROSENBROCK_ERROR, read
from analysis.frames import Frame
from analysis.stats.tuning import choose, quarter_decades, sweep
from dwmgrad_ref import problems
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import folders
from paper_figures.lib.style import METHODS, PAGE, panel_letters

SOURCE = Source("dwmgrad-code", "the Rosenbrock example's image")
PUBLISHED = ("rosenbrock_loss.csv",)
SIZE = (PAGE, 5.6)
KEYS = ("method", "alpha", "step", "optimizer")

STEPS, LAST = 500, 50  # the score is the largest loss over the last LAST steps
GRID = quarter_decades(-4, 2)
EQUAL = 1e-3
# Steps that are kept: all of the first hundred, then every fourth.
KEPT = [*range(100), *range(100, STEPS + 1, 4)]

FRONT = ("dwmgrad-decrease", "dwmgrad-loss", "adam", "adagrad")
RULES: dict[str, dict[str, Any]] = {
    "dwmgrad-decrease": {"rule": "dwmgrad-released-rosenbrock"},
    "dwmgrad-loss": {"rule": "dwmgrad"},
    "dwmgrad-increase": {"rule": "dwmgrad-released-cifar10"},
    "explicit-window": {"rule": "dwmgrad-explicit-window"},
} | {
    name: {"rule": name}
    for name in (
        "adam", "adagrad", "adamomentum", "lcam", "sgd", "heavy-ball", "nesterov", "rmsprop", "rmsprop-momentum",
        "adadelta", "adamw", "amsgrad",
    )
}  # fmt: skip
SHOWN_AS = {"DWMGrad": "dwmgrad-decrease", "Adam": "adam", "AdaGrad": "adagrad"}


def data() -> dict[str, Frame]:
    tuning = _tuning(list(RULES), GRID)
    chosen = tuning[tuning.chosen == 1].set_index("method").alpha.to_dict()
    return {
        "equal": _curves(dict.fromkeys(RULES, EQUAL)),
        "tuned": _curves(chosen),
        "tuning": tuning,
        "published": read(folders.PUBLISHED / PUBLISHED[0]),
    }


def sample() -> dict[str, Frame]:
    return {"equal": _curves(dict.fromkeys(RULES, EQUAL)), "tuning": _tuning(["adam", "dwmgrad-decrease"], GRID)}


def _tuning(methods: list[str], grid: list[float]) -> Frame:
    job = {"problem": problems.get("rosenbrock"), "steps": STEPS + 1, "observe": ()}
    job["grid"] = list(range(STEPS + 1 - LAST, STEPS + 2))
    settings = [({"method": m, "alpha": a}, {**RULES[m], **job, "alpha": a}) for m in methods for a in grid]
    runs = sweep(settings, ["loss"]).groupby(["method", "alpha"]).loss.agg(["max", "size"])
    runs["score"] = runs["max"].where(runs["size"] == LAST + 1, np.inf)  # a run that stopped is no choice
    labels = pd.DataFrame([{**labels, "rule": job["rule"]} for labels, job in settings])
    table = labels.merge(runs.score.reset_index(), how="left", on=["method", "alpha"]).fillna({"score": np.inf})
    return choose(table, ["method"], "score")


def _curves(alphas: dict[str, float]) -> Frame:
    """loss and point after `step` steps: row t of a trace is the loss before step t."""
    job = {"problem": problems.get("rosenbrock"), "steps": STEPS + 1, "observe": ("iterate",)}
    job["grid"] = [step + 1 for step in KEPT]
    settings = [({"method": m, "alpha": a}, {**RULES[m], **job, "alpha": a}) for m, a in alphas.items()]
    table = sweep(settings, ["loss", "theta_0", "theta_1"])
    table.insert(2, "step", table.pop("t").astype(int) - 1)
    return table.rename(columns={"theta_0": "x", "theta_1": "y"})


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(2, 3)
    _losses(axes[0, 0], table["equal"], table["published"])
    axes[0, 0].set(title="equal α = 0.001, as published", ylim=(0, 105))
    for ax, version, title in ((axes[0, 1], "equal", "equal, logarithmic"), (axes[0, 2], "tuned", "tuned α")):
        _losses(ax, table[version], table["published"])
        ax.set(yscale="log", ylim=(1e-6, 2e2), title=title)
    _paths(axes[1, 0], table["equal"], (0.85, 1.55), (0.85, 2.1))
    axes[1, 0].set_title("paths, equal α")
    _paths(axes[1, 1], table["tuned"], (-0.3, 2.0), (-0.3, 2.3))
    axes[1, 1].set_title("paths, tuned α")
    _grid(axes[1, 2], table["tuning"])
    panel_letters(axes.flat)
    _legend(figure, axes[0, 0], table["tuning"])


def _line(method: str) -> dict[str, Any]:
    front = method in FRONT
    width, layer = (1.5, 3) if front else (0.6, 2)
    return {**METHODS[method].line, "linewidth": width, "zorder": layer}


def _losses(ax: Any, curves: Frame, published: Frame) -> None:
    """Computed curves, and the published points as far as they lie above their reading error."""
    for name, points in published[published.loss > ROSENBROCK_ERROR].groupby("optimizer"):
        color, low, high = (
            METHODS[SHOWN_AS[str(name)]].color,
            points.loss - ROSENBROCK_ERROR,
            points.loss + ROSENBROCK_ERROR,
        )
        ax.fill_between(points.step, low, high, color=color, alpha=0.25, linewidth=0)
        ax.plot(points.step, points.loss, "o", color=color, markersize=2.4, markevery=2, mew=0, zorder=4)
    for method, curve in curves.groupby("method", sort=False):
        ax.plot(curve.step, curve.loss, **_line(str(method)))
    ax.set(xlabel="steps taken", ylabel="loss", xlim=(0, STEPS))


def _paths(ax: Any, curves: Frame, xlim: tuple[float, float], ylim: tuple[float, float]) -> None:
    x, y = np.meshgrid(np.linspace(*xlim, 240), np.linspace(*ylim, 240))
    loss = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    ax.contour(x, y, np.log10(loss), levels=np.arange(-2, 4, 0.5), colors="#bbbbbb", linewidths=0.4, linestyles="-")
    for method, curve in curves.groupby("method", sort=False):
        ax.plot(curve.x, curve.y, **_line(str(method)))
    ax.plot(1, 2, "o", color="black", markersize=3.5, zorder=5)
    ax.plot(1, 1, "*", color="black", markersize=6, zorder=5)
    ax.annotate("start", (1, 2), xytext=(4, 2), textcoords="offset points", fontsize=7)
    ax.annotate("minimum", (1, 1), xytext=(5, -7), textcoords="offset points", fontsize=7)
    ax.set(xlabel="x", ylabel="y", xlim=xlim, ylim=ylim)


def _grid(ax: Any, tuning: Frame) -> None:
    for method, scores in tuning.groupby("method", sort=False):
        finite = scores[np.isfinite(scores.score)]
        ax.plot(finite.alpha, finite.score, **_line(str(method)))
        best = scores[scores.chosen == 1]
        size = 4 if method in FRONT else 2.5
        ax.plot(best.alpha, best.score, "D", color=METHODS[str(method)].color, markersize=size, mew=0, zorder=4)
    ax.axvline(EQUAL, color="#888888", linewidth=0.6)
    ax.set(xscale="log", yscale="log", xlabel="α", ylabel="largest loss, steps 450–500", ylim=(1e-9, 1e4))
    ax.set_title("the grid; ◆ chosen")


def _legend(figure: Figure, ax: Any, tuning: Frame) -> None:
    chosen = tuning[tuning.chosen == 1].set_index("method").alpha
    lines = {line.get_label(): line for line in ax.get_lines()}
    order = [*FRONT, *(method for method in RULES if method not in FRONT)]
    handles = [lines[METHODS[method].label] for method in order]
    labels = [f"{METHODS[method].label} ({chosen[method]:.2g})" for method in order]
    handles.append(ax.plot([], [], "o", color="#555555", markersize=3)[0])
    labels.append("published, band ±0.3")
    title = "method (tuned α)"
    figure.legend(
        handles, labels, loc="outside lower center", ncols=4, columnspacing=1.2, title=title, title_fontsize=7
    )
