"""my_figure: average regret of two rules on one problem.

The module states what the figure regenerates, computes its table and draws it. The table is written as CSV, and the
drawing is made from that file as read back, so that the picture shows what the file says.
"""

import pandas as pd
from matplotlib.figure import Figure

from dwmgrad_ref import run
from dwmgrad_ref.rules.base import Source
from paper_figures.lib.style import COLUMN, METHODS, panel_letters

SOURCE = Source("zinkevich2003", "the regret; the comparison is ours")  # a key of references.bib, and the place in it
SIZE = (COLUMN, 2.4)  # inches: COLUMN is the width of one column of a paper, PAGE that of two
KEYS = ("method", "t")  # the columns that identify a row of the table

STEPS = 1000
RULES = {"adam": "adam", "adagrad": "adagrad"}  # a method of paper_figures/lib/style.py -> a rule


def data() -> pd.DataFrame:
    """All computation: the table with a row for each point that is drawn."""
    parts = []
    for method, rule in RULES.items():
        frame = run(rule, "periodic", STEPS, alpha=0.1).frame
        parts.append(pd.DataFrame({"method": method, "t": frame["t"], "average": frame["regret"] / frame["t"]}))
    return pd.concat(parts, ignore_index=True)


sample = data  # some rows of data(), recomputed on their own in seconds by the tests


def draw(figure: Figure, table: pd.DataFrame) -> None:
    """Drawing alone, from the table as read back from the CSV file."""
    ax = figure.subplots()
    for method, rows in table.groupby("method", sort=False):
        ax.plot(rows["t"], rows["average"], **METHODS[str(method)].line)
    ax.set(xscale="log", xlabel="step t", ylabel="R$_t$ / t", title="average regret, periodic losses")
    panel_letters([ax])
    figure.legend(loc="outside lower center", ncols=2)
