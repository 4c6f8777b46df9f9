"""The smallest real task, for trials that take seconds: scikit-learn's digits, 64-64-10 with ReLU.

Ours, not the papers': no published curve belongs to it. 1,797 images: 360 test, 288 validate, 1,149 (or 1,437) train.
"""

from torch import nn

from analysis.training.tasks.classification import Classification
from dwmgrad_ref.rules.base import Source


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


DIGITS_MLP = Classification(
    name="digits-mlp",
    title="64-64-10 ReLU network on scikit-learn's digits",
    source=Source("alpaydin1998", "the data; the network is ours"),
    dataset="digits",
    build=network,
    epochs=20,
    batch_size=32,
    prepare=lambda x: x / 16,
    held_out=288,
    tested=360,
)
