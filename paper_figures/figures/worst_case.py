"""How much of their regret bounds do the worst gradients take: the largest ratio found, over the number of steps.

Linear losses g_t theta with |g_t| <= 1 on [-1, 1], every step size the best for its bound. Found by a seeded search
(`analysis.worst_case.adversary`), so a point is a lower limit of the worst case: more search can only raise it.
The bounds are R3 for DWMGrad's expanding window, Theorem 5 of [duchi2011] for AdaGrad, which takes the same steps as
the window with omega_0 = 0, and C-ogd's for gradient descent. For T <= 4 interval branch and bound encloses the worst
case itself (X-certified). In any dimension the worst case of gradient descent with the constant step is all of D G
sqrt(T) (C-ogd-pepit: 0.7071 at T = 2, D = 0.5).
"""

from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.frames import Frame
from analysis.worst_case import adversary
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import tables
from paper_figures.lib.style import BLUE, GREEN, GREY, INK, ORANGE, PAGE, RED, Look, panel_letters
from proofs.checkers.by_search import iterates
from proofs.models.worst_case import certified_ratio

SOURCE = Source("duchi2011", "Theorem 5, in the form of claim R3; claims X-tight, X-certified, C-ogd")
SIZE = (PAGE, 3.0)
KEYS = ("setting", "T", "t")
SLOW = True  # minutes of search

LOOKS = {
    "dwmgrad, expanding, omega0 = 0": Look("DWMGrad expanding, ω₀ = 0: R3", INK, "-"),
    "adagrad": Look("AdaGrad: D²/(2α) + α times S", GREEN, (0, (1, 1.5))),
    "dwmgrad, expanding, omega0 = 5": Look("DWMGrad expanding, ω₀ = 5: R3", BLUE, (0, (3, 1.2))),
    "sgd, D/(sqrt(2) G sqrt(t))": Look("SGD, α/√t: √2 D G √T", GREY, "-"),
    "sgd, D/(G sqrt(T))": Look("SGD, α = D/(G√T): D G √T", ORANGE, (0, (4, 1, 1, 1))),
}
ALONE = (*([name] for name in list(LOOKS)[2:]), list(LOOKS)[:2])  # searches side by side; twins together
SETTINGS = {setting.name: setting for setting in adversary.SETTINGS}
CERTIFIED, SEEDS = (1, 2, 3, 4), (0, 1)
SHOWN, LENGTH = "dwmgrad, expanding, omega0 = 0", 100  # the sequence drawn


def data() -> dict[str, Frame]:
    searches = [[SETTINGS[name] for name in names] for names in ALONE]
    parts: Any = Parallel(n_jobs=len(searches))(delayed(_found)(settings) for settings in searches)
    found = pd.concat(parts, ignore_index=True)
    return {"found": found, "certified": _certified(CERTIFIED, found), "path": _path(found)}


def _found(settings: list[adversary.Setting]) -> Frame:
    return pd.DataFrame(adversary.table(settings, seeds=SEEDS)).drop(columns="seconds")


def sample() -> dict[str, Frame]:
    """The committed sequences, played again."""
    found = tables.parsed(tables.committed("worst_case"))["worst_case-found.csv"]
    again = [adversary.row(SETTINGS[r.setting], float(r.start), r.g) for r in found.itertuples()]
    return {"found": pd.DataFrame(again), "certified": _certified((1, 2), found), "path": _path(found)}


def _certified(steps: tuple[int, ...], found: Frame) -> Frame:
    """Enclosures for omega_0 = 0, from the worst that the search finds there."""
    rows = []
    for T in steps:
        (row,) = adversary.table([SETTINGS[SHOWN]], (T,))
        proof = certified_ratio(T, guess=(np.array(row["g"].split(), dtype=float), row["start"]))
        rows.append({"T": T, "low": proof.low, "high": proof.high})
    return pd.DataFrame(rows)


def _path(found: Frame) -> Frame:
    row = found[(found.setting == SHOWN) & (found["T"] == LENGTH)].iloc[0]
    g = np.array(row.g.split(), dtype=float)
    theta = iterates(SETTINGS[SHOWN].rule, g, float(row.start), **SETTINGS[SHOWN].at(LENGTH))
    sign = -1.0 if g.sum() < 0 else 1.0  # so that -1 is the best point
    size = np.sqrt(np.cumsum(g**2))
    return pd.DataFrame({"t": np.arange(1, LENGTH + 1), "g": sign * g, "relative": sign * g / size,
                         "theta": sign * theta})  # fmt: skip


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
    _ratios(left, table["found"], table["certified"])
    _worst(right, table["path"])
    panel_letters((left, right))
    marks: list[Any] = [
        Line2D([], [], label=k.label, color=k.color, ls=k.dashes, marker="o", ms=3) for k in LOOKS.values()
    ]
    marks += [
        Line2D([], [], ls="", marker="|", color=RED, ms=8, mew=2.5, label="ω₀ = 0, T ≤ 4: proved enclosure"),
        Line2D(
            [],
            [],
            ls="",
            marker="D",
            color=ORANGE,
            mfc="white",
            ms=4,
            label="the same SGD in any dimension (PEPit): 0.7071 = D G √2",
        ),  # fmt: skip
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=3, columnspacing=1.2)


def _ratios(ax: Any, found: Frame, certified: Frame) -> None:
    for name, look in LOOKS.items():
        part = found[found.setting == name]
        ax.plot(part["T"], part.ratio, marker="o", ms=3, color=look.color, ls=look.dashes)
    ax.vlines(certified["T"], certified.low, certified.high, color=RED, lw=2.5)
    ax.plot(2, 1, "D", color=ORANGE, mfc="white", ms=4, clip_on=False)
    ax.axhline(1, color=INK, lw=0.6, ls=":")
    ax.annotate("the bound", (1.05, 0.985), fontsize=7, va="top")
    ax.set(xscale="log", xlabel="steps T", ylabel="largest regret found / bound", ylim=(0.45, 1.02), xlim=(0.9, 1200))
    ax.set_title("worst case found")


def _worst(ax: Any, path: Frame) -> None:
    ax.vlines(path.t, 0, path.relative, color=GREY, lw=1.0)
    ax.plot(path.t, path.theta, color=INK, lw=1.1)
    ax.axhline(-1, color=GREEN, lw=0.8, ls="--")
    ax.annotate("best point", (LENGTH, -0.97), fontsize=7, ha="right", color=GREEN)
    ax.set(xlabel="step t", ylabel="iterate θₜ (line), gₜ/√Σg² (bars)", ylim=(-1.08, 1.08))
    ax.set_title(f"the gradients found, ω₀ = 0, T = {LENGTH}")
