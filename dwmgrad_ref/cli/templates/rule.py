"""my-rule: step by a running mean of the gradient, divided by the largest gradient so far.

    m_t         = beta m_{t-1} + (1 - beta) g_t
    p_t         = max(p_{t-1}, |g_t|)
    theta_{t+1} = theta_t - alpha m_t / (p_t + eps)

A formula is written once, for one coordinate. Floats, arrays, symbols, solver terms and compiled code run the same
lines, so use only + - * / and the functions of `dwmgrad_ref.ops` (ops.sqrt, ops.maximum, ops.where, ...): `math.sqrt`,
`if` and `max` work on floats alone. docs/operations.md lists the functions.
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Epsilon, Rule, Source, StepSize, option


class Options(NamedTuple):
    """What the user chooses. Each option needs an annotation with its meaning and its range, and a default."""

    alpha: StepSize = 0.01
    beta: Annotated[float, option("decay rate of the mean gradient", ge=0, lt=1)] = 0.9
    eps: Epsilon = 1e-8


class Shared(NamedTuple):
    """What all coordinates share after step t. The step counter t is the least that it may have."""

    t: float


class Coord(NamedTuple):
    """What one coordinate remembers after step t. Every field starts at 0."""

    m: float
    p: float


def start(o: Any) -> Shared:
    """The shared state before the first step; `o` holds the options."""
    return Shared(t=0)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    """The shared state of this step, from that of the step before and the loss f_t(theta_t)."""
    return Shared(t=k.t + 1)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    """One coordinate's step: its new memory and its new value, from its memory `c`, value `x` and gradient `g`."""
    m = o.beta * c.m + (1 - o.beta) * g
    p = ops.maximum(c.p, ops.absolute(g))
    return Coord(m, p), x - o.alpha * m / (p + o.eps)


# If your step is a preconditioned step of descent, state its preconditioner h, so that the regret certificate and the
# potential condition are computed: define `potential` as docs/extending.md shows, and pass it to Rule as the last
# argument. A rule without it runs as well.

# The key of a work in references.bib that states the formula, and the place in it. Name what your rule changes there.
SOURCE = Source("duchi2011", "the largest gradient in place of the root of the sum of squares")

MY_RULE = Rule(
    "my-rule", "mean gradient over the largest gradient", SOURCE, Options, Shared, Coord, start, shared, coord
)  # fmt: skip
