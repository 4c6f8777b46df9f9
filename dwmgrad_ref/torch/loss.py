"""The loss as an input of a step: checked, averaged over the processes, never read back from an accelerator."""

import math
from typing import Any

import torch
import torch.distributed as dist

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.torch import storage

HOW = (
    "write `optimizer.step(loss=loss)` after loss.backward(), or `optimizer.step(closure)` with a closure that "
    "returns the loss; with a GradScaler `scaler.step(optimizer, loss=loss)`, the loss unscaled; where a framework "
    "calls step() itself, write `optimizer.supply_loss(loss)` before it does"
)


def number(loss: Any, name: str, devices: set[torch.device]) -> Any:
    """The loss as a float on the CPU, or as a 0-d tensor on an accelerator; no value is looked at there.

    Raises:
        BadInput: it is missing, not one real number, or on a device where no parameter is.
    """
    if loss is None:
        raise BadInput(f"{name} needs the loss of this step and got none; {HOW}")
    if not isinstance(loss, torch.Tensor):
        try:
            return float(loss)
        except (TypeError, ValueError):
            raise BadInput(f"{name} got a loss of type {type(loss).__name__}; expected a number; {HOW}") from None
    if loss.numel() != 1:
        raise BadInput(f"{name} got a loss of shape {tuple(loss.shape)}; expected one number, such as loss.mean()")
    if loss.is_complex() or loss.dtype == torch.bool:
        raise BadInput(f"{name} got a loss of dtype {loss.dtype}; expected a real number")
    if loss.device not in devices:
        places = ", ".join(sorted(map(str, devices)))
        what = "move it: loss.to(...)"
        if places == "meta":
            what = "if the model has been filled since, make the optimizer anew: it has the parameters of before"
        raise BadInput(f"{name} got a loss on {loss.device}, its parameters are on {places}; {what}")
    return loss.reshape(()) if loss.dim() else loss


def averaged(loss: Any, group: "dist.ProcessGroup | None", device: torch.device) -> Any:
    """The mean over the processes of that group (None: all), so that every rank's window is the same."""
    if not dist.is_available() or not dist.is_initialized() or dist.get_world_size(group) == 1:
        return loss
    total = torch.as_tensor(loss, dtype=torch.float64, device=device).detach().clone()
    dist.all_reduce(total, group=group)
    total = total / dist.get_world_size(group)
    return total if isinstance(loss, torch.Tensor) else total.item()


def on_host(loss: Any) -> bool:
    """Whether looking at the loss costs no waiting."""
    return not isinstance(loss, torch.Tensor) or loss.device.type == "cpu" and not storage.valueless(loss)


def refuse_nonfinite(loss: Any, name: str) -> None:
    """Stop before anything is modified; only for a loss that is on the host anyway."""
    loss = float(loss.detach() if isinstance(loss, torch.Tensor) else loss)
    if not math.isfinite(loss):
        raise BadInput(
            f"{name} got the loss {loss}; nothing was changed. A finite loss is needed, because it would stay in the "
            "optimizer's memory of the loss: skip this step, or lower lr"
        )
