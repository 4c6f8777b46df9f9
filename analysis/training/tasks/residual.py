"""Residual networks on CIFAR-10: ResNet-20 to ResNet-110 [he2016] and wide ones, WRN-16-1 to WRN-28-10 [zagoruyko2016].

What the papers have. DWMGrad: ResNet-110 on CIFAR-10, macro-averaged F1 90.67 %. AdaMomentum: 200 epochs, batches of
128, label smoothing 0.1, weight decay 5e-4, step size 1e-3 (SGD: 0.1), times 0.2 after 30, 60 and 80 %. LCAM:
WRN-28-10, 150 epochs, batches of 128, step size 0.1, times 0.2 at the epochs with indices 30, 60 and 90, weight decay
5e-4.
Images are cropped and mirrored at random; the mean and deviation of each channel over CIFAR-10 are taken out.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, relu

from analysis.training.randomness import Dropout
from analysis.training.tasks.classification import Classification
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Source

MEAN, DEVIATION = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


def normalized(x: Tensor) -> Tensor:
    """Bytes to numbers of mean 0 and deviation 1 in each channel over CIFAR-10's training images."""
    shape = lambda values: torch.tensor(values, device=x.device).view(3, 1, 1)  # noqa: E731
    return ((x.float().div_(255) - shape(MEAN)) / shape(DEVIATION)).contiguous(memory_format=torch.channels_last)


def convolution(inputs: int, outputs: int, stride: int = 1, size: int = 3) -> nn.Conv2d:
    """A convolution without bias, its weights drawn with variance 2/(outputs size^2), as in both papers."""
    layer = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


class Basic(nn.Module):
    """He's block: relu(x + BN(conv(relu(BN(conv(x)))))); where sizes change, x loses pixels and gains zero channels."""

    def __init__(self, inputs: int, outputs: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.first, self.second = convolution(inputs, outputs, stride), convolution(outputs, outputs)
        self.after_first, self.after_second = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.stride, self.added = stride, outputs - inputs

    def forward(self, x: Tensor) -> Tensor:
        found = self.after_second(self.second(relu(self.after_first(self.first(x)))))
        past = x[:, :, :: self.stride, :: self.stride]
        half = self.added // 2
        return relu(found + pad(past, [0, 0, 0, 0, half, self.added - half]))


class Preactivated(nn.Module):
    """The wide networks' block: normalization and ReLU before each convolution, dropout between them."""

    def __init__(self, inputs: int, outputs: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.before_first, self.before_second = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.first, self.second = convolution(inputs, outputs, stride), convolution(outputs, outputs)
        self.shortcut = None if inputs == outputs else convolution(inputs, outputs, stride, 1)
        self.dropout = Dropout(dropout) if dropout else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        seen = relu(self.before_first(x))
        found = self.second(self.dropout(relu(self.before_second(self.first(seen)))))
        return found + (x if self.shortcut is None else self.shortcut(seen))


class Network(nn.Module):
    """Three stages of `blocks` blocks with 16, 32 and 64 channels times `width`; each halves the image of the last."""

    def __init__(self, block: type[nn.Module], blocks: int, width: int, dropout: float, classes: int) -> None:
        super().__init__()
        sizes = [16, 16 * width, 32 * width, 64 * width]
        stages = []
        for stage, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False)):
            stages.append(block(inputs, outputs, 1 if stage == 0 else 2, dropout))
            stages += [block(outputs, outputs, 1, dropout) for _ in range(blocks - 1)]
        self.first, self.stages = convolution(3, 16), nn.Sequential(*stages)
        self.wide = block is Preactivated  # whose normalization comes last, not after the first convolution
        self.normalization = nn.BatchNorm2d(sizes[-1] if self.wide else 16)
        self.out = nn.Linear(sizes[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        x = relu(self.normalization(self.stages(x))) if self.wide else self.stages(relu(self.normalization(x)))
        return self.out(x.mean((2, 3)))


@dataclass(frozen=True, kw_only=True)
class Residual(Classification):
    """Classification by a residual network.

    Attributes:
        depth: layers; 6 n + 2 for He's networks, 6 n + 4 for wide ones, with n blocks in each stage.
        width: channels are 16, 32 and 64 times this.
        dropout: between the convolutions of a wide network's block.
        classes: how many.
    """

    depth: int
    width: int = 1
    dropout: float = 0.0
    classes: int = 10

    def network(self) -> nn.Module:
        """The network.

        Raises:
            BadInput: there is no network of that depth.
        """
        extra = 4 if self.build is Preactivated else 2
        blocks, rest = divmod(self.depth - extra, 6)
        if rest or blocks < 1:
            raise BadInput(f"depth={self.depth}: {self.name} has 6 n + {extra} layers, such as {extra + 18}")
        return Network(self.build, blocks, self.width, self.dropout, self.classes)  # type: ignore[arg-type]


def _cifar10(name: str, title: str, source: Source, build: type[nn.Module], epochs: int, depth: int) -> Residual:
    return Residual(
        name=name, title=title, source=source, dataset="cifar10", build=build, epochs=epochs, batch_size=128,
        prepare=normalized, held_out=5_000, augmented=True, depth=depth,
    )  # fmt: skip


RESNET = _cifar10(
    "cifar10-resnet", "ResNet-20 on CIFAR-10", Source("he2016", "Section 4.2"), Basic, 200, 20,
)  # fmt: skip
WIDE_RESNET = _cifar10(
    "cifar10-wide-resnet", "WRN-16-1 on CIFAR-10", Source("zagoruyko2016", "Section 2"), Preactivated, 150, 16,
)  # fmt: skip
