"""run, list, show, trace: what the reference package does, from the command line."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dwmgrad_ref import jobs, observers, problems, report, rules
from dwmgrad_ref.errors import BadInput, UnknownName
from dwmgrad_ref.jobs import Job

RUNS = Path("runs")
Rules = Annotated[
    list[str],
    typer.Option(
        "--rule", "-r", metavar="RULE",
        help="Name or Python file, with options of its own if need be (adam:alpha=0.01). Several run side by side.",
    ),
]  # fmt: skip


def register(app: typer.Typer, words: Sequence[str]) -> None:
    """Add the commands; `run` and `show` learn the options of the rules that `words` names."""
    verb = words[0] if words else ""
    named: list[str] = []
    if verb == "run":
        named = jobs.rule_words(words)
    elif verb == "show":
        named = [w for w in words[1:2] if w in rules.names() or w.endswith(".py")]
    known = [jobs.parse_rule(word)[1] for word in named]
    app.command("run")(jobs.with_rule_options(run, known))
    app.command("list")(list_)
    app.command("show")(jobs.with_rule_options(show, known))
    app.command("trace")(trace)


def run(
    problem: Annotated[str, typer.Argument(help="Problem; `dwmgrad list problems` shows all.")],
    rule: Rules = [jobs.DEFAULT_RULE],  # noqa: B006 (typer copies it)
    steps: Annotated[
        float,
        typer.Option("--steps", "-T", parser=jobs.number, metavar="T", help="Steps; 1e6 is fine.", show_default="1e5"),
    ] = 1e5,
    set_: Annotated[
        list[str],
        typer.Option("--set", metavar="NAME=VALUE", help="Parameter of the problem, such as d=50; repeatable."),
    ] = [],  # noqa: B006
    seeds: Annotated[int, typer.Option(help="Run on seeds 0, 1, ... of the problem, that many.", min=0)] = 0,
    grid: Annotated[str, typer.Option(help="Steps to log: log, every k-th (1000), or a list (1,10,100).")] = "log",
    observe: Annotated[list[str], typer.Option(help="Observer; repeatable. Default: all but `iterate`.")] = [],  # noqa: B006
    out: Annotated[
        Path | None,
        typer.Option(help="Trace file; a folder for several runs.", show_default="runs/...", metavar="PATH"),
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Where an interrupted run goes on from.", show_default="beside the trace")
    ] = None,
    plot: Annotated[bool, typer.Option("--plot", help="Draw the run: PDF and PNG beside the trace.")] = False,
    json_: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the summary as JSON; - is standard output.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    **options: Any,
) -> None:
    """Run optimizers on a problem and watch them: regret, bounds, potential, window.

    --help after --rule NAME lists that rule's own options, such as --alpha.
    """
    if checkpoint and (len(rule) > 1 or seeds > 1):
        raise BadInput("--checkpoint names one file, but there are several runs; each keeps its own beside its trace")
    todo = jobs.make(problem, rule, steps, set_, seeds, grid, observe, options)
    _tell_unused(todo, options)
    files = _files(todo, out)
    marks = [checkpoint or file.with_suffix(".checkpoint.npz") for file in files]
    traces = _run_all(todo, marks, quiet or json_ == "-")
    for done, file in zip(traces, files, strict=True):
        done.save(file)
    written = list(files)
    if plot:
        written += _plot(todo, traces, files)
    if json_:
        _write_json(json_, todo, traces, files)
    if not quiet and json_ != "-":
        _tell(todo, traces, written)
    _report_stopped(traces, files, marks)


def _tell_unused(todo: Sequence[Job], options: dict[str, Any]) -> None:
    """An option given for all applies to the rules that have it; the others are named."""
    lacking = {
        f"{job.rule.name} has no {jobs.flag(name)}" for job in todo for name in options if name not in job.rule.fields
    }
    if lacking:
        report.console(stderr=True).print(
            f"Note: {', '.join(sorted(lacking))}; it keeps its own settings", soft_wrap=True
        )


def _files(todo: Sequence[Job], out: Path | None) -> list[Path]:
    if out is None:
        return [RUNS / f"{job.stem}.parquet" for job in todo]
    if len(todo) > 1:
        return [out / f"{job.stem}.parquet" for job in todo]
    return [out / f"{todo[0].stem}.parquet" if out.is_dir() else out]


def _run_all(todo: Sequence[Job], marks: Sequence[Path], quiet: bool) -> list[Any]:
    from dwmgrad_ref import live

    resumed = [mark for mark in marks if mark.exists()]
    if resumed and not quiet:
        report.console(stderr=True).print(f"Going on from {', '.join(map(str, resumed))}")
    try:
        arguments = [{**job.arguments, "checkpoint": mark} for job, mark in zip(todo, marks, strict=True)]
        return live.watched([job.label for job in todo], arguments, quiet)
    except live.Stopped:
        kept = [str(mark) for mark in marks if mark.exists()]
        print_ = report.console(stderr=True).print
        print_(
            f"Stopped; the state is in {', '.join(kept)}. The same command goes on from there." if kept else "Stopped."
        )
        raise typer.Exit(130) from None


def _minimum(job: Job) -> float | None:
    return job.problem.solution.value if job.problem.fixed and job.problem.optimum else None


def _tell(todo: Sequence[Job], traces: Sequence[Any], written: Sequence[Path]) -> None:
    console = report.console()
    rows = {job.label: report.summary(t, _minimum(job)) for job, t in zip(todo, traces, strict=True)}
    first = traces[0].meta
    who = todo[0].label if len(todo) == 1 else f"{len(todo)} runs"
    console.print(f"{who} on {first['problem']}, {first['steps']:,} steps\n", style="bold", markup=False)
    console.print(report.side_by_side(rows))
    console.print("\nWrote " + "\n      ".join(str(path) for path in written), soft_wrap=True)
    console.print(f"\n{jobs.command(todo)}", style="green", soft_wrap=True, markup=False)
    console.print(jobs.python(todo), soft_wrap=True, markup=False)


def _report_stopped(traces: Sequence[Any], files: Sequence[Path], marks: Sequence[Path]) -> None:
    """Say where runs met a value that was not finite; their traces so far are saved."""
    from dwmgrad_ref import NonFinite

    stopped = [n for n, t in enumerate(traces) if t.stopped]
    for n in stopped:
        marks[n].unlink(missing_ok=True)
        report.console(stderr=True).print(f"Error: {NonFinite(traces[n])} ({files[n]})", soft_wrap=True, markup=False)
    if stopped:
        raise typer.Exit(1)


def _write_json(where: str, todo: Sequence[Job], traces: Sequence[Any], files: Sequence[Path]) -> None:
    records = []
    for job, done, file in zip(todo, traces, files, strict=True):
        values = report.summary(done, _minimum(job))
        told = {k: done.meta[k] for k in ("rule", "options", "problem", "parameters", "steps", "stopped")}
        records.append({**told, "summary": values, "trace": str(file), "command": jobs.command([job])})
    text = json.dumps(_standard(records), indent=1, ensure_ascii=False, allow_nan=False)
    if where == "-":
        typer.echo(text)
    else:
        Path(where).write_text(text + "\n", encoding="utf-8")


def _standard(value: Any) -> Any:
    """JSON knows neither nan nor infinity: null and "inf"."""
    if isinstance(value, dict):
        return {key: _standard(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_standard(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def _plot(todo: Sequence[Job], traces: Sequence[Any], files: Sequence[Path]) -> list[Path]:
    from dwmgrad_ref import plot

    if all(done.frame.empty for done in traces):
        return []
    stem = files[0] if len(files) == 1 else files[0].with_name(f"{todo[0].problem.name}-{len(files)}-runs")
    return plot.save(plot.plot(dict(zip([job.label for job in todo], traces, strict=True))), stem)


def list_(
    what: Annotated[Literal["rules", "problems", "observers"] | None, typer.Argument(show_default="all three")] = None,
) -> None:
    """What there is: one line each, with its source."""
    console = report.console()
    listings = {
        "rules": lambda: [(r.name, r.title, f"[{r.source.key}]") for r in map(rules.get, rules.names())],
        "problems": lambda: [(f.name, f"{f.kind}: {f.title}", f"[{f.source.key}]") for f in problems.families()],
        "observers": lambda: [(o.name, o.title, _by_default(o.name)) for o in map(observers.get, observers.names())],
    }
    for name, rows in listings.items():
        if what in (None, name):
            if what is None:
                console.print(f"{name}:", style="bold")
            console.print(report.listing(rows()))
            console.print()


def _by_default(name: str) -> str:
    return "by default" if name in observers.DEFAULT else "on request"


def show(
    name: Annotated[str, typer.Argument(metavar="RULE|PROBLEM", help="A name from `dwmgrad list`, or a rule's file.")],
    set_: Annotated[
        list[str], typer.Option("--set", metavar="NAME=VALUE", help="Parameter of a problem; repeatable.")
    ] = [],  # noqa: B006
    latex: Annotated[bool, typer.Option("--latex", help="Print only the formula, as LaTeX.")] = False,
    **options: Any,
) -> None:
    """A rule's update formula (rendered from the code that runs), options and sources; or a problem's constants."""
    if name.endswith(".py") or name in rules.names():
        if set_:
            raise BadInput(f"--set is for problems; {name} is a rule, its options are flags such as --alpha")
        _show_rule(jobs.parse_rule(name)[1], options, latex)
    elif name in problems.names():
        _show_problem(problems.get(name, **jobs.settings(set_)))
    else:
        raise UnknownName("rule or problem", name, [*rules.names(), *problems.names()])


def _show_rule(rule: Any, options: dict[str, Any], latex: bool) -> None:
    from dwmgrad_ref import formula

    chosen, console = rule.options(**options), report.console()
    if latex:
        typer.echo(formula.latex(rule, **options))
        return
    console.print(f"[bold]{rule.name}[/bold]  {rule.title}\n", soft_wrap=True)
    console.print(f"{formula.pretty(rule, **options)}\n", soft_wrap=True, markup=False)
    facts = [("source", rule.source), ("departs from it", rule.departs), ("regret bound", _known_bound(rule))]
    console.print(report.listing(facts))
    rows = [
        (jobs.flag(option), getattr(chosen, option), jobs.interval(rule, option), field.description)
        for option, field in rule.fields.items()
    ]
    if rows:
        console.print()
        console.print(report.listing(rows, ("option", "value", "allowed", "meaning")))


def _known_bound(rule: Any) -> str:
    if rule.bound is None:
        return "none a priori; the a-posteriori certificate holds on any run"
    return " ".join((rule.bound.__doc__ or "known").partition("\n\n")[0].split())


def _show_problem(problem: Any) -> None:
    console = report.console()
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
    console.print(report.listing(rows))
    if problem.parameters:
        told = [(f"--set {name}=", value) for name, value in problem.parameters.items()]
        console.print(report.listing(told, ("parameter", "value")))


def _vector(x: Any) -> str:
    told = ", ".join(f"{value:.6g}" for value in x[:6])
    return f"({told}{', ...' if len(x) > 6 else ''})"


def trace(
    files: Annotated[list[Path], typer.Argument(help="Traces that `dwmgrad run` wrote.", metavar="FILE...")],
    plot: Annotated[bool, typer.Option("--plot", help="Draw them: PDF and PNG beside the first file.")] = False,
) -> None:
    """Summarize saved traces: their last rows side by side, and where each comes from."""
    from dwmgrad_ref import load

    console = report.console()
    runs = {file.stem: load(file) for file in files}
    console.print(report.side_by_side({name: report.summary(read) for name, read in runs.items()}))
    for name, read in runs.items():
        console.print(f"\n{name}", style="bold", markup=False)
        console.print(report.listing(_provenance(read)))
    if plot:
        from dwmgrad_ref import plot as plots

        console.print("\nWrote " + ", ".join(map(str, plots.save(plots.plot(runs), files[0]))), soft_wrap=True)


def _provenance(read: Any) -> list[tuple[str, str]]:
    meta, environment = read.meta, read.meta["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in environment["versions"].items())
    told = {"rule": meta["rule"], "options": meta["options"], "problem": meta["problem"],
            "parameters": meta["parameters"], "steps": f"{meta['steps_done']:,} of {meta['steps']:,}",
            "stopped": meta["stopped"], "rows": f"{len(read.frame)}: {', '.join(read.frame.columns)}",
            "commit": environment["commit"], "machine": environment["machine"],
            "versions": f"python {environment['python']}, {versions}"}  # fmt: skip
    return [(key, _told(value)) for key, value in told.items() if value]


def _told(value: Any) -> str:
    return ", ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
