"""Linear losses f_t(x) = g_t·x on the box [-1, 1]^d: random, answering the iterate, and in growing blocks.

The best fixed point for a sum S of gradients is -sign(S), with total -Σ_i |S_i|.
"""

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Best, Problem
from dwmgrad_ref.problems.random import uniform
from dwmgrad_ref.rules.base import Source

Dimension = Annotated[int, Field(ge=1)]
Start = Annotated[float, Field(ge=-1, le=1)]
BOX = (-1.0, 1.0)
COIN = Source("hazan2016", "section 3.2, the losses of the lower bound, with uniform noise for the coin")
ANSWER = Source("hazan2016", "section 3.2, the losses of the lower bound, with the iterate's sign for the coin")
BLOCKS = Source(
    "cesabianchi2006", "section 2.3, the blocks of the doubling trick, the sign flipped from each to the next"
)


def iid_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """g_i = c[1] + c[2] noise, the noise uniform on [-1, 1) and independent over t and i; c[0] is the seed."""
    total = 0.0
    for i in range(x.size):
        g[i] = c[1] + c[2] * (2.0 * uniform(c[0], t, i) - 1.0)
        total += g[i] * x[i]
    return total


def answering_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """g_i = sign(x_i), 1 at 0: the linear loss that hurts this iterate most."""
    total = 0.0
    for i in range(x.size):
        g[i] = 1.0 if x[i] >= 0.0 else -1.0
        total += g[i] * x[i]
    return total


def blocks_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """g_i = (-1)^(block + i); block 0 has c[0] steps, each later one twice as many as the one before."""
    sign = 1.0
    blocks = (t - 1) // int(c[0]) + 1
    while blocks > 1:
        blocks = blocks >> 1
        sign = -sign
    total = 0.0
    for i in range(x.size):
        g[i] = sign
        total += sign * x[i]
        sign = -sign
    return total


def best_of_sum(T: int, gradient_sum: np.ndarray | None) -> Best:
    """Best point of the box for linear losses from the (d,) sum of their gradients."""
    if gradient_sum is None:
        raise BadInput("the best fixed point for linear losses needs the sum of their gradients, gradient_sum=...")
    S = np.asarray(gradient_sum, dtype=float)
    return Best(0.0 - np.sign(S), -float(np.abs(S).sum()))


@problem("linear-iid", kind="online", source=COIN)
def linear_iid(
    d: Dimension = 10,
    bias: Annotated[float, Field(allow_inf_nan=False)] = 0.1,
    noise: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0,
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0,
    start: Start = 0.0,
) -> Problem:
    """Linear losses with gradients bias + noise·U[-1, 1) i.i.d. over steps and coordinates, on [-1, 1]^d."""
    return Problem(
        name="linear-iid", title="i.i.d. linear losses", source=COIN, kind="online", kernel=iid_loss,
        c=np.array([seed, bias, noise]), x0=np.full(d, start), box=BOX, L=0.0, G=abs(bias) + noise,
        best=best_of_sum, linear=True,
    )  # fmt: skip


@problem("linear-adversarial", kind="online", source=ANSWER)
def linear_adversarial(d: Dimension = 10, start: Start = 0.0) -> Problem:
    """Linear losses whose gradient is the sign of the iterate, chosen by an adaptive adversary, on [-1, 1]^d.

    The loss suffered is Σ|θ_i|, but the comparator is charged sign(θ_t)·u: no smoothness is claimed.
    """
    return Problem(
        name="linear-adversarial", title="adversarial linear losses", source=ANSWER, kind="online",
        kernel=answering_loss, x0=np.full(d, start), box=BOX, G=1.0, best=best_of_sum, linear=True, adaptive=True,
    )  # fmt: skip


@problem("linear-blocks", kind="online", source=BLOCKS)
def linear_blocks(d: Dimension = 10, first: Annotated[int, Field(ge=1)] = 1, start: Start = 0.0) -> Problem:
    """Linear losses whose sign flips in blocks of doubling length, fixed in advance, on [-1, 1]^d."""

    def best(T: int, gradient_sum: np.ndarray | None = None) -> Best:
        total, sign, left, length = 0, 1, T, first
        while left > 0:
            total, sign, left, length = total + sign * min(left, length), -sign, left - length, 2 * length
        return best_of_sum(T, total * (-1.0) ** np.arange(d))

    return Problem(
        name="linear-blocks", title="linear losses in blocks", source=BLOCKS, kind="online", kernel=blocks_loss,
        c=np.array([float(first)]), x0=np.full(d, start), box=BOX, L=0.0, G=1.0, best=best, linear=True,
    )  # fmt: skip
