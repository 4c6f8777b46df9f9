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

LOGS = "200 epochs; 5 seeds a setting"
# Printed values are the supplement's, read by eye: its PDF is not part of the project.
PRINTED = (("ptb-eps-adam", ("adam", "adamw", "radam"), 1e-12), ("ptb-eps-yogi", ("yogi",), 1e-8))
# The table made from the logs has no weight decay; the names of the log files in the authors' repository have it.
WEIGHT_DECAY = Row(
    "ptb-weight-decay", "PTB: weight decay of every method", "printed: 1.2e-4",
    "logged: 1.2e-06, in the names of the 76 of 130 log files that were looked at (AdaBelief, AdaBound, Adam, AdaM3, "
    "some of AdamW)", "not reproduced", "", LOGS, "log", "the authors' logs",
)  # fmt: skip


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
    """From the authors' logs alone: nothing here was run by us."""
    rows = [_depth_row(int(layers), group) for layers, group in table.groupby("layers")]
    deep = table[table.layers > 1]
    return [*rows, *(_setting_row(deep, *printed) for printed in PRINTED), _two_step_sizes(deep), WEIGHT_DECAY]


def _depth_row(layers: int, group: Any) -> Row:
    """The paired t-test under Holm's correction decides; five pairs cannot take Wilcoxon's p below 1/32."""
    text = (
        f"{len(group)} comparisons, paired t-test: p up to {group.p_t.max():.2g}, by Holm up to "
        f"{group.holm_p_t.max():.2g}; Wilcoxon's p is {group.p_wilcoxon.max():.4g} at most, uncorrected"
    )
    verdict = "reproduced" if (group.holm_p_t < 0.05).all() else "not reproduced"
    claim = f"PTB, {layers} layer{'s' * (layers > 1)}: AdaMomentum's best test perplexity is below every other's"
    budget = f"200 epochs, as published; {int(group.seeds.min())} seeds"
    return Row(f"ptb-{layers}", claim, "p < 0.05", text, verdict, "", budget, "log", "the authors' logs")


def _setting_row(deep: Any, identifier: str, optimizers: tuple[str, ...], printed: float) -> Row:
    """A printed epsilon beside the logged ones, 2 and 3 layers."""
    own = deep[deep.optimizer.isin(optimizers)]
    logged = sorted({float(eps) for eps in own.eps})
    names = ", ".join(NAMES[name] for name in optimizers)
    text = f"logged: {', '.join(f'{eps:g}' for eps in logged)} in all {int(own.seeds.sum())} runs"
    verdict = "reproduced" if logged == [printed] else "not reproduced"
    claim = f"PTB, 2 and 3 layers: epsilon of {names}"
    return Row(identifier, claim, f"printed: {printed:g}", text, verdict, "", LOGS, "log", "the authors' logs")


def _two_step_sizes(deep: Any) -> Row:
    own = deep[deep.optimizer == "adabelief"]
    each = "; ".join(f"{r.layers} layers, {r.lr:g}: {r.theirs:.2f}" for r in own.itertuples())
    how = "the logs have two step sizes at each depth; AdaMomentum is below both, so the claim does not hang on it"
    return Row(
        "ptb-adabelief-lr", "PTB, 2 and 3 layers: AdaBelief's step size", "one of two, which is not said",
        f"mean best test perplexity {each}", "inconclusive", f"{how}; no number of seeds would tell", LOGS, "log",
        "the authors' logs",
    )  # fmt: skip
