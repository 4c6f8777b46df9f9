"""How fast the engine is, as ratios measured in one run against a loop over torch.optim.RMSprop.

    python -m analysis.cost.bench [--json FILE]

Everything runs on one core. The candidates take turns, ROUNDS times, and the table shows each one's median
with the smallest and largest, and the ratio of the medians, so a machine that changes speed cannot favour one.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from rich.console import Console
from rich.table import Table

from dwmgrad_ref import problems, run
from dwmgrad_ref.execution.trace import environment
from dwmgrad_ref.files import write_atomic
from dwmgrad_ref.observers import DEFAULT

ROUNDS = 7
WATCHED = ("regret", "potential", "window")


@dataclass(frozen=True)
class Candidate:
    """A way to step; `measure()` returns steps a second."""

    name: str
    d: int
    measure: Callable[[], float]


def engine(d: int, observers: tuple[str, ...], steps: int) -> float:
    """DWMGrad on a diagonal quadratic, compiled, with these observers and a logarithmic grid."""
    problem = problems.get("quadratic-diagonal", d=d)
    run("dwmgrad", problem, 10, observers)  # compiled and warm
    began = time.perf_counter()
    run("dwmgrad", problem, steps, observers)
    return steps / (time.perf_counter() - began)


def torch_loop(d: int, steps: int = 4000) -> float:
    """torch.optim.RMSprop with the hyperparameters of saturated DWMGrad, gradient λθ written by hand, loss summed."""
    curvature = torch.from_numpy(problems.get("quadratic-diagonal", d=d).b)
    theta = torch.ones(d, dtype=torch.float64)
    theta.grad = torch.zeros_like(theta)
    optimizer = torch.optim.RMSprop([theta], lr=1e-3, alpha=0.9, momentum=0.9)
    began = time.perf_counter()
    for _ in range(steps):
        torch.mul(curvature, theta, out=theta.grad)
        optimizer.step()
    return steps / (time.perf_counter() - began)


CANDIDATES = (
    Candidate("torch.optim.RMSprop loop, nothing observed", 10, lambda: torch_loop(10)),
    Candidate("engine, nothing observed", 10, lambda: engine(10, (), 5_000_000)),
    Candidate("engine, regret + potential + window", 10, lambda: engine(10, WATCHED, 5_000_000)),
    Candidate("engine, every default observer", 10, lambda: engine(10, DEFAULT, 2_000_000)),
    Candidate("torch.optim.RMSprop loop, nothing observed", 1000, lambda: torch_loop(1000)),
    Candidate("engine, regret + potential + window", 1000, lambda: engine(1000, WATCHED, 100_000)),
    Candidate("engine, every default observer", 1000, lambda: engine(1000, DEFAULT, 50_000)),
)


def measure() -> list[dict[str, float | str]]:
    """Median, smallest and largest steps a second of every candidate, and the ratio to torch at the same d."""
    torch.set_num_threads(1)
    speeds: dict[int, list[float]] = {i: [] for i in range(len(CANDIDATES))}
    for _ in range(ROUNDS):
        for i, candidate in enumerate(CANDIDATES):
            speeds[i].append(candidate.measure())
    baseline = {c.d: median(speeds[i]) for i, c in enumerate(CANDIDATES) if c.name.startswith("torch")}
    return [
        {
            "candidate": c.name,
            "d": c.d,
            "steps_per_s": median(speeds[i]),
            "slowest": min(speeds[i]),
            "fastest": max(speeds[i]),
            "coordinate_steps_per_s": median(speeds[i]) * c.d,
            "ratio_to_torch": median(speeds[i]) / baseline[c.d],
        }
        for i, c in enumerate(CANDIDATES)
    ]


def show(rows: list[dict[str, float | str]]) -> Table:
    """The measurements as a table for the terminal."""
    table = Table(title=f"One core, median of {ROUNDS} interleaved rounds (smallest to largest)")
    for name in ("", "d", "million steps/s", "million coordinate-steps/s", "× torch loop"):
        table.add_column(name, justify="left" if not name else "right")
    for row in rows:
        speed, low, high = (float(row[key]) / 1e6 for key in ("steps_per_s", "slowest", "fastest"))
        table.add_row(
            str(row["candidate"]), str(row["d"]), f"{speed:.3g} ({low:.3g} to {high:.3g})",
            f"{float(row['coordinate_steps_per_s']) / 1e6:.3g}", f"{float(row['ratio_to_torch']):.0f}",
        )  # fmt: skip
    return table


def main() -> None:
    rows = measure()
    Console(width=120).print(show(rows))
    if "--json" in sys.argv:
        content = json.dumps({"rows": rows, "rounds": ROUNDS, "environment": environment()}, indent=1)
        write_atomic(sys.argv[sys.argv.index("--json") + 1], lambda file: file.write(content.encode()))


if __name__ == "__main__":
    main()
