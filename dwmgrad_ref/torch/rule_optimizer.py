"""Any rule of this package as a torch.optim.Optimizer: the formula is the reference's, everything around it torch's.

A step first looks at everything that can be wrong, then advances what the parameters share, then the parameters; an
error before that leaves no trace. `options.py` has the options, `losses.py` the loss, `plans.py` the tensors,
`running.py` a group's part of a step, `implementations.py` the arithmetic and `restore.py` the state dict.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import torch
import torch.distributed as dist
from torch.nn.parameter import is_lazy
from torch.optim.optimizer import ParamsT

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch import buckets, options, shared_state
from dwmgrad_ref.torch import loss as losses
from dwmgrad_ref.torch import state_dict as restore
from dwmgrad_ref.torch.group_step import Running, fresh_state
from dwmgrad_ref.torch.nonfinite import Watchman

# Part of a training run's key: raise it when a change of how a rule is run on tensors (this folder, whichever of the
# loop, foreach or fused implementation) changes the numbers of every rule.
RESULT_VERSION = 1


class RuleOptimizer(torch.optim.Optimizer):
    """A reference rule as an optimizer; make one with `torch_optimizer(name)`.

    Args:
        params: parameters, named parameters, or dicts of parameter groups with options of their own.
        average_loss: under torch.distributed, step with the loss averaged over the processes, so that all ranks
            move alike; False leaves each rank its own loss.
        process_group: the processes to average over; None for all.
        options: the rule's, `lr` for its alpha, and weight_decay, decoupled_weight_decay, maximize, foreach, fused,
            capturable, differentiable as in torch.optim.

    Raises:
        BadOption: an option outside its range, or groups that mix loss signals.
        UnknownName: an option that the rule does not have.
        BadInput: a parameter that is not a dense tensor of floating point or complex numbers.
    """

    rule: ClassVar[Rule]

    def __init__(
        self,
        params: ParamsT,
        *,
        average_loss: bool = True,
        process_group: "dist.ProcessGroup | None" = None,
        **given: Any,
    ):
        self.average_loss, self.process_group = average_loss, process_group
        self._supplied: list[Any] = []  # at most one loss; wrappers that copy no attributes still reach this list
        super().__init__(params, options.defaults(self.rule, given))

    @property
    def _runs(self) -> dict[int, Running]:
        return self.__dict__.setdefault("_at_work", {})

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own; their window starts anew.

        Raises:
            BadOption, UnknownName, BadInput: as the class; the optimizer is then unchanged.
        """
        if isinstance(param_group, dict):
            param_group = options.normalized(options.renamed(self.rule, param_group))
            complete = {**self.defaults, **param_group}
            options.checked(self.rule, complete)
            options.refuse_mixed(self.rule, [*self.param_groups, complete])
        super().add_param_group(param_group)
        try:
            for p in param_group["params"]:
                buckets.check_parameter(self._name, p)
        except BadInput:
            self.param_groups.pop()
            raise
        self._prepare(param_group)

    @property
    def _watchman(self) -> Watchman:
        return self.__dict__.setdefault("_watch_loss", Watchman())

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _prepare(self, group: dict[str, Any]) -> None:
        """State for every parameter that will have a gradient, and the shared state before the first step."""
        for p in group["params"]:
            if p.requires_grad and p not in self.state and not is_lazy(p):
                self.state[p] = fresh_state(self.rule, group, p)
        o = self.rule.encode(options.checked(self.rule, group))
        group["shared"] = shared_state.placed(self.rule, self.rule.start(o)._asdict(), options.place(group))

    # --- a step --------------------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None, *, loss: Any = None) -> Any:  # type: ignore[override]
        """One step.

        Args:
            closure: evaluates the model, calls backward() and returns the loss; called once, with gradients enabled.
            loss: the loss of the gradients that are there, a number or a tensor with one element; in place of what a
                closure returns. Not needed if the formula does not read it, nor after `supply_loss`.

        Returns:
            The loss, as given or as the closure returned it. A closure that returns None and leaves no gradient has
            skipped its batch: nothing is changed, and None returned.

        Raises:
            BadInput: no loss where one is needed; a loss that is not one finite number or is on another device; a
                sparse gradient; a parameter that changed shape, dtype or device. Nothing was changed then. On an
                accelerator, where looking at the loss would wait for it, a loss that is not finite leaves the shared
                state as it was, and a later step says so.
            BadOption: an option in a group was set to a value outside its range.
        """
        returned = None
        if closure is not None:
            with torch.enable_grad():
                returned = closure()
        supplied = [*self._supplied, returned]
        self._supplied.clear()
        if returned is not None and loss is not None:
            raise BadInput("step() got the loss and a closure that returns one; give one of the two")
        if closure is not None and returned is None and loss is None and not self._has_gradients():
            return None  # how a framework says that this batch is skipped
        loss = supplied[0] if loss is None else loss
        differentiable = self.defaults["differentiable"]
        with torch.set_grad_enabled(differentiable):
            self._step(loss)
        return loss if returned is None else returned

    def _has_gradients(self) -> bool:
        return any(p.grad is not None for group in self.param_groups for p in group["params"])

    @torch._disable_dynamo  # as torch.optim does around its state: a graph break, then the same step as ever
    def _step(self, given: Any) -> None:
        running = [self._running(group) for group in self.param_groups]
        for run in running:
            run.refresh(self.param_groups)
        gradients = [[p.grad for p in group["params"]] for group in self.param_groups]
        tasks = [run.planned(grads, self.param_groups) for run, grads in zip(running, gradients, strict=True)]
        loss = self._loss(given, tasks) if shared_state.reads_loss(self.rule) else 0.0
        for run, grads in zip(running, gradients, strict=True):
            run.prepare(grads)
        for run in running:
            run.advance(loss, self._watchman)
        for run in running:
            run.update()
        for run in running:
            run.keep()

    def _running(self, group: dict[str, Any]) -> Running:
        run = self._runs.get(id(group))
        if run is None or run.group is not group or run.state is not self.state:
            run = self._runs[id(group)] = Running(self._name, self.rule, group, self.state)
        return run

    def _loss(self, given: Any, tasks: list[buckets.Plan]) -> Any:
        devices = set().union(*(task.devices for task in tasks))
        loss = losses.number(given, self._name, devices)
        if self.average_loss:
            loss = losses.averaged(loss, self.process_group, next(iter(devices)))
        if losses.on_host(loss):
            losses.refuse_nonfinite(loss, self._name)
        else:
            self._watchman.report(self._name)
        return loss

    # --- around a step -------------------------------------------------------------------------------------

    def supply_loss(self, loss: Any) -> None:
        """The loss for the next step, where a framework calls `step()` without it.

        Call it once the loss is computed and before the framework steps. The next step uses it in place of what its
        closure returns, unless it is itself given a loss, and forgets it. Until then another call replaces it, so that
        a step that a gradient scaler skips leaves nothing behind.

        Args:
            loss: as for `step`; a tensor is detached, so that its graph is not kept.
        """
        self._supplied[:] = [loss.detach() if isinstance(loss, torch.Tensor) else loss]

    def start_epoch(self) -> None:
        """The next step is the first of an epoch: LCAM's running mean and DWMGrad's previous loss start anew.

        An optimizer whose formula knows no epochs is left as it is.
        """
        for group in self.param_groups:
            for name, value in shared_state.epoch_start(self.rule).items():
                if isinstance(group["shared"][name], torch.Tensor):
                    group["shared"][name].fill_(value)
                else:
                    group["shared"][name] = value

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over options and state of an optimizer of the same rule, also from another device or dtype.

        Raises:
            BadInput: it is another optimizer's, or of other groups or shapes; this optimizer is then unchanged.
        """
        restore.load(self, state_dict)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "average_loss": self.average_loss}  # process groups cannot be pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("average_loss", True)
        self.__dict__.setdefault("process_group", None)
        self.__dict__.setdefault("_supplied", [])
