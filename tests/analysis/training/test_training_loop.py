"""The loop is what one would write by hand, for optimizers that read the loss and for those that do not."""

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from analysis.training import tasks
from analysis.training.randomness import Randomness, derived
from analysis.training.training_loop import stepper, train_epoch
from dwmgrad_ref.torch import LCAM, DWMGrad
from tests.analysis.training.test_tasks import flat, splits

torch.set_num_threads(1)
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=1e-2),
    "dwmgrad": lambda p: DWMGrad(p, lr=1e-3, signal="increase", delta=20, foreach=True),
    "lcam": lambda p: LCAM(p, lr=0.05, foreach=True),
}


# With this seed an epoch's first loss is below the last one before it, so a lost start of an epoch would show.
SEED = 0


def by_hand(optimizer_of, epochs, seed=SEED):
    """Epochs of the digits, written from torch alone; what each optimizer needs is spelled out."""
    found = tasks.get("digits-mlp").load()
    with torch.random.fork_rng():
        torch.manual_seed(derived(seed, 0, 0))
        model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = optimizer_of(model.parameters())
    x, y = found.train.x / 16, found.train.y
    means = []
    for epoch in range(epochs):
        order = torch.Generator()
        order.manual_seed(derived(seed, epoch, 1))
        if isinstance(optimizer, DWMGrad | LCAM):
            optimizer.start_epoch()
        total, count = 0.0, 0
        for index in torch.randperm(len(y), generator=order).split(32):
            model.zero_grad()
            loss = cross_entropy(model(x[index]), y[index])
            loss.backward()
            if isinstance(optimizer, DWMGrad | LCAM):
                optimizer.step(loss=loss)
            else:
                optimizer.step()
            total, count = total + loss.item(), count + 1
        means.append(total / count)
    return model, means


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_three_epochs_are_those_written_by_hand(name):
    task = tasks.get("digits-mlp")
    found, model, randomness = task.load(), task.model(SEED), Randomness(SEED)
    optimizer = OPTIMIZERS[name](model.parameters())
    epochs = [train_epoch(task, model, optimizer, found.train, randomness, epoch) for epoch in range(3)]
    expected, means = by_hand(OPTIMIZERS[name], 3)
    assert torch.equal(flat(model), flat(expected))  # to the last bit: the same operations in the same order
    # the loop's mean is rounded once, the one by hand at every addition
    assert [epoch.loss for epoch in epochs] == pytest.approx(means, rel=1e-14)
    assert all(len(epoch.losses) == task.steps(found.train) == 36 and epoch.diverged is None for epoch in epochs)


@pytest.mark.parametrize("name", ["cifar10-convnet", "cora-gcn-dropout"])
def test_a_run_with_dropout_goes_on_as_if_never_stopped(name):
    """From model and optimizer alone: what is random in an epoch depends on the seed and the epoch only."""
    task, found = splits(name)

    def run(model, optimizer, epochs):
        return [train_epoch(task, model, optimizer, found.train, Randomness(2), epoch).loss for epoch in epochs]

    model = task.model(2)
    optimizer = torch.optim.Adam(model.parameters())
    run(model, optimizer, [0])
    weights = {key: value.clone() for key, value in model.state_dict().items()}
    state = {**optimizer.state_dict()}
    again = task.model(0)
    again.load_state_dict(weights)
    other = torch.optim.Adam(again.parameters())
    other.load_state_dict(copy.deepcopy(state))
    torch.rand(3)  # the global generator is nobody's business
    assert run(model, optimizer, [1, 2]) == run(again, other, [1, 2])
    assert torch.equal(flat(model), flat(again))


def test_divergence_is_recorded_and_nothing_is_updated_with_it():
    task = tasks.get("digits-mlp")
    found, model = task.load(), task.model(0)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e30)
    seen = []
    epoch = train_epoch(
        task, model, optimizer, found.train, Randomness(0), 0, lambda t, loss: seen.append((t, flat(model)))
    )
    assert epoch.diverged is not None and 1 < epoch.diverged < 36 and math.isnan(epoch.loss)
    assert len(epoch.losses) == epoch.diverged and not math.isfinite(epoch.losses[-1])
    assert all(map(math.isfinite, epoch.losses[:-1]))
    assert [t for t, _ in seen] == list(range(1, epoch.diverged))
    assert torch.equal(seen[-1][1].nan_to_num(), flat(model).nan_to_num())


def test_diverging_optimizers_that_read_the_loss_are_recorded_too():
    task = tasks.get("digits-mlp")
    found, model = task.load(), task.model(0)
    optimizer = DWMGrad(model.parameters(), lr=1e38, foreach=True)
    assert train_epoch(task, model, optimizer, found.train, Randomness(0), 0).diverged


def test_after_step_gets_step_and_loss_after_the_update():
    task = tasks.get("digits-mlp")
    found, model = task.load(), task.model(0)
    seen, before = [], flat(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def watch(t, loss):
        seen.append((t, loss))
        assert not torch.equal(flat(model), before)

    epoch = train_epoch(task, model, optimizer, found.train, Randomness(0), 0, watch)
    assert seen == list(enumerate(epoch.losses, 1))
    assert epoch.loss == math.fsum(epoch.losses) / 36 and epoch.seconds > 0


def test_only_optimizers_that_read_the_loss_get_it():
    weight = nn.Parameter(torch.ones(2))
    weight.grad = torch.ones(2)
    got = []

    class Reads(torch.optim.SGD):
        def step(self, closure=None, *, loss=None):
            got.append(loss)

    stepper(Reads([weight]))(0.5)
    stepper(torch.optim.SGD([weight], lr=1.0))(0.5)
    assert got == [0.5] and weight.tolist() == [0, 0]


@pytest.mark.parametrize(("name", "told"), [("digits-mlp", 2), ("cora-gcn", 0)])
def test_epochs_begin_for_the_optimizer_unless_an_epoch_is_one_step(name, told):
    task, found = splits(name)
    model = task.model(0)
    calls = []

    class Counts(torch.optim.SGD):
        def start_epoch(self):
            calls.append(1)

    optimizer = Counts(model.parameters(), lr=0.1)
    for epoch in range(2):
        train_epoch(task, model, optimizer, found.train, Randomness(0), epoch)
    assert len(calls) == told
