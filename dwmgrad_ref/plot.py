"""A run, or several, drawn: regret beside its bounds, the potential, the window, the effective step.

Figures are matplotlib objects, never pyplot state, so they draw anywhere and nothing has to be closed.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.execution.trace import Trace
from dwmgrad_ref.files import write_atomic

# Okabe and Ito's colours, told apart by colour-blind readers; the pale yellow left out.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLE: dict[Any, Any] = {
    "font.size": 8, "axes.titlesize": 8, "axes.labelsize": 8, "legend.fontsize": 7, "xtick.labelsize": 7,
    "ytick.labelsize": 7, "lines.linewidth": 1.2, "axes.spines.top": False, "axes.spines.right": False,
    "axes.titlelocation": "left", "axes.titleweight": "bold", "legend.frameon": False, "pdf.fonttype": 42,
    "axes.grid": True, "grid.linewidth": 0.3, "grid.alpha": 0.6, "axes.formatter.useoffset": False,
}  # fmt: skip
WIDTH, HEIGHT = 7.0, 2.3  # inches: two panels across a page's text, each a column wide; height of a row

Runs = Mapping[str, Trace]


def plot(traces: Trace | Runs) -> Figure:
    """Draw what the traces have observed, at most four panels, over the steps t.

    Args:
        traces: one trace, or several by label.

    Returns:
        The figure; `save` writes it.

    Raises:
        BadInput: no trace has a row.
    """
    runs = {traces.meta["rule"]: traces} if isinstance(traces, Trace) else dict(traces)
    runs = {label: trace for label, trace in runs.items() if not trace.frame.empty}
    if not runs:
        raise BadInput("nothing to draw: no trace has a row")
    panels = [draw for needed, draw in PANELS if any(_has(t, column) for t in runs.values() for column in needed)]
    if not any(_has(trace, "regret") for trace in runs.values()):
        panels.insert(0, _loss)
    rows = -(-len(panels) // 2)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, HEIGHT * rows + 0.3), layout="constrained")
        FigureCanvasAgg(figure)
        for place, draw in enumerate(panels, start=1):
            axes = figure.add_subplot(rows, min(2, len(panels)), place)
            draw(axes, runs)
            axes.set_xscale("log")
            axes.set_xlabel("step t")
        _title(figure, runs)
    return figure


def save(figure: Figure, stem: str | Path) -> list[Path]:
    """Write stem.pdf and stem.png (200 dots an inch), whatever suffix `stem` has; returns both paths."""
    written = []
    with matplotlib.rc_context(STYLE):
        for kind in ("pdf", "png"):
            path = Path(stem).with_suffix(f".{kind}")
            written.append(write_atomic(path, lambda file, kind=kind: figure.savefig(file, format=kind, dpi=200)))
    return written


# --- panels --------------------------------------------------------------------------------------------------


def _loss(axes: Axes, runs: Runs) -> None:
    for colour, trace in _coloured(runs):
        _line(axes, trace, "loss", color=colour)
    axes.set(title="loss", ylabel="f$_t$(θ$_t$)")


def _regret(axes: Axes, runs: Runs) -> None:
    styles = {"regret": "-", "bound": "--", "bound_apriori": ":"}
    drawn = [name for name in styles if [_line(axes, t, name, color=c, ls=styles[name]) for c, t in _coloured(runs)]
             and any(_has(t, name) for t in runs.values())]  # fmt: skip
    told = {"regret": "regret", "bound": "bound, a posteriori", "bound_apriori": "bound, a priori"}
    axes.legend(handles=[Line2D([], [], color="0.3", ls=styles[n], label=told[n]) for n in drawn])
    axes.set(title="regret beside its bounds", ylabel="R$_t$ (units of the loss)")


def _potential(axes: Axes, runs: Runs) -> None:
    broken = False
    for colour, trace in _coloured(runs):
        _line(axes, trace, "potential", color=colour)
        first = trace.frame["first_violation"].iloc[-1] if _has(trace, "first_violation") else np.nan
        if np.isfinite(first):
            axes.axvline(first, color=colour, lw=0.8, ls=(0, (1, 1)))
            broken = True
    if broken:
        axes.legend(handles=[Line2D([], [], color="0.3", lw=0.8, ls=(0, (1, 1)), label="h first falls")])
    axes.set(title="potential", ylabel="Φ$_t$ = ½ Σ h (z − u)²")


def _window(axes: Axes, runs: Runs) -> None:
    windowed = any(_has(trace, "window") for trace in runs.values())
    right = axes.twinx() if windowed else axes
    for colour, trace in _coloured(runs):
        _line(axes, trace, "window", log=False, color=colour, drawstyle="steps-post")
        _line(right, trace, "momentum", log=False, color=colour, ls="--" if windowed else "-", lw=0.8)
    right.set(ylabel="momentum μ$_t$", ylim=(-0.03, 1.03))
    if not windowed:
        axes.set(title="momentum")
        return
    right.grid(False)
    right.spines["right"].set_visible(True)
    highest = axes.dataLim.y1
    axes.set(title="window and momentum", ylabel="window ω$_t$ (steps)", ylim=(-0.03 * highest, 1.08 * highest))
    if highest > 50:  # a window that grows: its first steps are to be seen too
        axes.set(yscale="log", ylim=(0.9, 1.5 * highest))
    axes.legend(
        handles=[Line2D([], [], color="0.3", label="window"), Line2D([], [], color="0.3", ls="--", label="momentum")]
    )


def _step(axes: Axes, runs: Runs) -> None:
    for colour, trace in _coloured(runs):
        if _has(trace, "step_max"):
            low, high = (_positive(trace, name) for name in ("step_min", "step_max"))
            axes.fill_between(trace.frame["t"], low, high, color=colour, alpha=0.18, lw=0)
            axes.plot(trace.frame["t"], low, color=colour, lw=0.8)
            axes.plot(trace.frame["t"], high, color=colour, lw=0.8)
    axes.set_yscale("log")
    axes.set(title="effective step, smallest to largest", ylabel="1 / h$_t$ (θ per gradient)")


PANELS: tuple[tuple[tuple[str, ...], Callable[[Axes, Runs], None]], ...] = (
    (("regret",), _regret), (("potential",), _potential), (("window", "momentum"), _window), (("step_max",), _step),
)  # fmt: skip


def _line(axes: Axes, trace: Trace, column: str, *, log: bool = True, **looks: Any) -> None:
    """One column over t; on a log scale the values that are not positive are left out."""
    if _has(trace, column):
        axes.plot(trace.frame["t"], _positive(trace, column) if log else trace.frame[column], **looks)
        if log:
            axes.set_yscale("log")


def _positive(trace: Trace, column: str) -> np.ndarray:
    values = trace.frame[column].to_numpy(dtype=float)
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _has(trace: Trace, column: str) -> bool:
    return column in trace.frame and bool(np.isfinite(trace.frame[column]).any())


def _coloured(runs: Runs) -> list[tuple[str, Trace]]:
    return [(COLOURS[n % len(COLOURS)], trace) for n, trace in enumerate(runs.values())]


def _title(figure: Figure, runs: Runs) -> None:
    first = next(iter(runs.values())).meta
    handles = [
        Line2D([], [], color=colour, label=label) for (colour, _), label in zip(_coloured(runs), runs, strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=min(4, len(runs)), title=first["problem"])
