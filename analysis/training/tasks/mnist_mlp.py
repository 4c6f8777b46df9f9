"""MNIST with a 784-512-10 ReLU network, the first of the DWMGrad paper's experiments.

What the authors' repository has (example/Multi Layer Net/MINST.py, commit e57618b): `Linear(784, 512)`, ReLU,
`Linear(512, 10)` with PyTorch's own initialization; cross-entropy; ToTensor, then mean 0.5 and standard deviation 0.5;
batches of 64, shuffled, the last one of 32; all 60,000 images train; 100 epochs; no seed is set. Its epoch loss is the
plain mean of the 938 batch losses in training mode; its accuracy is over the 10,000 test images after every epoch, and
the best epoch's is what it prints, so the published number selects on the test set.
DWMGrad there: DynamicWinMoAdaGrad(lr=0.001, max_window_size=1000), base momentum 0.9, first window 5, fed the loss
minus the previous step's, the epoch's first step the loss itself (our signal `increase`, delta=1000).
The file has DWMGrad only; which step sizes SGD and Adam had in the published figure it does not say.
"""

from torch import nn

from analysis.training.tasks.classification import Classification, centred
from dwmgrad_ref.rules.base import Source


def network() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))


MNIST_MLP = Classification(
    name="mnist-mlp",
    title="784-512-10 ReLU network on MNIST",
    source=Source("dwmgrad-code", "example/Multi Layer Net/MINST.py"),
    dataset="mnist",
    build=network,
    epochs=100,
    batch_size=64,
    prepare=centred,
    held_out=10_000,
)
