"""How often v_t <= v_{t+1}, on which AdaMomentum's convergence theorem rests, fails on ordinary runs (claim R8c).

Share of all (step, coordinate) pairs at which the second moment falls, above rounding, and at which √v_t/alpha_t
does, which is what a proof really needs. alpha_t = alpha/√t, default rates, the shares of R8c at 5000 steps; and
the same at other lengths, and on runs over mini-batches and shuffled rows, which R8c does not have.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.frames import Frame
from dwmgrad_ref import run
from dwmgrad_ref.rules.base import Source
from paper_figures.lib.style import BLUE, INK, ORANGE, PAGE, PURPLE, panel_letters
from proofs.claims.adamomentum.r8_assumption import MEASURED, MOMENTS, STEPS

SOURCE = Source("adam3", "supplement, Theorem 4: its assumption v_t <= v_{t+1}, counted on runs")
SIZE = (PAGE, 3.4)
KEYS = ("problem", "alpha", "steps")

LENGTHS = (1000, STEPS, 20_000, 100_000)
ALPHAS = (1e-3, 1e-2, 1e-1)
ONLINE = ("stream-logistic-breast-cancer", "minibatch-softmax-digits")
TITLES = dict(
    zip(
        (*MEASURED, *ONLINE),
        ("logistic, breast cancer", "diagonal quadratic", "dense quadratic", "Rosenbrock")
        + ("logistic, row by row", "softmax digits, batches"),
        strict=True,
    )
)
SHADES = {1e-3: (PURPLE, "o"), 1e-2: (BLUE, "s"), 1e-1: (ORANGE, "D")}


def data() -> Frame:
    return _shares(tuple(TITLES), ALPHAS, LENGTHS)


def sample() -> Frame:
    return _shares(("rosenbrock", "quadratic-diagonal"), ALPHAS, LENGTHS[:2])


def _shares(names: tuple[str, ...], alphas: tuple[float, ...], lengths: tuple[int, ...]) -> Frame:
    parts = []
    for name in names:
        marks = [t for t in lengths if t <= (20_000 if name in ONLINE else max(lengths))]
        for alpha in alphas:
            options: dict[str, Any] = {"alpha": alpha, "schedule": "sqrt"}
            frame: Frame = run("adamomentum", name, max(marks), [MOMENTS], grid=marks, **options).frame
            shown = frame[frame.t.isin(marks)].rename(columns={"t": "steps"}).astype({"steps": int})
            parts.append(shown.assign(problem=name, alpha=alpha)[[*KEYS, "v", "h"]])
    return pd.concat(parts, ignore_index=True)


def draw(figure: Figure, table: Frame) -> None:
    axes = figure.subplots(1, 3, width_ratios=(1, 1, 1.1))
    at = table[table.steps == STEPS]
    for ax, column, title in ((axes[0], "v", "$v_t$ falls"), (axes[1], "h", "$\\sqrt{v_t}/\\alpha_t$ falls")):
        _bars(ax, at, column)
        ax.set_title(f"{title}, {STEPS} steps")
    axes[1].set_yticklabels([])
    _lengths(axes[2], table)
    panel_letters(axes)
    handles, labels = axes[0].get_legend_handles_labels()
    for face, label in ((INK, "full gradient"), ("white", "a row or a batch a step")):
        handles.append(Line2D([], [], color=INK, marker="o", mfc=face, ms=3, lw=0.8, mew=0.6))
        labels.append(label)
    figure.legend(handles, labels, loc="outside lower center", ncols=5)


def _bars(ax: Any, at: Frame, column: str) -> None:
    for i, (alpha, (color, _)) in enumerate(SHADES.items()):
        part = at[at.alpha == alpha].set_index("problem")[column].reindex(list(TITLES))
        y = np.arange(len(TITLES)) + 0.26 * (i - 1)
        ax.barh(y, part, 0.24, color=color, label=f"α = {alpha:g}")
    ax.axvline(0.5, color=INK, lw=0.6, ls=":")
    ax.axhline(len(MEASURED) - 0.5, color=INK, lw=0.4)
    ax.set_yticks(range(len(TITLES)), list(TITLES.values()))
    ax.set(xlim=(0, 1), ylim=(len(TITLES) - 0.5, -0.5), xlabel="share of steps and coordinates")
    ax.tick_params(axis="y", length=0)


def _lengths(ax: Any, table: Frame) -> None:
    for name in TITLES:
        for alpha, (color, shape) in SHADES.items():
            part = table[(table.problem == name) & (table.alpha == alpha)]
            style = {"mfc": "white"} if name in ONLINE else {}
            ax.plot(part.steps, part.v, color=color, marker=shape, ms=3, lw=0.8, mew=0.6, **style)
    ax.axvline(STEPS, color=INK, lw=0.6, ls=":")
    ax.set(xscale="log", ylim=(-0.01, 1.01), xlabel="steps", ylabel="share of steps and coordinates")
    ax.set_title("$v_t$ falls, by length")
