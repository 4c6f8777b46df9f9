"""Audit any torch.optim.Optimizer: what its iterates tell, for they are all that it shows.

Regret on the problem set, the periodic counterexamples, the worst gradients that a search finds, the largest step,
and the numbers it keeps per coordinate.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from analysis.audit.rule_audit import PROBLEMS, compiled_loss
from dwmgrad_ref import problems
from dwmgrad_ref.errors import BadOption
from dwmgrad_ref.problems.base import Problem
from proofs.checkers.by_search import OFFSET, starts

Look = Callable[[np.ndarray, int], tuple[float, np.ndarray]]


def made(cls: type[torch.optim.Optimizer], parameters: Sequence[torch.Tensor], **options: Any) -> torch.optim.Optimizer:
    """The optimizer of these parameters.

    Raises:
        BadOption: the class does not take these options; says what it said.
    """
    try:
        return cls(parameters, **options)
    except (TypeError, ValueError) as error:
        raise BadOption(f"{cls.__name__} does not take {options}: {error}") from None


def torch_run(cls: type[torch.optim.Optimizer], problem: Problem, steps: int, **options: Any) -> dict[str, Any]:
    """Step a torch optimizer on one of our problems, projected onto its box: losses, regret, largest step."""
    theta = torch.tensor(problem.x0, dtype=torch.float64, requires_grad=True)
    theta.grad = torch.zeros_like(theta)
    optimizer = made(cls, [theta], **options)
    losses, gradient_sum, largest, look = [], np.zeros(problem.d), 0.0, compiled_loss(problem)
    for t in range(1, steps + 1):
        before = theta.detach().numpy().copy()
        loss, g = look(before, t)
        if not np.isfinite(loss) or not np.all(np.isfinite(g)):
            return {"stopped": f"step {t}: not finite"}
        losses.append(loss)
        gradient_sum += g
        theta.grad.copy_(torch.from_numpy(g))
        optimizer.step(_closure(theta, look, t))  # type: ignore[arg-type]
        with torch.no_grad():
            largest = max(largest, float(np.abs(theta.numpy() - before).max()))
            theta.clamp_(torch.from_numpy(problem.lower), torch.from_numpy(problem.upper))
    total = problem.best_fixed(steps, gradient_sum if problem.linear else None).total
    return {"regret": float(np.sum(losses) - total), "largest_step": largest}


def _closure(theta: torch.Tensor, look: Look, t: int) -> Any:
    """Loss t and its gradient wherever theta is by then: some optimizers read the loss, some look around."""

    def closure() -> torch.Tensor:
        loss, g = look(theta.detach().numpy(), t)
        assert theta.grad is not None
        theta.grad.copy_(torch.from_numpy(g))
        return torch.tensor(loss, dtype=torch.float64)

    return closure


def words(cls: type[torch.optim.Optimizer], d: int = 64, **options: Any) -> float:
    """Numbers kept per coordinate between steps, seen in the optimizer's state after a few steps on d x d numbers."""
    theta = torch.ones(d, d, dtype=torch.float64, requires_grad=True)
    theta.grad = torch.full_like(theta, 0.5)
    optimizer = made(cls, [theta], **options)
    for _ in range(3):
        optimizer.step(lambda: torch.tensor(1.0, dtype=torch.float64))  # type: ignore[arg-type]
    kept = [value for state in optimizer.state.values() for value in state.values() if torch.is_tensor(value)]
    return sum(value.numel() for value in kept if value.numel() >= d) / d**2


def torch_worst(
    cls: type[torch.optim.Optimizer], T: int = 30, rounds: int = 60, count: int = 48, seed: int = 0, **options: Any
) -> dict[str, Any]:
    """The worst gradients g_1..g_T in [-1, 1] found on the box [-1, 1], by a seeded search that sees only iterates.

    `count` sequences are played at once, each on a parameter of its own; every round keeps the best quarter and
    tries changes of them. The best is played again alone, and that regret is told.
    """
    rng = np.random.default_rng(seed)
    g, start = starts(T, count, rng), np.resize([-1.0, 0.0, 1.0], count)
    kept = count // 4
    for _ in range(rounds):
        best = np.argsort(-_regrets(cls, g, start, options))[:kept]
        g, start = np.tile(g[best], (4, 1)), np.tile(start[best], 4)
        for row in g[kept:]:
            _change(row, rng)
    best = int(np.argmax(_regrets(cls, g, start, options)))
    regret = float(_regrets(cls, g[best : best + 1], start[best : best + 1], options)[0])
    return {"T": T, "regret": regret, "regret_per_step": regret / T, "start": float(start[best]),
            "gradients": g[best].tolist()}  # fmt: skip


def _change(g: np.ndarray, rng: np.random.Generator) -> None:
    """A segment of the sequence flipped, silenced, scaled, set to the ends, or shaken."""
    length = 1 + int(g.size ** rng.random())
    i = rng.integers(0, g.size - min(length, g.size) + 1)
    part = g[i : i + length]
    shaken = part + rng.normal(0, 0.3, part.size)
    changes = (-part, 0 * part, 1.3 * part, 0.8 * part, np.where(part < 0, -1.0, 1.0), shaken)
    part[:] = np.clip(changes[rng.integers(0, len(changes))], -1, 1)


def _regrets(cls: type[torch.optim.Optimizer], g: np.ndarray, start: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """Regret of each row of g (count, T) against the best end of the box; -inf where the run is not finite."""
    thetas = [torch.tensor([x], dtype=torch.float64, requires_grad=True) for x in start]
    optimizer = made(cls, thetas, **options)
    suffered = np.zeros(len(start))
    for t in range(g.shape[1]):
        x = np.array([theta.item() for theta in thetas])
        suffered += g[:, t] * x
        for theta, slope in zip(thetas, g[:, t], strict=True):
            theta.grad = torch.full_like(theta, float(slope))
        loss = torch.tensor(float(g[:, t] @ x) + OFFSET, dtype=torch.float64)
        optimizer.step(lambda loss=loss: loss)  # type: ignore
        with torch.no_grad():
            for theta in thetas:
                theta.clamp_(-1, 1)
    regret = suffered + np.abs(g.sum(axis=1))
    return np.where(np.isfinite(regret), regret, -np.inf)


def torch_average(cls: type[torch.optim.Optimizer], problem: Problem, steps: int, **options: Any) -> float:
    """Average regret of a torch optimizer; nan if it stopped."""
    return torch_run(cls, problem, steps, **options).get("regret", float("nan")) / steps


def torch_regrets(cls: type[torch.optim.Optimizer], steps: int = 2000, **options: Any) -> pd.DataFrame:
    """Regret of a torch optimizer on the problem set, at steps/10 and steps, and its largest step."""
    rows = []
    for name in PROBLEMS:
        problem = problems.get(name)
        early = torch_run(cls, problem, steps // 10, **options)
        late = torch_run(cls, problem, steps, **options)
        rows.append({"problem": name, **late, "early_average": early.get("regret", np.nan) / (steps // 10),
                     "average": late.get("regret", np.nan) / steps})  # fmt: skip
    return pd.DataFrame(rows)
