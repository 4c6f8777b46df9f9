"""The reproduction table: up to date, complete, and its verdicts follow from the numbers."""

import json

import pandas as pd
import pytest

from analysis.comparison.verdicts import Row
from dwmgrad_ref.files import with_checksum
from paper_figures.figures import training_window
from paper_figures.lib import reproduction
from paper_figures.lib import training_panels as panels
from paper_figures.lib import training_results as t
from proofs.ledger import records


def test_the_page_and_the_ledger_are_up_to_date():
    """After `dwmgrad figures --renew` run `dwmgrad published --renew`."""
    assert reproduction.PAGE.read_text(encoding="utf-8") == reproduction.page()
    text = with_checksum(json.dumps(reproduction.records(), indent=1, ensure_ascii=False))
    assert reproduction.LEDGER.read_text(encoding="utf-8") == text
    assert list(records.empirical()) == [row.id for row in reproduction.rows()]
    assert reproduction.records()[0].keys() == {
        "id", "claim", "published", "reproduced", "verdict", "how",
    }  # fmt: skip


def test_every_number_has_its_seed_count():
    for row in reproduction.rows():
        assert not row.reproduced or "seed" in row.reproduced, row.id


def test_a_verdict_says_how_or_why():
    for verdict, result in (("partly", "1"), ("not run", "")):
        with pytest.raises(ValueError, match="must say how or why"):
            Row("x", "claim", "published", result, verdict)
    with pytest.raises(ValueError, match="has a result"):
        Row("x", "claim", "published", "0.98", "not run", "no data")
    with pytest.raises(ValueError, match="has a result"):
        Row("x", "claim", "published", "", "reproduced")


@pytest.mark.parametrize(("rms", "seed", "verdict"), [
    (1.9, 0.0, "reproduced"), (2.1, 0.0, "partly"), (2.1, 1.0, "reproduced"), (10.1, 0.0, "not reproduced"),
    (1.9, float("nan"), "reproduced"), (float("nan"), 1.0, "not reproduced"),
])  # fmt: skip
def test_a_curve_is_judged_by_reading_error_and_seed_noise(rms, seed, verdict):
    assert t.closeness(rms, seed) == verdict


def finals(**means):
    rows = [(label, 0.1, "final_test_accuracy", m, m - 0.01, m + 0.01, 5, 0, "laptop") for label, m in means.items()]
    columns = ["label", "lr", "value", "mean", "low", "high", "seeds", "diverged", "profile"]
    return pd.DataFrame([[label.replace("_", "-"), *rest] for label, *rest in rows], columns=columns)


@pytest.mark.parametrize(("ours", "verdict"), [(0.99, "reproduced"), (0.955, "partly"), (0.9, "not reproduced")])
def test_better_means_intervals_that_do_not_overlap(ours, verdict):
    table = finals(dwmgrad_loss=ours, adam=0.93, sgd=0.95)
    row = panels.order_row("x", "c", "p", table, "final_test_accuracy", "dwmgrad-loss", ("adam", "sgd"))
    assert row.verdict == verdict and "5 seeds" in row.reproduced
    assert panels.order_row("x", "c", "p", table, "final_test_accuracy", "lcam", ("adam",)).verdict == "not run"


def distances(**curves):
    rows = [(f"dwmgrad-{name}", "train_loss", rms, seed, 5) for name, (rms, seed) in curves.items()]
    return pd.DataFrame(rows, columns=["label", "value", "rms", "seed", "seeds"])


@pytest.mark.parametrize(("loss", "verdict", "how"), [
    ((0.5, 1.0), "reproduced", "nearest: loss; by the same measure also decrease"),
    ((2.5, 0.0), "partly", "nearest: loss; by the same measure also decrease"),
    ((40.0, 1.0), "reproduced", "nearest: decrease"),
])  # fmt: skip
def test_signals_that_fit_are_all_named(loss, verdict, how):
    """A farther curve of noisier seeds can fit where the nearest cannot."""
    row = panels.signals_row("x", distances(loss=loss, decrease=(2.6, 1.0), increase=(90.0, 1.0)))
    assert (row.verdict, row.how) == (verdict, how)


@pytest.mark.parametrize(("lag", "verdict", "how", "more"), [
    (-0.5, "not reproduced", "", {}),
    (-0.2, "partly", "not those of unrelated losses", {}),
    (-0.5, "partly", "a coin's until epoch 10", {"loss_rises": [0.5] * 12 + [0.1] * 8}),
    (-0.5, "partly", "a coin's until epoch 10", {"changed_rises": [0.5] * 12 + [0.1] * 8}),
    (-0.5, "not reproduced", "", {"loss_rises": [0.1] * 20, "changed_rises": [0.5] * 20, "loss_ties": [0.8] * 20}),
])  # fmt: skip
def test_a_window_that_is_not_a_coins_is_told(lag, verdict, how, more):
    """Where losses tie, and so do not rise, it is the others that tell a coin."""
    values = {"window_mean": [2.0] * 20, "loss_rises": [0.5] * 20, "loss_lag1": [lag] * 20, **more}
    rows = [("mnist", "dwmgrad-increase", name, e, m, 5) for name, v in values.items() for e, m in enumerate(v, 1)]
    table = pd.DataFrame(rows, columns=["task", "label", "value", "epoch", "mean", "seeds"])
    row = next(row for row in training_window.reproduction(table) if row.id == "window-mnist")
    assert row.verdict == verdict and how in (row.how or "")
    assert ("takes the window to 2" in row.reproduced) == ("loss_ties" in more)
