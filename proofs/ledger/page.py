"""CLAIMS.md: the papers' own statements first, then every claim with its derivation and evidence.

Made from the committed ledger alone, like what `dwmgrad claims` prints.
"""

from pathlib import Path
from typing import Any

from proofs.kernel import theorems
from proofs.ledger import records
from proofs.ledger.markdown import cell, kept
from proofs.ledger.papers import PAPERS, judged
from proofs.ledger.records import evidence, parts

PAGE = Path(__file__).resolve().parents[2] / "CLAIMS.md"
SYMBOL = {"proved": "✔", "argued": "✔ (words)", "refuted": "✘", "supported": "~", "open": "?", "broken": "‼"}
WORDS = {
    "proved": "every step of the derivation is checked by a machine, and the derivation ends in the statement",
    "argued": "as proved, but some steps are argued in words, which are printed and counted",
    "refuted": "a counterexample is shown, and two engines check it",
    "supported": "no proof is offered; searches or measurements did not contradict it",
    "open": "a check could not decide, or nothing was offered",
    "broken": "a check failed: the claim or the code is wrong, and nothing should be concluded from it",
}

SYMBOLS = """R_T is the regret after T steps, S_T the root of the sum of the squared gradients of one coordinate,
h_t the preconditioner divided by the step size. Claims are numbered W (window), R (regret and failure), S (cost),
C (controls: known theorems), D (driver and shared parts of the rules), F (published formulas) and X (worst cases).

"Also checked by Coq" names theorems about the formula that runs, whose whole proof Coq's kernel checked: no solver and
no step in words is in it. The statement stands as Coq prints it; its notions are defined in
[Model.v](proofs/kernel/coq/Model.v), [Generated.v](proofs/kernel/coq/Generated.v), which is made from the Python
formulas, and [Statements.v](proofs/kernel/coq/Statements.v), and its steps are counted from 0. `make kernel` checks
them again. A verdict never depends on them."""


def text() -> str:
    """The whole page."""
    committed = records.ledger()
    lines = ["# Claims", "", "`dwmgrad verify` runs every check again and fails on any change; this page is written by",
             "`dwmgrad verify --accept`.", "", "## What the papers state", ""]  # fmt: skip
    lines += ["| paper | statement | verdict | what was found | claims |", "|---|---|---|---|---|"]
    for row in PAPERS:
        links = ", ".join(_link(name, committed) for name in row.claims)
        cells = [f"[{row.key}] {row.place}", cell(row.said), judged(row, committed), cell(row.found), links]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## What the words mean", ""]
    lines += [f"- **{word}**: {meaning}." for word, meaning in WORDS.items()]
    lines += ["", SYMBOLS, "", "## All claims", ""]
    count = {word: sum(entry["verdict"] == word for entry in committed.values()) for word in WORDS}
    lines += [", ".join(f"{n} {word}" for word, n in count.items() if n) + ". A proved claim can say that a method"
              " fails; the table above says what that means for the papers.", ""]  # fmt: skip
    lines += ["| claim | says | verdict | engines |", "|---|---|---|---|"]
    for name, entry in committed.items():
        beside = {"coq"} if theorems.names(name) else set()
        engines = ", ".join(sorted({check["engine"] for check in entry["checks"].values()} | beside))
        verdict = f"{SYMBOL[entry['verdict']]} {entry['verdict']}"
        lines.append(f"| {_link(name, committed)} | {cell(entry['title'])} | {verdict} | {engines} |")
    for name, entry in committed.items():
        lines += ["", *section(name, entry)]
    return "\n".join(lines) + "\n"


def _link(name: str, committed: dict[str, Any]) -> str:
    return f"[{name}](#{anchor(name, committed[name]['title'])})" if name in committed else name


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
        lines += ["", f"{title}:", ""]
        for number, step in enumerate(steps, 1):
            lines += [f"{number}. {kept(step['words'])}", *(f"   - `{line}`" for line in evidence(entry, step))]
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
