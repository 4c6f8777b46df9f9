"""Which signal, cap, step size and first window give the published DWMGrad curve on Rosenbrock's valley?

Every combination of SIGNALS, DELTAS, ALPHAS and OMEGAS is run from (1, 2), gamma = 0.9 throughout, and its loss
compared with the 40 published points, steps 0..78. Distances are in units of the reading error, 0.3 in loss
(`analysis.comparison.published_curves.distance`). `rms_late` reads the published step n
as the loss before step n instead of after n steps, that is one step earlier on the axis.
"""

from itertools import product
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.comparison.published_curves import ROSENBROCK_ERROR, distance, read
from analysis.frames import Frame
from analysis.stats.tuning import sweep
from dwmgrad_ref import problems
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import folders
from paper_figures.lib.style import INK, PAGE, panel_letters

SOURCE = Source("dwmgrad-code", "the Rosenbrock example's image")
PUBLISHED = ("rosenbrock_loss.csv",)
SIZE = (PAGE, 4.7)
KEYS = ("rule", "signal", "delta", "alpha", "omega0")

SIGNALS = ("loss", "increase", "decrease")
DELTAS = (5, 10, 12, 15, 20, 50, 100, 1000)
ALPHAS = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2)
OMEGAS = (1, 5, 10)
# What the sources use: the paper's defaults, and the three example scripts.
SOURCES = {
    ("loss", 10, 1e-3, 5): "the paper's defaults",
    ("decrease", 15, 1e-3, 5): "released script for Rosenbrock",
    ("increase", 1000, 1e-3, 5): "released script for MNIST",
    ("increase", 100, 1e-4, 5): "released script for CIFAR-10",
}


def data() -> Frame:
    return _distances(DELTAS, ALPHAS, OMEGAS)


def sample() -> Frame:
    return _distances((10, 15), (1e-3,), (5,))


def _distances(deltas: tuple[int, ...], alphas: tuple[float, ...], omegas: tuple[int, ...]) -> Frame:
    published = read(folders.PUBLISHED / PUBLISHED[0])
    settings = []
    for signal, delta, alpha, omega0 in product(SIGNALS, deltas, alphas, omegas):
        if omega0 <= delta:
            options: dict[str, Any] = {"signal": signal, "delta": delta, "alpha": alpha, "omega0": omega0}
            settings.append(({"rule": "dwmgrad", **options}, {"rule": "dwmgrad", **options}))
    for rule in ("adam", "adagrad"):  # how close a curve can come whose formula is beyond doubt
        label = {"rule": rule, "signal": "", "delta": 0, "alpha": 1e-3, "omega0": 0}
        settings.append((label, {"rule": rule, "alpha": 1e-3}))
    last = int(published.step.max()) + 2  # rows t = step + 1, and one more for the late reading
    job = {"problem": problems.get("rosenbrock"), "steps": last, "grid": 1, "observe": ()}
    runs = sweep([(label, {**options, **job}) for label, options in settings], ["loss"])
    rows = []
    for label, run in runs.groupby(list(KEYS), sort=False):
        shown = {"dwmgrad": "DWMGrad", "adam": "Adam", "adagrad": "AdaGrad"}[label[0]]
        points = published[published.optimizer == shown]
        curve = np.full(last, np.nan)
        curve[: len(run)] = run.loss
        steps, losses = points.step.to_numpy(), points.loss.to_numpy()
        near = distance(steps, losses, curve, ROSENBROCK_ERROR)
        late = distance(steps, losses, curve[1:], ROSENBROCK_ERROR)
        rows.append({**dict(zip(KEYS, label, strict=True)), **near._asdict(), "rms_late": late.rms})
    return pd.DataFrame(rows)


def draw(figure: Figure, table: Frame) -> None:
    parts: Any = figure.subfigures(2, 1, height_ratios=(1.25, 1))
    maps, text = parts
    ours = table[table.rule == "dwmgrad"]
    axes = maps.subplots(1, 3, sharey=True)
    image = None
    for ax, signal in zip(axes, SIGNALS, strict=True):
        image = _map(ax, ours[(ours.signal == signal) & (ours.omega0 == 5)])
        ax.set_title(f"signal {signal}, ω₀ = 5")
    axes[0].set_ylabel("cap δ")
    panel_letters(axes)
    bar = maps.colorbar(image, ax=axes, pad=0.01, aspect=15)
    bar.set_label("rms distance / 0.3")
    bar.outline.set_linewidth(0.4)
    _ranking(text, table)


def _map(ax: Any, part: Frame) -> Any:
    grid = part.pivot(index="delta", columns="alpha", values="rms")
    colors = matplotlib.colormaps["viridis_r"]
    norm = LogNorm(0.9, 300)
    image = ax.imshow(grid, cmap=colors, norm=norm, aspect="auto", origin="lower")
    for i, j in np.ndindex(grid.shape):
        value = float(grid.iloc[i, j])
        label = f"{value:.1f}" if value < 10 else f"{value:.0f}" if value < 1000 else "≥1k"
        ax.text(j, i, label, ha="center", va="center", fontsize=7, color="white" if norm(value) > 0.5 else INK)
    for (signal, delta, alpha, _), _name in SOURCES.items():
        if signal == part.signal.iloc[0]:
            at = (list(grid.columns).index(alpha) - 0.5, list(grid.index).index(delta) - 0.5)
            ax.add_patch(Rectangle(at, 1, 1, fill=False, edgecolor="#d55e00", linewidth=1.8))
    ax.set_xticks(range(len(grid.columns)), [f"{a:g}" for a in grid.columns], rotation=60)
    ax.set_yticks(range(len(grid.index)), [f"{d:g}" for d in grid.index])
    ax.set_xlabel("α")
    ax.tick_params(length=0)
    return image


def ranking(table: Frame) -> Frame:
    """The five nearest options and those that the sources use, nearest first, and Adam and AdaGrad for scale."""
    ours = table[table.rule == "dwmgrad"].sort_values("rms_slack")
    names = pd.Series([SOURCES.get((r.signal, r.delta, r.alpha, r.omega0), "") for r in ours.itertuples()], ours.index)
    rank = pd.Series(range(1, len(ours) + 1), ours.index)
    kept = ours.assign(rank=rank, source=names)[(rank <= 5) | (names != "")]
    others = table[table.rule != "dwmgrad"].assign(rank=0, source="for scale")
    return pd.concat([kept, others], ignore_index=True)


def _ranking(figure: Any, table: Frame) -> None:
    ax = figure.subplots()
    ax.axis("off")
    head = ["rank", "  signal", "δ", "α", "ω₀", "rms", "worst", "rms ±½ step", "worst ±½ step", "rms, late", ""]
    cells = []
    for r in ranking(table).itertuples():
        ours = r.rule == "dwmgrad"
        name = r.signal if ours else {"adam": "Adam", "adagrad": "AdaGrad"}[r.rule]
        what = [str(r.rank), f"  {name}", f"{r.delta:g}"] if ours else ["", f"  {name}", ""]
        numbers = [f"{value:.2f}" for value in (r.rms, r.worst, r.rms_slack, r.worst_slack, r.rms_late)]
        cells.append([*what, f"{r.alpha:g}", f"{r.omega0:g}" if ours else "", *numbers, f"  {r.source}"])
    widths = [0.05, 0.085, 0.06, 0.07, 0.05, 0.07, 0.07, 0.105, 0.115, 0.085, 0.24]
    drawn = ax.table(cells, colLabels=head, colWidths=widths, loc="center", cellLoc="right", edges="horizontal")
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(7)
    for (row, column), cell in drawn.get_celld().items():
        cell.set_linewidth(0.6 if row == 0 else 0)
        cell.set_height(1 / (len(cells) + 1.5))
        cell.PAD = 0.04
        side = "left" if column in (1, len(head) - 1) else "right"
        cell.get_text().set_ha(side)
        cell._loc = side
    ax.set_title("(d) nearest options, and those of the sources (outlined above); unit: the reading error, 0.3 in loss")
