"""Adam with deliberate faults, as an implementation of somebody else's might have them."""

import math
from typing import Any

import torch


class Adam(torch.optim.Optimizer):
    """`fault` holds the names of the faults, separated by spaces; without one it is Adam."""

    def __init__(self, params: Any, lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0.0, fault: str = "", eps_root: float = 0.0, clip: bool = False):  # fmt: skip
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})
        self.faults, self.eps_root, self.clip = fault.split(), eps_root, clip

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            (p,), (b1, b2) = group["params"], group["betas"]
            state = self.state[p]
            if not state:
                state.update(t=0, exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
            state["t"] += 1
            self._one(p, state, group, b1, b2)

    def _one(self, p: Any, state: Any, group: Any, b1: float, b2: float) -> None:
        has, t, g, lr, eps = self.faults.__contains__, state["t"], p.grad, group["lr"], group["eps"]
        decay = group["weight_decay"]
        if has("coupled"):
            g = g + decay * p
        elif has("fixed"):
            p.mul_(1 - decay)
        elif has("late") is False:
            p.mul_(1 - lr * decay)
        if self.clip:
            g = g.clamp(-1e-9, 1e-9)
        old_m, old_v = state["exp_avg"].clone(), state["exp_avg_sq"].clone()
        m = state["exp_avg"].mul_(b1).add_(g, alpha=b1 if has("rate") else 1 - b1)
        v = state["exp_avg_sq"].mul_(b2).add_((m if has("momentum-squared") else g) ** 2, alpha=1 - b2)
        m, v = old_m if has("old-m") else m, old_v + 0.0 if has("old-v") else v
        c1 = 1 if has("uncorrected") else 1 - b1 ** (t + 1 if has("late-count") else t)
        c2 = 1 if has("uncorrected") else math.sqrt(1 - b2**t)
        root = (v + eps).sqrt() / c2 if has("inside") else (v + self.eps_root).sqrt() / c2 + eps
        if has("hat"):
            root = (v.sqrt() + eps) / c2
        p.sub_(lr * (m / c1) / root)
        if has("late"):
            p.mul_(1 - lr * decay)


class Rooted(Adam):
    """Adam with a small number under the root unless told otherwise, as optax has it in some methods."""

    def __init__(self, params: Any, lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-8,
                 eps_root: float = 1e-6):  # fmt: skip
        super().__init__(params, lr, betas, eps, eps_root=eps_root)
