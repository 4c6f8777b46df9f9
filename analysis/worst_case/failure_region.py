"""Where a capped window goes to the worst point: closed-form boundary and simulated points in the (C, k) plane.

    python -m analysis.worst_case.failure_region [--out FILE.csv]

Claims R6, R6-converse and R6-region: for k >= 3 the periodic family fails exactly for k - 1 < C < C-bar(k, delta).
"""

import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from dwmgrad_ref import problems, run
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.files import write_atomic
from proofs.models import periodic

DELTAS = (2.0, 10.0, 100.0)
PERIODS = (3, 4, 5, 7, 10, 15, 20, 30, 50)


def boundary(k: int, delta: float) -> float:
    """C-bar(k, delta), the upper end of the failing gradients C; nan for k = 2, inf for delta = 1.

    Solved in log C, because it grows exponentially with k.

    Raises:
        BadInput: k < 2 or delta not in [1, inf).
    """
    if k < 2 or not 1 <= delta < math.inf:
        raise BadInput(f"k={k}, delta={delta} is not allowed; expected k >= 2 and 1 <= delta < inf")
    if k == 2:
        return math.nan
    if delta == 1:
        return math.inf

    def drift(log_C: float) -> float:
        return periodic.drift(math.exp(log_C), k, delta)

    high = math.log(k)
    while drift(high) > 0:
        if high > 300:  # C² would overflow; the boundary is beyond any gradient
            return math.inf
        high += 1.0
    root: Any = brentq(drift, math.log(k - 1), high, xtol=1e-13)  # scipy types it as a pair too
    return math.exp(root)


def simulated(C: float, k: int, delta: float, gamma: float = 0.9) -> bool:
    """Whether the run itself ends at the worst point +1, by the compiled formula with alpha_t = alpha/√t from 0.

    R6-drift gives the length: the end of the box is reached by T_1, and 3 F alpha_t is below 1 after (3 F alpha)²
    steps; this alpha makes both about as long.
    """
    begin = periodic.start(C, k, delta, gamma, omega0=min(5.0, delta))
    m = abs(begin.m)
    alpha = math.sqrt(2 / (3 * begin.F * m))
    arrival = (math.sqrt(begin.t0) + (2 + 2 * begin.F * alpha / math.sqrt(begin.t0)) / (alpha * m)) ** 2
    steps = int(max(arrival, (3 * begin.F * alpha) ** 2)) + 2 * k
    problem = problems.get("periodic", C=C, k=k)
    trace = run("dwmgrad", problem, steps, ["iterate"], grid=[steps], alpha=alpha, schedule="sqrt", delta=delta,
                gamma=gamma, omega0=min(5.0, delta), eps=0.0)  # fmt: skip
    return float(trace.frame.iloc[-1]["theta_0"]) > 0


def table(deltas: Iterable[float] = DELTAS, periods: Iterable[int] = PERIODS) -> pd.DataFrame:
    """Per (delta, k): k - 1, C-bar, and what simulation finds inside and outside the boundary, a tenth of the way.

    `inside` and `outside` are the simulated C; `inside_fails` and `outside_fails` whether the run ended at +1.
    """
    rows = []
    for delta in deltas:
        for k in periods:
            end = boundary(k, delta)
            inside, outside = (k - 1) + 0.9 * (min(end, 1e4) - (k - 1)), min(end, 1e4) + 0.1 * (min(end, 1e4) - (k - 1))
            row = {"delta": delta, "k": k, "C_low": k - 1.0, "C_bar": end, "inside": inside, "outside": np.nan}
            row |= {"inside_fails": simulated(inside, k, delta), "outside_fails": np.nan}
            if end < 1e4:
                row |= {"outside": outside, "outside_fails": simulated(outside, k, delta)}
            rows.append(row)
    return pd.DataFrame(rows)


def main(arguments: list[str]) -> None:
    """Print the table, and write it as CSV with --out."""
    found = table()
    print(found.to_string(index=False))
    if "--out" in arguments:
        path = Path(arguments[arguments.index("--out") + 1])
        write_atomic(path, lambda file: file.write(found.to_csv(index=False).encode()))


if __name__ == "__main__":
    main(sys.argv[1:])
