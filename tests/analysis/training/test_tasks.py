"""Tasks: the split, the order, the weights and the noise are functions of the seed; the layers are the formula."""

import dataclasses

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score, log_loss
from torch import nn

from analysis.training import tasks
from analysis.training.randomness import Dropout, Randomness, derived, initialized
from analysis.training.tasks import scores
from analysis.training.tasks.audio import SoundClassification
from analysis.training.tasks.classification import Classification, centred
from analysis.training.tasks.residual import Residual
from dwmgrad_ref import data
from dwmgrad_ref.errors import UnknownName
from tests.result_versions.pretend_data import HELD_OUT, SMALL, pretend

torch.set_num_threads(1)
NAMES = tasks.names()


def small(name):
    return dataclasses.replace(tasks.get(name), **SMALL.get(name, {}))


def splits(name, holdout=True):
    task = small(name)
    if hasattr(task, "held_out"):  # 900 examples are not enough for the real number
        task = dataclasses.replace(task, held_out=HELD_OUT)
    return task, task.split(pretend(task.dataset), holdout, torch.device("cpu"))


def flat(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize("name", NAMES)
def test_every_task_trains_evaluates_and_says_what_it_is(name):
    task, found = splits(name)
    assert task.title and task.source.key and task.epochs > 0 and data.get(task.dataset)
    model, randomness = task.model(0), Randomness(0)
    randomness.attach(model)
    batches = list(task.batches(found.train, randomness))
    assert len(batches) == task.steps(found.train)
    loss = task.loss(model, batches[0])
    loss.backward()
    assert loss.shape == () and all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    for split in (found.validation, found.test):
        assert task.metric in task.evaluate(model, split)
        assert task.evaluate(model, split) == task.evaluate(model, split)  # no dropout, nothing left behind


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_a_function_of_the_seed_alone(name):
    task = small(name)
    torch.manual_seed(1)
    first = flat(task.model(5))
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert torch.equal(flat(task.model(5)), first) and not torch.equal(flat(task.model(6)), first)
    assert torch.equal(torch.get_rng_state(), before)  # nor does it disturb anybody


CLASSIFIED = [n for n in NAMES if type(tasks.get(n)) in (Classification, SoundClassification, Residual)]


@pytest.mark.parametrize("name", CLASSIFIED)
def test_an_epochs_order_is_a_function_of_seed_and_epoch(name):
    task, found = splits(name)

    def labels(seed, epoch, earlier=0):
        randomness = Randomness(seed)
        for past in range(earlier):
            randomness.begin_epoch(past)
            list(task.batches(found.train, randomness))
        randomness.begin_epoch(epoch)
        return torch.cat([y for _, y in task.batches(found.train, randomness)])

    assert torch.equal(labels(0, 2), labels(0, 2, earlier=2))
    assert not torch.equal(labels(0, 2), labels(0, 1)) and not torch.equal(labels(0, 2), labels(1, 2))
    assert torch.equal(labels(0, 2).sort().values, found.train.y.sort().values)  # everything once
    in_order = torch.cat([y for _, y in task.batches(found.train)])
    assert torch.equal(in_order, found.train.y)


def rows(split):
    """Examples as sortable text; equal images count as one."""
    return {x.numpy().tobytes() + bytes([int(y)]) for x, y in zip(split.x, split.y, strict=True)}


@pytest.mark.parametrize("name", ["digits-mlp", "mnist-mlp", "cifar10-convnet", "spoken-digits"])
def test_the_split_covers_everything_once_and_validation_comes_out_of_training(name):
    task, held = splits(name)
    _, whole = splits(name, holdout=False)
    assert whole.validation is None and len(held.validation) == 100
    assert len(held.train) + 100 == len(whole.train)
    assert rows(held.train) | rows(held.validation) == rows(whole.train)
    if name != "digits-mlp":  # whose images may repeat
        assert not rows(held.train) & rows(held.validation) and not rows(whole.train) & rows(held.test)
    assert torch.equal(held.test.y, whole.test.y) and torch.equal(held.test.x, whole.test.x)
    assert torch.equal(splits(name)[1].validation.x, held.validation.x)  # the same every time


def test_sizes_of_the_digits():
    found = tasks.get("digits-mlp").load()
    assert [len(split) for split in (found.train, found.validation, found.test)] == [1149, 288, 360]
    assert found.provenance.counts == {"rows": 1797} and found.provenance.complete


@pytest.mark.data
def test_sizes_of_the_images(data_folder):
    task = tasks.get("mnist-mlp")
    found, whole = task.load(), task.load(holdout=False)
    assert [len(split) for split in (found.train, found.validation, found.test)] == [50000, 10000, 10000]
    assert len(whole.train) == 60000 and task.steps(whole.train) == 938  # the released script's loader says the same
    task = tasks.get("cifar10-convnet")
    whole = task.load(holdout=False, allow_incomplete=True)
    assert len(whole.train) == whole.provenance.counts["train"] and task.steps(whole.train) in (390, 391)


def test_the_networks_are_the_authors():
    sizes = {name: [tuple(p.shape) for p in small(name).model(0).parameters()] for name in NAMES}
    assert sizes["mnist-mlp"] == [(512, 784), (512,), (10, 512), (10,)]
    assert sizes["cifar10-convnet"] == [
        (32, 3, 3, 3), (32,), (64, 32, 3, 3), (64,), (128, 64, 3, 3), (128,), (512, 2048), (512,), (10, 512), (10,),
    ]  # fmt: skip
    for name, features, classes in (("cora", 1433, 7), ("citeseer", 3703, 6), ("pubmed", 500, 3)):
        assert sorted(sizes[f"{name}-gcn"]) == sorted([(16,), (16, features), (classes,), (classes, 16)])
        assert sizes[f"{name}-gcn"] == sizes[f"{name}-gcn-dropout"]


def test_pixels_are_normalized_as_the_scripts_do():
    """ToTensor (divide by 255) and then Normalize(0.5, 0.5): (x/255 - 0.5)/0.5, the same float32 operations."""
    x = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(centred(x), (x.float() / 255 - 0.5) / 0.5)
    assert centred(x)[[0, 255]].tolist() == [-1, 1] and x[255] == 255  # the stored bytes are left alone
    _, found = splits("cifar10-convnet")
    prepared = tasks.get("cifar10-convnet").prepare(found.train.x[:7])
    assert torch.equal(prepared, centred(found.train.x[:7]))


# --- the graph layer ---


@pytest.mark.parametrize("name", [n for n in NAMES if "gcn" in n])
def test_the_gcn_is_the_normalized_adjacency_product(name):
    """log-odds = Â relu(Â X W1 + b1) W2 + b2 with Â = D^-1/2 (A + I) D^-1/2, D the row sums of A + I: written out."""
    task, found = splits(name)
    model, graph = task.model(3).double().eval(), found.train
    first, second = model.first, model.second
    for layer in (first, second):
        nn.init.uniform_(layer.bias)  # they begin at zero, which would hide a bias left out
    n = len(graph.y)
    adjacency = torch.eye(n, dtype=torch.float64)
    adjacency[graph.edges[0], graph.edges[1]] += 1
    root = adjacency.sum(1).rsqrt()
    normalized = root[:, None] * adjacency * root
    hidden = (normalized @ graph.x.double() @ first.lin.weight.T + first.bias).clamp(min=0)
    expected = normalized @ hidden @ second.lin.weight.T + second.bias
    # 1e-12: float64 sums of up to 3,703 terms of size one, in another order
    torch.testing.assert_close(model(graph.x.double(), graph.edges), expected, rtol=1e-12, atol=1e-12)


def test_graph_losses_and_scores_are_over_the_splits_nodes_only():
    task, found = splits("cora-gcn")
    model = task.model(0)
    logits = model(found.train.x, found.train.edges).detach()
    for split in (found.train, found.validation, found.test):
        by_hand = -logits.log_softmax(1)[split.nodes, split.y[split.nodes]].mean()
        torch.testing.assert_close(task.loss(model, split).detach(), by_hand)
        assert task.evaluate(model, split)["loss"] == pytest.approx(float(by_hand), rel=1e-6)


# --- randomness ---


def test_dropout_keeps_the_mean_and_draws_from_its_own_generator():
    layer, x = Dropout(0.25), torch.ones(200_000)
    with pytest.raises(RuntimeError, match="attach"):
        layer(x)
    model = nn.Sequential(layer)
    randomness = Randomness(0)
    randomness.attach(model)
    state = torch.get_rng_state()
    first, second = model(x), model(x)
    assert torch.equal(torch.get_rng_state(), state)
    # each value is 0 or 1/0.75; four standard errors of the share that is kept
    assert set(first.unique().tolist()) == {0.0, np.float32(1) / np.float32(0.75)}
    assert abs(float((first > 0).float().mean()) - 0.75) < 4 * (0.75 * 0.25 / len(x)) ** 0.5
    assert not torch.equal(first, second)
    randomness.begin_epoch(0)
    assert torch.equal(model(x), first)
    assert torch.equal(model.eval()(x), x)


def test_a_stored_state_goes_on_inside_an_epoch(tmp_path):
    randomness = Randomness(4)
    randomness.begin_epoch(7)
    torch.rand(5, generator=randomness.noise)
    torch.save(randomness.state(), tmp_path / "state")
    expected = torch.rand(5, generator=randomness.noise), torch.randperm(9, generator=randomness.order)
    other = Randomness(0)
    other.restore(torch.load(tmp_path / "state", weights_only=True))
    found = torch.rand(5, generator=other.noise), torch.randperm(9, generator=other.order)
    assert all(map(torch.equal, found, expected)) and (other.seed, other.epoch) == (4, 7)


def test_no_two_streams_share_a_seed():
    seeds = [derived(seed, epoch, stream) for seed in range(20) for epoch in range(20) for stream in range(3)]
    assert len(set(seeds)) == len(seeds) and all(0 <= seed < 2**63 for seed in seeds)


def test_initialization_is_torchs_own():
    """`initialized` only seeds: the weights are those that the same build gives after manual_seed."""
    torch.manual_seed(derived(9, 0, 0))
    expected = flat(nn.Linear(3, 4))
    assert torch.equal(flat(initialized(lambda: nn.Linear(3, 4), 9)), expected)


# --- scores ---


def test_scores_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    for classes, n in ((2, 10), (10, 500), (7, 3)):
        logits, true = rng.normal(size=(n, classes)), rng.integers(0, classes, n)
        found = scores.classification(torch.tensor(logits), torch.tensor(true))
        predicted = logits.argmax(1)
        every = list(range(classes))
        assert found["accuracy"] == accuracy_score(true, predicted)
        assert found["f1"] == pytest.approx(
            f1_score(true, predicted, average="macro", labels=every, zero_division=0), rel=1e-6
        )  # rel: the counts' ratios are float32
        odds = torch.tensor(logits).softmax(1).numpy()
        assert found["loss"] == pytest.approx(log_loss(true, odds, labels=every), rel=1e-12)


def test_unknown_tasks_are_told_the_nearest():
    with pytest.raises(UnknownName, match="mnist-mlp"):
        tasks.get("mnist_mlp")
    assert tasks.get(tasks.get("digits-mlp")) is tasks.get("digits-mlp")


def test_a_task_that_cannot_have_its_data_says_so(tmp_path, monkeypatch):
    from dwmgrad_ref.data import store
    from dwmgrad_ref.errors import MissingData

    def refuse(*args, **kwargs):
        raise MissingData("no network")

    monkeypatch.setattr(store, "fetch", refuse)
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path)
    monkeypatch.delenv("DWMGRAD_DATA", raising=False)
    with pytest.raises(MissingData):
        tasks.get("pubmed-gcn").load(tmp_path)
