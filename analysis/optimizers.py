"""Optimizers of training runs by name and options: torch's own, and our rules in their torch form."""

import inspect
from collections.abc import Mapping
from typing import Any

from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadInput, UnknownName

TORCH = "torch.optim."
# Options that every rule has as a torch optimizer, besides those of its formula; lr is the formula's alpha.
AROUND = ("lr", "weight_decay", "decoupled_weight_decay", "maximize", "foreach", "fused")


def check(given: Mapping[str, Any]) -> None:
    """Whether an experiment's optimizer can be built, without building it.

    Args:
        given: {"optimizer": a rule's name or "torch.optim.CLASS", **options}.

    Raises:
        UnknownName: no such optimizer or option; names the nearest.
        BadOption: a value outside its range.
        BadInput: `optimizer` is missing.
    """
    name, options = _split(given)
    if name.startswith(TORCH):
        _known(name, options, _parameters(name))
        return
    rule = rules.get(name)
    formula = {field for field in rule.Options._fields if field != "alpha"}
    _known(name, options, formula | set(AROUND))
    own = {key: value for key, value in options.items() if key in formula}
    rule.options(**own, **({"alpha": options["lr"]} if "lr" in options else {}))


def build(given: Mapping[str, Any], parameters: Any) -> Any:
    """The torch optimizer over these parameters."""
    name, options = _split(given)
    if name.startswith(TORCH):
        return torch_class(name)(parameters, **options)
    from dwmgrad_ref.torch import torch_optimizer

    return torch_optimizer(name)(parameters, **options)


def takes_loss(given: Mapping[str, Any]) -> bool:
    """Whether `step` wants the loss: our rules' do."""
    return not _split(given)[0].startswith(TORCH)


def torch_class(name: str) -> Any:
    """torch.optim's class of that full name."""
    import torch

    known = {n: c for n, c in vars(torch.optim).items() if inspect.isclass(c) and issubclass(c, torch.optim.Optimizer)}
    known.pop("Optimizer", None)
    short = name.removeprefix(TORCH)
    if short not in known:
        raise UnknownName("optimizer of torch.optim", short, known)
    return known[short]


def _split(given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    options = dict(given)
    name = options.pop("optimizer", None)
    if not isinstance(name, str):
        raise BadInput('an optimizer needs `optimizer = "NAME"`: a rule such as "dwmgrad", or "torch.optim.Adam"')
    return name, options


def _parameters(name: str) -> set[str]:
    return set(inspect.signature(torch_class(name).__init__).parameters) - {"self", "params"}


def _known(name: str, options: Mapping[str, Any], known: set[str]) -> None:
    for option in options:
        if option not in known:
            raise UnknownName(f"option of {name}", option, known)
