"""A checksum of the code that determines a run, blind to comments, docstrings and layout.

Only files of which a change may change a result count: the task with what it imports, the training loop, and for one
of our optimizers its formula and the torch side of it. Anything else may change without throwing a result away.
"""

import ast
import hashlib
import importlib.util
from functools import cache
from pathlib import Path

LAYERS = ("analysis", "dwmgrad_ref")


@cache
def digest(modules: tuple[str, ...], without: tuple[str, ...] = ()) -> str:
    """SHA-256 of these modules and of all they import from our layers, whatever the order.

    Args:
        without: modules left out, with what only they import.
    """
    found: dict[str, str] = {}
    queue = list(modules)
    while queue:
        name = queue.pop()
        if name in found or name in without:
            continue
        path = _file(name)
        if path is None:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        queue += _imports(tree, name, path)
        found[name] = ast.dump(_bare(tree))
    lines = "".join(f"{name}\0{found[name]}\0" for name in sorted(found))
    return hashlib.sha256(lines.encode()).hexdigest()


def _file(name: str) -> Path | None:
    """The source file of a module; None for a folder without one and for what is not ours."""
    if name.partition(".")[0] not in LAYERS:
        return None
    spec = importlib.util.find_spec(name)
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _imports(tree: ast.Module, name: str, path: Path) -> list[str]:
    """Modules named by import statements, those inside functions too; `from a import b` may name a.b."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{path}: a relative import is not followed")
            found += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [one for one in found if one.partition(".")[0] in LAYERS and _exists(one)]


@cache
def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, AttributeError):
        return False


def _bare(tree: ast.Module) -> ast.Module:
    """Without docstrings; comments and layout are not in the tree at all."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            first = body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = body[1:]
    return tree
