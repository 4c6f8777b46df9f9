"""The price of watching a run: what each observer adds to the time of a step and to the run's memory.

From the committed profile: DWMGrad on linear losses in 100 dimensions, compiled. `looking` is the part that any
observer with a kernel brings, the preconditioner and the mirrored iterate at every step; what an observer adds itself
is drawn on top of it. Observers without a kernel read at logged steps only. Lines span the processes: an addition
whose line crosses the end of the grey bar is not told from none by this profile.
"""

import pandas as pd
from matplotlib.figure import Figure

from analysis.cost import findings
from analysis.cost.points import WATCHED
from analysis.frames import Frame
from dwmgrad_ref import observers
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import cost
from paper_figures.lib.style import BLUE, GREY, INK, ORANGE, PAGE, panel_letters

SOURCE = Source("dwmgrad", "Algorithm 1, watched")
SIZE = (PAGE, 2.9)
KEYS = ("observer",)
PUBLISHED = (cost.PROFILE,)


def data() -> Frame:
    return pd.DataFrame(findings.watching(cost.profile()))


def sample() -> Frame:
    return data().iloc[:3]


def draw(figure: Figure, table: Frame) -> None:
    axes = figure.subplots(1, 2, sharey=True)
    rows = table.set_index("observer")
    names = [name for name in rows.index if name not in ("none", "looking")]
    off, looking = rows.seconds["none"], max(rows.added["looking"], 0.0) * rows.seconds["none"]
    for i, name in enumerate(names):
        more = max(rows.added[name], 0.0) * off
        shared = min(looking, more) if name == "all" or observers.get(name).kernel else 0.0
        left = 0.0
        for width, color, label in (
            (off, GREY, "step and loss"),
            (shared, BLUE, "looking"),
            (more - shared, ORANGE, "the observer"),
        ):
            axes[0].barh(i, 1e9 * width, 0.6, left=1e9 * left, color=color, label=label if i == 0 else None)
            left += width
        least, most = (1e9 * off * (1 + rows[end][name]) for end in ("least", "most"))
        axes[0].plot([least, most], [i, i], color=INK, lw=0.8)
        told = f"  {rows.added[name]:+.0%} ({rows.least[name]:+.0%} to {rows.most[name]:+.0%})"
        axes[0].text(max(1e9 * left, most), i, told, va="center", fontsize=7, color=INK)
        axes[1].barh(i, rows.bytes[name], 0.6, color=ORANGE)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set(xlabel="time of a step, ns", ylim=(len(names) - 0.5, -0.5))
    axes[0].set_xlim(0, 1.9e9 * rows.seconds.max())
    axes[0].set_title(f"time, d = {WATCHED}")
    axes[1].set(xlabel="bytes a coordinate", xscale="symlog", title="memory")
    for ax in axes:
        ax.tick_params(axis="y", length=0)
    panel_letters(axes)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
