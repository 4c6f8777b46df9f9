"""The atlas' methods once more, in plain NumPy: as generators of theta_2, theta_3, ... on given gradients.

Each is written from its paper or from torch's documentation, in that notation and with powers of t taken anew at every
step, and knows nothing of `dwmgrad_ref`.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

Array = Any


def signsgd(x: Array, gradients: Array, lr: float, root: bool = False) -> Iterator[Array]:
    for t, g in enumerate(gradients, 1):
        x = x - (lr / t**0.5 if root else lr) * np.sign(g)
        yield x


def signum(x: Array, gradients: Array, lr: float, beta: float, decay: float = 0.0) -> Iterator[Array]:
    m = 0 * x
    for g in gradients:
        m = beta * m + (1 - beta) * g
        x = (1 - lr * decay) * x - lr * np.sign(m)
        yield x


def lion(x: Array, gradients: Array, lr: float, b1: float, b2: float, decay: float = 0.0) -> Iterator[Array]:
    m = 0 * x
    for g in gradients:
        x, m = x - lr * (np.sign(b1 * m + (1 - b1) * g) + decay * x), b2 * m + (1 - b2) * g
        yield x


def adamax_of_the_paper(x: Array, gradients: Array, lr: float, b1: float, b2: float) -> Iterator[Array]:
    m, u = 0 * x, 0 * x
    for t, g in enumerate(gradients, 1):
        m = b1 * m + (1 - b1) * g
        u = np.maximum(b2 * u, np.abs(g))
        x = x - lr / (1 - b1**t) * m / u
        yield x


def radam_of_the_paper(x: Array, gradients: Array, lr: float, b1: float, b2: float) -> Iterator[Array]:
    m, v, limit = 0 * x, 0 * x, 2 / (1 - b2) - 1
    for t, g in enumerate(gradients, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        mhat, rho = m / (1 - b1**t), limit - 2 * t * b2**t / (1 - b2**t)
        if rho > 4:
            scale = np.sqrt((1 - b2**t) / v)
            r = np.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
            x = x - lr * r * mhat * scale
        else:
            x = x - lr * mhat
        yield x


def yogi(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, eps: float, v0: float = 0.0, corrected: bool = False
) -> Iterator[Array]:
    m, v = 0 * x, v0 + 0 * x
    for t, g in enumerate(gradients, 1):
        m = b1 * m + (1 - b1) * g
        v = v - (1 - b2) * np.sign(v - g**2) * g**2
        mhat, vhat = (m / (1 - b1**t), v / (1 - b2**t)) if corrected else (m, v)
        x = x - lr * mhat / (np.sqrt(vhat) + eps)
        yield x
