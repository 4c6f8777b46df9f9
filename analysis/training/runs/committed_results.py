"""Results that are committed: one small Parquet file an experiment and budget, from which figures are redrawn."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.frames import Frame
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.execution.trace import Trace, load

if TYPE_CHECKING:
    from analysis.training.runs.campaign import Campaign  # imports torch, which reading does not need

HERE = Path(__file__).resolve().parent.parent / "results"
NOT_COMPARED = ("epoch", "seconds")


def path(experiment: str, budget: str, folder: Path | None = None) -> Path:
    return (folder or HERE) / f"{experiment}.{budget}.parquet"


def files(experiment: str, folder: Path | None = None) -> list[Path]:
    """The committed files of an experiment, whatever the budget."""
    return sorted((folder or HERE).glob(f"{experiment}.*.parquet"))


def write(campaign: "Campaign", experiment: str, folder: Path | None = None) -> Path:
    """Collect an experiment's stored runs into its committed file; see `collected`."""
    return collected(campaign, experiment).save(path(experiment, campaign.budget, folder))


def collected(campaign: "Campaign", experiment: str) -> Trace:
    """An experiment's stored runs as one frame of numbers, and the runs in its metadata.

    Raises:
        BadInput: no run of it is stored.
    """
    found = campaign.results(experiment)
    if not found:
        raise BadInput(f"no run of {experiment}, budget {campaign.budget}, is stored in {campaign.store.folder}")
    frames, runs = [], []
    for number, (stage, one, result) in enumerate(found):
        kept = result.frame if stage == "run" else result.frame.tail(1)  # of a trial only its score is used
        frames.append(kept.assign(run=float(number)))
        told = {"stage": stage, "label": one.label, "key": one.key, "status": result.status, "final": result.final}
        runs.append({**told, "identity": result.identity, "provenance": result.provenance})
    planned = len(campaign.trials.get(experiment, [])) + len(campaign.runs.get(experiment, []))
    common = {part: _shared([run[part] for run in runs]) for part in ("identity", "provenance")}
    for run in runs:
        for part, shared in common.items():
            run[part] = {name: value for name, value in run[part].items() if name not in shared}
    meta = {
        "experiment": experiment,
        "profile": campaign.budget,  # the key in files that were committed before budgets had this name
        "planned": planned,
        "chosen": campaign.chosen.get(experiment, {}),
        "common": common,
        "runs": runs,
    }
    return Trace(pd.concat(frames, ignore_index=True), meta)


def _shared(told: list[dict[str, Any]]) -> dict[str, Any]:
    """What all of them have in common, said once."""
    return {name: value for name, value in told[0].items() if all(one.get(name) == value for one in told)}


class Released:
    """A committed file: `rows` has one row a run and epoch, `runs` one row a run; both have stage, label, lr, seed."""

    def __init__(self, trace: Trace):
        self.meta = trace.meta
        self.budget: str = trace.meta["profile"]
        common = trace.meta["common"]
        told = [{**run, **{part: {**common[part], **run[part]} for part in common}} for run in trace.meta["runs"]]
        self.runs: Frame = pd.DataFrame([_run(number, run) for number, run in enumerate(told)])
        self.rows: Frame = self.runs[["run", "stage", "label", "lr", "seed", "status"]].merge(
            trace.frame.astype({"run": int}), on="run", how="right"
        )

    def final(self) -> Frame:
        """The last epoch of every run that counts, with what was seen only at the end."""
        rows = self.rows[self.rows.stage == "run"]
        last = rows.loc[rows.groupby("run").epoch.idxmax()]
        extra = self.runs[["run", *(name for name in self.runs if name.startswith("final_"))]]
        return last.merge(extra, on="run", how="left")


def _run(number: int, run: dict[str, Any]) -> dict[str, Any]:
    identity, provenance = run["identity"], run["provenance"]
    return {
        "run": number,
        "stage": run["stage"],
        "label": run["label"],
        "lr": identity["optimizer"].get("lr", np.nan),
        "seed": identity["seed"],
        "epochs": identity["epochs"],
        "status": run["status"],
        "seconds": provenance["seconds"],
        "key": run["key"],
        **{f"final_{name}": value for name, value in run["final"].items()},
    }


def read(experiment: str, budget: str, folder: Path | None = None) -> Released | None:
    """The committed results, or None if there are none.

    Raises:
        TraceError: the file is damaged.
    """
    file = path(experiment, budget, folder)
    return Released(load(file)) if file.is_file() else None


def best(experiment: str, folder: Path | None = None) -> Released | None:
    """The committed results of the fullest budget there is: paper, else laptop; smoke says nothing."""
    return next((found for p in ("paper", "laptop") if (found := read(experiment, p, folder))), None)


def compare(now: Released, then: Released) -> Frame:
    """How final values differ from committed ones, optimizer by optimizer.

    Returns:
        Columns label, value, then, now (means over seeds), seeds_then, seeds_now, noise (standard error of the
        difference from the spread over seeds; nan with one seed), beyond: 1 if the difference exceeds two of it, and
        same: 1 if every seed's value is the same to the last bit.
    """
    rows = []
    before, after = then.final(), now.final()
    for label in dict.fromkeys([*before.label, *after.label]):
        a, b = before[before.label == label], after[after.label == label]
        for value in [n for n in before if n.startswith(("train_", "test_", "validation_", "final_"))]:
            x, y = a[value].to_numpy(float), (b[value].to_numpy(float) if value in b else np.array([]))
            if not len(x) or not len(y) or np.isnan([*x, *y]).all():
                continue
            spread = [np.var(z, ddof=1) / len(z) if len(z) > 1 else np.nan for z in (x, y)]
            noise = float(np.sqrt(sum(spread)))
            far = abs(y.mean() - x.mean())
            beyond = int(far > 2 * noise) if np.isfinite(noise) else int(not np.isclose(x.mean(), y.mean(), rtol=1e-3))
            same = int(np.array_equal(a.sort_values("seed")[value], b.sort_values("seed")[value], equal_nan=True))
            rows.append((label, value, x.mean(), y.mean(), len(x), len(y), noise, beyond, same))
    names = ["label", "value", "then", "now", "seeds_then", "seeds_now", "noise", "beyond", "same"]
    return pd.DataFrame(rows, columns=names)
