"""What holds for every problem, over discovery."""

import inspect
import re

import numpy as np
import pytest

from dwmgrad_ref import problems
from dwmgrad_ref.errors import BadInput, BadOption, UnknownName
from tests.dwmgrad_ref.problems.problem_tools import evaluate, every, few_rows, get, gradient, points, value

# Kernels that call exp, log or sin: numpy's scalar functions and the compiled ones may differ in the last bit.
ELEMENTARY = {
    "logistic_loss", "softmax_loss", "rastrigin_loss", "ackley_loss", "noisy_valley_loss", "autoencoder_loss",
}  # fmt: skip
# Problems whose kernel, as a function of x alone, is not f_t: it answers the point it is asked at.
ANSWERING = {"linear-adversarial"}
# No L: a kink, or growth beyond every quadratic.
KINKED = {"absolute", "svm-breast-cancer", "ackley", "linear-adversarial"}
QUARTIC = {"rosenbrock", "rosenbrock-nd", "beale", "himmelblau", "styblinski-tang", "saddle", "noisy-valley",
           "matrix-factorization", "phase-retrieval"}  # fmt: skip
# No L: the curvature in one layer grows with the square of the other.
LAYERED = {"autoencoder"}
# Bounded gradients on all of R^d; elsewhere G needs a box.
BOUNDED = {"absolute", "huber", "ackley", "plateau"}
# Convex in each coordinate alone, but not in two factors together.
PRODUCTS = {"matrix-factorization", "autoencoder"}
convex = every(lambda f: f.kind != "nonconvex")
fixed = every(lambda f: f.kind != "online")
online = every(lambda f: f.kind == "online")


def test_the_catalogue_is_the_one_promised():
    streams = {f"stream-logistic-{name}" for name in ("breast-cancer", "digits", "a9a", "mushrooms")}
    whole = {"logistic-breast-cancer", "logistic-a9a", "logistic-mushrooms", "svm-breast-cancer", "softmax-digits"}
    functions = {
        "rosenbrock",
        "rosenbrock-nd",
        "beale",
        "himmelblau",
        "booth",
        "styblinski-tang",
        "rastrigin",
        "ackley",
    }
    simple = {"quadratic-diagonal", "quadratic-dense", "absolute", "huber", "least-squares-diabetes"}
    linear = {"linear-iid", "linear-adversarial", "linear-blocks", "periodic", "minibatch-softmax-digits"}
    assert set(problems.names()) >= streams | whole | functions | simple | linear


@every()
def test_declaration(name):
    family, p = problems._registry()[name], get(name)
    assert (p.name, p.kind, p.source) == (name, family.kind, family.source)
    assert dict(p.parameters) == dict(family.parameters)
    assert re.fullmatch(r"\S.{20,110}\.", family.title) and p.title
    assert re.fullmatch(r"[a-z]+\d{4}", p.source.key) and p.source.place
    assert p.x0.shape == (p.d,) and np.all(p.lower <= p.x0) and np.all(p.x0 <= p.upper)
    assert p.A.ndim == 2 and p.A.flags.c_contiguous and p.b.ndim == p.c.ndim == 1
    assert (p.optimum is None) == (p.kind == "online") == (p.best is not None)
    if p.kind == "online":
        assert p.box and p.G
        with pytest.raises(BadInput, match="best_fixed"):
            _ = p.solution


@every()
def test_gradient_is_the_derivative(name):
    """Complex step, exact to rounding where the kernel is analytic (numpy orders complex numbers by their real
    part first, so the branches are those of the real point); 1e-12 of the largest entry allows for summation."""
    p = few_rows(get(name))
    for t, x in enumerate(points(p, 3), start=2):
        g = gradient(p, x, t)
        for j in np.random.default_rng(t).integers(p.d, size=3):
            z = x.astype(complex)
            z[j] += 1e-30j
            slope = p.kernel(p.A, p.b, p.c, t, z, np.zeros(p.d, complex)).imag / 1e-30
            assert slope == pytest.approx(g[j], rel=1e-12, abs=1e-12 * np.abs(g).max())


@every()
def test_interpreted_and_compiled_agree(name):
    """Bitwise, except where elementary functions may differ by an ulp, which 1e-14 of the scale bounds."""
    p = few_rows(get(name))
    for t, x in enumerate(points(p, 2), start=1):
        (f, g), (fc, gc) = p.value_grad(x, t), evaluate(p, x, t)
        if p.kernel.__name__ in ELEMENTARY:
            assert fc == pytest.approx(f, rel=1e-14)
            assert np.abs(gc - g).max() <= 1e-14 * max(np.abs(g).max(), 1)
        else:
            assert fc == f and np.array_equal(gc, g)


@every()
def test_far_away_is_finite(name):
    """Exponentials and the like must not overflow where the loss itself is an ordinary number."""
    p = get(name)
    for x in 1e4 * np.random.default_rng(8).standard_normal((5, p.d)):
        f, g = evaluate(p, x)
        assert np.isfinite(f) and np.all(np.isfinite(g))


@convex
def test_convex_along_random_chords(name):
    p = get(name)
    xs, ys = points(p, 20, seed=1), points(p, 20, seed=2)
    for t, (x, y) in enumerate(zip(xs, ys, strict=True), start=1):
        (fx, gx), fy = evaluate(p, x, t), value(p, y, t)
        rounding = 1e-13 * (1 + abs(fx) + abs(fy))
        for part in (0.1, 0.5, 0.9):
            assert value(p, part * x + (1 - part) * y, t) <= part * fx + (1 - part) * fy + rounding
        assert fy >= fx + gx @ (y - x) + 0.5 * (p.mu or 0.0) * np.sum((y - x) ** 2) - rounding


@every(lambda f: f.kind == "nonconvex")
def test_not_convex_on_some_chord(name):
    p, random = get(name), np.random.default_rng(0)
    gaps = []
    for x in random.uniform(-5, 5, (500, p.d)) * random.choice([1.0, 0.1], (500, 1)):
        step = 0.2 * random.choice([-1.0, 1.0], p.d) if name in PRODUCTS else 0.2 * np.eye(p.d)[random.integers(p.d)]
        gaps.append((value(p, x + step) + value(p, x - step)) / 2 - value(p, x))
    assert min(gaps) < -1e-3


@every(lambda f: f.name not in KINKED | QUARTIC | LAYERED)
def test_smoothness_constant(name):
    """|∇f(x) - ∇f(y)| ≤ L |x - y| on random pairs, near and far; 1e-12 covers the rounding of L itself."""
    p = get(name)
    assert p.L is not None
    xs = points(p, 20, seed=3)
    ys = xs + (points(p, 20, seed=4) - xs) * np.geomspace(1e-3, 1, 20)[:, None]
    for t, (x, y) in enumerate(zip(xs, ys, strict=True), start=1):
        change = np.linalg.norm(gradient(p, x, t) - gradient(p, y, t))
        assert change <= (1 + 1e-12) * p.L * np.linalg.norm(x - y) + 1e-13


@every(lambda f: f.name in LAYERED)
def test_no_smoothness_across_layers(name):
    """With the second layer at r, a step of 1e-3 in the first changes the slope there by r², not by a constant."""
    p = get(name)
    assert p.L is None
    half, changes = p.d // 2, []
    for r in (1.0, 10.0, 100.0):
        x, y = (np.concatenate([np.full(half, first), np.full(half, r)]) for first in (0.0, 1e-3))
        changes.append(np.linalg.norm((gradient(p, y) - gradient(p, x))[:half]))
    assert changes[0] * 50 < changes[1] and changes[1] * 50 < changes[2]


# Where L or mu is attained: the point, and whether mu is attained too.
TIGHT = {
    "quadratic-diagonal": True, "quadratic-dense": True, "booth": True, "least-squares-diabetes": True,
    "huber": False, "rastrigin": False, "logistic-breast-cancer": False,
}  # fmt: skip


@pytest.mark.parametrize("name", TIGHT)
def test_constants_are_tight(name):
    """The Hessian at 0, by central differences of a gradient that is linear to second order there (error 1e-5)."""
    p, step = get(name), 1e-4
    H = np.array([gradient(p, step * e) - gradient(p, -step * e) for e in np.eye(p.d)]) / (2 * step)
    eigenvalues = np.linalg.eigvalsh((H + H.T) / 2)
    assert eigenvalues[-1] == pytest.approx(p.L, rel=1e-5)
    if TIGHT[name]:
        assert eigenvalues[0] == pytest.approx(p.mu, rel=1e-5)


@every(lambda f: f.name in KINKED | QUARTIC)
def test_no_smoothness_where_there_is_none(name):
    """The gradient grows faster than distance, or jumps across the kink at 0 (the SVM's kinks are elsewhere)."""
    p = get(name)
    assert p.L is None
    away = np.ones(p.d)
    if name in QUARTIC:
        away[1] = -1.0
        slopes = [np.linalg.norm(gradient(p, r * away)) / r for r in (10.0, 100.0, 1000.0)]
        assert slopes[0] * 50 < slopes[1] and slopes[1] * 50 < slopes[2]
    elif name != "svm-breast-cancer":
        assert np.linalg.norm(gradient(p, 1e-9 * away) - gradient(p, -1e-9 * away)) > 1


@every(lambda f: f.kind == "online" or f.name in BOUNDED)
def test_gradient_bound(name):
    p = get(name)
    assert p.G is not None
    random = np.random.default_rng(5)
    corners = random.choice([-1.0, 1.0], (50, p.d)) * (p.box[1] if p.box else 100.0)
    near = 0.2 * random.standard_normal((50, p.d))
    largest = max(np.abs(gradient(p, x, t)).max() for t, x in enumerate([*points(p, 50), *corners, *near], start=1))
    assert largest <= p.G * (1 + 1e-15)


@every(lambda f: f.kind != "online" and f.name not in BOUNDED)
def test_no_gradient_bound_without_a_box(name):
    p = get(name)
    assert p.G is None and p.box is None
    assert np.abs(gradient(p, 1e6 * np.ones(p.d))).max() > 100


@fixed
def test_nothing_beats_the_minimizer(name):
    """Random nudges on scales 1e-8..10. f* and the compiled loss are each exact to about 1e-15 of the loss."""
    p = get(name)
    best = p.solution
    assert 0 <= best.error <= 1e-12 and best.certificate
    assert value(p, best.x) == pytest.approx(best.value, rel=1e-14, abs=1e-15)
    random = np.random.default_rng(6)
    for scale in np.geomspace(1e-8, 10, 40):
        nudged = value(p, best.x + scale * random.standard_normal(p.d))
        assert nudged >= best.value - 1e-14 * (1 + abs(best.value))
    u, total = p.best_fixed(7)
    assert u is best.x and total == 7 * best.value


@every(lambda f: f.kind != "online" and f.name not in ("absolute", "svm-breast-cancer"))
def test_gradient_vanishes_at_the_minimizer(name):
    """To rounding: x* is rounded (1e-16, times a curvature below 1e3) and the sums are (1e-15)."""
    p = get(name)
    assert np.abs(gradient(p, p.solution.x)).max() <= 1e-13


def charges(p, T: int, u: np.ndarray) -> tuple[float, np.ndarray]:
    """Σ f_t(u) and Σ ∇f_t(u) over t ≤ T, for linear losses also what the run would hand to `best`."""
    total, S = 0.0, np.zeros(p.d)
    for t in range(1, T + 1):
        f, g = evaluate(p, u, t)
        total, S = total + f, S + g
    return total, S


@every(lambda f: f.kind == "online" and f.name not in ANSWERING)
@pytest.mark.parametrize("T", [1, 2, 7, 300])
def test_best_fixed_point_in_hindsight(name, T):
    """Its total is what the losses charge it (1e-12 for the order of summation), and no point of the box, random
    or near it, is charged less (1e-13 for the solver's own tolerance and the same rounding)."""
    p = get(name)
    S = charges(p, T, p.x0)[1] if p.linear else None
    u, total = p.best_fixed(T, S)
    assert np.all(p.lower <= u) and np.all(u <= p.upper)
    assert charges(p, T, u)[0] == pytest.approx(total, rel=1e-12, abs=1e-12)
    random = np.random.default_rng(7)
    rivals = [np.clip(u + s * random.standard_normal(p.d), *p.box) for s in (1e-4, 1e-2, 0.3)] + list(points(p, 3))
    for rival in rivals:
        assert charges(p, T, rival)[0] >= total - 1e-13 * abs(total) - 1e-12


BAD = [
    ("quadratic-dense", {"d": 0}), ("absolute", {"start": float("nan")}), ("huber", {"knee": 0.0}),
    ("logistic-breast-cancer", {"l2": 0.0}), ("logistic-a9a", {"l2": -1.0}), ("softmax-digits", {"l2": float("inf")}),
    ("stream-logistic-digits", {"batch": 0}), ("stream-logistic-digits", {"radius": 0.0}),
    ("stream-logistic-digits", {"seed": -1}), ("minibatch-softmax-digits", {"epochs": 0}),
    ("svm-breast-cancer", {"l2": "x"}), ("linear-iid", {"noise": -0.1}), ("linear-iid", {"seed": 2**32}),
    ("linear-adversarial", {"start": 1.1}), ("linear-blocks", {"first": 0}), ("rosenbrock-nd", {"d": 1}),
    ("rosenbrock", {"x": float("inf")}), ("ackley", {"d": -3}), ("periodic", {"C": 0.0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters"), BAD)
def test_parameters_out_of_range(name, parameters):
    (key,) = parameters
    with pytest.raises(BadOption, match=f"{name}: {key}="):
        problems.get(name, **parameters)


def test_every_number_a_user_may_set_has_a_range():
    """No parameter accepts nan: each number is annotated with limits, seeds and counts included."""
    for family in problems.families():
        for key, parameter in inspect.signature(family.make).parameters.items():
            if parameter.annotation in (str | None,):
                continue
            with pytest.raises(BadOption, match=f"{key}="):
                problems.get(family.name, **{key: float("nan")})


def test_unknown_names():
    with pytest.raises(UnknownName, match="rosenbrock"):
        problems.get("rosenbrok")
    with pytest.raises(UnknownName, match="parameter of huber"):
        problems.get("huber", delta=1.0)


def test_shape_of_x_is_checked():
    with pytest.raises(BadInput, match=r"shape \(3,\); expected \(2,\)"):
        get("booth").value_grad(np.zeros(3))
