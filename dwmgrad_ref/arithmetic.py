"""The driver's own arithmetic: projection, mirrored iterate, compensated sums, one coordinate at a time.

These functions are pure and written with `ops`, like a rule's. The driver and the observers run them compiled; a
proof hands them symbols (`proofs/models/driven.py`), so that what is proved is what runs.
"""

from typing import Any

from dwmgrad_ref import ops


def projected(x: Any, low: Any, high: Any) -> Any:
    """The point of [low, high] nearest to x. A nan stays nan: the driver stops at it."""
    return ops.minimum(high, ops.maximum(low, x))


def mirrored(x: Any, shift: Any) -> Any:
    """z_t from theta_t and the rule's shift after step t - 1."""
    return x + shift


def unprojected(free: Any, shift: Any, low: Any, high: Any) -> Any:
    """w_{t+1}, no nearer than z_{t+1} to any point of [low, high].

    Where nothing is mirrored it is the rule's own next iterate, `free`, which the projection then only brings nearer;
    where something is, it is z_{t+1} itself, since a projection of theta need not bring z nearer.
    """
    return ops.where(ops.greater(ops.absolute(shift), 0), mirrored(projected(free, low, high), shift), free)


def added(total: Any, rest: Any, value: Any) -> Any:
    """The sum total + rest after one more value, as (total, rest): Knuth's TwoSum, whose rounding error goes to rest.

    In exact arithmetic nothing is rounded and rest stays as it is.
    """
    new = total + value
    part = new - total
    return new, rest + ((total - (new - part)) + (value - part))
