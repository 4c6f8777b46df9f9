"""What a profile says beside the exponents (`proofs.cost.measurements`): ratios, memory a coordinate, watching."""

from typing import Any

import numpy as np

from proofs.cost.measurements import Record, pairs, where

PEER = {"torch loop": "torch.optim loop", "torch foreach": "torch.optim foreach", "torch fused": "torch.optim fused"}


def ratios(result: dict[str, Any], rule: str = "dwmgrad", peer: str = "adam") -> list[Record]:
    """Time of a step of one rule over the other's at a small, a middle and the largest size, with the processes' range.

    Both were timed close together in every process. Our torch engines stand beside torch.optim's of the same kind.
    """
    rows = []
    for engine, _ in pairs(result, "d"):
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
    from analysis.cost import backends

    rows = []
    for r in result["memory"]:
        unit = backends.get(r["engine"]).itemsize * r["d"]
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
