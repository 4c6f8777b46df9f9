"""How long an MNIST epoch takes: DWMGrad beside torch's fused Adam and beside the released training loop.

    python -m analysis.cost.bench_train [--epochs N] [--images N] [--threads N] [--data-dir DIR] [--json FILE]

All train the same network in the same loop; Adam and the released step also on the same batches, so that only the
optimizer differs. The released loop besides reads one image at a time, as the scripts do. The batches alone, without
a model, are timed too: data must never be the bottleneck. The candidates take turns, an epoch each, in an order that
rotates, so a machine that changes speed favours none; a ratio is the median over rounds of the two epochs of a round.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import torch
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from analysis.training import tasks
from analysis.training.randomness import Randomness
from analysis.training.tasks.classification import Classification, Examples
from analysis.training.training_loop import train_epoch
from dwmgrad_ref.execution.trace import environment
from dwmgrad_ref.files import write_atomic
from dwmgrad_ref.torch import DWMGrad

OURS, ADAM, DATA = "DWMGrad", "torch.optim.Adam(fused=True)", "batches alone"
STEP, LOOP = "released step (NumPy)", "released loop (NumPy, image by image)"
TARGETS = {ADAM: "at most 1.10", LOOP: "at most 0.33"}


class ReleasedNumpyStep(torch.optim.Optimizer):
    """DWMGrad the way the released scripts step it: parameters and gradients as NumPy arrays, and back, every step.

    On a CPU tensor `.numpy()` is a view, so there, as in the scripts, what is copied is the way back, onto itself; the
    time goes into NumPy's temporaries. A measuring peer, from the formula of their dwmgrad/dwmg.py.
    """

    def __init__(self, params: Any, lr: float = 1e-3, delta: float = 1000.0) -> None:
        super().__init__(params, {})
        self.lr, self.delta, self.omega, self.last = lr, delta, 5.0, 0.0
        self.G: list[Any] = [np.zeros(p.shape, np.float32) for p in self._parameters()]
        self.V: list[Any] = [np.zeros(p.shape, np.float32) for p in self._parameters()]

    def _parameters(self) -> list[torch.Tensor]:
        return self.param_groups[0]["params"]

    def start_epoch(self) -> None:
        self.last = 0.0

    def step(self, closure: None = None, *, loss: float = 0.0) -> None:  # type: ignore[override]
        gradients = [p.grad.numpy() for p in self._parameters() if p.grad is not None]
        arrays = [p.detach().cpu().numpy() for p in self._parameters()]
        grow = loss - self.last > 0
        self.omega = min(self.omega + 1, self.delta) if grow else max(self.omega - 1, 1.0)
        self.last, mu = loss, 0.9 * self.omega / self.delta
        for i, (theta, g) in enumerate(zip(arrays, gradients, strict=True)):
            self.G[i] = self.G[i] * (self.omega - 1) / self.omega
            self.G[i] += g**2 / self.omega
            self.V[i] = mu * self.V[i] + self.lr * g / (np.sqrt(self.G[i]) + 1e-8)
            theta -= self.V[i]
        with torch.no_grad():
            for p, theta in zip(self._parameters(), arrays, strict=True):
                p.copy_(torch.from_numpy(theta))


def one_image(x: Tensor) -> Tensor:
    """What torchvision's ToTensor and Normalize do to one image, less the way through Pillow that it takes too."""
    image = torch.from_numpy(np.array(x.numpy(), copy=True)).contiguous().to(torch.float32).div(255)
    mean, std = (torch.as_tensor((0.5,), dtype=image.dtype).view(-1, 1, 1) for _ in range(2))
    return image.clone().sub_(mean).div_(std)


class ImageByImage(Classification):
    """The same task with batches as the scripts' DataLoader makes them, without workers: every image by itself."""

    def batches(self, split: Examples, randomness: Randomness | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        class Images(Dataset):
            def __len__(self) -> int:
                return len(split)

            def __getitem__(self, index: int) -> tuple[Tensor, int]:
                return one_image(split.x[index]), int(split.y[index])

        order = randomness.order if randomness else None
        yield from DataLoader(Images(), self.batch_size, shuffle=order is not None, generator=order)


def candidates(task: Classification, split: Examples) -> dict[str, Callable[[int], object]]:
    """What takes turns: functions that train, or only draw, the epoch of that number."""
    one_by_one = ImageByImage(**{field.name: getattr(task, field.name) for field in fields(task)})

    def trainer(task: Classification, optimizer_of: Callable[[Any], torch.optim.Optimizer]) -> Callable[[int], object]:
        model, randomness = task.model(0), Randomness(0)
        optimizer = optimizer_of(model.parameters())
        return lambda epoch: train_epoch(task, model, optimizer, split, randomness, epoch)

    randomness = Randomness(0)
    return {
        OURS: trainer(task, lambda p: DWMGrad(p, lr=1e-3, signal="increase", delta=1000)),
        ADAM: trainer(task, lambda p: torch.optim.Adam(p, fused=True)),
        STEP: trainer(task, ReleasedNumpyStep),
        LOOP: trainer(one_by_one, ReleasedNumpyStep),
        DATA: lambda epoch: sum(1 for _ in task.batches(split, randomness)),
    }


def measure(epochs: int, images: int, data_dir: Path | None) -> dict[str, list[float]]:
    """Seconds of every timed epoch by candidate; one untimed epoch goes before."""
    task = tasks.get("mnist-mlp")
    assert isinstance(task, Classification)
    train = task.load(data_dir, holdout=False).train
    run = candidates(task, Examples(train.x[:images], train.y[:images]))
    names, seconds = list(run), {name: [] for name in run}
    for epoch in track(range(epochs + 1), "epochs", console=Console(stderr=True), transient=True):
        for name in names[epoch % len(names) :] + names[: epoch % len(names)]:
            began = time.perf_counter()
            run[name](epoch)
            if epoch:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def summary(seconds: dict[str, list[float]]) -> list[dict[str, Any]]:
    """Median, smallest and largest epoch of each, and DWMGrad's time over its: the median of the rounds' ratios."""
    rows = []
    for name, values in seconds.items():
        ratio = median(ours / value for ours, value in zip(seconds[OURS], values, strict=True))
        rows.append({"candidate": name, "median_s": median(values), "smallest_s": min(values),
                     "largest_s": max(values), "dwmgrad_over_it": ratio, "rounds": len(values)})  # fmt: skip
    return rows


def show(rows: list[dict[str, Any]], images: int, threads: int) -> Table:
    """The measurements as a table for the terminal."""
    title = (
        f"{images:,} MNIST images, batches of 64, {threads} threads: median of {rows[0]['rounds']} interleaved rounds"
    )
    table = Table("", "seconds (smallest to largest)", "DWMGrad's time over it", "target", title=title)
    for row in rows:
        spread = f"{row['median_s']:.3f} ({row['smallest_s']:.3f} to {row['largest_s']:.3f})"
        ratio = "" if row["candidate"] in (OURS, DATA) else f"{row['dwmgrad_over_it']:.2f}"
        table.add_row(row["candidate"], spread, ratio, TARGETS.get(row["candidate"], ""))
    return table


def main(
    epochs: Annotated[int, typer.Option(min=1, help="Timed rounds; each trains every candidate for an epoch.")] = 9,
    images: Annotated[int, typer.Option(min=64, help="Images in an epoch; fewer for a quick look.")] = 60_000,
    threads: Annotated[int, typer.Option(min=1, help="torch's threads.")] = 2,
    data_dir: Annotated[Path | None, typer.Option(help="Where MNIST is; else DWMGRAD_DATA, else downloaded.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the numbers and the environment.")] = None,
) -> None:
    """Time MNIST epochs: DWMGrad, fused Adam, the released step and loop, and the batches alone."""
    torch.set_num_threads(threads)
    rows = summary(measure(epochs, images, data_dir))
    Console(width=120).print(show(rows, images, threads))
    if json_file:
        content = json.dumps(
            {"rows": rows, "images": images, "threads": threads, "environment": environment()}, indent=1
        )
        write_atomic(json_file, lambda file: file.write(content.encode()))


if __name__ == "__main__":
    typer.run(main)
