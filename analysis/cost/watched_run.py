"""The watched run: the engine's own driver on linear losses, with an observer on or off.

`looking` is what any observer's kernel costs before it does anything: the preconditioner and the mirrored iterate
at every step. Observers without a kernel read only at logged steps, which are not part of what is timed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dwmgrad_ref import observers, problems, rules
from dwmgrad_ref.execution.driver import Engine, Workspace

PROBLEM = "linear-iid"  # every observer's kernel is wanted on it


def nothing(t: Any, x: Any, g: Any, h: Any, damp: Any, z: Any, w: Any, u: Any, rows: Any, totals: Any) -> None:
    totals[0] += 0.0


def statement(rule: str, d: int, n: int, observer: str) -> tuple[Callable[[], None], int]:
    """A call that takes n steps, and the bytes of the run's workspace.

    Args:
        observer: a name, "" for none, "looking", or "all".
    """
    problem, chosen = problems.get(PROBLEM, d=d), rules.get(rule)
    options = chosen.options()
    if observer == "looking":
        kernels, counts = [nothing], [0]
    else:
        names = observers.names() if observer == "all" else [observer] if observer else []
        active = [o for o in observers.get_all(names) if o.kernel_on(problem)]
        kernels, counts = [o.kernel for o in active], [o.rows for o in active]
    space = Workspace.fresh(chosen, options, np.array(problem.x0), counts)
    engine = Engine(chosen, options, problem, kernels, np.zeros(d))
    return lambda: _again(engine, space, n), sum(a.nbytes for a in space.arrays().values())


def _again(engine: Engine, space: Workspace, n: int) -> None:
    engine.advance(space, 2, n + 1)
