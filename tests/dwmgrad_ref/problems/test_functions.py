"""Test functions and kinks: published formulas, exact stationary points, the claim that a minimum is global."""

import itertools

import numpy as np
import pytest
import sympy
from scipy.optimize import minimize

from tests.dwmgrad_ref.problems.problem_tools import evaluate, get, gradient, value

POLYNOMIALS = {"rosenbrock": 2, "rosenbrock-nd": 4, "beale": 2, "himmelblau": 2, "booth": 2, "styblinski-tang": 2}


def symbolic(name: str):
    p = get(name, **({"d": POLYNOMIALS[name]} if name.endswith("nd") else {}))
    x = np.array(sympy.symbols(f"x:{p.d}", real=True))
    g = np.zeros(p.d, dtype=object)
    f = sympy.nsimplify(p.kernel(p.A, p.b, p.c, 1, x, g), rational=True)
    return p, f, x, [sympy.nsimplify(gi, rational=True) for gi in g]


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_kernel_on_symbols(name):
    """The gradient is the derivative for all x, and x* is an exact stationary point with a positive Hessian."""
    p, f, x, g = symbolic(name)
    assert all(sympy.expand(sympy.diff(f, xi) - gi) == 0 for xi, gi in zip(x, g, strict=True))
    if name != "styblinski-tang":  # its x* is not rational
        at = {xi: sympy.nsimplify(v, rational=True) for xi, v in zip(x, p.solution.x, strict=True)}
        assert f.subs(at) == 0 and p.solution.value == 0.0
        assert all(gi.subs(at) == 0 for gi in g)
    hessian = np.array(sympy.hessian(f, list(x)).subs(dict(zip(x, p.solution.x, strict=True))), dtype=float)
    assert np.linalg.eigvalsh(hessian)[0] > 1e-6


FORMULAS = {
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "beale": lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "booth": lambda x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
    "styblinski-tang": lambda x, y: (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y) / 2,
    "rastrigin": lambda x, y: 20 + x**2 + y**2 - 10 * np.cos(2 * np.pi * x) - 10 * np.cos(2 * np.pi * y),
    "ackley": lambda x, y: (
        20 + np.e - 20 * np.exp(-0.2 * np.sqrt((x**2 + y**2) / 2))
        - np.exp((np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y)) / 2)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_functions_are_the_published_ones(name):
    """Written as usually printed; 1e-13 for their own cancellation."""
    p = get(name)
    for x in np.random.default_rng(0).uniform(-4, 4, (20, 2)):
        assert value(p, x) == pytest.approx(FORMULAS[name](*x), rel=1e-13, abs=1e-13)


def test_rosenbrock_nd_at_its_start():
    p = get("rosenbrock-nd", d=4)
    assert np.array_equal(p.x0, [-1.2, 1, -1.2, 1])
    assert value(p, p.x0) == pytest.approx(24.2 + 484.0 + 24.2, rel=1e-15)  # 24.2 is the classical value in 2-D


def test_himmelblau_has_four_minima_of_value_zero():
    """Both squares vanish where y = 11 - x² and x + y² = 7: a quartic in x. 1e-26 is (1e-15 times a slope of 100)²."""
    p, x = get("himmelblau"), sympy.symbols("x")
    roots = [float(r) for r in sympy.Poly(x + (11 - x**2) ** 2 - 7).nroots(n=30) if r.is_real]
    assert len(roots) == 4 and 3.0 in roots
    assert all(value(p, np.array([r, 11 - r**2])) < 1e-26 for r in roots)


def test_styblinski_tang_minimum_is_the_lowest_root():
    x = sympy.symbols("x")
    roots = sympy.Poly(4 * x**3 - 32 * x + 5).nroots(n=30)
    low = min(roots, key=lambda r: (r**4 - 16 * r**2 + 5 * r) / 2)
    for d in (1, 3):
        best = get("styblinski-tang", d=d).solution
        assert np.all(np.abs(best.x - float(low)) <= 1e-15 * 4) and best.x.shape == (d,)
        assert best.value == pytest.approx(d * float((low**4 - 16 * low**2 + 5 * low) / 2), rel=1e-15)


def test_nothing_found_from_many_starts_is_lower():
    """The global claim about the multimodal functions, searched on a grid of descents."""
    for name in ("himmelblau", "styblinski-tang", "rastrigin", "ackley", "beale"):
        p = get(name)
        for start in itertools.product(np.linspace(-4.1, 4.3, 4), repeat=2):
            low = minimize(lambda z, p=p: evaluate(p, z), start, jac=True, method="L-BFGS-B", bounds=[(-5, 5)] * 2)
            assert low.fun >= p.solution.value - 1e-12


def test_kinks():
    assert gradient(get("absolute", d=3), np.array([-2.0, 0.0, 5.0])).tolist() == [-1, 0, 1]
    p = get("huber", knee=0.5)
    assert evaluate(p, np.array([0.3])) == (pytest.approx(0.045), [0.3])
    assert evaluate(p, np.array([-2.0])) == (pytest.approx(1.0 - 0.125), [-0.5])
    assert gradient(get("ackley"), np.zeros(2)).tolist() == [0, 0]
    p = get("svm-breast-cancer")
    assert value(p, np.zeros(p.d)) == 1.0
