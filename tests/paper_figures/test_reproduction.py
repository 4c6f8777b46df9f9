"""The reproduction table: up to date, complete, and its verdicts follow from the numbers."""

import json

import pandas as pd
import pytest
from scipy import stats

from analysis.comparison import curve_test
from analysis.comparison.verdicts import Row
from dwmgrad_ref.files import with_checksum
from paper_figures.figures import training_window
from paper_figures.lib import build, folders, reproduction
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
        "id", "claim", "published", "reproduced", "verdict", "how", "budget", "settings", "who",
    }  # fmt: skip


def test_the_page_begins_with_ten_lines_whose_verdicts_are_the_rows():
    lines, verdicts = reproduction.summary(), {row.id: row.verdict for row in reproduction.rows()}
    assert len(lines) == 10 and lines[0].startswith(f"{len(verdicts)} claims: ")
    assert [line for line in reproduction.page().splitlines() if line.startswith("- ")][:10] == [
        f"- {line}" for line in lines
    ]
    order = next(line for line in lines if "DWMGrad ends above Adam" in line)
    assert order.endswith(f": {verdicts['mnist-order']}")


def test_every_result_names_its_seeds_and_settings_and_logs_stand_apart():
    for row in reproduction.rows():
        assert row.verdict == "not run" or ("seed" in row.budget and row.settings), row.id
        assert (row.who == "the authors' logs") == row.id.startswith("ptb-"), row.id
    ours, logs = reproduction.page().split("## Read from the authors' own logs")
    assert "| ptb-1 |" in logs and "| ptb-1 |" not in ours


def test_a_verdict_says_how_or_why():
    for verdict, result in (("compatible", "1"), ("inconclusive", "1"), ("not run", "")):
        with pytest.raises(ValueError, match="must say how or why"):
            Row("x", "claim", "published", result, verdict, "", "5 seeds", "script")
    with pytest.raises(ValueError, match="has a result"):
        Row("x", "claim", "published", "0.98", "not run", "no data")
    with pytest.raises(ValueError, match="has a result"):
        Row("x", "claim", "published", "", "reproduced", "", "5 seeds", "script")
    with pytest.raises(ValueError, match="names its budget"):
        Row("x", "claim", "published", "1", "reproduced", "", "5 seeds")
    with pytest.raises(ValueError, match="is none of reproduced, compatible"):
        Row("x", "claim", "published", "1", "partly", "how", "5 seeds", "script")


def test_the_committed_error_rates_are_those_promised():
    """False "reproduced" at most 5 %, as far as the simulation can tell: three standard errors of its draws."""
    bound = 0.05 + 3 * (0.05 * 0.95 / curve_test.DRAWS) ** 0.5
    found = 0
    for name in ("mnist", "cora", "cifar10"):
        table = build.table(name)["judged"]
        assert (table.false_rival.dropna() <= bound).all() and (table.false_shift.dropna() <= bound).all()
        found += table.power.notna().sum()
        assert table[table.seeds >= 5].power.notna().all() and table[table.seeds < 5].power.isna().all()
    assert found == 22


def orders(p, p_reversed, seeds=5):
    rows = [("dwmgrad-loss", "adam", 0.9, 0.8, 0.1, one, back, seeds, 12.0, 3, "laptop")
            for one, back in zip(p, p_reversed, strict=True)]  # fmt: skip
    names = ["above", "below", "first", "second", "difference", "p", "p_reversed", "seeds", "needed", "epochs",
             "profile"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


@pytest.mark.parametrize(("p", "p_reversed", "seeds", "verdict", "how"), [
    ((0.01, 0.04), (0.99, 0.96), 5, "reproduced", ""),
    ((0.01, 0.2), (0.99, 0.8), 5, "inconclusive", "12 seeds would do"),
    ((0.01, 0.99), (0.99, 0.01), 5, "not reproduced", "the other way: Adam"),
    ((0.01, 0.01), (0.99, 0.99), 4, "inconclusive", "5 seeds are needed"),
])  # fmt: skip
def test_an_order_holds_when_every_pair_does(p, p_reversed, seeds, verdict, how):
    row = panels.order_row("x", "c", "p", orders(p, p_reversed, seeds), "script")
    assert row.verdict == verdict and how in row.how and f"{seeds} seeds" in row.budget
    assert panels.order_row("x", "c", "p", orders((), ()), "script").verdict == "not run"


def test_mnist_s_published_order_by_scipy():
    """From the committed 100-epoch runs: one-sided paired t-tests over the five seeds."""
    last = t.best("mnist").final().pivot(index="seed", columns="label", values="test_accuracy")
    table = build.table("mnist")["orders"]
    for row in table.itertuples():
        oracle = stats.ttest_rel(last[row.above], last[row.below], alternative="greater")
        assert row.p == pytest.approx(oracle.pvalue, rel=1e-5) and row.p < 0.05 and row.seeds == 5
    assert list(zip(table.above, table.below, strict=True)) == [("dwmgrad-increase", "adam"), ("adam", "sgd")]


def signals(**verdicts):
    rows = [(f"dwmgrad-{name}", "signals", "train_loss", v, 1.0, 5, 100) for name, v in verdicts.items()]
    return pd.DataFrame(rows, columns=["label", "question", "value", "verdict", "off", "seeds", "epochs"])


@pytest.mark.parametrize(("verdicts", "verdict", "how"), [
    (("reproduced", "not reproduced", "not reproduced"), "reproduced", "under increase; rejected: loss, decrease"),
    (("compatible", "not reproduced", "inconclusive"), "compatible", "cannot tell increase from decrease"),
    (("not reproduced",) * 3, "not reproduced", "rejected: increase, loss, decrease"),
])  # fmt: skip
def test_signals_that_fit_are_all_named(verdicts, verdict, how):
    row = panels.signals_row("x", signals(**dict(zip(("increase", "loss", "decrease"), verdicts, strict=True))), "s")
    assert row.verdict == verdict and how in row.how


def test_a_number_is_rejected_only_when_both_its_readings_are():
    table = build.table("cora")["number"]
    row = panels.number_row("x", "c", 79.8, table, 100.0, 200, "script")
    assert row.verdict == "compatible" and "last epoch: compatible" in row.how and "best epoch" in row.reproduced
    far = t.judged_number(t.best("cora"), 0.5, 0.002, "test_accuracy", "dwmgrad-loss", ("adam",))
    assert panels.number_row("x", "c", 50.0, far, 100.0, 200, "script").verdict == "not reproduced"
    assert panels.number_row("x", "c", 1.0, far.iloc[:0], 100.0, 200, "script").verdict == "not run"
    mixed = table.assign(verdict=["reproduced", "not reproduced"])
    assert panels.number_row("x", "c", 1.0, mixed, 100.0, 200, "script").verdict == "inconclusive"


def test_arms_that_are_one_method_by_a_theorem_have_no_verdict_from_numbers():
    found = {row.id: row for row in reproduction.rows() if row.id.startswith("ablation-")}
    assert len(found) == 3 and all(row.verdict == "the same by theorem" for row in found.values())
    claims = records.ledger()
    assert {claims["W2"]["verdict"], claims["W6"]["verdict"]} == {"proved"}


def test_the_logged_settings_of_ptb_are_the_file_s():
    logs = pd.read_csv(folders.PUBLISHED / "adamomentum_ptb_perplexity.csv")
    deep = logs[logs.lstm_layers > 1]
    assert set(deep[deep.optimizer.isin(["adam", "adamw", "radam"])].eps) == {1e-8}
    assert set(deep[deep.optimizer == "yogi"].eps) == {1e-3} and len(logs) == 130
    assert set(deep[deep.optimizer == "adabelief"].lr) == {1e-3, 1e-2}
    rows = {row.id: row for row in reproduction.rows()}
    assert "1e-08 in all 30 runs" in rows["ptb-eps-adam"].reproduced
    assert "0.001 in all 10 runs" in rows["ptb-eps-yogi"].reproduced


@pytest.mark.parametrize(("lag", "verdict", "how", "more"), [
    (-0.5, "not reproduced", "", {}),
    (-0.2, "inconclusive", "not those of unrelated losses", {}),
    (-0.5, "inconclusive", "a coin's until epoch 10", {"loss_rises": [0.5] * 12 + [0.1] * 8}),
    (-0.5, "inconclusive", "a coin's until epoch 10", {"changed_rises": [0.5] * 12 + [0.1] * 8}),
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
