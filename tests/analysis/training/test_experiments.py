"""Experiment files: all committed ones are sound, mistakes name the nearest, the tuned protocol is fair."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.training import experiments
from analysis.training.experiments import read
from analysis.training.runs import plan
from analysis.training.runs.run import Run
from dwmgrad_ref.errors import BadInput, UnknownName

GOOD = """
title = "t"
task = "digits-mlp"
[optimizers]
adam = { optimizer = "torch.optim.Adam", lr = 1e-3 }
other = { extends = "adam", lr = 1e-2 }
[budgets.smoke]
epochs = 1
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("name", experiments.names())
def test_every_committed_experiment_is_sound(name):
    experiment = experiments.get(name)
    plan.check(experiment)
    assert experiment.name == name and experiment.title
    assert {p.minutes > 0 for p in experiment.budgets.values()} == {True}


def test_the_laptop_budget_is_under_six_hours():
    chosen = [experiments.get(name) for name in experiments.names()]
    assert 0 < sum(e.budgets["laptop"].minutes for e in chosen if "laptop" in e.budgets) < 360


def test_an_optimizer_of_a_published_protocol_may_have_fewer_seeds(written):
    text = GOOD.replace("epochs = 1", "epochs = 1\nseeds = 3\nfewer = { other = 1 }")
    found = plan.runs(read(written(text)), "smoke")
    assert [(label, run.seed) for label, run in found] == [("adam", 0), ("adam", 1), ("adam", 2), ("other", 0)]
    for old, new, message in (
        ("other = 1", "othr = 1", "did you mean other"),
        ("other = 1", "other = 4", "seeds from 1 to 3"),
        ('task = "', 'protocol = "tuned"\ntuning = { low = -3, high = -2, per_decade = 1 }\ntask = "', "same number"),
    ):
        with pytest.raises((BadInput, UnknownName), match=message):
            read(written(text.replace(old, new)))


def test_an_optimizer_extends_another(written):
    experiment = read(written(GOOD))
    assert experiment.optimizers["other"] == {"optimizer": "torch.optim.Adam", "lr": 1e-2}


@pytest.mark.parametrize(("old", "new", "message"), [
    ("title", "titel", r"no key of an experiment is called 'titel'; did you mean title\?"),
    ("epochs = 1", "epoch = 1", r"no key of budgets.smoke is called 'epoch'; did you mean epochs\?"),
    ("epochs = 1", "epochs = 0", r"budgets.smoke.epochs: .*greater than or equal to 1 \(given 0\)"),
    ("budgets.smoke", "budgets.smok", r"no budget is called 'smok'; did you mean smoke\?"),
    ('extends = "adam"', 'extends = "adm"', r"no optimizer to extend is called 'adm'; did you mean adam\?"),
    ('extends = "adam"', 'extends = "other"', r"other -> other extend each other in a circle"),
    ('task = "digits-mlp"', "", r"mine.toml, task: Field required"),
    ("[budgets.smoke]", "[budgets.smoke", r"is not TOML: .*line"),
    ("[optimizers]", "[tuning]\nlow = -1\nhigh = 0\n[optimizers]", r"\[tuning\] belongs to protocol 'tuned'"),
])  # fmt: skip
def test_a_mistake_in_a_file_is_named(old, new, message, written):
    with pytest.raises(BadInput, match=message):
        read(written(GOOD.replace(old, new)))


@pytest.mark.parametrize(("old", "new", "message"), [
    ("digits-mlp", "digit-mlp", r"no task is called 'digit-mlp'; did you mean digits-mlp"),
    ("torch.optim.Adam", "torch.optim.Adm", r"no optimizer of torch.optim is called 'Adm'; did you mean .*Adam"),
    ("torch.optim.Adam", "adamm", r"no rule is called 'adamm'; did you mean adam"),
    ("lr = 1e-2", "beta = 1", r"no option of torch.optim.Adam is called 'beta'; did you mean betas"),
    ('"torch.optim.Adam", lr = 1e-3', '"dwmgrad", delt = 5', r"option of dwmgrad is called 'delt'; did you mean delta"),
    ('"torch.optim.Adam", lr = 1e-3', '"dwmgrad", delta = 0.5', r"dwmgrad: delta=0.5 is not allowed"),
    ("epochs = 1", "epochs = 1\ntask_options = { batchsize = 2 }", r"of task digits-mlp .*did you mean batch_size"),
])  # fmt: skip
def test_a_mistake_about_tasks_and_optimizers_is_named_before_anything_runs(old, new, message, written):
    with pytest.raises(BadInput, match=message):
        plan.check(read(written(GOOD.replace(old, new))))


def test_an_unknown_experiment_or_budget_names_the_nearest():
    with pytest.raises(UnknownName, match="no experiment is called 'mnits'; did you mean mnist"):
        experiments.get("mnits")
    with pytest.raises(UnknownName, match="no budget of mnist is called 'papr'; did you mean paper"):
        experiments.get("mnist").budget("papr")


# --- the tuned protocol ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in experiments.names() if experiments.get(n).protocol == "tuned"])
def test_tuning_is_fair_and_never_sees_the_test_set(name):
    experiment = experiments.get(name)
    for budget in experiment.budgets:
        trials = plan.trials(experiment, budget)
        grids = {}
        for label, run in trials:
            assert run.watch == "validation"
            grids.setdefault(label, []).append((run.optimizer["lr"], run.seed, run.epochs))
        assert len({tuple(grid) for grid in grids.values()}) == 1, "the same grid, seeds and length for all"
        final = plan.runs(experiment, budget, dict.fromkeys(grids, 0.1))
        assert {run.watch for _, run in final} == {"final"}
        assert {run.seed for _, run in final}.isdisjoint(run.seed for _, run in trials)
        if budget != "smoke":
            assert experiment.budget(budget).seeds >= 3


def trial(label, lr, score, status="complete"):
    run = Run("digits-mlp", {"optimizer": "x", "lr": lr}, 0, 1)
    return label, run, SimpleNamespace(status=status, frame=pd.DataFrame({"validation_loss": [9.0, score]}))


def test_the_step_size_with_the_best_last_score_is_chosen_and_divergence_is_worst():
    experiment = experiments.get("digits_tuned")
    results = [
        trial("a", 0.1, 0.5), trial("a", 0.1, 0.7), trial("a", 1.0, 0.55), trial("a", 1.0, 0.55),
        trial("a", 10.0, 0.1), trial("a", 10.0, 0.1, "diverged"), trial("b", 1.0, 0.3), trial("b", 0.1, 0.3),
    ]  # fmt: skip
    assert plan.choose(experiment, "laptop", results) == {"a": 1.0, "b": 0.1}
    with pytest.raises(BadInput, match="every trial of c diverged; widen the grid"):
        plan.choose(experiment, "laptop", [trial("c", 1.0, math.nan, "diverged")])
