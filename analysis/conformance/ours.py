"""Our rule on given gradients, as the interpreter computes it in float64."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from analysis.conformance.gradients import Sequence
from dwmgrad_ref.rules.base import Rule


class Play(NamedTuple):
    """Iterates x_1..x_{T+1} (T+1, d), and the numbers kept after each step by name, (T, d) each."""

    x: np.ndarray
    state: dict[str, np.ndarray]


Around = Callable[[Any, Any, np.ndarray, np.ndarray, Callable[..., Any]], tuple[Any, np.ndarray]]


def play(rule: Rule, o: Any, sequence: Sequence, around: Around | None = None, functions: Any = None) -> Play:
    """Step the rule through the sequence.

    Args:
        o: the rule's encoded options.
        around: `around(o, k, x, g, step) -> (Coord, x')` takes each coordinate step in place of `step(k, x, g)`; it is
            how a weight decay that the rule does not have is put around it.
        functions: other functions (coord, shared) than the rule's, with its state.
    """
    coord, shared = functions or (rule.coord, rule.shared)
    x = sequence.x.copy()
    k, c = rule.begin(o, x)
    iterates: list[np.ndarray] = [x]
    kept: dict[str, list[np.ndarray]] = {name: [] for name in rule.Coord._fields if name != "past"}
    with np.errstate(all="ignore"):
        for g, loss in zip(sequence.g, sequence.losses, strict=True):
            k = shared(o, k, float(loss))

            def step(k: Any, x: np.ndarray, g: np.ndarray, before: Any = c) -> Any:
                return coord(o, k, before, x, g)

            c, x = around(o, k, x, g, step) if around else step(k, x, g)
            iterates.append(np.asarray(x, dtype=float))
            for name, values in kept.items():
                values.append(np.broadcast_to(np.asarray(getattr(c, name), dtype=float), x.shape))
    return Play(np.array(iterates), {name: np.array(values) for name, values in kept.items()})
