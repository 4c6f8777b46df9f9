"""A profile as one JSON file: provenance, and for each point the median over processes with its interval.

Records are rows under named columns. Of a timed point: `median`, `low` and `high` are seconds of one call of
`calls` units, with a 95 % interval by resampling processes, then the values in each; `rounds` are the processes' own
medians; `unstable` says that these differ by more than UNSTABLE of their middle, or that the values within do;
`itemsize` are the bytes of a number, `bytes` those of a run's workspace.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from analysis.cost.points import FIELDS
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.files import with_checksum
from proofs.cost.measurements import FORMAT, Record

UNSTABLE = 0.1
RESAMPLES = 400
TIMED = (*FIELDS, "calls", "itemsize", "bytes", "median", "low", "high", "unstable", "rounds")
MEMORY = (*FIELDS, "state_bytes", "step_bytes", "resident_bytes")


def summarized(measured: dict[str, Any]) -> dict[str, Any]:
    """The result of `session.measure`, its raw values reduced."""
    groups: dict[tuple[Any, ...], list[Record]] = {}
    memory = []
    for record in measured["raw"]:
        if record["section"] == "memory":
            memory.append(record)
        else:
            groups.setdefault(tuple(record[f] for f in FIELDS), []).append(record)
    timed = [_reduced(records) for records in groups.values()]
    return {"format": FORMAT, "provenance": measured["provenance"], "timed": timed, "memory": memory}


def check_same_place(earlier: dict[str, Any], now: dict[str, Any]) -> None:
    """Whether measurements made now may stand beside earlier ones: the same machine, versions, grids and timing.

    Args:
        now: `session.identity` of the plan.

    Raises:
        BadInput: what differs, then and now.
    """
    told = earlier["provenance"]
    was, scale = told["scale"]["name"], now["plan"]["scale"]["name"]
    if was != scale:
        raise BadInput(f"that profile was measured at scale {was}, this is {scale}; renew at its own")
    then = {**told["machine"], **told["environment"]["versions"]}
    here = {**now["machine"], **now["environment"]["versions"]}
    if differ := [f"{name} was {then.get(name)}, is {here[name]}" for name in here if then.get(name) != here[name]]:
        raise BadInput(f"that profile was made elsewhere ({'; '.join(differ)}); measure all of it with --json instead")


def renewed(earlier: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The earlier profile with the points measured now in place of its own; its provenance says which, when and how."""
    own = now["provenance"]
    kept = ("command", "started", "finished", "load_at_start", "load_at_end")
    points = [*now["timed"], *now["memory"]]
    sections = list(dict.fromkeys(r["section"] for r in points))
    record = {**{name: own[name] for name in kept}, "commit": own["environment"]["commit"], "sections": sections}
    told = earlier["provenance"]
    return {
        "format": FORMAT,
        "provenance": {**told, "renewed": [*told.get("renewed", []), record]},
        "timed": _replaced(earlier["timed"], now["timed"]),
        "memory": _replaced(earlier["memory"], now["memory"]),
    }


def _replaced(earlier: list[Record], now: list[Record]) -> list[Record]:
    old, new = ({tuple(r[f] for f in FIELDS): r for r in records} for records in (earlier, now))
    return list({**old, **new}.values())


def _reduced(records: list[Record]) -> Record:
    values = [np.array(r["times"]) for r in records]
    rounds = [float(np.median(v)) for v in values]
    low, high = interval(values)
    spread = max((max(rounds) - min(rounds)) / float(np.median(rounds)), *(_quartiles(v) for v in values))
    told = {name: records[0].get(name) for name in (*FIELDS, "calls", "itemsize", "bytes")}
    return told | {
        "median": _short(float(np.median(rounds))), "low": _short(low), "high": _short(high),
        "unstable": bool(spread > UNSTABLE), "rounds": [_short(r) for r in rounds],
    }  # fmt: skip


def interval(values: Sequence[np.ndarray], level: float = 0.95) -> tuple[float, float]:
    """Bootstrap interval of the median of the processes' medians: processes drawn again, then values in each."""
    rng = np.random.default_rng(0)
    medians = np.stack([np.median(rng.choice(v, (RESAMPLES, v.size)), axis=1) for v in values])
    drawn = rng.integers(len(values), size=(len(values), RESAMPLES))
    found = np.median(medians[drawn, np.arange(RESAMPLES)], axis=0)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _quartiles(v: np.ndarray) -> float:
    """Distance of the quartiles, relative to the median."""
    low, high = np.quantile(v, [0.25, 0.75])
    return float((high - low) / np.median(v))


def _short(x: float) -> float:
    return float(f"{x:.5g}")


def text(result: dict[str, Any]) -> str:
    """The file's content with its checksum, a record a line."""

    def rows(records: Iterable[Record], columns: tuple[str, ...]) -> str:
        lines = ",\n".join(json.dumps([r.get(c) for c in columns], separators=(",", ":")) for r in records)
        return f'{{"columns": {json.dumps(columns)}, "rows": [\n{lines}\n]}}'

    parts = {
        "format": str(result["format"]),
        "provenance": json.dumps(result["provenance"], indent=1),
        "timed": rows(result["timed"], TIMED),
        "memory": rows(result["memory"], MEMORY),
    }
    return with_checksum("{" + ",\n".join(f'"{name}": {part}' for name, part in parts.items()) + "}")
