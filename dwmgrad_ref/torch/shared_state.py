"""What all parameters of a group share (window, momentum, step size, memory of the loss), and where it lives.

On the CPU it is a dict of floats, for arithmetic on floats is some forty times cheaper than on 0-d tensors. Where
reading a number back would make the host wait (parameters on an accelerator) or where it must be part of a graph
(`capturable`, `differentiable`) it is a dict of 0-d float64 tensors, views of one vector that is updated in place.
Either way it is `group["shared"]`, under the names of the rule's formula, and part of the state dict.
"""

from functools import cache, partial
from itertools import product
from typing import Any, get_type_hints

import torch

from dwmgrad_ref.recording import Operation, Traced
from dwmgrad_ref.rules.base import Rule

PROBE_LOSS = 1.0


@cache
def reads_loss(rule: Rule) -> bool:
    """Whether the shared formula uses the loss, for some choice of the options that are no numbers."""
    hints = get_type_hints(rule.Options)
    values = [
        range(len(rule.choices(name))) if rule.choices(name) else (0, 1) if hints[name] is bool else (None,)
        for name in rule.Options._fields
    ]
    return any(_reads_loss(rule, choices) for choices in product(*values))


def _reads_loss(rule: Rule, choices: tuple[int | None, ...]) -> bool:
    """Whether the formula with these choices does anything with the loss; None stands for an option of any value."""
    operations: list[Operation] = []
    number = partial(Traced, operations, False)
    o = rule.Options(*(number() if choice is None else float(choice) for choice in choices))
    k, loss = rule.Shared(*(number() for _ in rule.Shared._fields)), number()
    try:
        after = rule.shared(o, k, loss)
    except TypeError:  # it does what cannot be recorded, so nothing is known
        return True
    return any(loss is value for value in (*after, *(a for operation in operations for a in operation.args)))


@cache
def epoch_start(rule: Rule) -> dict[str, float]:
    """What a new epoch sets, and to which value: the fields that a step in an epoch of one step leaves otherwise.

    Read off the formula, so it is empty for a rule that knows no epochs.
    """
    if "epoch" not in rule.Options._fields:
        return {}
    o = rule.encode(rule.options())
    one, endless = (rule.shared(o._replace(epoch=e), rule.start(o), PROBE_LOSS) for e in (1.0, float("inf")))
    return {name: float(a) for name, a, b in zip(rule.Shared._fields, one, endless, strict=True) if a != b}


def scalar_dtype(device: torch.device) -> torch.dtype:
    """float64, except on Apple's GPUs, which have none."""
    return torch.float32 if device.type == "mps" else torch.float64


def vector_of(shared: dict[str, Any]) -> torch.Tensor:
    """The vector whose entries the values are views of, as `placed` makes them."""
    return next(iter(shared.values()))._base


def placed(rule: Rule, values: dict[str, Any], device: torch.device | None) -> dict[str, Any]:
    """The shared state (floats or 0-d tensors by name) as views of a vector on that device, or as floats for None.

    What is there already is left as it is.
    """
    fields = rule.Shared._fields
    first = values[fields[0]]
    if not isinstance(first, torch.Tensor):
        there = device is None
    else:
        base = first._base
        there = device == first.device and base is not None and base.shape == (len(fields),)
    if there and tuple(values) == fields and all(isinstance(v, torch.Tensor | float) for v in values.values()):
        return values
    numbers = [float(values[name]) for name in fields]
    if device is None:
        return dict(zip(fields, numbers, strict=True))
    vector = torch.tensor(numbers, dtype=scalar_dtype(device)).to(device)
    return dict(zip(fields, vector.unbind(), strict=True))


def packed(values: Any, like: torch.Tensor) -> torch.Tensor:
    """The shared state after a step as one vector; plain numbers in it become entries without a copy from the host."""
    return torch.stack([v.to(like) if isinstance(v, torch.Tensor) else like.new_full((), float(v)) for v in values])
