"""What changed between two profiles, beyond noise.

For each point that both have: the ratio of the medians, its standard error, a two-sided normal p-value. The error is
that of both intervals, and no less than the spread between processes makes it, taken over all points of a profile: an
interval from two or three processes is often too short by chance, and on a shared machine whole processes are slow. A
change is told if it passes Benjamini and Hochberg's control of the false discovery rate over all points,
if no process of one profile lies among those of the other, and if it is larger than FLOOR: two runs of the same code
on one machine differ by a few per cent whatever the intervals say.
"""

from typing import Any

import numpy as np
from scipy import stats

from analysis.cost.points import FIELDS
from dwmgrad_ref.errors import BadInput
from proofs.cost.measurements import Record

FLOOR = 0.05
RATE = 0.05
LEAST_ERROR = 0.005  # of a median; intervals of a few values can be too short by chance


def changes(a: dict[str, Any], b: dict[str, Any]) -> list[Record]:
    """Every point of both profiles: ratio b / a of the medians, and whether it changed.

    Raises:
        BadInput: they have no point in common.
    """
    before, after = (_by_key(result["timed"]) for result in (a, b))
    shared = [key for key in before if key in after]
    if not shared:
        raise BadInput("these profiles have no point in common; measure both with the same rules and scale")
    logs = np.array([np.log(_unit(after[k]) / _unit(before[k])) for k in shared])
    own, other = (_spread(list(records.values())) for records in (before, after))
    errors = np.array([np.hypot(_error(before[k], own), _error(after[k], other)) for k in shared])
    false_rate = stats.false_discovery_control(2 * stats.norm.sf(np.abs(logs) / errors))
    rows = []
    for key, log, rate in zip(shared, logs, false_rate, strict=True):
        beyond = bool(rate <= RATE and abs(log) > np.log1p(FLOOR)) and _apart(before[key], after[key])
        unstable = bool(before[key]["unstable"] or after[key]["unstable"])
        told = dict(zip(FIELDS, key, strict=True))
        rows.append({**told, "ratio": float(np.exp(log)), "changed": beyond, "unstable": unstable})
    return rows


def memory_changes(a: dict[str, Any], b: dict[str, Any]) -> list[Record]:
    """Points whose counted bytes differ: these have no noise."""
    before, after = (_by_key(result["memory"]) for result in (a, b))
    return [
        {**dict(zip(FIELDS, key, strict=True)), "what": what, "before": before[key][what], "after": after[key][what]}
        for key in before.keys() & after.keys()
        for what in ("state_bytes", "step_bytes")
        if abs(after[key][what] - before[key][what]) > 0.01 * max(before[key][what], 1 << 14)
    ]


def _by_key(records: list[Record]) -> dict[tuple[Any, ...], Record]:
    return {tuple(r[name] for name in FIELDS): r for r in records}


def _unit(r: Record) -> float:
    return r["median"] / r["calls"]


def _apart(a: Record, b: Record) -> bool:
    """Whether all processes of one lie on one side of all of the other's."""
    return max(a["rounds"]) < min(b["rounds"]) or max(b["rounds"]) < min(a["rounds"])


def _spread(records: list[Record]) -> float:
    """Standard deviation of the log of a process's median between processes, over all points."""
    several = [np.var(np.log(r["rounds"]), ddof=1) for r in records if len(r["rounds"]) > 1]
    return float(np.sqrt(np.mean(several))) if several else 0.0


def _error(r: Record, spread: float) -> float:
    """Standard error of the log of the median: from its 95 % interval, or from the spread between processes."""
    own = float(np.log(r["high"] / r["low"])) / (2 * 1.96)
    return max(own, spread / np.sqrt(len(r["rounds"])), LEAST_ERROR)
