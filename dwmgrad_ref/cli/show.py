"""list, show, trace: what the reference package has, from the command line. `run` is in `run.py`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dwmgrad_ref import terminal
from dwmgrad_ref.cli import data, new, rule_options, run_arguments
from dwmgrad_ref.cli.run import run
from dwmgrad_ref.errors import UnknownName


def register(app: typer.Typer, words: Sequence[str]) -> None:
    """Add the commands; `run` and `show` learn the options of the rules that `words` names."""
    verb = words[0] if words else ""
    named: list[str] = []
    if verb == "run":
        named = run_arguments.rule_words(words)
    elif verb == "show":
        named = [w for w in words[1:2] if _is_rule(run_arguments.split(w)[0])]
    known = [run_arguments.parse_rule(word)[1] for word in named]
    app.command("run")(rule_options.with_rule_options(run, known))
    app.command("list")(list_)
    app.command("show")(rule_options.with_rule_options(show, known))
    app.command("trace")(trace)
    app.command("new")(new.new)
    data.register(app)


def _is_rule(word: str) -> bool:
    from dwmgrad_ref import rules
    from dwmgrad_ref.discovery import defines_one, is_file
    from dwmgrad_ref.rules.base import Rule

    if is_file(word):
        return defines_one(word, Rule)
    return word in rules.names() or word.startswith(rules.TORCH)  # a class of PyTorch gets the error that says why


def list_(
    what: Annotated[Literal["rules", "problems", "observers"] | None, typer.Argument(show_default="all three")] = None,
) -> None:
    """What there is: one line each, with its source."""
    from dwmgrad_ref import observers, problems, rules

    console = terminal.console()
    listings = {
        "rules": lambda: [(r.name, r.title, f"[{r.source.key}]") for r in map(rules.get, rules.names())],
        "problems": lambda: [(f.name, f"{f.kind}: {f.title}", f"[{f.source.key}]") for f in problems.families()],
        "observers": lambda: [(o.name, o.title, _by_default(o.name)) for o in map(observers.get, observers.names())],
    }
    for name, rows in listings.items():
        if what in (None, name):
            if what is None:
                console.print(f"{name}:", style="bold")
            console.print(terminal.listing(rows()))
            console.print()


def _by_default(name: str) -> str:
    from dwmgrad_ref import observers

    return "by default" if name in observers.DEFAULT else "on request"


def show(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="NAME[:key=value,...]",
            help="A rule or a problem from `dwmgrad list`, or the file of one, with settings if need be.",
        ),
    ],
    latex: Annotated[bool, typer.Option("--latex", help="Print only the formula, as LaTeX.")] = False,
    **options: Any,
) -> None:
    """A rule's update formula (rendered from the code that runs), options and sources; or a problem's constants."""
    name, settings = run_arguments.split(subject)
    if _is_rule(name):
        _show_rule(run_arguments.parse_rule(name)[1], {**options, **settings}, latex)
        return
    from dwmgrad_ref import problems, rules
    from dwmgrad_ref.discovery import is_file

    if is_file(name) or name in problems.names():
        _show_problem(problems.get(name, **settings))
    else:
        raise UnknownName("rule or problem", name, [*rules.names(), *problems.names()])


def _show_rule(rule: Any, options: dict[str, Any], latex: bool) -> None:
    from dwmgrad_ref import formula

    chosen, console = rule.options(**options), terminal.console()
    shown = formula.rendered(rule, **options)
    if latex:
        typer.echo(shown.latex)
        return
    console.print(f"[bold]{rule.name}[/bold]  {rule.title}\n", soft_wrap=True)
    console.print(f"{shown.pretty}\n", soft_wrap=True, markup=False)
    facts = [("source", rule.source), ("departs from it", rule.departs)]
    known = shown.bounds or ["none a priori; the a-posteriori certificate holds on any run"]
    facts += [("regret bound" if i == 0 else "", told) for i, told in enumerate(known)]
    console.print(terminal.listing(facts))
    rows = [
        (rule_options.flag(option), getattr(chosen, option), rule_options.interval(rule, option), field.description)
        for option, field in rule.fields.items()
    ]
    if rows:
        console.print()
        console.print(terminal.listing(rows, ("option", "value", "allowed", "meaning")))


def _show_problem(problem: Any) -> None:
    console = terminal.console()
    console.print(f"[bold]{problem.name}[/bold]  {problem.title}", soft_wrap=True)
    rows = [("kind", {"online": "online convex: the loss changes every step"}.get(problem.kind, problem.kind)),
            ("source", problem.source), ("dimension d", problem.d),
            ("domain", "all of R^d" if problem.box is None else f"[{problem.box[0]:g}, {problem.box[1]:g}]^d"),
            ("start", _vector(problem.x0))]  # fmt: skip
    constants = {"L": "smoothness L", "mu": "strong convexity μ", "G": "|∂f/∂x_i| ≤ G", "D": "diameter D"}
    rows += [
        (told, f"{getattr(problem, key):.6g}") for key, told in constants.items() if getattr(problem, key) is not None
    ]
    if problem.fixed and problem.optimum:
        best = problem.solution
        rows += [("minimum f*", repr(best.value)), ("minimizer x*", f"{_vector(best.x)}, to {best.error:.1e}"),
                 ("certificate", best.certificate)]  # fmt: skip
    console.print(terminal.listing(rows))
    if problem.parameters:
        console.print(terminal.listing([*problem.parameters.items()], ("parameter", "value")))


def _vector(x: Any) -> str:
    told = ", ".join(f"{value:.6g}" for value in x[:6])
    return f"({told}{', ...' if len(x) > 6 else ''})"


def trace(
    files: Annotated[list[Path], typer.Argument(help="Traces that `dwmgrad run` wrote.", metavar="FILE...")],
    plot: Annotated[bool, typer.Option("--plot", help="Draw them: PDF and PNG beside the first file.")] = False,
) -> None:
    """Summarize saved traces: their last rows side by side, and where each comes from."""
    from dwmgrad_ref import load

    console = terminal.console()
    runs = {file.stem: load(file) for file in files}
    console.print(terminal.side_by_side({name: terminal.summary(read) for name, read in runs.items()}))
    for name, read in runs.items():
        console.print(f"\n{name}", style="bold", markup=False)
        console.print(terminal.listing(_provenance(read)))
    if plot:
        from dwmgrad_ref import plot as plots

        console.print("\nWrote " + ", ".join(map(str, plots.save(plots.plot(runs), files[0]))), soft_wrap=True)


def _provenance(read: Any) -> list[tuple[str, str]]:
    meta, environment = read.meta, read.meta["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in environment["versions"].items())
    told = {"rule": meta["rule"], "options": meta["options"], "problem": meta["problem"],
            "parameters": meta["parameters"], "steps": f"{meta['steps_done']:,} of {meta['steps']:,}",
            "stopped": meta["stopped"], "no potential": meta.get("no_potential"),
            "rows": f"{len(read.frame)}: {', '.join(read.frame.columns)}",
            "commit": environment["commit"], "machine": environment["machine"],
            "versions": f"python {environment['python']}, {versions}"}  # fmt: skip
    return [(key, _told(value)) for key, value in told.items() if value]


def _told(value: Any) -> str:
    return ", ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
