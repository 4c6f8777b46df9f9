"""What a sweep shows as it goes: one progress bar with the time left, and learning curves for TensorBoard."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from analysis.training.runs.sweep import Planned
from dwmgrad_ref.terminal import console


class Bar:
    """One bar for a whole sweep. It counts expected seconds, so that an epoch of a big task weighs more."""

    def __init__(self, quiet: bool = False):
        told, runs = TextColumn("{task.description}"), TextColumn("{task.fields[runs]}")
        columns = (told, BarColumn(), TaskProgressColumn(), runs, TimeRemainingColumn())
        self.progress = Progress(*columns, console=console(stderr=True), disable=quiet, speed_estimate_period=900)
        self.seen: dict[str, int] = {}
        self.finished, self.total = 0, 0

    def __enter__(self) -> "Bar":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def start(self, planned: Sequence[Planned]) -> None:
        self.total += len(planned)
        expected = sum(one.weight * one.run.epochs for one in planned)
        shown = bool(planned)  # no bar for nothing
        self.task = self.progress.add_task("training", total=max(expected, 1e-9), visible=shown, runs=self._runs())

    def epoch(self, planned: Planned, number: int, row: dict[str, float]) -> None:
        self._advance(planned, number)
        told = f"{planned.experiment} {planned.label} seed {planned.run.seed}, epoch {number}"
        self.progress.update(self.task, description=told)

    def done(self, planned: Planned) -> None:
        self.finished += 1
        self._advance(planned, planned.run.epochs)

    def _advance(self, planned: Planned, number: int) -> None:
        ahead = number - self.seen.get(planned.key, 0)
        self.seen[planned.key] = number
        self.progress.update(self.task, advance=planned.weight * ahead, runs=self._runs())

    def _runs(self) -> str:
        return f"{self.finished}/{self.total} runs"


class Curves:
    """Learning curves as TensorBoard's event files: `tensorboard --logdir FOLDER`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.writers: dict[str, Any] = {}

    def __enter__(self) -> "Curves":
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self.writers.values():
            writer.close()

    def start(self, planned: Sequence[Planned]) -> None:
        pass

    def epoch(self, planned: Planned, number: int, row: dict[str, float]) -> None:
        if planned.key not in self.writers:
            from torch.utils.tensorboard import SummaryWriter

            own = self.folder / planned.experiment / f"{planned.label}-{planned.key[:6]}"
            # Rows that an attempt killed later than its checkpoint wrote already are taken back.
            self.writers[planned.key] = SummaryWriter(str(own), purge_step=number)
        for name, value in row.items():
            if name != "epoch":
                self.writers[planned.key].add_scalar(name, value, number)
        self.writers[planned.key].flush()

    def done(self, planned: Planned) -> None:
        if planned.key in self.writers:
            self.writers.pop(planned.key).close()
