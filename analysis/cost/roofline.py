"""Where each engine stands under what the machine can do.

The bound of a step on d coordinates is the larger of two times: the bytes it must move over the bandwidth measured
for as much memory as the step works on (the better of a copy and an update in place), and its square roots,
divisions and other operations over their measured throughputs. Bytes and operations are counted from the formula
(`proofs.cost.counting`). Two bounds are given:

    ideal   a single fused pass, the least that any engine could take
    own     the passes that this kind of engine makes: fused, NumPy's, or foreach's; none for torch.optim's unfused
            kinds, whose kernels take several operations of the formula at once
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from analysis.cost import backends, machine_limits
from analysis.cost.backends.base import by_name
from dwmgrad_ref.errors import BadInput
from proofs.cost import counting
from proofs.cost.measurements import Record, where, working_set

OTHERS = ("multiply", "add", "subtract", "compare", "absolute")


class Limits(NamedTuple):
    """What the machine can do: bytes moved a second by working set, and operations a second by kind and bits."""

    sets: np.ndarray  # bytes of memory worked on, ascending
    bandwidth: np.ndarray  # bytes a second
    rates: dict[tuple[str, int], float]

    def bytes_a_second(self, working_set: Any) -> Any:
        return np.interp(np.log(working_set), np.log(self.sets), self.bandwidth)

    def seconds(self, operations: Any, bits: int) -> float:
        """Least time of a coordinate's operations: the divider does roots and divisions, the rest goes on beside."""
        divider = sum(operations[k] / self.rates[k, bits] for k in ("sqrt", "divide"))
        return max(divider, sum(operations[k] for k in OTHERS) / self.rates["multiply-add", bits])


def limits(result: dict[str, Any]) -> Limits:
    """From the section `machine` of a profile.

    Raises:
        BadInput: the profile has none.
    """
    records = where(result["timed"], section="machine")
    moved: dict[int, float] = {}  # the better of copying and updating, by coordinates
    for r in records:
        if r["rule"] in machine_limits.MEMORY:
            speed = machine_limits.UNITS[r["rule"]] * r["d"] * r["calls"] / r["median"]
            moved[r["d"]] = max(speed, moved.get(r["d"], 0.0))
    if not moved:
        raise BadInput("this profile has no machine section; measure it with --only machine, or all sections")
    rates = {}
    for r in records:
        name, _, dtype = r["rule"].partition(" float")
        if dtype:
            rates[name, int(dtype)] = machine_limits.UNITS[name] * r["d"] * r["calls"] / r["median"]
    sizes = sorted(moved)
    return Limits(np.array([16.0 * d for d in sizes]), np.array([moved[d] for d in sizes]), rates)


@cache
def cost(rule: str, itemsize: int) -> counting.Cost:
    """The rule's counted cost in numbers of that many bytes."""
    return counting.count(by_name(rule), f"float{8 * itemsize}")


def placed(result: dict[str, Any]) -> list[Record]:
    """Every measured step against d with its bounds: seconds, and the fractions bound / measured."""
    machine, rows = limits(result), []
    for r in where(result["timed"], section="d", device="cpu"):
        engine = backends.get(r["engine"])
        counted, bits = cost(r["rule"], engine.itemsize), 8 * engine.itemsize
        forms = {"fused": counted.ideal, "unfused": counted.numpy if bits == 64 else counted.foreach}
        own = forms.get(engine.passes)
        bandwidth = float(machine.bytes_a_second(working_set(r)))
        moving, computing = counted.ideal.bytes * r["d"] / bandwidth, machine.seconds(counted.each, bits) * r["d"]
        bound, measured = max(moving, computing), r["median"] / r["calls"]
        own_bound = max(own.bytes * r["d"] / bandwidth, computing) if own else np.nan
        rows.append({
            "engine": r["engine"], "rule": r["rule"], "d": r["d"], "seconds": measured,
            "bound": bound, "limit": "bandwidth" if moving >= computing else "arithmetic",
            "fraction": bound / measured, "own_fraction": own_bound / measured,
            "gigabytes_a_second": counted.ideal.bytes * r["d"] / measured / 1e9,
            "intensity": sum(counted.each.values()) / counted.ideal.bytes,
            "operations_a_second": sum(counted.each.values()) * r["d"] / measured,
        })  # fmt: skip
    return rows
