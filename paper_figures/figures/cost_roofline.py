"""Where DWMGrad's step stands under what the machine can do, and how far below an ideal single pass.

From the committed profile. Bytes and operations are counted from the formula; bandwidth and the throughput of square
roots and divisions are measured by small compiled loops. At 1 a step is as fast as one fused pass can be. In (b)
torch.optim's engines step Adam; white marks in (a) are engines that take a pass over memory for every operation.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.cost import backends, machine_limits, roofline
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import cost
from paper_figures.lib.style import GREY, INK, PAGE, panel_letters
from proofs.cost.measurements import where

SOURCE = Source("dwmgrad", "the statement on time complexity, as seconds under a roofline")
SIZE = (PAGE, 3.5)
KEYS = ("engine", "rule", "d", "kernel")
PUBLISHED = (cost.PROFILE,)


def data() -> dict[str, Frame]:
    found = cost.profile()
    steps = [r for r in roofline.placed(found) if r["rule"] in (*cost.DWMGRAD, "adam")]
    machine = [
        {"kernel": r["rule"], "d": r["d"],
         "rate": machine_limits.UNITS[r["rule"].partition(" ")[0]] * r["d"] * r["calls"] / r["median"]}
        for r in where(found["timed"], section="machine")
    ]  # fmt: skip
    return {"steps": pd.DataFrame(steps), "machine": pd.DataFrame(machine)}


def sample() -> dict[str, Frame]:
    return {name: table.iloc[:5] for name, table in data().items()}


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(1, 2)
    _roof(axes[0], table["steps"], table["machine"])
    steps = table["steps"]
    for engine, look in cost.ENGINES.items():
        rule = "adam" if engine.startswith("torch.optim") else cost.ours(engine)
        part = steps[(steps.engine == engine) & (steps.rule == rule)]
        if len(part):
            cost.curve(axes[1], part, "d", "fraction", look)
    axes[1].axhline(1, color=INK, lw=0.6, ls=":")
    axes[1].set(xscale="log", yscale="log", ylim=(1e-3, 2.0), xlabel="coordinates d", ylabel="ideal bound / measured")
    axes[1].set_title("share of the ideal pass reached")
    panel_letters(axes)
    handles, labels = axes[1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)


def _roof(ax: Any, steps: Frame, machine: Frame) -> None:
    """Operations a second against operations a byte at the largest d, under the first cache's and the memory's roof."""
    rates = machine.set_index("kernel").rate
    copies = machine[machine.kernel.isin(machine_limits.MEMORY)].groupby("d").rate.max()
    at = np.geomspace(0.02, 3, 50)
    for d, name, dashes in ((copies.index.min(), "first cache", (0, (3, 1.2))), (copies.index.max(), "memory", "-")):
        ax.plot(at, np.minimum(at * copies[d], rates["multiply-add float64"]), color=INK, ls=dashes, lw=0.9)
        ax.annotate(name, (0.022, 0.022 * copies[d]), (0, 8), textcoords="offset points", fontsize=7, rotation=40)
    largest = steps[steps.d == steps.d.max()]
    for engine, look in cost.ENGINES.items():
        for rule, mark in ((cost.ours(engine), "o"), ("adam", "^")):
            part = largest[(largest.engine == engine) & (largest.rule == rule)]
            if len(part):
                ax.plot(part.intensity, part.operations_a_second, mark, color=look.color, ms=5, mfc=_face(engine))
    for mark, label in (("o", "DWMGrad"), ("^", "Adam")):
        ax.plot([], [], mark, color=GREY, ms=5, label=label)
    ax.legend(loc="lower right")
    ax.set(xscale="log", yscale="log", xlabel="operations a byte of the ideal pass", ylabel="operations a second")
    ax.set_title(f"roofline, d = $2^{{{int(np.log2(steps.d.max()))}}}$")


def _face(engine: str) -> str:
    """Filled for one pass over memory, white for one an operation."""
    return cost.ENGINES[engine].color if backends.get(engine).passes == "fused" else "white"
