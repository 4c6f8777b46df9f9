"""What is measured: points on the grids over d, n, delta, tensors and runs, for every rule and engine.

A point is a statement to time, or a series of memory measurements; its key names the file of its record.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

from analysis.cost import backends, machine_limits
from analysis.cost.backends.base import Engine
from dwmgrad_ref import observers

RULES = (
    "sgd", "heavy-ball", "rmsprop", "adam", "adamw", "amsgrad", "adamomentum", "lcam", "dwmgrad",
    "dwmgrad-explicit-window", "dwmgrad-released-torch",
)  # fmt: skip
RELEASED = "dwmgrad-released-torch"  # in the full plan only as its authors' scheme; the formula is DWMGrad's
MAIN = ("adam", "dwmgrad", RELEASED)
CORE = ("adam", "dwmgrad", "heavy-ball", "lcam", "adamomentum")
SECTIONS = ("machine", "d", "n", "delta", "tensors", "batch", "observers", "memory")
SHORT = 16  # coordinates of the measurement against n
LONG = 64  # coordinates of the measurement against delta
SPLIT = 1 << 18  # coordinates shared out among the tensors
WATCHED = 100  # coordinates of the watched run
LONGEST_STORED = 10**6  # steps up to which the stored window is measured against n
MOST_STORED = 1 << 18  # coordinates up to which the stored window is measured against d
GIB = 1 << 30
MEMORY_WEIGHT = 0.3  # about the seconds of one measurement of memory


@dataclass(frozen=True)
class Point:
    """One thing to measure. `n` is the steps of one timed call; 0 and "" stand for what a section does not vary."""

    section: str
    engine: str
    rule: str
    d: int
    n: int = 0
    delta: int = 0
    tensors: int = 1
    runs: int = 1
    observer: str = ""
    device: str = "cpu"

    @property
    def key(self) -> str:
        """A name that no other point has, fit for a file."""
        return re.sub(r"[^A-Za-z0-9.-]+", "_", "~".join(str(v) for v in asdict(self).values()))

    @property
    def patience(self) -> int:
        """How many times as long it is timed: what watching adds is a small difference of two times."""
        return 10 if self.section == "observers" else 1

    @property
    def weight(self) -> float:
        """About the seconds it takes, for the progress bar."""
        return 0.08 + 4e-8 * self.d + (3e-8 * self.n * self.d if self.section == "n" else 0)


FIELDS = tuple(f.name for f in fields(Point))


class Scale(NamedTuple):
    """How much: processes, seconds of timing for each point in each, and the grids."""

    name: str
    rounds: int
    seconds: float
    d: tuple[int, ...]
    n: tuple[int, ...]
    delta: tuple[int, ...]
    tensors: tuple[int, ...]
    runs: tuple[int, ...]
    memory: tuple[int, ...]
    longest: int = 10**9  # most steps of engines that take a Python call a step


def _powers(low: float, high: float, step: float = 1.0, base: float = 2.0) -> tuple[int, ...]:
    count = int(round((high - low) / step))
    return tuple(int(round(base ** (low + i * step))) for i in range(count + 1))


FULL = Scale(
    "full", 3, 0.015,
    d=_powers(4, 19) + _powers(20, 25, 0.5),
    n=_powers(2, 3.25, 0.25, 10.0) + _powers(4, 7, 0.5, 10.0),
    delta=(2, 5, 10, 100, 1000, 10_000, 100_000),
    tensors=(1, 4, 16, 64, 256, 1024, 4096),
    runs=(1, 2, 4, 8, 16, 32),
    memory=_powers(18, 24, 2),
    longest=1778,
)  # fmt: skip
QUICK = Scale(
    "quick", 2, 0.004,
    d=_powers(4, 16, 3),
    n=_powers(2, 5, 1, 10.0),
    delta=(2, 100, 10_000),
    tensors=(1, 64),
    runs=(1, 4),
    memory=(1 << 18,),
    longest=300,
)  # fmt: skip
TINY = Scale(
    "tiny", 1, 0.0005, (16, 64, 256, 1024, 4096), (100, 300, 1000, 3000), (2, 10), (1, 4), (1, 2), (1 << 16,), 300
)
SCALES = {scale.name: scale for scale in (FULL, QUICK, TINY)}
QUICK_RULES = ("adam", "dwmgrad", "dwmgrad-explicit-window")


@dataclass(frozen=True)
class Plan:
    """The points to time in every process, the memory series (a process each), and what could not be planned."""

    scale: Scale
    points: tuple[Point, ...]
    series: tuple[tuple[Point, ...], ...]
    left_out: tuple[str, ...]

    @property
    def weight(self) -> float:
        return self.scale.rounds * sum(p.weight for p in self.points) + MEMORY_WEIGHT * sum(map(len, self.series))


def make(
    scale: Scale, rules: Sequence[str] = (), chosen: Sequence[str] = (), sections: Sequence[str] = (),
    device: str = "cpu", memory: float = 8 * GIB,
) -> Plan:  # fmt: skip
    """The plan for these rules, engines and sections (all if none is named); points over `memory` bytes are left out.

    Raises:
        UnknownName: no such engine.
    """
    names = tuple(rules) or (RULES if scale.name == "full" else QUICK_RULES)
    wanted = [backends.get(name) for name in chosen] if chosen else list(backends.registry().values())
    left_out = [f"{e.name}: {reason}" for e in wanted if (reason := e.missing(device))]
    able = [e for e in wanted if not e.missing(device)]
    kinds = [s for s in SECTIONS if not sections or s in sections]
    points: list[Point] = []
    for section in kinds:
        if section != "memory":
            points += _unique(_points(section, scale, names, able, device))
    kept = [p for p in points if _bytes(p) <= memory]
    too_large = [p for p in points if _bytes(p) > memory]
    left_out += [f"{p.engine} {p.rule} d={p.d}: not run: needs {_bytes(p) / GIB:.1f} GiB" for p in too_large]
    series = _series(scale, names, able, device, memory) if "memory" in kinds else ()
    return Plan(scale, tuple(kept), series, tuple(left_out))


def _points(section: str, scale: Scale, names: Sequence[str], able: Sequence[Engine], device: str) -> Iterator[Point]:
    pairs = [(e, r) for e in able for r in names if e.steps(r) and not (e.only and section not in e.only)]
    compiled = any(compiled_(e) for e in able)
    match section:
        case "machine":
            if device == "cpu":
                sizes = (1 << 10, 1 << 13, 1 << 15, 1 << 18, 1 << 20, max(scale.d))
                for kernel in machine_limits.MEMORY:
                    yield from (Point("machine", "kernel", kernel, d) for d in sizes if d <= max(scale.d))
                yield from (
                    Point("machine", "kernel", kernel, machine_limits.SMALL) for kernel in machine_limits.ARITHMETIC
                )
        case "d":  # sizes outermost: rules and engines of one size are measured close together in time
            for d in scale.d:
                shown = [(e, r) for e, r in pairs if scale.name != "full" or _worth(d, e, r)]
                shown = [(e, r) for e, r in shown if d <= MOST_STORED or "explicit" not in r]
                yield from (Point("d", e.name, r, d, e.steps_a_call(d), device=device) for e, r in shown)
        case "n":
            for n in scale.n:
                shown = [(e, r) for e, r in pairs if n <= _longest(e, scale)]
                shown = [(e, r) for e, r in shown if compiled_(e) or scale.name != "full" or _main(r)]
                shown = [(e, r) for e, r in shown if n <= LONGEST_STORED or "explicit" not in r]
                shown = [(e, r) for e, r in shown if r != RELEASED or "released" in e.name or scale.name != "full"]
                yield from (Point("n", e.name, r, SHORT, n, device=device) for e, r in shown)
        case "delta":
            yield from _deltas(scale, names, able, device)
        case "tensors":
            for m in scale.tensors:
                for e, r in pairs:
                    if _main(r):
                        yield Point("tensors", e.name, r, SPLIT, 1, tensors=m, device=device)
        case "batch":
            if compiled:
                shown = [r for r in names if r in CORE[:2]]
                yield from (Point("batch", "compiled", r, 10, 20_000, runs=b) for b in scale.runs for r in shown)
        case "observers":
            if compiled and "dwmgrad" in names:
                seen = ("", "looking", *observers.names(), "all")
                yield from (Point("observers", "compiled", "dwmgrad", WATCHED, 1000, observer=o) for o in seen)


def _longest(engine: Engine, scale: Scale) -> int:
    """Most steps against n: all that the engine says where a step is one pass and the plan is full."""
    whole = compiled_(engine) or (engine.passes == "fused" and scale.name == "full")
    return engine.longest if whole else min(engine.longest, scale.longest)


def _main(rule: str) -> bool:
    """Rules measured everywhere: those whose ratio is asked for, and the user's own."""
    return rule in MAIN or rule not in RULES


def _worth(d: int, engine: Engine, rule: str) -> bool:
    """Whether the full plan has time for that size.

    All sizes for the main rules where a step is one pass, up to 2^25; whole octaves up to 2^24 where it makes
    temporaries; for the others every second octave, up to 2^23 or 2^20.
    """
    if rule == RELEASED and "released" not in engine.name:  # DWMGrad's formula once more
        return False
    octave, fused = math.log2(d), engine.passes == "fused"
    whole = abs(octave - round(octave)) < 1e-3
    if _main(rule):
        return fused or (whole and octave <= 24)
    return whole and (octave <= 23 if fused else octave <= 20) and (round(octave) % 2 == 0 or octave > 20)


def compiled_(engine: Engine) -> bool:
    return engine.name == "compiled"


def _deltas(scale: Scale, names: Sequence[str], able: Sequence[Engine], device: str) -> Iterator[Point]:
    """Engines that keep a history for each delta are asked up to a length they can keep."""
    for delta in scale.delta:
        for e in able:
            for r in ("dwmgrad", "dwmgrad-explicit-window"):
                if r not in names or not e.steps(r) or (e.name == "numpy" and "explicit" in r and delta > 1000):
                    continue
                n = max(1, min(e.most, e.chunk // (LONG * (delta if "explicit" in r else 1))))
                yield Point("delta", e.name, r, LONG, n, delta=delta, device=device)


def _series(
    scale: Scale, names: Sequence[str], able: Sequence[Engine], device: str, memory: float
) -> tuple[tuple[Point, ...], ...]:
    """Memory against d for the core rules and against delta; a process for each engine, or one if it must be quick."""
    if device != "cpu":
        return ()
    found = []
    for e in able:
        series: list[Point] = []
        for r in names:
            if not e.steps(r) or (r not in CORE and "explicit" not in r and r in RULES):
                continue
            series += [Point("memory", e.name, r, d, 2) for d in scale.memory if not e.only]
            long = e.name == "numpy" and "explicit" in r
            asked = scale.delta if scale.name == "full" else (scale.delta[0], scale.delta[-1])  # it is a line
            deltas = [delta for delta in asked if r.startswith("dwmgrad") and not (long and delta > 1000)]
            series += [Point("memory", e.name, r, 1 << 10, 2, delta=delta) for delta in deltas]
        if kept := tuple(p for p in series if _bytes(p) <= memory):
            found.append(kept)
    return tuple(found) if scale.name == "full" else (tuple(p for series in found for p in series),)


def _bytes(p: Point) -> float:
    """Bytes of state, iterate, gradient and temporaries: a guess on the safe side."""
    if p.engine == "kernel":
        return 16.0 * p.d
    words = 12 + (max(p.delta, 10) if "explicit" in p.rule or "ring" in p.engine else 0)
    return 8.0 * words * p.d


def _unique(points: Iterable[Point]) -> list[Point]:
    return list(dict.fromkeys(points))


def as_json(plan: Plan) -> dict[str, Any]:
    return {
        "scale": plan.scale._asdict(),
        "points": [asdict(p) for p in plan.points],
        "series": [[asdict(p) for p in series] for series in plan.series],
        "left_out": list(plan.left_out),
    }


def from_json(told: dict[str, Any]) -> Plan:
    grids: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told["scale"].items()}
    scale = Scale(**grids)
    return Plan(
        scale,
        tuple(Point(**p) for p in told["points"]),
        tuple(tuple(Point(**p) for p in series) for series in told["series"]),
        tuple(told["left_out"]),
    )
