"""The window as a walk: its moves, what a coin flip or unrelated losses would give, and statistics of both.

Under `increase` and `decrease` the window moves by the sign of a difference of losses. Two walks know nothing of
progress: a fair coin's, and that of independent losses from one continuous distribution. The second is not a
coin: after a rise a fall is likelier. Two consecutive signs agree with probability 1/3 (the middle one of three
exchangeable values is the median), so their correlation is -1/3; signs further apart are independent, so the sum of
k signs has variance k - 2 (k - 1)/3 = (k + 2)/3. A coin's has k.
"""

import numpy as np


def moves_of(window: np.ndarray, cap: float) -> np.ndarray:
    """+1 or -1 for every step of a window omega_1..omega_T (T,), the walk's wish also where an end held it back.

    The first step has no predecessor here, so T - 1 moves are returned.
    """
    window = np.asarray(window, dtype=float)
    change = np.diff(window)
    return np.where(change != 0, np.sign(change), np.where(window[1:] >= cap, 1.0, -1.0))


def window_of(moves: np.ndarray, cap: float, start: float) -> np.ndarray:
    """The window that these moves give: (walks, T) moves +-1, held within 1..cap, from `start` before the first."""
    at = np.full(moves.shape[0], float(start))
    window = np.empty(moves.shape)
    for t in range(moves.shape[1]):
        at = np.where(moves[:, t] > 0, np.minimum(at + 1, cap), np.maximum(at - 1, 1))
        window[:, t] = at
    return window


def coin_moves(walks: int, steps: int, seed: int) -> np.ndarray:
    """Fair and independent +-1, (walks, steps)."""
    return np.where(np.random.default_rng(seed).random((walks, steps)) < 0.5, -1.0, 1.0)


def unrelated_moves(walks: int, steps: int, seed: int) -> np.ndarray:
    """Signs of the differences of independent uniform losses, (walks, steps)."""
    return np.sign(np.diff(np.random.default_rng(seed).random((walks, steps + 1)), axis=1))


def coin_mean(cap: int, start: int, steps: int) -> np.ndarray:
    """Exact mean of the window after 1..steps fair coin flips."""
    sizes, chance = np.arange(1, cap + 1), np.zeros(cap)
    chance[start - 1] = 1.0
    means = np.empty(steps)
    for t in range(steps):
        up, down = np.append(0.0, chance[:-1]), np.append(chance[1:], 0.0)
        up[-1] += chance[-1]  # held back by the ends
        down[0] += chance[0]
        chance = (up + down) / 2
        means[t] = chance @ sizes
    return means


def spread(moves: np.ndarray, lag: int) -> float:
    """Variance of the sum of `lag` consecutive moves, over lag: 1 for a coin, (lag + 2)/(3 lag) for unrelated losses.

    The sums overlap and the mean move is taken out, so that a steady drift does not count.
    """
    path = np.concatenate([[0.0], np.cumsum(moves - moves.mean())])
    return float(np.mean((path[lag:] - path[:-lag]) ** 2) / lag)
