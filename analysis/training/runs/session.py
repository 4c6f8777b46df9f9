"""A task in training for one run: model, optimizer and data, an epoch at a time."""

import dataclasses
import hashlib
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from analysis.stats.statistics import lag_one
from analysis.training import optimizers, tasks
from analysis.training.randomness import Randomness
from analysis.training.recipe import Recipe
from analysis.training.runs.run import ANYWHERE, Place, Run
from analysis.training.tasks.base import Splits, Task
from analysis.training.training_loop import train_epoch
from dwmgrad_ref import data, discovery
from dwmgrad_ref.data.base import Provenance
from dwmgrad_ref.errors import BadInput, UnknownName

LIMIT = "examples"  # option of every task: train, validate and test on the first so many examples only


class TaskSession:
    """See `analysis.training.runs.execute.Session`."""

    def __init__(self, run: Run, place: Place = ANYWHERE):
        self.run, self.task = run, task_of(run)
        self.splits = _limited(load(run, place), run.task_options.get(LIMIT))
        self.model = self.task.model(run.seed, run.device)
        self.recipe = Recipe(**run.training)
        steps = -(-self.task.steps(self.splits.train) // self.recipe.accumulate)  # of the optimizer in an epoch
        parameters = self.recipe.groups(self.model.parameters())
        self.optimizer = optimizers.build(resolved(run.optimizer, steps), parameters)
        self.scheduler = self.recipe.scheduler(self.optimizer, steps * run.epochs)
        self.randomness = Randomness(run.seed, run.device)
        self.epochs = 0

    def epoch(self) -> dict[str, float]:
        windows: list[float] = []
        group, shared = self.optimizer.param_groups[0], "shared"  # where our optimizers keep the window
        has_window = self.run.device == "cpu" and "omega" in group.get(shared, {})

        def after_step(*_: object) -> None:
            if has_window:
                windows.append(float(group[shared]["omega"]))
            if self.scheduler:
                self.scheduler.step()

        trained = train_epoch(
            self.task, self.model, self.optimizer, self.splits.train, self.randomness, self.epochs, after_step,
            self.recipe,
        )  # fmt: skip
        self.epochs += 1
        row = {"train_loss": trained.loss, "seconds": trained.seconds, **noise(trained.losses)}
        if windows:
            row |= {"window_mean": float(np.mean(windows)), "window_last": windows[-1]}
        if trained.diverged is None:
            watched = "test" if self.run.watch == "test" else "validation"
            row |= self._evaluated(watched)
        return row

    def finish(self) -> dict[str, float]:
        return self._evaluated("test") if self.run.watch == "final" else {}

    def finite(self) -> bool:
        return all(bool(torch.isfinite(p).all()) for p in self.model.parameters())

    def state(self) -> dict[str, Any]:
        return {
            "epochs": self.epochs,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "randomness": self.randomness.state(),
            **({"scheduler": self.scheduler.state_dict()} if self.scheduler else {}),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.epochs = state["epochs"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.randomness.restore(state["randomness"])
        if self.scheduler:
            self.scheduler.load_state_dict(state["scheduler"])

    def _evaluated(self, split: str) -> dict[str, float]:
        found = self.task.evaluate(self.model, getattr(self.splits, split))
        return {f"{split}_{name}": value for name, value in found.items()}


def noise(losses: list[float]) -> dict[str, float]:
    """Shares of steps whose loss rose or was the one before, and the changes' lag-one correlation: -1/2 for noise.

    Nothing for an epoch of fewer than three steps; no correlation where all changes are alike.
    """
    change = np.diff(losses)
    if change.size < 2 or not np.isfinite(change).all():
        return {}
    shares = {"loss_rises": float(np.mean(change > 0)), "loss_ties": float(np.mean(change == 0))}
    correlation = lag_one(change)
    return shares if math.isnan(correlation) else {**shares, "loss_lag1": correlation}


def task_of(run: Run) -> Task:
    """The run's task with its options, which are fields of the task and `examples`.

    Raises:
        UnknownName: no such task or option.
    """
    task = task_named(run.task)
    known = {f.name for f in dataclasses.fields(task)} - {"name", "title", "source", "build", "result_version"}
    for name in run.task_options:
        if name not in known | {LIMIT}:
            raise UnknownName(f"option of task {run.task}", name, known | {LIMIT})
    return dataclasses.replace(task, **{k: v for k, v in run.task_options.items() if k != LIMIT})


def task_named(name: str) -> Task:
    """The task of that name, or the one in that Python file, whose checksum is then its result version.

    Raises:
        UnknownName: no such task.
        BadInput: the file is missing, Python cannot read it, or it defines no task or several.
    """
    if discovery.is_file(name):
        return _task_in(Path(name), discovery.checksum(name))
    return tasks.get(name)


@cache
def _task_in(path: Path, checksum: str) -> Task:
    task = discovery.only_one_in(path, Task, "task")
    return dataclasses.replace(task, result_version=f"file {checksum}")


def load(run: Run, place: Place) -> Splits:
    """The data, with a validation set held out of the training set unless the test set is watched, as published."""
    return _load(task_of(run), place, run.watch != "test", run.device)


@cache
def _load(task: Task, place: Place, holdout: bool, device: str) -> Splits:
    return task.load(place.folder, allow_incomplete=place.allow_incomplete, holdout=holdout, device=device)


def _limited(splits: Splits, count: int | None) -> Splits:
    if count is None:
        return splits
    if not hasattr(splits.train, "__len__"):
        raise BadInput(f"{LIMIT}={count} is for tasks of separate examples; {splits.provenance.name} has none")
    cut = lambda split: split if split is None else type(split)(*(tensor[:count] for tensor in vars(split).values()))  # noqa: E731
    return Splits(cut(splits.train), cut(splits.validation), cut(splits.test), splits.provenance)


def resolved(given: dict[str, Any], steps: int) -> dict[str, Any]:
    """The optimizer's options with `epoch = "task"` as the steps in an epoch."""
    return {**given, "epoch": float(steps)} if given.get("epoch") == "task" else given


def data_facts(run: Run, place: Place) -> dict[str, Any]:
    """Which data a run sees: set, examples found and published, and one checksum of its files.

    Raises:
        MissingData: it is nowhere.
    """
    dataset = task_of(run).dataset
    made: Provenance = data.load(dataset, place.folder, place.allow_incomplete, fetch=place.fetch).provenance
    files = json.dumps(dict(made.sha256), sort_keys=True)
    return {
        "name": made.name,
        "counts": dict(made.counts),
        "published": dict(made.published),
        "sha256": hashlib.sha256(files.encode()).hexdigest(),
    }
