"""The committed ledger as the template reads it: claims by theme, with their mathematics as MathML."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from paper_figures.report.mathematics import conclusion, mixed, plain
from proofs.ledger import records, themes

Entry = dict[str, Any]
WIDEST = 90  # signs of a formula that fit on a line of A4
ANSWERS = {  # of the solvers, as the ledger has them
    "negation unsat for z3 and cvc5": "Both solvers find that its negation has no solution",
    "sat for z3, sat for cvc5": "Both solvers find values for which it is true",
}


@dataclass(frozen=True)
class Step:
    """A step of a derivation: what it says, from what it follows, what checked it, and how often it is used."""

    words: Markup
    given: list[Markup]
    then: Markup
    how: Markup
    witness: list[tuple[str, str]]
    uses: int


@dataclass(frozen=True)
class Claim:
    """A claim ready to be shown; `parts` are headings with their steps."""

    id: str
    title: Markup
    verdict: str
    kind: str
    source: Markup
    hash: str
    given: list[Markup]
    then: list[Markup]
    on_paper: Markup
    where: list[tuple[Markup, Markup]]
    depends: list[str]
    used_by: list[str]
    parts: list[tuple[str, list[Step]]]
    note: Markup
    engines: list[str]
    text: str = field(repr=False)

    @property
    def anchor(self) -> str:
        return anchor(self.id)

    @property
    def replay(self) -> str:
        """The line that runs every check of the claim again, its witnesses included."""
        return f"dwmgrad verify {self.id}"


def anchor(identifier: str) -> str:
    """The fragment that leads to a claim."""
    return "claim-" + identifier.replace("+", "plus")


def by_theme() -> list[tuple[themes.Theme, list[Claim]]]:
    """Every theme with its claims, each after those that it uses where both belong to the theme."""
    ledger = records.ledger()
    used_by: dict[str, list[str]] = {name: [] for name in ledger}
    for name, entry in ledger.items():
        for other in entry["depends"]:
            used_by[other].append(name)
    found: dict[str, list[Claim]] = {theme.key: [] for theme in themes.THEMES}
    for name, entry in ledger.items():
        found[themes.of(name).key].append(_claim(name, entry, used_by[name]))
    return [(theme, found[theme.key]) for theme in themes.THEMES]


def _claim(name: str, entry: Entry, used_by: list[str]) -> Claim:
    then = conclusion(entry["then"]["latex"])
    return Claim(
        id=name,
        title=plain(_sentence(entry["title"])),
        verdict=entry["verdict"],
        kind=entry["kind"],
        source=plain(entry["source"]),
        hash=entry["hash"],
        given=[mixed(e["markdown"]) for e in entry["given"]],
        then=then,
        on_paper=plain(entry["then"]["text"]) if any(_wide(part) for part in then) else Markup(),
        where=[(plain(str(symbol)), plain(meaning)) for symbol, meaning in entry["where"]],
        depends=entry["depends"],
        used_by=used_by,
        parts=[(title, list(_steps(entry, steps))) for title, steps in records.parts(entry)],
        note=plain(entry["note"]),
        engines=sorted({check["engine"] for check in entry["checks"].values()}),
        text=f"{name} {entry['title']} {entry['source']} {entry['verdict']}".lower(),
    )


def _wide(part: Markup) -> bool:
    """Whether a formula may be wider than a sheet of paper, on which nothing scrolls."""
    return part.startswith("<div") and len(part.striptags()) > WIDEST


def _sentence(text: str) -> str:
    """The text with a capital letter, unless it begins with a symbol: g is not G."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if len(first) > 2 and first.isalpha() else text


def _steps(entry: Entry, steps: list[dict[str, Any]]) -> Iterator[Step]:
    """The steps, each once: a derivation may use the same step in several places."""
    key = {id(step): json.dumps([step.get(n) for n in ("words", "given", "then", "check", "rule")]) for step in steps}
    uses, seen = Counter(key.values()), set()
    for step in steps:
        if (this := key[id(step)]) in seen:
            continue
        seen.add(this)
        yield _step(entry, step, uses[this])


def _step(entry: Entry, step: dict[str, Any], uses: int) -> Step:
    check = entry["checks"].get(step["check"], {})
    if not step["check"]:
        how = "This step is argued in words." if step["rule"] == "argued" else f"The rule is {step['rule']}."
    else:
        how = f"Checked by {check.get('engine', 'nothing')}: {check.get('status', 'not run')}. {_detail(check)}"
    witness = check.get("witness") or {}
    return Step(
        words=plain(step["words"]),
        given=[plain(text) for text in step.get("given") or ()],
        then=plain(step.get("then") or ""),
        how=plain(how),
        witness=[(name, _value(value)) for name, value in witness.items()],
        uses=uses,
    )


def _detail(check: dict[str, Any]) -> str:
    """The engine's own account as sentences."""
    detail = check.get("detail", "")
    found, _, broken = detail.partition("; refuted when broken: ")
    found = ANSWERS.get(found, found)
    sentences = [found] + ([f"It fails, as it should, when broken: {broken}"] if broken else [])
    return " ".join(f"{_sentence(s).rstrip('.')}." for s in sentences if s)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
