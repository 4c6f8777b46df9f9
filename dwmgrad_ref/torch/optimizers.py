"""The three optimizers by name, with their options spelled out, and a class for any other rule."""

from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

import torch
import torch.distributed as dist
from torch.optim.optimizer import ParamsT

from dwmgrad_ref import rules
from dwmgrad_ref.rules.adamomentum import ADAMOMENTUM
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.rules.dwmgrad import DWMGRAD
from dwmgrad_ref.rules.lcam import LCAM as LCAM_RULE
from dwmgrad_ref.torch.rule_optimizer import RuleOptimizer

Signal = Literal["loss", "increase", "decrease"]


class DWMGrad(RuleOptimizer):
    """DWMGrad [dwmgrad, Algorithm 1]: a second moment over a window that the loss widens and narrows.

    Every step needs the loss: `optimizer.step(loss=loss)`, or a closure that returns it. See docs/dwmgrad.md for the
    formula, the published variants, what is proved, and when not to use it.

    Args:
        params: parameters, named parameters, or dicts of parameter groups with options of their own.
        lr: step size α, in [0, inf); a number or a tensor of one element.
        gamma: base momentum γ, in [0, 1).
        delta: cap δ of the window, in [1, inf]; inf lets it grow for ever.
        omega0: window before the first step, in [0, delta].
        eps: ε, added to the root of the second moment, in [0, inf).
        weight_decay: λ, in [0, inf).
        signal: what moves the window: the loss, its increase since the last step, or its decrease.
        reset: set β to 0 after every step, as the released code does; the paper does not say.
        schedule: "constant", or "sqrt" for α/√t.
        momentum: "tied" to the window, μ_t = γ ω_t/δ, or "constant", μ_t = γ.
        epoch: steps in an epoch, in [1, inf]; its first step has no previous loss. See also `start_epoch()`.
        guard: halve α after two consecutive changes of the signal above `guard_threshold`.
        guard_threshold: threshold of the guard, in [0, inf].
        decoupled_weight_decay: shrink the parameters by α_t λ before the step instead of adding λθ to the gradient.
        maximize: maximize the loss; the signal is then that of minus the loss.
        foreach, fused: implementation; by default the quickest that can run. Fused is one pass over memory, on the CPU.
        capturable: keep window, momentum and step size on the device, for CUDA graphs and torch.compile.
        differentiable: let autograd go through the step; slow, and the step is then a loop.
        average_loss: under torch.distributed, step with the loss averaged over the processes.
        process_group: the processes to average over; None for all.

    Raises:
        BadOption: an option outside its range, or groups with different signals.
        BadInput: a parameter that is not a dense tensor of floating point or complex numbers.
    """

    rule: ClassVar[Rule] = DWMGRAD

    def __init__(
        self,
        params: ParamsT,
        lr: float | torch.Tensor = 1e-3,
        gamma: float = 0.9,
        delta: float = 10.0,
        omega0: float = 5.0,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        signal: Signal = "loss",
        reset: bool = True,
        schedule: Literal["constant", "sqrt"] = "constant",
        momentum: Literal["tied", "constant"] = "tied",
        epoch: float = float("inf"),
        guard: bool = False,
        guard_threshold: float = 0.1,
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
        foreach: bool | None = None,
        fused: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        average_loss: bool = True,
        process_group: "dist.ProcessGroup | None" = None,
    ):
        given = {name: value for name, value in locals().items() if name not in ("self", "params", "__class__")}
        super().__init__(params, **given)


class AdaMomentum(RuleOptimizer):
    """AdaMomentum, also published as AdaM³ [adamomentum]: Adam whose second moment is the momentum's.

    It does not read the loss: `optimizer.step()` is enough. See docs/adamomentum.md for the formula, what is proved,
    and when not to use it.

    Args:
        params: parameters, named parameters, or dicts of parameter groups with options of their own.
        lr: step size α, in [0, inf); a number or a tensor of one element.
        beta1: decay rate of the momentum, in [0, 1).
        beta2: decay rate of its second moment, in [0, 1).
        eps: ε, added to the second moment at every step, in [0, inf).
        weight_decay: λ, in [0, inf).
        schedule: "constant", or "sqrt" for α/√t.
        decoupled_weight_decay: shrink the parameters by α_t λ before the step instead of adding λθ to the gradient.
        maximize: maximize the objective.
        foreach, fused, capturable, differentiable, average_loss, process_group: as for `DWMGrad`; the loss is not read,
            so the last two change nothing.

    Raises:
        BadOption: an option outside its range.
        BadInput: a parameter that is not a dense tensor of floating point or complex numbers.
    """

    rule: ClassVar[Rule] = ADAMOMENTUM

    def __init__(
        self,
        params: ParamsT,
        lr: float | torch.Tensor = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        schedule: Literal["constant", "sqrt"] = "constant",
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
        foreach: bool | None = None,
        fused: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        average_loss: bool = True,
        process_group: "dist.ProcessGroup | None" = None,
    ):
        given = {name: value for name, value in locals().items() if name not in ("self", "params", "__class__")}
        super().__init__(params, **given)


class LCAM(RuleOptimizer):
    """LCAM [lcam]: heavy ball with one of two coefficients, chosen by the loss against its mean of the epoch.

    Every step needs the loss: `optimizer.step(loss=loss)`, or a closure that returns it. Call `start_epoch()` at the
    beginning of each epoch, or give its length. See docs/lcam.md.

    Args:
        params: parameters, named parameters, or dicts of parameter groups with options of their own.
        lr: step size α, in [0, inf); a number or a tensor of one element.
        below: momentum coefficient after a loss below the epoch's mean, in [0, 1).
        above: momentum coefficient after any other loss, in [0, 1).
        weight_decay: λ, in [0, inf); part of LCAM's own formula.
        epoch: steps after which the running mean of the loss starts anew, in [1, inf].
        decoupled_weight_decay: shrink the parameters by α λ before the step instead of adding λθ to the gradient.
        maximize: maximize the loss; its mean is then that of minus the loss.
        foreach, fused, capturable, differentiable, average_loss, process_group: as for `DWMGrad`.

    Raises:
        BadOption: an option outside its range.
        BadInput: a parameter that is not a dense tensor of floating point or complex numbers.
    """

    rule: ClassVar[Rule] = LCAM_RULE

    def __init__(
        self,
        params: ParamsT,
        lr: float | torch.Tensor = 0.1,
        below: float = 0.95,
        above: float = 0.9,
        weight_decay: float = 0.0,
        *,
        epoch: float = float("inf"),
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
        foreach: bool | None = None,
        fused: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        average_loss: bool = True,
        process_group: "dist.ProcessGroup | None" = None,
    ):
        given = {name: value for name, value in locals().items() if name not in ("self", "params", "__class__")}
        super().__init__(params, **given)


def torch_optimizer(name: str | Path | Rule) -> type[RuleOptimizer]:
    """The class of optimizers for any rule: `torch_optimizer("dwmgrad-released-mnist")(model.parameters())`.

    Args:
        name: of a registered rule, a rule, or the path of a file that defines one (ending in .py).

    Raises:
        UnknownName: lists the nearest names.
        BadInput: the file does not define one rule.
    """
    return _class_of(rules.get(name))


@cache
def _class_of(rule: Rule) -> type[RuleOptimizer]:
    for known in (DWMGrad, AdaMomentum, LCAM):
        if known.rule is rule:
            return known
    doc = (
        f"{rule.title} {rule.source}; departs from it: {rule.departs}. Options as `dwmgrad show {rule.name}` has them."
    )
    title = "".join(part.capitalize() for part in rule.name.split("-"))
    return type(title, (RuleOptimizer,), {"rule": rule, "__doc__": doc, "__module__": __name__})
