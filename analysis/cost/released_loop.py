"""How the only public DWMGrad steps: a Python loop over the tensors that reads the loss to the host for each of them.

Written from a description of [dwmgrad-code], not copied: the window is computed once a tensor from
`loss.item()`, and every operation of the formula is one tensor operation with a new result.
"""

from typing import Any

import torch


class ReleasedTensorLoop(torch.optim.Optimizer):
    """DWMGrad's default arithmetic, `signal="loss"`, in the released code's manner; for timing only."""

    def __init__(self, params: Any, lr: float = 1e-3, gamma: float = 0.9, delta: float = 10.0, eps: float = 1e-8):
        super().__init__(params, {"lr": lr, "gamma": gamma, "delta": delta, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Any = None, *, loss: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state.update(G=torch.zeros_like(p), V=torch.zeros_like(p), omega=5.0)
                signal = loss.item() if isinstance(loss, torch.Tensor) else float(loss)
                omega = min(state["omega"] + 1, group["delta"]) if signal > 0 else max(state["omega"] - 1, 1)
                mu = group["gamma"] * omega / group["delta"]
                state["omega"] = omega
                state["G"] = (1 - 1 / omega) * state["G"] + p.grad**2 / omega
                state["V"] = mu * state["V"] + group["lr"] * p.grad / (torch.sqrt(state["G"]) + group["eps"])
                p.sub_(state["V"])
