"""Every citation in the code resolves to an entry of references.bib, and every entry there is complete.

What this project states itself (R3, W5) is cited under its own key, never as a place in a paper.
"""

import ast
import re
from collections import Counter
from dataclasses import dataclass, field

import pytest

from dwmgrad_ref import problems, rules
from dwmgrad_ref.rules.base import Source
from proofs.claims import registry
from tests.source_tree import ROOT, package_modules

TEXT = (ROOT / "references.bib").read_text("utf-8")
HEAD = re.compile(r"@(article|book|inproceedings|misc|techreport)\{([a-z0-9-]+),")
FIELD = re.compile(r"  ([a-z]+) = \{(.+)\},")
POINT = re.compile(r"\bnotes\b|\b[RW][1-9]\b")  # a point of our theory notes, in a place
# Where the work appeared, by kind of entry; author, title and year are asked of all.
VENUE = {
    "article": {"journal"},
    "book": {"publisher"},
    "inproceedings": {"booktitle"},
    "misc": {"eprint", "howpublished"},
    "techreport": {"institution"},
}


@dataclass
class Entry:
    """One work in references.bib."""

    kind: str
    key: str
    fields: dict[str, str] = field(default_factory=dict)


def parse(text: str) -> list[Entry]:
    """The entries of a .bib text in the house form: one field a line; anything else is an error."""
    entries: list[Entry] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if inside and line == "}":
            inside = False
        elif inside and (found := FIELD.fullmatch(line)) and found[1] not in entries[-1].fields:
            entries[-1].fields[found[1]] = found[2]
        elif not inside and (found := HEAD.fullmatch(line)):
            entries.append(Entry(found[1], found[2]))
            inside = True
        elif inside or (line and not line.startswith("%")):
            raise ValueError(f"references.bib:{number}: cannot read {line!r}")
    return entries


def cited(tree: ast.Module) -> list[str | None]:
    """The key of every call of Source in a module; None where it is not a literal."""
    keys: list[str | None] = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name == "Source":
            given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "key")]
            literal = given[0].value if given and isinstance(given[0], ast.Constant) else None
            keys.append(literal if isinstance(literal, str) else None)
    return keys


def works(source: Source) -> list[Source]:
    """The source and those it names besides."""
    return [source, *(work for other in source.also for work in works(other))]


ENTRIES = parse(TEXT)
KEYS = {entry.key for entry in ENTRIES}
REGISTERED = (
    {f"rule {name}": rules.get(name).source for name in rules.names()}
    | {f"problem {family.name}": family.source for family in problems.families()}
    | {f"claim {name}": claim.source for name, claim in registry().items()}
)


@pytest.mark.parametrize("path", package_modules())
def test_keys_written_in_the_code_resolve(path):
    keys = cited(package_modules()[path])
    assert None not in keys, "a Source needs its key as a literal, or this test cannot see it"
    assert set(keys) <= KEYS


@pytest.mark.parametrize("name", REGISTERED)
def test_registered_sources_resolve(name):
    for work in works(REGISTERED[name]):
        assert work.key in KEYS
        assert work.place.strip()


@pytest.mark.parametrize("name", REGISTERED)
def test_what_we_state_stands_under_our_key(name):
    assert [work for work in works(REGISTERED[name]) if POINT.search(work.place) and work.key != "dwmgradnotes"] == []


@pytest.mark.parametrize("what", [lambda entry: entry.key, lambda entry: entry.fields["title"].lower()])
def test_keys_and_works_are_unique(what):
    assert [value for value, count in Counter(map(what, ENTRIES)).items() if count > 1] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_entries_are_complete(entry):
    assert {"author", "title", "year"} <= entry.fields.keys()
    assert re.fullmatch(r"(19|20)\d\d", entry.fields["year"])
    assert VENUE[entry.kind] & entry.fields.keys()
    assert all(value.count("{") == value.count("}") for value in entry.fields.values())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_identifiers_are_well_formed(entry):
    assert re.fullmatch(r"10\.\d{4,}/\S+", entry.fields.get("doi", "10.1000/none"))
    if "eprint" in entry.fields:
        assert entry.fields["archiveprefix"] == "arXiv"
        assert re.fullmatch(r"\d{4}\.\d{4,5}", entry.fields["eprint"])


@pytest.mark.parametrize(
    "broken",
    [
        "@misc{a,\n  title = {cut off\n}",  # a field without its closing brace
        "@misc{a,\n  title = {x},\n  title = {y},\n}",  # a field given twice
        "@misc{a,\n  title = {x},\n@misc{b,\n}",  # an entry that is not closed
        "title = {x},",  # a field outside any entry
    ],
)
def test_damaged_entries_are_not_read(broken):
    with pytest.raises(ValueError, match="cannot read"):
        parse(broken)


def test_cited_sees_every_form():
    code = 'Source("a", "p")\nbase.Source(key="b", place="p")\nSource(name, "p")\nOther("c")\n'
    assert cited(ast.parse(code)) == ["a", "b", None]


def test_a_source_prints_every_work_under_its_own_key():
    ours = Source("dwmgradnotes", "W5")
    assert str(Source("dwmgrad", "Algorithm 1", also=(ours,))) == "[dwmgrad] Algorithm 1; [dwmgradnotes] W5"
    assert str(ours) == "[dwmgradnotes] W5"
