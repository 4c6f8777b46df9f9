"""A profile as tables for the terminal."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from rich.console import Console

from analysis.cost import findings, roofline
from dwmgrad_ref.terminal import listing
from proofs.cost import measurements, power_law
from proofs.cost.measurements import Record, where

Cells = Callable[[Record], Iterable[Any]]


def profile(console: Console, result: dict[str, Any]) -> None:
    """Everything the profile has, section by section."""
    told = result["provenance"]
    machine = told["machine"]
    levels = ", ".join(f"L{level} {size / 2**20:.3g} MiB" for level, size in machine["caches"].items())
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, {levels}, {machine['memory_gib']} GiB; one thread"
    )
    console.print(f"load {told['load_at_start']} at the start, {told['load_at_end']} at the end")
    for title, rows, cells, heads in _sections(result):
        if rows:
            console.print(f"\n[bold]{title}[/]")
            console.print(listing([list(cells(row)) for row in rows], heads))
    unstable = sum(r["unstable"] for r in result["timed"])
    console.print(
        f"\n{unstable} of {len(result['timed'])} points are unstable (processes or values differ by over 10 %)"
    )
    for line in _grouped(told["left_out"]):
        console.print(line, markup=False)


def _sections(result: dict[str, Any]) -> Iterator[tuple[str, list[Record], Cells, tuple[str, ...]]]:
    title = "Exponents, t = c0 + c1 x^p, with 95 % intervals"
    heads = ("rule", "engine", "x", "where", "p", "interval", "from", "to", "points")
    yield title, measurements.exponents(result), _exponent, heads
    heads = ("engine", "beside", "d", "× Adam", "processes")
    yield "DWMGrad beside Adam", findings.ratios(result), _ratio, heads
    placed = roofline.placed(result) if where(result["timed"], section="machine") else []
    largest = {(r["engine"], r["rule"]): r for r in sorted(placed, key=lambda r: r["d"])}
    heads = ("rule", "engine", "d", "ns a coordinate", "bound by", "of the ideal pass", "of its own passes")
    yield "Under the roof, at the largest d", list(largest.values()), _roof, heads
    heads = ("rule", "engine", "d", "δ", "state", "a step holds", "resident growth")
    yield "Memory, words a coordinate", _ends(findings.memory(result)), _memory, heads
    heads = ("observer", "ns a step", "added", "bytes a coordinate")
    yield "Watching, d = 100", findings.watching(result), _watching, heads


def _ends(rows: list[Record]) -> list[Record]:
    """Of a rule's rows on an engine the largest d, and the smallest and the largest δ: between them nothing bends."""
    found: list[Record] = []
    for engine, rule in dict.fromkeys((r["engine"], r["rule"]) for r in rows):
        own = where(rows, engine=engine, rule=rule)
        against_d = sorted((r for r in own if not r["delta"]), key=lambda r: r["d"])
        against_delta = sorted((r for r in own if r["delta"]), key=lambda r: r["delta"])
        found += [*against_d[-1:], *against_delta[:1], *against_delta[1:][-1:]]
    return found


def _exponent(r: Record) -> list[Any]:
    least, most = power_law.EXPONENTS
    free = r["low"] <= least and r["high"] >= most  # the points do not determine it
    ends = "anything" if free else f"{r['low']:.3f} to {r['high']:.3f}"
    return [r["rule"], r["engine"], r["against"], r["segment"], f"{r['p']:.3f}", ends, r["from"], r["to"], r["points"]]


def _ratio(r: Record) -> list[Any]:
    return [r["engine"], r["beside"], f"{r['d']:,}", f"{r['ratio']:.2f}", f"{r['least']:.2f} to {r['most']:.2f}"]


def _roof(r: Record) -> list[Any]:
    each = f"{r['seconds'] / r['d'] * 1e9:.2f}"
    own = "–" if np.isnan(r["own_fraction"]) else f"{r['own_fraction']:.0%}"
    return [r["rule"], r["engine"], f"{r['d']:,}", each, r["limit"], f"{r['fraction']:.0%}", own]


def _memory(r: Record) -> list[Any]:
    resident = "not run: Linux only" if r["resident"] is None else f"{r['resident']:.1f}"
    return [r["rule"], r["engine"], f"{r['d']:,}", r["delta"] or "", f"{r['state']:.1f}", f"{r['step']:.1f}", resident]


def _watching(r: Record) -> list[Any]:
    return [r["observer"], f"{r['seconds'] * 1e9:.0f}", f"{r['added']:+.0%}", f"{r['bytes']:.0f}"]


def _grouped(lines: list[str]) -> list[str]:
    """The reasons, each once with its count."""
    reasons: dict[str, list[str]] = {}
    for line in lines:
        what, _, why = line.partition(": ")
        reasons.setdefault(why.partition(" needs")[0] if " needs" in why else why, []).append(what)
    return [f"{why}: {', '.join(what) if len(what) < 4 else f'{len(what)} points'}" for why, what in reasons.items()]


def differences(console: Console, rows: list[Record], memory: list[Record], machines: tuple[str, str]) -> None:
    """What `compare` found."""
    if machines[0] != machines[1]:
        console.print(f"different machines: {machines[0]}, then {machines[1]}", markup=False)
    changed = sorted((r for r in rows if r["changed"]), key=lambda r: r["ratio"])
    table = listing(
        [[r["section"], r["rule"], r["engine"], _where(r), f"× {r['ratio']:.2f}", "unstable" if r["unstable"] else ""]
         for r in changed],
        ("section", "rule", "engine", "at", "time", ""),
    )  # fmt: skip
    if changed:
        console.print(table)
    for r in memory:
        console.print(f"{r['rule']} {r['engine']} {_where(r)}: {r['what']} {r['before']} to {r['after']}", markup=False)
    console.print(f"{len(changed)} of {len(rows)} times changed beyond noise, {len(memory)} memory counts")


def _where(r: Record) -> str:
    shown = {"d": r["d"], "n": r["n"] if r["section"] == "n" else 0, "δ": r["delta"],
             "tensors": r["tensors"] if r["tensors"] > 1 else 0, "runs": r["runs"] if r["runs"] > 1 else 0}  # fmt: skip
    return ", ".join(
        [*(f"{name} = {value:,}" for name, value in shown.items() if value), *filter(None, [r["observer"]])]
    )
