"""What is printed of a claim is what it says: Markdown takes no sign of a formula away, on the page or a terminal."""

import html
import re

import pytest
from markdown_it import MarkdownIt

from dwmgrad_ref.cli import main
from proofs import ledger, markdown
from proofs.claims import get, registry


def bare(text: str) -> str:
    """The text less white space, where lines are broken at will, and the marks of code."""
    return re.sub(r"[\s`]", "", text)


def rendered(source: str) -> str:
    """Markdown as a reader sees it: HTML less its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", MarkdownIt().render(source)))


def texts(identifier: str) -> list[str]:
    claim, entry = get(identifier), ledger.expected().get(identifier, {})
    details = [found["detail"] for found in entry.get("checks", {}).values()]
    return [claim.title, str(claim.source), claim.statement, *claim.hypotheses, claim.note,
            *(check.says for check in claim.checks), *details]  # fmt: skip


@pytest.mark.parametrize("identifier", registry())
def test_a_claim_is_printed_whole(identifier, capsys):
    assert main(["claims", identifier]) == 0
    shown = bare(capsys.readouterr().out)
    for text in [*texts(identifier), get(identifier).latex]:
        assert bare(text) in shown


def test_the_page_shows_every_claim_whole():
    for identifier in registry():
        shown = bare(rendered("\n".join(ledger.section(get(identifier), ledger.expected().get(identifier, {})))))
        for text in texts(identifier):
            assert bare(text) in shown, identifier
    table = bare(rendered(ledger.page()))
    assert all(bare(claim.title) in table for claim in registry().values())


@pytest.mark.parametrize("text", [
    "S*alpha*sqrt(omega0 + 1)/2", "q**j", "G^*_0 to G^*_j", "_a_ and *b*", "<g_i, x_j - x_i>", "a < b > c", "[a](b)",
    "[a]: b", "![a](b)", "a\\b", "~~a~~", "$a$ and $b$", "theta_{t+1} and d*_(t mod k)", "`a_b*c` and d*e*f",
    "&lt; &#60;", "x_1_2_3", "||x|| and |y|", "<b>bold</b>", "*", "__init__", "a*b*c", "http://x.y/_z_",
])  # fmt: skip
def test_signs_stay_signs(text):
    assert bare(rendered("It says: " + markdown.kept(text))) == bare("It says: " + text)
    row = rendered_cell(markdown.cell(text))
    assert bare(row) == bare(text)


def rendered_cell(cell: str) -> str:
    table = MarkdownIt().enable("table").render(f"| a | b |\n|---|---|\n| {cell} | end |\n")
    found = re.search(r"<tbody>\s*<tr>\s*<td>(.*?)</td>\s*<td>end</td>", table, re.S)
    assert found, "the cell is broken"
    return html.unescape(re.sub(r"<[^>]*>", "", found[1]))
