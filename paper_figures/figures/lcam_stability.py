"""LCAM on ½ lambda theta²: how large alpha lambda may be, with a fixed, a freely switched and its own coefficient.

With one coefficient mu the limit is 2(1 + mu) (R9a). Switched in any order between 0.9 and 0.95 it is stable below
a* (R9b: one quadratic Lyapunov function; R9d: 3.65 with three letters of memory) and up to 3.661066 (R9g: polygons); at
3.66107 the word lllhhhh, l = 0.9 and h = 0.95, diverges (R9c). What LCAM's own loss control does in between depends on
the epoch's length (R9e: epochs of 5 steps diverge for 3.7277 to 3.7325): the rate is the growth of log |(theta, V)|
per step from theta = 1, V = 0, after a thousand steps of transient.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib.style import BLUE, GREEN, GREY, INK, ORANGE, PAGE, RED, panel_letters
from proofs.claims.lcam.r9_common_lyapunov import HIGH, LOW, S
from proofs.claims.lcam.r9_loss_controlled import CURVATURE, EPOCH, Orbit
from proofs.claims.lcam.r9_switching import STABLE, UNSTABLE, WORD, product, steps, words
from proofs.models.step_matrix import det, trace

SOURCE = Source("lcam", "the LCAM update; the claims R9a to R9e")
SIZE = (PAGE, 3.2)
KEYS = ("limit", "a", "epoch")

EPOCHS = tuple(range(2, 31))
OWN = tuple(round(3.6 + 0.001 * i, 3) for i in range(200))
FREE = tuple(round(3.3 + 0.005 * i, 3) for i in range(131))
LONGEST, TRANSIENT, LENGTH = 12, 1000, 4000
SHOWN, PROVED = EPOCH, float(CURVATURE)  # R9e: from rest the run with these epochs is proved to diverge here


def data() -> dict[str, Frame]:
    return {"limits": _limits(), "free": _free(FREE), "own": _own(EPOCHS, OWN)}


def sample() -> dict[str, Frame]:
    return {"limits": _limits(), "free": _free((3.5, 3.7)), "own": _own((2, 5), (3.7, 3.73, 3.75))}


def _limits() -> Frame:
    lyapunov = 4 * (1 - LOW) * (1 - HIGH) / (2 - math.sqrt(2 * S)) ** 2
    values = {"common": lyapunov, "memory": STABLE, "word": UNSTABLE, "low": 2 * (1 + LOW), "high": 2 * (1 + HIGH)}
    return pd.DataFrame({"limit": list(values), "alpha_lambda": [float(v) for v in values.values()]})


def _free(values: tuple[float, ...]) -> Frame:
    """Growth per step with l and h alone, and of the worst word of up to LONGEST letters."""
    tried = words(LONGEST)
    rows = []
    for a in values:
        A = steps(a, float)
        rates = {word: _rate(product(word, A)) / len(word) for word in tried}
        worst = max(rates, key=lambda word: (round(rates[word], 12), -len(word)))
        rows.append({"a": a, "low": rates["l"], "high": rates["h"], "worst": rates[worst], "word": worst})
    return pd.DataFrame(rows)


def _rate(M: Any) -> float:
    """log of the spectral radius, from z² - T z + D."""
    T, D = trace(M), det(M)
    inner = T * T / 4 - D
    return math.log(abs(T) / 2 + math.sqrt(inner)) if inner >= 0 else math.log(D) / 2


def _own(epochs: tuple[int, ...], values: tuple[float, ...]) -> Frame:
    parts = [pd.DataFrame({"a": values, "epoch": epoch, "rate": _orbits(np.array(values), epoch)}) for epoch in epochs]
    return pd.concat(parts, ignore_index=True)


def _orbits(a: Any, epoch: int) -> Any:
    """Growth per step for many alpha lambda at once."""
    orbit, total, counted = Orbit(float, epoch=epoch), np.zeros(len(a)), 0
    orbit.lam = a
    for t in range(1, LENGTH + 1):
        orbit.step()
        if t % epoch == 0:  # only there may the state be rescaled: the running mean starts anew
            size = orbit.rescale()
            if t > TRANSIENT:
                total, counted = total + np.log(size), counted + epoch
    return total / counted


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 3, width_ratios=(1, 1, 1.15))
    limits = dict(zip(table["limits"].limit, table["limits"].alpha_lambda, strict=True))
    _plane(axes[0], limits)
    _rates(axes[1], table, limits)
    image = _map(axes[2], table["own"], limits)
    bar = figure.colorbar(image, ax=axes[2], pad=0.02, aspect=25)
    bar.set_label("log growth a step")
    bar.outline.set_linewidth(0.4)
    panel_letters(axes)
    marks = [
        Line2D([], [], color=INK, label="one coefficient μ: 2(1 + μ)"),
        Line2D([], [], color=GREEN, ls="-", label=f"common quadratic Lyapunov function, a* = {limits['common']:.4f}"),
        Line2D([], [], color=BLUE, ls="--", label="any order converges at 3.65 (memory of 3)"),
        Line2D([], [], color=RED, ls=":", label=f"the word {WORD} diverges, {limits['word']:.5f}"),
        Line2D([], [], color=RED, label=f"worst word of ≤ {LONGEST} letters"),
        Line2D([], [], color=GREY, label="μ = 0.9 alone"),
        Line2D([], [], color=GREY, ls="--", label="μ = 0.95 alone"),
        Line2D([], [], color=ORANGE, label=f"LCAM, epochs of {SHOWN} steps"),
        Line2D(
            [], [], ls="", marker="*", color=ORANGE, ms=7, mec=INK, mew=0.5, label=f"LCAM diverges, proved at {PROVED}"
        ),
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=3, columnspacing=1.2)


def _verticals(ax: Any, limits: dict[str, float]) -> None:
    for name, color, dashes in (("common", GREEN, "-"), ("memory", BLUE, "--"), ("word", RED, ":")):
        if ax.get_xlim()[0] < limits[name]:
            ax.axvline(limits[name], color=color, ls=dashes, lw=1.0)


def _plane(ax: Any, limits: dict[str, float]) -> None:
    mu = np.array([0.8, 1.0])
    ax.plot(2 * (1 + mu), mu, color=INK)
    for name, value in (("low", float(LOW)), ("high", float(HIGH))):
        ax.plot([3.1, limits[name]], [value, value], color=GREY, lw=0.8)
        ax.plot(limits[name], value, "o", color=INK, ms=3.5)
        ax.annotate(
            f"{limits[name]:.1f}", (limits[name], value), xytext=(5, -8), textcoords="offset points", fontsize=7
        )
    ax.fill_betweenx([float(LOW), float(HIGH)], 3.1, limits["common"], color=GREEN, alpha=0.15, lw=0)
    ax.text(3.26, 0.925, "any order\nconverges", fontsize=7, va="center", ha="center")
    ax.plot(PROVED, 0.925, "*", color=ORANGE, ms=7, mec=INK, mew=0.5)
    ax.set(xlim=(3.1, 4), ylim=(0.86, 1), xlabel="αλ", ylabel="coefficient μ", title="limits")
    _verticals(ax, limits)


def _rates(ax: Any, table: dict[str, Frame], limits: dict[str, float]) -> None:
    free, own = table["free"], table["own"]
    own = own[own.epoch == SHOWN]
    ax.axhline(0, color=INK, lw=0.6)
    ax.plot(free.a, free.low, color=GREY)
    ax.plot(free.a, free.high, color=GREY, ls="--")
    ax.plot(free.a, free.worst, color=RED)
    ax.plot(own.a, own.rate, color=ORANGE, lw=1.0)
    ax.plot(PROVED, own.rate[np.isclose(own.a, PROVED)], "*", color=ORANGE, ms=7, mec=INK, mew=0.5)
    ax.set(xlim=(3.3, 3.93), ylim=(-0.06, 0.06), xlabel="αλ", ylabel="log growth a step", title="growth on ½λθ²")
    _verticals(ax, limits)


def _map(ax: Any, own: Frame, limits: dict[str, float]) -> Any:
    grid = own.pivot(index="epoch", columns="a", values="rate")
    colors = TwoSlopeNorm(0, float(own.rate.min()), float(own.rate.max()))
    image = ax.pcolormesh(grid.columns, grid.index, grid, cmap="PuOr_r", norm=colors, rasterized=True)
    ax.set(xlabel="αλ", ylabel="steps in an epoch", title="LCAM's own switching")
    ax.set_xticks([3.6, 3.65, 3.7, 3.75, 3.8])
    ax.axvline(limits["word"], color=RED, ls=":", lw=1.0)
    ax.plot(PROVED, SHOWN, "*", color=ORANGE, ms=7, mec=INK, mew=0.5)
    return image
