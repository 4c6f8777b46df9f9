"""One coordinate's whole step: the rule's formula, with what an optimizer of PyTorch adds around it.

Maximizing is minimizing -f, so the gradient changes sign (and the loss, in `losses.py`). Coupled weight decay is
the gradient of λ/2 θ², added to g; a rule whose formula has its own λ gets it there instead. Decoupled weight decay
[loshchilov2019] first shrinks θ by the step size of this step times λ.
"""

from typing import Any, NamedTuple

from dwmgrad_ref.rules.base import Rule


class Around(NamedTuple):
    """What is added around the formula; settled before the run, so each combination is traced or compiled once."""

    maximize: bool = False
    coupled: bool = False
    decoupled: bool = False


def coordinate_step(rule: Rule, around: Around, o: Any, k: Any, c: Any, x: Any, g: Any, decay: Any) -> Any:
    """(Coord, theta') on any kind of number: floats, tensors, or what `tape.py` and `fused.py` trace with.

    Args:
        o, k: encoded options and the shared state of this step (already advanced).
        c, x, g: state before the step, theta_t and its gradient as autograd gave it.
        decay: λ; read only if `around` has weight decay.
    """
    if around.maximize:
        g = -g
    if around.coupled:
        g = g + decay * x
    if around.decoupled:
        x = x * (1 - step_size(o, k) * decay)
    return rule.coord(o, k, c, x, g)


def step_size(o: Any, k: Any) -> Any:
    """alpha_t: the shared state's where the rule schedules it, else the option."""
    return k.alpha if "alpha" in k._fields else o.alpha
