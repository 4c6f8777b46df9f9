"""`dwmgrad verify --sabotage N|all`: the answer first, then a table by module, then every survivor."""

import json
import os
from collections import Counter
from dataclasses import asdict
from typing import Any

import typer

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.files import with_checksum, write_atomic
from dwmgrad_ref.terminal import put_json
from proofs.sabotage import gate
from proofs.sabotage.gate import Fate

FATES = ("killed", "equivalent", "survived")


def sabotaged(how_many: str, seed: int, jobs: int, json_file: str | None, accept: bool) -> None:
    """Run the mutants and show what became of them; exit status 1 if one survived.

    Raises:
        BadInput: how_many is neither a whole number of at least 1 nor `all`.
    """
    from rich.console import Console

    if how_many != "all" and not (how_many.isdigit() and int(how_many) > 0):
        raise BadInput(f"--sabotage {how_many} is not allowed; it must be a whole number of at least 1, or all")
    console = Console(stderr=json_file == "-")
    subjects = gate.chosen(None if how_many == "all" else int(how_many), seed)
    with console.status("running every claim once on the unchanged code"):
        plan = None if accept else gate.committed().get("plan")  # an accepted result has a plan of its own
        plan = plan or gate.survey()
    fates = _with_progress(subjects, plan, os.cpu_count() or 1 if jobs < 1 else jobs, console)
    record = {**summary(fates, how_many, seed), "plan": plan}
    if json_file != "-":
        show(record, console)
    put_json(json_file, record)
    if accept:
        text = with_checksum(json.dumps(record, indent=1, ensure_ascii=False))
        write_atomic(gate.RESULT, lambda file: file.write(text.encode()))
        console.print(f"accepted: {gate.RESULT.name}")
    if record["survivors"]:
        raise typer.Exit(1)


def _with_progress(subjects: list[Any], plan: gate.Plan, jobs: int, console: Any) -> list[Fate]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=len(subjects))
        return gate.run(subjects, plan, jobs, lambda f: bar.update(task, advance=1, description=str(f.mutant)[:60]))


def summary(fates: list[Fate], how_many: str, seed: int) -> dict[str, Any]:
    """The result as plain values: counts by module, survivors, and what noticed each of the others."""
    modules: dict[str, Counter[str]] = {}
    for fate in fates:
        modules.setdefault(fate.mutant.module.removeprefix("dwmgrad_ref."), Counter())[fate.fate] += 1
    return {
        "asked": how_many,
        "seed": None if how_many == "all" else seed,
        "mutants": len(fates),
        **{name: sum(fate.fate == name for fate in fates) for name in FATES},
        "modules": {module: {name: count[name] for name in FATES} for module, count in sorted(modules.items())},
        "survivors": [str(fate.mutant) for fate in fates if fate.fate == "survived"],
        "equivalents": [str(fate.mutant) for fate in fates if fate.fate == "equivalent"],
        "fates": [{**asdict(fate.mutant), "fate": fate.fate, "by": fate.by} for fate in fates],
    }


def show(record: dict[str, Any], console: Any) -> None:
    """The answer in a sentence, the table, the survivors."""
    from rich.table import Table

    console.print(
        f"{record['killed']} of {record['mutants']} deliberate breaks are noticed by a claim, {record['equivalent']}"
        f" are proved to change nothing, {record['survived']} are noticed by nothing.", highlight=False,
    )  # fmt: skip
    table = Table("module", "breaks", *FATES)
    for module, counts in record["modules"].items():
        table.add_row(module, str(sum(counts.values())), *(str(counts[name]) for name in FATES))
    console.print(table)
    for line in record["survivors"]:
        console.print(f"not noticed: {line}", markup=False, highlight=False, soft_wrap=True)
