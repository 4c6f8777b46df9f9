"""The report as a file: complete, well formed, legible, and nothing in it that needs a network."""

import base64
import io
import re
from itertools import pairwise

import html5lib
import pytest
from PIL import Image

from dwmgrad_ref import cli
from paper_figures.lib import build, reproduction
from paper_figures.report import claims, graph, literature, mathematics, pictures
from proofs.ledger import papers, records, themes
from tests.paper_figures.report_page import CSS, page_path, parsed

LARGEST = 8_000_000  # bytes


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return page_path(tmp_path_factory)


@pytest.fixture(scope="module")
def text(path):
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(text):
    return parsed(text)


def everything(tree, *names):
    return [e for e in tree.iter() if e.tag in names]


def words(element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_the_command_writes_the_file_and_says_where(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("paper_figures.report.page.html", lambda: "<!doctype html>")
    assert cli.main(["report", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"Report: {tmp_path / 'report.html'}\n"
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "<!doctype html>"


def test_reproduce_ends_with_where_the_report_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("paper_figures.report.page.html", lambda: "<!doctype html>")
    monkeypatch.setattr("paper_figures.commands._showcase", lambda quick: None)
    monkeypatch.setattr("paper_figures.commands._build", lambda names, out: [])
    monkeypatch.setattr("analysis.showcase.save", lambda frame, out, command: (out / "runs.csv", out / "runs.parquet"))
    assert cli.main(["reproduce", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"Report: {tmp_path / 'report.html'}"


def test_a_browsers_parser_finds_no_error(text):
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(text)
    assert [error for error in parser.errors if error[1] != "unexpected-end-tag-after-body"] == []


def test_it_is_small(path):
    assert path.stat().st_size < LARGEST


def test_every_link_inside_it_has_its_end(tree):
    ends = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ends) == len(set(ends))
    links = [e.get("href") for e in everything(tree, "a")]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ends)
    assert {link.partition(":")[0] for link in links if not link.startswith("#")} == {"data"}
    named = [
        i for e in tree.iter() for n in ("aria-labelledby", "aria-describedby", "for") for i in e.get(n, "").split()
    ]
    assert set(named) <= set(ends) and named


def test_nothing_is_loaded(tree, text):
    sources = [e.get(name) for e in tree.iter() for name in ("src", "srcset", "data", "poster") if e.get(name)]
    sources += [e.get("href") for e in everything(tree, "link")]
    assert sources and all(source.startswith("data:") for source in sources)
    assert not re.search(r"url\(|@import|\bfetch\(|XMLHttpRequest|import\(", text)


def test_every_figure_is_there_with_its_words_picture_and_tables(tree):
    found = {e.get("id"): e for e in everything(tree, "article") if e.get("id", "").startswith("figure-")}
    assert found.keys() == {f"figure-{name}" for name in build.names()}
    for name in build.names():
        article = found[f"figure-{name}"]
        (image,) = everything(article, "img")
        drawn = Image.open(io.BytesIO(base64.b64decode(image.get("src").partition(",")[2])))
        assert drawn.width > 600 and len(image.get("alt")) > 20
        assert len(words(next(iter(everything(article, "figcaption"))))) > 100
        assert f"dwmgrad figures {name}" in words(article)
        links = {a.get("download"): a.get("href") for a in everything(article, "a") if a.get("download")}
        committed = pictures.tables.committed(name)
        assert {f: base64.b64decode(h.partition(",")[2]).decode() for f, h in links.items()} == committed


def test_what_is_said_of_a_figure_is_sentences():
    assert pictures.words().keys() == set(build.names())
    for name, told in pictures.words().items():
        assert told.keys() == {"title", "shows", "published", "better", "worse"}, name
        assert all(told[part].endswith(".") for part in told if part != "title"), name
        assert not told["title"].endswith("."), name


def test_every_claim_is_there_with_its_verdict_and_the_line_that_replays_it(tree):
    found = {e.get("id"): e for e in everything(tree, "article") if e.get("data-list") == "claims"}
    ledger = records.ledger()
    assert found.keys() == {claims.anchor(name) for name in ledger}
    for name, entry in ledger.items():
        article = found[claims.anchor(name)]
        assert article.get("data-verdict") == entry["verdict"] and f"dwmgrad verify {name}." in words(article)
        links = {a.get("href") for a in everything(article, "a")}
        assert {f"#{claims.anchor(used)}" for used in entry["depends"]} <= links
        for check in entry["checks"].values():
            assert (check["witness"] or {}).keys() <= {words(e) for e in everything(article, "dt")}


def test_the_first_screen_has_every_statement_of_the_papers(tree):
    (section,) = [e for e in everything(tree, "section") if e.get("id") == "found"]
    for row in papers.PAPERS:
        assert papers.judged(row, records.ledger()) in words(section)
        assert len(row.found.split()) <= 60


def test_every_row_of_the_reproduction_table_is_there(tree):
    rows = {e.get("id"): e for e in everything(tree, "tr") if e.get("data-list") == "rows"}
    assert rows.keys() == {f"row-{row.id}" for row in reproduction.rows()}
    for row in reproduction.rows():
        assert (
            row.published in words(rows[f"row-{row.id}"]) and rows[f"row-{row.id}"].get("data-verdict") == row.verdict
        )


def test_headings_are_in_order(tree):
    levels = [int(e.tag[1]) for e in everything(tree, "h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_headers_that_say_what_they_head(tree):
    for table in everything(tree, "table"):
        assert len(everything(table, "caption")) == 1
        assert all(e.get("scope") in ("col", "row") for e in everything(table, "th")) and everything(table, "th")
    assert all(e.get("for") for e in everything(tree, "label"))


def test_it_is_whole_without_javascript(tree):
    hidden = [e for e in tree.iter() if e.get("hidden") is not None]
    assert all(e.get("data-filters") or e.get("id") in ("controls", "charts") for e in hidden)


def test_no_formula_is_left_in_latex(tree):
    left = [text for e in everything(tree, "math") for text in e.itertext() if re.search(r"[\\$]|^_$", text)]
    assert left == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_contrast(scheme):
    """WCAG 2: 4.5 for text, on the page and on panels; 3 for the marks of focus."""
    palette = CSS[scheme]
    for ground in ("paper", "panel"):
        for name in ("ink", "soft", "link", "proved", "argued", "refuted", "other"):
            assert contrast(palette[name], palette[ground]) >= 4.5, (name, ground)
        assert contrast(palette["focus"], palette[ground]) >= 3


def contrast(a: str, b: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#777777", "#ffffff") == pytest.approx(
        4.48, abs=0.01
    )


def test_every_claim_has_one_theme():
    assert {themes.of(name).key for name in records.ledger()} == {theme.key for theme in themes.THEMES}
    with pytest.raises(ValueError, match="belongs to 0 themes"):
        themes.of("Q1")


def test_a_claim_stands_to_the_right_of_what_it_uses():
    depends = {"a": [], "b": ["a"], "c": ["a", "b"], "alone": []}
    drawn = graph.layout(depends, dict.fromkeys(depends, "proved"))
    at = {node.id: node.x for node in drawn.nodes}
    assert at.keys() == {"a", "b", "c"} and graph.MARGIN == at["a"] < at["b"] < at["c"] and len(drawn.edges) == 3
    assert len({(node.x, node.y) for node in drawn.nodes}) == 3


@pytest.mark.parametrize(("written", "shown"), [
    ("omega_{t+1} <= omega_0 + t", "ω<sub>t+1</sub> ≤ ω<sub>0</sub> + t"),
    ("`x_t` with beta1, W3-sign, a_threshold", "<code>x_t</code> with β<sub>1</sub>, W3-sign, a_threshold"),
    ("sqrt(x) != <b>", "√(x) ≠ &lt;b&gt;"),
])  # fmt: skip
def test_plain_formulas_are_legible(written, shown):
    assert mathematics.plain(written) == shown


def test_words_and_formulas_of_a_hypothesis_are_told_apart():
    shown = mathematics.mixed(r"a run (alpha = $\alpha$, omega0 = $\omega\_0$) of f\_t, $x \text{ if $y$}$")
    assert shown.startswith("a run (<math><mrow><mi>α</mi></mrow></math>, ω<sub>0</sub> = <math>")
    assert "of f<sub>t</sub>, " in shown and shown.count("<math") == 3 and "$" not in shown


def test_a_conclusion_in_words_is_a_paragraph_and_names_are_one_symbol():
    words_, formula = mathematics.conclusion(
        r"\text{for x_t > $\frac{1}{2}$} ,\qquad low_{i} \le \max\left(a, b\right)"
    )
    assert words_.startswith("<p>for x<sub>t</sub> &gt; <math>") and "<mi>low</mi>" in re.sub(
        r" \w+=\"\w+\"", "", formula
    )


def test_citations_are_linked_in_text_alone():
    known = literature.works()
    page, used = literature.cited('<a title="[lcam] x">see [lcam] and [nobody]</a>', known)
    assert page == '<a title="[lcam] x">see <a href="#work-lcam">[lcam]</a> and [nobody]</a>'
    assert [work.key for work in used] == ["lcam"] and used[0].year == "2023"


@pytest.mark.parametrize(("detail", "sentence"), [
    ("g = 1, -1: m_4 < 0", "g = 1, -1: m_4 < 0."),
    ("negation unsat for z3 and cvc5; refuted when broken: without 'x > 0'",
     "Both solvers find that its negation has no solution. It fails, as it should, when broken: without 'x > 0'."),
    ("every root lies inside", "Every root lies inside."),
])  # fmt: skip
def test_an_engines_account_becomes_sentences_and_symbols_keep_their_case(detail, sentence):
    assert claims._detail({"detail": detail}) == sentence


def test_a_text_inside_a_formula_keeps_its_braces():
    shown = mathematics.mathml(r"a \Rightarrow \text{b is in {$c$, 2}}")
    assert "<mtext>b\xa0is\xa0in\xa0{</mtext><mi>c</mi><mtext>,\xa02}</mtext>" in shown
