"""Losses in which parameters multiply each other: matrix factorization, phase retrieval, a small autoencoder.

Each is made around a known solution of value 0, in numbers that make the value there exact or exact to rounding.
"""

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Optimum, Problem
from dwmgrad_ref.rules.base import Source

Count = Annotated[int, Field(ge=1, le=1000)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
FACTORS = Source("koren2009", "the squared error of a product of two factors, without regularization")
PHASE = Source("candes2015", "the intensity loss (1/4m) Σ ((a·x)² - b)², for real signals")
AUTOENCODER = Source("hinton2006", "an autoencoder with one hidden layer and squared error, here on patterns of signs")


def matrix_factorization_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """½ Σ (u_i · v_j - A_ij)², U the first n r parameters and V the others, r = c[0] of them a row."""
    n, m, r = A.shape[0], A.shape[1], int(c[0])
    total = 0.0
    for i in range(x.size):
        g[i] = 0.0
    for i in range(n):
        for j in range(m):
            e = -A[i, j]
            for k in range(r):
                e = e + x[i * r + k] * x[(n + j) * r + k]
            total += 0.5 * e * e
            for k in range(r):
                g[i * r + k] += e * x[(n + j) * r + k]
                g[(n + j) * r + k] += e * x[i * r + k]
    return total


def phase_retrieval_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """(1/4m) Σ_i ((A_i · x)² - b_i)²."""
    m, d = A.shape
    total = 0.0
    for j in range(d):
        g[j] = 0.0
    for i in range(m):
        s = A[i, 0] * x[0]
        for j in range(1, d):
            s = s + A[i, j] * x[j]
        e = s * s - b[i]
        total += e * e / (4.0 * m)
        for j in range(d):
            g[j] += e * s * A[i, j] / m
    return total


def autoencoder_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """(1/2n) Σ_k |W_2 tanh(W_1 a_k) - a_k|², a_k the rows of A; W_1 (h, p) and then W_2 (p, h), h = c[0]."""
    n, p, h = A.shape[0], A.shape[1], int(c[0])
    second = h * p
    total = 0.0
    for i in range(x.size):
        g[i] = 0.0
    for k in range(n):
        for i in range(p):
            e = -A[k, i]
            for j in range(h):
                s = 0.0 * x[0]
                for l in range(p):  # noqa: E741
                    s = s + x[j * p + l] * A[k, l]
                e = e + x[second + i * h + j] * np.tanh(s)
            total += 0.5 * e * e / n
            for j in range(h):
                s = 0.0 * x[0]
                for l in range(p):  # noqa: E741
                    s = s + x[j * p + l] * A[k, l]
                y = np.tanh(s)
                g[second + i * h + j] += e * y / n
                back = e * x[second + i * h + j] * (1.0 - y * y) / n
                for l in range(p):  # noqa: E741
                    g[j * p + l] += back * A[k, l]
    return total


def _planted(x: np.ndarray) -> Optimum:
    return Optimum(x, 0.0, 0.0, "planted: the loss is a sum of squares, and 0 at the point that it was made from")


@problem("matrix-factorization", kind="nonconvex", source=FACTORS)
def matrix_factorization(n: Count = 6, m: Count = 5, rank: Count = 2, seed: Seed = 0) -> Problem:
    """½|U Vᵀ - M|² for a matrix M of that rank, from small random factors; minimum 0 at the planted factors.

    The planted factors are multiples of ½ between -1 and 1, so that their product is exact.
    """
    random = np.random.default_rng(seed)
    planted = random.integers(-2, 3, ((n + m) * rank)) / 2
    planted[:: rank + 1] = 1.0  # no factor is zero
    M = planted[: n * rank].reshape(n, rank) @ planted[n * rank :].reshape(m, rank).T
    return Problem(
        name="matrix-factorization", title="matrix factorization", source=FACTORS, kind="nonconvex",
        kernel=matrix_factorization_loss, x0=0.1 * random.standard_normal(planted.size), A=M, c=np.array([float(rank)]),
        optimum=lambda: _planted(planted),
    )  # fmt: skip


@problem("phase-retrieval", kind="nonconvex", source=PHASE)
def phase_retrieval(d: Count = 5, m: Count = 30, seed: Seed = 0) -> Problem:
    """Phase retrieval of a real signal from m intensities (a·x)², from a random point; minimum 0 at ± the signal.

    Measurements and signal are multiples of ¼, so that the intensities are exact.
    """
    random = np.random.default_rng(seed)
    A = np.ascontiguousarray(np.rint(4 * random.standard_normal((m, d))) / 4)
    signal = np.rint(4 * random.standard_normal(d)) / 4
    signal[0] = 1.0
    return Problem(
        name="phase-retrieval", title="phase retrieval", source=PHASE, kind="nonconvex", kernel=phase_retrieval_loss,
        x0=random.standard_normal(d), A=A, b=(A @ signal) ** 2, optimum=lambda: _planted(signal),
    )  # fmt: skip


@problem("autoencoder", kind="nonconvex", source=AUTOENCODER)
def autoencoder(hidden: Annotated[int, Field(ge=1, le=6)] = 3, copies: Count = 2, seed: Seed = 0) -> Problem:
    """An autoencoder with tanh in its hidden layer, on all patterns of signs, from small random weights.

    A pattern has `hidden` signs, written `copies` times. W_1 that picks the signs and W_2 that repeats them over
    tanh(1) have the value 0.
    """
    signs = np.array([[1.0 if k >> j & 1 else -1.0 for j in range(hidden)] for k in range(2**hidden)])
    A, pick = np.tile(signs, (1, copies)), np.hstack([np.eye(hidden), np.zeros((hidden, hidden * (copies - 1)))])
    spread = np.tile(np.eye(hidden), (copies, 1)) / np.tanh(1.0)
    planted = np.concatenate([pick.ravel(), spread.ravel()])
    x0 = 0.3 * np.random.default_rng(seed).standard_normal(planted.size)
    return Problem(
        name="autoencoder", title="a small autoencoder", source=AUTOENCODER, kind="nonconvex", kernel=autoencoder_loss,
        x0=x0, A=np.ascontiguousarray(A), c=np.array([float(hidden)]), optimum=lambda: _planted(planted),
    )  # fmt: skip
