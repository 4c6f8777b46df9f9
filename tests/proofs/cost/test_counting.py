"""Costs counted from the formula, against counts made by hand from the formula printed in each rule's file."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from dwmgrad_ref import cli, ops, rules
from dwmgrad_ref.errors import BadInput, BadOption
from dwmgrad_ref.execution.driver import Workspace
from dwmgrad_ref.recording import Untraceable
from proofs.cost import table as cost_table
from proofs.cost.counting import Form, count
from tests.dwmgrad_ref.rules.rule_cases import CASES
from tests.source_tree import ROOT

WORD = 8
# By hand, from the formulas. each: (multiply, add, subtract, sqrt, divide) for a coordinate; once: all on scalars.
# ideal: (words read, written); numpy: (passes, words read); foreach: words allocated.
HAND: dict[str, dict[str, Any]] = {
    # t + 1 | alpha (g + lambda x), from x
    "sgd": dict(each=(2, 1, 1, 0, 0), once=1, words=0, ideal=(2, 1), numpy=(4, 6), new=1),
    # t + 1, two powers, 1 - each, one root, 1 - beta twice |
    # beta1 m + (1-beta1) g: ** +; beta2 v + (1-beta2) g g: *** +; alpha (m/c1) / (sqrt(v)/c2 + eps), from x: */ r/+ / -
    "adam": dict(each=(6, 3, 1, 1, 3), once=8, words=2, ideal=(4, 3), numpy=(14, 19), new=4),
    # (1-1/w) G + g g/w: ** / +; mu V + alpha g/(sqrt(G) + eps): ** r + / +; x - V
    "dwmgrad": dict(each=(4, 3, 1, 1, 2), once=18, words=2, ideal=(4, 3), numpy=(11, 15), new=3),
    # t + 1, 1 - beta2 | beta2 G + (1-beta2) g g: *** +; mu V + g/(sqrt(G) + eps): * r + / +; x - alpha V: * -
    "rmsprop": dict(each=(5, 3, 1, 1, 1), once=2, words=2, ideal=(4, 3), numpy=(11, 16), new=3),
}


@pytest.mark.parametrize("name", HAND)
def test_counted_by_hand(name):
    hand, cost = HAND[name], count(rules.get(name))
    kinds = ("multiply", "add", "subtract", "sqrt", "divide")
    assert cost.each == {kind: n for kind, n in zip(kinds, hand["each"], strict=True) if n}
    assert cost.once.total() == hand["once"] and cost.state == hand["words"]
    read, written = hand["ideal"]
    assert cost.ideal == Form(1, WORD * read, WORD * written)
    passes, read = hand["numpy"]
    assert cost.numpy == Form(passes, WORD * read, WORD * passes, WORD * passes)
    assert cost.foreach == Form(passes, WORD * read, WORD * passes, WORD * hand["new"])


def test_dwmgrad_s_shared_operations_by_hand():
    # t+1, e+1 twice, beta+s, omega+1; epoch > e+1, beta > 0, omega+1 < delta, omega-1 > 1, 1 > e; 0*e, 0*beta,
    # alpha scale, gamma omega / delta; omega-1; and 1/omega, 1 - that, which the coordinate's formula writes.
    assert count(rules.get("dwmgrad")).once == {"add": 5, "compare": 5, "multiply": 4, "divide": 2, "subtract": 2}


@pytest.mark.parametrize("delta", [2, 10, 33])
def test_a_stored_window_costs_what_it_stores(delta):
    # Of delta - 1 past values each is read, chosen or not, and added; 0 g² is made once for those not chosen.
    stored, ours = count(rules.get("dwmgrad-explicit-window"), delta=delta, omega0=1.0), count(rules.get("dwmgrad"))
    assert stored.state == delta + 1
    assert stored.each == {"multiply": 5, "where": delta - 1, "add": delta + 1, "divide": 2, "sqrt": 1, "subtract": 1}
    # G is written and never read; the window moves: delta - 1 words read, as many written.
    assert stored.ideal == Form(1, WORD * (3 + delta - 1), WORD * (3 + delta - 1))
    assert count(rules.get("dwmgrad"), delta=delta, omega0=1.0) == ours


@pytest.mark.parametrize(("name", "given"), CASES)
def test_state_is_what_the_engine_allocates(name, given):
    rule = rules.get(name)
    rows = Workspace.fresh(rule, rule.options(**given), np.zeros(1), []).state.shape[0]
    cost = count(rule, **given)
    assert cost.state == rows
    assert cost.each.total() == cost.numpy.passes  # one pass an operation
    assert cost.foreach.allocated <= cost.numpy.allocated and cost.ideal.bytes <= cost.foreach.bytes


@pytest.mark.parametrize("name", rules.names())
def test_float32_moves_half_the_bytes(name):
    double, single = count(rules.get(name)), count(rules.get(name), "float32")
    assert (double.each, double.once) == (single.each, single.once)
    for form in ("ideal", "numpy", "foreach"):
        a, b = getattr(double, form), getattr(single, form)
        assert a.passes == b.passes
        masks = {2 * getattr(b, part) - getattr(a, part) for part in ("read", "written", "allocated")}
        assert masks <= {*range(double.each["where"] + 1)}, "only a mask of one byte for a choice stays as it is"


@pytest.mark.parametrize("name", ["sgd", "adam", "dwmgrad", "rmsprop", "amsgrad", "adadelta"])
def test_torch_sees_the_same_operations(name):
    """A second engine: torch's dispatcher counts the calls that the formula makes on tensors."""
    from torch.utils._python_dispatch import TorchDispatchMode

    seen: list[str] = []

    class Seen(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            seen.append(func.name())
            return func(*args, **(kwargs or {}))

    rule = rules.get(name)
    o = rule.encode(rule.options())
    k = rule.shared(o, rule.start(o), 1.0)
    c = rule.Coord(*(torch.ones(1, dtype=torch.float64) for _ in rule.Coord._fields))
    x, g = torch.ones(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    with Seen():
        rule.coord(o, k, c, x, g)
    assert len(seen) == count(rule).each.total()


class Odd(tuple):
    """Coordinates of a made-up rule: only what `count` asks of a named tuple."""

    _fields = ("p", "q")

    def __new__(cls, *values: Any):
        return super().__new__(cls, values)


def odd(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    """Every kind of operation; q is handed on, and x is not used at all."""
    p = ops.where(ops.greater(c[0], ops.absolute(g)), c[0], -g)
    return Odd(p, c[1]), ops.maximum(o.alpha, p) ** 2


def test_choices_comparisons_and_copies():
    cost = count(replace(rules.get("sgd"), Coord=Odd, coord=odd))
    assert cost.each == {"absolute": 1, "compare": 2, "where": 1, "subtract": 1, "multiply": 1}
    # read: g and p (q is only handed on, x replaced); written: p and x.
    assert cost.ideal == Form(1, 2 * WORD, 2 * WORD)
    # |g|: 1; p > |g|: 2, one byte; -g: 1; where: that byte and 2; max: 1; square: 1
    assert cost.numpy == Form(6, 8 * WORD + 1, 5 * WORD + 1, 5 * WORD + 1)
    # |g|, the mask, -g and the maximum are new (p is kept); where writes over p. The iterate is copied home.
    assert cost.foreach == Form(7, 9 * WORD + 1, 6 * WORD + 1, 3 * WORD + 1)


@pytest.mark.parametrize("looks", [
    {"shared": lambda o, k, loss: rules.get("dwmgrad").shared(o, k, loss + 1 if loss > 0 else loss)},
    {"shared": lambda o, k, loss: rules.get("dwmgrad").shared(o, k, loss + 1 if k.t == 3 else loss)},
    {"coord": lambda o, k, c, x, g: rules.get("dwmgrad").coord(o, k, c, x, g if g > 0 else g)},
])  # fmt: skip
def test_a_formula_that_looks_at_numbers_is_refused(looks):
    """A count that holds for all numbers cannot be had of a formula that branches on one."""
    with pytest.raises(Untraceable, match="branches on a number"):
        count(replace(rules.get("dwmgrad"), **looks))


# --- the command and the page --------------------------------------------------------------------------------


def test_the_table_in_the_readme_is_not_stale():
    page = (ROOT / "docs/costs.md").read_text(encoding="utf-8")
    table = cost_table.markdown(cost_table.records())
    assert page == cost_table.renewed(page, table), "run `dwmgrad costs --renew docs/costs.md`"
    assert all(f"\n| {name} |" in page for name in rules.names())


def test_a_page_without_its_marks_is_left_alone(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("nothing here")
    assert cli.main(["costs", "--renew", str(page)]) == 2
    assert "expected a line <!-- dwmgrad costs -->" in capsys.readouterr().err
    assert page.read_text() == "nothing here"
    with pytest.raises(BadInput, match="is not a file"):
        cost_table.renew(tmp_path / "none.md")


def test_the_command_renews_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{cost_table.BEGIN}\nold\n{cost_table.END}\nafter\n")
    assert cli.main(["costs", "--rule", "sgd", "--renew", str(page), "--json", str(tmp_path / "costs.json")]) == 0
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text and "| dwmgrad |" in text
    (only,) = json.loads((tmp_path / "costs.json").read_text())
    assert only["rule"] == "sgd" and only["each"] == {"multiply": 2, "add": 1, "subtract": 1}


def test_the_command_counts_a_user_s_file(tmp_path, monkeypatch, capsys):
    import re

    block = re.search(r"^```py\n(.*?)^```$", (ROOT / "docs/extending.md").read_text(encoding="utf-8"), re.M | re.S)
    assert block
    (tmp_path / "largest.py").write_text(block[1])
    monkeypatch.chdir(tmp_path)
    assert cli.main(["costs", "--rule", "largest.py:alpha=0.5", "--dtype", "float32", "--json", "-"]) == 0
    (only,) = json.loads(capsys.readouterr().out)
    # max(p, |g|); x - alpha g / (p + eps)
    assert only["each"] == {"absolute": 1, "compare": 1, "multiply": 1, "add": 1, "divide": 1, "subtract": 1}
    assert only["once"] == {"add": 1} and only["state"] == 1 and only["options"] == {"alpha": 0.5}
    assert only["ideal"] == {"passes": 1, "read": 12, "written": 8, "allocated": 0}


@pytest.mark.parametrize(
    ("words", "said"),
    [(["adm"], "did you mean adam"), (["sgd", "--dtype", "float8"], "one of float64, float32"),
     (["sgd:alpha=-1"], "must lie in (0, inf)"), (["none.py"], "is not a file")],
)  # fmt: skip
def test_bad_input_is_told_in_a_line(words, said, capsys):
    assert cli.main(["costs", "--rule", *words]) == 2
    assert said in capsys.readouterr().err


def test_options_are_checked():
    with pytest.raises(BadOption):
        count(rules.get("dwmgrad"), delta=0.5)
