"""One parameter group at work: what a step needs is derived from the group and kept until something there changes."""

from operator import itemgetter
from typing import Any

import torch

from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch import buckets, options, shared_state, storage
from dwmgrad_ref.torch.kernels import implementations
from dwmgrad_ref.torch.kernels.coordinate import Around
from dwmgrad_ref.torch.nonfinite import Watchman


class Running:
    """A step of a group is `refresh`, `planned`, `prepare`, `advance`, `update`, `keep`.

    Only the last two change anything, and only the first three refuse, so a step that is refused leaves no trace.

    Args:
        owner: name of the optimizer, for messages.
        state: the optimizer's state of its parameters.
    """

    def __init__(self, owner: str, rule: Rule, group: dict[str, Any], state: dict[torch.Tensor, Any]):
        self.owner, self.rule, self.group, self.state = owner, rule, group, state
        self._read = itemgetter(*(name for name in options.names(rule) if name != "lr"))
        self._values: Any = None  # the group's options, less lr, when `o` was made of them
        self._lr: Any = None
        self.o: Any = None  # encoded options as the coordinate formula sees them
        self.o_shared: Any = None  # and as the shared formula does
        self.around = Around()
        self.device: torch.device | None = None  # of the shared state; None: floats
        self.plan: buckets.Plan | None = None
        self._seen: list[list[torch.Tensor]] = []  # this step's gradients, for each bucket
        self.k: Any = None  # the shared state of the step being made
        self.vector: torch.Tensor | None = None  # the same as one vector, where it lives on tensors

    @property
    def on_host(self) -> bool:
        """Whether looking at the shared state and the loss costs no waiting."""
        return self.device is None or self.device.type == "cpu"

    def refresh(self, groups: list[dict[str, Any]]) -> None:
        """Check and encode the group's options again if one of them changed.

        Raises:
            BadOption: a value outside its range, or another signal than the other groups'.
        """
        values, lr = self._read(self.group), self.group["lr"]
        if not options.are_plain((*values, 0.0 if isinstance(lr, torch.Tensor) else lr)):
            self.group.update(options.normalized({n: v for n, v in self.group.items() if n != "params"}))
            values, lr = self._read(self.group), self.group["lr"]
        misnamed = not options.renames(self.rule).isdisjoint(self.group)
        if misnamed or not options.are_plain(values) or values != self._values:
            chosen = options.checked(self.rule, self.group)
            options.refuse_mixed(self.rule, groups)
            self.o, self.o_shared, self.around = options.encoded(self.rule, self.group, chosen)
            self._values, self._lr, self.plan = values, None, None
            self.device = options.place(self.group)
            self.group["shared"] = shared_state.placed(self.rule, self._known_shared(), self.device)
        if not isinstance(lr, int | float) or self._lr != lr:  # a schedule changes it, a tensor may change in place
            self.o, self.o_shared = options.with_lr(self.rule, self.o, self.o_shared, lr, self.device)
            self._lr = None if isinstance(lr, torch.Tensor) else lr

    def _known_shared(self) -> dict[str, Any]:
        """The group's shared state; its start if it has no values and the parameters, filled since, have."""
        shared = self.group["shared"]
        kept = any(isinstance(value, torch.Tensor) and storage.valueless(value) for value in shared.values())
        if kept and not all(map(storage.valueless, self.group["params"])):
            return self.rule.start(self.rule.encode(options.checked(self.rule, self.group)))._asdict()
        return shared

    def planned(self, grads: list[Any], groups: list[dict[str, Any]]) -> buckets.Plan:
        """The tensors to work on, found again if parameters, gradients or state are others than before.

        Raises:
            BadInput: a gradient that cannot be used, or a parameter that its state no longer fits.
            BadOption: `fused=True` where that cannot run.
        """
        params = self.group["params"]
        if self.plan is not None and self.plan.holds(params, grads):
            return self.plan
        buckets.check_gradients(self.owner, params, grads)
        if options.place(self.group) != self.device:  # the model was moved
            self._values = None
            self.refresh(groups)
        fields = self.rule.Coord._fields
        present = [(i, p) for i, (p, g) in enumerate(zip(params, grads, strict=True)) if g is not None]
        for position, p in present:
            buckets.check_parameter(self.owner, p)
            if self._outdated(p):
                self.state[p].update(fresh_state(self.rule, self.group, p))  # beside what others keep there
            buckets.check_fits(self.owner, position, p, self.state[p], fields)
        reorder = not self.group["differentiable"]
        self.plan = buckets.build(fields, params, grads, self.state, reorder=reorder)
        for bucket in self.plan.buckets:
            bucket.how = implementations.choose(self.rule, self.group, bucket, self.device)
        return self.plan

    def _outdated(self, p: torch.Tensor) -> bool:
        """Whether a parameter needs a new state: it has none, or one of another kind that holds nothing yet."""
        values, fields = self.state[p], self.rule.Coord._fields
        if not values.keys() >= {*fields}:
            return True
        empty = any(storage.valueless(values[name]) for name in fields) and not storage.valueless(p)
        return empty or not (buckets.fits(p, values, fields) or self._stepped())

    def _stepped(self) -> bool:
        """Whether the shared state has left its start; looked at only where a parameter was changed."""
        begun = self.rule.start(self.o)
        return any(float(self.group["shared"][n]) != float(v) for n, v in begun._asdict().items() if n != "alpha")

    def advance(self, loss: Any, watchman: Watchman) -> None:
        """Compute the shared state of this step from a float or a 0-d tensor."""
        if self.around.maximize:
            loss = -loss  # maximizing f is minimizing -f, for the window too
        shared, fields = self.group["shared"], self.rule.Shared._fields
        k = self.rule.Shared(*(shared[name] for name in fields))
        if self.device is None:
            self.k, self.vector = self.rule.shared(self.o_shared, k, float(loss)), None
            return
        before = shared_state.vector_of(shared)
        loss = torch.as_tensor(loss, dtype=before.dtype, device=before.device)
        after = shared_state.packed(self.rule.shared(self.o_shared, k, loss), before)
        if not self.on_host and shared_state.reads_loss(self.rule):
            finite = torch.isfinite(loss)
            watchman.note(finite)
            after = torch.where(finite, after, before)  # the window never moves on a loss that is no number
        self.k, self.vector = self.rule.Shared(*after.unbind()), after

    def prepare(self, grads: list[Any]) -> None:
        """Find the gradients as the arithmetic sees them.

        Raises:
            BadInput: one that it cannot use.
        """
        assert self.plan is not None
        self._seen = [bucket.gradients(grads) for bucket in self.plan.buckets]
        for bucket, seen in zip(self.plan.buckets, self._seen, strict=True):
            implementations.prepare(self.rule, self.o, self.around, bucket, seen)

    def update(self) -> None:
        """Move the parameters and their state."""
        assert self.plan is not None
        for bucket, seen in zip(self.plan.buckets, self._seen, strict=True):
            k, device = self.k, bucket.leaves[0].device
            if self.device is not None and device != self.device:
                waits = device.type == "cpu"  # without waiting, the host would read numbers that have not arrived yet
                k = self.rule.Shared(*(value.to(device, non_blocking=not waits) for value in k))
            implementations.run(self.rule, self.o, k, self.around, self.group, bucket, seen)

        self._seen = []

    def keep(self) -> None:
        """Make the shared state of this step the group's."""
        shared, fields = self.group["shared"], self.rule.Shared._fields
        if self.vector is None:
            shared.update(zip(fields, self.k, strict=True))
        elif not self.group["differentiable"]:
            shared_state.vector_of(shared).copy_(self.vector)
        else:  # new tensors, for a gradient may still need the old ones
            self.group["shared"] = dict(zip(fields, self.vector.unbind(), strict=True))
            assert self.plan is not None
            for bucket in self.plan.buckets:
                for name, values in zip(self.rule.Coord._fields, bucket.states, strict=True):
                    for p, value in zip(bucket.leaves, values, strict=True):
                        self.state[p][name] = value
            self.plan = None


def fresh_state(rule: Rule, group: dict[str, Any], p: torch.Tensor) -> dict[str, torch.Tensor]:
    """A parameter's state before its first step."""
    history = rule.history(options.checked(rule, group)) if "past" in rule.Coord._fields else 0
    return buckets.fresh_state(rule.Coord._fields, p, history)
