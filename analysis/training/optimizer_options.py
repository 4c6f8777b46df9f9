"""Whether an experiment's optimizer can be built, without building it; and all of its options."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from analysis.training.optimizers import TORCH, is_class, torch_class
from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadInput, UnknownName

# Options that every rule has as a torch optimizer, besides those of its formula; lr is the formula's alpha.
AROUND = ("lr", "weight_decay", "decoupled_weight_decay", "maximize", "foreach", "fused")


def check(given: Mapping[str, Any]) -> None:
    """Whether optimizer and options exist and lie in their ranges.

    Args:
        given: {"optimizer": a rule's name or file, "torch.optim.CLASS" or "torch:package.Class", **options}.

    Raises:
        UnknownName: no such optimizer or option; names the nearest.
        BadOption: a value outside its range.
        BadInput: `optimizer` is missing.
    """
    options = dict(given)
    name = options.pop("optimizer", None)
    if not isinstance(name, str):
        raise BadInput('an optimizer needs `optimizer = "NAME"`: a rule such as "dwmgrad", or "torch.optim.Adam"')
    if is_class(name):
        _known(name, options, _parameters(name))
        return
    rule = rules.get(name)
    formula = {field for field in rule.Options._fields if field != "alpha"}
    _known(name, options, formula | set(AROUND))
    own = {key: value for key, value in options.items() if key in formula}
    rule.options(**own, **({"alpha": options["lr"]} if "lr" in options else {}))


def complete(given: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's options with its defaults, so that a changed default is another run; torch's follow from its version."""
    name = str(given["optimizer"])
    if is_class(name):
        return dict(given)
    defaults = rules.get(name).options()._asdict()
    own = {("lr" if key == "alpha" else key): value for key, value in defaults.items()}
    return {**own, **given}


def _parameters(name: str) -> set[str]:
    if not name.startswith(TORCH):
        return set(inspect.signature(torch_class(name).__init__).parameters) - {"self", "params"}
    import torch

    known = {n: c for n, c in vars(torch.optim).items() if inspect.isclass(c) and issubclass(c, torch.optim.Optimizer)}
    known.pop("Optimizer", None)
    short = name.removeprefix(TORCH)
    if short not in known:
        raise UnknownName("optimizer of torch.optim", short, known)
    return set(inspect.signature(known[short].__init__).parameters) - {"self", "params"}


def _known(name: str, options: Mapping[str, Any], known: Iterable[str]) -> None:
    for option in options:
        if option not in known:
            raise UnknownName(f"option of {name}", option, known)
