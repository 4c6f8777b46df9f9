"""How fast the torch optimizers are beside torch's own, in one run: `make bench-torch`.

    python -m analysis.cost.bench_torch [--rounds N] [--out docs/bench_torch]

Candidates take turns. A ratio is the median over the rounds of the ratio within a round, so a machine that changes
speed cannot favour one. `--out` writes the measurements as JSON and as the page with the tables.
"""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.markdown import Markdown

from analysis.cost import torch_timings, torch_training
from dwmgrad_ref.execution.trace import environment
from dwmgrad_ref.files import write_atomic

NO_GPU = "not run: no GPU"
NO_PART = "not run: this benchmark has no part for it; the fused step is for CPUs"
COLUMNS = {  # key -> heading, format
    "parameters": ("parameters", ",d"), "tensors": ("tensors", "d"), "optimizer": ("", "s"), "ms": ("ms", ".3g"),
    "fastest_ms": ("fastest", ".3g"), "ratio": ("× peer", ".2f"), "ratio_fastest": ("fastest × peer's", ".2f"),
    "peer": ("peer", "s"),
    "fraction_of_floor": ("floor reached", ".0%"), "bytes": ("bytes", ",d"), "of_state": ("of the state", ".2%"),
    "cold_s": ("cold, s", ".3f"), "warm_s": ("warm, s", ".4f"), "epoch_ms": ("ms an epoch", ".3g"),
    "share_of_step": ("in step()", ".0%"), "to_adam": ("× Adam", ".2f"), "to_adam_fused": ("× Adam fused", ".2f"),
    "to_released": ("× released", ".2f"), "step_to_released": ("step × released", ".2f"), "added": ("added", ".1%"),
}  # fmt: skip
TITLES = {
    "steps": "A step in fp32; `floor reached` is the time that moving 28 bytes a parameter (20 for LCAM and SGD) takes "
    "at the speed of torch's copy or of a pass in place, whichever moves more, over the step's",
    "memory": "Most memory that a step holds beyond parameters, gradients and state",
    "compile": "First step, with nothing compiled and with the code on disk",
    "digits": "A plain training loop: 3-layer perceptron (64-128-128-10) on the digits, batch 128",
    "backward": "A step right after a backward pass (6.8 million parameters), on torch's threads and on our own",
    "watching": "What `watch(every=10)` adds to ten steps of the optimizer alone",
}


def main(
    rounds: Annotated[int, typer.Option(min=3, help="Turns of each candidate.")] = 25,
    out: Annotated[Path | None, typer.Option(help="Write OUT.json and OUT.md.")] = None,
) -> None:
    """Measure, show, and write if asked."""
    console, load = Console(), os.getloadavg()[0]
    measures = {
        "steps": lambda: torch_timings.steps_table(rounds),
        "memory": torch_timings.memory_table,
        "compile": torch_timings.compile_table,
        "digits": lambda: torch_training.digits_table(2 * rounds),
        "backward": lambda: torch_training.backward_table(rounds),
        "watching": lambda: torch_training.watching_table(rounds),
    }
    tables = {}
    for name, measure in measures.items():
        with console.status(TITLES[name]):
            tables[name] = measure()
    record = {
        "provenance": provenance(rounds, load),
        "gpu": NO_GPU if not torch.cuda.is_available() else NO_PART,
        **tables,
    }
    page = as_page(record)
    console.print(Markdown(page))
    if out:
        write_atomic(out.with_suffix(".json"), lambda file: file.write(json.dumps(record, indent=1).encode()))
        write_atomic(out.with_suffix(".md"), lambda file: file.write(page.encode()))


def provenance(rounds: int, load: float) -> dict[str, Any]:
    """What the numbers depend on."""
    return {
        "command": f"python -m analysis.cost.bench_torch --rounds {rounds}",
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": _cpu(),
        "threads": torch.get_num_threads(),
        "load_before_and_after": [round(load, 2), round(os.getloadavg()[0], 2)],
        **(found := environment()),
        "versions": {package: version(package) for package in ("torch", "llvmlite")} | found["versions"],
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def as_page(record: dict[str, Any]) -> str:
    """The record as Markdown."""
    p = record["provenance"]
    versions = ", ".join(f"{name} {number}" for name, number in p["versions"].items() if number)
    parts = [
        "# The torch optimizers' speed",
        "Written by `make bench-torch`. Candidates take turns; a ratio is the median over the rounds of the ratio "
        "within a round. The fused steps' tensors are laid in memory anew five times, because where they lie counts.",
        f"{p['when']}, commit {p['commit']}, `{p['command']}`; {p['cpu']}, {p['threads']} threads, load "
        f"{p['load_before_and_after'][0]} before and {p['load_before_and_after'][1]} after (this run itself is about "
        f"{p['threads']}); Python {p['python']}, {versions}.",
    ]
    for name, title in TITLES.items():
        parts += [f"## {title}", _table(record[name])]
    parts += ["## On a GPU", f"10 million and 1 billion parameters, eager and in a CUDA graph: {record['gpu']}."]
    return "\n\n".join(parts) + "\n"


def _table(rows: list[dict[str, Any]]) -> str:
    keys = [key for key in COLUMNS if any(row.get(key) is not None for row in rows)]
    lines = [[COLUMNS[key][0] for key in keys], ["---" if key in ("optimizer", "peer") else "---:" for key in keys]]
    lines += [["–" if row.get(key) is None else format(row[key], COLUMNS[key][1]) for key in keys] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    typer.run(main)
