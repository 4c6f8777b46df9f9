"""`dwmgrad new`: a file of one kind from a template that runs as it is, and the commands to try it with."""

import keyword
import re
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

import dwmgrad_ref
from dwmgrad_ref import terminal
from dwmgrad_ref.errors import BadInput

ROOT = Path(dwmgrad_ref.__file__).resolve().parents[1]


class Kind(NamedTuple):
    """The template of one kind, the folder in which such a file is found by its name, and commands that try it."""

    template: str
    home: str
    tries: tuple[str, ...]


KINDS = {
    "rule": Kind(
        "dwmgrad_ref/cli/templates/rule.py",
        "dwmgrad_ref/rules",
        (
            "dwmgrad show {file}",
            "dwmgrad run --problem huber --rule {file} --steps 1e4",
            "dwmgrad costs --rule {file}",
            "dwmgrad audit --rule {file} --steps 2000",
        ),
    ),
    "problem": Kind(
        "dwmgrad_ref/cli/templates/problem.py",
        "dwmgrad_ref/problems",
        ("dwmgrad show {file}", "dwmgrad run --problem {file} --rule adam --steps 1e4"),
    ),
    "task": Kind("analysis/templates/task.py", "analysis/training/tasks", ("dwmgrad train {experiment}",)),
    "figure": Kind("paper_figures/templates/figure.py", "paper_figures/figures", ("dwmgrad figures {file}",)),
}
EXPERIMENT = """# Trains the task of the file beside this one. The keys are explained in analysis/training/experiments.
title = "{name}: two optimizers at one step size"
task = "{file}"

[optimizers]
adam = {{ optimizer = "torch.optim.Adam", lr = 0.001 }}
dwmgrad = {{ optimizer = "dwmgrad", lr = 0.001 }}

[budgets.smoke]
epochs = 1
"""


def new(
    kind: Annotated[Literal["rule", "problem", "task", "figure"], typer.Argument(help="What to begin.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, in lower case, such as my-rule.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write it.")] = Path("."),
) -> None:
    """Begin a rule, a problem, a task or a figure: a commented file that runs, and the commands to try it with.

    The file can be used from where it is, by its path. Moved into the folder that is named at the end, it is found by
    its name, and the tests of all files of its kind run on it.
    """
    told = KINDS[kind]
    identifier = _identifier(name)
    template = ROOT / told.template
    if not template.is_file():
        from dwmgrad_ref.cli import installed

        raise BadInput(installed.needs_checkout([told.template.partition("/")[0]]))
    file, experiment = out / f"{identifier}.py", out / f"{identifier}.toml"
    texts = {file: renamed(template.read_text(encoding="utf-8"), kind, identifier)}
    if kind == "task":
        texts[experiment] = EXPERIMENT.format(name=identifier.replace("_", "-"), file=file.as_posix())
    _write(texts)
    console = terminal.console()
    console.print("Wrote " + ", ".join(map(str, texts)) + ". Try:\n", soft_wrap=True, markup=False)
    for line in told.tries:
        console.print(line.format(file=file, experiment=experiment), style="green", soft_wrap=True, markup=False)
    console.print(f"\nMoved into {told.home} of a checkout, it is found by its name and tested with the others there.")


def renamed(text: str, kind: str, identifier: str) -> str:
    """The template's text with its placeholder name, in all three spellings, replaced."""
    text = text.replace(f"my_{kind}", identifier).replace(f"my-{kind}", identifier.replace("_", "-"))
    return text.replace(f"MY_{kind.upper()}", identifier.upper())


def _identifier(name: str) -> str:
    """The name as Python spells it.

    Raises:
        BadInput: it is not a word of lower-case letters, digits, hyphens and underscores.
    """
    identifier = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", identifier) or keyword.iskeyword(identifier):
        raise BadInput(
            f"{name!r} cannot be a name here; expected lower-case letters, digits and hyphens, a letter first, "
            "such as my-rule"
        )
    return identifier


def _write(texts: dict[Path, str]) -> None:
    """Write all of the files, or none if one of them is there.

    Raises:
        BadInput: one of the files exists.
    """
    for file in texts:
        if file.exists():
            raise BadInput(f"{file} exists, and nothing was written; choose another name or --out FOLDER")
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
