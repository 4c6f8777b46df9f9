"""The counted costs of rules as records, as a Markdown table, and that table kept up to date inside a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.files import write_atomic
from dwmgrad_ref.rules.base import Rule
from proofs.cost.counting import Cost, count

BEGIN, END = "<!-- dwmgrad costs -->", "<!-- end of dwmgrad costs -->"
KINDS = {"×": ("multiply",), "+ −": ("add", "subtract"), "√": ("sqrt",), "÷": ("divide",), "<": ("compare",)}
NAMED = {kind for kinds in KINDS.values() for kind in kinds}
HEADS = ("rule", "words", *KINDS, "other", "per step", "fused", "NumPy passes", "NumPy", "new", "foreach", "new")


def record(rule: Rule, dtype: str = "float64", **options: Any) -> dict[str, Any]:
    """The cost of a rule as plain values: `count` and what it was counted with.

    Returns:
        rule, options, dtype; operations `once` per step and `each` coordinate by kind; `state` words; `ideal`,
        `numpy`, `foreach` with passes and bytes read, written and allocated per coordinate.
    """
    cost: Cost = count(rule, dtype, **options)
    forms = {name: vars(getattr(cost, name)) for name in ("ideal", "numpy", "foreach")}
    operations = {"once": dict(cost.once), "each": dict(cost.each)}
    return {"rule": rule.name, "options": options, "dtype": dtype, "state": cost.state, **operations, **forms}


def records(chosen: Sequence[tuple[Rule, Mapping[str, Any]]] = (), dtype: str = "float64") -> list[dict[str, Any]]:
    """The records of rules with options; of all registered rules if none is chosen.

    A stored window's cost grows with it, so of all rules that one is told for a longer window too.
    """
    return [record(rule, dtype, **options) for rule, options in chosen or _all()]


def _all() -> list[tuple[Rule, dict[str, Any]]]:
    every = [rules.get(name) for name in rules.names()]
    stored = [rule for rule in every if rule.history(rule.encode(rule.options()))]
    return [(rule, {}) for rule in every] + [(rule, {"delta": 100.0}) for rule in stored]


def cells(one: dict[str, Any]) -> list[str]:
    """A record under HEADS: bytes and operations per coordinate, except `per step`, which all coordinates share."""
    each = one["each"]
    told = [one["rule"] + "".join(f" {name}={value:g}" for name, value in one["options"].items() if _is_number(value))]
    numbers = [one["state"], *(sum(each.get(kind, 0) for kind in kinds) for kinds in KINDS.values())]
    numbers += [sum(n for kind, n in each.items() if kind not in NAMED), sum(one["once"].values())]
    moved = {name: one[name]["read"] + one[name]["written"] for name in ("ideal", "numpy", "foreach")}
    numbers += [moved["ideal"], one["numpy"]["passes"], moved["numpy"], one["numpy"]["allocated"]]
    return told + [str(n) for n in [*numbers, moved["foreach"], one["foreach"]["allocated"]]]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def markdown(found: Sequence[dict[str, Any]]) -> str:
    """The records as a Markdown table."""
    rows = [HEADS, ["---", *["---:"] * (len(HEADS) - 1)], *map(cells, found)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def renewed(page: str, table: str) -> str:
    """The page with the table between its two marks.

    Raises:
        BadInput: the marks are not there, once each and in order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise BadInput(f"no place for the table: expected a line {BEGIN} and after it a line {END}")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def renew(path: Path) -> None:
    """Put the table of all registered rules between the marks of that file.

    Raises:
        BadInput: no such file, or no marks in it; the file is left as it is.
    """
    if not path.is_file():
        raise BadInput(f"{path} is not a file; expected a Markdown page with the line {BEGIN}")
    page = renewed(path.read_text(encoding="utf-8"), markdown(records()))
    write_atomic(path, lambda file: file.write(page.encode()))
