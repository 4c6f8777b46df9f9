"""CIFAR-10 with the DWMGrad authors' three-layer ConvNet, dropout 0.5.

What their repository has (example/CNN/CIFAR-10.py, commit e57618b): three 3x3 convolutions with padding 1 and 32, 64
and 128 channels, each followed by 2x2 max-pooling and then ReLU; `Linear(2048, 512)`, ReLU, dropout 0.5,
`Linear(512, 10)`; cross-entropy; mean 0.5 and standard deviation 0.5 in every channel; no augmentation; batches of
128, shuffled; all 50,000 images train; 100 epochs; no seed. DWMGrad there: DynamicWinMoAdaGrad(lr=0.0001,
max_window_size=100), signal `increase`, the epoch's first step the loss itself. The epoch loss is the plain mean of
the 391 batch losses in training mode, dropout on. The file has DWMGrad only: which step sizes the other five methods
of the published figure had it does not say.
"""

import torch
from torch import Tensor, nn

from analysis.training.randomness import Dropout
from analysis.training.tasks.classification import Classification, centred
from dwmgrad_ref.rules.base import Source


def pixels_together(x: Tensor) -> Tensor:
    """A pixel's channels side by side: the same numbers, and convolutions on CPUs are about 1.2 times as fast."""
    return centred(x).contiguous(memory_format=torch.channels_last)


def network() -> nn.Module:
    def block(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.MaxPool2d(2), nn.ReLU()]

    convolutions = [*block(3, 32), *block(32, 64), *block(64, 128)]
    return nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(2048, 512), nn.ReLU(), Dropout(0.5), nn.Linear(512, 10))


CIFAR10_CONVNET = Classification(
    name="cifar10-convnet",
    title="three-layer ConvNet with dropout on CIFAR-10",
    source=Source("dwmgrad-code", "example/CNN/CIFAR-10.py"),
    dataset="cifar10",
    build=network,
    epochs=100,
    batch_size=128,
    prepare=pixels_together,
    held_out=5_000,
)
