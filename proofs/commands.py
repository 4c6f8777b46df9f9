"""`dwmgrad verify`, `dwmgrad claims` and `dwmgrad costs`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from dwmgrad_ref.terminal import console, listing, put_json

COLOURS = {"proved": "green", "argued": "green", "refuted": "cyan", "supported": "yellow", "open": "magenta"}
COLOURS |= {"broken": "bold red"}

Json = Annotated[str | None, typer.Option("--json", help="Write the result as JSON; - prints it to standard output.")]
Identifiers = Annotated[list[str] | None, typer.Argument(help="Claims, such as W5 R3; all if none is named.")]


def register(app: typer.Typer, words: Sequence[str]) -> None:
    """Add this layer's subcommands."""
    app.command("verify")(verify)
    app.command("claims")(claims)
    app.command("costs")(costs)


def verify(
    identifiers: Identifiers = None,
    engine: Annotated[
        str | None, typer.Option(help="Only the checks of this engine: sympy, z3, cvc5, arb, coq...")
    ] = None,
    jobs: Annotated[int, typer.Option(min=-1, help="Processes; -1 for one a core.")] = -1,
    json_file: Json = None,
    renew: Annotated[
        bool, typer.Option("--renew", help="Write this run as the ledger, and CLAIMS.md and docs/claims from it.")
    ] = False,
    sabotage: Annotated[
        str | None,
        typer.Option(metavar="N|all", help="Break the code in N ways (or all known ones): does a claim notice each?"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the sample of breaks.")] = 0,
) -> None:
    """Run the checks of the claims and compare with the committed ledger.

    Exit status 0 only if nothing is unexpectedly open, refuted or changed. With --sabotage: only if every break of the
    code is noticed by a claim or proved to change nothing. A run of all claims, or one with --engine coq, has Coq
    compile those theorems beside the claims that changed, up to three minutes the first time; without Coq the theorems
    are told as not re-checked, and no verdict depends on them.
    """
    if sabotage is not None:
        from proofs.sabotage.command import sabotaged

        return sabotaged(sabotage, seed, jobs, json_file, renew)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from proofs.checkers import by_kernel
    from proofs.kernel import theorems
    from proofs.ledger import verification

    quiet = json_file == "-"
    console = Console(stderr=quiet)
    selected = verification.select(identifiers or (), engine)
    total = sum(engine is None or engine in k.engine.split(" + ") for c in selected for k in c.checks)
    if not renew:
        verification.expected()  # a damaged ledger is told before minutes of work, not after them
    kernel: dict = {}
    if engine in (None, by_kernel.ENGINE):
        with console.status("Coq: compiling what changed"):
            names = [name for claim in selected for name in theorems.names(claim.id)]
            kernel = by_kernel.examine(names, compile=engine is not None or not identifiers)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=total)
        findings = verification.run(selected, engine, jobs, lambda f: bar.update(task, advance=1, description=f.check))
    for finding in findings:
        if finding.status != "holds":
            console.print(f"{finding.check} ({finding.engine}): {finding.status}; {finding.detail}", markup=False)
    if not quiet:
        console.print(_table(selected, verification.verdicts(findings), findings, kernel))
    put_json(json_file, verification.as_json(findings, kernel))
    for line in by_kernel.summary(kernel):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    news = by_kernel.news(kernel)
    if renew:
        if identifiers or engine:
            raise typer.BadParameter("--renew writes the whole ledger; name no claims and no engine")
        verification.renew(findings)
        console.print("renewed: ledger.json and the pages made from it, CLAIMS.md and docs/claims")
    else:
        news = verification.changes(findings) + news
    for line in news:
        console.print(f"changed: {line}", style="red", markup=False)
    if news:
        raise typer.Exit(1)
    if not renew:
        console.print(f"{total} checks as in the committed ledger")


def claims(
    identifier: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME|TEXT]", help="A claim to show in full, or a text to search for. All if left out."
        ),
    ] = None,
    paper: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only claims of this work, by its key, such as dwmgrad.")
    ] = None,
    verdict: Annotated[
        str | None, typer.Option(help="Only claims with this verdict, such as proved or refuted.")
    ] = None,
    json_file: Json = None,
) -> None:
    """Show what is claimed, by whom, what holds and why, from the committed ledger.

    A text is searched for in names, titles, statements and sources, without regard to case. Claims are in order of
    their themes.
    """
    from proofs.ledger import records, themes

    committed, empirical = records.ledger(), records.empirical()
    if identifier not in {**committed, **empirical}:
        committed = records.selected(committed, identifier, paper, verdict)
        empirical = records.selected(empirical, identifier, paper, verdict)
        if identifier and not committed and not empirical and not paper and not verdict:
            records.find(identifier)  # tells the nearest names
        if json_file != "-":
            if committed:
                by_theme = sorted(themes.in_order(committed), key=lambda name: themes.THEMES.index(themes.of(name)))
                console().print(_claims_table({name: committed[name] for name in by_theme}))
            if empirical:
                console().print(_empirical_table(empirical))
            console().print(f"{len(committed)} claims, {len(empirical)} measured claims")
        put_json(json_file, {**committed, **empirical})
        return
    entry = records.find(identifier)
    if json_file != "-":
        for line in records.lines(identifier, entry) if identifier in committed else records.row_lines(entry):
            console().print(line, markup=False, highlight=False, soft_wrap=True)
    put_json(json_file, {identifier: entry})


def costs(
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            "-r",
            metavar="NAME[:key=value,...]",
            help="Rule or file such as my_rule.py, with options if need be; repeatable. All rules if none is named.",
        ),
    ] = None,
    dtype: Annotated[str, typer.Option(help="Type of the numbers: float64 or float32.")] = "float64",
    json_file: Json = None,
    renew: Annotated[Path | None, typer.Option(help="Renew the table of all rules in this Markdown page.")] = None,
) -> None:
    """Count what a step costs, from the formula itself: operations, words of memory, bytes moved.

    Per coordinate: words kept between steps; operations; bytes read and written by one ideal fused pass (fused), by
    one array pass an operation (NumPy), and the same over lists of tensors, in place where an operand is no longer
    needed (foreach); bytes newly allocated (new). `a step`: operations that all coordinates share. Loss and gradient
    are not counted. Try `dwmgrad costs --rule dwmgrad-explicit-window:delta=100 --json -`.
    """
    from dwmgrad_ref.cli import run_arguments
    from dwmgrad_ref.errors import BadOption
    from proofs.cost import table as cost_table

    if dtype not in ("float64", "float32"):
        raise BadOption(f"dtype={dtype!r} is not allowed; it must be one of float64, float32")
    parsed = [run_arguments.parse_rule(word)[1:] for word in rule or ()]
    found = cost_table.records(parsed, dtype)
    if renew:
        cost_table.renew(renew)
    if json_file != "-":
        console().print(listing([cost_table.cells(one) for one in found], cost_table.HEADS))
    put_json(json_file, found)


def _table(selected: list, found: dict, findings: list, kernel: dict):
    from rich.text import Text

    from proofs.checkers.by_kernel import told

    seconds: dict[str, float] = {}
    for finding in findings:
        seconds[finding.claim] = seconds.get(finding.claim, 0.0) + finding.seconds
    rows = []
    for claim in selected:
        verdict = found.get(claim.id, "not run in full")
        colour = COLOURS.get(verdict, "dim")
        spent = f"{seconds[claim.id]:.1f}" if claim.id in seconds else ""
        rows.append(
            (claim.id, claim.title, Text(verdict, style=colour), len(claim.checks), spent, told(claim.id, kernel))
        )
    return listing(rows, ("claim", "says", "verdict", "checks", "seconds", "also by Coq"))


def _claims_table(committed: dict[str, Any]):
    from rich.text import Text

    rows = [
        (name, entry["title"], Text(entry["verdict"], style=COLOURS.get(entry["verdict"], "dim")))
        for name, entry in committed.items()
    ]
    return listing(rows, ("claim", "says", "verdict"))


def _empirical_table(rows: dict[str, Any]):
    """What was published as measured, beside what came out here; REPRODUCTION.md has it in full."""
    return listing([(r["id"], r["claim"], r["verdict"]) for r in rows.values()], ("measured claim", "says", "verdict"))
