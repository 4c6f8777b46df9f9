"""run(rule, problem, steps): step an optimizer on a problem and watch it."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pandas as pd

from dwmgrad_ref import observers, preconditioned, problems, rules
from dwmgrad_ref.data.base import arrays_sha256
from dwmgrad_ref.errors import BadInput, DwmgradError
from dwmgrad_ref.execution import checkpoint as checkpoints
from dwmgrad_ref.execution.driver import Engine, Workspace
from dwmgrad_ref.execution.grid import grid_points, whole
from dwmgrad_ref.execution.trace import Trace, environment
from dwmgrad_ref.observers.base import Compensated, Observer, View
from dwmgrad_ref.observers.regret import gradient_sum
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.rules.base import Rule

# Part of a checkpoint's identity: raise it when a change of this loop, of the compiled driver, of a problem or of an
# observer changes the numbers of a run. A rule has its own version. All are checked by
# tests/result_versions/test_result_versions.py.
RESULT_VERSION = 1
Progress = Callable[[int, int], None]
SLICE = 0.1  # seconds of compiled work between looks at the clock, the keyboard and the progress bar


class NonFinite(DwmgradError):
    """A loss or gradient was not finite. `trace` holds the run up to there, its `stopped` says where."""

    def __init__(self, trace: Trace):
        stopped = trace.stopped or {}
        super().__init__(
            f"{trace.meta['rule']} on {trace.meta['problem']} stopped before step {stopped['step']}: loss"
            f" {stopped['loss']}, gradient {stopped['gradient']} at coordinate {stopped['coordinate']}, where theta is"
            f" {stopped['theta']}; expected finite values. Try a smaller step size; the trace so far is kept."
        )
        self.trace = trace


def run(
    rule: str | Rule,
    problem: str | Problem,
    steps: int | float,
    observe: Iterable[str | Observer] = observers.DEFAULT,
    *,
    grid: str | int | Sequence[int] = "log",
    comparator: np.ndarray | None = None,
    start: np.ndarray | None = None,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_seconds: float = 10.0,
    **options: Any,
) -> Trace:
    """Run `steps` steps and return the trace.

    Args:
        rule, problem: names (`dwmgrad list`) or objects.
        steps: T >= 1; 1e6 is fine.
        observe: names of observers or objects; they never change the trajectory.
        grid: logged steps: "log" (about 24 a decade), an int k (every k-th) or the steps themselves.
            Sums run over every step whatever the grid.
        comparator: u of the potential, (d,) float; default the best fixed point over all T steps.
        start: theta_1, (d,) float, inside the box; default the problem's.
        progress: called with (steps done, steps in all) several times a second; what it raises stops the run.
        checkpoint: file to save to every `checkpoint_seconds` and when `progress` stops the run; if it is there
            already the run goes on from it, bit for bit as if never interrupted. It is left behind at the end, so
            that nothing is lost if the trace cannot be saved; delete it once it is.
        options: the rule's options (`dwmgrad show RULE`).

    Of a rule without potential, or with one that is not its own (`preconditioned.py`), the columns that need it are
    nan, and meta["no_potential"] says why.

    Raises:
        UnknownName, BadOption, BadInput: before anything runs.
        NonFinite: a loss or gradient was not finite; carries the trace so far.
        TraceError: the checkpoint is damaged or of another run.
    """
    rule, problem, watching = rules.get(rule), problems.get(problem), observers.get_all(observe)
    chosen, steps = rule.options(**options), whole(steps)
    no_potential = preconditioned.flaw(rule, chosen)
    if no_potential:  # whatever is made of it is nan then, and the trace says why
        rule = preconditioned.without(rule)
    points = grid_points(grid, steps)
    x0 = _start(problem, start)
    identity = _identity(rule, chosen, problem, steps, points, watching, x0, comparator)
    path = Path(checkpoint) if checkpoint else None
    rows: list[dict[str, float]] = []
    if path and path.exists():
        s, done, u, rows = checkpoints.load(path, identity)
    else:
        u = _comparator(rule, chosen, problem, steps, x0, comparator, progress)
        s, done = Workspace.fresh(rule, chosen, x0, _row_counts(watching, problem)), 0
    engine = Engine(rule, chosen, problem, [o.kernel for o in watching if o.kernel_on(problem)], u)
    engine.advance(s, done + 1, done)  # no step: the driver is compiled, or read from disk, before the clock starts
    going = _Going(engine, s, watching, rows, done, steps, progress, path, identity, checkpoint_seconds)
    began = time.perf_counter()
    stopped = going.to(points)
    meta = {
        **identity,
        "no_potential": no_potential,
        "stopped": stopped,
        "steps_done": going.done,
        "comparator": u.tolist() if u.size <= 1000 else None,
        "seconds": time.perf_counter() - began,
        "steps_timed": going.done - done,
        "environment": environment(),
    }
    trace = Trace(pd.DataFrame(rows), json.loads(json.dumps(meta)))
    if stopped:
        raise NonFinite(trace)
    return trace


@dataclass
class _Going:
    """A run under way. Between two slices of compiled work its state is whole, and only there is it saved."""

    engine: Engine
    s: Workspace
    watching: list[Observer]
    rows: list[dict[str, float]]
    done: int
    steps: int
    progress: Progress | None
    path: Path | None
    identity: dict[str, Any]
    seconds: float

    def to(self, points: np.ndarray) -> dict[str, Any] | None:
        """Step to the last of the logged steps, a row at each; where it stopped if a value was not finite."""
        size, saved = 1000, time.perf_counter()
        for point in points[np.searchsorted(points, self.done, side="right") :]:
            while self.done < point:
                first, last, tick = self.done + 1, min(int(point), self.done + size), time.perf_counter()
                self.done = self.engine.advance(self.s, first, last) - 1
                if self.done < last:
                    return _where_stopped(self.s, self.done + 1)
                if last == point:
                    self.rows.append(_row(self.engine, self.s, last, self.watching))
                now = time.perf_counter()
                size = int(np.clip((last - first + 1) * SLICE / max(now - tick, 1e-9), 1, 10**9))
                if now - saved > self.seconds:
                    self.save()
                    saved = now
                self.tell()
        return None

    def save(self) -> None:
        if self.path:
            checkpoints.save(self.path, self.identity, self.s, self.done, self.engine.u, self.rows)

    def tell(self) -> None:
        """Report progress; what that raises stops the run, saved as it is."""
        if self.progress:
            try:
                self.progress(self.done, self.steps)
            except BaseException:
                self.save()
                raise


def _vector(name: str, value: Any, problem: Problem) -> np.ndarray:
    value = np.asarray(value)
    if value.dtype.kind != "f":
        raise BadInput(f"{name} has dtype {value.dtype}; expected floats, e.g. {name}.astype(float)")
    if value.shape != (problem.d,):
        raise BadInput(f"{name} has shape {value.shape}; {problem.name} needs ({problem.d},)")
    if not np.all(np.isfinite(value)):
        raise BadInput(f"{name} has values that are not finite at coordinates {np.flatnonzero(~np.isfinite(value))}")
    return value.astype(np.float64)


def _start(problem: Problem, start: np.ndarray | None) -> np.ndarray:
    x0 = _vector("start", problem.x0 if start is None else start, problem)
    if np.any(x0 < problem.lower) or np.any(x0 > problem.upper):
        raise BadInput(f"start lies outside the domain {problem.box} of {problem.name}; move it inside")
    return x0


def _row_counts(watching: list[Observer], problem: Problem) -> list[int]:
    return [o.rows for o in watching if o.kernel_on(problem)]


def _comparator(
    rule: Rule, options: Any, problem: Problem, steps: int, x0: np.ndarray, given: np.ndarray | None,
    progress: Progress | None,
) -> np.ndarray:  # fmt: skip
    """The point that the potential measures distance to: given, or the best fixed point over all steps."""
    if given is not None:
        return _vector("comparator", given, problem)
    try:
        return np.asarray(problem.best_fixed(steps).u, dtype=float)
    except BadInput:  # linear losses without a closed form need the sum of their gradients
        pass
    # Run once to learn it, then again to watch. The bar stands still, but whoever watches it may stop the run.
    scout = Workspace.fresh(rule, options, x0, [2])
    engine, stride = Engine(rule, options, problem, [gradient_sum], np.zeros(problem.d)), max(1, 10**6 // problem.d)
    for first in range(1, steps + 1, stride):
        if engine.advance(scout, first, min(first + stride - 1, steps)) <= min(first + stride - 1, steps):
            break  # not finite: the run itself will stop there and say so
        if progress:
            progress(0, steps)
    return np.asarray(problem.best_fixed(steps, scout.rows[0].sum(axis=0)).u, dtype=float)


def _identity(
    rule: Rule, options: Any, problem: Problem, steps: int, points: np.ndarray, watching: list[Observer],
    x0: np.ndarray, comparator: np.ndarray | None,
) -> dict[str, Any]:  # fmt: skip
    """Everything that determines the numbers of a run, as JSON values; of long arrays, the checksum of every value."""
    identity: dict[str, Any] = {
        "rule": rule.name,
        "potential": rule.potential is not None,
        "options": options._asdict(),
        "problem": problem.name,
        "parameters": dict(problem.parameters),
        "losses": problem.kernel.__qualname__,
        "data": arrays_sha256({"A": problem.A, "b": problem.b, "c": problem.c}),
        "box": problem.box,
        "steps": steps,
        "grid": _every_value(points),
        "observers": [o.name for o in watching],
        "start": _every_value(x0),
        "given_comparator": None if comparator is None else _every_value(np.asarray(comparator, dtype=float)),
        "result_version": {"rule": rule.result_version, "run": RESULT_VERSION},
        "compiler": {"numba": numba.__version__, "numpy": np.__version__},
    }
    if problem.result_version != 1:
        identity["result_version"]["problem"] = problem.result_version
    return json.loads(json.dumps(identity))


def _every_value(array: np.ndarray) -> Any:
    if array.size <= 1000:
        return array.tolist()
    return {"first": array[0].item(), "last": array[-1].item(), "size": array.size, **arrays_sha256({"sha256": array})}


def _row(engine: Engine, s: Workspace, t: int, watching: list[Observer]) -> dict[str, float]:
    active = [o for o in watching if o.kernel_on(engine.problem)]
    accumulators = {o.name: (s.rows[j], s.totals[j]) for j, o in enumerate(active)}
    nothing = (np.zeros((0, s.x.size)), np.zeros(0))
    row: dict[str, float] = {"t": t, "loss": float(s.sums[2])}
    for observer in watching:
        sums, totals = accumulators.get(observer.name, nothing)
        view = View(
            t=t, rule=engine.rule, problem=engine.problem, options=engine.code,
            k=engine.rule.Shared(*s.k), theta=s.theta, g=s.g, loss=float(s.sums[2]), h=s.h, damp=s.damp, z=s.z,
            u=engine.u, loss_sum=Compensated(float(s.sums[0]), float(s.sums[1])), first_loss=float(s.sums[3]),
            sums=sums, totals=totals,
        )  # fmt: skip
        row |= observer.columns(view)
    return row


def _where_stopped(s: Workspace, step: int) -> dict[str, Any]:
    bad = np.flatnonzero(~np.isfinite(s.g))
    i = int(bad[0]) if bad.size else 0
    return {
        "step": step,
        "coordinate": i,
        "loss": repr(float(s.sums[2])),
        "gradient": repr(float(s.g[i])),
        "theta": repr(float(s.x[i])),
    }
