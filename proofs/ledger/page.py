"""CLAIMS.md and the pages below docs/claims: the papers' own statements first, then the claims by theme.

CLAIMS.md is the index. Each theme has a page of its own with the derivations and the evidence. All are made from the
committed ledger alone, like what `dwmgrad claims` prints.
"""

from pathlib import Path
from typing import Any

from proofs.kernel import theorems
from proofs.ledger import records, themes
from proofs.ledger.markdown import cell, kept
from proofs.ledger.papers import PAPERS, judged
from proofs.ledger.records import evidence, parts

ROOT = Path(__file__).resolve().parents[2]
INDEX = "CLAIMS.md"
FOLDER = "docs/claims"
SYMBOL = {"proved": "✔", "argued": "✔ (words)", "refuted": "✘", "supported": "~", "open": "?", "broken": "‼"}
WORDS = {
    "proved": "every step of the derivation is checked by a machine, and the derivation ends in the statement",
    "argued": "as proved, but some steps are argued in words, which are printed and counted",
    "refuted": "a counterexample is shown, and two engines check it",
    "supported": "no proof is offered; searches or measurements did not contradict it",
    "open": "a check could not decide, or nothing was offered",
    "broken": "a check failed: the claim or the code is wrong, and nothing should be concluded from it",
}

SYMBOLS = """\
R_T is the regret after T steps: the sum of the losses of the iterates less that of the best fixed point, the
comparator. S_T is the root of the sum of the squared gradients of one coordinate, and h_t is the preconditioner
divided by the step size. The letter of a claim says what it is about: W the window, R regret and failure, S cost, C
known theorems as controls, D the driver and shared parts of the rules, F published formulas, X worst cases.
`F-adam`, for instance, says that the code of Adam computes the published update.

"Also checked by Coq" names theorems about the formula that runs. The kernel of the proof assistant Coq checked
their whole proof, so no solver and no step in words is part of it. The statement stands as Coq prints it. Its
notions are defined in [Model.v](proofs/kernel/coq/Model.v), in [Generated.v](proofs/kernel/coq/Generated.v), which
is made from the Python formulas, and in [Statements.v](proofs/kernel/coq/Statements.v). Its steps are counted from
0. `make kernel` checks the theorems again. A verdict never depends on them."""


GAP = """\
One gap in the checking is known. The rules that put expressions into a lemma and that compare statements use SymPy,
which writes x for a x/a and for the square of the root of x, also where a may be 0 or x negative, and fractions within
fractions are cleared on the way to the solvers. A false statement could pass through such a step. We know of no claim
that does: under stricter rules, which assume what is cancelled, every claim's derivation still loads, and only
F-adadelta needs two hypotheses more (G_t + eps > 0 and U_{t-1} + eps > 0, without which its printed roots mean
nothing). The solvers' checks have not all been repeated under the stricter rules."""


OPENING = """\
This page lists every claim with its verdict. `dwmgrad verify` runs every check again and fails on any change.
`dwmgrad verify --renew` writes this page and the pages that it links to."""


def pages() -> dict[str, str]:
    """Every page by its path from the root: the index, and one page for each theme."""
    committed = records.ledger()
    by_theme = {theme: themes.in_order(n for n in committed if themes.of(n) is theme) for theme in themes.THEMES}
    found = {INDEX: "\n".join(_index(committed, by_theme)) + "\n"}
    for theme, names in by_theme.items():
        found[_file(theme)] = "\n".join(_theme_page(theme, names, committed)) + "\n"
    return found


def _file(theme: themes.Theme) -> str:
    return f"{FOLDER}/{theme.key}.md"


def _index(committed: dict[str, Any], by_theme: dict[themes.Theme, list[str]]) -> list[str]:
    lines = ["# Claims", "", OPENING, "", "## What the papers state", ""]
    lines += ["| paper | statement | verdict | what was found | claims |", "|---|---|---|---|---|"]
    for row in PAPERS:
        links = ", ".join(_link(name, committed) for name in row.claims)
        cells = [f"[{row.key}] {row.place}", cell(row.said), judged(row, committed), cell(row.found), links]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## What the words mean", ""]
    lines += [f"- **{word}**: {meaning}." for word, meaning in WORDS.items()]
    lines += ["", GAP, "", SYMBOLS, "", "## All claims by theme", ""]
    lines += [f"{_counts(committed, committed)}. A proved claim can say that a method fails; the first table says what"
              " that means for the papers."]  # fmt: skip
    for theme, names in by_theme.items():
        lines += ["", f"### [{theme.title}]({_file(theme)})", "", f"{theme.about} {_counts(names, committed)}.", ""]
        lines += _table(names, committed)
    return lines


def _theme_page(theme: themes.Theme, names: list[str], committed: dict[str, Any]) -> list[str]:
    lines = [f"# {theme.title}", "", theme.about, "", f"{_counts(names, committed)}. [The index](../../{INDEX}) defines"
             " the verdicts and the symbols. This page is written by `dwmgrad verify --renew`."]  # fmt: skip
    for name in names:
        lines += ["", *section(name, committed[name])]
    return lines


def _counts(names: Any, committed: dict[str, Any]) -> str:
    """How many of the claims have each verdict, as a sentence without its full stop."""
    numbers = [(sum(committed[name]["verdict"] == word for name in names), word) for word in WORDS]
    parts = [f"{n} {'is' if n == 1 else 'are'} {word}" for n, word in numbers if n]
    total = len(list(names))
    if len(parts) == 1:
        return (
            f"The claim is {parts[0].split()[-1]}" if total == 1 else f"All {total} claims are {parts[0].split()[-1]}"
        )
    return f"Of {total} claims {', '.join(parts[:-1])} and {parts[-1]}"


def _table(names: list[str], committed: dict[str, Any]) -> list[str]:
    lines = ["| claim | says | verdict | checked by |", "|---|---|---|---|"]
    for name in names:
        entry = committed[name]
        beside = {"coq"} if theorems.names(name) else set()
        engines = ", ".join(sorted({check["engine"] for check in entry["checks"].values()} | beside))
        verdict = f"{SYMBOL[entry['verdict']]} {entry['verdict']}"
        lines.append(f"| {_link(name, committed)} | {cell(entry['title'])} | {verdict} | {engines} |")
    return lines


def _link(name: str, committed: dict[str, Any]) -> str:
    return f"[{name}]({address(name, committed[name]['title'])})" if name in committed else name


def address(name: str, title: str) -> str:
    """Where a claim's section is, from the root of the repository."""
    return f"{_file(themes.of(name))}#{anchor(name, title)}"


def anchor(name: str, title: str) -> str:
    """The fragment by which a link reaches a claim's section."""
    kept = "".join(c for c in f"{name} {title}".lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def statement(name: str) -> str:
    """One claim's verdict, hypotheses and conclusion in Markdown, without its evidence; for notebooks."""
    entry = records.find(name)
    return "\n".join([f"**{name}** ({entry['verdict']})", *_stated(entry)])


def _stated(entry: dict[str, Any]) -> list[str]:
    """Hypotheses and conclusion as mathematics."""
    lines = ["", "Hypotheses:", "", *(f"- {e['markdown']}" for e in entry["given"])] if entry["given"] else []
    return [*lines, "", f"$$ {entry['then']['latex']} $$"]


def section(name: str, entry: dict[str, Any]) -> list[str]:
    """One claim in Markdown: the statement as mathematics, the steps as code, so that nothing is lost to the markup."""
    lines = [
        f"## {name} {kept(entry['title'])}",
        "",
        f"**{entry['verdict']}** · {entry['kind']} · {kept(entry['source'])}",
    ]
    lines += _stated(entry)
    if entry["where"]:
        lines += ["", "where " + "; ".join(f"`{symbol}` is the {meaning}" if not meaning.startswith(symbol) else
                                           f"`{meaning}`" for symbol, meaning in entry["where"]) + "."]  # fmt: skip
    if entry["depends"]:
        lines += ["", "The proof uses " + ", ".join(entry["depends"]) + "."]
    for title, steps in parts(entry):
        lines += ["", f"<details><summary>{title} ({len(steps)})</summary>", ""]
        for number, step in enumerate(steps, 1):
            lines += [f"{number}. {kept(step['words'])}", *(f"   - `{line}`" for line in evidence(entry, step))]
        lines += ["", "</details>"]
    lines += _by_coq(name)
    return [*lines, "", kept(entry["note"])] if entry["note"] else lines


def _by_coq(name: str) -> list[str]:
    """The theorems beside a claim, folded: a reader opens the statements that interest them."""
    if not (beside := records.kernel(name)):
        return []
    lines = ["", "Also checked by Coq, of the formula that runs:", ""]
    lines += [f"{number}. {kept(words)}" for number, (words, _) in enumerate(beside, 1)]
    lines += ["", f"<details><summary>{'The statement' if len(beside) == 1 else 'The statements'} as Coq prints"
              f" {'it' if len(beside) == 1 else 'them'}</summary>"]  # fmt: skip
    for _, stated in beside:
        lines += ["", "```coq", stated, "```"]
    return [*lines, "", "</details>"]
