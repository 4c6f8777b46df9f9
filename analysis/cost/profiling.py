"""A profile from start to end: processes one after the other, a folder of records that a killed run goes on from."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.cost import machine
from analysis.cost import points as plans
from analysis.cost.points import MEMORY_WEIGHT, Plan, Point
from analysis.cost.worker import PLAN, record_path, save
from dwmgrad_ref.errors import BadInput, DwmgradError
from dwmgrad_ref.execution.trace import environment

Progress = Callable[[str, float, float], None]
POLL, LOOK = 0.05, 1.0  # seconds between looks at the process, and at its records, which takes some time itself
# One thread everywhere; and memory that is given back at once, so that the next measurement does not find it.
QUIET = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}


def measure(plan: Plan, folder: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Measure what the folder does not have yet; returns provenance and all raw records.

    Args:
        progress: called with (what is under way, weight done, weight in all) several times a second.

    Raises:
        BadInput: the folder holds another profile.
        DwmgradError: a measuring process failed; its last words are told, and what it measured is kept.
    """
    began = _opened(plan, folder)
    for process in range(plan.scale.rounds if plan.points else 0):
        _finish(folder, plan, ("time", process), f"timing, process {process + 1} of {plan.scale.rounds}", progress)
    for number, series in enumerate(plan.series):
        told = f"memory, {series[0].engine}" if len(plan.series) > 1 else "memory"
        _finish(folder, plan, ("memory", number), told, progress)
    provenance = {
        **began,
        "finished": _now(),
        "load_at_end": machine.load(),
        "scale": plan.scale._asdict(),
        "left_out": list(plan.left_out),
    }
    return {"provenance": provenance, "raw": [_read(path) for path in _paths(folder, plan)]}


def identity(plan: Plan) -> dict[str, Any]:
    """What must be the same for records to belong together."""
    told = {"plan": plans.as_json(plan), "environment": environment(), "machine": machine.described()}
    return json.loads(json.dumps(told))


def _opened(plan: Plan, folder: Path) -> dict[str, Any]:
    """The folder, new or of this very profile; when and where it was begun."""
    now, path = identity(plan), folder / PLAN
    if path.exists():
        then = _read(path)
        if differ := [name for name in now if then.get(name) != now[name]]:
            raise BadInput(
                f"{folder} holds another profile (its {' and '.join(differ)} differ); give another --dir, or delete it"
            )
    else:
        (folder / "records").mkdir(parents=True, exist_ok=True)
        then = {**now, "started": _now(), "load_at_start": machine.load()}
        save(path, then)
    return {name: then[name] for name in ("environment", "machine", "started", "load_at_start")}


def _finish(folder: Path, plan: Plan, job: tuple[str, int], told: str, progress: Progress | None) -> None:
    """Run one process until all its records are there."""
    if all(path.exists() for path in _of_job(folder, plan, job)):
        return
    command = [sys.executable, "-m", "analysis.cost.worker", str(folder), job[0], str(job[1])]
    env = {**os.environ, **QUIET, **(GIVE_BACK if job[0] == "memory" else {})}
    env["PYTHONPATH"] = os.pathsep.join([p for p in (_root(), env.get("PYTHONPATH")) if p])
    log = folder / f"{job[0]}-{job[1]}.log"
    with open(log, "w", encoding="utf-8") as words:
        process = subprocess.Popen(command, env=env, stdout=words, stderr=subprocess.STDOUT)
        try:
            looked = 0.0
            while process.poll() is None:
                if progress and time.monotonic() - looked > LOOK:
                    progress(told, _done(folder, plan), plan.weight)
                    looked = time.monotonic()
                time.sleep(POLL)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if missing := [path for path in _of_job(folder, plan, job) if not path.exists()]:
        last = log.read_text(encoding="utf-8").strip().splitlines()[-1:] or ["no message"]
        raise DwmgradError(
            f"a measuring process ended before {missing[0].stem} was measured: {last[0]} (all of it is in {log}). "
            "The same command goes on from there."
        )
    if progress:
        progress(told, _done(folder, plan), plan.weight)


def _done(folder: Path, plan: Plan) -> float:
    """Weight of the records that are there."""
    weights = _weights(plan)
    with os.scandir(folder / "records") as found:
        return sum(weights.get(entry.name, 0.0) for entry in found)


@lru_cache(maxsize=1)
def _weights(plan: Plan) -> dict[str, float]:
    """Weight of every record by its file's name."""
    rounds, here = range(plan.scale.rounds), Path()
    timed = {record_path(here, p, r).name: p.weight for p in plan.points for r in rounds}
    return timed | {record_path(here, p, "memory").name: MEMORY_WEIGHT for s in plan.series for p in s}


def _of_job(folder: Path, plan: Plan, job: tuple[str, int]) -> list[Path]:
    kind, number = job
    points: tuple[Point, ...] = plan.points if kind == "time" else plan.series[number]
    return [record_path(folder, p, number if kind == "time" else "memory") for p in points]


def _paths(folder: Path, plan: Plan) -> list[Path]:
    jobs = [("time", r) for r in range(plan.scale.rounds)] + [("memory", s) for s in range(len(plan.series))]
    return [path for job in jobs for path in _of_job(folder, plan, job)]


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DwmgradError(f"{path} is damaged ({error}); delete it and give the same command again") from None


def _root() -> str:
    return str(Path(__file__).resolve().parents[2])


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
