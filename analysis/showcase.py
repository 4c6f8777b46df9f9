"""Every optimizer on a handful of convex problems, real and synthetic: regret beside its bounds.

Each method runs at its own default step size and at those of one grid, the same for all; `tuned` marks the one
with the least regret among them, so that both comparisons, as published and tuned, can be read from one table.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dwmgrad_ref import Trace, problems, run_many
from dwmgrad_ref.execution.trace import environment
from dwmgrad_ref.files import write_atomic
from dwmgrad_ref.rules import get


class Method(NamedTuple):
    label: str
    rule: str
    options: dict[str, Any]


class Setting(NamedTuple):
    problem: str
    parameters: dict[str, Any]
    steps: int


ALPHAS = (1e-3, 1e-2, 1e-1, 1.0)
# Where a rule has the schedule, it is the α/√t of the regret theorems.
METHODS = (
    Method("DWMGrad, loss", "dwmgrad", {"signal": "loss"}),
    Method("DWMGrad, increase", "dwmgrad", {"signal": "increase"}),
    Method("DWMGrad, decrease", "dwmgrad", {"signal": "decrease"}),
    Method("DWMGrad, window never capped", "dwmgrad", {"signal": "loss", "delta": float("inf")}),
    Method("AdaMomentum", "adamomentum", {}),
    Method("LCAM", "lcam", {}),
    Method("SGD", "sgd", {}),
    Method("heavy ball", "heavy-ball", {}),
    Method("Nesterov", "nesterov", {}),
    Method("AdaGrad", "adagrad", {}),
    Method("RMSProp", "rmsprop", {}),
    Method("RMSProp, momentum", "rmsprop-momentum", {}),
    Method("Adadelta", "adadelta", {}),
    Method("Adam", "adam", {}),
    Method("AdamW", "adamw", {}),
    Method("AMSGrad", "amsgrad", {}),
)
SETTINGS = (
    Setting("quadratic-diagonal", {}, 20_000),
    Setting("least-squares-diabetes", {}, 10_000),
    Setting("logistic-breast-cancer", {}, 5_000),
    Setting("svm-breast-cancer", {}, 5_000),
    Setting("stream-logistic-breast-cancer", {}, 20_000),
    Setting("linear-iid", {}, 50_000),
    Setting("linear-adversarial", {}, 50_000),
    Setting("periodic", {}, 50_000),
)
KEPT = ("loss", "regret", "bound", "bound_apriori", "first_violation", "violating_steps")
Progress = Callable[[int, int], None]


def run_setting(
    setting: Setting, methods: Sequence[Method] = METHODS, alphas: Sequence[float] = ALPHAS,
    progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    """All methods at all step sizes on one problem, one row a run.

    Args:
        progress: called with (runs finished, runs in all).

    Returns:
        Columns problem, method, rule, options, steps, alpha, default (α is the rule's own), tuned (least regret on
        this problem), loss, regret, bound, bound_apriori, first_violation, violating_steps, ratio (regret / bound),
        ratio_apriori, stopped (the step before which a value was not finite, else nan).
    """
    problem = problems.get(setting.problem, **setting.parameters)
    jobs, labels = [], []
    for method in methods:
        options = scheduled(method)
        default = get(method.rule).options().alpha
        for alpha in sorted({default, *alphas}):
            labels.append({"method": method.label, "alpha": alpha, "default": alpha == default})
            jobs.append({"rule": method.rule, "problem": problem, "steps": setting.steps, **options, "alpha": alpha})
    traces = run_many(jobs, progress=progress)
    frame = pd.DataFrame([_row(setting, label, trace) for label, trace in zip(labels, traces, strict=True)])
    frame["ratio"], frame["ratio_apriori"] = (frame["regret"] / frame[b] for b in ("bound", "bound_apriori"))
    whole = frame["regret"].where(frame["stopped"].isna(), float("inf"))
    frame["tuned"] = frame.index.isin(list(whole.groupby(frame["method"]).idxmin()))
    return frame


def scheduled(method: Method) -> dict[str, Any]:
    """The method's options, with α/√t where its rule has that schedule."""
    has = "schedule" in get(method.rule).fields
    return {**method.options, **({"schedule": "sqrt"} if has else {})}


def _row(setting: Setting, label: dict[str, Any], trace: Trace) -> dict[str, Any]:
    last = {} if trace.frame.empty else trace.final.to_dict()
    stopped = trace.stopped["step"] if trace.stopped else float("nan")
    facts = {"rule": trace.meta["rule"], "options": json.dumps(trace.meta["options"]), "steps": setting.steps}
    return {
        "problem": setting.problem,
        **label,
        **facts,
        **{k: last.get(k, float("nan")) for k in KEPT},
        "stopped": stopped,
    }


def save(frame: pd.DataFrame, folder: str | Path, command: str) -> list[Path]:
    """Write showcase.csv and showcase.parquet, the latter with versions, machine, commit and command."""
    folder = Path(folder)
    provenance = json.dumps({"command": command, "environment": environment()}).encode()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"dwmgrad": provenance})
    text = frame.to_csv(index=False, lineterminator="\n").encode()
    return [
        write_atomic(folder / "showcase.csv", lambda file: file.write(text)),
        write_atomic(folder / "showcase.parquet", lambda file: pq.write_table(table, file)),
    ]
