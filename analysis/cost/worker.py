"""One process of a profile: measures the points it is given, one record a file, and skips those already there.

    python -m analysis.cost.worker FOLDER time ROUND
    python -m analysis.cost.worker FOLDER memory SERIES

A record is written whole or not at all, so the process may be killed at any moment and started again.
"""

import gc
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.cost import points as plans
from analysis.cost.points import Plan, Point
from dwmgrad_ref.files import write_atomic

PLAN = "plan.json"


def record_path(folder: Path, point: Point, round_: int | str) -> Path:
    return folder / "records" / f"{point.key}~{round_}.json"


def save(path: Path, record: dict[str, Any]) -> None:
    text = json.dumps(record)
    write_atomic(path, lambda file: file.write(text.encode()))


def load_plan(folder: Path) -> Plan:
    return plans.from_json(json.loads((folder / PLAN).read_text(encoding="utf-8"))["plan"])


def main(folder: Path, kind: str, number: int) -> None:
    plan, parent = load_plan(folder), os.getppid()
    for path, record in (_timings if kind == "time" else _memory)(folder, plan, number):
        save(path, record)
        if os.getppid() != parent:  # whoever started this is gone
            return


def _timings(folder: Path, plan: Plan, round_: int) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every point once; within a size in another order in each round, so that no rule is always first."""
    import torch

    from analysis.cost import machine, measure

    torch.set_num_threads(measure.THREADS)
    gc.freeze()  # what the imports left is not looked at again
    gc.disable()  # collected between measurements instead
    for point in _shuffled(plan.points, round_):
        path = record_path(folder, point, round_)
        if not path.exists():
            yield (
                path,
                {**measure.timed(point, plan.scale.seconds * point.patience), "round": round_, "load": machine.load()},
            )


def _shuffled(points: tuple[Point, ...], seed: int) -> list[Point]:
    blocks: dict[Any, list[Point]] = {}
    for p in points:
        blocks.setdefault((p.section, p.d, p.n if p.section == "n" else 0, p.delta, p.tensors, p.runs), []).append(p)
    for block in blocks.values():
        random.Random(seed).shuffle(block)
    return [p for block in blocks.values() for p in block]


def _memory(folder: Path, plan: Plan, number: int) -> Iterator[tuple[Path, dict[str, Any]]]:
    import torch

    from analysis.cost import memory

    torch.set_num_threads(1)
    left = [(p, path) for p in plan.series[number] if not (path := record_path(folder, p, "memory")).exists()]
    if left:
        memory.warm(plan.series[number])
    for point, path in left:
        yield path, memory.measured(point)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
