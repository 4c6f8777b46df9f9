"""The benchmark compares like with like: its peers compute what they are said to compute. Nothing is timed here."""

import re

import pytest
import torch
from typer import Typer
from typer.testing import CliRunner

from analysis.cost import bench_train
from analysis.cost.bench_train import (
    ADAM,
    DATA,
    LOOP,
    OURS,
    STEP,
    ImageByImage,
    ReleasedNumpyStep,
    candidates,
    one_image,
)
from analysis.training.randomness import Randomness
from analysis.training.tasks.classification import centred
from analysis.training.training_loop import train_epoch
from dwmgrad_ref.torch import DWMGrad
from tests.analysis.training.test_tasks import flat, splits

torch.set_num_threads(1)


def test_the_released_numpy_step_is_dwmgrad_with_increase():
    """Step for step from the same weights; they differ by float32 rounding (G (ω-1)/ω against (1 - 1/ω) G)."""
    task, found = splits("mnist-mlp")
    ours, released = task.model(0), task.model(0)
    steps = {"ours": [], "released": []}
    one = DWMGrad(ours.parameters(), lr=1e-3, signal="increase", delta=1000, foreach=True)
    other = ReleasedNumpyStep(released.parameters(), lr=1e-3, delta=1000)
    for epoch in range(2):
        watch = lambda name, model: lambda *_: steps[name].append(flat(model))  # noqa: E731
        train_epoch(task, ours, one, found.train, Randomness(0), epoch, watch("ours", ours))
        train_epoch(task, released, other, found.train, Randomness(0), epoch, watch("released", released))
    assert len(steps["ours"]) == 2 * task.steps(found.train)
    assert other.omega == one.param_groups[0]["shared"]["omega"]
    for a, b in zip(steps["ours"], steps["released"], strict=True):
        # weights are of size 0.04 and a float32 step there is 4e-9; measured 5e-8 over these epochs
        torch.testing.assert_close(a, b, rtol=0, atol=1e-6)


def test_one_image_is_prepared_like_a_batch():
    _, found = splits("mnist-mlp")
    assert torch.equal(one_image(found.train.x[3]), centred(found.train.x[3:4])[0])


def test_image_by_image_gives_every_image_once():
    task, found = splits("mnist-mlp")
    one_by_one = ImageByImage(**{name: getattr(task, name) for name in task.__dataclass_fields__})
    seen = torch.cat([x for x, _ in one_by_one.batches(found.train, Randomness(0))])
    expected = centred(found.train.x)
    assert seen.shape == expected.shape and not torch.equal(seen, expected)
    assert torch.equal(seen.flatten(1).sum(1).sort().values, expected.flatten(1).sum(1).sort().values)
    in_order = torch.cat([x for x, _ in one_by_one.batches(found.train)])
    assert torch.equal(in_order, expected)


def test_every_candidate_runs_and_ours_is_set_up_as_released():
    task, found = splits("mnist-mlp")
    run = candidates(task, found.train)
    assert list(run) == [OURS, ADAM, STEP, LOOP, DATA]
    epochs = {name: function(0) for name, function in run.items()}
    assert epochs.pop(DATA) == task.steps(found.train)
    assert all(epoch.diverged is None for epoch in epochs.values())
    # the first loss is before any step: the same batch, the same weights
    assert epochs[OURS].losses[0] == epochs[ADAM].losses[0] == epochs[STEP].losses[0]
    assert epochs[OURS].loss == pytest.approx(epochs[STEP].loss, rel=1e-3)


def test_ratios_are_taken_within_a_round():
    """A machine that halves its speed after the first round changes no ratio."""
    seconds = {OURS: [1.0, 2.0, 2.0], ADAM: [2.0, 4.0, 4.0], DATA: [0.1, 0.2, 0.2]}
    rows = {row["candidate"]: row for row in bench_train.summary(seconds)}
    assert rows[ADAM]["dwmgrad_over_it"] == 0.5 and rows[ADAM]["median_s"] == 4 and rows[ADAM]["smallest_s"] == 2
    assert rows[DATA]["dwmgrad_over_it"] == pytest.approx(10)


def test_the_command_prints_a_table_and_writes_json(tmp_path, monkeypatch):
    import json

    task, found = splits("mnist-mlp")
    monkeypatch.setattr(type(task), "load", lambda *args, **kwargs: splits("mnist-mlp", holdout=False)[1])
    app = Typer()
    app.command()(bench_train.main)
    out = tmp_path / "out.json"
    result = CliRunner().invoke(app, ["--epochs", "1", "--images", "128", "--threads", "1", "--json", str(out)])
    assert result.exit_code == 0, result.output
    assert all(name in result.output for name in (OURS, LOOP, DATA)) and re.search("at most 1.10", result.output)
    written = json.loads(out.read_text())
    assert [row["rounds"] for row in written["rows"]] == [1] * 5 and written["images"] == 128
