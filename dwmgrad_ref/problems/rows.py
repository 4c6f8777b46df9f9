"""Losses that are a mean over rows of a table: the arithmetic their kernels share.

Such a kernel finds its rows in A, the order in which they are visited in b (a permutation, or several one
after the other, repeated for ever), and in c the weight of ½|x|² and the number of rows that one f_t
averages. With the order 0..n-1 and all n rows at once f_t is the loss of the whole table.
"""

from typing import Any

import numpy as np


def dot(A: Any, i: Any, x: Any, first: Any, count: Any) -> Any:
    """Σ_j A[i, j] x[first + j], j < count; four partial sums, because one would wait for each addition."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    whole = count - count % 4
    for j in range(0, whole, 4):
        s0 += A[i, j] * x[first + j]
        s1 += A[i, j + 1] * x[first + j + 1]
        s2 += A[i, j + 2] * x[first + j + 2]
        s3 += A[i, j + 3] * x[first + j + 3]
    for j in range(whole, count):
        s0 += A[i, j] * x[first + j]
    return (s0 + s1) + (s2 + s3)


def add_row(g: Any, first: Any, A: Any, i: Any, count: Any, scale: Any) -> Any:
    """g[first + j] += scale A[i, j], j < count."""
    for j in range(count):
        g[first + j] += scale * A[i, j]


def ridge(weight: Any, x: Any, g: Any) -> Any:
    """½ weight |x|²; its gradient starts g."""
    total = 0.0
    for i in range(x.size):
        g[i] = weight * x[i]
        total += 0.5 * g[i] * x[i]
    return total


def log_loss(margin: Any) -> Any:
    """log(1 + exp(-margin)) and its derivative, from one exponential that cannot overflow."""
    if margin > 0.0:
        e = np.exp(-margin)
        return np.log1p(e), -e / (1.0 + e)
    e = np.exp(margin)
    return np.log1p(e) - margin, -1.0 / (1.0 + e)
