"""Rules in files: accepted wherever a rule is named, and refused with the line to write where something is missing."""

import logging
import re
from pathlib import Path

import pytest

from dwmgrad_ref import cli, ops, rules, run
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules import file_checks

TEMPLATE = Path(cli.__file__).parent / "templates" / "rule.py"
TEXT = TEMPLATE.read_text(encoding="utf-8")


@pytest.fixture
def edited(tmp_path):
    """The template with one text replaced, as a file."""

    def write(old: str, new: str) -> Path:
        assert old in TEXT
        (tmp_path / "mine.py").write_text(TEXT.replace(old, new), encoding="utf-8")
        return tmp_path / "mine.py"

    return write


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("beta: Annotated[float, option(\"decay rate of the mean gradient\", ge=0, lt=1)] = 0.9", "beta: float = 0.9",
         'beta: Annotated[float, option("what beta is", ge=0)] = 0.9'),
        ("eps: Epsilon = 1e-8", "eps: Epsilon = 1e-8\n    power = 0.5",
         'power: Annotated[float, option("what power is", ge=0)] = 0.5'),
        ("eps: Epsilon = 1e-8", "eps: Epsilon = 1e-8\n    fast: bool = False",
         'fast: Annotated[bool, option("what fast is")] = False'),
    ],
)  # fmt: skip
def test_an_option_without_annotation_is_refused_with_the_line_to_write(edited, old, new, line):
    with pytest.raises(BadInput, match=re.escape(line)):
        rules.load(edited(old, new))


@pytest.mark.parametrize(
    ("called", "advice"),
    [("math.sqrt(c.p)", "Write ops.sqrt in place of math.sqrt"), ("np.maximum(c.p, g)", "Write ops.maximum in place"),
     ("math.fabs(g)", "Write ops.absolute in place of math.fabs"), ("math.tanh(g)", "which has no tanh")],
)  # fmt: skip
def test_a_function_that_takes_floats_only_is_told_with_the_one_to_write(edited, called, advice, recwarn):
    file = edited("p = ops.maximum(c.p, ops.absolute(g))", f"import math; import numpy as np; p = {called}")
    with pytest.raises(BadInput, match=re.escape(advice)):
        rules.load(file)


def test_an_option_that_the_formula_never_reads_is_warned_of(edited, caplog):
    file = edited("eps: Epsilon = 1e-8", "eps: Epsilon = 1e-8\n    gamma: Epsilon = 0.5")
    with caplog.at_level(logging.WARNING, "dwmgrad"):
        rules.load(file)
    assert [r.getMessage() for r in caplog.records] == [f"{file}: the formula of my-rule never reads its option gamma"]


@pytest.mark.parametrize("name", rules.names())
def test_every_rule_of_ours_reads_all_its_options(name):
    assert file_checks.unused(rules.get(name)) == []


def test_a_file_may_stand_wherever_a_rule_is_named(monkeypatch):
    from dwmgrad_ref.torch import torch_optimizer

    assert rules.get(str(TEMPLATE)) is rules.load(TEMPLATE)
    named, loaded = (run(rule, "huber", 40, alpha=0.1).frame for rule in (str(TEMPLATE), rules.load(TEMPLATE)))
    assert named.equals(loaded) and len(named)
    assert torch_optimizer(str(TEMPLATE)).rule is rules.load(TEMPLATE)


@pytest.mark.parametrize("line", ["run --problem huber --rule torch:torch.optim.Adam", "show torch:torch.optim.Adam",
                                  "compare torch:torch.optim.Adam --problem huber"])  # fmt: skip
def test_where_a_class_of_pytorch_cannot_be_used_the_error_says_why(line, capsys):
    assert cli.main(line.split()) == 2
    assert "Only its iterates are seen" in capsys.readouterr().err


def test_the_page_of_the_operations_lists_them_all():
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    public = {n for n, f in vars(ops).items() if callable(f) and f.__module__ == ops.__name__ and n[0].islower()}
    assert {name for name in public if f"`ops.{name}(" in page} == public - {"side_conditions"}
