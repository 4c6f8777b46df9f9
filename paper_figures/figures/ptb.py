"""Penn Treebank LSTM, 1 to 3 layers: AdaMomentum's p-values recomputed from the authors' training logs.

One-sided paired t-test and Wilcoxon signed-rank test on the best test perplexity, five seeds a method. With five pairs
the smallest p-value the second can give is 1/32: it says no more than that every seed agrees. Circles: as the
supplement has them, uncorrected; crosses: Holm's correction over the comparisons of that depth.
"""

from typing import Any

from matplotlib.figure import Figure

from analysis.comparison import penn_treebank
from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import folders
from paper_figures.lib.style import BLUE, INK, ORANGE, PAGE, panel_letters

SOURCE = Source("adam3", "supplement, Tables XVI-XVIII, from the logs in the authors' repository")
PUBLISHED = ("adamomentum_ptb_perplexity.csv",)
SIZE = (PAGE, 3.0)
KEYS = ("layers", "optimizer", "lr", "eps")

NAMES = {
    "adabelief": "AdaBelief", "adabound": "AdaBound", "adam": "Adam", "adamw": "AdamW", "radam": "RAdam", "sgd": "SGD",
    "yogi": "Yogi",
}  # fmt: skip


def data() -> Frame:
    return penn_treebank.tests(folders.PUBLISHED / PUBLISHED[0])


sample = data


def draw(figure: Figure, table: Frame) -> None:
    axes = figure.subplots(1, 3, sharex=True)
    for ax, (layers, rows) in zip(axes, table.groupby("layers"), strict=True):
        places = range(len(rows))
        for name, color, label in (("p_t", BLUE, "paired t"), ("p_wilcoxon", ORANGE, "Wilcoxon")):
            ax.plot(rows[name], places, "o", color=color, markersize=4, mfc="none", label=f"{label}, one-sided")
            ax.plot(rows[f"holm_{name}"], places, "x", color=color, markersize=4, label=f"{label}, Holm")
        ax.axvline(0.05, color=INK, linewidth=0.6, label="0.05")
        twice = rows.optimizer.duplicated(keep=False)
        labels = [
            NAMES[r.optimizer] + (f", {r.lr:g}" if t else "") for r, t in zip(rows.itertuples(), twice, strict=True)
        ]
        ax.set_yticks(places, labels)
        ax.set(xscale="log", xlabel="p", title=f"{layers} layer{'s' if layers > 1 else ''}")
    panel_letters(axes)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=5)


def reproduction(table: Any) -> list[Row]:
    """From the logs alone; the supplement's printed values are not at hand in machine-readable form."""
    rows = []
    for layers, group in table.groupby("layers"):
        seeds = int(group.seeds.min())
        text = (
            f"t: p from {group.p_t.min():.2g} to {group.p_t.max():.2g} (Holm: up to {group.holm_p_t.max():.2g}); "
            f"Wilcoxon: p = {group.p_wilcoxon.min():.4g} throughout (Holm: {group.holm_p_wilcoxon.max():.2g}); "
            f"{len(group)} comparisons, {seeds} seeds"
        )
        after = bool((group.holm_p_wilcoxon < 0.05).all())
        how = "" if after else "t holds under Holm's correction, Wilcoxon with five seeds cannot: its least p is 1/32"
        deep = f"{layers} layer{'s' if layers > 1 else ''}"
        claim = f"PTB, {deep}: AdaMomentum's best test perplexity is the lowest, p < 0.05 in both tests"
        below = bool((group.p_t < 0.05).all() and (group.p_wilcoxon < 0.05).all())
        verdict = ("reproduced" if after else "partly") if below else "not reproduced"
        rows.append(Row(f"ptb-{layers}", claim, "all p < 0.05", text, verdict, how if verdict == "partly" else ""))
    return rows
