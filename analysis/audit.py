"""Audit an optimizer nobody has proved anything about: a rule in a file, or any torch.optim.Optimizer.

A rule written like ours gets everything: effective steps, the potential condition with a gradient sequence that
breaks it, the a-posteriori regret certificate on the problem set, and the family of losses on which capped
windows go to the worst point. A torch optimizer shows only its iterates, so it gets what they tell.
"""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch

from dwmgrad_ref import observers, problems, run_many
from dwmgrad_ref.engine import Engine, Workspace
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.rules.base import Rule, Source

PROBLEMS = (
    "quadratic-diagonal",
    "absolute",
    "logistic-breast-cancer",
    "stream-logistic-breast-cancer",
    "linear-iid",
    "linear-adversarial",
)
PERIODIC = ((3.0, 3), (7.0, 7), (12.0, 10), (30.0, 25), (120.0, 100))  # (C, k), all with C > k - 1
STEPS = 20_000


def regrets(rule: Rule, steps: int = STEPS, **options: Any) -> pd.DataFrame:
    """Regret, certificate and the potential condition on each problem; `growth` is the exponent of regret in T.

    The exponent is fitted over the last decade of T; 1 means that the average regret does not fall.
    """
    jobs = [{"rule": rule, "problem": name, "steps": steps, **options} for name in PROBLEMS]
    rows = []
    for name, trace in zip(PROBLEMS, run_many(jobs), strict=True):
        if trace.stopped:
            rows.append({"problem": name, "stopped": f"step {trace.stopped['step']}: not finite"})
            continue
        final = trace.final
        rows.append(
            {
                "problem": name,
                "regret": final["regret"],
                "bound": final["bound"],
                "growth": growth(trace.frame["t"].to_numpy(), trace.frame["regret"].to_numpy()),
                "step_min": final["step_min"],
                "step_max": final["step_max"],
                "violating_steps": final["violating_steps"],
                "first_violation": final["first_violation"],
            }
        )
    return pd.DataFrame(rows)


def growth(t: np.ndarray, regret: np.ndarray) -> float:
    """Least-squares slope of log regret against log T over the last decade; nan where regret is not positive."""
    late = (t >= t[-1] / 10) & (t > 0)
    if late.sum() < 3 or np.any(regret[late] <= 0):
        return float("nan")
    return float(np.polyfit(np.log(t[late]), np.log(regret[late]), 1)[0])


def potential_break(rule: Rule, steps: int = 40, **options: Any) -> dict[str, Any] | None:
    """A short gradient sequence on which the preconditioner h decreases, or None if these probes find none.

    Probes: gradients of 1 and then none; a spike and then small ones; alternating sizes. Each runs through the
    rule's own compiled formula as linear losses with a positive value.
    """
    chosen = rule.options(**options)
    for label, gradients in _probes(steps):
        problem = gradient_stream(gradients)
        s = Workspace.fresh(rule, chosen, problem.x0, [1])
        engine = Engine(rule, chosen, problem, [observers.get("audit").kernel], np.zeros(1))
        engine.advance(s, 1, steps)
        if s.totals[0, 2]:
            first = int(s.totals[0, 2])
            return {"probe": label, "step": first, "gradients": gradients[:first].tolist()}
    return None


def _probes(steps: int) -> list[tuple[str, np.ndarray]]:
    ones = np.ones(steps)
    return [
        ("ones, then nothing", np.where(np.arange(steps) < 3, 1.0, 0.0)),
        ("a spike, then small gradients", np.where(np.arange(steps) == 2, 10.0, 0.1 * ones)),
        ("large and small in turn", np.where(np.arange(steps) % 2 == 0, 1.0, 0.1)),
    ]


def stream_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """b_t (x - sign(b_t)) + 1 + |b_t|: slope b_t, positive on [-1, 1]."""
    slope = b[t - 1]
    g[0] = slope
    return slope * x[0] + abs(slope) + 1.0


def gradient_stream(gradients: np.ndarray) -> Problem:
    """One coordinate on [-1, 1] whose gradients are given, whatever the iterate."""
    source = Source("dwmgrad", "Algorithm 1, fed any gradients")
    return Problem("gradient-stream", "given gradients", source, "online", stream_loss, np.zeros(1),
                   b=np.asarray(gradients, float), box=(-1.0, 1.0), linear=True)  # fmt: skip


def failures(average: Callable[[Problem, int], float], steps: int = STEPS) -> pd.DataFrame:
    """Average regret on the periodic family after steps/10 and steps steps; it must fall for a no-regret method."""
    rows = []
    for C, k in PERIODIC:
        problem = problems.get("periodic", C=C, k=k)
        early, late = average(problem, steps // 10), average(problem, steps)
        rows.append({"C": C, "k": k, "early": early, "late": late, "worst": 2 * (C - k + 1) / k})
    return pd.DataFrame(rows)


def average_regret(rule: Rule, **options: Any) -> Callable[[Problem, int], float]:
    """How `failures` runs a rule of ours."""

    def average(problem: Problem, steps: int) -> float:
        trace = run_many([{"rule": rule, "problem": problem, "steps": steps, "observe": ("regret",), **options}])[0]
        return float("nan") if trace.stopped else float(trace.frame["regret"].to_numpy()[-1]) / steps

    return average


def torch_class(name: str) -> type[torch.optim.Optimizer]:
    """The class that `torch:package.module.Class` names.

    Raises:
        BadInput: no such module or class, or not an optimizer.
    """
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadInput(f"torch:{name} cannot be imported ({error}); expected torch:package.module.Class") from None
    if not (isinstance(found, type) and issubclass(found, torch.optim.Optimizer)):
        raise BadInput(f"torch:{name} is not a torch.optim.Optimizer")
    return found


def torch_run(cls: type[torch.optim.Optimizer], problem: Problem, steps: int, **options: Any) -> dict[str, Any]:
    """Step a torch optimizer on one of our problems, projected onto its box: losses, regret, largest step."""
    theta = torch.tensor(problem.x0, dtype=torch.float64, requires_grad=True)
    theta.grad = torch.zeros_like(theta)
    optimizer = cls([theta], **options)
    losses, gradient_sum, largest = [], np.zeros(problem.d), 0.0
    for t in range(1, steps + 1):
        before = theta.detach().numpy().copy()
        loss, g = problem.value_grad(before, t)
        if not np.isfinite(loss) or not np.all(np.isfinite(g)):
            return {"stopped": f"step {t}: not finite"}
        losses.append(loss)
        gradient_sum += g
        theta.grad.copy_(torch.from_numpy(g))
        optimizer.step(lambda loss=loss: loss) if _needs_closure(optimizer) else optimizer.step()
        with torch.no_grad():
            largest = max(largest, float(np.abs(theta.numpy() - before).max()))
            theta.clamp_(torch.from_numpy(problem.lower), torch.from_numpy(problem.upper))
    total = problem.best_fixed(steps, gradient_sum if problem.linear else None).total
    return {"regret": float(np.sum(losses) - total), "largest_step": largest}


def _needs_closure(optimizer: torch.optim.Optimizer) -> bool:
    return isinstance(optimizer, torch.optim.LBFGS)


def torch_average(cls: type[torch.optim.Optimizer], problem: Problem, steps: int, **options: Any) -> float:
    """Average regret of a torch optimizer; nan if it stopped."""
    return torch_run(cls, problem, steps, **options).get("regret", float("nan")) / steps


def verdict(failures: pd.DataFrame) -> str:
    """What the periodic family shows: a no-regret method's average regret falls by sqrt(10) or more here."""
    stuck = failures[(failures["late"] > 0.01) & (failures["late"] > failures["early"] / 2)]
    if stuck.empty:
        return "no linear regret found on the periodic family"
    cases = ", ".join(f"C = {C:g}, k = {k}" for C, k in zip(stuck["C"], stuck["k"], strict=True))
    return (
        f"average regret does not fall at {cases}: not a no-regret method with these options, as far as this run sees"
    )


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
