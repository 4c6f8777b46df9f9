"""The rendered formulas are the code: evaluated they give its step, and a broken formula renders differently."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy

from dwmgrad_ref import formula, ops, rules
from dwmgrad_ref.errors import BadOption, UnknownName
from dwmgrad_ref.formula import render
from dwmgrad_ref.rules.dwmgrad import Coord
from tests.dwmgrad_ref.rules.rule_cases import CASES, Point


def known_before(point: Point) -> dict[Any, Any]:
    """Value of every symbol that an equation of this step may use and none defines: exact rationals."""
    options = {render._NAMES.get(n, n): v for n, v in point.o._asdict().items()}
    old = {f"{render._NAMES.get(n, n)}_{{t-1}}": v for n, v in {**point.k._asdict(), **point.c._asdict()}.items()}
    old.pop("past_{t-1}", None)
    other = {"theta_t": point.x, "g_t": point.g, "f_t": point.loss, "f_{t-1}": getattr(point.k, "last", 0)}
    other["g_{t-1}"] = getattr(point.c, "last", 0)
    if "next" in point.k._fields:  # LCAM's coefficient for this step, handed on by the one before
        other["mu_t"] = point.k.next
    values = {
        name: sympy.Rational(v) if np.isfinite(v) else sympy.oo for name, v in {**options, **old, **other}.items()
    }
    return values | {"t": sympy.Integer(int(point.k.t) + 1)}


def evaluate(expression: Any, values: dict[str, Any], past: Any) -> Any:
    expression = expression.xreplace({s: values[s.name] for s in expression.free_symbols if s.name in values})
    expression = expression.replace(sympy.Sum, lambda _, limits: sum(map(sympy.Rational, past[: int(limits[2])])))
    return expression.evalf(30)


ROUNDING = {"radam": 1e-10}  # its rho_t is the small difference of two numbers near 2/(1 - beta2) = 2000


@pytest.mark.parametrize("name, given_options", CASES, ids=[f"{n}-{o}" for n, o in CASES])
def test_evaluated_they_give_the_step(name: str, given_options: Any) -> None:
    """ROUNDING leaves room for the float step's; the equations are evaluated with 30 digits."""
    point = Point(name, given_options)
    choices = {n: v for n, v in given_options.items() if point.chooses(n)}
    k, c, x = point.rule.step(point.o, point.k, point.c, point.x, point.g, point.loss)
    after = {f"{render._NAMES.get(n, n)}_t": v for n, v in {**k._asdict(), **c._asdict()}.items()}
    after |= {"theta_{t+1}": x, "mu_{t+1}": getattr(k, "next", None)}
    values = known_before(point)
    for equation in formula.equations(name, **choices):
        new = equation.lhs.name
        values[new] = evaluate(equation.rhs, values, getattr(point.c, "past", ()))
        np.testing.assert_allclose(
            float(values[new]), after[new], rtol=ROUNDING.get(name, 1e-12), atol=1e-15, err_msg=new
        )
    assert "theta_{t+1}" in values


def test_dwmgrad_reads_like_the_paper() -> None:
    assert formula.pretty("dwmgrad").splitlines() == [
        "ωₜ   = min(ωₜ₋₁ + 1, δ) if fₜ > 0 else max(ωₜ₋₁ - 1, 1)",
        "μₜ   = γ ωₜ/δ",
        "Gₜ   = (1 - 1/ωₜ) Gₜ₋₁ + gₜ²/ωₜ",
        "Vₜ   = μₜ Vₜ₋₁ + α gₜ/(√Gₜ + ε)",
        "θₜ₊₁ = θₜ - Vₜ",
    ]


def test_without_a_reset_the_accumulator_shows() -> None:
    lines = formula.pretty("dwmgrad", signal="increase", reset=False, epoch=float("inf")).splitlines()
    assert "βₜ   = βₜ₋₁ + sₜ" in lines and "ωₜ   = min(ωₜ₋₁ + 1, δ) if βₜ > 0 else max(ωₜ₋₁ - 1, 1)" in lines


def test_adamomentum_and_lcam_read_like_the_papers() -> None:
    assert formula.pretty("adamomentum").splitlines() == [
        "c₁ₜ  = 1 - β₁ᵗ",
        "c₂ₜ  = 1 - β₂ᵗ",
        "mₜ   = β₁ mₜ₋₁ + (1 - β₁) gₜ",
        "vₜ   = β₂ vₜ₋₁ + (1 - β₂) mₜ² + ε",
        "θₜ₊₁ = θₜ - α mₜ/(c₁ₜ √(vₜ/c₂ₜ))",
    ]
    lcam = formula.pretty("lcam", weight_decay=0)
    assert "μₜ₊₁   = below if fₜ < (totalₜ₋₁ + fₜ)/(eₜ₋₁ + 1) else above" in lcam
    assert "Vₜ     = μₜ Vₜ₋₁ + gₜ\n" in lcam


def test_given_numbers_appear_and_infinite_caps_vanish() -> None:
    text = formula.pretty("dwmgrad", alpha=0.001, delta=float("inf"), momentum="constant", schedule="sqrt")
    assert "αₜ   = 0.001/√t" in text and "ωₜ₋₁ + 1 if fₜ > 0" in text and "δ" not in text


@pytest.mark.parametrize("name", rules.names())
def test_one_aligned_equation_a_line_and_no_idle_counter(name: str) -> None:
    """The step counter and the running powers never get a line; every other line is needed by a later one."""
    lines = formula.pretty(name).splitlines()
    heads = [line.partition(" =")[0].rstrip() for line in lines]
    assert heads[-1] == "θₜ₊₁" and not {"tₜ", "power1ₜ", "power₁ₜ", "scaleₜ", "lastₜ"} & {*heads}
    assert len({len(line.partition("=")[0].replace("\N{COMBINING CIRCUMFLEX ACCENT}", "")) for line in lines}) == 1
    equations = formula.equations(name)
    for position, equation in enumerate(equations[:-1]):
        read = set().union(*(e.rhs.free_symbols for e in equations))
        stem = equation.lhs.name.rpartition("_")[0]
        assert {s for s in read if s.name.rpartition("_")[0] == stem}, equation
        later = {e.lhs for e in equations[position:]}
        assert not equation.rhs.free_symbols & later, "an equation uses only what is above it"


@pytest.mark.parametrize("name", rules.names())
def test_latex_is_balanced_and_has_every_equation(name: str) -> None:
    text = formula.latex(name)
    assert text.count("{") == text.count("}") and text.count("&=") == len(formula.equations(name))
    assert r"\theta_{t+1} &=" in text and "epsilon" in text or "eps" not in rules.get(name).Options._fields


def test_a_broken_formula_renders_differently() -> None:
    """The text comes from the code: change the code, and it changes with it."""
    rule = rules.get("dwmgrad")

    def broken(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
        G = (1 - 1 / k.omega) * c.G + g * g / k.omega
        V = k.mu * c.V + k.alpha * g / ops.sqrt(G + o.eps)  # eps inside the root
        return Coord(G=G, V=V), x - V

    text = formula.pretty(replace(rule, coord=broken))
    assert "Vₜ   = μₜ Vₜ₋₁ + α gₜ/√(Gₜ + ε)" in text and text != formula.pretty(rule)


def test_bad_names_and_values_are_the_rules_own_errors() -> None:
    with pytest.raises(UnknownName, match="did you mean dwmgrad"):
        formula.equations("dwmgard")
    with pytest.raises(UnknownName, match="did you mean alpha"):
        formula.pretty("adam", alhpa=1)
    with pytest.raises(BadOption, match="alpha=-1"):
        formula.latex("adam", alpha=-1)
