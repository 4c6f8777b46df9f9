"""Measured times as `dwmgrad profile` records them, and the exponents in them.

The committed profile is `measured/cost.json`; `analysis.cost` makes such files, this module only reads them.
Records are rows under named columns; what the columns mean is in `analysis/cost/profile_file.py`.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.files import checked
from proofs.cost import counting, power_law

COMMITTED = Path(__file__).parents[1] / "measured" / "cost.json"
FORMAT = 1
Record = dict[str, Any]
IN_CACHE, PAST = "in cache", "past the caches"
INSIDE, OUTSIDE = 0.5, 2.0  # a working set up to half of the last cache is in it; from twice its size on it is past


def parsed(content: bytes | str, name: str) -> dict[str, Any]:
    """A profile from its file's content: provenance, and lists of records `timed` and `memory`.

    Raises:
        DamagedFile: it is not as it was written.
        BadInput: it is not a profile.
    """
    told = checked(content, name, "restore it, or measure again with `dwmgrad profile --json FILE`")
    try:
        if told["format"] != FORMAT:
            raise BadInput(f"{name} is a profile of format {told['format']}; expected {FORMAT}: measure it again")
        for kind in ("timed", "memory"):
            columns = told[kind]["columns"]
            told[kind] = [dict(zip(columns, row, strict=True)) for row in told[kind]["rows"]]
        return told
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{name} is not a profile ({error!r}); `dwmgrad profile --json FILE` writes one") from None


def load(path: str | Path = COMMITTED) -> dict[str, Any]:
    """Read a profile, by default the committed one.

    Raises:
        DamagedFile: it is not as it was written.
        BadInput: it is missing or not a profile.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"no profile at {path}; `dwmgrad profile --json {path}` writes one")
    return parsed(path.read_bytes(), str(path))


def where(records: Iterable[Record], **wanted: Any) -> list[Record]:
    """The records with these values."""
    return [r for r in records if all(r[name] == value for name, value in wanted.items())]


@cache
def words(rule: str) -> int:
    """Numbers a coordinate has: iterate, gradient and state."""
    return counting.count(rules.get(rule)).state + 2


def working_set(record: Record) -> int:
    """Bytes that a step touches."""
    return words(record["rule"]) * record["itemsize"] * record["d"]


def exponents(result: dict[str, Any]) -> list[Record]:
    """Exponents of the time against n and, on either side of the last cache, against d, for each engine and rule.

    Past the caches the overhead is too small to be fitted; there it is held at what it is on the other side.
    A segment with too few points has none.
    """
    cache_size = max(result["provenance"]["machine"]["caches"].values())
    rows = []
    for engine, rule in pairs(result, "n"):
        rows += _fitted(where(result["timed"], section="n", engine=engine, rule=rule), "n", "all", None)
    for engine, rule in pairs(result, "d"):
        points = where(result["timed"], section="d", engine=engine, rule=rule)
        inside = _fitted([p for p in points if working_set(p) <= INSIDE * cache_size], "d", IN_CACHE, None)
        overhead = inside[0]["c0"] if inside else 0.0
        outside = [p for p in points if working_set(p) >= OUTSIDE * cache_size]
        rows += inside + _fitted(outside, "d", PAST, overhead)
    return rows


def pairs(result: dict[str, Any], section: str) -> list[tuple[str, str]]:
    """Engines and rules that a section has, in its order."""
    return list(dict.fromkeys((r["engine"], r["rule"]) for r in where(result["timed"], section=section)))


def _fitted(points: list[Record], against: str, segment: str, overhead: float | None) -> list[Record]:
    """Seconds of n steps against n, or of one step against d."""
    points = sorted(points, key=lambda p: p[against])
    x = [p[against] for p in points]
    t = [p["median"] / (p["calls"] if against == "d" else 1) for p in points]
    try:
        found = power_law.fit(x, [[v] for v in t], overhead=overhead)
    except BadInput:
        return []
    return [{
        "engine": points[0]["engine"], "rule": points[0]["rule"], "against": against, "segment": segment,
        "p": found.p, "low": found.low, "high": found.high, "c0": found.c0, "c1": found.c1, "spread": found.spread,
        "points": found.points, "from": x[0], "to": x[-1],
    }]  # fmt: skip
