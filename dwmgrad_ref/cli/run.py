"""`dwmgrad run`: run optimizers on a problem under a progress bar, save, summarize, draw."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from dwmgrad_ref import terminal
from dwmgrad_ref.cli import rule_options, run_arguments
from dwmgrad_ref.cli.run_arguments import Job
from dwmgrad_ref.errors import BadInput

RUNS = Path("runs")
OBSERVE = (
    "Observer; repeatable. Default: all but `iterate` and `certificate`. `bound` prints an a-posteriori bound and, as"
    " `bound_error`, how far its own rounding can reach; `certificate` prints the bound with that counted, rigorous for"
    " the gradients as computed."
)
Rules = Annotated[
    list[str],
    typer.Option(
        "--rule", "-r", metavar="NAME[:key=value,...]",
        help="Rule or Python file, with options of its own if need be (adam:alpha=0.01). Several run side by side.",
    ),
]  # fmt: skip


def run(
    problem: Annotated[
        str,
        typer.Option(
            "--problem",
            "-p",
            metavar="NAME[:key=value,...]",
            help="Problem, with its parameters if need be (quadratic-dense:d=50). `dwmgrad list problems` lists all.",
        ),
    ],
    rule: Rules = [run_arguments.DEFAULT_RULE],  # noqa: B006 (typer copies it)
    steps: Annotated[
        float,
        typer.Option(
            "--steps", "-T", parser=rule_options.number, metavar="T", help="Steps; 1e6 is fine.", show_default="1e5"
        ),
    ] = 1e5,
    seeds: Annotated[int, typer.Option(help="Run on seeds 0, 1, ... of the problem, that many.", min=0)] = 0,
    grid: Annotated[str, typer.Option(help="Steps to log: log, every k-th (1000), or a list (1,10,100).")] = "log",
    observe: Annotated[list[str], typer.Option(help=OBSERVE)] = [],  # noqa: B006
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
    todo = run_arguments.make(problem, rule, steps, seeds, grid, observe, options)
    _tell_unused(todo, options)
    files = _files(todo, out)
    marks = [checkpoint or file.with_suffix(".checkpoint.npz") for file in files]
    traces = _run_all(todo, marks, quiet or json_ == "-")
    for done, file, mark in zip(traces, files, marks, strict=True):
        done.save(file)
        mark.unlink(missing_ok=True)  # only now: a failed save must not cost the run
    written = list(files)
    if plot:
        written += _plot(todo, traces, files)
    if json_:
        _write_json(json_, todo, traces, files)
    if not quiet and json_ != "-":
        _tell(todo, traces, written)
    _report_stopped(traces, files)


def _tell_unused(todo: Sequence[Job], options: dict[str, Any]) -> None:
    """An option given for all applies to the rules that have it; the others are named."""
    lacking = {
        f"{job.rule.name} has no {rule_options.flag(name)}"
        for job in todo
        for name in options
        if name not in job.rule.fields
    }
    if lacking:
        terminal.console(stderr=True).print(
            f"Note: {', '.join(sorted(lacking))}; it keeps its own settings", soft_wrap=True
        )


def _files(todo: Sequence[Job], out: Path | None) -> list[Path]:
    if out is None:
        return [RUNS / f"{job.stem}.parquet" for job in todo]
    if len(todo) > 1:
        return [out / f"{job.stem}.parquet" for job in todo]
    return [out / f"{todo[0].stem}.parquet" if out.is_dir() else out]


def _run_all(todo: Sequence[Job], marks: Sequence[Path], quiet: bool) -> list[Any]:
    from dwmgrad_ref.cli import progress

    resumed = [mark for mark in marks if mark.exists()]
    if resumed and not quiet:
        terminal.console(stderr=True).print(f"Going on from {', '.join(map(str, resumed))}")
    try:
        arguments = [{**job.arguments, "checkpoint": mark} for job, mark in zip(todo, marks, strict=True)]
        return progress.watched([job.label for job in todo], arguments, quiet)
    except progress.Stopped:
        kept = [str(mark) for mark in marks if mark.exists()]
        print_ = terminal.console(stderr=True).print
        print_(
            f"Stopped; the state is in {', '.join(kept)}. The same command goes on from there." if kept else "Stopped."
        )
        raise typer.Exit(130) from None


def _minimum(job: Job) -> float | None:
    return job.problem.solution.value if job.problem.fixed and job.problem.optimum else None


def _tell(todo: Sequence[Job], traces: Sequence[Any], written: Sequence[Path]) -> None:
    console = terminal.console()
    rows = {job.label: terminal.summary(t, _minimum(job)) for job, t in zip(todo, traces, strict=True)}
    first = traces[0].meta
    who = todo[0].label if len(todo) == 1 else f"{len(todo)} runs"
    console.print(f"{who} on {first['problem']}, {first['steps']:,} steps\n", style="bold", markup=False)
    console.print(terminal.side_by_side(rows))
    for why in dict.fromkeys(done.meta["no_potential"] for done in traces if done.meta["no_potential"]):
        console.print(f"\nNote: {why}.", soft_wrap=True, markup=False)
    console.print("\nWrote " + "\n      ".join(str(path) for path in written), soft_wrap=True)
    console.print(f"\n{run_arguments.command(todo)}", style="green", soft_wrap=True, markup=False)
    console.print(run_arguments.python(todo), soft_wrap=True, markup=False)


def _report_stopped(traces: Sequence[Any], files: Sequence[Path]) -> None:
    """Say where runs met a value that was not finite; their traces so far are saved."""
    from dwmgrad_ref import NonFinite

    stopped = [n for n, t in enumerate(traces) if t.stopped]
    for n in stopped:
        terminal.console(stderr=True).print(f"Error: {NonFinite(traces[n])} ({files[n]})", soft_wrap=True, markup=False)
    if stopped:
        raise typer.Exit(1)


def _write_json(where: str, todo: Sequence[Job], traces: Sequence[Any], files: Sequence[Path]) -> None:
    records = []
    for job, done, file in zip(todo, traces, files, strict=True):
        values = terminal.summary(done, _minimum(job))
        told = {
            k: done.meta[k] for k in ("rule", "options", "problem", "parameters", "steps", "stopped", "no_potential")
        }
        records.append({**told, "summary": values, "trace": str(file), "command": run_arguments.command([job])})
    terminal.put_json(where, records)


def _plot(todo: Sequence[Job], traces: Sequence[Any], files: Sequence[Path]) -> list[Path]:
    from dwmgrad_ref import plot

    if all(done.frame.empty for done in traces):
        return []
    stem = files[0] if len(files) == 1 else files[0].with_name(f"{todo[0].problem.name}-{len(files)}-runs")
    return plot.save(plot.plot(dict(zip([job.label for job in todo], traces, strict=True))), stem)
