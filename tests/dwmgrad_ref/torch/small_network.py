"""A network of 65 parameters that learns a sum, and what the tests do with it."""

from typing import Any

import torch

from dwmgrad_ref.torch import LCAM, AdaMomentum, DWMGrad, RuleOptimizer

CLASSES: list[type[RuleOptimizer]] = [DWMGrad, AdaMomentum, LCAM]


def network(dtype: torch.dtype = torch.float64) -> torch.nn.Sequential:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).to(dtype)


def batch(step: int) -> torch.Tensor:
    return torch.randn(16, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(step))


def loss_of(model: torch.nn.Module, step: int) -> torch.Tensor:
    x = batch(step).to(next(model.parameters()).dtype)
    return ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()


def train(model: torch.nn.Module, optimizer: RuleOptimizer, steps: int, first: int = 0) -> list[float]:
    losses = []
    for step in range(first, first + steps):
        optimizer.zero_grad()
        loss = loss_of(model, step)
        loss.backward()
        optimizer.step(loss=loss)
        losses.append(loss.item())
    return losses


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    return all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))


def frozen(value: Any) -> Any:
    """State dicts and the like as something that can be compared to the last bit."""
    if isinstance(value, torch.Tensor):
        return str(value.dtype), tuple(value.shape), value.detach().reshape(-1).view(torch.uint8).tolist()
    if isinstance(value, dict):
        return {name: frozen(item) for name, item in value.items()}
    return [frozen(item) for item in value] if isinstance(value, list | tuple) else value
