"""The works that the report cites, from references.bib."""

import re
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup, escape

FILE = Path(__file__).resolve().parents[2] / "references.bib"
_ENTRY = re.compile(r"^@\w+\{(?P<key>[\w-]+),\n(?P<fields>(?:  .*\n)*)\}", re.MULTILINE)
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)
_TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")
_CITED = re.compile(r"\[([a-z][\w-]*)\]")


class Work(NamedTuple):
    """A cited work: its key, authors, title, year, and where it is found."""

    key: str
    authors: str
    title: str
    year: str
    place: str


def works() -> dict[str, Work]:
    """All works by key; none where the package is used without its checkout."""
    if not FILE.is_file():
        return {}
    found = {}
    for entry in _ENTRY.finditer(FILE.read_text(encoding="utf-8")):
        told = {name: re.sub(r"[{}]", "", value) for name, value in _FIELD.findall(entry["fields"])}
        place = [told.get(name, "") for name in ("journal", "booktitle", "publisher", "institution", "howpublished")]
        number = f"arXiv {told['eprint']}" if "eprint" in told else f"doi {told['doi']}" if "doi" in told else ""
        found[entry["key"]] = Work(
            entry["key"], told.get("author", ""), told["title"], told.get("year", ""),
            ", ".join(part for part in [*place, number] if part),
        )  # fmt: skip
    return found


def cited(page: str, known: dict[str, Work]) -> tuple[str, list[Work]]:
    """The page with each [key] of a known work as a link to it, and the works that it names."""
    used: set[str] = set()

    def link(found: re.Match[str]) -> str:
        if found[1] not in known:
            return found[0]
        used.add(found[1])
        return f'<a href="#work-{found[1]}">[{found[1]}]</a>'

    page = _TEXT.sub(lambda found: _CITED.sub(link, found[0]), page)  # text alone: attributes hold no elements
    return page, [work for key, work in known.items() if key in used]


def entry(work: Work) -> Markup:
    """A line of the list of references."""
    return escape(f"{work.authors}. {work.title}. {work.place}, {work.year}.".replace("., ", "., "))
