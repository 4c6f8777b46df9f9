"""What a command that only tells something imports: no library that takes longer than the answer."""

import subprocess
import sys

import pytest

from dwmgrad_ref import formula, rules
from paper_figures.lib import build, catalogue
from tests.source_tree import ROOT

HEAVY = {
    "torch", "numba", "llvmlite", "sympy", "matplotlib", "seaborn", "pandas", "pyarrow", "scipy", "sklearn", "z3",
    "cvc5", "cvxpy", "PEPit", "statsmodels", "joblib", "psutil", "ray", "pooch",
}  # fmt: skip
PROGRAM = """
import sys
from dwmgrad_ref.cli import main
status = main(sys.argv[1:])
print("\\n" + " ".join(sorted({name.partition(".")[0] for name in sys.modules})))
sys.exit(status)
"""


def imported_by(*words: str) -> set[str]:
    """Top-level modules that a process has imported after that command line."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", ["--help", "list", "claims", "claims R3", "figures --list"])
def test_a_command_that_only_tells_imports_nothing_heavy(command):
    assert imported_by(*command.split()) & HEAVY == set()


@pytest.mark.parametrize("command", ["--help", "claims", "figures --list"])
def test_a_command_about_no_rule_imports_no_rule(command):
    assert imported_by(*command.split()) & {"numpy", "flint"} == set()


@pytest.mark.parametrize("options", [(), ("--schedule", "sqrt", "--latex")])
def test_a_formula_that_was_shown_before_is_shown_without_sympy(options, tmp_path, monkeypatch):
    monkeypatch.setenv("DWMGRAD_CACHE", str(tmp_path))
    assert "sympy" in imported_by("show", "dwmgrad", *options)
    assert imported_by("show", "dwmgrad", *options) & HEAVY == set()


def test_the_kept_formula_is_the_rendered_one(tmp_path, monkeypatch):
    monkeypatch.setenv("DWMGRAD_CACHE", str(tmp_path))
    for name in ("dwmgrad", "sgd"):
        rule = rules.get(name)
        fresh, kept = formula.rendered(rule), formula.rendered(rule)
        assert fresh == kept
        assert (kept.pretty, kept.latex) == (formula.pretty(rule), formula.latex(rule))
        assert kept.bounds == [formula.bound_text(rule, bound) for bound in rule.bounds]
    with_cap = formula.rendered(rules.get("dwmgrad"), delta=7)
    assert with_cap.pretty == formula.pretty("dwmgrad", delta=7) != formula.pretty("dwmgrad")


def test_a_damaged_formula_is_rendered_again(tmp_path, monkeypatch):
    monkeypatch.setenv("DWMGRAD_CACHE", str(tmp_path))
    formula.rendered(rules.get("sgd"))
    (file,) = (tmp_path / "formulas").iterdir()
    file.write_text(file.read_text().replace("theta", "thata"))
    assert formula.rendered(rules.get("sgd")).latex == formula.latex("sgd")


def test_figures_are_listed_as_they_are_imported():
    assert catalogue.names() == build.names()
    for name, summary in catalogue.summaries().items():
        first = (build.get(name).__doc__ or "").strip().partition("\n\n")[0]
        assert summary == " ".join(first.split()) != ""
