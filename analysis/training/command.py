"""`dwmgrad train`: run the experiments, or list them. What is slow to import is imported when it runs."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from dwmgrad_ref.errors import BadInput, DwmgradError
from dwmgrad_ref.terminal import command_line, console, listing, put_json

Names = Annotated[list[str] | None, typer.Argument(metavar="[EXPERIMENT]...", help="Names or files; all if left out.")]


class NotRunHere(DwmgradError):
    """An experiment that was named could not be run on this machine; the others are done and stored."""


@contextmanager
def _said_once() -> Iterator[None]:
    """A set is loaded for every run; what it lacks is worth saying once a command."""
    said: set[str] = set()

    def new(record: logging.LogRecord) -> bool:
        before, message = len(said), record.getMessage()
        said.add(message)
        return len(said) > before

    log = logging.getLogger("dwmgrad")
    log.addFilter(new)
    try:
        yield
    finally:
        log.removeFilter(new)


@_said_once()
def train(
    names: Names = None,
    budget: Annotated[
        str, typer.Option(help="smoke: seconds; laptop: under six hours for all; paper: as published.")
    ] = "smoke",
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets; else DWMGRAD_DATA.")] = None,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Take sets with missing examples.")
    ] = False,
    fetch: Annotated[bool, typer.Option(help="Download the data sets that are not here.")] = True,
    engine: Annotated[str, typer.Option(help="local: processes here; ray: a Ray cluster.")] = "local",
    address: Annotated[str | None, typer.Option(help="The Ray cluster; one on this machine if left out.")] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Worker processes; 0 for one a core.")] = 0,
    store: Annotated[Path | None, typer.Option(help="Folder of results; else DWMGRAD_STORE, else build/store.")] = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Write a summary as JSON; - prints it.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the experiments, and what is done of them.")] = False,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Run nothing: tell and collect what is stored.")] = True,
    renew: Annotated[bool, typer.Option("--renew", help="Collect the results into analysis/training/results.")] = False,
) -> None:
    """Train networks as the experiment files say, each run once.

    A run is known by all that determines it, so what is in the store is never computed again: stop with Ctrl-C, or
    lose the machine, and the same line goes on from the last epoch, to the same last bit. Learning curves are under
    STORE/tensorboard. Differences from the committed results beyond seed noise are listed at the end.

    The exit status is 1 if an experiment that was named could not be run here, for want of its data or of a GPU.
    """
    from analysis.training.runs import campaign as c
    from analysis.training.runs.run import Place
    from analysis.training.runs.store import Store, default_folder

    chosen = c.select(names or (), budget)
    place = Place(None if data_dir is None else str(data_dir), allow_incomplete, fetch=fetch and not list_)
    found = c.prepare(chosen, budget, Store(store or default_folder()), place)
    quiet = json_file == "-"
    if list_:
        _list(chosen, found, json_file)
        return
    if run:
        _carry_out(found, chosen, _engine(engine, address, jobs or os.cpu_count() or 1), quiet)
    _report(found, chosen, json_file)
    if renew:
        _renew(found, quiet)
    if not quiet:
        again = command_line(
            "train", *(names or ()), budget=budget, data_dir=data_dir, allow_incomplete=allow_incomplete,
            no_fetch=not fetch, jobs=jobs or None, engine=engine if engine != "local" else None, address=address,
            store=found.store.folder,
        )  # fmt: skip
        console().print(f"Again, or on from here: {again}", style="dim", markup=False, soft_wrap=True)
    if found.failed:
        raise DwmgradError("; ".join(found.failed))
    if run and names and found.not_run:
        raise NotRunHere(f"not run here, though named: {', '.join(one.experiment for one in found.not_run)}")


def _engine(name: str, address: str | None, workers: int) -> Any:
    from analysis.training.runs.session import TaskSession

    if name == "local":
        from analysis.training.runs.local_executor import run_all

        return lambda jobs, tell: run_all(jobs, workers, TaskSession, tell)
    if name == "ray":
        from analysis.training.runs.ray_executor import run_all as on_ray

        return lambda jobs, tell: on_ray(jobs, address, TaskSession, tell)
    raise BadInput(f"no engine is called {name!r}; known: local, ray")


def _carry_out(found: Any, chosen: Any, engine: Any, quiet: bool) -> None:
    from analysis.training.runs.campaign import carry_out_all
    from analysis.training.runs.progress import Bar, Curves

    with Bar(quiet) as bar, Curves(found.store.folder / "tensorboard") as curves:
        carry_out_all(found, chosen, engine, [bar, curves])


def _list(chosen: Any, found: Any, json_file: str | None) -> None:
    from analysis.training.runs.plan import stale
    from analysis.training.runs.sweep import missing

    why, rows = dict(found.not_run), []
    for experiment in chosen:
        planned = [*found.trials.get(experiment.name, []), *found.runs.get(experiment.name, [])]
        todo = missing(planned, found.store)
        old = len(stale(todo, found.store))
        told = experiment.budget(found.budget)
        rows.append({
            "experiment": experiment.name, "title": experiment.title, "protocol": experiment.protocol,
            "runs": len(planned), "done": len({p.key for p in planned}) - len(todo), "stale": old,
            "minutes": told.minutes, "not_run": why.get(experiment.name, "").partition(";")[0].partition(": looked")[0],
        })  # fmt: skip
    put_json(json_file, rows)
    if json_file != "-":
        heads = ("experiment", "what", "protocol", "runs", "done", "stale", "minutes", "not run here")
        console().print(listing([list(row.values()) for row in rows], heads))
        console().print(
            "stale: made with another result version, data set or torch; the run would be carried out again",
            style="dim",
        )


def _report(found: Any, chosen: Any, json_file: str | None) -> None:
    from analysis.training.runs import summary

    tables = {experiment.name: summary.of(found, experiment.name) for experiment in chosen}
    compared = {name: one for name in tables if (one := summary.compared(found, name))}
    put_json(json_file, {
        "budget": found.budget, "carried_out": found.carried_out, "not_run": dict(found.not_run),
        "chosen": found.chosen, "results": tables, "compared": {k: one._asdict() for k, one in compared.items()},
    })  # fmt: skip
    if json_file == "-":
        return
    screen = console()
    for experiment in chosen:
        if tables[experiment.name]:
            screen.print(f"\n{experiment.name}: {experiment.title}", style="bold", markup=False)
            rows = [list(row.values()) for row in tables[experiment.name]]
            screen.print(listing(rows, list(tables[experiment.name][0])))
        if one := compared.get(experiment.name):
            beyond = f"{len(one.differences)} differences" if one.differences else "no difference beyond seed noise"
            told = f"{one.values} last values beside the committed ones: {one.same} the same to the last bit, {beyond}"
            screen.print(told, style="dim", markup=False, soft_wrap=True)
            for line in one.differences:
                screen.print(f"differs from the committed results: {line}", style="yellow", markup=False)
    for name, why in found.not_run:
        screen.print(f"{name}: not run: {why}", markup=False, soft_wrap=True)
    screen.print(f"\n{found.carried_out} runs carried out, results in {found.store.folder}", soft_wrap=True)


def _renew(found: Any, quiet: bool) -> None:
    from analysis.training.runs import committed_results

    for name in found.runs:
        if found.results(name):
            path = committed_results.write(found, name)
            if not quiet:
                console().print(f"Collected {path.name}")
