"""The commands figures, reproduce, published and report. What is slow to import is imported when a command runs."""

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from dwmgrad_ref.errors import BadInput, DwmgradError
from dwmgrad_ref.terminal import console, listing, put_json

if TYPE_CHECKING:
    import pandas as pd

    from paper_figures.lib.build import Built

OUT = Path("build")
Out = Annotated[Path, typer.Option(help="Folder to write to.", metavar="FOLDER")]


class Differs(DwmgradError):
    """A figure's numbers are not the committed ones."""


def register(app: typer.Typer, words: Sequence[str]) -> None:
    app.command("figures")(figures)
    app.command("reproduce")(reproduce)
    app.command("published")(published)
    app.command("report")(report)


def figures(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", show_default="all")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the figures and what they show.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Compute even what has not changed.")] = False,
    reuse_data: Annotated[bool, typer.Option("--reuse-data", help="Draw from the committed numbers.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compute and compare with the committed numbers.")] = False,
    renew: Annotated[bool, typer.Option("--renew", help="Then copy the numbers to paper_figures/data.")] = False,
    out: Out = OUT / "figures",
) -> None:
    """Build the paper's figures: PDF, PNG, the CSV behind each, and a manifest.

    Without names all of them; one that takes minutes is then redrawn from its committed numbers, unless --force.
    """
    if list_:
        from paper_figures.lib import catalogue

        console().print(listing([*catalogue.summaries().items()]))
        return
    from paper_figures.lib import build

    if check:
        differences = build.check(names or (), progress=_say)
        if differences:
            raise Differs("; ".join(differences))
        console().print("All figures agree with the committed numbers.")
        return
    _build(names or (), out, reuse=reuse_data, force=force)
    if renew:
        console().print(f"Copied {', '.join(map(str, build.commit(names or (), out)))}", soft_wrap=True)


def published(
    text: Annotated[
        str | None,
        typer.Argument(metavar="[TEXT]", help="A text that the name or the claim contains; all rows if left out."),
    ] = None,
    paper: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only rows of this work, by its key, such as dwmgrad.")
    ] = None,
    verdict: Annotated[str | None, typer.Option(help="Only rows with this verdict, such as reproduced.")] = None,
    renew: Annotated[
        bool, typer.Option("--renew", help="Write REPRODUCTION.md and what `dwmgrad claims` lists.")
    ] = False,
    json_file: Annotated[str | None, typer.Option("--json", help="Write as JSON; - prints it.")] = None,
) -> None:
    """What was published against what came out here, claim by claim, from the committed results."""
    from paper_figures.lib import reproduction as r

    if renew and (text or paper or verdict):
        raise BadInput("--renew writes all rows; give it no text, no --paper and no --verdict")
    chosen = r.selected(text, paper, verdict)
    put_json(json_file, [row.as_dict() for row in chosen])
    if json_file == "-":
        return
    if renew:
        console().print(f"Wrote {', '.join(str(path) for path in r.write())}", soft_wrap=True)
        return
    for line in r.summary() if len(chosen) == len(r.rows()) else ():
        console().print(line, markup=False, highlight=False, soft_wrap=True)
    rows = [(row.id, row.claim, row.published, row.reproduced or "–", row.told) for row in chosen]
    console().print(listing(rows, ("id", "claim", "published", "reproduced", "verdict")))
    console().print(f"\n{len(rows)} of {len(r.rows())} rows")


def report(out: Out = OUT) -> None:
    """Write one HTML file with the claims, figures, reproduction table, costs and the origin of every number.

    The file needs no network and no other file. It is made from committed data, and takes about half a minute.
    """
    _report(out)


def _report(out: Path) -> None:
    from paper_figures.report import page

    _say("report: drawing the figures from their committed numbers")
    console().print(f"Report: {page.write(out)}", soft_wrap=True, markup=False)


def _say(line: str) -> None:
    console(stderr=True).print(line, soft_wrap=True)


def _build(names: Sequence[str], out: Path, **how: Any) -> list["Built"]:
    from paper_figures.lib import build

    built = build.build(names, out, progress=_say, **how)
    rows = [
        (b.name, b.how, f"{b.seconds:.1f} s", ", ".join(str(f) for f in b.files if f.suffix == ".pdf")) for b in built
    ]
    console().print(listing(rows))
    return built


def reproduce(
    out: Out = OUT,
    quick: Annotated[
        bool, typer.Option("--quick", help="A hundredth of the steps, no figures, no report: a smoke test.")
    ] = False,
) -> None:
    """Run every optimizer on real and synthetic problems, draw all figures and write the report."""
    from analysis import showcase

    began = time.perf_counter()
    frame = _showcase(quick)
    written = showcase.save(frame, out, "dwmgrad reproduce" + (" --quick" if quick else ""))
    built = [] if quick else _build((), out / "figures")
    rows = [
        (path, told)
        for path, told in zip(written, ("every run, one row each", "the same, with provenance"), strict=True)
    ]
    rows += [(f, b.name) for b in built for f in b.files if f.suffix == ".pdf"]
    console().print(f"\nDone in {time.perf_counter() - began:.0f} s. Where to look:", style="bold")
    console().print(listing(rows))
    console().print(
        "Next: `dwmgrad list`, `dwmgrad show dwmgrad`, `dwmgrad run --problem periodic --plot`.", markup=False
    )
    if not quick:
        _report(out)


def _showcase(quick: bool) -> "pd.DataFrame":
    import pandas as pd

    from analysis import showcase

    frames, screen = [], console()
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("runs"),
        TimeElapsedColumn(),
    ]
    settings = [s._replace(steps=max(s.steps // 100, 50)) for s in showcase.SETTINGS] if quick else showcase.SETTINGS
    for setting in settings:
        with Progress(*columns, console=console(stderr=True), transient=True) as bars:
            bar = bars.add_task(setting.problem, total=None)
            frame = showcase.run_setting(
                setting, progress=lambda done, total, bars=bars, bar=bar: bars.update(bar, completed=done, total=total)
            )
        frames.append(frame)
        screen.print(f"\n{setting.problem}, {setting.steps:,} steps", style="bold", markup=False)
        screen.print(_table(frame))
    return pd.concat(frames, ignore_index=True)


def _table(frame: "pd.DataFrame") -> Table:
    """Both comparisons of one problem: each method at its default step size, and at its best of the grid."""
    table = Table(box=None, pad_edge=False)
    table.add_column("method", no_wrap=True)
    for head in ("default α", "regret", "best α", "regret", "bound", "regret/bound", "a priori", "h first falls at"):
        table.add_column(head, justify="right")
    for method, rows in frame.groupby("method", sort=False):
        default, tuned = rows[rows["default"]].iloc[0], rows[rows["tuned"]].iloc[0]
        cells = [_number(tuned[k]) for k in ("bound", "ratio", "bound_apriori")]
        first = "never" if math.isnan(tuned["first_violation"]) else f"step {tuned['first_violation']:.0f}"
        table.add_row(
            str(method), f"{default['alpha']:g}", _regret(default), f"{tuned['alpha']:g}", _regret(tuned), *cells, first
        )
    return table


def _regret(row: Any) -> str:
    return _number(row["regret"]) if math.isnan(row["stopped"]) else f"diverged at {row['stopped']:.0f}"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"
