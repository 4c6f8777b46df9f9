"""What an optimizer does, seen at chosen steps: window, momentum, effective step, update size, potential condition.

>>> import torch
>>> from dwmgrad_ref.torch import DWMGrad, watch
>>> w = torch.nn.Parameter(torch.ones(3))
>>> optimizer = DWMGrad([w], lr=0.1)
>>> seen = {}
>>> with watch(optimizer, every=2, callback=seen.__setitem__):
...     for _ in range(4):
...         loss = (w**2).sum()
...         optimizer.zero_grad()
...         loss.backward()
...         _ = optimizer.step(loss=loss)
>>> sorted(seen), seen[2]["window"]
([2, 4], 7.0)
"""

import math
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dwmgrad_ref import preconditioned
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Potential
from dwmgrad_ref.torch.buckets import view_of
from dwmgrad_ref.torch.rule_optimizer import RuleOptimizer
from dwmgrad_ref.torch.shared_state import scalar_dtype

Callback = Callable[[int, dict[str, float]], Any]
QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}
ROUNDING = 4 * torch.finfo(torch.float32).eps  # of h, from state in float32
UNKNOWN = Potential(h=math.nan, damp=math.nan, shift=0.0)
BLOCK = 64  # neighbouring coordinates are sampled together, which memory likes


def watch(
    optimizer: RuleOptimizer, *, every: int = 100, writer: Any = None, callback: Callback | None = None,
    sample: int = 1 << 10, seed: int = 0,
) -> "Watch":  # fmt: skip
    """Record at every `every`-th step what the optimizer does.

    Recorded, for each parameter group (`group0/...` where there are several):

    window, momentum, step_size    ω_t, μ_t (β1 for AdaMomentum) and α_t, as far as the rule has them
    gradient_norm                  ‖g_t‖ over all coordinates, as the step saw it
    update_to_weight               ‖θ_{t+1} - θ_t‖ / ‖θ_t‖
    effective_step_q05, _q50, _q95 quantiles over coordinates of 1/((1 - μ_t) h_t), how far a unit of gradient moves
                                   its coordinate in the end; α_t/((1 - μ_t)(√G_t + ε)) for DWMGrad
    potential_violated             share of the coordinates with h_t < h_{t-1}, where the convergence proof's condition
                                   fails; by more than rounding, and from the second step on

    The last two need the rule's potential and are left out for a rule that has none, or one that is not its own.
    They and update_to_weight look at `sample` coordinates of a group in blocks chosen at random once, at all of them
    where there are no more. Between the chosen steps nothing is computed, and at a chosen step the host waits for the
    device once.

    Args:
        every: steps between two records; the first is step `every`, counted from this call.
        writer: a TensorBoard SummaryWriter, or the folder for a new one; default `runs/...` as torch chooses it.
        callback: called with (step, values) in place of a writer.
        sample, seed: how many coordinates are looked at, and which.

    Returns:
        The watch; `remove()` it, or use it in a `with`, to stop.

    Raises:
        BadInput: `every` or `sample` below 1, both a writer and a callback, or an optimizer of another kind.
    """
    if not isinstance(optimizer, RuleOptimizer):
        raise BadInput(f"watch() reads the formula of this package's optimizers; got a {type(optimizer).__name__}")
    if every < 1 or sample < 1:
        raise BadInput(f"every={every} and sample={sample} must both be at least 1")
    if callback is not None and writer is not None:
        raise BadInput("give watch() a writer or a callback, not both")
    opened: Any = None
    if callback is None and (writer is None or isinstance(writer, str | Path)):
        from torch.utils.tensorboard import SummaryWriter

        opened = SummaryWriter(None if writer is None else str(writer))
    target: Any = opened or writer

    def write(step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            target.add_scalar(f"optimizer/{name}", value, step)

    return Watch(optimizer, every, callback or write, sample, seed, opened)


class Watch:
    """Hooks before and after an optimizer's steps; see `watch`."""

    def __init__(
        self, optimizer: RuleOptimizer, every: int, callback: Callback, sample: int, seed: int, writer: Any = None
    ):
        self.step = 0  # steps seen so far
        self._writer = writer
        self._every, self._callback, self._sample = every, callback, sample
        # Held against the rule's own defaults: a group's options may be tensors, and the formula is the same.
        self._reads_h = not preconditioned.flaw(optimizer.rule, optimizer.rule.options())
        self._generator = torch.Generator().manual_seed(seed)
        self._blocks: dict[tuple[int, ...], list[tuple[int, int, int]]] = {}
        self._pieces: dict[int, tuple[list[int] | None, list[Tensor]]] = {}  # by a group's id
        self._before: list[tuple[Any, Any] | None] = []
        self._hooks = [optimizer.register_step_pre_hook(self._pre), optimizer.register_step_post_hook(self._post)]

    def remove(self) -> None:
        """Watch no more, and close the writer if `watch` opened it."""
        for hook in self._hooks:
            hook.remove()
        if self._writer is not None:
            self._writer.close()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: Any) -> None:
        self.remove()

    def _pre(self, optimizer: Any, *_: Any) -> None:
        if (self.step + 1) % self._every == 0:
            with torch.no_grad():
                self._before = [self._look(optimizer, group) for group in optimizer.param_groups]

    def _post(self, optimizer: Any, *_: Any) -> None:
        self.step += 1
        if self.step % self._every or len(self._before) != len(optimizer.param_groups):
            return
        values: dict[str, Any] = {}
        with torch.no_grad():
            for position, (group, before) in enumerate(zip(optimizer.param_groups, self._before, strict=True)):
                prefix = f"group{position}/" if len(self._before) > 1 else ""
                values |= {prefix + name: value for name, value in self._record(optimizer, group, before).items()}
        self._before = []
        computed = {name: value for name, value in values.items() if isinstance(value, Tensor)}
        if computed:  # fetched together: the host waits once
            device = next(iter(computed.values())).device
            together = torch.stack([value.to(device, scalar_dtype(device)) for value in computed.values()])
            values |= zip(computed, together.tolist(), strict=True)
        self._callback(self.step, values)

    def _look(self, optimizer: Any, group: dict[str, Any], moved: bool = True) -> tuple[Any, Any] | None:
        """theta and the rule's own potential at the sampled coordinates, copied; None for a group without state.

        Args:
            moved: whether the tensors may be others than at the last look.
        """
        rule = optimizer.rule
        fields = [f for f in rule.Coord._fields if f != "past"]
        _, pieces = self._pieces.get(id(group), (None, [])) if not moved else self._find(optimizer, group, fields)
        if not pieces:
            return None
        running = optimizer._running(group)
        running.refresh(optimizer.param_groups)
        seen = torch.cat(pieces)  # all in one call: small tensors cost by the call
        rows: Any = seen.to(scalar_dtype(seen.device)).view(1 + len(fields), -1)
        if running.device is None and seen.device.type == "cpu":  # NumPy's calls cost less; elsewhere they would wait
            rows = rows.numpy()
        x, *c = rows
        c = rule.Coord(*c, **({"past": ()} if "past" in rule.Coord._fields else {}))
        if not self._reads_h:
            return x, UNKNOWN
        try:
            with np.errstate(all="ignore"):
                return x, rule.reading(running.o, rule.Shared(**group["shared"]), c)
        except ZeroDivisionError:  # the formula as floats have it, at a step size of 0
            return x, Potential(h=0 * x + math.inf, damp=1, shift=0)

    def _find(self, optimizer: Any, group: dict[str, Any], fields: list[str]) -> tuple[list[int] | None, list[Tensor]]:
        """Addresses of the tensors, None if they cannot be seen without copying them; and their sampled pieces."""
        stateful = [(p, values) for p in group["params"] if (values := optimizer.state.get(p))]
        columns = [[p for p, _ in stateful], *([values[f] for _, values in stateful] for f in fields)]
        memory = [t.data_ptr() for column in columns for t in column]
        if memory and self._pieces.get(id(group), (None, []))[0] == memory:
            return self._pieces[id(group)]
        views = [view_of(p, True) for p in columns[0]]
        flat = [[view(t.detach()).reshape(-1) for view, t in zip(views, c, strict=True)] for c in columns]
        sizes = tuple(t.numel() for t in flat[0])
        if sizes not in self._blocks:
            self._blocks[sizes] = _blocks(sizes, self._sample, self._generator)
        pieces = [column[j][a:b] for column in flat for j, a, b in self._blocks[sizes]]
        lasting = [t.data_ptr() for column in flat for t in column] == memory  # views show every later step too
        self._pieces[id(group)] = (memory if lasting else None, pieces)
        return self._pieces[id(group)]

    def _record(self, optimizer: Any, group: dict[str, Any], before: tuple[Any, Any] | None) -> dict[str, Any]:
        """The values of one group, numbers or tensors that are still being computed."""
        lasting = before is not None and self._pieces[id(group)][0] is not None and not group["differentiable"]
        shared, after = group["shared"], self._look(optimizer, group, moved=not lasting)
        found = {"window": shared.get("omega"), "step_size": shared.get("alpha", group["lr"])}
        found["momentum"] = shared.get("mu", group.get("beta1"))
        if grads := [p.grad for p in group["params"] if p.grad is not None]:
            found["gradient_norm"] = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
        if before and after and before[0].shape == after[0].shape and len(after[0]):
            compared = _compared if isinstance(after[0], Tensor) else _compared_on_host
            seen = compared(*before, *after, first=shared.get("t", 2.0) <= 1)
            found |= seen if self._reads_h else {"update_to_weight": seen["update_to_weight"]}
        return {name: value for name, value in found.items() if value is not None}


def _compared(x_before: Tensor, before: Any, x: Tensor, after: Any, first: Any) -> dict[str, Tensor]:
    """What a step did to these coordinates; at the first there is no h of a step before."""
    h_before, h = (torch.as_tensor(seen.h, dtype=x.dtype, device=x.device).expand_as(x) for seen in (before, after))
    step = 1 / (after.damp * h)
    found = {f"effective_step_{n}": step.kthvalue(1 + round(q * (len(step) - 1))).values for n, q in QUANTILES.items()}
    found["update_to_weight"] = torch.linalg.vector_norm(x - x_before) / torch.linalg.vector_norm(x_before)
    share = (h < h_before * (1 - ROUNDING)).to(x.dtype).mean()
    found["potential_violated"] = share.masked_fill(torch.as_tensor(first, device=x.device), math.nan)
    return found


def _compared_on_host(x_before: Any, before: Any, x: Any, after: Any, first: bool) -> dict[str, float]:
    """The same of arrays."""
    h_before, h = (seen.h if np.ndim(seen.h) else np.full(x.shape, seen.h) for seen in (before, after))
    with np.errstate(all="ignore"):
        places = [round(q * (len(x) - 1)) for q in QUANTILES.values()]
        step = np.partition(1 / (after.damp * h), places)[places]
        found = {f"effective_step_{name}": float(value) for name, value in zip(QUANTILES, step, strict=True)}
        found["update_to_weight"] = float(np.linalg.norm(x - x_before) / np.linalg.norm(x_before))
        found["potential_violated"] = math.nan if first else np.count_nonzero(h < h_before * (1 - ROUNDING)) / len(x)
    return found


def _blocks(sizes: tuple[int, ...], sample: int, generator: torch.Generator) -> list[tuple[int, int, int]]:
    """(tensor, first, one past the last) of blocks with about `sample` coordinates in all, each as likely as any."""
    counts = [-(-n // BLOCK) for n in sizes]
    if sum(sizes) <= sample:
        return [(j, 0, n) for j, n in enumerate(sizes)]
    ends = list(accumulate(counts))
    chosen = torch.randperm(ends[-1], generator=generator)[: -(-sample // BLOCK)].sort().values.tolist()
    places = [(j := bisect_right(ends, block), (block - (ends[j] - counts[j])) * BLOCK) for block in chosen]
    return [(j, at, min(at + BLOCK, sizes[j])) for j, at in places]
