"""Tables for the terminal: every cell is readable at 80 columns, and no missing value reads "nan"."""

import io
import math
import re

import pytest
from rich.console import Console

from dwmgrad_ref import terminal


def printed(table, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(table)
    return console.file.getvalue()  # type: ignore[attr-defined]


HEADS = ("name", *(f"quantity {n}" for n in range(20)))
LONG = ("id", "claim", "published", "came out", "verdict")


@pytest.mark.parametrize("width", [80, 60, 200])
def test_no_cell_of_a_wide_table_of_numbers_is_cut(width):
    rows = [[f"method-{r}", *(f"{1000 * r + n}.25" for n in range(20))] for r in range(4)]
    out = printed(terminal.listing(rows, HEADS), width)
    assert max(map(len, out.splitlines())) <= width and "…" not in out
    for row in rows:
        assert all(re.search(rf"(?<!\S){re.escape(cell)}(?!\S)", out) for cell in row)
    assert all(re.search(rf"(?<!\d){n}(?!\d)", out) for n in range(20))


def test_rows_of_long_texts_become_blocks_with_every_word():
    words = [f"word{n}" for n in range(120)]
    rows = [["first-row-of-all", *(" ".join(words[30 * n : 30 * n + 30]) for n in range(4))]] * 2
    out = printed(terminal.listing(rows, LONG))
    assert max(map(len, out.splitlines())) <= 80 and "…" not in out
    assert all(out.count(f"{word} ") + out.count(f"{word}\n") >= 2 for word in words)
    assert all(len(re.findall(rf"^{head} ", out, re.M)) == 2 for head in LONG)


def test_a_table_that_fits_stays_a_table():
    out = printed(terminal.listing([["a", 1.5, "few words"]], ("name", "value", "note")))
    assert [line.split() for line in out.splitlines()] == [["name", "value", "note"], ["a", "1.5", "few", "words"]]


def test_a_missing_value_is_a_dash():
    for heads in ((), ("name", "value", "other")):
        out = printed(terminal.listing([["a", math.nan, None]], heads))
        assert "nan" not in out and "None" not in out and out.count("–") == 2
