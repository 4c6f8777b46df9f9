"""What a figure follows from, and the record that lies beside its files."""

import hashlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib

from analysis.training.runs import committed_results
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.execution.trace import environment
from paper_figures.lib import folders, tables

OWN = ("build.py", "style.py", "tables.py")  # the shared code that decides numbers or looks


def inputs(name: str, module: ModuleType) -> dict[str, str]:
    """Checksum of everything that the figure's numbers and looks follow from.

    Raises:
        BadInput: one of the files is missing.
    """
    assert module.__file__
    files = [Path(module.__file__), *(folders.HERE / file for file in OWN)]
    files += [folders.PUBLISHED / file for file in getattr(module, "PUBLISHED", ())]
    files += [file for experiment in getattr(module, "RESULTS", ()) for file in committed_results.files(experiment)]
    for file in files:
        if not file.is_file():
            raise BadInput(f"figure {name} needs {file.parent.name}/{file.name}, which is missing; restore it from git")
    found = {f"{file.parent.name}/{file.name}": folders.sha256(file.read_bytes()) for file in files}
    for package in ("dwmgrad_ref", "analysis"):
        digest = hashlib.sha256()
        for file in sorted((folders.HERE.parent / package).rglob("*.py")):
            digest.update(file.relative_to(folders.HERE.parent).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
        found[package] = digest.hexdigest()
    return found


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
    """The files in `out`, if they were computed from these inputs with these versions and are whole; else none."""
    path = out / f"{name}.manifest.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        whole = all(folders.sha256((out / file).read_bytes()) == sha for file, sha in told["outputs"].items())
    except (OSError, ValueError, KeyError):
        return ()
    if whole and not told["reused"] and told["inputs"] == inputs and told["versions"] == versions():
        return (*(out / file for file in told["outputs"]), path)
    return ()


def as_json(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()
