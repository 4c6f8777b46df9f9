"""`dwmgrad profile`: what a step costs on this machine."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from dwmgrad_ref.files import write_atomic
from dwmgrad_ref.terminal import command_line, console, put_json

HELP_RULES = "Rule to measure, a name or a file such as my_rule.py; repeatable. Default: all methods compared."
HELP_ENGINES = "Engines to measure, separated by commas, such as compiled,numpy; default: all."
HELP_COMPARE = "Say what changed from A to B beyond noise; nothing is measured."
HELP_RENEW = "Put what --only names, measured again, into this profile of the same machine and versions."
HELP_ONLY = "Sections to measure, separated by commas: machine, d, n, delta, tensors, batch, observers, memory."


def profile(
    rule: Annotated[list[str] | None, typer.Option("--rule", "-r", metavar="NAME", help=HELP_RULES)] = None,
    engines: Annotated[str, typer.Option(help=HELP_ENGINES)] = "",
    only: Annotated[str, typer.Option(help=HELP_ONLY)] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Coarse grids, a minute; else up to fifteen.")] = False,
    scale: Annotated[str, typer.Option(hidden=True)] = "",
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    json_file: Annotated[str | None, typer.Option("--json", help="Write the result there; - prints it.")] = None,
    folder: Annotated[Path | None, typer.Option("--dir", help="Keep every single measurement there.")] = None,
    renew: Annotated[Path | None, typer.Option(metavar="FILE.json", help=HELP_RENEW)] = None,
    compare: Annotated[tuple[Path, Path] | None, typer.Option(metavar="A.json B.json", help=HELP_COMPARE)] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:  # fmt: skip
    """Measure what a step costs: time against d, n, δ, tensors and runs; memory; the roofline; the price of watching.

    Every rule on every engine, each point in several processes, on one thread. A quiet machine gives narrow intervals.
    Stopped, by Ctrl-C or by force, it goes on from the last measurement when the same line is given again.

    [bold]dwmgrad profile --quick --rule dwmgrad --rule adam --json quick.json[/bold]
    """
    from dwmgrad_ref.errors import BadInput

    if compare:
        _compare(*compare, json_file)
        return
    if device not in ("cpu", "cuda"):
        raise BadInput(f"--device {device} is not known; give cpu or cuda")
    _refuse_missing_gpu(device)
    if renew and json_file:
        raise BadInput("--renew writes into its own file; leave --json out, or copy the file first and renew the copy")
    plan = _plan(scale or ("quick" if quick else "full"), rule or [], _split(engines), _split(only), device)
    earlier = None if renew is None else _earlier(renew, plan)
    name = _name(plan)
    home = folder or Path("runs") / f"profile-{name}"
    measured = _measured(plan, home, quiet)
    measured["provenance"]["command"] = command_line(
        "profile", quick=quick, scale=scale, rule=rule, engines=engines, only=only, json=json_file, renew=renew,
        device=device if device != "cpu" else None,
    )  # fmt: skip
    _put(measured, earlier, renew, json_file, name)
    if folder is None:
        shutil.rmtree(home)  # all of it is in the result


def _earlier(path: Path, plan: Any) -> dict[str, Any]:
    """The profile that what is measured now goes into, if it may."""
    from analysis.cost import profile_file, profiling
    from proofs.cost import measurements

    earlier = measurements.load(path)
    profile_file.check_same_place(earlier, profiling.identity(plan))
    return earlier


def _name(plan: Any) -> str:
    from analysis.cost import profiling

    return hashlib.sha256(json.dumps(profiling.identity(plan), sort_keys=True).encode()).hexdigest()[:8]


def _measured(plan: Any, home: Path, quiet: bool) -> dict[str, Any]:
    from analysis.cost import profiling

    try:
        with _bar(quiet) as report:
            return profiling.measure(plan, home, report)
    except KeyboardInterrupt:
        console(stderr=True).print(f"stopped; the same line goes on from what is in {home}", markup=False)
        raise


def _put(
    measured: dict[str, Any], earlier: dict[str, Any] | None, renew: Path | None, json_file: str | None, name: str
) -> None:
    """Print what was found, or the file for `--json -`, and write the file."""
    from analysis.cost import profile_file, tables

    found = profile_file.summarized(measured)
    whole = profile_file.text(profile_file.renewed(earlier, found) if earlier else found)
    if json_file == "-":
        print(whole, end="")
        return
    tables.profile(console(), found)
    path = Path(renew or json_file or f"runs/profile-{name}.json")
    write_atomic(path, lambda file: file.write(whole.encode()))
    console().print(f"\n{path}\nagain: {found['provenance']['command']}", markup=False)


def _plan(scale: str, rules: list[str], engines: list[str], only: list[str], device: str) -> Any:
    """The plan; what is misspelled is told before anything is measured."""
    from analysis.cost import machine
    from analysis.cost import points as plan
    from analysis.cost.backends.base import by_name
    from dwmgrad_ref.cli.run_arguments import split
    from dwmgrad_ref.errors import BadInput, UnknownName

    for section in only:
        if section not in plan.SECTIONS:
            raise UnknownName("section", section, plan.SECTIONS)
    for rule in rules:
        if split(rule)[1]:
            raise BadInput(f"--rule {rule}: a profile measures rules with their own options, and varies δ by itself")
        by_name(rule)
    made = plan.make(plan.SCALES[scale], rules, engines, only, device, machine.free_bytes() / 2)
    if not made.points and not made.series:
        raise BadInput("nothing to measure: " + ("; ".join(made.left_out) or "no engine steps these rules"))
    return made


def _refuse_missing_gpu(device: str) -> None:
    import torch

    from dwmgrad_ref.errors import DwmgradError

    if device == "cuda" and not torch.cuda.is_available():
        raise DwmgradError("not run: no GPU (torch sees no CUDA device here); without --device it measures the CPU")


@contextmanager
def _bar(quiet: bool) -> Iterator[Any]:
    """A progress callback that draws a bar with the time left."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()]
    shown = console(stderr=True)
    with Progress(*columns, console=shown, transient=True, disable=quiet, speed_estimate_period=60) as bar:
        task = bar.add_task("starting")
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def _compare(before: Path, after: Path, json_file: str | None) -> None:
    from analysis.cost import compare, tables
    from proofs.cost import measurements

    a, b = measurements.load(before), measurements.load(after)
    rows, memory = compare.changes(a, b), compare.memory_changes(a, b)
    machines = (a["provenance"]["machine"]["processor"], b["provenance"]["machine"]["processor"])
    put_json(json_file, {"times": rows, "memory": memory})
    if json_file != "-":
        tables.differences(console(), rows, memory, machines)


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]
