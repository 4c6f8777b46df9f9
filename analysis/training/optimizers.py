"""Optimizers of training runs by name and options: torch's own, classes of other packages, and our rules.

Whether names and options exist is checked in `optimizer_options.py`.
"""

import importlib
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules import TORCH as CLASS  # "torch:package.module.Class"

TORCH = "torch.optim."


def build(given: Mapping[str, Any], parameters: Any) -> Any:
    """The torch optimizer over these parameters.

    Args:
        given: {"optimizer": a rule's name or file, "torch.optim.CLASS" or "torch:package.Class", **options}.

    Raises:
        UnknownName, BadInput: there is no such rule or class.
    """
    options = dict(given)
    name: str = options.pop("optimizer")
    if is_class(name):
        return torch_class(name)(parameters, **options)
    from dwmgrad_ref.torch import torch_optimizer

    return torch_optimizer(name)(parameters, **options)


def is_class(name: str) -> bool:
    """Whether the name is that of a class of PyTorch, and not of a rule."""
    return name.startswith((TORCH, CLASS))


def torch_class(name: str) -> Any:
    """The class that `torch:package.module.Class` or `torch.optim.CLASS` names.

    Raises:
        BadInput: no such module or class, or not an optimizer.
    """
    import torch

    module, _, attribute = name.removeprefix(CLASS).rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadInput(f"{name} cannot be imported ({error}); expected torch:package.module.Class") from None
    if not (isinstance(found, type) and issubclass(found, torch.optim.Optimizer)):
        raise BadInput(f"{name} is not a torch.optim.Optimizer")
    return found


def package_version(name: str) -> str:
    """The version of the distribution that brings the class `torch:package.Class`; "unknown" for a loose module."""
    package = name.removeprefix(CLASS).partition(".")[0]
    for distribution in metadata.packages_distributions().get(package, ()):
        return f"{distribution} {metadata.version(distribution)}"
    return f"{package}, version unknown"
