"""Which figures there are and what each shows, read from their files: nothing is imported for a list."""

import ast
import tomllib
from functools import cache

from paper_figures.lib import folders


def names() -> list[str]:
    """Names of all figures, sorted."""
    return sorted(file.stem for file in folders.FIGURES.glob("*.py") if file.stem != "__init__")


def summaries() -> dict[str, str]:
    """Name -> the first paragraph of the figure's docstring, in one line."""
    return {name: _first_paragraph(name) for name in names()}


@cache
def words() -> dict[str, dict[str, str]]:
    """What is said about each figure, in the order of reading: title, shows, published, better and worse."""
    return tomllib.loads((folders.HERE / "report" / "figures.toml").read_text(encoding="utf-8"))


def caption(name: str) -> str | None:
    """What stands beside the figure as NAME.caption.md: what is shown and how to read it; None without words."""
    if name not in words():
        return None
    told = words()[name]
    return (
        f"# {told['title']}\n\n{told['shows']}\n\nPublished: {told['published']}\n\n"
        f"A better outcome would look like this: {told['better']}\n\n"
        f"A worse outcome would look like this: {told['worse']}\n"
    )


def _first_paragraph(name: str) -> str:
    text = ast.get_docstring(ast.parse((folders.FIGURES / f"{name}.py").read_bytes())) or ""
    return " ".join(text.partition("\n\n")[0].split())
