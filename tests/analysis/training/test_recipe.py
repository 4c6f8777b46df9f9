"""Recipes: schedules are torch's own, clipping and accumulation are those written by hand, a stop changes no bit."""

import copy
import math

import pytest
import torch
from pydantic import ValidationError
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim import lr_scheduler

from analysis.training import tasks
from analysis.training.experiments import read
from analysis.training.randomness import Randomness, derived
from analysis.training.recipe import Recipe, Schedule
from analysis.training.runs import plan
from analysis.training.runs.execute import execute
from analysis.training.runs.run import Run
from analysis.training.runs.session import TaskSession
from analysis.training.runs.store import Store
from analysis.training.training_loop import train_epoch
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.torch import DWMGrad
from tests.analysis.training.test_experiments import GOOD
from tests.analysis.training.test_runs import Stop, digits, job, same, straight
from tests.analysis.training.test_tasks import flat

torch.set_num_threads(1)
TOTAL = 40
# what each schedule is in torch's own words, for a run of 40 steps
ORACLES = {
    "steps": (
        {"kind": "steps", "at": [0.3, 0.6, 0.8], "factor": 0.2},
        lambda o: lr_scheduler.MultiStepLR(o, [12, 24, 32], gamma=0.2),
    ),
    "cosine": ({"kind": "cosine"}, lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL)),
    "decay": ({"kind": "decay", "factor": 0.9}, lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
    "decay from a quarter on": (
        {"kind": "decay", "factor": 0.9, "start": 0.25},
        lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.ConstantLR(o, 1.0), lr_scheduler.ExponentialLR(o, 0.9)], [10]
        ),
    ),
    "warm-up": ({"warmup": 0.1}, lambda o: lr_scheduler.LinearLR(o, 0.2, 1.0, 4)),
    "warm-up, then cosine": (
        {"kind": "cosine", "warmup": 0.1},
        lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.LinearLR(o, 0.2, 1.0, 4), lr_scheduler.CosineAnnealingLR(o, TOTAL - 4)], [4]
        ),
    ),
}


def rates(scheduler, optimizer):
    found = []
    for _ in range(TOTAL):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def sgd(lr=0.5):
    return torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=lr)


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.filterwarnings("ignore:The epoch parameter")  # torch's SequentialLR calls its parts in a way it deprecated
def test_a_schedule_is_torchs(name):
    told, oracle = ORACLES[name]
    mine, theirs = sgd(), sgd()
    found = rates(Recipe(schedule=Schedule(**told)).scheduler(mine, TOTAL), mine)
    # 1e-12: torch's schedules multiply step by step, ours are closed forms; both in float64
    assert found == pytest.approx(rates(oracle(theirs), theirs), rel=1e-12, abs=1e-15)
    assert len(set(found)) > 1


def test_a_constant_step_size_has_no_scheduler_and_no_key():
    assert Recipe().scheduler(sgd(), 10) is None and Recipe().told() == {}
    plain = Run("digits-mlp", {"optimizer": "sgd"}, 0, 1).asked()
    assert "training" not in plain  # so that runs made before there were recipes keep their keys
    assert Run("digits-mlp", {}, 0, 1, training={"clip_norm": 1.0}).asked()["training"] == {"clip_norm": 1.0}


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "steps"}, {"at": [0.5]}, {"kind": "steps", "at": [0.6, 0.3]}, {"kind": "steps", "at": [1.0]},
     {"kind": "cosine", "start": 0.5}, {"factor": 0.0}, {"warmup": 1.0}],
)  # fmt: skip
def test_a_schedule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        Schedule(**wrong)


@pytest.mark.parametrize(("old", "new", "message"), [
    ("clip_norm", "clip_norn", r"no key of training is called 'clip_norn'; did you mean clip_norm\?"),
    ("kind", "knd", r"no key of training.schedule is called 'knd'; did you mean kind\?"),
    ('"cosine"', '"cosin"', r"training.schedule.kind: .*'cosine'.*\(given 'cosin'\)"),
])  # fmt: skip
def test_a_mistake_in_a_recipe_is_named(old, new, message, tmp_path):
    text = GOOD.replace("[budgets", '[training]\nclip_norm = 1.0\nschedule = { kind = "cosine" }\n[budgets')
    path = tmp_path / "mine.toml"
    path.write_text(text)
    runs = plan.runs(read(path), "smoke")
    assert runs[0][1].training == {"clip_norm": 1.0, "schedule": {"kind": "cosine"}}
    path.write_text(text.replace(old, new))
    with pytest.raises(BadInput, match=message):
        read(path)


def test_clipping_and_accumulation_are_those_written_by_hand():
    """36 batches of 32 in twelve steps of three: the mean gradient, at most of norm 0.5, and the mean loss."""
    task = tasks.get("digits-mlp")
    found = task.load()
    model, other = task.model(0), task.model(0)
    make = lambda m: DWMGrad(m.parameters(), lr=1e-2, signal="increase", delta=20, foreach=True)  # noqa: E731
    optimizer, by_hand = make(model), make(other)
    recipe = Recipe(clip_norm=0.5, accumulate=3)
    epoch = train_epoch(task, model, optimizer, found.train, Randomness(0), 0, recipe=recipe)
    order = torch.Generator()
    order.manual_seed(derived(0, 0, 1))
    chunks = torch.randperm(len(found.train), generator=order).split(32)
    by_hand.start_epoch()
    losses, clipped = [], 0
    for first in range(0, 36, 3):
        other.zero_grad()
        parts = [cross_entropy(other(found.train.x[i] / 16), found.train.y[i]) for i in chunks[first : first + 3]]
        losses.append(sum(p.item() for p in parts) / 3)
        for part in parts:
            (part / 3).backward()
        norm = math.sqrt(sum(float(p.grad.double().square().sum()) for p in other.parameters()))
        clipped += norm > 0.5
        for p in other.parameters():
            p.grad.mul_(min(1.0, 0.5 / norm))
        by_hand.step(loss=losses[-1])
    assert clipped
    assert epoch.losses == pytest.approx(losses, rel=1e-6)
    # 1e-4: an update is about 1e-2, and dividing by the root of a small second moment enlarges the norm's rounding
    torch.testing.assert_close(flat(model), flat(other), rtol=0, atol=1e-4)


def test_biases_are_spared_from_weight_decay():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    groups = Recipe(spared=True).groups(model.parameters())
    optimizer = torch.optim.SGD(groups, lr=0.1, weight_decay=0.5)
    before = [p.detach().clone() for p in model.parameters()]
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    optimizer.step()
    for p, old in zip(model.parameters(), before, strict=True):
        # a zero gradient leaves only the decay: 1 - lr * weight_decay
        torch.testing.assert_close(p.detach(), old * (0.95 if p.ndim == 2 else 1.0))
    assert Recipe().groups(model.parameters()) == list(model.parameters())


RECIPE = {"schedule": {"kind": "cosine", "warmup": 0.1}, "clip_norm": 1.0, "accumulate": 2, "spared": True}
OURS = {"optimizer": "dwmgrad", "lr": 1e-3, "signal": "increase", "epoch": "task", "foreach": True, "fused": False}


def test_a_stopped_run_with_a_recipe_goes_on_to_the_last_bit(tmp_path):
    run, store = digits(OURS, epochs=3, training=RECIPE), Store(tmp_path)
    expected = straight(run, tmp_path)

    def stop(epoch, row):
        raise Stop

    for _ in range(run.epochs):
        with pytest.raises(Stop):
            execute(job(run, store), TaskSession, stop)
    same(execute(job(run, store), TaskSession, stop), expected)


def test_dwmgrad_follows_a_schedule():
    """A run under a schedule is the run whose step size is set by hand before every step."""
    session = TaskSession(digits(OURS, epochs=2, training={"schedule": {"kind": "cosine"}}))
    steps = session.task.steps(session.splits.train)
    model = session.task.model(session.run.seed)
    optimizer = DWMGrad(model.parameters(), lr=1e-3, signal="increase", epoch=float(steps), foreach=True, fused=False)
    factor = Schedule(kind="cosine").factors(2 * steps)
    taken = [0]

    def set_next(*_):
        taken[0] += 1
        optimizer.param_groups[0]["lr"] = 1e-3 * factor(taken[0])

    for epoch in range(2):
        train_epoch(session.task, model, optimizer, session.splits.train, Randomness(session.run.seed), epoch, set_next)
        session.epoch()
    assert torch.equal(flat(model), flat(session.model))
    assert session.optimizer.param_groups[0]["lr"] == pytest.approx(0, abs=1e-12)
    assert copy.deepcopy(session.state())["scheduler"]["last_epoch"] == 2 * steps
