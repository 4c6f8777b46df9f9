"""Any rule of this package as a torch.optim.Optimizer: the formula is the reference's, everything around it torch's.

A step first looks at everything that can be wrong, then advances what the parameters share, then the parameters; an
error before that leaves no trace. `options.py` has the options, `losses.py` the loss, `plans.py` the tensors,
`implementations.py` the arithmetic and `restore.py` the state dict.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, ClassVar

import torch
import torch.distributed as dist
from torch.optim.optimizer import ParamsT

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch import implementations, losses, options, plans, restore, shared_state
from dwmgrad_ref.torch.coordinate import Around
from dwmgrad_ref.torch.nonfinite import Watchman


@dataclass
class Running:
    """What a group's step needs, derived from the group and kept until something there changes."""

    group: dict[str, Any]
    read: Callable[[dict[str, Any]], tuple[Any, ...]]
    values: Any = None  # the group's options, less lr, when `o` was made of them
    lr: Any = None
    o: Any = None  # encoded options as the coordinate formula sees them
    o_shared: Any = None  # and as the shared formula does
    around: Around = Around()
    device: torch.device | None = None  # of the shared state; None: floats
    plan: plans.Plan | None = None
    stepped: bool = False


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
        super().__init__(params, options.defaults(self.rule, given))

    @property
    def _runs(self) -> dict[int, Running]:
        return self.__dict__.setdefault("_running", {})

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own; their window starts anew.

        Raises:
            BadOption, UnknownName, BadInput: as the class; the optimizer is then unchanged.
        """
        if isinstance(param_group, dict):
            complete = {**self.defaults, **param_group}
            options.checked(self.rule, complete)
            options.refuse_mixed(self.rule, [*self.param_groups, complete])
        super().add_param_group(param_group)
        try:
            for p in param_group["params"]:
                plans.check_parameter(self._name, p)
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
            if p.requires_grad and p not in self.state:
                self.state[p] = self._fresh_state(group, p)
        o = self.rule.encode(options.checked(self.rule, group))
        group["shared"] = shared_state.placed(self.rule, self.rule.start(o)._asdict(), options.place(group))

    def _fresh_state(self, group: dict[str, Any], p: torch.Tensor) -> dict[str, torch.Tensor]:
        history = self.rule.history(options.checked(self.rule, group)) if "past" in self.rule.Coord._fields else 0
        return plans.fresh_state(self.rule.Coord._fields, p, history)

    # --- a step --------------------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None, *, loss: Any = None) -> Any:  # type: ignore[override]
        """One step.

        Args:
            closure: evaluates the model, calls backward() and returns the loss; called once, with gradients enabled.
            loss: the loss of the gradients that are there, a number or a tensor with one element; in place of a
                closure. Not needed if the formula does not read it.

        Returns:
            The loss, as given or as the closure returned it.

        Raises:
            BadInput: no loss where one is needed; a loss that is not one finite number or is on another device; a
                sparse gradient; a parameter that changed shape, dtype or device. Nothing was changed then. On an
                accelerator, where looking at the loss would wait for it, a loss that is not finite leaves the shared
                state as it was, and a later step says so.
            BadOption: an option in a group was set to a value outside its range.
        """
        if closure is not None:
            if loss is not None:
                raise BadInput("give step() a closure or the loss, not both")
            with torch.enable_grad():
                loss = closure()
        differentiable = self.defaults["differentiable"]
        with torch.set_grad_enabled(differentiable):
            self._step(loss)
        return loss

    @torch._disable_dynamo  # as torch.optim does around its state: a graph break, then the same step as ever
    def _step(self, given: Any) -> None:
        running = [self._ready(group) for group in self.param_groups]
        gradients = [[p.grad for p in run.group["params"]] for run in running]
        tasks = [self._planned(run, grads) for run, grads in zip(running, gradients, strict=True)]
        loss = self._loss(given, tasks) if shared_state.reads_loss(self.rule) else 0.0
        advanced = [self._advanced(run, loss) for run in running]
        for run, task, grads, (k, _) in zip(running, tasks, gradients, advanced, strict=True):
            for bucket in task.buckets:
                seen = bucket.gradients(grads)
                implementations.run(self.rule, run.o, k, run.around, run.group, bucket, seen)
        for run, (k, vector) in zip(running, advanced, strict=True):
            self._keep(run, k, vector)

    def _ready(self, group: dict[str, Any]) -> Running:
        """The group's running record, its options checked and encoded anew if one of them changed."""
        run = self._runs.get(id(group))
        if run is None or run.group is not group:
            names = (name for name in options.names(self.rule) if name != "lr")
            run = self._runs[id(group)] = Running(group, itemgetter(*names))
        values = run.read(group)
        if values != run.values:
            chosen = options.checked(self.rule, group)
            options.refuse_mixed(self.rule, self.param_groups)
            run.o, run.o_shared, run.around = options.encoded(self.rule, group, chosen)
            run.values, run.lr, run.device, run.plan = values, None, options.place(group), None
        lr = group["lr"]
        if run.lr != lr or isinstance(lr, torch.Tensor):  # a schedule changes it, a tensor may change in place
            run.o, run.o_shared = options.with_lr(self.rule, run.o, run.o_shared, lr, run.device)
            run.lr = None if isinstance(lr, torch.Tensor) else lr
        return run

    def _loss(self, given: Any, tasks: list[plans.Plan]) -> Any:
        devices = set().union(*(task.devices for task in tasks))
        loss = losses.number(given, self._name, devices)
        if self.average_loss:
            loss = losses.averaged(loss, self.process_group, next(iter(devices)))
        on_host = not isinstance(loss, torch.Tensor) or loss.device.type == "cpu"
        if on_host:
            losses.refuse_nonfinite(float(loss), self._name)
        else:
            self._watchman.report(self._name)
        return loss

    def _planned(self, run: Running, grads: list[Any]) -> plans.Plan:
        params = run.group["params"]
        if run.plan is not None and run.plan.holds(params, grads):
            return run.plan
        plans.check_gradients(self._name, params, grads)
        present = [g is not None for g in grads]
        for position, (p, has) in enumerate(zip(params, present, strict=True)):
            if has and (not self.state.get(p) or not (run.stepped or plans.fits(p, self.state[p]))):
                self.state[p] = self._fresh_state(run.group, p)
            if has:
                plans.check_fits(self._name, position, p, self.state[p])
        reorder = not run.group["differentiable"]
        run.plan = plans.build(self.rule.Coord._fields, params, grads, self.state, reorder=reorder)
        for bucket in run.plan.buckets:
            bucket.how = implementations.choose(self.rule, run.group, bucket, run.device is None)
        return run.plan

    def _advanced(self, run: Running, loss: Any) -> tuple[Any, torch.Tensor | None]:
        """The shared state of this step: as the formula's Shared, and where it lives on tensors as one vector."""
        shared = run.group["shared"]
        if run.around.maximize:
            loss = -loss  # maximizing f is minimizing -f, for the window too
        if run.device is None:
            k = self.rule.Shared(*(shared[name] for name in self.rule.Shared._fields))
            return self.rule.shared(run.o_shared, k, float(loss)), None
        vector = shared_state.vector_of(shared)
        if vector is None or vector.device != run.device:
            run.group["shared"] = shared = shared_state.placed(self.rule, shared, run.device)
            vector = shared_state.vector_of(shared)
        assert vector is not None
        k = self.rule.Shared(*(shared[name] for name in self.rule.Shared._fields))
        loss = torch.as_tensor(loss, dtype=vector.dtype, device=vector.device)
        new = shared_state.packed(self.rule.shared(run.o_shared, k, loss), vector)
        finite = torch.isfinite(loss)
        if loss.device.type != "cpu":
            self._watchman.note(finite)
        new = torch.where(finite, new, vector)  # the window never moves on a loss that is no number
        return self.rule.Shared(*new.unbind()), new

    def _keep(self, run: Running, k: Any, vector: torch.Tensor | None) -> None:
        run.stepped = True
        shared = run.group["shared"]
        if run.group["differentiable"] and run.plan is not None:  # its state tensors are new ones
            for bucket in run.plan.buckets:
                for name, values in zip(self.rule.Coord._fields, bucket.states, strict=True):
                    for p, value in zip(bucket.leaves, values, strict=True):
                        self.state[p][name] = value
            run.plan = None
        if vector is None:
            shared.update(zip(self.rule.Shared._fields, k, strict=True))
        elif run.group["differentiable"]:
            run.group["shared"] = dict(zip(self.rule.Shared._fields, vector.unbind(), strict=True))
        else:
            old = shared_state.vector_of(shared)
            assert old is not None
            old.copy_(vector)

    # --- around a step -------------------------------------------------------------------------------------

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
        for run in self._runs.values():
            run.values = None
            run.stepped = True

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "average_loss": self.average_loss}  # process groups cannot be pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("average_loss", True)
        self.__dict__.setdefault("process_group", None)
