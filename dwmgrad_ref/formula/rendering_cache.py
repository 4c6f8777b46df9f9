"""Formulas as they are shown, kept on disk: importing SymPy to render one takes longer than all else of `show`."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

from dwmgrad_ref import files
from dwmgrad_ref.errors import DamagedFile
from dwmgrad_ref.rules.base import Rule

_PACKAGE = Path(__file__).parents[1]
_SOURCES = ("ops.py", "formula", "rules")  # what the text of a formula depends on, besides SymPy


class Rendered(NamedTuple):
    """A rule's formula with some of its options fixed.

    pretty  the equations in Unicode, one a line
    latex   the same as a LaTeX `aligned` environment
    bounds  its a-priori regret bounds, one line each
    """

    pretty: str
    latex: str
    bounds: list[str]


def rendered(rule: Rule, **given: Any) -> Rendered:
    """The formula with these options, from the cache if it was rendered before from the same source.

    Raises:
        UnknownName, BadOption: as `Rule.options`.
    """
    rule.options(**given)
    file = _file(rule, given)
    try:
        return Rendered(**files.checked(file.read_bytes(), str(file), "it is rendered again"))
    except (OSError, DamagedFile):
        found = _render(rule, given)
    try:
        text = files.with_checksum(json.dumps(found._asdict(), ensure_ascii=False))
        files.write_atomic(file, lambda opened: opened.write(text.encode()))
    except OSError:
        pass  # a cache that cannot be written costs time, nothing else
    return found


def _render(rule: Rule, given: dict[str, Any]) -> Rendered:
    from dwmgrad_ref.formula import render

    bounds = [render.bound_text(rule, bound) for bound in rule.bounds]
    return Rendered(render.pretty(rule, **given), render.latex(rule, **given), bounds)


def _file(rule: Rule, given: dict[str, Any]) -> Path:
    """Where the text is kept: another name for another source, SymPy, rule or option."""
    from importlib.metadata import version

    digest = hashlib.sha256(version("sympy").encode())
    for source in _SOURCES:
        for path in sorted((_PACKAGE / source).rglob("*.py")) or [_PACKAGE / source]:
            digest.update(path.read_bytes())
    digest.update(repr((rule.name, rule.result_version, sorted(given.items()))).encode())
    root = os.environ.get("DWMGRAD_CACHE") or platformdirs.user_cache_dir("dwmgrad")
    return Path(root) / "formulas" / f"{digest.hexdigest()[:32]}.json"
