"""The worst regret found for a rule, beside its proved bound, over the number of steps.

    python -m analysis.adversary [--csv FILE]

A ratio near 1 says that the bound can hardly be improved; a ratio above 1 would refute it.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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
    """A rule with options; `relative` if its bound is a multiple of sqrt(Σ g²), so that only the ratio matters."""

    name: str
    rule: str
    options: dict[str, Any] = field(default_factory=dict)
    relative: bool = True


def expanding(omega0: float) -> dict[str, Any]:
    """DWMGrad as in R3, with the step size that makes its bound smallest."""
    alpha = D / (2 * (1 + omega0) ** 0.5) ** 0.5
    return {"alpha": alpha, "gamma": 0.0, "delta": float("inf"), "omega0": omega0, "eps": 0.0, "schedule": "sqrt"}


SETTINGS = (
    Setting("dwmgrad, expanding, omega0 = 0", "dwmgrad", expanding(0.0)),
    Setting("dwmgrad, expanding, omega0 = 5", "dwmgrad", expanding(5.0)),
    Setting("dwmgrad, delta = 10", "dwmgrad", expanding(5.0) | {"delta": 10.0}),
    Setting("adagrad", "adagrad", {"alpha": D / 2**0.5, "eps": 0.0}),
    Setting("sgd, D/(sqrt(2) G sqrt(t))", "sgd", {"alpha": D / (2**0.5 * G), "schedule": "sqrt"}, relative=False),
)


def table(
    settings: Sequence[Setting] = SETTINGS, steps: Sequence[int] = STEPS, seed: int = 0
) -> Iterator[dict[str, Any]]:
    """One row a setting and T: regret found, bound (nan where none is proved), ratio, regret/T, seconds, g as text."""
    for setting in settings:
        shape = None
        for T in steps:
            began = time.perf_counter()
            worst: Worst = worst_sequence(setting.rule, T, setting.relative, seed, shape=shape, **setting.options)
            shape = worst.g
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
