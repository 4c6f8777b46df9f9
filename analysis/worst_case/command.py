"""`dwmgrad replay`: check a refutation again."""

from typing import Annotated

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


def _lines(told: dict) -> list[str]:
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
