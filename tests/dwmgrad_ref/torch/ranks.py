"""One of two processes that train together; run by test_distributed.py as `python -m tests.dwmgrad_ref.torch.ranks`.

Each rank sees other data. What it found is saved as {scenario: tensors}, or {scenario: message} for an error.
"""

import sys
import warnings
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.torch import DWMGrad, torch_optimizer

STEPS = 100


def network() -> torch.nn.Sequential:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))


def batch(rank: int, step: int) -> torch.Tensor:
    """Losses of the two ranks rise and fall at different steps."""
    generator = torch.Generator().manual_seed(1000 * rank + step)
    return torch.randn(16, 6, generator=generator) * (1 + rank * (step % 3))


def train(model, optimizer, rank: int, losses: bool = True) -> list[float]:
    """The window's path, or LCAM's coefficient's."""
    path = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = (model(batch(rank, step)) ** 2).mean()
        loss.backward()
        optimizer.step(loss=loss) if losses else optimizer.step()
        path.append(optimizer.param_groups[0]["shared"].get("omega", 0.0))
    return path


def full(p: torch.Tensor) -> torch.Tensor:
    return p.full_tensor() if hasattr(p, "full_tensor") else p  # type: ignore[attr-defined]


def outcome(model, path: list[float]) -> list[torch.Tensor]:
    return [*(full(p.detach()).clone() for p in model.parameters()), torch.tensor(path)]


def replicated(name: str, rank: int, **options) -> list[torch.Tensor]:
    model = DistributedDataParallel(network())
    return outcome(model, train(model, torch_optimizer(name)(model.parameters(), **options), rank))


def sharded(rank: int, **options) -> list[torch.Tensor]:
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    model = fully_shard(network(), mesh=init_device_mesh("cpu", (2,)))
    return outcome(model, train(model, DWMGrad(model.parameters(), signal="increase", **options), rank))


def not_a_number_on_one_rank(rank: int) -> str:
    model = network()
    optimizer = DWMGrad(model.parameters())
    before = [p.detach().clone() for p in model.parameters()]
    (model(batch(0, 0)) ** 2).mean().backward()
    try:
        optimizer.step(loss=float("nan") if rank else 1.0)
    except BadInput as error:
        same = all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
        return str(error) if same else "parameters moved"
    return "no error"


def main(rank: int, folder: Path) -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("error")
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=2)
    alone = [dist.new_group([r]) for r in range(2)][rank]
    found = {
        "increase": replicated("dwmgrad", rank, signal="increase", lr=1e-2),
        "lcam": replicated("lcam", rank, epoch=10.0, lr=1e-2),
        "adamomentum": replicated("adamomentum", rank, lr=1e-2),
        "local losses": replicated("dwmgrad", rank, signal="increase", lr=1e-2, average_loss=False),
        "group of one": replicated("dwmgrad", rank, signal="increase", lr=1e-2, process_group=alone),
        "sharded": sharded(rank, lr=1e-2),
        "nan": not_a_number_on_one_rank(rank),
    }
    torch.save(found, folder / f"rank{rank}.pt")
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
