"""How many steps, and which of them are logged."""

from collections.abc import Sequence

import numpy as np

from dwmgrad_ref.errors import BadInput


def grid_points(grid: str | int | Sequence[int], steps: int) -> np.ndarray:
    """The logged steps, increasing, the last one `steps`.

    Raises:
        BadInput: not "log", a positive int or increasing steps within 1..steps.
    """
    if isinstance(grid, str):
        if grid != "log":
            raise BadInput(f"grid={grid!r} is not known; expected 'log', a positive int or a sequence of steps")
        count = 1 + int(24 * np.log10(steps)) if steps > 1 else 1
        points = np.unique(np.rint(np.geomspace(1, steps, count)).astype(np.int64))
    elif isinstance(grid, int | np.integer):
        if grid < 1:
            raise BadInput(f"grid={grid} is not allowed; every k-th step needs k >= 1")
        points = np.arange(grid, steps + 1, grid, dtype=np.int64)
    else:
        points = np.asarray(grid)
        if points.ndim != 1 or points.size == 0 or points.dtype.kind != "i" or np.any(np.diff(points) <= 0):
            raise BadInput("grid must be increasing whole steps, such as [1, 10, 100]")
        if points[0] < 1 or points[-1] > steps:
            raise BadInput(f"grid goes from {points[0]} to {points[-1]}; expected steps within 1..{steps}")
    return np.union1d(points, [steps]).astype(np.int64)


def whole(steps: int | float) -> int:
    """The number of steps as an int, from 1e6 too; BadInput if it is none."""
    if isinstance(steps, bool) or not np.isfinite(steps) or steps != int(steps) or steps < 1:
        raise BadInput(f"steps={steps!r} is not allowed; expected a whole number, at least 1")
    return int(steps)
