"""The notebooks: in step with their text, defining nothing, and running from start to end."""

import ast
import os
from pathlib import Path

import jupytext
import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXTS = sorted((ROOT / "notebooks").glob("*.py"))


def cells(notebook):
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def test_there_are_notebooks_and_each_has_its_text():
    assert TEXTS
    assert {path.stem for path in TEXTS} == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_the_notebook_is_in_step_with_its_text(text):
    notebook = nbformat.read(text.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(notebook)
    assert cells(notebook) == cells(jupytext.read(text)), f"run: jupytext --sync notebooks/{text.name}"
    assert text.with_suffix(".ipynb").stat().st_size < 300_000


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_the_notebook_calls_and_never_defines(text):
    tree = ast.parse(text.read_text(encoding="utf-8"))
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(tree) if isinstance(node, definitions)]


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_the_notebook_runs(text, monkeypatch, tmp_path):
    """In a kernel of its own, from another folder; an error in any cell raises with its traceback."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel's inline backend shows the figures
    notebook = jupytext.read(text)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    images = [out for cell in code for out in cell.outputs if "image/png" in out.get("data", {})]
    assert len(images) == sum("redrawn(" in cell.source for cell in code), "every figure is shown"
    assert not [out for cell in code for out in cell.outputs if out.get("name") == "stderr"], "no cell complains"
