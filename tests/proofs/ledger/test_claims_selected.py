"""`dwmgrad claims` with a text, a work or a verdict: exactly the entries of the ledger that meet the conditions."""

import json

import pytest

from dwmgrad_ref.cli import main
from proofs.ledger import records, themes


def shown(capsys, *words: str) -> dict:
    assert main(["claims", *words, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("verdict", ["refuted", "supported", "reproduced"])
def test_a_verdict_selects_all_of_that_verdict_and_no_other(verdict, capsys):
    everything = {**records.ledger(), **records.empirical()}
    expected = {name for name, entry in everything.items() if entry["verdict"] == verdict}
    assert shown(capsys, "--verdict", verdict).keys() == expected != set()


def test_a_work_selects_what_cites_it(capsys):
    found = shown(capsys, "--paper", "lcam")
    assert "F-lcam" in found and all("[lcam]" in entry["source"] for entry in found.values())
    assert found.keys() == {name for name, entry in records.ledger().items() if "[lcam]" in entry["source"]}


def test_a_text_is_found_in_a_title_in_whatever_case(capsys):
    title = records.ledger()["R9b"]["title"]
    assert "R9b" in shown(capsys, title.upper())
    assert shown(capsys, title, "--verdict", "open") == {}


def test_a_name_is_shown_in_full_and_not_searched_for(capsys):
    assert shown(capsys, "R3").keys() == {"R3"}
    assert len([name for name in records.ledger() if "r3" in name.lower()]) > 1


def test_claims_are_listed_by_theme(capsys):
    assert main(["claims", "--paper", "lcam"]) == 0
    first = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line and not line.startswith(" ")]
    names = [name for name in first if name in records.ledger()]
    titles = [themes.of(name).title for name in names]
    order = [theme.title for theme in themes.THEMES if theme.title in titles]
    assert list(dict.fromkeys(titles)) == order and len(order) > 1
    assert [n for t in order for n in themes.in_order(names) if themes.of(n).title == t] == names


@pytest.mark.parametrize(
    ("words", "told"), [(["--verdict", "provd"], "did you mean proved"), (["--paper", "lcan"], "did you mean lcam"),
                        (["R99x"], "no claim is called 'R99x'")],
)  # fmt: skip
def test_what_is_not_known_names_the_nearest(words, told, capsys):
    assert main(["claims", *words]) == 2
    assert told in capsys.readouterr().err
