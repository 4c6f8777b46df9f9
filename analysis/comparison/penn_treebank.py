"""AdaMomentum's tests on Penn Treebank, from the authors' own logs: one-sided, paired over seeds.

The supplement of the ICDM 2023 version (Tables XVI-XVIII) tests whether AdaM3's best test perplexity is below another
optimizer's, with a paired t-test and Wilcoxon's signed-rank test over five seeds.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from analysis.frames import Frame
from analysis.stats.statistics import holm, mean_interval, paired

OURS = "adam3"
LEAST = 2.0**-5  # the smallest p-value that Wilcoxon's one-sided test can give with five pairs


def tests(logs: Path) -> Frame:
    """One row a comparison: setting, means of both, interval of their difference, p of both tests and after Holm.

    The correction is over the optimizers of one depth; a second setting of one optimizer counts as another.
    """
    table = pd.read_csv(logs).sort_values("seed")
    rows = []
    for layers, group in table.groupby("lstm_layers"):
        ours = group[group.optimizer == OURS].set_index("seed").best_test_perplexity
        others: Any = group[group.optimizer != OURS].groupby(["optimizer", "lr", "eps"])
        for (name, lr, eps), other in others:
            theirs = other.set_index("seed").best_test_perplexity.loc[ours.index]
            _, p_t, p_w = paired(ours.to_numpy(), theirs.to_numpy(), "less")
            gap = mean_interval((ours - theirs).to_numpy())
            rows.append((layers, name, lr, eps, ours.mean(), theirs.mean(), gap.low, gap.high, p_t, p_w, len(ours)))
    names = ["layers", "optimizer", "lr", "eps", "ours", "theirs", "low", "high", "p_t", "p_wilcoxon", "seeds"]
    found = pd.DataFrame(rows, columns=names)
    for p in ("p_t", "p_wilcoxon"):
        found[f"holm_{p}"] = found.groupby("layers")[p].transform(lambda column: holm(column.to_numpy()))
    return found
