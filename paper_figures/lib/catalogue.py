"""Which figures there are and what each shows, read from their files: nothing is imported for a list."""

import ast

from paper_figures.lib import folders


def names() -> list[str]:
    """Names of all figures, sorted."""
    return sorted(file.stem for file in folders.FIGURES.glob("*.py") if file.stem != "__init__")


def summaries() -> dict[str, str]:
    """Name -> the first paragraph of the figure's docstring, in one line."""
    return {name: _first_paragraph(name) for name in names()}


def _first_paragraph(name: str) -> str:
    text = ast.get_docstring(ast.parse((folders.FIGURES / f"{name}.py").read_bytes())) or ""
    return " ".join(text.partition("\n\n")[0].split())
