"""`dwmgrad audit`: what can be said about an optimizer of the user's own. `dwmgrad profile` is in `profile/`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer


def register(app: typer.Typer, words: Sequence[str]) -> None:
    """Add this layer's subcommands."""
    from analysis.profile.command import profile

    app.command("audit")(audit)
    app.command("profile")(profile)


def audit(
    subject: Annotated[str, typer.Argument(help="A rule's name, a file such as my_rule.py, or torch:package.Class.")],
    setting: Annotated[list[str] | None, typer.Option("--set", help="An option of it, name=value; repeatable.")] = None,
    steps: Annotated[int, typer.Option(min=50, help="Steps of each run; torch optimizers take a tenth.")] = 20_000,
    json_file: Annotated[str | None, typer.Option("--json", help="Write as JSON; - prints it.")] = None,
) -> None:
    """Audit an optimizer: steps, potential condition, certified regret, counterexample family.

    A rule in a file is written like ours (see the README) and is audited in full. Of a torch optimizer only the
    iterates are seen, so the preconditioner, the potential and the certificate are not: those say 'not seen'.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=json_file == "-")
    options = dict(_pair(text) for text in setting or ())
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console,
                  transient=True) as bar:  # fmt: skip
        task = bar.add_task(f"auditing {subject}")
        tell = lambda what: bar.update(task, description=what)  # noqa: E731
        report = _torch(subject, options, max(steps // 10, 50), tell) if subject.startswith("torch:") else _rule(
            subject, options, steps, tell
        )  # fmt: skip
    if json_file != "-":
        _show(console, report)
    if json_file:
        text = json.dumps(report, indent=1)
        if json_file == "-":
            print(text)
        else:
            from dwmgrad_ref.files import write_atomic

            write_atomic(Path(json_file), lambda file: file.write(text.encode()))


def _rule(subject: str, options: dict[str, Any], steps: int, tell: Any) -> dict[str, Any]:
    from analysis import audit as a
    from dwmgrad_ref import formula, rules

    rule = rules.load(subject) if subject.endswith(".py") else rules.get(subject)
    rule.options(**options)
    tell("regret on the problem set")
    regrets = a.regrets(rule, steps, **options)
    tell("the potential condition")
    broken = a.potential_break(rule, **options)
    tell("the periodic counterexamples")
    failures = a.failures(a.average_regret(rule, **options), steps)
    return {
        "subject": subject,
        "options": options,
        "formula": formula.pretty(rule, **options),
        "regrets": regrets.to_dict("records"),
        "potential": broken or "no probe made h decrease",
        "periodic": failures.to_dict("records"),
        "verdict": a.verdict(failures),
    }


def _torch(subject: str, options: dict[str, Any], steps: int, tell: Any) -> dict[str, Any]:
    from analysis import audit as a

    cls = a.torch_class(subject.removeprefix("torch:"))
    tell("regret on the problem set")
    regrets = a.torch_regrets(cls, steps, **options)
    tell("the periodic counterexamples")
    failures = a.failures(lambda problem, T: a.torch_average(cls, problem, T, **options), steps)
    return {
        "subject": subject,
        "options": options,
        "regrets": regrets.to_dict("records"),
        "potential": "not seen: a torch optimizer shows its iterates only",
        "periodic": failures.to_dict("records"),
        "verdict": a.verdict(failures),
    }


def _show(console: Any, report: dict[str, Any]) -> None:
    if "formula" in report:
        console.print(report["formula"], "", sep="\n", markup=False)
    console.print(_table("Regret on the problem set", report["regrets"]))
    console.print(_table("Average regret on the periodic family (C every k-th step, else -1)", report["periodic"]))
    console.print(f"Potential condition: {report['potential']}", markup=False)
    console.print(f"Verdict: {report['verdict']}", markup=False)


def _table(title: str, records: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    names = list(dict.fromkeys(name for record in records for name in record))
    table = Table(*(name.replace("_", "\n") for name in names), title=title)
    for record in records:
        values = (record.get(name, "") for name in names)
        table.add_row(*(f"{v:.3g}" if isinstance(v, float) else str(v) for v in values))
    return table


def _pair(text: str) -> tuple[str, Any]:
    """name=value with the value as JSON where it is JSON (numbers, true), as text otherwise."""
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not name=value")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, float(value) if value in ("inf", "nan") else value
