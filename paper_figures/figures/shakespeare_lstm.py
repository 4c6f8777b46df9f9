"""Tiny Shakespeare by characters, an LSTM of 128 units: perplexity of every method at its tuned step size.

Ours: nothing was published for it. Step sizes are constant and chosen by validation loss, gradients are not clipped.
"""

from typing import Any

from matplotlib.figure import Figure

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import tuned_task
from paper_figures.lib.style import PAGE

SOURCE = Source("karpathy2015", "the data; the network is ours")
RESULTS = ("shakespeare_lstm_tuned",)
SIZE = (PAGE, 3.1)
KEYS = ("label", "lr", "seed", "value", "a", "b")

VALUE, HIGHEST = "final_test_perplexity", 3.0


def data() -> dict[str, Frame]:
    return tuned_task.tables(RESULTS[0], VALUE)


sample = data


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    tuned_task.draw(figure, table, VALUE, "test perplexity", HIGHEST)


def reproduction(table: dict[str, Any]) -> list[Row]:
    return [tuned_task.row("shakespeare-lstm", table["tests"], "less perplexed", "test perplexity", None)]
