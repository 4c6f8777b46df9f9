"""The reproduction table: up to date, complete, and its verdicts follow from the numbers."""

import json

import pandas as pd
import pytest

from analysis.reproduction import Row
from paper_figures import reproduction
from paper_figures import training as t
from paper_figures import training_panels as panels
from proofs import ledger


def test_the_page_and_the_ledger_are_up_to_date():
    """After `dwmgrad figures --commit` run `dwmgrad reproduction --write`."""
    assert reproduction.PAGE.read_text(encoding="utf-8") == reproduction.page()
    assert (
        reproduction.LEDGER.read_text(encoding="utf-8")
        == json.dumps(reproduction.records(), indent=1, ensure_ascii=False) + "\n"
    )
    assert list(ledger.empirical()) == [row.id for row in reproduction.rows()]
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
