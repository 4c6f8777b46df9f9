"""From experiments to runs: which ones a budget asks for, and what is there already."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import torch

from analysis.training import optimizer_options, training_loop
from analysis.training.experiments import Experiment
from analysis.training.optimizers import CLASS, is_class, package_version
from analysis.training.runs.run import Place, Run, Watch, canonical, key
from analysis.training.runs.session import data_facts, task_of
from analysis.training.runs.store import Store
from analysis.training.runs.sweep import Planned
from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadInput

FOUND = ("data", "result_version", "torch")  # of an identity, what was found here instead of asked for
TUNING_SEEDS = 1000  # seeds of trials start here, so that no final run repeats one
Stage = Literal["trials", "runs"]


class NotRun(NamedTuple):
    """An experiment that was not run here, and why."""

    experiment: str
    why: str


def check(experiment: Experiment) -> None:
    """Whether task, options and optimizers exist, without loading data.

    Raises:
        UnknownName, BadOption, BadInput: the message names the experiment.
    """
    try:
        for options in experiment.optimizers.values():
            optimizer_options.check({k: v for k, v in options.items() if v != "task"})
        for budget in experiment.budgets.values():
            task_of(Run(experiment.task, {}, 0, 1, task_options={**experiment.task_options, **budget.task_options}))
    except (LookupError, ValueError) as error:
        raise BadInput(f"experiment {experiment.name}: {error}") from None


def runs(experiment: Experiment, budget: str, chosen: Mapping[str, float] | None = None) -> list[tuple[str, Run]]:
    """The final runs by label: as published, or each optimizer at its chosen step size."""
    told = experiment.budget(budget)
    watch: Watch = "final" if experiment.protocol == "tuned" else "test"
    found = []
    for label, options in _optimizers(experiment, budget).items():
        if chosen is not None and label not in chosen:
            continue
        own = {**options, **({"lr": chosen[label]} if chosen else {})}
        for seed in range(told.fewer.get(label, told.seeds)):
            found.append((label, _run(experiment, budget, own, seed, watch)))
    return found


def trials(experiment: Experiment, budget: str) -> list[tuple[str, Run]]:
    """The runs that step sizes are chosen by; none for a published protocol."""
    tuning = experiment.tuning_of(budget)
    if tuning is None:
        return []
    return [
        (label, _run(experiment, budget, {**options, "lr": lr}, TUNING_SEEDS + seed, "validation"))
        for label, options in _optimizers(experiment, budget).items()
        for lr in tuning.grid
        for seed in range(tuning.seeds)
    ]


def choose(experiment: Experiment, budget: str, results: Sequence[tuple[str, Run, Any]]) -> dict[str, float]:
    """Each optimizer's step size with the best mean score over the trials' seeds after the last epoch.

    A trial that diverged counts as infinitely bad; of equal scores the smaller step size wins.

    Args:
        results: label, run and result of every trial.

    Raises:
        BadInput: every trial of an optimizer diverged.
    """
    tuning = experiment.tuning_of(budget)
    assert tuning
    sign = -1.0 if tuning.score == "validation_accuracy" else 1.0
    scores: dict[str, dict[float, list[float]]] = {}
    for label, run, result in results:
        good = result.status == "complete"
        score = sign * float(result.frame[tuning.score].iloc[-1]) if good else math.inf
        scores.setdefault(label, {}).setdefault(run.optimizer["lr"], []).append(score)
    chosen = {}
    for label, by_lr in scores.items():
        means = {lr: math.fsum(values) / len(values) for lr, values in by_lr.items()}
        best = min(means, key=lambda lr: (means[lr], lr))
        if not math.isfinite(means[best]):
            raise BadInput(f"experiment {experiment.name}: every trial of {label} diverged; widen the grid downwards")
        chosen[label] = best
    return chosen


def planned(experiment: Experiment, budget: str, asked: Sequence[tuple[str, Run]], place: Place) -> list[Planned]:
    """The runs with keys and identities; loads the data to know which they are.

    Raises:
        MissingData: the data are nowhere.
    """
    if not asked:
        return []
    total = sum(run.epochs for _, run in asked)
    weight = max(120 * experiment.budget(budget).minutes, 1.0) / total
    found = []
    for label, run in asked:
        identity = identity_of(run, place)
        found.append(Planned(experiment.name, label, key(identity), run, identity, weight))
    return found


def identity_of(run: Run, place: Place) -> dict[str, Any]:
    """All that determines the run's result here and now."""
    return run.identity(data_facts(run, place), result_version(run), torch.__version__)


def result_version(run: Run) -> dict[str, Any]:
    """The versions of the code that the run's numbers depend on; each is declared beside the code that it counts.

    Whoever changes what a task, the training loop, a rule or its torch form computes raises the version there, and the
    runs get new keys. tests/result_versions/test_result_versions.py fails if the numbers change and the version does
    not.

    Returns:
        `task` and `training`; for a rule of ours also `rule` and `torch_form`. For a class of another package `package`
        has the name and the version of its distribution; for torch.optim, the version of torch tells.
    """
    found: dict[str, Any] = {"task": task_of(run).result_version, "training": training_loop.RESULT_VERSION}
    name = str(run.optimizer["optimizer"])
    if name.startswith(CLASS):
        found |= {"package": package_version(name)}
    if not is_class(name):
        from dwmgrad_ref.torch.rule_optimizer import RESULT_VERSION

        found |= {"rule": rules.get(name).result_version, "torch_form": RESULT_VERSION}
    return found


def stale(ones: Sequence[Planned], store: Store) -> dict[str, list[str]]:
    """Keys of stored results of the same runs with another result version, data set or torch, by their key of today.

    What differs is in their identity.
    """
    wanted = {canonical(one.run.asked()): one.key for one in ones}
    found: dict[str, list[str]] = {}
    for old, identity in store.identities().items() if wanted else ():
        now = wanted.get(canonical({name: value for name, value in identity.items() if name not in FOUND}))
        if now is not None and now != old:
            found.setdefault(now, []).append(old)
    return found


def _optimizers(experiment: Experiment, budget: str) -> dict[str, dict[str, Any]]:
    only = experiment.budget(budget).only
    return {label: dict(o) for label, o in experiment.optimizers.items() if not only or label in only}


def _run(experiment: Experiment, budget: str, optimizer: dict[str, Any], seed: int, watch: Watch) -> Run:
    told = experiment.budget(budget)
    options = {**experiment.task_options, **told.task_options}
    recipe = (told.training or experiment.training).told()
    return Run(
        experiment.task, optimizer_options.complete(optimizer), seed, told.epochs, watch, options, device=told.device,
        training=recipe,
    )  # fmt: skip
