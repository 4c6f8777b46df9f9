"""Tasks that put recordings into classes, from their log-mel spectrograms."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from analysis.training.tasks.base import Splits
from analysis.training.tasks.classification import Classification
from dwmgrad_ref.data import Images, Sounds, Table
from dwmgrad_ref.rules.base import Source

FLOOR = 1e-6  # added to energies before the logarithm, for samples in [-1, 1]


def mel_filters(bands: int, size: int, rate: int) -> np.ndarray:
    """Triangles (bands, size // 2 + 1) over the frequencies of a Fourier transform of `size` samples.

    Their corners are equally spaced in mel, 2595 log10(1 + f/700), from 0 to rate/2; each triangle's peak is 1.
    """
    mel = np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), bands + 2)
    corners = 700 * (10 ** (mel / 2595) - 1)
    frequencies = np.arange(size // 2 + 1) * rate / size
    rising = (frequencies - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - frequencies) / np.diff(corners)[1:, None]
    return np.clip(np.minimum(rising, falling), 0, None)


def log_mel(x: np.ndarray, bands: int, size: int, hop: int, rate: int) -> np.ndarray:
    """Log-mel spectrograms (n, 1, bands, frames) float32 of clips (n, samples) int16, each of mean 0 and deviation 1.

    Frames of `size` samples, `hop` apart, under a Hann window; the energy of each band, its logarithm, and then each
    clip's own mean and deviation taken out, so that a clip's numbers do not depend on any other clip.
    """
    window = torch.hann_window(size)
    filters = torch.tensor(mel_filters(bands, size, rate), dtype=torch.float32)
    frames = torch.tensor(x).float().div_(2**15).unfold(1, size, hop) * window
    energy = torch.fft.rfft(frames).abs().square() @ filters.T
    logarithm = (energy + FLOOR).log().transpose(1, 2)
    mean, deviation = logarithm.mean((1, 2), keepdim=True), logarithm.std((1, 2), keepdim=True)
    return ((logarithm - mean) / deviation.clamp(min=1e-3))[:, None].numpy()


def network(classes: int = 10) -> nn.Module:
    """Three 3x3 convolutions with 16, 32 and 64 channels, normalized, pooled by 2; the mean over all places; linear."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]

    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes)]
    return nn.Sequential(*block(1, 16), *block(16, 32), *block(32, 64), *head)


@dataclass(frozen=True, kw_only=True)
class SoundClassification(Classification):
    """Classification of log-mel spectrograms of `bands` bands, from frames of `size` samples that lie `hop` apart."""

    bands: int
    size: int
    hop: int

    def split(self, loaded: Images | Table | Sounds, holdout: bool, device: torch.device) -> Splits:
        assert isinstance(loaded, Sounds)
        seen = [log_mel(x, self.bands, self.size, self.hop, loaded.rate) for x in (loaded.train_x, loaded.test_x)]
        images = Images(seen[0], loaded.train_y, seen[1], loaded.test_y, provenance=loaded.provenance)
        return super().split(images, holdout, device)


SPOKEN_DIGITS = SoundClassification(
    name="spoken-digits",
    title="three-layer ConvNet on log-mel spectrograms of spoken digits",
    source=Source("jackson2018", "the data and the split; the network is ours"),
    dataset="fsdd",
    build=network,
    epochs=20,
    batch_size=32,
    prepare=lambda x: x,
    held_out=300,
    bands=40,
    size=256,
    hop=128,
)
