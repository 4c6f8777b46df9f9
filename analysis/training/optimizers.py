"""Optimizers of training runs by name and options: torch's own, and our rules in their torch form.

Whether names and options exist is checked in `optimizer_options.py`.
"""

from collections.abc import Mapping
from typing import Any

TORCH = "torch.optim."


def build(given: Mapping[str, Any], parameters: Any) -> Any:
    """The torch optimizer over these parameters.

    Args:
        given: {"optimizer": a rule's name or "torch.optim.CLASS", **options}.
    """
    options = dict(given)
    name: str = options.pop("optimizer")
    if name.startswith(TORCH):
        import torch

        return getattr(torch.optim, name.removeprefix(TORCH))(parameters, **options)
    from dwmgrad_ref.torch import torch_optimizer

    return torch_optimizer(name)(parameters, **options)
