"""The scheme of the released code: a loop over tensors, the loss read to the host again for each of them."""

import torch

from analysis.cost.backends.base import LOSS, Engine, Work
from analysis.cost.backends.torch_optim import no_gpu, parameters, tensor_bytes
from analysis.cost.released_loop import ReleasedTensorLoop

RULE = "dwmgrad-released-torch"


class ReleasedSteps:
    def __init__(self, work: Work):
        self.parameters = parameters(work)
        self.optimizer = ReleasedTensorLoop(self.parameters, **work.options)
        self.loss = torch.tensor(LOSS, device=work.device)

    def advance(self, n: int) -> None:
        for _ in range(n):
            self.optimizer.step(loss=self.loss)

    def state_bytes(self) -> int:
        return tensor_bytes(self.optimizer)


RELEASED = Engine(
    "torch released scheme", "the released code's scheme", (RULE,), ReleasedSteps, 4, 1 << 17, 20, 10_000, "unfused",
    missing=no_gpu,
)  # fmt: skip
