"""Slow, independent restatements of the three methods with 50 digits, from the papers' formulas alone.

Each oracle is a generator over the steps. It takes theta_1 (list), gradients (one list a step) and losses (one
number a step), all floats read exactly, and yields a dictionary of what the method knows after that step.
Nothing here may import the package: sharing code with a rule would share its mistakes.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from mpmath import mp, mpf

mp.dps = 50
Step = dict[str, Any]


def exact(values: Sequence[float]) -> list[mpf]:
    return [mpf(value) for value in values]


def signal(name: str, losses: list[mpf], t: int, epoch: float) -> mpf:
    """s_t for t = 1, 2, ...; the first step of an epoch has no loss before it."""
    first = t == 1 or (epoch != float("inf") and (t - 1) % int(epoch) == 0)
    now = losses[t - 1]
    if name == "loss":
        return now
    if name == "increase":
        return now if first else now - losses[t - 2]
    return mpf(0) if first else losses[t - 2] - now


def dwmgrad(theta: Any, gradients: Any, losses: Any, *, stored: bool = False, **o: Any) -> Iterator[Step]:
    """DWMGrad; with `stored`, G_t is the plain mean over the last omega_t gradients, absent ones being 0."""
    theta, losses = exact(theta), exact(losses)
    alpha, gamma, delta, omega = mpf(o["alpha"]), mpf(o["gamma"]), mpf(o["delta"]), mpf(o["omega0"])
    beta, G, V = mpf(0), [mpf(0)] * len(theta), [mpf(0)] * len(theta)
    signals: list[mpf] = []
    seen: list[list[mpf]] = []
    for t, g in enumerate(map(exact, gradients), start=1):
        s = signal(o["signal"], losses, t, o["epoch"])
        signals.append(s)
        seen.append(g)
        if o["guard"] and t >= 3:
            changes = [abs(signals[-1] - signals[-2]), abs(signals[-2] - signals[-3])]
            if min(changes) > mpf(o["guard_threshold"]):
                alpha /= 2
        beta += s
        omega = min(omega + 1, delta) if beta > 0 else max(omega - 1, mpf(1))
        if o["reset"]:
            beta = mpf(0)
        mu = gamma * omega / delta if o["momentum"] == "tied" else gamma
        alpha_t = alpha / mp.sqrt(t) if o["schedule"] == "sqrt" else alpha
        for i, g_i in enumerate(g):
            if stored:
                G[i] = sum((old[i] ** 2 for old in seen[-int(omega) :]), mpf(0)) / omega
            else:
                G[i] = (1 - 1 / omega) * G[i] + g_i**2 / omega
            V[i] = mu * V[i] + alpha_t * g_i / (mp.sqrt(G[i]) + mpf(o["eps"]))
            theta[i] -= V[i]
        yield {"theta": [*theta], "G": [*G], "V": [*V], "omega": omega, "mu": mu, "beta": beta, "alpha": alpha_t}


def adamomentum(theta: Any, gradients: Any, losses: Any, **o: Any) -> Iterator[Step]:
    """AdaMomentum, eps inside the second moment."""
    theta = exact(theta)
    beta1, beta2 = mpf(o["beta1"]), mpf(o["beta2"])
    m, v = [mpf(0)] * len(theta), [mpf(0)] * len(theta)
    for t, g in enumerate(map(exact, gradients), start=1):
        alpha = mpf(o["alpha"]) / mp.sqrt(t) if o["schedule"] == "sqrt" else mpf(o["alpha"])
        for i, g_i in enumerate(g):
            m[i] = beta1 * m[i] + (1 - beta1) * g_i
            v[i] = beta2 * v[i] + (1 - beta2) * m[i] ** 2 + mpf(o["eps"])
            theta[i] -= alpha * (m[i] / (1 - beta1**t)) / mp.sqrt(v[i] / (1 - beta2**t))
        yield {"theta": [*theta], "m": [*m], "v": [*v], "alpha": alpha}


def lcam(theta: Any, gradients: Any, losses: Any, **o: Any) -> Iterator[Step]:
    """LCAM: the coefficient of the next step from this epoch's losses; coupled weight decay."""
    theta, losses = exact(theta), exact(losses)
    V, mu = [mpf(0)] * len(theta), mpf(o["above"])
    epoch: list[mpf] = []
    for loss, g in zip(losses, map(exact, gradients), strict=True):
        for i, g_i in enumerate(g):
            V[i] = mu * V[i] + g_i + mpf(o["weight_decay"]) * theta[i]
            theta[i] -= mpf(o["alpha"]) * V[i]
        epoch.append(loss)
        following = mpf(o["below"]) if loss < sum(epoch, mpf(0)) / len(epoch) else mpf(o["above"])
        yield {"theta": [*theta], "V": [*V], "mu": mu, "next": following}
        mu = following
        if len(epoch) == o["epoch"]:
            epoch = []
