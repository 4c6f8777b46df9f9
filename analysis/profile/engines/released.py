"""The scheme of the released code: a Python loop over tensors, each with a window of its own, the loss read to the
host again for each, and a new tensor for every operation. Its formula is DWMGrad's, written here in that manner.
"""

import torch

from analysis.profile.engines.base import LOSS, Engine, Work
from analysis.profile.engines.torch_optim import no_gpu, parameters
from dwmgrad_ref import rules

RULE = "dwmgrad-released-torch"


class ReleasedScheme:
    def __init__(self, work: Work):
        self.o = rules.get(work.rule).options(**work.options)
        self.parameters = parameters(work)
        self.loss = torch.tensor(LOSS, device=work.device)
        self.windows = [self.o.omega0] * len(self.parameters)
        self.states = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.parameters]

    @torch.no_grad()
    def advance(self, n: int) -> None:
        o = self.o
        for _ in range(n):
            for i, p in enumerate(self.parameters):
                g, (G, V), window = p.grad, self.states[i], self.windows[i]
                assert g is not None
                window = min(window + 1, o.delta) if self.loss.item() > 0 else max(window - 1, 1)
                G = (1 - 1 / window) * G + g * g / window
                V = o.gamma * window / o.delta * V + o.alpha * g / (torch.sqrt(G) + o.eps)
                p.copy_(p - V)
                self.states[i], self.windows[i] = (G, V), window

    def state_bytes(self) -> int:
        return sum(s.element_size() * s.nelement() for pair in self.states for s in pair)


RELEASED = Engine(
    "torch released scheme", "the released code's scheme", (RULE,), ReleasedScheme, 4, 1 << 17, 20, 10_000, "unfused",
    missing=no_gpu,
)  # fmt: skip
