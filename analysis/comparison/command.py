"""`dwmgrad compare`: rules on one problem, each at its best value of one option."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dwmgrad_ref.cli import rule_options
from dwmgrad_ref.terminal import command_line, console, listing, put_json, shown

Rules = Annotated[
    list[str],
    typer.Argument(metavar="RULE[:key=value,...]...", help="Rules, or files such as my_rule.py, with fixed options."),
]
Problem = Annotated[
    str, typer.Option("--problem", "-p", metavar="NAME[:key=value,...]", help="Problem; see `dwmgrad list problems`.")
]
Tune = Annotated[
    str,
    typer.Option(
        metavar="OPTION=LOW:HIGH[:COUNT]",
        help="The option to tune on one grid for all rules, evenly spaced on the logarithm; two values per decade.",
    ),
]


def compare(
    rules: Rules,
    problem: Problem,
    tune: Tune = "alpha=1e-3:1",
    steps: Annotated[
        float,
        typer.Option("--steps", "-T", parser=rule_options.number, metavar="T", help="Steps.", show_default="1e4"),
    ] = 1e4,
    out: Annotated[
        Path | None, typer.Option(metavar="STEM", help="Start of the files' names.", show_default="runs/compare-...")
    ] = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Write every run as JSON; - prints it.")] = None,
) -> None:
    """Compare rules on a problem, each at the value of one option that gave it the least regret.

    All rules get the same grid of values. A warning names the rules whose best value lies at an end of it. Written are
    a CSV file of all runs, a LaTeX table of the best ones, and a figure (PDF and PNG).

    [bold]dwmgrad compare dwmgrad adam --problem periodic --tune alpha=1e-3:1[/bold]
    """
    from analysis.comparison import tuned_rules
    from dwmgrad_ref import problems
    from dwmgrad_ref.cli import run_arguments
    from dwmgrad_ref.execution.grid import whole

    name, parameters = run_arguments.split(problem)
    made, tuned = problems.get(name, **parameters), tuned_rules.grid(tune)
    entries = [
        tuned_rules.Entry(word, rule, options)
        for word, (_, rule, options) in zip(rules, map(run_arguments.parse_rule, rules), strict=True)
    ]
    for entry in entries:
        entry.rule.options(**entry.options)
    found = tuned_rules.compare(entries, made, tuned, whole(steps))
    stem = out or Path("runs") / f"compare-{name}"
    written = tuned_rules.save(found, stem, f"{problem}, {int(steps):,} steps")
    put_json(json_file, found.runs.to_dict("records"))
    if json_file != "-":
        _print(found, written)
        again = command_line("compare", *rules, problem=problem, tune=tune, steps=f"{steps:g}", out=out)
        console().print(f"\n{again}", style="green", soft_wrap=True, markup=False)


def _print(found: Any, written: list[Path]) -> None:
    from analysis.comparison import tuned_rules

    option, screen = found.grid.option, console()
    rows = [
        (row["rule"], f"{row[option]:g}", shown("regret", row["regret"]), shown("bound", row["bound"]),
         shown("first_violation", row["first_violation"]))
        for row in tuned_rules.chosen(found).to_dict("records")
    ]  # fmt: skip
    screen.print(listing(rows, ("rule", f"best {option}", "regret R_T", "bound", "h first falls at")))
    for row in found.runs[found.runs["at_end"] == 1].to_dict("records"):
        line = f"Warning: the best {option} of {row['rule']} is {row[option]:g}, at an end of the grid; widen --tune"
        console(stderr=True).print(line, style="yellow", soft_wrap=True, markup=False)
    screen.print("\nWrote " + "\n      ".join(map(str, written)), soft_wrap=True, markup=False)
