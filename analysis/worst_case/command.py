"""`dwmgrad replay`: check a refutation again. `dwmgrad worst-case`: the worst regret from both sides."""

from typing import Annotated, Any

import typer


def replay(
    witness: Annotated[str, typer.Argument(metavar="FILE", help="A witness, as `dwmgrad audit` writes it.")],
    rule_file: Annotated[
        str | None, typer.Option("--rule-file", help="Where the rule's file is now, for a rule of your own.")
    ] = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Write as JSON; - prints it.")] = None,
) -> None:
    """Check a refutation again with another engine: mpmath's intervals instead of the Arb balls that found it.

    Exit status: 0 the witness is confirmed, 1 it is not confirmed or the file is damaged, 2 the file or its rule is
    unknown.
    """
    from analysis.worst_case import replay as again
    from analysis.worst_case import witness as witnesses
    from analysis.worst_case.enclosures import Intervals
    from dwmgrad_ref import terminal

    found, engine = witnesses.read(witness), Intervals()
    checks = again.replay(found, rule_file, engine)
    told = again.record(found, checks, engine.name)
    if json_file != "-":
        for line in _lines(told):
            typer.echo(line)
    terminal.put_json(json_file, told)
    if not told["confirmed"]:
        raise typer.Exit(1)


def _lines(told: dict[str, Any]) -> list[str]:
    answer = "Confirmed" if told["confirmed"] else "NOT confirmed"
    lines = [f"{answer}: {told['rule']} is refuted. {told['statement']}" if told["confirmed"] else
             f"{answer}: this witness does not show that {told['rule']} is refuted."]  # fmt: skip
    if told["confirmed"] and told["finite_statement"]:
        lines.append(told["finite_statement"])
    lines += [f"{'holds' if check['holds'] else 'FAILS'}: {check['what']}" for check in told["checks"]]
    lines.append(f"Checked by {told['engine']}; found by {told['versions'].get('engine', 'unknown')}.")
    if not told["confirmed"]:
        lines.append("Write the witness again with `dwmgrad audit`; a witness that still fails is an error of ours.")
    return lines


def worst_case(
    rule: Annotated[str, typer.Argument(metavar="RULE[:key=value,...]", help="A rule's name, or a file's.")],
    steps: Annotated[int, typer.Option(min=1, max=10_000, help="Number of losses T.")] = 20,
    seconds: Annotated[float, typer.Option(min=1, help="About how long it may take.")] = 60.0,
    json_file: Annotated[str | None, typer.Option("--json", help="Write as JSON; - prints it.")] = None,
) -> None:
    """Enclose the worst regret over all T linear losses with slopes |g| <= 1 on [-1, 1].

    The lower value is attained by losses that a search found; the upper one is proved. The losses are positive. Of a
    rule without a known bound, or one that remembers more than one number a coordinate, only the lower one is told.
    """
    from dataclasses import asdict

    from analysis.worst_case import two_sided
    from dwmgrad_ref import rules, terminal
    from dwmgrad_ref.cli import run_arguments

    name, options = run_arguments.split(rule)
    found = two_sided.worst_case(rules.load(name) if name.endswith(".py") else name, steps, seconds, **options)
    if json_file != "-":
        known = not found.by.startswith(two_sided.TRIVIAL)
        upper = f"at most {found.upper:.6g}, a gap of {found.gap:.1%}" if known else found.by
        typer.echo(f"Worst regret of {found.rule} over T = {steps:,} losses: at least {found.lower:.6g}; {upper}.")
        if known:
            typer.echo(f"The upper value is by {found.by}.")
        typer.echo(f"A step: at least {found.lower / steps:.4g}. It took {found.seconds:.1f} s.")
    terminal.put_json(json_file, asdict(found) | {"gap": found.gap})
