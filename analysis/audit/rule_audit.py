"""Audit an optimizer nobody has proved anything about, written as a rule like ours in a file.

It gets what its formula costs, the sizes of its window and steps against their proved bounds, the potential condition
with a gradient sequence that breaks it, the a-posteriori regret certificate on the problem set, the worst gradients
found, and the family of losses on which capped windows go to the worst point. `audit_torch` does what can be done
for a torch optimizer, which shows only its iterates.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from dwmgrad_ref import observers, preconditioned, problems, run_many
from dwmgrad_ref.execution import compiled
from dwmgrad_ref.execution.driver import Engine, Workspace
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.rules.base import Rule, Source
from proofs.checkers.by_search import Worst, worst_sequence
from proofs.cost import power_law

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
LENGTHS = (10, 30, 100)  # steps of the worst sequences looked for
WATCHED = 2000  # steps taken one by one for the sizes of window and step
GROWTH = (-3.0, 3.0)  # exponents of regret that are looked for
WINDOWS = ("omega", "window")  # what a rule may call its window


def regrets(rule: Rule, steps: int = STEPS, **options: Any) -> pd.DataFrame:
    """Regret, certificate and the potential condition on each problem; `growth` is the exponent of regret in T.

    A run that stopped has `stopped` instead. The exponent is fitted over the last decade of T: at 1 the average regret
    is the same there, which a small step size does too.
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
    """The exponent p of regret = c T^p over the last decade of T; nan where regret is not positive there."""
    late = (t >= t[-1] / 10) & (t > 0)
    if late.sum() < 3 or np.any(regret[late] <= 0):
        return float("nan")
    return power_law.fit(t[late], regret[late], overhead=0.0, search=GROWTH).p


def sizes(rule: Rule, steps: int = WATCHED, **options: Any) -> pd.DataFrame:
    """Every step looked at: smallest and largest window, largest |theta_{t+1} - theta_t| / alpha before projection.

    On the problem set, and on gradients that grow tenfold every step from an empty past, which make the steps of an
    averaging rule as large as they get. `step_bound` is the rule's own proved bound, nan where it has none. The
    window is a field of the shared state called omega or window; nan where there is none.
    """
    chosen = rule.options(**options)
    o = rule.encode(chosen)
    bound = rule.step_bound(o)
    growing = gradient_stream(10.0 ** np.arange(min(steps, 60)))
    cases = [(name, problems.get(name), steps) for name in PROBLEMS] + [("growing gradients", growing, growing.b.size)]
    return pd.DataFrame({"problem": name, **_sizes(rule, o, p, n), "step_bound": bound} for name, p, n in cases)


def _sizes(rule: Rule, o: Any, problem: Problem, steps: int) -> dict[str, float]:
    x = problem.x0.copy()
    (k, c), alpha = rule.begin(o, x), getattr(o, "alpha", 1.0)
    name = next((n for n in WINDOWS if n in rule.Shared._fields), None)
    windows, largest, look = [], 0.0, compiled_loss(problem)
    for t in range(1, steps + 1):
        loss, g = look(x, t)
        with np.errstate(all="ignore"):
            k, c, free = rule.step(o, k, c, x, g, loss)
            size = float(np.abs(free - x).max()) / alpha
        if not np.isfinite(size):
            break  # diverged: the table of regrets says so
        windows.append(float(getattr(k, name)) if name else float("nan"))
        largest, x = max(largest, size), np.clip(free, problem.lower, problem.upper)
    return {"window_min": min(windows), "window_max": max(windows), "step_per_alpha": largest}


def compiled_loss(problem: Problem) -> Callable[[np.ndarray, int], tuple[float, np.ndarray]]:
    """(x, t) -> f_t(x) and its gradient, as `Problem.value_grad` but by the compiled kernel, much faster."""
    call, P = compiled.loss_of(problem.kernel).ctypes, ctypes.POINTER(ctypes.c_double)
    A, b, c = (np.ascontiguousarray(a, dtype=float) for a in (problem.A, problem.b, problem.c))
    data = A.ctypes.data_as(P), *A.shape, b.ctypes.data_as(P), b.size, c.ctypes.data_as(P), c.size

    def look(x: np.ndarray, t: int) -> tuple[float, np.ndarray]:
        at, g = np.ascontiguousarray(x, dtype=float), np.zeros(problem.d)
        return float(call(*data, t, at.ctypes.data_as(P), g.ctypes.data_as(P), problem.d)), g

    return look


def worst(rule: Rule, lengths: Sequence[int] = LENGTHS, **options: Any) -> Iterator[dict[str, Any]]:
    """The worst gradients in [-1, 1] found on the box [-1, 1], for each number of steps.

    For a rule with a bound known for these options, those with the largest regret over bound; else the largest
    regret. What is found is a lower limit of the worst case.
    """
    found: list[Worst] = []
    for T in lengths:
        tried = {r: _worst(rule, T, r, found, options) for r in (False, True)}
        best = max(tried.values(), key=lambda w: (np.nan_to_num(w.ratio, nan=-1.0), w.regret))
        found.insert(0, best)
        yield {"T": T, "regret": best.regret, "regret_per_step": best.regret / T, "bound": best.bound,
               "ratio": best.ratio, "start": best.start, "gradients": best.g.tolist()}  # fmt: skip


def _worst(rule: Rule, T: int, relative: bool, earlier: Sequence[Worst], options: dict[str, Any]) -> Worst:
    return worst_sequence(rule, T, relative, count=32, iterations=40, polish=3000, earlier=earlier, **options)


def potential_break(rule: Rule, steps: int = 40, **options: Any) -> dict[str, Any] | None:
    """A short gradient sequence on which the preconditioner h decreases, or None if these probes find none.

    Probes: gradients of 1 and then none; a spike and then small ones; alternating sizes. Each runs through the
    rule's own compiled formula as linear losses with a positive value. None too for a rule without a potential of
    its own, whose h means nothing.
    """
    chosen = rule.options(**options)
    if preconditioned.flaw(rule, chosen):
        return None
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


Average = Callable[[Problem, int], tuple[float, float]]


def periodic(average: Average, steps: int = STEPS) -> pd.DataFrame:
    """Average regret on the periodic family after steps/10 and steps steps, and the bound on the second.

    Columns: C, k of the losses; `early`, `late` and `bound` per step, `bound` nan where none is known; `worst`, the
    loss a step of whoever sits at the worst point.
    """
    rows = []
    for C, k in PERIODIC:
        problem = problems.get("periodic", C=C, k=k)
        (early, _), (late, bound) = average(problem, steps // 10), average(problem, steps)
        rows.append({"C": C, "k": k, "early": early, "late": late, "bound": bound, "worst": 2 * (C - k + 1) / k})
    return pd.DataFrame(rows)


def average_regret(rule: Rule, **options: Any) -> Average:
    """How `periodic` runs a rule of ours: regret and a-priori bound, both per step; nan for a run that stopped."""

    def average(problem: Problem, steps: int) -> tuple[float, float]:
        job = {"rule": rule, "problem": problem, "steps": steps, "observe": ("regret", "bound"), **options}
        trace = run_many([job])[0]
        if trace.stopped:
            return float("nan"), float("nan")
        regret, bound = trace.frame[["regret", "bound_apriori"]].to_numpy()[-1] / steps
        return float(regret), float(bound)

    return average


def measured(periodic: pd.DataFrame, steps: int = STEPS) -> str:
    """What the runs on the periodic family say, and no more.

    One step size and one number of steps cannot tell a method whose average regret tends to 0 from one whose does not:
    a small step size looks like failure, and failure can come late. So this is numbers and never a verdict; only a
    bound, which is a theorem about these options, says anything about all gradients.
    """
    cases = [
        f"{early:.3g} to {late:.3g} (C = {C:g}, k = {k})"
        for C, k, early, late in zip(*(periodic[name] for name in ("C", "k", "early", "late")), strict=True)
    ]
    told = f"average regret from step {steps // 10:,} to step {steps:,} of the periodic losses: {', '.join(cases)}. "
    shares = (periodic["late"] / periodic["bound"]).to_numpy()
    if np.all(np.isnan(shares)):
        told += "No a-priori bound is known for these options. "
    else:
        told += f"An a-priori bound holds for these options, and the regret is at most {np.nanmax(shares):.2g} of it. "
    return told + "One step size and one number of steps show no limit: they decide neither for nor against no regret"


def falls(regrets: pd.DataFrame, broken: dict[str, Any] | None) -> str:
    """Where the preconditioner h decreased: in the runs on the problem set, and beyond them in the probes."""
    rows = [row for row in regrets.to_dict("records") if not isinstance(row.get("stopped"), str)]
    told = [
        f"{row['problem']} at {row['violating_steps']:,.0f} steps, first at step {row['first_violation']:,.0f}"
        for row in rows if row.get("violating_steps", 0) > 0
    ]  # fmt: skip
    runs = (
        f"h falls on {'; '.join(told)}"
        if told
        else f"h falls at no step of the {len(rows)} runs that came to their end"
    )
    if broken is None:
        return f"{runs}; no probe made h fall either" if not told else f"{runs}; the short probes do not make it fall"
    return f"{runs}; it falls at step {broken['step']} of the probe {broken['probe']!r}: {broken['gradients']}"
