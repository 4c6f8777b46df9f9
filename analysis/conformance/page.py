"""The page docs/conformance.md, made from the survey's table: `python -m analysis.conformance.page`."""

from pathlib import Path
from typing import Any

from analysis.conformance.survey import records
from dwmgrad_ref.files import write_atomic

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
ROUNDING = 1e6  # ulps; a difference beyond is no rounding, and is read better as a share of the distance moved
HEAD = """# Which implementations are what their papers say

This page is generated from `analysis/conformance/results.json` by `python -m analysis.conformance.page`, and
the table by `python -m analysis.conformance`. An implementation and our rule get the same float64 gradients:
random, sparse, sign-changing, tiny, large and constant ones, and a first gradient of zero. Both run for {steps}
steps at the defaults of the implementation, and at values at which a misplaced term is large; then both run
with weight decay. The gradients are given, so that every difference comes from the arithmetic of the step.
Seed: {seed}. Versions: {versions}.

"Agrees" means that the iterates differ by rounding only. The last column has the largest difference of the
iterates, in units in the last place (ulps) or as a share of the distance that the iterate has moved, before any
option or setting is changed. Where they differ, a search changes our options and up
to a few expressions of our formula, with at most 60,000 tries, until our rule reproduces the implementation. A
reproduction holds on all sequences; that it is the only one is not claimed. A difference is not a defect by
itself: an implementation may say in its documentation that it departs from the paper.

"""


def page(found: list[dict[str, Any]]) -> str:
    """The whole text of the page."""
    versions = ", ".join(sorted({record["version"] for record in found}))
    text = HEAD.format(steps=found[0]["steps"], seed=found[0]["seed"], versions=versions)
    lines = [
        "| implementation | version | rule | verdict | weight decay | largest difference before any change |",
        "|---|---|---|---|---|---|",
    ]
    for record in sorted(found, key=lambda record: (record["rule"], record["key"], record["version"])):
        lines.append(_row(record))
    return f"{text}{chr(10).join(lines)}\n\n{_divergences(found)}"


def _row(record: dict[str, Any]) -> str:
    differs = record["formula"].startswith("differs")
    far = differs or (record["ulps"] or 0) > ROUNDING
    size = f"{record['relative']:.2g} of the distance moved" if far and record["relative"] else _ulps(record)
    short = record["formula"].partition(":")[0] if differs else record["formula"]
    name = record["key"].rpartition(" ")[0]
    decay = {"the rule's": "as in our rule", "differs": "not reproduced"}.get(record["decay"], record["decay"])
    note = "; keeps numbers in float32" if record.get("single") else ""
    cells = (f"`{name}`", record["version"], f"`{record['rule']}`", short + note, decay or "–", size)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _ulps(record: dict[str, Any]) -> str:
    return "–" if record["ulps"] is None or "float32" in record["formula"] else f"{record['ulps']:g} ulps"


def _divergences(found: list[dict[str, Any]]) -> str:
    """One paragraph a divergence: where it begins, and what reproduces it."""
    parts = ["## The divergences\n"]
    for record in sorted(found, key=lambda record: (record["rule"], record["key"], record["version"])):
        first = record.get("divergence")
        if not first:
            continue
        name = record["key"].rpartition(" ")[0]
        where = f"{first['quantity']} after step {first['step']} on the sequence '{first['sequence']}'"
        values = f"theirs {first['theirs']} and ours {first['ours']}"
        count = f"{first['differing_cases']} of {record['cases']} plays differ"
        head = f"- **`{name}`** ({record['version']}) against `{record['rule']}`. First divergence: "
        parts.append(f"{head}{where}, {values}; {count}. {_how(record)}")
    return "\n".join(parts) + "\n"


def _how(record: dict[str, Any]) -> str:
    theirs = ", ".join(f"`{name}={value}`" for name, value in record.get("their_settings", {}).items())
    told = f"With its {theirs} it agrees. " if theirs and record["formula"].startswith("agrees") else ""
    told = f"With its {theirs}: " if theirs and not told else told
    if record["reproduced"] and record["formula"].startswith("differs"):
        return told + f"Reproduced by {record['reproduced'][0]}."
    if record["formula"].startswith("agrees"):
        ours = record["reproduced"][0]
        return told + (f"Agrees with our `{ours}`." if ours != "the rule as it is" else "")
    cut = ", the limit" if record["search_cut"] else ""
    return told + f"Nothing of {record['variants_tried']:,} tries{cut} reproduces it."


if __name__ == "__main__":
    write_atomic(PAGE, lambda file: file.write(page(records()).encode()))
