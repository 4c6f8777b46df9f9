"""The worst regret found for a rule, beside its proved bound, over the number of steps.

    python -m analysis.worst_case.adversary [--csv FILE]

A ratio near 1 says that the bound can hardly be improved; a ratio above 1 would refute it.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from dwmgrad_ref.files import write_atomic
from proofs.checkers.by_search import Worst, played, worst_sequence

STEPS = (10, 30, 100, 300, 1000)
D, G = 2.0, 1.0  # width of the box [-1, 1], largest gradient


@dataclass(frozen=True)
class Setting:
    """A rule with options, or options for each T; `relative` if its bound is a multiple of sqrt(Σ g²)."""

    name: str
    rule: str
    options: dict[str, Any] | Callable[[int], dict[str, Any]]
    relative: bool = True
    twin: str = ""  # a setting that takes the same steps, so that the same gradients are its worst

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
    Setting("adagrad", "adagrad", {"alpha": D / 2**0.5, "eps": 0.0}, twin="dwmgrad, expanding, omega0 = 0"),
    Setting("sgd, D/(sqrt(2) G sqrt(t))", "sgd", {"alpha": D / (2**0.5 * G), "schedule": "sqrt"}, relative=False),
    Setting("sgd, D/(G sqrt(T))", "sgd", constant, relative=False),
)


def table(
    settings: Sequence[Setting] = SETTINGS, steps: Sequence[int] = STEPS, seeds: Sequence[int] = (0,)
) -> Iterator[dict[str, Any]]:
    """One row a setting and T, as `row` has it, with the seconds it took.

    Every T also starts from what was found for the smaller ones. A setting with a twin, which comes before it, plays
    what was found for the twin.

    Args:
        seeds: of the searches, of which the best is told; from 300 steps on only the first.
    """
    found: dict[str, list[Worst]] = {}
    for setting in settings:
        earlier = found.setdefault(setting.name, [])
        for i, T in enumerate(steps):
            began = time.perf_counter()
            if setting.twin:
                best = found[setting.twin][-1 - i]
            else:
                tried = [
                    worst_sequence(setting.rule, T, setting.relative, seed, earlier=earlier, **setting.at(T))
                    for seed in seeds[: 1 if T >= 300 else None]
                ]
                best = max(tried, key=lambda w: (np.nan_to_num(w.ratio), w.regret))
            earlier.insert(0, best)
            text = " ".join(f"{value:.6g}" for value in best.g)
            yield row(setting, best.start, text) | {"seconds": time.perf_counter() - began}


def row(setting: Setting, start: float, text: str) -> dict[str, Any]:
    """A sequence as told, played by the setting's rule: its regret, proved bound (nan if none), ratio, regret/T."""
    g = np.array(text.split(), dtype=float)
    regret, bound = played(setting.rule, g, start, **setting.at(g.size))
    return {"setting": setting.name, "T": g.size, "regret": regret, "bound": bound, "ratio": regret / bound,
            "regret_per_step": regret / g.size, "start": start, "g": text}  # fmt: skip


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
