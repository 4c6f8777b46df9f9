"""Each rule's reading as preconditioned descent, and the a-priori regret bounds against random convex games."""

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from dwmgrad_ref import rules
from dwmgrad_ref.rules.bounds import Facts

D = 4
# Names of the options that switch momentum off, by discovery of what a rule has.
NO_MOMENTUM = {"gamma": 0.0, "mu": 0.0, "beta1": 0.0, "below": 0.0, "above": 0.0, "mu1": 0.0, "mu2": 0.0, "mu3": 0.0}


# signSGD and its kin have none; test_preconditioned.py says what they are refused with.
WITH_POTENTIAL = [name for name in rules.names() if rules.get(name).potential]


def without(rule: Any, names: dict[str, float]) -> dict[str, float]:
    """Options that set every one of those names the rule has; weight decay always off."""
    return {n: v for n, v in {**names, "weight_decay": 0.0}.items() if n in rule.Options._fields}


def play(rule: Any, options: dict[str, Any], steps: int = 60, seed: int = 0) -> list[tuple[Any, ...]]:
    """(k, c, theta_t, g_t, theta_{t+1}, potential before, potential after) of every step, random gradients."""
    rng = np.random.default_rng(seed)
    o = rule.encode(rule.options(**options))
    x = rng.standard_normal(D)
    k, c = rule.begin(o, x)
    seen, before = [], None
    for _ in range(steps):
        g, loss = rng.standard_normal(D), float(rng.uniform(0.1, 1))
        k, c, moved = rule.step(o, k, c, x, g, loss)
        after = rule.potential(o, k, c)
        seen.append((k, c, x, g, moved, before, after))
        before, x = after, moved
    return seen


@pytest.mark.parametrize("name", WITH_POTENTIAL)
def test_without_momentum_the_step_is_the_preconditioned_gradient(name: str) -> None:
    rule = rules.get(name)
    for _, _, x, g, moved, _, after in play(rule, without(rule, NO_MOMENTUM)):
        assert np.all(np.asarray(after.h) > 0) and after.damp == 1 and np.all(np.asarray(after.shift) == 0)
        np.testing.assert_allclose(x - moved, g / after.h, rtol=1e-9, atol=1e-15)  # x - moved cancels ~7 digits


CONSTANT = {
    "heavy-ball": {},
    "nesterov": {},
    "rmsprop": {"mu": 0.7},
    "rmsprop-momentum": {},
    "lcam": {"below": 0.8, "above": 0.8},
    "dwmgrad": {"momentum": "constant"},
    "dwmgrad-explicit-window": {"momentum": "constant", "signal": "increase"},
}


@pytest.mark.parametrize("name", CONSTANT)
def test_with_constant_momentum_the_mirrored_iterate_moves_by_the_preconditioned_gradient(name: str) -> None:
    """The reason for `shift`: z_{t+1} - z_t = -g_t/(damp h_t) exactly, whatever h does."""
    for _, _, x, g, moved, before, after in play(rules.get(name), CONSTANT[name]):
        z = x + (before.shift if before else 0)
        wanted = -g / (after.damp * after.h) + 0 * x
        np.testing.assert_allclose(moved + after.shift - z, wanted, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("name", ["adam", "amsgrad", "adamomentum"])
def test_adams_mirrored_iterate_moves_by_the_gradient_up_to_the_change_of_h(name: str) -> None:
    """z_{t+1} - z_t = -g_t/h_t + beta/(1-beta) m_{t-1} (1/h_{t-1} - 1/h_t), and the step is m_t/h_t."""
    m, ratio = np.zeros(D), 0.9 / 0.1
    for _, c, x, g, moved, before, after in play(rules.get(name), {}):
        np.testing.assert_allclose(x - moved, c.m / after.h, rtol=1e-9, atol=1e-15)
        z = x + (before.shift if before else 0)
        drift = ratio * m * (1 / before.h - 1 / after.h) if before else 0
        np.testing.assert_allclose(moved + after.shift - z, -g / after.h + drift, rtol=1e-9, atol=1e-13)
        m = c.m


@pytest.mark.parametrize("eps", [None, 0.0])
@pytest.mark.parametrize("name", WITH_POTENTIAL)
def test_before_the_first_step_nothing_is_carried_over(name: str, eps: float | None) -> None:
    """A run starts its mirrored iterate at theta_1, also where eps = 0 makes the first preconditioner 0."""
    rule = rules.get(name)
    o = rule.encode(rule.options(**({"eps": eps} if eps is not None and "eps" in rule.Options._fields else {})))
    k, c = rule.begin(o, np.ones(D))
    assert np.all(np.asarray(rule.potential(o, k, c).shift) == 0)


# --- regret --------------------------------------------------------------------------------------------------

BOUNDED: list[tuple[str, dict[str, Any]]] = [
    ("sgd", {"alpha": 0.1}),
    ("sgd", {"alpha": 0.5, "schedule": "sqrt"}),
    ("heavy-ball", {"alpha": 0.02, "mu": 0.9}),
    ("heavy-ball", {"alpha": 0.3, "mu": 0.3}),
    ("adagrad", {"alpha": 0.7}),
    ("adagrad", {"alpha": 0.1, "eps": 0.5}),
    ("adagrad", {"alpha": 20.0}),  # steps across the whole box: the second term of the bound carries it
    ("amsgrad", {"alpha": 0.3, "schedule": "sqrt", "bias_correction": False}),
    ("amsgrad", {"alpha": 0.3, "beta1": 0.0, "beta2": 0.5, "schedule": "sqrt", "bias_correction": False}),
    ("amsgrad", {"alpha": 0.1, "beta1": 0.5, "beta2": 0.9, "eps": 0.1, "schedule": "sqrt", "bias_correction": False}),
    ("amsgrad", {"alpha": 20.0, "beta1": 0.1, "beta2": 0.1, "schedule": "sqrt", "bias_correction": False}),
    ("dwmgrad", {"alpha": 0.5, "delta": np.inf, "gamma": 0.0, "momentum": "constant", "schedule": "sqrt"}),
]


EXPANDING = {"delta": np.inf, "gamma": 0.0, "schedule": "sqrt"}


def linear_game(rule: Any, o: Any, gradients: np.ndarray) -> tuple[Any, float, np.ndarray]:
    """Linear losses g_t x on [-1, 1]^d: last shared state, regret against the best corner, facts' D."""
    x = np.zeros(gradients.shape[1])
    k, c = rule.begin(o, x)
    suffered = 0.0
    for g in gradients:
        suffered += float(g @ x)
        k, c, x = rule.step(o, k, c, x, g, 1.0)  # a positive loss: DWMGrad's window grows
        x = np.clip(x, -1, 1)
    return k, suffered + float(np.sum(np.abs(gradients.sum(axis=0)))), np.full(gradients.shape[1], 2.0)


def facts_of(gradients: np.ndarray, width: np.ndarray, **more: Any) -> Facts:
    plain = {"first": 0.0, "last": 0.0, "fixed": False, "projected": True}
    S, G = np.sqrt(np.sum(gradients**2, axis=0)), np.max(np.abs(gradients), axis=0)
    return Facts(D=width, S=S, T=len(gradients), G=G, g1=np.abs(gradients[0]), **{**plain, **more})


@pytest.mark.parametrize("name, options", BOUNDED)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 150), period=st.integers(1, 12), tilt=st.floats(-1, 1))
def test_regret_stays_below_the_bound(name: str, options: Any, seed: int, steps: int, period: int, tilt: float) -> None:
    """Random signs, drifts and periodic spikes (the shape of R6's counterexample) on a box."""
    rng = np.random.default_rng(seed)
    gradients = rng.standard_normal((steps, 2)) + tilt
    gradients[::period] *= -rng.uniform(0, 10)
    rule = rules.get(name)
    o = rule.encode(rule.options(**options))
    k, regret, width = linear_game(rule, o, gradients)
    facts = facts_of(gradients, width)
    sharp, blunt = rule.bound(o, k, facts), rule.bound(o, k, facts._replace(G=None))
    assert regret <= sharp <= blunt


@pytest.mark.parametrize("name, options", BOUNDED)
def test_bounds_are_not_idle(name: str, options: Any) -> None:
    """On alternating unit losses the regret comes within a factor 30 of every bound (amsgrad's is the loosest)."""
    rule = rules.get(name)
    o = rule.encode(rule.options(**options))
    best = 0.0
    for steps in (1, 2, 4, 8, 20, 60):
        for flip in (1, steps // 2 + 1, steps + 1):  # alternating from there on; before, all the same sign
            signs = np.array([1.0 if t < flip or t % 2 else -1.0 for t in range(steps)])[:, None]
            k, regret, width = linear_game(rule, o, signs)
            best = max(best, regret / rule.bound(o, k, facts_of(signs, width)))
    assert 1 / 30 < best <= 1


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    alpha=st.floats(0.01, 0.9),
    mu=st.sampled_from([0.0, 0.5, 0.9]),
    steps=st.integers(1, 80),
)
def test_heavy_ball_on_one_convex_loss(seed: int, alpha: float, mu: float, steps: int) -> None:
    """The second of its bounds, for ½ Σ λ x² without projection; u = 0 is the minimizer and D = |theta_1|."""
    rule, curvature = rules.get("heavy-ball"), np.random.default_rng(seed).uniform(0.01, 1, D)
    o = rule.encode(rule.options(alpha=alpha, mu=mu))
    start = x = np.random.default_rng(seed + 1).standard_normal(D)
    k, c = rule.begin(o, x)
    losses, gradients = [], []
    for _ in range(steps):
        losses.append(float(curvature @ x**2 / 2))
        gradients.append(curvature * x)
        k, c, x = rule.step(o, k, c, x, gradients[-1], losses[-1])
    ends = {"first": losses[0], "last": losses[-1], "fixed": True, "projected": False}
    assert sum(losses) <= rule.bound(o, k, facts_of(np.array(gradients), np.abs(start), **ends)) * (1 + 1e-12)


@pytest.mark.parametrize(
    "name, options",
    [
        ("sgd", {"weight_decay": 0.1}),
        ("heavy-ball", {"weight_decay": 0.1}),
        ("amsgrad", {"schedule": "sqrt"}),  # bias corrected: h may decrease
        ("amsgrad", {"bias_correction": False}),  # constant step size
        ("amsgrad", {"bias_correction": False, "schedule": "sqrt", "beta1": 0.9, "beta2": 0.8}),  # beta1² > beta2
        ("dwmgrad", {}),
        ("dwmgrad", EXPANDING | {"schedule": "constant"}),
        ("dwmgrad", EXPANDING | {"guard": True}),
        ("dwmgrad", EXPANDING | {"delta": 9.0}),  # the fifth window would be 10
        ("dwmgrad", EXPANDING | {"gamma": 0.9, "momentum": "constant"}),  # the losses change
        ("dwmgrad", EXPANDING | {"delta": 10.0, "gamma": 0.9}),  # momentum tied to the window
    ],
)
def test_no_bound_outside_the_hypotheses(name: str, options: Any) -> None:
    rule = rules.get(name)
    o = rule.encode(rule.options(**options))
    k, c = rule.begin(o, np.zeros(1))
    for _ in range(5):
        k, c, _ = rule.step(o, k, c, np.zeros(1), np.ones(1), 1.0)
    assert rule.bounds and np.isnan(rule.bound(o, k, facts_of(np.ones((5, 1)), np.ones(1))))


@pytest.mark.parametrize("name", ["adam", "adamw", "adamomentum", "lcam", "rmsprop", "adadelta", "nesterov"])
def test_no_bound_is_claimed_where_none_is_proved(name: str) -> None:
    assert not rules.get(name).bounds


@pytest.mark.parametrize(
    "name, options", [("heavy-ball", {}), ("amsgrad", {"bias_correction": False, "schedule": "sqrt"})]
)
def test_with_momentum_and_changing_losses_a_bound_needs_a_box(name: str, options: Any) -> None:
    rule = rules.get(name)
    o = rule.encode(rule.options(**options))
    k, _ = rule.begin(o, np.zeros(1))
    facts = facts_of(np.ones((5, 1)), np.ones(1))
    assert rule.bound(o, k, facts) > 0 and np.isnan(rule.bound(o, k, facts._replace(projected=False)))


@pytest.mark.parametrize("name, options", [
    ("adagrad", {}),
    ("amsgrad", {"bias_correction": False, "schedule": "sqrt"}),
    ("dwmgrad", EXPANDING),
])  # fmt: skip
def test_without_eps_a_bound_needs_a_first_gradient_in_every_coordinate(name: str, options: Any) -> None:
    """Else the first step is 0/0."""
    rule, gradients = rules.get(name), np.ones((5, 2))
    gradients[0, 1] = 0
    started = facts_of(np.ones((5, 2)), np.ones(2))
    for eps, facts, known in (
        (0.0, facts_of(gradients, np.ones(2)), False),
        (0.0, started._replace(g1=None), False),
        (0.0, started, True),
        (1e-8, facts_of(gradients, np.ones(2)), True),
    ):
        o = rule.encode(rule.options(**options, eps=eps))
        k, c = rule.begin(o, np.zeros(2))
        for _ in range(5):
            k, c, _ = rule.step(o, k, c, np.zeros(2), np.ones(2), 1.0)
        assert np.isfinite(rule.bound(o, k, facts)) == known


def test_the_smallest_applicable_bound_is_told() -> None:
    """The bounds of online gradient descent in closed form: S² against 2 G S, at D = 2, alpha = 0.5, T = 9."""
    rule = rules.get("sgd")
    o = rule.encode(rule.options(alpha=0.5, schedule="sqrt"))
    facts = facts_of(np.full((9, 1), 3.0), np.array([2.0]))
    k = rule.start(o)
    assert rule.bound(o, k, facts) == 4 * 3 + 0.25 * min(81, 2 * 3 * 9)
    assert rule.bound(o, k, facts._replace(G=None)) == 4 * 3 + 0.25 * 81


def test_a_window_too_large_for_floats_to_move_is_not_taken_for_a_growing_one() -> None:
    rule = rules.get("dwmgrad")
    o = rule.encode(rule.options(**EXPANDING, omega0=1e17))
    k, _, _ = rule.step(o, *rule.begin(o, np.zeros(1)), np.zeros(1), np.ones(1), -1.0)  # a negative loss narrows
    assert k.omega == o.omega0 + 1 and np.isnan(rule.bound(o, k, facts_of(np.ones((1, 1)), np.ones(1))))


@pytest.mark.parametrize("name", [name for name in rules.names() if rules.get(name).bounds])
def test_a_bound_on_symbols_is_the_bound_on_numbers(name: str) -> None:
    """What the ledger proves is the function that is evaluated: the same expression, substituted."""
    rule, rng = rules.get(name), np.random.default_rng(0)
    numbers = Facts._make([*rng.uniform(0.5, 2, 5), False, True, *rng.uniform(0.5, 2, 2)])
    symbols = Facts._make(sympy.symbols("D S T first last fixed projected G g1", positive=True))
    choices = {n for n in rule.Options._fields if rule.choices(n) or isinstance(getattr(rule.options(), n), bool)}
    names = [n for n in rule.Options._fields if n not in choices]
    o = rule.encode(rule.options())._replace(**{n: sympy.Symbol(n, positive=True) for n in names})
    chosen = rule.encode(rule.options())._replace(**dict(zip(names, rng.uniform(0.1, 0.4, len(names)), strict=True)))
    if "beta2" in names:
        chosen = chosen._replace(beta2=0.9)
    values = {getattr(o, n): getattr(chosen, n) for n in names} | {
        getattr(symbols, f): getattr(numbers, f) for f in ("D", "S", "T", "first", "last", "G")
    }
    for bound in rule.bounds:
        for part in filter(None, (bound.coordinate, bound.once)):
            assert float(part(o, None, symbols).subs(values)) == pytest.approx(part(chosen, None, numbers), rel=1e-12)


@pytest.mark.parametrize("name, options", [("dwmgrad", {"delta": np.inf}), ("dwmgrad", {"eps": 0.0})])
def test_no_step_bound_outside_its_hypotheses(name: str, options: Any) -> None:
    rule = rules.get(name)
    assert np.isnan(rule.step_bound(rule.encode(rule.options(**options))))
