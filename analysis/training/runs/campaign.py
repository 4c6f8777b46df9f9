"""A budget of some experiments, from start to end: trials, the choice of step sizes, the runs that count."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.training import experiments
from analysis.training.experiments import Experiment
from analysis.training.runs import plan
from analysis.training.runs.plan import NotRun
from analysis.training.runs.run import Place, Run
from analysis.training.runs.store import Result, Store
from analysis.training.runs.sweep import Engine, Planned, SweepFailed, Watcher, carry_out, missing
from dwmgrad_ref.errors import BadInput, MissingData

Labelled = list[tuple[str, Run]]


@dataclass
class Campaign:
    """What was asked for and what came of it.

    trials, runs   planned runs by experiment, complete once `carry_out_all` has returned
    chosen         step sizes by experiment and label, of the tuned experiments
    not_run        experiments that could not be run here, with the reason
    """

    budget: str
    store: Store
    place: Place
    trials: dict[str, list[Planned]] = field(default_factory=dict)
    runs: dict[str, list[Planned]] = field(default_factory=dict)
    chosen: dict[str, dict[str, float]] = field(default_factory=dict)
    not_run: list[NotRun] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    carried_out: int = 0

    def results(self, name: str) -> list[tuple[str, Planned, Result]]:
        """(stage, planned, result) of every stored run of that experiment."""
        stages = (("trial", self.trials.get(name, [])), ("run", self.runs.get(name, [])))
        return [(s, one, self.store.get(one.key)) for s, ones in stages for one in ones if self.store.has(one.key)]


def select(names: Sequence[str], budget: str) -> list[Experiment]:
    """The named experiments, all that have the budget if none is named; each checked before anything runs.

    Raises:
        UnknownName, BadInput: no such experiment or budget, or a mistake in a file.
    """
    if budget not in experiments.BUDGETS:
        raise BadInput(f"no budget is called {budget!r}; known: {', '.join(experiments.BUDGETS)}")
    chosen = [experiments.get(name) for name in names or experiments.names()]
    for experiment in chosen:
        if names:
            experiment.budget(budget)
        plan.check(experiment)
    return [experiment for experiment in chosen if budget in experiment.budgets]


def prepare(chosen: Sequence[Experiment], budget: str, store: Store, place: Place) -> Campaign:
    """The campaign with the runs known so far: those of tuned experiments need their trials' results first."""
    campaign = Campaign(budget, store, place)
    for experiment in chosen:
        if why := experiment.budget(budget).not_run:
            campaign.not_run.append(NotRun(experiment.name, why))
            continue
        try:
            trials = plan.trials(experiment, budget)
            campaign.trials[experiment.name] = plan.planned(experiment, budget, trials, place)
            if not trials:
                campaign.runs[experiment.name] = plan.planned(experiment, budget, plan.runs(experiment, budget), place)
            else:
                settle(campaign, experiment)
        except MissingData as error:
            campaign.not_run.append(NotRun(experiment.name, str(error)))
    return campaign


def settle(campaign: Campaign, experiment: Experiment) -> None:
    """Choose the step sizes if all trials are there, and plan the runs that follow."""
    trials = campaign.trials[experiment.name]
    if missing(trials, campaign.store):
        return
    results = [(one.label, one.run, campaign.store.get(one.key)) for one in trials]
    campaign.chosen[experiment.name] = plan.choose(experiment, campaign.budget, results)
    final = plan.runs(experiment, campaign.budget, campaign.chosen[experiment.name])
    campaign.runs[experiment.name] = plan.planned(experiment, campaign.budget, final, campaign.place)


def carry_out_all(
    campaign: Campaign, chosen: Sequence[Experiment], engine: Engine, watchers: Sequence[Watcher] = ()
) -> None:
    """Run all that is missing: first the trials and the runs that need none, then the runs that follow from trials.

    Raises:
        SweepStopped: as `carry_out`. Runs that fail are collected in `failed`.
    """
    first = [one for ones in (*campaign.trials.values(), *campaign.runs.values()) for one in ones]
    _carry_out(campaign, first, engine, watchers)
    settled = set(campaign.runs)
    for experiment in chosen:
        if campaign.trials.get(experiment.name) and experiment.name not in settled:
            settle(campaign, experiment)
    second = [one for name, ones in campaign.runs.items() if name not in settled for one in ones]
    _carry_out(campaign, second, engine, watchers)


def _carry_out(campaign: Campaign, ones: list[Planned], engine: Engine, watchers: Sequence[Watcher]) -> None:
    # The longest first: a long run begun last would keep one core busy and leave the others idle.
    # Then by seed, so that a sweep stopped half-way has something of every optimizer.
    ones = sorted(ones, key=lambda one: (-one.weight * one.run.epochs, one.run.seed))
    try:
        campaign.carried_out += carry_out(ones, campaign.store, engine, watchers, campaign.place)
    except SweepFailed as error:
        campaign.carried_out += error.done
        campaign.failed.append(str(error))
