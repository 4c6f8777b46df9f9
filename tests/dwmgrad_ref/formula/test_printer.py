"""The printed formula is the code: read back by the grammar of `formula_reader`, it gives the step's numbers.

`test_rules_formula.py` evaluates the equations before they are text; this is about the text, where a bracket can be
lost. Formulas nobody wrote are tried too: random ones, put together from what a rule may use.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
import sympy

from dwmgrad_ref import formula, ops
from dwmgrad_ref.formula import render
from dwmgrad_ref.formula.printer import one_line
from dwmgrad_ref.rules.base import Decay, Epsilon, Rule, Source, StepSize
from tests.dwmgrad_ref.formula import formula_reader
from tests.dwmgrad_ref.formula.test_render import known_before
from tests.dwmgrad_ref.rules.rule_cases import CASES, Point

POINTS, FORMULAS = 4, 200


def as_printed(values: dict[str, Any]) -> dict[str, float]:
    """The values by the names that the text gives their symbols."""
    return {one_line(sympy.Symbol(name)): float(value) for name, value in values.items()}


@pytest.mark.parametrize("name, given_options", CASES, ids=[f"{n}-{o}" for n, o in CASES])
def test_the_text_of_a_rule_is_its_step(name: str, given_options: Any) -> None:
    point = Point(name, given_options)
    text = formula.pretty(name, **{n: v for n, v in given_options.items() if point.chooses(n)})
    known = as_printed(known_before(point))
    rng = np.random.default_rng(0)
    for _ in range(POINTS):
        known |= {"gₜ": float(rng.normal()), "θₜ": float(rng.normal())}
        k, c, x = point.rule.step(point.o, point.k, point.c, known["θₜ"], known["gₜ"], point.loss)
        after = {f"{render._NAMES.get(n, n)}_t": v for n, v in {**k._asdict(), **c._asdict()}.items() if n != "past"}
        expected = as_printed({**after, "theta_{t+1}": x, "mu_{t+1}": getattr(k, "next", 0.0)})
        found = formula_reader.step(text, known, getattr(point.c, "past", ()))
        assert "θₜ₊₁" in found
        for symbol, value in found.items():
            np.testing.assert_allclose(value, expected[symbol], rtol=1e-11, atol=1e-14, err_msg=f"{symbol} of\n{text}")


def test_a_conditional_keeps_its_brackets_in_a_product() -> None:
    """Yogi's second moment moves towards g² by a share of g² that does not depend on the distance."""

    def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
        v = c.v - (1 - o.beta1) * ops.where(ops.greater(c.v, g * g), 1, -1) * g * g
        return Coord(m=c.m, v=v), x - v

    text = formula.pretty(replace(random_rule(0), coord=coord))
    assert text.splitlines()[0] == "vₜ   = vₜ₋₁ - (1 - β₁) (1 if vₜ₋₁ > gₜ² else -1) gₜ²"


# --- formulas nobody wrote -----------------------------------------------------------------------------------


class Options(NamedTuple):
    alpha: StepSize = 0.75
    beta1: Decay = 0.375
    eps: Epsilon = 0.125


class Shared(NamedTuple):
    t: float
    a: float


class Coord(NamedTuple):
    m: float
    v: float


Tree = tuple[Any, ...]  # an operation and its arguments; a leaf is ("leaf", name or int)
LEAVES = ("alpha", "beta1", "eps", "a", "m", "v", "x", "g", "t", 1, 2, 3)
OPERATIONS = {"+": 2, "-": 2, "*": 2, "/": 2, "negative": 1, "sqrt": 1, "min": 2, "max": 2, "abs": 1, "where": 4,
              "square": 1, "share": 1, "cube": 1}  # fmt: skip


def tree(rng: np.random.Generator, depth: int) -> Tree:
    if depth == 0 or rng.random() < 0.15:
        return ("leaf", LEAVES[rng.integers(len(LEAVES))])
    name = list(OPERATIONS)[rng.integers(len(OPERATIONS))]
    return (name, *(tree(rng, depth - 1) for _ in range(OPERATIONS[name])))


def value(node: Tree, known: dict[str, Any]) -> Any:
    """The tree carried out with the operations that rules use, on whatever kind of number."""
    name, *inner = node
    if name == "leaf":
        return known.get(inner[0], inner[0])
    a, *more = (value(one, known) for one in inner)
    match name:
        case "+":
            return a + more[0]
        case "-":
            return a - more[0]
        case "*":
            return a * more[0]
        case "/":  # by something positive, so that no point is singular
            return a / (more[0] * more[0] + 1)
        case "negative":
            return -a
        case "sqrt":
            return ops.sqrt(a * a + 1)
        case "min":
            return ops.minimum(a, more[0])
        case "max":
            return ops.maximum(a, more[0])
        case "abs":
            return ops.absolute(a)
        case "where":
            return ops.where(ops.greater(a, more[0]), more[1], more[2])
        case "square":
            return a * a
        case "cube":
            return a * a * a
    return a / 3


def random_rule(seed: int) -> Rule:
    rng = np.random.default_rng(seed)
    shared_tree, m_tree, v_tree, x_tree = (tree(rng, depth) for depth in (2, 3, 3, 4))

    def start(o: Any) -> Shared:
        return Shared(t=0, a=o.alpha)

    def shared(o: Any, k: Any, loss: Any) -> Shared:
        known = {**o._asdict(), "a": k.a, "t": k.t + 1, "m": loss, "v": loss, "x": loss, "g": loss}
        return Shared(t=k.t + 1, a=value(shared_tree, known) + loss)

    def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
        known = {**o._asdict(), **k._asdict(), "x": x, "g": g, "m": c.m, "v": c.v}
        m = value(m_tree, known)
        v = value(v_tree, {**known, "m": m})
        return Coord(m=m, v=v), x - value(x_tree, {**known, "m": m, "v": v}) * m + v

    return Rule(f"random-{seed}", "", Source("none", ""), Options, Shared, Coord, start, shared, coord, None)


@pytest.mark.parametrize("seed", range(FORMULAS))
def test_the_text_of_any_formula_is_its_value(seed: int) -> None:
    rule, rng = random_rule(seed), np.random.default_rng(seed + 10_000)
    text = formula.pretty(rule)
    o = rule.encode(rule.options())
    for _ in range(POINTS):
        a, m, v, x, g, loss = rng.normal(size=6)
        t = int(rng.integers(1, 6))
        k, c, after = rule.step(o, Shared(t=t - 1, a=a), Coord(m=m, v=v), x, g, loss)
        known = as_printed({**o._asdict(), "a_{t-1}": a, "m_{t-1}": m, "v_{t-1}": v, "theta_t": x, "g_t": g,
                            "f_t": loss, "t": t,
                            "g_{t-1}": v if c.v == g else m})  # fmt: skip
        expected = as_printed({"a_t": k.a, "m_t": c.m, "v_t": c.v, "theta_{t+1}": after})
        if "mₜ₊₁" in text:  # v_t is m one step ahead, so this step's m is the v of the step before
            known["mₜ"], expected["mₜ₊₁"] = v, c.v
        if "vₜ₊₁" in text:
            known["vₜ"], expected["vₜ₊₁"] = m, c.m
        found = formula_reader.step(text, known)
        for symbol, number in found.items():
            np.testing.assert_allclose(number, expected[symbol], rtol=1e-8, atol=1e-10, err_msg=f"{symbol} of\n{text}")
