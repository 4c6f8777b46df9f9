"""Every command and snippet of the README runs, as written but with few steps."""

import re
import shlex
from pathlib import Path

import pytest

from dwmgrad_ref import cli, formula
from tests.source_tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FEW = "60"


def blocks(language: str) -> list[str]:
    """Fenced blocks of that language, less the indentation of a list they may stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", README, re.M | re.S)
    return [re.sub(rf"^{indent}", "", body, flags=re.M) for indent, body in found]


COMMANDS = [row.removeprefix("$ ") for block in blocks("console") for row in block.splitlines() if row.startswith("$ ")]
SNIPPETS = blocks("python")
# What takes long as written: its quick form, through the same code.
QUICK = {
    "reproduce": "--quick",
    "figures rosenbrock": "--list",
    "profile --quick": "--scale tiny --rules dwmgrad --engines compiled --only d",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder with the README's rule and a trace, as a reader who got so far has them."""
    monkeypatch.chdir(tmp_path)
    (rule,) = blocks("py")
    Path("largest.py").write_text(rule, encoding="utf-8")
    cli.main(f"run periodic --steps {FEW} --out runs/example.parquet --quiet".split())


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command, folder, capsys):
    short = re.sub(r"--steps \S+", f"--steps {FEW}", command)
    short += "".join(f" {option}" for start, option in QUICK.items() if short == f"dwmgrad {start}")
    if " run " in short and "--steps" not in short:
        short += f" --steps {FEW}"
    name, *words = shlex.split(short)
    assert name == "dwmgrad" and cli.main(words) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_python_equivalent(snippet, folder, capsys, monkeypatch):
    assert sum(bool(row.strip()) for row in snippet.splitlines()) <= 5
    if "showcase" in snippet:
        from analysis import showcase

        monkeypatch.setattr(showcase, "SETTINGS", [showcase.SETTINGS[0]._replace(steps=int(FEW))])
    if "build.build" in snippet:
        from paper_figures.lib import build

        monkeypatch.setattr(build, "build", lambda chosen: [build.get(name) for name in chosen])
    exec(re.sub(r"\b\d+_000(_000)?\b", FEW, snippet), {})


def test_every_command_has_a_python_equivalent():
    """One snippet follows each group of commands, up to the next; all subcommands are shown."""
    section = README.split("## Commands")[1].split("\n## ")[0]
    fences = re.findall(r"^```(\w+)", section, re.M)
    assert all(a != b or a == "python" for a, b in zip(fences, fences[1:], strict=False))
    assert {c.split()[1] for c in COMMANDS} == {
        "run", "list", "show", "trace", "figures", "reproduce", "verify", "claims", "costs", "audit", "data", "train",
        "reproduction", "profile",
    }  # fmt: skip


def test_the_formula_shown_is_the_formula():
    (shown,) = [block for block in blocks("console") if block.startswith("$ dwmgrad show dwmgrad\n")]
    assert shown.partition("\n")[2].strip() == formula.pretty("dwmgrad")
