"""Time of a step against coordinates and of a run against steps, with the exponents fitted to them.

From the committed profile. t = c0 + c1 x^p with 95 % intervals: against n on 16 coordinates, against d up to half of
the last cache and from twice its size on. The shaded band is what the claims S-time allow, 0.03 on either side of 1.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import cost
from paper_figures.lib.style import INK, PAGE, panel_letters
from proofs.cost import measurements

SOURCE = Source("dwmgrad", "the statement on time complexity: O(n d)")
SIZE = (PAGE, 5.4)
KEYS = ("section", "engine", "rule", "against", "segment", "x")
PUBLISHED = (cost.PROFILE,)

RULES = ("dwmgrad", "adam", "adamomentum", "lcam", "amsgrad", "rmsprop", "heavy-ball", "sgd", cost.EXPLICIT)
SEGMENTS = ("n", measurements.IN_CACHE, measurements.PAST)


def data() -> dict[str, Frame]:
    found = cost.profile()
    points = [
        {"section": r["section"], "engine": r["engine"], "rule": r["rule"], "x": r[r["section"]],
         **{name: r[name] / (r["calls"] if r["section"] == "d" else 1) for name in ("median", "low", "high")}}
        for r in found["timed"]
        if r["section"] in ("d", "n") and r["rule"] in (*RULES, *cost.DWMGRAD)
    ]  # fmt: skip
    fits = pd.DataFrame(measurements.exponents(found)).drop(columns=["spread"])
    return {"times": pd.DataFrame(points), "exponents": fits}


def sample() -> dict[str, Frame]:
    return {"times": data()["times"].iloc[:10]}


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(2, 2, height_ratios=(1, 1.05))
    times, fits = table["times"], table["exponents"]
    against_d = times[times.section == "d"]
    _engines(axes[0, 0], against_d, fits[fits.against == "d"], "time of a step, s")
    axes[0, 0].set(xlabel="coordinates d", title="a DWMGrad step")
    _rules(axes[0, 1], against_d[against_d.engine == "compiled"])
    _engines(axes[1, 0], times[times.section == "n"], fits[fits.against == "n"], "time of n steps, s")
    axes[1, 0].set(xlabel="steps n", title="a DWMGrad run, d = 16")
    _exponents(axes[1, 1], fits)
    for ax in axes[0]:
        ax.axvline(_last_cache(fits), color=INK, lw=0.5, ls=":")
    panel_letters(axes.flat)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)


def _last_cache(fits: Frame) -> float:
    """Coordinates at which the compiled step's fit in the caches ends."""
    part = fits[(fits.segment == measurements.IN_CACHE) & (fits.engine == "compiled") & (fits.rule == "dwmgrad")]
    return float(part["to"].iloc[0]) if len(part) else float("nan")


def _engines(ax: Any, rows: Frame, fits: Frame, label: str) -> None:
    """Measured points, and through them what was fitted to them."""
    for engine, look in cost.ENGINES.items():
        part, curves = (of[(of.engine == engine) & (of.rule == cost.ours(engine))] for of in (rows, fits))
        if len(part):
            ax.plot(part.x, part["median"], "o", ms=2, color=look.color)
            ax.plot([], [], **look.line, lw=1.0)
        for fit in curves.rename(columns={"from": "first"}).itertuples():
            x = np.geomspace(fit.first, fit.to, 100)
            ax.plot(x, fit.c0 + fit.c1 * x**fit.p, color=look.color, ls=look.dashes, lw=1.0)
    ax.set(xscale="log", yscale="log", ylabel=label)


def _rules(ax: Any, rows: Frame) -> None:
    """Nanoseconds a coordinate: a straight line of slope 1 lies flat."""
    for rule in RULES:
        part = rows[rows.rule == rule]
        if len(part):
            cost.curve(ax, part.assign(each=1e9 * part["median"] / part.x), "x", "each", cost.RULES[rule])
    ax.set(xscale="log", yscale="log", xlabel="coordinates d", ylabel="time of a coordinate, ns")
    ax.set_title("every rule, compiled")
    ax.set_ylim(top=40 * ax.get_ylim()[1])
    ax.legend(ncols=3, fontsize=7, loc="upper right", columnspacing=0.6, handlelength=1.1, borderaxespad=0)


def _exponents(ax: Any, fits: Frame) -> None:
    shown = [e for e in cost.ENGINES if len(fits[(fits.engine == e) & (fits.rule == cost.ours(e))])]
    ax.axvspan(0.97, 1.03, color=INK, alpha=0.12, lw=0)
    for i, engine in enumerate(shown):
        part = fits[(fits.engine == engine) & (fits.rule == cost.ours(engine))]
        for j, segment in enumerate(SEGMENTS):
            row = part[(part.against == "n") if segment == "n" else (part.segment == segment)]
            if len(row):
                p, low, high = (float(row[name].iloc[0]) for name in ("p", "low", "high"))
                y, look = i + 0.24 * (j - 1), cost.ENGINES[engine]
                ax.plot([low, high], [y, y], color=look.color, lw=1.2)
                ax.plot(p, y, "oDs"[j], color=look.color, ms=3, mfc="white" if j == 1 else look.color)
    for mark, label in zip("oDs", ("against n", "d, in cache", "d, past the caches"), strict=True):
        ax.plot([], [], mark, color=INK, ms=3, mfc="white" if mark == "D" else INK, label=label)
    ax.set_yticks(range(len(shown)), [cost.ENGINES[e].label for e in shown])
    ax.set(xlim=(0.8, 1.3), ylim=(len(shown) + 0.7, -0.6), xlabel="exponent p with its 95 % interval")
    ax.set_title("exponents, DWMGrad")
    ax.legend(loc="lower center", fontsize=7, ncols=3, columnspacing=0.2, handletextpad=-0.2, borderaxespad=0)
