"""`dwmgrad new`: each template runs by the very commands that are printed with it, and passes its kind's checks."""

import inspect
import re
import shlex
from pathlib import Path

import pytest

from dwmgrad_ref import cli, problems, rules
from tests.dwmgrad_ref.problems import test_every_problem
from tests.dwmgrad_ref.rules import test_every_rule

KINDS = ("rule", "problem", "task", "figure")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DWMGRAD_STORE", str(tmp_path / "store"))


def made(kind: str, name: str, capsys) -> list[str]:
    """The commands that `dwmgrad new` printed, on few steps."""
    assert cli.main(["new", kind, name]) == 0
    printed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("dwmgrad ")]
    return [re.sub(r"--steps \S+", "--steps 60", line) for line in printed]


@pytest.mark.parametrize("kind", KINDS)
def test_the_commands_that_are_printed_run(kind, capsys, monkeypatch):
    if kind == "figure":
        from paper_figures.lib import build

        monkeypatch.setattr(build, "OUT", Path("build"))
    commands = made(kind, f"own-{kind}", capsys)
    assert commands
    for line in commands:
        assert cli.main(shlex.split(line)[1:]) == 0, (line, capsys.readouterr().err)
        assert capsys.readouterr().out
    if kind == "figure":
        assert Path("build/figures/own_figure.pdf").is_file() and Path("build/figures/own_figure.csv").is_file()


def inherited(module, kinds: tuple[str, ...]):
    """The checks of a module that take a name, or a name and options, and no other fixture."""
    wanted = ({"name"}, {"name", "given_options"})
    for name, check in inspect.getmembers(module, inspect.isfunction):
        marks = [str(m.args) for m in getattr(check, "pytestmark", ()) if m.name == "parametrize"]
        if name.startswith("test_") and marks and (set(inspect.signature(check).parameters) in wanted):
            if not hasattr(check, "hypothesis") and name not in kinds:
                yield check


def test_the_rule_passes_the_checks_of_every_rule(capsys, monkeypatch):
    made("rule", "own-rule", capsys)
    rule = rules.load("own_rule.py")
    monkeypatch.setattr(rules, "_registry", lambda: {rule.name: rule})
    checks = list(inherited(test_every_rule, ()))
    assert len(checks) >= 6
    for check in checks:
        check(rule.name, **({"given_options": {}} if "given_options" in inspect.signature(check).parameters else {}))


def test_the_problem_passes_the_checks_of_every_problem(capsys, monkeypatch):
    made("problem", "own-problem", capsys)
    family = problems.family("own_problem.py")
    monkeypatch.setattr(problems, "_registry", lambda: {family.name: family})
    other = ("test_not_convex_on_some_chord", "test_constants_are_tight", "test_no_smoothness_where_there_is_none",
             "test_no_smoothness_across_layers", "test_gradient_bound")  # fmt: skip
    checks = list(inherited(test_every_problem, other))
    assert len(checks) >= 8
    for check in checks:
        check(family.name)


@pytest.mark.parametrize("name", ["3rule", "Rule", "my rule", "class", ""])
def test_a_name_that_python_could_not_spell_is_refused(name, capsys):
    assert cli.main(["new", "rule", name]) == 2
    assert "cannot be a name here" in capsys.readouterr().err and not list(Path().glob("*.py"))


def test_nothing_is_overwritten(capsys):
    Path("own.toml").write_text("mine")
    assert cli.main(["new", "task", "own"]) == 2
    assert "own.toml exists" in capsys.readouterr().err
    assert Path("own.toml").read_text() == "mine" and not Path("own.py").exists()
