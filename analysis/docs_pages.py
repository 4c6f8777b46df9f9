"""The generated parts of the pages in docs/: formulas, options, published variants, claims with their verdicts.

`python -m analysis.docs_pages` rewrites what stands between `<!-- generated: KIND ARGUMENTS -->` and
`<!-- end -->`; everything else in a page is written by hand. A test fails when a part is stale.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dwmgrad_ref import formula, rules
from dwmgrad_ref.files import write_atomic
from proofs.ledger import records
from proofs.ledger.page import address

FOLDER = Path(__file__).parents[1] / "docs"
PART = re.compile(r"(<!-- generated: (\w+) (.*?) -->\n)(.*?)(<!-- end -->)", re.S)


def formula_of(rule: str, *given: str) -> str:
    """The update with these options, `name=value` each, as `dwmgrad show` prints it."""
    options = dict(item.split("=") for item in given)
    return f"```text\n{formula.pretty(rule, **options)}\n```"


def _row(*cells: Any) -> str:
    """A line of a table; a bar in a cell would end it."""
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def options_of(rule: str) -> str:
    """Name, default, range and meaning of every option of the formula."""
    found = rules.get(rule)
    lines = ["| option | default | must | meaning |", "|---|---|---|---|"]
    for name, default in found.options()._asdict().items():
        shown, must = ("lr", "lie in [0, inf)") if name == "alpha" else (name, found.allowed(name))
        lines.append(_row(f"`{shown}`", f"`{default!r}`", must, found.fields[name].description))
    return "\n".join(lines)


def variants_of(rule: str) -> str:
    """Every registered name of the formula, with the options that make it and where it is published."""
    formula_itself = rules.get(rule)
    lines = ["| name | options | source | departs from its source |", "|---|---|---|---|"]
    for name in rules.names():
        found = rules.get(name)
        if (found.shared, found.coord) == (formula_itself.shared, formula_itself.coord):
            options = ", ".join(f"`{'lr' if n == 'alpha' else n}={v!r}`" for n, v in found.defaults.items())
            lines.append(_row(f"`{name}`", options or "the defaults", found.source, found.departs))
    return "\n".join(lines)


def claims_of(*identifiers: str) -> str:
    """What the committed ledger says about these claims."""
    lines = ["| claim | verdict | says |", "|---|---|---|"]
    for identifier in identifiers:
        entry = records.find(identifier)
        link = f"[{identifier}]({address(identifier, entry['title']).removeprefix('docs/')})"
        lines.append(_row(link, entry["verdict"], f"`{entry['then']['text']}`"))
    return "\n".join(lines)


KINDS: dict[str, Callable[..., str]] = {
    "formula": formula_of,
    "options": options_of,
    "variants": variants_of,
    "claims": claims_of,
}


def current(page: str) -> str:
    """A page's text with every generated part made anew."""

    def part(found: re.Match[str]) -> str:
        return f"{found[1]}{KINDS[found[2]](*found[3].split())}\n{found[5]}"

    return PART.sub(part, page)


def main() -> None:
    for page in sorted(FOLDER.glob("*.md")):
        text = current(page.read_text("utf-8")).encode()
        write_atomic(page, lambda file, text=text: file.write(text))


if __name__ == "__main__":
    main()
