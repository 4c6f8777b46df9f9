"""The report written once for all tests of a process, and its palette."""

import re
from functools import cache
from pathlib import Path

import html5lib

from paper_figures.report import page

_SHEET = (page.HERE / "report.css").read_text(encoding="utf-8")
_BLOCKS = re.findall(r":root \{(.*?)\}", _SHEET, re.DOTALL)
_LIGHT, _DARK = (dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in _BLOCKS[:2])
CSS = {"light": _LIGHT, "dark": {**_LIGHT, **_DARK}}


@cache
def _text() -> str:
    return page.html()


def page_path(tmp_path_factory) -> Path:
    """The written report."""
    path = tmp_path_factory.mktemp("report") / page.NAME
    path.write_text(_text(), encoding="utf-8")
    return path


def parsed(text: str):
    """The page as a browser reads it, as an element tree whose tags have no namespace."""
    return html5lib.parse(text, namespaceHTMLElements=False)
