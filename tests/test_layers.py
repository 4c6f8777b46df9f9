"""The layers contract: it holds, it bites, and nothing imports tests or notebooks."""

import ast
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.source_tree import PACKAGES, ROOT, imported_names, package_modules

SKIPPED_LAYER = ("dwmgrad_ref", "paper_figures")
INSIDE = [
    ("dwmgrad_ref.rules", "dwmgrad_ref.execution.runner"),
    ("dwmgrad_ref.problems", "dwmgrad_ref.torch"),
    ("dwmgrad_ref.torch.kernels", "dwmgrad_ref.torch.rule_optimizer"),
    ("proofs.statements", "proofs.checkers.by_smt"),
    ("proofs.models", "proofs.claims.window.w1_window_invariants"),
    ("analysis.training.tasks", "analysis.training.runs.session"),
    ("analysis.cost", "analysis.audit.rule_audit"),
    ("paper_figures.lib", "paper_figures.figures.window"),
    ("paper_figures.figures", "paper_figures.figures.window"),
]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """The import linter, as `make lint` runs it, on the packages in that folder."""
    command = "from importlinter.cli import lint_imports_command as lint; lint()"
    arguments = [sys.executable, "-c", command, "--no-logo", "--no-cache"]
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True)


def test_layers_hold():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("lower", "upper"), [*pairwise(PACKAGES), SKIPPED_LAYER])
def test_an_upward_import_breaks_the_contract(tmp_path, lower, upper):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / lower / "upward.py").write_text(f"def late():\n    import {upper}\n\n    return {upper}\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    assert f"{lower}.upward -> {upper}" in result.stdout


def test_an_upward_import_inside_a_package_breaks_its_contract(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    for number, (lower, upper) in enumerate(INSIDE):
        (tmp_path / lower.replace(".", "/") / f"upward{number}.py").write_text(f"import {upper}\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    missed = [lower for number, (lower, upper) in enumerate(INSIDE) if f"{lower}.upward{number} -> {upper}" not in
              " ".join(result.stdout.split())]  # fmt: skip
    assert missed == []


@pytest.mark.parametrize("path", package_modules())
def test_packages_import_neither_tests_nor_notebooks(path):
    assert not imported_names(package_modules()[path]) & {"tests", "notebooks"}


def test_imported_names_sees_every_form():
    code = "import a.b, c\nfrom d.e import f\nfrom . import g\ndef late():\n    from h import i\n"
    assert imported_names(ast.parse(code)) == {"a", "c", "d", "h"}
