"""A variational autoencoder on MNIST: the bound on the log-likelihood, every method at its tuned step size.

Ours: nothing was published for it. The loss is minus the bound, in nats; pixels are brightnesses in [0, 1].
"""

from typing import Any

from matplotlib.figure import Figure

from analysis.comparison.verdicts import Row
from analysis.frames import Frame
from dwmgrad_ref.rules.base import Source
from paper_figures.lib import tuned_task
from paper_figures.lib.style import PAGE

SOURCE = Source("kingma2014", "Section 3; the sizes are ours")
RESULTS = ("mnist_vae_tuned",)
SIZE = (PAGE, 3.1)
KEYS = ("label", "lr", "seed", "value", "a", "b")

VALUE, HIGHEST = "final_test_loss", 200.0
BOUND = "minus the bound on the log-likelihood of a test image"


def data() -> dict[str, Frame]:
    return tuned_task.tables(RESULTS[0], VALUE)


sample = data


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    tuned_task.draw(figure, table, VALUE, "minus the bound, nats", HIGHEST)


def reproduction(table: dict[str, Any]) -> list[Row]:
    return [
        tuned_task.row(
            "mnist-vae",
            table["tests"],
            "closer to the likelihood",
            "minus the bound on the log-likelihood of a test image",
            None,
        )
    ]
