"""data list, check, fetch: the real data sets, where they are, and getting them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from dwmgrad_ref import terminal
from dwmgrad_ref.errors import MissingData

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Data sets; all of them by default.")]
Folder = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Look here first, before DWMGRAD_DATA's folder and the cache."),
]
Incomplete = Annotated[
    bool, typer.Option("--allow-incomplete", help="Accept a copy with missing examples; its counts are told.")
]
Json = Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write as JSON; - prints it.")]


def register(app: typer.Typer) -> None:
    """Add the `data` commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Real data sets: what there is, whether it is here, getting it.\n\nLooked for in --data-dir, then in the "
        "folder that DWMGRAD_DATA names, then in the cache, laid out as the publishers do.",
    )
    group.command("list")(list_)
    group.command("check")(check)
    group.command("fetch")(fetch)
    app.add_typer(group, name="data")


def list_(json_file: Json = None, data_dir: Folder = None) -> None:
    """What there is, by whom, and whether its files are here. Nothing is read or downloaded."""
    from dwmgrad_ref import data
    from dwmgrad_ref.data import store

    looked = store.folders(data_dir)
    rows = []
    for wanted in map(data.get, data.names()):
        found = store.find(wanted, looked)
        place = "" if found is None else str(Path(next(iter(found.values()))).parent) if found else "scikit-learn"
        rows.append({"name": wanted.name, "title": wanted.title, "counts": dict(wanted.counts),
                     "publisher": wanted.publisher, "place": place})  # fmt: skip
    table = [(r["name"], r["title"], _counts(r["counts"]), r["place"] or "not here") for r in rows]
    _tell(rows, table, ("name", "", "examples", "place"), json_file)


def check(
    names: Names = None, data_dir: Folder = None, allow_incomplete: Incomplete = False, json_file: Json = None
) -> None:
    """Read the sets that are here, compare their checksums, count. Downloads nothing; exit status 1 if one fails."""
    from dwmgrad_ref import data

    rows = []
    for name in names or data.names():
        try:
            made_from = data.load(name, data_dir, allow_incomplete, fetch=False).provenance
        except MissingData as error:
            rows.append({"name": name, "state": "failed", "told": str(error)})
        else:
            state = "complete" if made_from.complete else "incomplete"
            rows.append({"name": name, "state": state, "told": _counts(made_from.counts), "counts": made_from.counts,
                         "sha256": made_from.sha256})  # fmt: skip
    _tell(rows, [(r["name"], r["state"], r["told"]) for r in rows], ("name", "state", ""), json_file)
    if any(row["state"] == "failed" for row in rows):
        raise typer.Exit(1)


def fetch(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Data sets.")],
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", metavar="DIR", help="Put them here; the user's cache by default.")
    ] = None,
) -> None:
    """Download sets from their publishers, compare their checksums, and read them once.

    Ctrl-C keeps what has come; the same line goes on from there. What is already in the folder is left as it is.
    """
    from dwmgrad_ref import data
    from dwmgrad_ref.data import store

    root = data_dir or store.cache_folder()
    for wanted in [data.get(name) for name in names]:  # all names first: a typo must not cost a download
        if wanted.files:
            store.fetch(wanted, root)
        found = data.load(wanted.name, root, fetch=False).provenance
        place = f"in {root}" if wanted.files else "with scikit-learn"
        terminal.console().print(f"{wanted.name}: {_counts(found.counts)}, {place}", markup=False, soft_wrap=True)


def _counts(counts: Any) -> str:
    return ", ".join(f"{n:,} {what}" for what, n in counts.items())


def _tell(
    rows: list[dict[str, Any]], table: Sequence[Sequence[Any]], heads: Sequence[str], json_file: str | None
) -> None:
    if json_file != "-":
        terminal.console().print(terminal.listing(table, heads))
    terminal.put_json(json_file, rows)
