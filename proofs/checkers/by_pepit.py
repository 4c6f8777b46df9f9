"""Exact worst cases of fixed-step methods over a function class: PEPit, a semidefinite program per case.

The rule's own formula runs on PEPit's points, whose only operations are sums and multiples by numbers: so this
serves the skeletons without a square root of gradients. The solver is numerical, therefore it only supports.
"""

from collections.abc import Callable, Iterator
from typing import Any

from proofs.statements.claim import Check, Outcome

TOLERANCE = 1e-4  # relative; interior-point accuracy is 1e-6 to 1e-8 on these sizes


def worst_case(name: str, says: str, build: Callable[[], Iterator[tuple[str, Any, float]]]) -> Check:
    """Several cases (label, PEPit problem, the value expected); each must be met within TOLERANCE.

    `build` yields them one at a time, because PEPit keeps the problem under construction in global counters.

    """
    return Check(name, "PEPit", says, lambda: _run(build))


def solved(problem: Any) -> float:
    """The worst case, by Clarabel through cvxpy."""
    return float(problem.solve(wrapper="cvxpy", solver="CLARABEL", verbose=0))


def _run(build: Callable[[], Iterator[tuple[str, Any, float]]]) -> Outcome:
    found = [(label, solved(problem), expected) for label, problem, expected in build()]
    detail = "; ".join(f"{label}: {value:.5f}" for label, value, _ in found)
    off = [label for label, value, expected in found if abs(value - expected) > TOLERANCE * abs(expected)]
    return Outcome("fails" if off else "holds", detail + (f"; not as expected: {', '.join(off)}" if off else ""))
