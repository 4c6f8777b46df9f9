"""A rule on the periodic family of R6, step by step, by the rule's own formula on whatever numbers are given."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dwmgrad_ref.rules.base import Rule
from proofs.checkers.by_arb import ball
from proofs.statements.formulas import clip


@dataclass(frozen=True)
class Moment:
    """Step t: the iterate before it, its regret against u = -1, and the shared state and coordinate after it."""

    t: int
    theta: Any
    regret: Any
    shared: Any
    coord: Any
    after: Any


def in_balls(rule: Rule, **options: Any) -> Any:
    """The rule's encoded options with every number a ball of the decimal as written; inf and choices stay."""
    encoded = rule.encode(rule.options(**options))
    codes = {n for n in encoded._fields if rule.choices(n) or isinstance(getattr(rule.options(), n), bool)}
    finite = {n: v for n, v in encoded._asdict().items() if n not in codes and v != float("inf")}
    return encoded._replace(**{n: ball(v) for n, v in finite.items()})


def periodic_run(rule: Rule, o: Any, C: Any, k: int, steps: int, theta: Any) -> Iterator[Moment]:
    """Steps 1..steps on f_t = C(x+2) if t ≡ 1 (mod k), else 2 - x, projected onto [-1, 1]."""
    shared, one = rule.start(o), 1 + 0 * theta
    shared = type(shared)(*(value + 0 * theta for value in shared))
    coord = rule.Coord(*(0 * theta for _ in rule.Coord._fields))
    for t in range(1, steps + 1):
        spike = (t - 1) % k == 0
        loss, g = (C * (theta + 2), C * one) if spike else (2 - theta, -one)
        shared = rule.shared(o, shared, loss)
        coord, free = rule.coord(o, shared, coord, theta, g)
        after = clip(free, -one, one)
        yield Moment(t, theta, C * (theta + 1) if spike else -(theta + 1), shared, coord, after)
        theta = after
