"""Our torch optimizers, `dwmgrad_ref.torch`: any rule as the plain loop, batched with foreach, or fused."""

import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from analysis.cost.backends.base import LOSS, Engine, Work
from analysis.cost.backends.torch_optim import no_gpu, parameters, tensor_bytes
from dwmgrad_ref.torch import torch_optimizer


class RuleSteps:
    def __init__(self, work: Work, **how: Any):
        named: Any = Path(work.rule) if work.rule.endswith(".py") else work.rule
        self.parameters = parameters(work)
        self.optimizer = torch_optimizer(named)(self.parameters, **how, **work.options)
        self.loss = torch.tensor(LOSS, device=work.device)

    def advance(self, n: int) -> None:
        for _ in range(n):
            self.optimizer.step(loss=self.loss)

    def state_bytes(self) -> int:
        return tensor_bytes(self.optimizer)


def no_fused(device: str) -> str | None:
    """Why the fused step cannot run there."""
    if (reason := no_gpu(device)) or find_spec("dwmgrad_ref.torch.kernels.fused") is None:
        return reason or "not run: no fused implementation in this installation"
    reason = importlib.import_module("dwmgrad_ref.torch.kernels.fused").available(torch.device(device))
    return reason and f"not run: {reason}"


def _engine(kind: str, title: str, passes: str, missing: Any, **how: bool) -> Engine:
    return Engine(
        f"torch {kind}", title, None, lambda work: RuleSteps(work, **how), 4, 1 << 17, 20, 10_000, passes,
        missing=missing, history=False,
    )  # fmt: skip


LOOP = _engine("loop", "ours in torch, one tensor after the other", "unfused", no_gpu, foreach=False, fused=False)
FOREACH = _engine("foreach", "ours in torch, batched over tensors", "unfused", no_gpu, foreach=True)
FUSED = _engine("fused", "ours in torch, fused", "fused", no_fused, fused=True)
