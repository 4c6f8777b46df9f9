"""What is printed of a claim is what it says: Markdown takes no sign of a formula away, on the page or a terminal."""

import html
import re

import pytest
from markdown_it import MarkdownIt

from dwmgrad_ref.cli import main
from proofs.ledger import markdown, page, records


def bare(text: str) -> str:
    """The text less white space, where lines are broken at will, and the marks of code."""
    return re.sub(r"[\s`]", "", text)


def rendered(source: str) -> str:
    """Markdown as a reader sees it: HTML less its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", MarkdownIt().render(source)))


def texts(identifier: str) -> list[str]:
    entry = records.ledger()[identifier]
    steps = [step for _, steps in records.parts(entry) for step in steps]
    lines = [line for step in steps for line in records.evidence(entry, step)]
    return [entry["title"], entry["source"], entry["note"], *(step["words"] for step in steps), *lines]


@pytest.mark.parametrize("identifier", records.ledger())
def test_a_claim_is_printed_whole(identifier, capsys):
    """In the terminal: its verdict first, its statement as plain text, every step and the line that replays it."""
    assert main(["claims", identifier]) == 0
    shown, entry = capsys.readouterr().out, records.ledger()[identifier]
    assert shown.startswith(f"{identifier} {entry['title']}: {entry['verdict']}")
    assert shown.rstrip().endswith(f"dwmgrad verify {identifier}")
    for text in [*texts(identifier), entry["then"]["text"], *(e["text"] for e in entry["given"])]:
        assert bare(text) in bare(shown)


def test_the_page_shows_every_claim_whole():
    for identifier, entry in records.ledger().items():
        section = page.section(identifier, entry)
        assert f"$$ {entry['then']['latex']} $$" in section
        shown = bare(rendered("\n".join(section)))
        for text in texts(identifier):
            assert bare(text) in shown, identifier
    table = bare(rendered(page.pages()[page.INDEX]))
    assert all(bare(entry["title"]) in table for entry in records.ledger().values())


def test_every_claim_stands_on_one_page_and_links_reach_it():
    pages = page.pages()
    targets = re.findall(r"\]\((docs/claims/[^)#]+)#([^)]+)\)", pages[page.INDEX])
    heads = {(path, page.anchor(*line.removeprefix("## ").split(" ", 1))) for path, text in pages.items()
             for line in text.splitlines() if line.startswith("## ") and path != page.INDEX}  # fmt: skip
    assert len(heads) == len(records.ledger())
    assert {(path, page.anchor(name, entry["title"])) for name, entry in records.ledger().items()
            for path in [page.address(name, "").partition("#")[0]]} == set(targets)  # fmt: skip


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


def test_a_sequence_that_starts_at_an_option_is_told_from_it():
    from proofs.models.window import FIRST
    from proofs.statements import rendering

    assert rendering.text(FIRST) == "omega_0 is the option omega0"
    assert rendering.latex(FIRST) == r"\omega_{0}\ \text{is the option omega0}"


def test_greek_names_are_greek_letters():
    import sympy

    from proofs.statements import rendering
    from proofs.statements.statement import sequences

    i = sympy.Symbol("i", integer=True)
    assert [rendering.latex(sequences(name)(i)) for name in ("kappa", "eta")] == [r"\kappa_{i}", r"\eta_{i}"]
