"""The page of conformance is the one that its table gives, and the two published defects are in the table."""

from analysis.conformance import page, survey


def test_the_page_is_current():
    assert page.PAGE.read_text(encoding="utf-8") == page.page(survey.records())


def test_the_published_defects_were_found_where_they_are():
    """Adan in optax has 1 - b2 for b2 at two places; ADOPT in pytorch_optimizer 3.4.0 divides by the new moment."""
    found = {(record["key"], record["version"]): record for record in survey.records()}
    adan = found["optax:adan adan", "optax 0.2.8"]["reproduced"][0]
    assert adan.count("o.beta2 → 1 - o.beta2") == 2 and "ahead" in adan and "step" in adan
    adopt = {version: record["reproduced"][0] for (key, version), record in found.items() if "ADOPT" in key}
    assert "the new v" in adopt["pytorch_optimizer 3.4.0"] and "the new v" not in adopt["pytorch_optimizer 4.1.0"]
