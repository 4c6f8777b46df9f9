"""What a profile says: exponents, ratios to Adam, memory a coordinate, the price of watching."""

from typing import Any

import numpy as np

from analysis.profile.result import Record, where
from analysis.profile.roofline import working_set
from dwmgrad_ref.errors import BadInput
from proofs import power_law

PEER = {"torch loop": "torch.optim loop", "torch foreach": "torch.optim foreach", "torch fused": "torch.optim fused"}
IN_CACHE, PAST = "in cache", "past the caches"
INSIDE, OUTSIDE = 0.5, 2.0  # a working set up to half of the last cache is in it; from twice its size on it is past


def exponents(result: dict[str, Any]) -> list[Record]:
    """Exponents of the time against n and, on either side of the last cache, against d, for each engine and rule.

    A segment with too few points, or all of whose times are overhead, has none.
    """
    cache = max(result["provenance"]["machine"]["caches"].values())
    rows = []
    for engine, rule in _pairs(result, "n"):
        points = where(result["timed"], section="n", engine=engine, rule=rule)
        rows += _fitted(points, "n", "all", None)
    for engine, rule in _pairs(result, "d"):
        points = where(result["timed"], section="d", engine=engine, rule=rule)
        inside = _fitted([p for p in points if working_set(p) <= INSIDE * cache], "d", IN_CACHE, None)
        # There the overhead is too small to be fitted, and what it is known from the other side.
        overhead = inside[0]["c0"] if inside else 0.0
        rows += inside + _fitted([p for p in points if working_set(p) >= OUTSIDE * cache], "d", PAST, overhead)
    return rows


def _pairs(result: dict[str, Any], section: str) -> list[tuple[str, str]]:
    return list(dict.fromkeys((r["engine"], r["rule"]) for r in where(result["timed"], section=section)))


def _fitted(points: list[Record], against: str, segment: str, overhead: float | None) -> list[Record]:
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


def ratios(result: dict[str, Any], rule: str = "dwmgrad", peer: str = "adam") -> list[Record]:
    """Time of a step of one rule over the other's at a small, a middle and the largest size, with the processes' range.

    Both were timed close together in every process. Our torch engines stand beside torch.optim's of the same kind.
    """
    rows = []
    for engine, _ in _pairs(result, "d"):
        ours = {r["d"]: r for r in where(result["timed"], section="d", engine=engine, rule=rule)}
        beside = PEER.get(engine, engine)
        theirs = {r["d"]: r for r in where(result["timed"], section="d", engine=beside, rule=peer)}
        shared = sorted(ours.keys() & theirs.keys())
        for d in _three(shared) if not any(row["engine"] == engine for row in rows) else ():
            each = [a / b for a, b in zip(ours[d]["rounds"], theirs[d]["rounds"], strict=True)]
            scale = theirs[d]["calls"] / ours[d]["calls"]
            rows.append({
                "engine": engine, "beside": beside, "d": d, "ratio": float(np.median(each)) * scale,
                "least": min(each) * scale, "most": max(each) * scale,
            })  # fmt: skip
    return rows


def _three(sizes: list[int]) -> list[int]:
    """Near 10^3, near 10^5 and the largest."""
    if not sizes:
        return []
    near = [min(sizes, key=lambda d, goal=goal: abs(np.log(d / goal))) for goal in (1e3, 1e5)]
    return list(dict.fromkeys([*near, sizes[-1]]))


def memory(result: dict[str, Any]) -> list[Record]:
    """Words a coordinate: kept between steps, held at most within a step, resident growth."""
    from analysis.profile import engines

    rows = []
    for r in result["memory"]:
        unit = engines.get(r["engine"]).itemsize * r["d"]
        resident = r["resident_bytes"]
        rows.append({name: r[name] for name in ("engine", "rule", "d", "delta")} | {
            "state": r["state_bytes"] / unit, "step": r["step_bytes"] / unit,
            "resident": None if resident is None else resident / unit,
        })  # fmt: skip
    return rows


def watching(result: dict[str, Any]) -> list[Record]:
    """Each observer against none: added seconds a step as a share of the unwatched step, added bytes a coordinate."""
    records = {r["observer"]: r for r in where(result["timed"], section="observers")}
    if "" not in records:
        return []
    off, rows = records[""], []
    for name, r in records.items():
        each = [on / base - 1 for on, base in zip(r["rounds"], off["rounds"], strict=True)]
        rows.append({
            "observer": name or "none", "seconds": r["median"] / r["calls"], "added": float(np.median(each)),
            "least": min(each), "most": max(each), "bytes": (r["bytes"] - off["bytes"]) / r["d"],
        })  # fmt: skip
    return rows
