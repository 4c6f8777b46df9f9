"""The committed ledger read as data: what `dwmgrad claims` shows, without importing a claim, SymPy or a solver."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dwmgrad_ref.errors import UnknownName
from dwmgrad_ref.files import checked
from proofs.kernel import theorems

LEDGER = Path(__file__).with_name("ledger.json")
EMPIRICAL = Path(__file__).with_name("empirical.json")
KERNEL = Path(theorems.__file__).with_name("record.json")


def ledger() -> dict[str, Any]:
    """Every claim's entry by identifier, in the order in which claims use one another.

    Raises:
        DamagedFile: it is not as `dwmgrad verify --renew` wrote it.
    """
    remedy = "restore it from git, or run `dwmgrad verify --renew`"
    return checked(LEDGER.read_bytes(), str(LEDGER), remedy) if LEDGER.is_file() else {}


def empirical() -> dict[str, dict[str, Any]]:
    """Rows of the reproduction table by id: claims about measurements, which no proof can settle.

    `dwmgrad published --renew` renews them from the figures' committed tables.
    """
    if not EMPIRICAL.is_file():
        return {}
    remedy = "restore it from git, or run `dwmgrad published --renew`"
    return {row["id"]: row for row in checked(EMPIRICAL.read_bytes(), str(EMPIRICAL), remedy)}


def kernel(identifier: str) -> list[tuple[str, str]]:
    """The theorems beside a claim: what is said of each, and its statement as Coq prints it.

    They are read from the record of the last recorded build, so they are the same where there is no Coq.
    """
    recorded = json.loads(KERNEL.read_text(encoding="utf-8"))["theorems"]
    return [(theorems.told(beside, recorded[beside.theorem]), recorded[beside.theorem]["statement"])
            for beside in theorems.BY_CLAIM.get(identifier, ())]  # fmt: skip


def find(identifier: str) -> dict[str, Any]:
    """One claim or one measured row.

    Raises:
        UnknownName: there is none of that name; the message has the nearest.
    """
    known = {**ledger(), **empirical()}
    if identifier not in known:
        raise UnknownName("claim", identifier, known)
    return known[identifier]


def selected(
    entries: dict[str, dict[str, Any]], text: str | None = None, paper: str | None = None, verdict: str | None = None
) -> dict[str, dict[str, Any]]:
    """The claims or measured rows that meet every condition that is given.

    Args:
        text: occurs in the name, the title, the statement or the source, in whatever case.
        paper: key of a work that the source names. A measured row names no source, so none of them is left.
        verdict: the entry's verdict.

    Raises:
        UnknownName: no entry at all has that verdict, or no source that key.
    """
    if verdict is not None or paper is not None:
        _check(verdict, paper)

    def meets(name: str, entry: dict[str, Any]) -> bool:
        said = [name, entry.get("title", entry.get("claim", "")), entry.get("source", "")]
        said.append(entry["then"]["text"] if "then" in entry else entry["published"])
        return (
            (text is None or text.lower() in " ".join(said).lower())
            and (paper is None or f"[{paper}]" in entry.get("source", ""))
            and verdict in (None, entry["verdict"])
        )

    return {name: entry for name, entry in entries.items() if meets(name, entry)}


def _check(verdict: str | None, paper: str | None) -> None:
    """Refuse a verdict or a work that no entry of the whole ledger has."""
    claims = ledger()
    verdicts = {entry["verdict"] for entry in (*claims.values(), *empirical().values())}
    if verdict is not None and verdict not in verdicts:
        raise UnknownName("verdict", verdict, verdicts)
    papers = {key for entry in claims.values() for key in re.findall(r"\[([\w-]+)\]", entry["source"])}
    if paper is not None and paper not in papers:
        raise UnknownName("work", paper, papers)


def row_lines(row: dict[str, Any]) -> Iterator[str]:
    """A measured row, one line a column."""
    yield from (f"{name}: {value or '–'}" for name, value in row.items())


def lines(identifier: str, entry: dict[str, Any]) -> Iterator[str]:
    """A claim in full as plain text: the verdict first, then the statement, then the evidence."""
    yield f"{identifier} {entry['title']}: {entry['verdict']}"
    yield f"{entry['kind']}, {entry['source']}"
    if entry["given"]:
        yield ""
        yield "If"
        yield from (f"  {e['text']}" for e in entry["given"])
        yield "then"
    yield f"  {entry['then']['text']}"
    if entry["where"]:
        yield ""
        yield from (f"  {symbol}: {meaning}" for symbol, meaning in entry["where"])
    if entry["depends"]:
        yield ""
        yield f"The proof uses {', '.join(entry['depends'])}."
    for title, steps in parts(entry):
        yield ""
        yield f"{title}:"
        for number, step in enumerate(steps, 1):
            yield f"{number}. {step['words']}"
            yield from (f"   {line}" for line in evidence(entry, step))
    if beside := kernel(identifier):
        yield ""
        yield "Also checked by Coq, of the formula that runs:"
        for number, (words, stated) in enumerate(beside, 1):
            yield f"{number}. {words}"
            yield from (f"   {line}" for line in stated.splitlines())
    if entry["note"]:
        yield ""
        yield entry["note"]
    yield ""
    yield f"Check it again: dwmgrad verify {identifier}"


def parts(entry: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The headings of a claim's evidence with their steps; rules of logic that need no reader are left out."""
    whole = entry["derivation"]
    shown = [s for s in whole if s["check"] or s["rule"] in ("argued", "induction")]
    shown = shown or [s for s in whole if s["rule"] == "restate"]  # a proof by substitution alone
    groups = {"Proof": shown, "Also checked": entry["controls"], "Refutation": entry["refutation"]}
    for title, steps in (groups | {"Search": entry["search"]}).items():
        if steps:
            yield title, steps


def evidence(entry: dict[str, Any], step: dict[str, Any]) -> list[str]:
    """What was checked in a step and what came of it, one line each."""
    found, shown = entry["checks"].get(step["check"], {}), []
    if step.get("then"):
        given = f"{'; '.join(step['given'])} ⊢ " if step.get("given") else ""
        shown.append(f"{given}{step['then']}")
    if not step["check"]:
        how = "argued in words" if step["rule"] == "argued" else f"by {step['rule']}"
        return [*shown, f"({how})"]
    engine, status = found.get("engine", ""), found.get("status", "not run")
    shown.append(f"{step['check']} ({engine}): {status}; {found.get('detail', '')}")
    if found.get("witness"):
        shown.append(f"witness: {json.dumps(found['witness'], ensure_ascii=False)}")
    return shown
