"""`dwmgrad verify --sabotage N|all`: the answer first, then a table by module, then every survivor.

What is found is written down as it comes (`Journal`), so a run that was cut, or spread over days, goes on where it was.
"""

import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import platformdirs
import typer

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.files import with_checksum, write_atomic
from dwmgrad_ref.terminal import put_json
from proofs.sabotage import gate, mutants
from proofs.sabotage.gate import Fate
from proofs.sabotage.mutants import Mutant

FATES = ("killed", "equivalent", "survived")


def sabotaged(how_many: str, seed: int, jobs: int, json_file: str | None, renew: bool) -> None:
    """Run the mutants and show what became of them; exit status 1 if one survived.

    Raises:
        BadInput: how_many is neither a whole number of at least 1 nor `all`.
    """
    from rich.console import Console

    if how_many != "all" and not (how_many.isdigit() and int(how_many) > 0):
        raise BadInput(f"--sabotage {how_many} is not allowed; it must be a whole number of at least 1, or all")
    console = Console(stderr=json_file == "-")
    jobs = os.cpu_count() or 1 if jobs < 1 else jobs
    subjects = gate.chosen(None if how_many == "all" else int(how_many), seed)
    journal = Journal(journal_file())
    plan = journal.plan or (None if renew or how_many == "all" else gate.planned())
    if plan is None:
        with console.status("running every claim once on the unchanged code"):
            plan = gate.survey(jobs)
        journal.add({"plan": asdict(plan)})
    left = [mutant for mutant in subjects if mutant not in journal.fates]
    if len(left) < len(subjects):
        console.print(f"{len(subjects) - len(left)} of {len(subjects)} are known from {journal.file}", highlight=False)
    known = journal.fates | {fate.mutant: fate for fate in _with_progress(left, plan, jobs, journal, console)}
    record = {**summary([known[mutant] for mutant in subjects], how_many, seed), "plan": asdict(plan)}
    if json_file != "-":
        show(record, console)
    put_json(json_file, record)
    if renew:
        text = with_checksum(json.dumps(record, indent=1, ensure_ascii=False))
        write_atomic(gate.RESULT, lambda file: file.write(text.encode()))
        console.print(f"renewed: {gate.RESULT.name}")
    if record["survivors"]:
        raise typer.Exit(1)


def journal_file() -> Path:
    """Where the fates of this very state of the code are kept, one line a mutant: a cut run goes on from there."""
    return Path(platformdirs.user_cache_dir("dwmgrad")) / "sabotage" / f"{gate.digest()}.jsonl"


class Journal:
    """What is known so far: the plan, and the fate of every mutant that was made. A cut last line is left out."""

    def __init__(self, file: Path):
        self.file = file
        self.plan: gate.Plan | None = None
        self.fates: dict[Mutant, Fate] = {}
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        whole = text[: text.rfind("\n") + 1]
        if whole != text:  # the run was cut while it wrote
            write_atomic(file, lambda out: out.write(whole.encode()))
        for line in whole.splitlines():
            self._take(json.loads(line))

    def _take(self, said: dict[str, Any]) -> None:
        if "plan" in said:
            self.plan = gate.Plan(**said["plan"])
        else:
            mutant = Mutant(**said.pop("mutant"))
            self.fates[mutant] = Fate(mutant, **said)

    def add(self, said: dict[str, Any]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(said, ensure_ascii=False) + "\n")


def _with_progress(subjects: list[Mutant], plan: gate.Plan, jobs: int, journal: Journal, console: Any) -> list[Fate]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=len(subjects))

        def tell(fate: Fate) -> None:
            journal.add(asdict(fate))
            bar.update(task, advance=1, description=str(fate.mutant)[:60])

        return gate.run(subjects, plan, jobs, tell)


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
    if without := mutants.unclaimed():
        console.print(f"No claim names these rules, so they were left alone: {', '.join(without)}.", highlight=False)
    for line in record["survivors"]:
        console.print(f"not noticed: {line}", markup=False, highlight=False, soft_wrap=True)
