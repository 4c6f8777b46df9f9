"""Bad options: the error names the value and the allowed range."""

import dataclasses
import math
import re
from typing import Any, NamedTuple

import pytest

from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadInput, BadOption, UnknownName

NAN, INF = math.nan, math.inf


BAD: list[tuple[str, Any, str]] = [
    ("alpha", 0.0, "(0, inf)"),
    ("alpha", -1.0, "(0, inf)"),
    ("alpha", INF, "(0, inf)"),
    ("alpha", "fast", "(0, inf)"),
    ("eps", -1e-8, "[0, inf)"),
    ("gamma", 1.0, "[0, 1)"),
    ("gamma", -0.1, "[0, 1)"),
    ("mu", 1.0, "[0, 1)"),
    ("beta1", 1.0, "[0, 1)"),
    ("beta2", 1.5, "[0, 1)"),
    ("rho", -0.5, "[0, 1)"),
    ("below", 1.0, "[0, 1)"),
    ("above", 1.0, "[0, 1)"),
    ("ramp", 1.0, "[0, 1)"),
    ("tractable", 3.0, "[4, inf)"),
    ("v0", -1.0, "[0, inf)"),
    ("final", 0.0, "(0, inf)"),
    ("closing", 0.0, "(0, inf)"),
    ("nu", 1.5, "[0, 1]"),
    ("nu1", -0.1, "[0, 1]"),
    ("nu2", 1.5, "[0, 1]"),
    ("mu1", 1.0, "[0, 1)"),
    ("mu2", -0.1, "[0, 1)"),
    ("mu3", 1.0, "[0, 1)"),
    ("beta3", 1.0, "[0, 1)"),
    ("mix", -1.0, "[0, inf)"),
    ("warmup", 0.0, "inf)"),
    ("ramp_up", "fast", "one of none, growing"),
    ("decay", 0.0, "(0, 1]"),
    ("step", "large", "one of decreasing, constant"),
    ("delta", 0.5, "[1, inf]"),
    ("omega0", -1.0, "[0, inf)"),
    ("weight_decay", -1.0, "[0, inf)"),
    ("epoch", 0.0, "[1, inf]"),
    ("guard_threshold", -0.1, "[0, inf]"),
    ("signal", "loose", "one of loss, increase, decrease"),
    ("schedule", "linear", "one of constant, sqrt"),
    ("momentum", 0.9, "one of tied, constant"),
    ("guard", "maybe", "true or false"),
]
CASES = [(name, *bad) for name in rules.names() for bad in BAD if bad[0] in rules.get(name).Options._fields]


@pytest.mark.parametrize("name, option, value, allowed", CASES)
def test_a_value_outside_its_range(name: str, option: str, value: Any, allowed: str) -> None:
    message = f"{name}: {option}={value!r} is not allowed; it must "
    with pytest.raises(BadOption, match=re.escape(message) + ".*" + re.escape(allowed)):
        rules.get(name).options(**{option: value})


def test_every_option_is_tried_with_a_bad_value() -> None:
    tried = {option for option, *_ in BAD}
    bools = {
        f for n in rules.names() for f, value in rules.get(n).options()._asdict().items() if isinstance(value, bool)
    }
    fields = {field for name in rules.names() for field in rules.get(name).Options._fields}
    assert tried >= fields - (bools - {"guard"}), "the other bools are checked like `guard`"


@pytest.mark.parametrize("name", rules.names())
def test_no_number_may_be_nan(name: str) -> None:
    rule = rules.get(name)
    for option, default in rule.options()._asdict().items():
        with pytest.raises(BadOption, match=f"{option}=nan is not allowed; it must "):
            rule.options(**{option: NAN})
        assert default == default


def test_several_bad_values_are_named_together() -> None:
    with pytest.raises(BadOption, match="alpha=-1.*eps=-2"):
        rules.get("adam").options(alpha=-1, eps=-2)


@pytest.mark.parametrize("name", [n for n in rules.names() if "dwmgrad" in n])
def test_the_first_window_may_not_exceed_the_cap(name: str) -> None:
    with pytest.raises(BadOption, match=rf"{name}: omega0=6 is not allowed; it must lie in \[0, delta=4\]"):
        rules.get(name).options(omega0=6, delta=4)


@pytest.mark.parametrize("given", [{"delta": INF}, {"delta": 7.5}, {"omega0": 2.5}])
def test_a_stored_window_is_a_finite_integer(given: dict[str, float]) -> None:
    with pytest.raises(BadOption, match="it must be a finite integer"):
        rules.get("dwmgrad-explicit-window").options(**given)


def test_unknown_names_come_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no option of dwmgrad is called 'sginal'; did you mean signal"):
        rules.get("dwmgrad").options(sginal="loss")
    with pytest.raises(UnknownName, match="no rule is called 'adamomentun'; did you mean adamomentum"):
        rules.get("adamomentun")


def test_a_rule_without_shared_state_is_refused_when_it_is_made() -> None:
    with pytest.raises(BadInput, match="sgd: Shared has no fields; give it at least the step counter"):
        dataclasses.replace(rules.get("sgd"), Shared=NamedTuple("Shared", []))


@pytest.mark.parametrize("name", rules.names())
def test_every_option_says_what_it_means_and_every_rule_where_it_is_from(name: str) -> None:
    rule = rules.get(name)
    assert all(info.description for info in rule.fields.values())
    assert rule.source.key and rule.source.place and rule.departs and rule.title
