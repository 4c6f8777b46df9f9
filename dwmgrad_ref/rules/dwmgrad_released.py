"""DWMGrad as the authors' released code runs it, one name per class and script.

Their file dwmgrad/dwmg.py holds three classes with one arithmetic, equal to the paper's up to rounding; they
differ in what the example scripts hand in as the loss, which the rules below name as the signal. Every window
belongs to a parameter tensor there, but all tensors see the same signal, so one shared window is the same.
"""

from dwmgrad_ref.rules.base import Source
from dwmgrad_ref.rules.dwmgrad import DWMGRAD

_DEAD_GUARD = (
    "the class halves alpha when two differences of the signal are large, but keeps two values and so forms one "
    "difference: the guard can never fire and is left out; "
)
_FLOAT = "the script runs in float32, this rule in float64"


def _source(place: str) -> Source:
    return Source("dwmgrad-code", place)


MNIST = DWMGRAD.variant(
    "dwmgrad-released-mnist",
    "DWMGrad as the released MNIST script runs it",
    _source("dwmgrad/dwmg.py, class DynamicWinMoAdaGrad; example/Multi Layer Net/MINST.py"),
    _DEAD_GUARD + _FLOAT,
    alpha=1e-3,
    delta=1000.0,
    signal="increase",
    epoch=938.0,  # 60000 images in batches of 64, the last one smaller
)

CIFAR10 = DWMGRAD.variant(
    "dwmgrad-released-cifar10",
    "DWMGrad as the released CIFAR-10 script runs it",
    _source("dwmgrad/dwmg.py, class DynamicWinMoAdaGrad; example/CNN/CIFAR-10.py"),
    _DEAD_GUARD + _FLOAT,
    alpha=1e-4,
    delta=100.0,
    signal="increase",
    epoch=391.0,  # 50000 images in batches of 128, the last one smaller
)

ROSENBROCK = DWMGRAD.variant(
    "dwmgrad-released-rosenbrock",
    "DWMGrad as the released Rosenbrock script runs it",
    _source("dwmgrad/dwmg.py, class DynamicWinMoAdaGradv2; example/Rosenbrock/rosenbrock.py"),
    "the script's step size 1e-3; the class's own default is 0.01. This class has no guard",
    alpha=1e-3,
    delta=15.0,
    signal="decrease",
)

TORCH = DWMGRAD.variant(
    "dwmgrad-released-torch",
    "DWMGrad as the released PyTorch class has it",
    _source("dwmgrad/dwmg.py, class DynamicWinMoAdaGradv3; example/RCN/Core.py"),
    "the class takes the guard's options and never reads them; " + _FLOAT,
    alpha=1e-3,
    delta=10.0,
    signal="loss",
)
