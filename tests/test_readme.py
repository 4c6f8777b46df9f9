"""Every command and snippet of the README and of the guides runs, as written but with few steps."""

import re
import shlex
from pathlib import Path

import pytest

from dwmgrad_ref import cli, formula
from tests.source_tree import ROOT

PAGES = ("README.md", "docs/guide.md", "docs/extending.md", "docs/costs.md", "docs/findings.md")
TEXT = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
FEW = "60"


def blocks(language: str) -> list[str]:
    """Fenced blocks of that language, less the indentation of a list they may stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", TEXT, re.M | re.S)
    return [re.sub(rf"^{indent}", "", body, flags=re.M) for indent, body in found]


COMMANDS = [row.removeprefix("$ ") for block in blocks("console") for row in block.splitlines() if row.startswith("$ ")]
SNIPPETS = blocks("python")
# What takes long as written: its quick form, through the same code.
QUICK = {
    "reproduce": "--quick",
    "figures rosenbrock": "--list",
    "profile --quick": "--scale tiny --rule dwmgrad --engines compiled --only d",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder with the rule of the guide and a trace, as a reader who got so far has them."""
    monkeypatch.chdir(tmp_path)
    (rule,) = blocks("py")
    Path("largest.py").write_text(rule, encoding="utf-8")
    cli.main(f"run --problem periodic --steps {FEW} --out runs/example.parquet --quiet".split())


# The report takes half a minute; its own tests write it.
@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "dwmgrad report"])
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
    if "page.write" in snippet:
        from paper_figures.report import page

        monkeypatch.setattr(page, "write", lambda out: Path(out) / page.NAME)
    if "build.build" in snippet:
        from paper_figures.lib import build

        monkeypatch.setattr(build, "build", lambda chosen: [build.get(name) for name in chosen])
    exec(re.sub(r"\b\d+_000(_000)?\b", FEW, snippet), {})


def test_every_command_is_shown_and_has_a_python_equivalent():
    """In each section of the guide that shows commands, a snippet follows; all subcommands are shown somewhere."""
    guide = (ROOT / "docs/guide.md").read_text(encoding="utf-8")
    sections = {part.partition("\n")[0]: part for part in guide.split("\n## ")[2:]}
    shows = {name for name, part in sections.items() if "```console" in part}
    assert {name for name in shows if "```python" not in sections[name]} == {"Data sets"}
    assert {c.split()[1] for c in COMMANDS} == {
        "run", "list", "show", "trace", "figures", "reproduce", "verify", "claims", "costs", "audit", "data", "train",
        "published", "profile", "report", "compare", "new", "conform",
    }  # fmt: skip


def test_every_link_leads_to_a_file():
    """Links within the repository, of every page."""
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_formula_shown_is_the_formula():
    (shown,) = [block for block in blocks("console") if block.startswith("$ dwmgrad show dwmgrad\n")]
    assert shown.partition("\n")[2].strip() == formula.pretty("dwmgrad")
