"""my-task: a network with one hidden layer of 32 units on scikit-learn's digits.

A task says what is trained on which data: the network, the batches, the loss and the scores. Which optimizers train it,
for how many epochs and seeds, is said by an experiment file.
"""

from torch import nn

from analysis.training.tasks.classification import Classification
from dwmgrad_ref.rules.base import Source


def network() -> nn.Module:
    """The network. Its initial weights are drawn from a generator that the seed of the run sets."""
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


MY_TASK = Classification(
    name="my-task",
    title="64-32-10 ReLU network on scikit-learn's digits",
    source=Source(
        "alpaydin1998", "the data; the network is ours"
    ),  # a key of references.bib, and the place in that work
    dataset="digits",  # one of `dwmgrad data list`; to bring your own data, override `load` in a subclass
    build=network,
    epochs=20,
    batch_size=32,
    prepare=lambda x: x / 16,  # what the network gets of the stored inputs
    held_out=288,  # training examples that validate
    tested=360,  # examples that test, for a data set that has no test set of its own
)
