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


def adabelief(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, eps: float, inside: bool = True
) -> Iterator[Array]:
    m, s = 0 * x, 0 * x
    for t, g in enumerate(gradients, 1):
        m = b1 * m + (1 - b1) * g
        s = b2 * s + (1 - b2) * (g - m) ** 2 + (eps if inside else 0)
        x = x - lr * (m / (1 - b1**t)) / (np.sqrt(s / (1 - b2**t)) + eps)
        yield x


def adabound_of_the_paper(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, final: float, gamma: float, largest: bool = False
) -> Iterator[Array]:
    m, v, vhat = 0 * x, 0 * x, 0 * x
    for t, g in enumerate(gradients, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        vhat = np.maximum(vhat, v) if largest else v
        eta = np.clip(lr / np.sqrt(vhat), final - final / (gamma * t + 1), final + final / (gamma * t))
        x = x - eta / np.sqrt(t) * m
        yield x


def adabound_released(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, eps: float, final: float, gamma: float
) -> Iterator[Array]:
    m, v = 0 * x, 0 * x
    for t, g in enumerate(gradients, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        size = lr * np.sqrt(1 - b2**t) / (1 - b1**t)
        x = x - np.clip(size / (np.sqrt(v) + eps), final * (1 - 1 / (gamma * t + 1)), final * (1 + 1 / (gamma * t))) * m
        yield x


def qhm(x: Array, gradients: Array, lr: float, beta: float, nu: float) -> Iterator[Array]:
    buffer = 0 * x
    for g in gradients:
        buffer = beta * buffer + (1 - beta) * g
        x = x - lr * ((1 - nu) * g + nu * buffer)
        yield x


def qhadam(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, nu1: float, nu2: float, eps: float
) -> Iterator[Array]:
    m, v = 0 * x, 0 * x
    for t, g in enumerate(gradients, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        up = (1 - nu1) * g + nu1 * m / (1 - b1**t)
        x = x - lr * up / (np.sqrt((1 - nu2) * g * g + nu2 * v / (1 - b2**t)) + eps)
        yield x


def aggmo(x: Array, gradients: Array, lr: float, betas: tuple[float, ...]) -> Iterator[Array]:
    v = [0 * x for _ in betas]
    for g in gradients:
        v = [beta * one - g for beta, one in zip(betas, v, strict=True)]
        x = x + lr / len(betas) * np.sum(v, axis=0)
        yield x


def adan_of_the_paper(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, b3: float, eps: float, decay: float,
    corrected: bool = False, proximal: bool = True,
) -> Iterator[Array]:  # fmt: skip
    """b1, b2, b3 as the paper has them: the share of what is new."""
    m, v, n, last = 0 * x, 0 * x, 0 * x, gradients[0]
    for t, g in enumerate(gradients, 1):
        m = (1 - b1) * m + b1 * g
        v = (1 - b2) * v + b2 * (g - last)
        n = (1 - b3) * n + b3 * (g + (1 - b2) * (g - last)) ** 2
        k1, k2, k3 = (1 - (1 - b) ** t if corrected else 1 for b in (b1, b2, b3))
        eta = lr / (np.sqrt(n / k3) + eps)
        step = eta * (m / k1 + (1 - b2) * v / k2)
        x, last = (x - step) / (1 + decay * lr) if proximal else (1 - lr * decay) * x - step, g
        yield x


def adopt(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, eps: float, clip: bool = True
) -> Iterator[Array]:
    v, m = gradients[0] ** 2, 0 * x
    yield x
    for t, g in enumerate(gradients[1:], 1):
        u = g / np.maximum(np.sqrt(v), eps)
        m = b1 * m + (1 - b1) * (np.clip(u, -(t**0.25), t**0.25) if clip else u)
        x, v = x - lr * m, b2 * v + (1 - b2) * g * g
        yield x


def ademamix(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, b3: float, alpha: float, eps: float,
    decay: float = 0.0, warmup: float = 0.0,
) -> Iterator[Array]:  # fmt: skip
    m1, m2, v = 0 * x, 0 * x, 0 * x
    for t, g in enumerate(gradients, 1):
        a, b = alpha, b3
        if warmup:
            a, s = min(t * alpha / warmup, alpha), t / warmup
            b = min(np.exp(np.log(b1) * np.log(b3) / ((1 - s) * np.log(b3) + s * np.log(b1))), b3) if s < 1 else b3
        m1, m2, v = b1 * m1 + (1 - b1) * g, b * m2 + (1 - b) * g, b2 * v + (1 - b2) * g * g
        x = x - lr * ((m1 / (1 - b1**t) + a * m2) / (np.sqrt(v / (1 - b2**t)) + eps) + decay * x)
        yield x


def schedule_free_sgd(
    x: Array, gradients: Array, lr: float, beta: float, decay: float = 0.0, warmup: int = 1, start: bool = False
) -> Iterator[Array]:
    """The points y at which the gradients are taken, from the three sequences of the paper."""
    z = y = x
    total = lr**2 if start else 0.0
    for t, g in enumerate(gradients, 1):
        step = lr * min(1, t / warmup)
        total += step**2
        z = z - step * (g + decay * y)
        x = (1 - step**2 / total) * x + step**2 / total * z
        y = (1 - beta) * z + beta * x
        yield y


def schedule_free_adamw(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, eps: float, decay: float = 0.0, warmup: int = 1,
    corrected: bool = False,
) -> Iterator[Array]:  # fmt: skip
    z, y, v, total = x, x, 0 * x, 0.0
    for t, g in enumerate(gradients, 1):
        v = b2 * v + (1 - b2) * g * g
        step = lr * min(1, t / warmup) * (1 if corrected else np.sqrt(1 - b2**t))
        total += step**2
        z = z - step * g / (np.sqrt(v / (1 - b2**t) if corrected else v) + eps) - step * decay * y
        x = (1 - step**2 / total) * x + step**2 / total * z
        y = (1 - b1) * z + b1 * x
        yield y


def cautious_adamw(
    x: Array, gradients: Array, lr: float, b1: float, b2: float, eps: float, decay: float = 0.0
) -> Iterator[Array]:
    m, v = 0 * x, 0 * x
    for t, g in enumerate(gradients, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        u = m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps)
        x = x - lr * decay * x - lr * u * (u * g > 0)
        yield x


def adafactor(x: Array, gradients: Array, lr: float, c: float, eps: float, decreasing: bool = True) -> Iterator[Array]:
    v = 0 * x
    for t, g in enumerate(gradients, 1):
        beta = 1 - t**-c
        v = beta * v + (1 - beta) * (g * g + eps)
        x = x - (min(lr, t**-0.5) if decreasing else lr) * g / np.sqrt(v)
        yield x
