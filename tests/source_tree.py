"""The repository as text: its files, and its packages' source as syntax trees."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("dwmgrad_ref", "proofs", "analysis", "paper_figures")  # an import may only point to the left


@cache
def package_modules() -> dict[str, ast.Module]:
    """Path relative to the root -> syntax tree, for every module of the packages."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text("utf-8")) for file in files}


def imported_names(tree: ast.Module) -> set[str]:
    """Top-level packages that a module imports by absolute name, anywhere in it."""
    nodes = list(ast.walk(tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in names}


@cache
def repository_texts() -> dict[str, str]:
    """Path -> content of every text file that git tracks or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    texts = {}
    for name in filter(None, listed.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content:  # git's own test for a binary file
            texts[name] = content.decode("utf-8", errors="replace")
    return texts
