"""The documentation site: its pages come from the code and the ledger, and MkDocs builds it without a warning."""

import base64
import re

import pytest

from dwmgrad_ref import formula, rules
from paper_figures import site
from paper_figures.report import pictures

# One white pixel, since drawing the figures is tested elsewhere.
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEANl9ngAAAAABJRU5ErkJggg==")


@pytest.mark.parametrize("name", rules.names())
def test_a_rule_s_page_has_its_formula_and_every_option(name):
    page, rule = site.rule_page(rules.get(name)), rules.get(name)
    for line in formula.pretty(name).splitlines():
        assert f"    {line}\n" in page
    for option, field in rule.fields.items():
        assert f"| `{option}` |" in page and field.description in page
    assert all(bound.claim in page for bound in rule.bounds)


def test_formulas_become_mathml_and_code_stays():
    shown = site.with_mathematics(
        "so $x_{1} \\le \\text{any $y$ of them}$ and `$z`\n    $ command\n```\n$a$\n```\n$$ b $$\n"
    )
    assert shown.count("<math") == 2 and "`$z`" in shown and "    $ command" in shown and "\n$a$\n" in shown
    assert "$x" not in shown and "$$" not in shown


def test_mkdocs_builds_the_site_without_a_warning(tmp_path, monkeypatch):
    pytest.importorskip("mkdocs_autorefs", reason="the extra `docs` is not installed")
    monkeypatch.setattr(pictures, "drawn", lambda name: (PIXEL, 1, 1))
    first = site.build(tmp_path / "site-source")
    pages = {str(page.relative_to(first.parent)) for page in first.parent.rglob("*.html")}
    assert {"index.html", "gallery.html", "docs/guide.html", "rules/dwmgrad.html", "cite.html"} <= pages
    reference = (first.parent / "reference" / "dwmgrad_ref.rules.html").read_text(encoding="utf-8")
    assert "The rule of that name" in reference
    theme = (first.parent / "docs" / "claims" / "expanding.html").read_text(encoding="utf-8")
    assert theme.count("<math") > 20 and not re.search(r"\$[^$<]*\\(?:le|frac|sum)", theme)
    for page in pages:  # nothing is fetched when a page is read
        text = (first.parent / page).read_text(encoding="utf-8")
        assert not re.search(r'<(?:script|img|link)[^>]*(?:src|href)="https?://', text), page
