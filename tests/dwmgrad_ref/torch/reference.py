"""An optimizer of PyTorch beside the reference rule: the same gradients and losses, compared at every step."""

from typing import Any, NamedTuple

import numpy as np
import torch

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch import torch_optimizer

# Rounding only: float64 does the reference's operations in another order at most, float32 rounds each at 6e-8.
TOLERANCE = {torch.float64: 1e-12, torch.float32: 2e-6}
SHAPES = [(3, 4), (5,), (), (2, 1, 3), (0,)]
WAYS: dict[str, dict[str, Any]] = {
    "loop": {"foreach": False},
    "foreach": {"foreach": True},
    "fused": {"fused": True},
    "tensors": {"capturable": True},
    "differentiable": {"differentiable": True},
}


class Deviations(NamedTuple):
    """Largest differences in units of the largest value of that quantity so far."""

    theta: float
    state: float
    shared: float

    @property
    def worst(self) -> float:
        return max(self)


def parameters(seed: int, dtype: torch.dtype, shapes: Any = SHAPES) -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(seed)
    real = [torch.randn(shape, dtype=torch.float64, generator=generator) for shape in shapes]
    return [torch.nn.Parameter(x.to(dtype)) for x in real]


def flat(tensors: Any) -> np.ndarray:
    """Tensors (or shapes' worth of gradients) as one float64 vector, complex ones as pairs of reals."""
    real = [torch.view_as_real(t) if t.is_complex() else t for t in (t.detach() for t in tensors)]
    return torch.cat([t.reshape(-1).double() for t in real]).numpy()


def gradients(seed: int, step: int, params: list[Any]) -> list[torch.Tensor]:
    """Of sizes from 0.01 to 100, with exact zeros among them."""
    generator = torch.Generator().manual_seed(1_000_003 * seed + step)
    size = 10.0 ** float(torch.rand((), generator=generator) * 4 - 2)
    found = []
    for p in params:
        g = torch.randn(p.shape, generator=generator, dtype=torch.complex128 if p.is_complex() else torch.float64)
        found.append((g * size * (torch.rand(p.shape, generator=generator) < 0.9)).to(p.dtype))
    return found


def loss_at(seed: int, step: int) -> float:
    """Of both signs, rising and falling."""
    return float(torch.empty(()).uniform_(-1, 2, generator=torch.Generator().manual_seed(7_000_003 * seed + step)))


def deviations(
    name: str,
    dtype: torch.dtype,
    way: dict[str, Any],
    options: dict[str, Any],
    steps: int = 40,
    seed: int = 0,
    mine: Rule | None = None,
    shapes: Any = SHAPES,
    groups: int = 1,
) -> Deviations:
    """Run both for that many steps on the same gradients and losses.

    Args:
        options: under the rule's names, and weight_decay, decoupled_weight_decay, maximize as in torch.
        mine: the optimizer's rule where it is not the reference itself.
        groups: into how many parameter groups the tensors are dealt.
    """
    rule = rules.get(name)
    around = {n: options[n] for n in ("decoupled_weight_decay", "maximize") if n in options}
    own = {n: v for n, v in options.items() if n in rule.Options._fields}
    decay = options.get("weight_decay", 0.0)
    if around.get("decoupled_weight_decay"):
        own.pop("weight_decay", None)
    outside = "weight_decay" not in own and decay
    o = rule.encode(rule.options(**own))
    leaves = parameters(seed, dtype, shapes)
    params = [p.clone() for p in leaves] if way.get("differentiable") else leaves
    given = {("lr" if n == "alpha" else n): v for n, v in options.items()}
    dealt = [{"params": params[i::groups]} for i in range(groups)]
    optimizer = torch_optimizer(mine or name)(dealt, **given, **way)
    x = flat(params)
    k, c = rule.begin(o, x)
    scale: dict[str, float] = {}
    worst = {"theta": 0.0, "state": 0.0, "shared": 0.0}

    def compare(kind: str, quantity: str, got: np.ndarray, wanted: np.ndarray) -> None:
        assert np.isfinite(got).all()
        scale[quantity] = max(scale.get(quantity, 0.0), float(np.abs(wanted).max(initial=0.0)))
        worst[kind] = max(worst[kind], float(np.abs(got - wanted).max(initial=0.0)) / (scale[quantity] or 1.0))

    for step in range(steps):
        loss = loss_at(seed, step)
        for p, g in zip(params, gradients(seed, step, params), strict=True):
            p.grad = g
        sign = -1.0 if around.get("maximize") else 1.0
        g = sign * flat([p.grad for p in params])
        optimizer.step(loss=loss)
        if outside and not around.get("decoupled_weight_decay"):
            g = g + decay * x
        k = rule.shared(o, k, sign * loss)
        if outside and around.get("decoupled_weight_decay"):
            x = x * (1 - (k.alpha if "alpha" in k._fields else o.alpha) * decay)
        c, x = rule.coord(o, k, c, x, g)
        compare("theta", "theta", flat(params), x)
        for field in rule.Coord._fields:
            if field != "past":
                compare("state", field, flat([optimizer.state[p][field] for p in params]), getattr(c, field))
        for field in rule.Shared._fields:
            got = [float(group["shared"][field]) for group in optimizer.param_groups]
            compare("shared", field, np.array(got), np.full(groups, float(getattr(k, field))))
    return Deviations(**worst)
