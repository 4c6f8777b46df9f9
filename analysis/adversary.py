"""The worst regret found for a rule, beside its proved bound, over the number of steps.

    python -m analysis.adversary [--csv FILE]

A ratio near 1 says that the bound can hardly be improved; a ratio above 1 would refute it.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from dwmgrad_ref.files import write_atomic
from proofs.engines.by_search import Worst, worst_sequence

STEPS = (10, 30, 100, 300, 1000)
D, G = 2.0, 1.0  # width of the box [-1, 1], largest gradient


@dataclass(frozen=True)
class Setting:
    """A rule with options, or options for each T; `relative` if its bound is a multiple of sqrt(Σ g²)."""

    name: str
    rule: str
    options: dict[str, Any] | Callable[[int], dict[str, Any]]
    relative: bool = True

    def at(self, T: int) -> dict[str, Any]:
        """The options for a run of T steps."""
        return self.options(T) if callable(self.options) else self.options


def expanding(omega0: float) -> dict[str, Any]:
    """DWMGrad as in R3, with the step size that makes its bound smallest."""
    alpha = D / (2 * (1 + omega0) ** 0.5) ** 0.5
    return {"alpha": alpha, "gamma": 0.0, "delta": float("inf"), "omega0": omega0, "eps": 0.0, "schedule": "sqrt"}


def constant(T: int) -> dict[str, Any]:
    return {"alpha": D / (G * T**0.5)}


SETTINGS = (
    Setting("dwmgrad, expanding, omega0 = 0", "dwmgrad", expanding(0.0)),
    Setting("dwmgrad, expanding, omega0 = 5", "dwmgrad", expanding(5.0)),
    Setting("dwmgrad, delta = 10", "dwmgrad", expanding(5.0) | {"delta": 10.0}),
    Setting("adagrad", "adagrad", {"alpha": D / 2**0.5, "eps": 0.0}),
    Setting("sgd, D/(sqrt(2) G sqrt(t))", "sgd", {"alpha": D / (2**0.5 * G), "schedule": "sqrt"}, relative=False),
    Setting("sgd, D/(G sqrt(T))", "sgd", constant, relative=False),
)


def table(
    settings: Sequence[Setting] = SETTINGS, steps: Sequence[int] = STEPS, seed: int = 0, effort: float = 1.0
) -> Iterator[dict[str, Any]]:
    """One row a setting and T: regret found, bound (nan where none is proved), ratio, regret/T, seconds, g as text.

    Every T also starts from what was found for the smaller ones.

    Args:
        effort: multiplies the steps of gradient ascent; 1 keeps T = 1000 under a minute.
    """
    for setting in settings:
        earlier: list[Worst] = []
        for T in steps:
            began = time.perf_counter()
            worst = worst_sequence(
                setting.rule, T, setting.relative, seed, iterations=int(effort * min(150, max(40, 30_000 // T))),
                polish=int(effort * 10_000), earlier=earlier, **setting.at(T),
            )  # fmt: skip
            earlier.insert(0, worst)
            yield {
                "setting": setting.name, "T": T, "regret": worst.regret, "bound": worst.bound, "ratio": worst.ratio,
                "regret_per_step": worst.regret / T, "seconds": time.perf_counter() - began,
                "start": worst.start, "g": " ".join(f"{value:.6g}" for value in worst.g),
            }  # fmt: skip


def main() -> None:
    rows = []
    for row in table():
        rows.append(row)
        Console().print(f"{row['setting']:32} T = {row['T']:4}  ratio {row['ratio']:.4f}  {row['seconds']:.1f} s")
    if "--csv" in sys.argv:
        path = Path(sys.argv[sys.argv.index("--csv") + 1])
        write_atomic(path, lambda file: pd.DataFrame(rows).to_csv(file, index=False))


if __name__ == "__main__":
    main()
