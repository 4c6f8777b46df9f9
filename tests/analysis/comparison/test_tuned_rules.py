"""`dwmgrad compare`: the choice is the least regret of the same runs made one by one; an end of the grid is said."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.comparison import tuned_rules
from dwmgrad_ref import cli, problems, rules, run
from dwmgrad_ref.errors import BadInput, UnknownName

LINE = "compare sgd adam:beta1=0.5 --problem quadratic-dense:d=3 --tune alpha=1e-3:1 --steps 200"


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def entries(*names: str) -> list[tuned_rules.Entry]:
    return [tuned_rules.Entry(name, rules.get(name), {}) for name in names]


def test_the_grid_is_even_on_the_logarithm_and_has_both_ends():
    assert tuned_rules.grid("alpha=1e-3:1").values == (0.001, 0.003162, 0.01, 0.03162, 0.1, 0.3162, 1.0)
    assert tuned_rules.grid("eps=1e-8:1e-4:3") == ("eps", (1e-8, 1e-6, 1e-4))


@pytest.mark.parametrize(
    "word", ["alpha", "alpha=1", "alpha=1:1e-3", "alpha=0:1", "alpha=a:b", "alpha=1:2:2", "a=1:2:3:4"]
)
def test_a_grid_that_does_not_read_so_is_refused(word):
    with pytest.raises(BadInput, match="such as alpha=1e-3:1"):
        tuned_rules.grid(word)


def test_the_best_value_is_that_of_the_least_regret_run_by_run(capsys):
    assert cli.main(LINE.split()) == 0
    table = pd.read_csv("runs/compare-quadratic-dense.csv")
    for label, options in (("sgd", {}), ("adam:beta1=0.5", {"beta1": 0.5})):
        rule, problem = label.partition(":")[0], problems.get("quadratic-dense", d=3)
        traces = {a: run(rule, problem, 200, alpha=a, **options) for a in tuned_rules.grid("alpha=1e-3:1").values}
        regrets = {a: np.inf if t.stopped else t.final["regret"] for a, t in traces.items()}
        (best,) = table[(table.rule == label) & (table.chosen == 1)].to_dict("records")
        assert best["alpha"] == min(regrets, key=lambda a: regrets[a]) and best["regret"] == min(regrets.values())
    out = capsys.readouterr().out
    assert {Path(name).suffix for name in re.findall(r"runs/\S+", out)} == {".csv", ".tex", ".pdf", ".png"}
    assert all(Path(name).stat().st_size for name in re.findall(r"runs/\S+", out))


def test_a_best_value_at_an_end_of_the_grid_is_warned_of(capsys):
    """On a quadratic the regret of small steps falls as they grow, so the greatest of them is the best."""
    assert cli.main("compare sgd -p quadratic-dense:d=3 --tune alpha=1e-6:1e-4 --steps 50 --json -".split()) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["at_end"] for row in rows] == [0, 0, 0, 0, 1]
    assert cli.main("compare sgd -p quadratic-dense:d=3 --tune alpha=1e-6:1e-4 --steps 50".split()) == 0
    assert "Warning: the best alpha of sgd is 0.0001, at an end of the grid" in capsys.readouterr().err
    assert "sgd & 0.0001$^*$ &" in Path("runs/compare-quadratic-dense.tex").read_text()


def test_a_best_value_inside_the_grid_is_not_warned_of(capsys):
    problem, tuned = problems.get("quadratic-dense", d=3), tuned_rules.grid("alpha=1e-3:100:6")
    found = tuned_rules.compare(entries("adam"), problem, tuned, 200)
    assert found.runs.at_end.sum() == 0 and "$^*$" not in tuned_rules.latex(found)


def test_what_cannot_be_compared_is_refused():
    problem, tuned = problems.get("quadratic-dense", d=3), tuned_rules.grid("alpha=1e-3:1")
    with pytest.raises(BadInput, match="named twice"):
        tuned_rules.compare(entries("sgd", "sgd"), problem, tuned, 10)
    with pytest.raises(UnknownName, match="no option of sgd is called 'delta'"):
        tuned_rules.compare(entries("dwmgrad", "sgd"), problem, tuned_rules.grid("delta=1:100"), 10)
    with pytest.raises(BadInput, match="widen the grid"):
        tuned_rules.compare(entries("sgd"), problems.get("rosenbrock"), tuned_rules.grid("alpha=1:4:3"), 50)
