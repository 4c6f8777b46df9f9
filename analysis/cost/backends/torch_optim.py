"""The peers: the optimizers of torch.optim, as the plain loop, the batched `foreach` and the `fused` kernels."""

from collections.abc import Callable
from typing import Any

import torch

from analysis.cost.backends.base import Engine, Work, gradient

Make = Callable[..., torch.optim.Optimizer]
LR = 1e-3

PEERS: dict[str, Make] = {
    "sgd": lambda p, **how: torch.optim.SGD(p, lr=LR, **how),
    "heavy-ball": lambda p, **how: torch.optim.SGD(p, lr=LR, momentum=0.9, **how),
    "rmsprop": lambda p, **how: torch.optim.RMSprop(p, lr=1e-2, **how),
    "adam": lambda p, **how: torch.optim.Adam(p, lr=LR, **how),
    "adamw": lambda p, **how: torch.optim.AdamW(p, lr=LR, **how),
    "amsgrad": lambda p, **how: torch.optim.Adam(p, lr=LR, amsgrad=True, **how),
}
FUSED = tuple(name for name in PEERS if name != "rmsprop")  # torch has no fused RMSprop


def parameters(work: Work) -> list[torch.Tensor]:
    """float32 parameters at zero with their gradients, on the device."""
    made = []
    for d in work.sizes:
        p = torch.zeros(d, device=work.device, requires_grad=True)
        p.grad = torch.from_numpy(gradient(d, "float32")).to(work.device)
        made.append(p)
    return made


def tensor_bytes(optimizer: torch.optim.Optimizer) -> int:
    """Bytes of the state's tensors."""
    values: list[Any] = [v for state in optimizer.state.values() for v in state.values()]
    return sum(v.element_size() * v.nelement() for v in values if isinstance(v, torch.Tensor))


def no_gpu(device: str) -> str | None:
    """Why torch cannot run there."""
    if device == "cuda" and not torch.cuda.is_available():
        return "not run: no GPU"
    return None


class TorchSteps:
    """Any torch optimizer whose step needs no loss."""

    def __init__(self, work: Work, **how: Any):
        self.parameters = parameters(work)
        self.optimizer = PEERS[work.rule](self.parameters, **how)

    def advance(self, n: int) -> None:
        for _ in range(n):
            self.optimizer.step()

    def state_bytes(self) -> int:
        return tensor_bytes(self.optimizer)


def _engine(kind: str, title: str, rules: tuple[str, ...], passes: str, **how: bool) -> Engine:
    return Engine(
        f"torch.optim {kind}", title, rules, lambda work: TorchSteps(work, **how), 4, 1 << 17, 20, 10_000, passes,
        missing=no_gpu,
    )  # fmt: skip


LOOP = _engine("loop", "torch.optim, one tensor after the other", tuple(PEERS), "its own", foreach=False)
FOREACH = _engine("foreach", "torch.optim, batched over tensors", tuple(PEERS), "its own", foreach=True)
FUSED_ENGINE = _engine("fused", "torch.optim, fused kernels", FUSED, "fused", fused=True)
