"""The periodic family of [dwmgradnotes] R6 in closed form: gradient C every k-th step, else -1.

Everything here is written for any kind of number (floats, balls, symbols); delta is the window cap, q = 1 - 1/delta.
"""

import math
from dataclasses import dataclass
from typing import Any

from dwmgrad_ref import ops


def at_spike(C: Any, k: Any, delta: Any) -> Any:
    """G*_0: the second moment right after the spike, in the periodic limit of a saturated window."""
    q = 1 - 1 / delta
    return (q * (1 - q ** (k - 1)) + C * C / delta) / (1 - q**k)


def after_spike(C: Any, k: Any, delta: Any, j: Any) -> Any:
    """G*_j, j steps after the spike, 0 <= j < k."""
    q = 1 - 1 / delta
    return q**j * at_spike(C, k, delta) + (1 - q**j)


def pushes(C: Any, k: int, delta: Any, eps: Any = 0) -> list[Any]:
    """-g/(sqrt(G*_j) + eps) for j = 0..k-1: how far each step of a period moves up, in units of alpha_t."""
    q, G = 1 - 1 / delta, at_spike(C, k, delta)
    found = [-C / (ops.sqrt(G) + eps)]
    for _ in range(1, k):
        G = q * G + 1 / delta
        found.append(1 / (ops.sqrt(G) + eps))
    return found


def drift(C: Any, k: int, delta: Any, eps: Any = 0) -> Any:
    """Sum of `pushes`: with no momentum the net displacement of a period over alpha_t."""
    return sum(pushes(C, k, delta, eps)[1:], start=pushes(C, k, delta, eps)[0])


def velocities(moves: list[Any], gamma: Any) -> list[Any]:
    """The periodic limit of -V_t/alpha_t for momentum gamma: b*_j = gamma b*_{j-1} + moves_j."""
    carried = 0 * gamma
    for move in moves:
        carried = gamma * carried + move
    b = carried / (1 - gamma ** len(moves))
    found = []
    for move in moves:
        b = gamma * b + move
        found.append(b)
    return found


@dataclass(frozen=True)
class Start:
    """From when on the drift lemma R6-drift applies to a positive mean: `t0`, the mean m, and F."""

    t0: int
    m: float
    F: float


def start(C: float, k: int, delta: float, gamma: float, omega0: float = 5) -> Start:
    """An explicit t0 for R6 with alpha_t = alpha/sqrt(t), eps = 0 and C >= 1; it does not depend on alpha.

    e_t = |V_t/alpha_t - b*_j| obeys e_t <= gamma rho_t e_{t-1} + forcing, rho_t = sqrt(t/(t-1)) <= 1 + 1/(2(t-1)).
    From t1 on the factor is at most (1 + gamma)/2 and the forcing at most (1 - gamma) m/16, so e_t tends below
    m/8; n further steps bring it below m/4.
    """
    moves = velocities(pushes(C, k, delta), gamma)
    m, B = math.fsum(moves) / k, max(map(abs, moves))
    sums = [0.0]
    for move in moves:
        sums.append(sums[-1] + move - m)
    F, q = max(map(abs, sums)), 1 - 1 / delta
    forcing = (1 - gamma) * abs(m) / 16
    settle = math.log(max(C**3 / min(forcing / 4, 0.5), 1)) / -math.log(q) if q > 0 else 0  # 2 C |G - G*| <= forcing/2
    t1 = math.ceil(max(delta - omega0 + settle, 1 + gamma * B / forcing, 1 + gamma / (1 - gamma)) + 1)
    e1 = math.sqrt(t1 * delta) / (1 - gamma) + B  # |V_t| <= alpha sqrt(delta)/(1 - gamma) is W5
    n = math.ceil(math.log(8 * e1 / abs(m)) / -math.log((1 + gamma) / 2))
    return Start(max(t1 + max(n, 0), math.ceil(4 * F / abs(m))), m, F)
