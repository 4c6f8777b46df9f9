"""What a figure follows from, and the record that lies beside its files."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib

from analysis.training.runs import committed_results
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.execution.trace import environment
from paper_figures.lib import folders, tables


def inputs(name: str, module: ModuleType) -> dict[str, str]:
    """Checksums of the files that the figure reads; the code that it follows from is told by the commit.

    Raises:
        BadInput: one of the files is missing.
    """
    files = [folders.PUBLISHED / file for file in getattr(module, "PUBLISHED", ())]
    files += [file for experiment in getattr(module, "RESULTS", ()) for file in committed_results.files(experiment)]
    for file in files:
        if not file.is_file():
            raise BadInput(f"figure {name} needs {file.parent.name}/{file.name}, which is missing; restore it from git")
    return {f"{file.parent.name}/{file.name}": folders.sha256(file.read_bytes()) for file in files}


def versions() -> dict[str, str]:
    here = environment()
    return {**here["versions"], "matplotlib": matplotlib.__version__, "python": here["python"]}


def record(name: str, module: ModuleType, inputs: dict[str, str], outputs: dict[str, bytes], reused: bool) -> bytes:
    """The manifest: where the figure comes from, how to make it again, and the checksum of every output."""
    told: dict[str, Any] = {
        "figure": name,
        "source": str(module.SOURCE),
        "command": f"dwmgrad figures {name} {'--reuse-data' if reused else '--force'}",
        "reused": reused,
        "inputs": inputs,
        "commit": environment()["commit"],
        "versions": versions(),
        "outputs": {file: folders.sha256(content) for file, content in outputs.items()},
    }
    if reused:  # then the numbers have a history of their own
        told["data"] = json.loads(tables.manifest(name).read_text(encoding="utf-8"))
    return as_json(told)


def unchanged(out: Path, name: str, inputs: dict[str, str]) -> tuple[Path, ...]:
    """The files in `out`, if they are whole and were computed at this commit from these inputs with these versions.

    Nothing is returned where the working tree differs from its commit, or has none: the code may have changed.
    """
    path = out / f"{name}.manifest.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        whole = all(folders.sha256((out / file).read_bytes()) == sha for file, sha in told["outputs"].items())
    except (OSError, ValueError, KeyError):
        return ()
    now = {"reused": False, "inputs": inputs, "versions": versions(), "commit": environment()["commit"]}
    clean = now["commit"] and not now["commit"].endswith("-dirty")
    if whole and clean and all(told[key] == now[key] for key in now):
        return (*(out / file for file in told["outputs"]), path)
    return ()


def as_json(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()
