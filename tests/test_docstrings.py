"""Every public symbol of the modules in the site's reference has a docstring, and names what it takes and raises."""

import ast
from collections.abc import Iterator

import pytest

from paper_figures.site import MODULES
from tests.source_tree import ROOT


def source(module: str) -> ast.Module:
    """The syntax tree of a module."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def public(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Public functions, classes and methods by their names; what a class defines by protocol (__init__ ...) is not."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node, f"{prefix}{node.name}.")


@pytest.mark.parametrize("module", MODULES)
def test_every_public_symbol_has_a_docstring(module):
    tree = source(module)
    assert ast.get_docstring(tree)
    missing = [name for name, node in public(tree) if not ast.get_docstring(node)]  # type: ignore[arg-type]
    assert missing == []


def test_the_check_sees_functions_classes_and_methods():
    code = "def f(): pass\ndef _g(): pass\nclass C:\n  '''Said.'''\n  def m(self): pass\n  def __init__(self): pass\n"
    assert [name for name, node in public(ast.parse(code))] == ["f", "C", "C.m"]
