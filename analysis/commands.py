"""`dwmgrad audit`: what can be said about an optimizer of the user's own. `dwmgrad profile` is in `profile/`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

Tell = Callable[[str, float], None]


def register(app: typer.Typer, words: Sequence[str]) -> None:
    """Add this layer's subcommands."""
    from analysis.comparison.command import compare
    from analysis.conformance.command import conform
    from analysis.cost.command import profile
    from analysis.training.command import train
    from analysis.worst_case.command import replay, worst_case

    app.command("audit")(audit)
    app.command("compare")(compare)
    app.command("conform")(conform)
    app.command("profile")(profile)
    app.command("replay")(replay)
    app.command("train")(train)
    app.command("worst-case")(worst_case)


def audit(
    named: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME[:key=value,...]]",
            help="A rule's name, a file such as my_rule.py, or torch:package.Class, with options if need be.",
        ),
    ] = None,
    rule: Annotated[str | None, typer.Option("--rule", "-r", metavar="NAME", help="The same as the argument.")] = None,
    schedule: Annotated[
        str | None, typer.Option(help="Step sizes that the verdict is about: constant or sqrt, for alpha/sqrt(t).")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Time for the verdict.")] = 60.0,
    steps: Annotated[int, typer.Option(min=50, help="Steps of each run; torch optimizers take a tenth.")] = 20_000,
    witness: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where to write what refutes it, for `dwmgrad replay FILE`.")
    ] = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Write as JSON; - prints it.")] = None,
) -> None:
    """Audit an optimizer: whether it has no regret, its cost, window and steps, and the worst gradients found.

    The verdict is proved, refuted or open for every step size alpha > 0; the tables after it are measurements.
    A rule in a file is written like ours (docs/extending.md) and is audited in full. Of a torch optimizer only the
    iterates are seen, so the preconditioner, the potential and the certificate are not: those say 'not seen'.
    """
    from dwmgrad_ref import terminal
    from dwmgrad_ref.cli import run_arguments
    from dwmgrad_ref.terminal import command_line

    rule = named or rule
    if rule is None:
        raise typer.BadParameter("name a rule, such as adagrad or my_rule.py")
    if schedule not in (None, "constant", "sqrt"):
        raise typer.BadParameter("--schedule is constant or sqrt")
    subject, options = run_arguments.split(rule)
    verdict = None
    if not subject.startswith("torch:"):
        with _progress(quiet=json_file == "-") as tell:
            verdict = _verdict(subject, options, schedule, seconds, tell)
        lines = [*verdict.lines(), *_kept(verdict.witness, witness)]
        if json_file != "-":
            for line in lines:
                terminal.console().print(line, markup=False, highlight=False, soft_wrap=True)
    with _progress(quiet=json_file == "-") as tell:
        found = _torch(subject, options, max(steps // 10, 50), tell) if subject.startswith("torch:") else _rule(
            subject, options, steps, tell
        )  # fmt: skip
    if verdict:
        found["verdict"] = verdict.record()
    found["command"] = command_line(
        "audit", rule=rule, schedule=schedule, seconds=seconds, steps=steps, witness=witness
    )
    if json_file != "-":
        _show(terminal.console(), found)
    terminal.put_json(json_file, found)


@contextmanager
def _progress(quiet: bool) -> Iterator[Tell]:
    """A bar with the time left; `tell(what, share)` names the next stage and its share of the whole time."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from dwmgrad_ref.terminal import console

    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console(stderr=True), transient=True, disable=quiet) as bar:
        task, begun = bar.add_task("starting", total=1.0), 0.0

        def tell(what: str, share: float) -> None:
            nonlocal begun
            bar.update(task, completed=begun, description=what)
            begun += share

        yield tell


def _verdict(subject: str, options: dict[str, Any], schedule: str | None, seconds: float, tell: Tell) -> Any:
    from analysis.audit import verdict
    from dwmgrad_ref import rules

    rule, file, options = rules.get(subject), subject if subject.endswith(".py") else None, dict(options)
    rule.options(**options)  # a wrong option is an error before anything is said
    own = options.pop("schedule", None)  # --schedule asks for another one than the options do
    return verdict.decide(rule, schedule or own, seconds, lambda what: tell(what, 0.1), file, **options)


def _kept(witness: Any, file: str | None) -> list[str]:
    """Write the witness, if there is one and a file for it; what is to be said of it."""
    from analysis.worst_case.witness import write

    if witness is None:
        return ["There is no witness to write, because nothing was refuted."] if file else []
    if file is None:
        return ["The option --witness FILE writes this witness, which `dwmgrad replay FILE` re-checks."]
    write(witness, file)
    return [f"The witness is in {file}; `dwmgrad replay {file}` re-checks it with another interval arithmetic."]


def _rule(subject: str, options: dict[str, Any], steps: int, tell: Tell) -> dict[str, Any]:
    from analysis.audit import rule_audit as a
    from dwmgrad_ref import formula, preconditioned, rules
    from proofs.cost import table as cost_table

    rule = rules.get(subject)
    rule.options(**options)
    tell("regret on the problem set", 0.3)
    regrets = a.regrets(rule, steps, **options)
    tell("sizes of window and step", 0.15)
    sizes = a.sizes(rule, min(steps, a.WATCHED), **options)
    tell("the potential condition", 0.05)
    broken, why = a.potential_break(rule, **options), preconditioned.flaw(rule, rule.options(**options))
    tell("the periodic counterexamples", 0.1)
    periodic = a.periodic(a.average_regret(rule, **options), steps)
    worst = []
    tell("the worst gradients", 0.1)
    for row in a.worst(rule, **options):
        worst.append(row)
        tell("the worst gradients", 0.15)
    return {
        "subject": subject,
        "options": options,
        "formula": formula.pretty(rule, **options),
        "costs": cost_table.record(rule, **options),
        "regrets": regrets.to_dict("records"),
        "sizes": sizes.to_dict("records"),
        "potential": {"measured": f"not seen: {why}" if why else a.falls(regrets, broken), "probe": broken},
        "worst": worst,
        "periodic": periodic.to_dict("records"),
        "measured": a.measured(periodic, steps),
    }


def _torch(subject: str, options: dict[str, Any], steps: int, tell: Tell) -> dict[str, Any]:
    from analysis.audit import torch_audit as a
    from analysis.audit.rule_audit import measured, periodic
    from analysis.training.optimizers import torch_class

    cls = torch_class(subject)
    words = a.words(cls, **options)
    tell("regret on the problem set", 0.4)
    regrets = a.torch_regrets(cls, steps, **options)
    tell("the periodic counterexamples", 0.2)
    cases = periodic(lambda problem, T: (a.torch_average(cls, problem, T, **options), float("nan")), steps)
    worst = []
    for T in (10, 30):
        tell("the worst gradients", 0.1 if T == 10 else 0.3)
        worst.append(a.torch_worst(cls, T, **options))
    return {
        "subject": subject,
        "options": options,
        "costs": {"state": words},
        "regrets": regrets.to_dict("records"),
        "potential": {"measured": "not seen: a torch optimizer shows its iterates only", "probe": None},
        "worst": worst,
        "periodic": cases.to_dict("records"),
        "measured": measured(cases, steps),
    }


def _show(console: Any, found: dict[str, Any]) -> None:
    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    if "formula" in found:
        say(f"{found['formula']}\n")
    console.print(_costs(found["costs"]), markup=False)
    console.print(_table("Regret on the problem set", found["regrets"]))
    if "sizes" in found:
        console.print(_table("Window and step, every step looked at", found["sizes"]))
    rows = [{name: value for name, value in row.items() if name != "gradients"} for row in found["worst"]]
    console.print(_table("Worst gradients found (linear losses, |g| <= 1 on [-1, 1])", rows))
    console.print(_table("Average regret on the periodic family (C every k-th step, else -1)", found["periodic"]))
    say(f"Potential condition: {found['potential']['measured']}.")
    say(f"Measured: {found['measured']}.")
    say(f"\n{found['command']}")


def _costs(costs: dict[str, Any]) -> str:
    words = f"Cost of a coordinate: {costs['state']:g} words kept"
    if "each" not in costs:
        return f"{words} (operations are not seen)"
    done = ", ".join(f"{n} {kind}" for kind, n in costs["each"].items())
    moved = costs["ideal"]["read"] + costs["ideal"]["written"]
    return f"{words}; {done}; {moved} bytes moved at least. All share {sum(costs['once'].values())} operations a step."


def _table(title: str, records: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    names = list(dict.fromkeys(name for record in records for name in record))
    table = Table(*(name.replace("_", "\n") for name in names), title=title)
    for record in records:
        values = (record.get(name, "") for name in names)
        table.add_row(*(("–" if v != v else f"{v:.3g}") if isinstance(v, float) else str(v) for v in values))
    return table
