"""`dwmgrad train` from end to end, committed results, what differs beyond seed noise, and learning curves."""

import json
import logging
import shlex

import numpy as np
import pandas as pd
import pytest

from analysis.training.runs import committed_results, local_executor, plan
from analysis.training.runs.campaign import prepare, select
from analysis.training.runs.progress import Curves
from analysis.training.runs.run import ANYWHERE, Run
from analysis.training.runs.store import Store
from analysis.training.runs.sweep import Planned
from dwmgrad_ref.cli import main
from tests.analysis.training.test_runs import inline

TINY = """
title = "tiny"
task = "digits-mlp"
protocol = "tuned"
task_options = { examples = 200 }
[tuning]
low = -3
high = -2
per_decade = 1
[optimizers]
adam = { optimizer = "torch.optim.Adam" }
sgd = { optimizer = "torch.optim.SGD" }
[budgets.smoke]
epochs = 2
seeds = 2
minutes = 0.1
"""


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A tuned experiment of seconds, run in this process instead of worker processes."""
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    monkeypatch.setattr(local_executor, "run_all", lambda jobs, workers, session, tell: inline(session)(jobs, tell))
    monkeypatch.setattr(committed_results, "HERE", tmp_path / "results")
    return path, tmp_path / "store"


def train(*words, capsys):
    status = main(["train", *map(str, words)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_line_told_at_the_end_goes_on_with_all_that_was_given(tiny, tmp_path, capsys):
    path, store = tiny
    given = [path, "--budget", "smoke", "--data-dir", tmp_path / "my data", "--allow-incomplete", "--no-fetch"]
    given += ["--jobs", "2", "--store", store]
    status, out, _ = train(*given, capsys=capsys)
    told = out.splitlines()[-1].removeprefix("Again, or on from here: ")
    assert status == 0 and shlex.split(told) == ["dwmgrad", "train", *map(str, given)]
    status, out, err = train(*shlex.split(told)[2:], capsys=capsys)
    assert status == 0 and "0 runs carried out" in out and told in out and "0/0" not in err


def test_a_tuned_experiment_runs_once_and_tells_what_it_found(tiny, capsys):
    path, store = tiny
    status, out, err = train(path, "--store", store, "--json", "-", capsys=capsys)
    told = json.loads(out)
    assert status == 0 and told["carried_out"] == 2 * 2 + 2 * 2, "two trials and two seeds of two optimizers"
    assert set(told["chosen"]["tiny"]) == {"adam", "sgd"} and told["not_run"] == {}
    assert {row["optimizer"]: row["seeds"] for row in told["results"]["tiny"]} == {"adam": 2, "sgd": 2}
    assert "final_test_accuracy" in told["results"]["tiny"][0]
    status, out, _ = train(path, "--store", store, capsys=capsys)
    assert status == 0 and "0 runs carried out" in out and "dwmgrad train" in out.splitlines()[-1]


def test_the_list_tells_what_is_done_and_what_is_stale(tiny, capsys, monkeypatch):
    path, store = tiny
    train(path, "--store", store, "--json", "-", capsys=capsys)

    def listed():
        return json.loads(train(path, "--store", store, "--list", "--json", "-", capsys=capsys)[1])[0]

    assert {k: listed()[k] for k in ("runs", "done", "stale")} == {"runs": 8, "done": 8, "stale": 0}
    monkeypatch.setattr(plan, "result_version", lambda run: {"task": 2})
    assert {k: listed()[k] for k in ("runs", "done", "stale")} == {"runs": 4, "done": 0, "stale": 4}


@pytest.mark.parametrize(("words", "message"), [
    (["mnits"], "no experiment is called 'mnits'; did you mean mnist"),
    (["digits_tuned", "--budget", "smok"], "no budget is called 'smok'"),
    (["digits_tuned", "--engine", "dask"], "no engine is called 'dask'"),
])  # fmt: skip
def test_bad_input_is_one_line_and_status_2(words, message, tmp_path, capsys):
    status, _, err = train(*words, "--store", tmp_path, capsys=capsys)
    assert status == 2 and message in err and len(err.strip().splitlines()) == 1


def test_missing_data_is_not_run_and_says_why(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("DWMGRAD_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    status, out, _ = train("pubmed", "--no-run", "--list", "--store", tmp_path, "--json", "-", capsys=capsys)
    assert status == 0 and "pubmed" in json.loads(out)[0]["not_run"]


def test_what_has_its_data_runs_beside_what_has_not(tiny, tmp_path, capsys, monkeypatch):
    path, store = tiny
    monkeypatch.delenv("DWMGRAD_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    status, out, err = train(path, "mnist", "--no-fetch", "--store", store, "--json", "-", capsys=capsys)
    told = json.loads(out)
    assert status == 1 and "not run here, though named: mnist" in err
    assert told["carried_out"] == 8 and "is missing" in told["not_run"]["mnist"]


def test_committed_results_come_back_with_labels_step_sizes_and_final_values(tiny, capsys):
    path, store = tiny
    train(path, "--store", store, "--renew", "--json", "-", capsys=capsys)
    released = committed_results.read("tiny", "smoke")
    assert released is not None and len(released.runs) == 8 and set(released.runs.stage) == {"trial", "run"}
    campaign = prepare(select([str(path)], "smoke"), "smoke", Store(store), ANYWHERE)
    for stage, one, result in campaign.results("tiny"):
        rows = released.rows[released.rows.run == int(released.runs[released.runs.key == one.key].run.iloc[0])]
        kept = result.frame if stage == "run" else result.frame.tail(1)
        np.testing.assert_array_equal(rows.train_loss, kept.train_loss)
        assert set(rows.label) == {one.label} and set(rows.lr) == {one.run.optimizer["lr"]}
        if stage == "run":
            final = released.final().set_index("run").loc[rows.run.iloc[0]]
            assert final.final_test_accuracy == result.final["test_accuracy"] and final.epoch == 2
    assert len(released.final()) == 4
    assert committed_results.compare(released, released).beyond.sum() == 0
    assert committed_results.best("tiny") is None, "smoke says nothing"


def test_a_difference_beyond_seed_noise_is_told_and_one_within_is_not(tiny, capsys):
    path, store = tiny
    train(path, "--store", store, "--renew", "--json", "-", capsys=capsys)
    then, now = committed_results.read("tiny", "smoke"), committed_results.read("tiny", "smoke")
    assert then is not None and now is not None
    loss = then.final().groupby("label").train_loss.std(ddof=1)["adam"]
    adam = now.rows.label == "adam"
    now.rows.loc[adam, "train_loss"] += 1.9 * loss  # the noise of a difference of two means of two is the spread itself
    table = committed_results.compare(now, then).set_index(["label", "value"])
    np.testing.assert_allclose(table.noise["adam", "train_loss"], loss, rtol=1e-12)
    assert table.beyond.sum() == 0
    now.rows.loc[adam, "train_loss"] += 0.2 * loss
    assert committed_results.compare(now, then).query("beyond == 1")[["label", "value"]].to_numpy().tolist() == [
        ["adam", "train_loss"]
    ]


def test_the_same_again_is_the_same_to_the_last_bit_and_an_optimizer_on_one_side_only_is_told(tiny, tmp_path, capsys):
    path, store = tiny
    train(path, "--store", store, "--renew", "--json", "-", capsys=capsys)
    _, out, _ = train(path, "--store", tmp_path / "empty", "--json", "-", capsys=capsys)
    told = json.loads(out)
    assert told["carried_out"] == 8 and told["compared"] == {"tiny": {"values": 14, "same": 14, "differences": []}}
    other = tmp_path / "other" / "tiny.toml"
    other.parent.mkdir()
    other.write_text(TINY.replace('sgd = { optimizer = "torch.optim.SGD"', 'nadam = { optimizer = "torch.optim.NAdam"'))
    _, out, _ = train(other, "--store", store, "--json", "-", capsys=capsys)
    lines = ["nadam is not among the committed results", "sgd is committed and has no result here"]
    assert json.loads(out)["compared"]["tiny"] == {"values": 7, "same": 7, "differences": lines}
    _, out, _ = train(other, "--store", store, capsys=capsys)
    assert "7 the same to the last bit, 2 differences" in out and all(line in out for line in lines)


def test_learning_curves_are_one_point_an_epoch_also_after_a_run_went_on(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    one = Planned("tiny", "adam", "abcdef0123", Run("digits-mlp", {}, 0, 4), {})
    for epochs in ((1, 2, 3), (3, 4)):  # the third epoch's checkpoint was lost
        with Curves(tmp_path) as curves:
            for n in epochs:
                curves.epoch(one, n, {"epoch": float(n), "train_loss": 10.0 * n})
            curves.done(one)
    events = EventAccumulator(str(tmp_path / "tiny" / "adam-abcdef"))
    events.Reload()
    points = pd.DataFrame(events.Scalars("train_loss"))
    assert points.step.tolist() == [1, 2, 3, 4] and points.value.tolist() == [10, 20, 30, 40]


def test_what_a_data_set_lacks_is_said_once_a_command(tiny, monkeypatch, capsys, caplog):
    path, store = tiny
    real = plan.data_facts

    def lacking(run, place):
        logging.getLogger("dwmgrad").warning("an image is missing")
        return real(run, place)

    monkeypatch.setattr(plan, "data_facts", lacking)
    for _ in range(2):
        train(path, "--store", store, "--list", capsys=capsys)
    assert caplog.messages.count("an image is missing") == 2, "once in each of two commands"
