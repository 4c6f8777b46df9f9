"""A variational autoencoder [kingma2014] on MNIST: 784-400-20-400-784, Gaussian code, Bernoulli pixels.

The loss is minus the bound on the mean log-likelihood of an image, in nats:
    KL(N(m, s^2) || N(0, 1)) - log p(x | z),   z = m + s e,  e ~ N(0, 1) from the run's noise.
Pixels are their brightness in [0, 1], taken as probabilities, as is common; so the bound is that of no binary data set
and comparable within this task only. Ours: no published curve belongs to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from analysis.training.randomness import Randomness
from analysis.training.tasks.classification import Classification, Examples
from dwmgrad_ref.rules.base import Source

EVALUATED = 1000  # images at a time in evaluation
EVALUATION_SEED = 12345  # of the one draw of the code for each image in evaluation: the same for every run


class Network(nn.Module):
    """Mean and log-variance of the code of images (n, 784), and the pixels' logits from a code."""

    def __init__(self, pixels: int, hidden: int, code: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, 2 * code))
        self.decoder = nn.Sequential(nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, pixels))

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        return mean, log_variance, self.decoder(mean + (log_variance / 2).exp() * noise)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(m, s^2) || N(0, 1)) = (m^2 + s^2 - 1 - log s^2)/2, summed over the code (n, k): (n,)."""
    return ((mean.square() + log_variance.exp() - 1 - log_variance) / 2).sum(1)


def negative_bound(model: nn.Module, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """The KL divergence and minus log p(x | z) of each image (n,); their sum is minus the bound."""
    mean, log_variance, logits = model(x, noise)
    return divergence(mean, log_variance), binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


@dataclass(frozen=True, kw_only=True)
class Autoencoder(Classification):
    """The images of a classification set without their classes.

    Attributes:
        hidden, code: units of the hidden layers and of the code.
        metric: the loss, minus the bound.
    """

    hidden: int
    code: int
    metric: str = "loss"
    larger_is_better: bool = False

    def network(self) -> nn.Module:
        return self.build(784, self.hidden, self.code)

    def batches(self, split: Examples, randomness: Randomness | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Images and the noise of their codes, which `randomness` draws; without it, as in evaluation."""
        noise = torch.Generator(split.x.device).manual_seed(EVALUATION_SEED) if randomness is None else randomness.noise
        for x, _ in super().batches(split, randomness):
            yield x, torch.randn(len(x), self.code, generator=noise, device=x.device)

    def loss(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        kl, reconstruction = negative_bound(model, *batch)
        return (kl + reconstruction).mean()

    @torch.no_grad()
    def evaluate(self, model: nn.Module, split: Examples) -> dict[str, float]:
        model.eval()
        noise = torch.Generator(split.x.device).manual_seed(EVALUATION_SEED)
        parts = []
        for x in split.x.split(EVALUATED):
            drawn = torch.randn(len(x), self.code, generator=noise, device=x.device)
            parts.append(torch.stack(negative_bound(model, self.prepare(x), drawn), 1))
        kl, reconstruction = torch.cat(parts).double().mean(0).tolist()
        return {"loss": kl + reconstruction, "divergence": kl, "reconstruction": reconstruction}


def brightness(x: Tensor) -> Tensor:
    """Bytes (n, 1, 28, 28) to [0, 1], one row an image."""
    return x.flatten(1).float().div_(255)


MNIST_VAE = Autoencoder(
    name="mnist-vae",
    title="variational autoencoder on MNIST",
    source=Source("kingma2014", "Section 3; the sizes are PyTorch's example's"),
    dataset="mnist",
    build=Network,
    epochs=20,
    batch_size=128,
    prepare=brightness,
    held_out=10_000,
    hidden=400,
    code=20,
)
