"""Linear losses and streams: what each step charges, and the best fixed point against brute force."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import minimize

from dwmgrad_ref import problems
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.problems import solve
from dwmgrad_ref.problems.logistic import LogisticLoss
from dwmgrad_ref.problems.random import philox, uniform
from tests.dwmgrad_ref.problems.problem_tools import DATA, evaluate, get, gradient, points, value


def test_philox_known_answers():
    """The vectors that the authors publish with Random123 (philox2x32, 10 rounds)."""
    assert philox(0, 0, 0) == (0xFF1DAE59, 0x6CD10DF2)
    assert philox(0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF) == (0x2C3F628B, 0xAB4FD7AD)
    assert philox(0x243F6A88, 0x85A308D3, 0x13198A2E) == (0xDD7CE038, 0xF62A4C12)


def test_uniform_looks_uniform():
    """Moments of 20,000 draws within four standard errors; no coordinate or step repeats another."""
    draws = np.array([uniform(1, t, i) for t in range(2000) for i in range(10)])
    assert 0 <= draws.min() and draws.max() < 1 and len(set(draws)) == draws.size
    assert abs(draws.mean() - 0.5) < 4 * np.sqrt(1 / 12 / draws.size)
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 4 / np.sqrt(draws.size)
    assert uniform(np.float64(1), np.int64(7), 3) == uniform(1, 7, 3) != uniform(2, 7, 3)


def test_iid_losses_have_their_mean_and_seed():
    p, x = get("linear-iid", d=4, bias=0.3, noise=0.5), np.zeros(4)
    gradients = np.array([gradient(p, x, t) for t in range(1, 4001)])
    assert np.abs(gradients.mean(axis=0) - 0.3).max() < 4 * 0.5 / np.sqrt(3 * 4000)
    assert gradients.min() >= -0.2 and gradients.max() < 0.8
    assert not np.array_equal(gradient(get("linear-iid", d=4, seed=9), x), gradient(get("linear-iid", d=4), x))


def test_the_adversary_answers_the_iterate():
    p = get("linear-adversarial", d=3)
    f, g = evaluate(p, np.array([0.5, 0.0, -0.25]))
    assert f == 0.75 and g.tolist() == [1, 1, -1]


@pytest.mark.parametrize("first", [1, 3])
def test_blocks_double_and_flip(first):
    p = get("linear-blocks", d=2, first=first)
    signs = np.concatenate([np.full(first * 2**k, (-1.0) ** k) for k in range(6)])
    gradients = np.array([gradient(p, np.zeros(2), t) for t in range(1, signs.size + 1)])
    assert np.array_equal(gradients, np.column_stack([signs, -signs]))
    for T in range(1, signs.size + 1):
        assert p.best_fixed(T).total == -2 * abs(signs[:T].sum())


@pytest.mark.parametrize("name", ["linear-iid", "linear-blocks", "linear-adversarial", "periodic"])
def test_best_point_of_linear_losses_against_a_grid(name):
    """In one dimension: the total at every grid point, from the gradients of a wandering iterate."""
    p = get(name, **({} if name == "periodic" else {"d": 1}))
    path = np.sin(np.arange(1, 41))
    slopes = np.array([gradient(p, np.array([x]), t)[0] for t, x in enumerate(path, start=1)])
    constants = np.array([value(p, np.array([x]), t) for t, x in enumerate(path, start=1)]) - slopes * path
    for T in (1, 5, 40):
        totals = constants[:T].sum() + slopes[:T].sum() * np.linspace(-1, 1, 201)
        best = p.best_fixed(T, np.array([slopes[:T].sum()]))
        assert best.total == pytest.approx(totals.min(), abs=1e-13)


def test_linear_losses_without_their_gradients_are_refused():
    with pytest.raises(BadInput, match="gradient_sum"):
        get("linear-iid").best_fixed(10)


STREAMS = [
    "stream-logistic-breast-cancer", "stream-logistic-digits", "minibatch-softmax-digits",
    pytest.param("stream-logistic-a9a", marks=DATA), pytest.param("stream-logistic-mushrooms", marks=DATA),
]  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_the_box_holds_the_optimum_of_the_whole_table(name):
    p = get(name)
    whole, _ = p.best.__self__._whole_table()
    assert np.abs(whole).max() < 0.99 * p.box[1]
    if "softmax" not in name and "digits" not in name:
        np.testing.assert_allclose(whole, get(name.removeprefix("stream-")).solution.x, atol=1e-6)


@pytest.mark.parametrize("name", STREAMS[:2])
def test_streams_visit_every_row_once_an_epoch(name):
    p, x = get(name), np.zeros(get(name).d)
    n = len(p.A)
    assert np.array_equal(np.sort(p.b), np.arange(n)) and not np.array_equal(p.b, np.arange(n))
    for t in (1, 2, n):
        row = p.A[int(p.b[t - 1])]
        np.testing.assert_array_equal(gradient(p, x, t), -0.5 * row)
        np.testing.assert_array_equal(gradient(p, x, t + 3 * n), -0.5 * row)


def test_minibatches_are_reshuffled_every_epoch():
    p = get("minibatch-softmax-digits", epochs=3)
    epochs = p.b.reshape(3, -1)
    assert all(np.array_equal(np.sort(e), np.arange(1797)) for e in epochs)
    assert not np.array_equal(epochs[0], epochs[1])
    x = points(p, 1)[0]
    rows = np.arange(27 * 64, 28 * 64 + 64)  # steps 28 and 29; the second straddles the epochs
    for t, batch in ((28, rows[:64]), (29, rows[64:])):
        assert value(p, x, t) == pytest.approx(_cross_entropy(p, p.b[batch].astype(int), x), rel=1e-14)


def _cross_entropy(p, rows: np.ndarray, x: np.ndarray) -> float:
    """Mean cross-entropy of these rows plus the penalty, the long way."""
    W, A = x.reshape(10, -1), p.A[rows]
    z = A[:, :-1] @ W.T
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(64), A[:, -1].astype(int)]) + p.c[0] / 2 * x @ x)


def test_batches_of_rows_average_the_single_ones():
    single, triple = get("stream-logistic-breast-cancer"), get("stream-logistic-breast-cancer", batch=3)
    x = points(single, 1)[0]
    for t in (1, 190, 400):
        singles = [evaluate(single, x, 3 * (t - 1) + j) for j in (1, 2, 3)]
        f, g = evaluate(triple, x, t)
        assert f == pytest.approx(np.mean([s[0] for s in singles]), rel=1e-14)
        np.testing.assert_allclose(g, np.mean([s[1] for s in singles], axis=0), atol=1e-14)


@pytest.mark.parametrize(("order", "batch"), [([2, 0, 1], 1), ([2, 0, 1], 2), ([1, 0, 2, 2, 1, 0], 4)])
def test_weights_count_the_visits(order, batch):
    stream = solve.Stream(LogisticLoss(np.ones((3, 1)), 0.1), np.array(order), batch, (-1.0, 1.0))
    for T in range(1, 30):
        visited = [order[k % len(order)] for k in range(T * batch)]
        np.testing.assert_allclose(stream.weights(T), np.bincount(visited, minlength=3) / (T * batch), rtol=1e-15)


@pytest.mark.parametrize("radius", [0.1, 3.0])
def test_best_point_of_a_stream_against_a_dense_grid(radius):
    """One feature: the grid's best exceeds the minimum by at most L/2 (half a grid step)², and never undercuts it."""
    rows = np.random.default_rng(1).standard_normal((20, 1)) + 0.5
    stream = solve.Stream(LogisticLoss(rows, 0.05), np.random.default_rng(2).permutation(20), 1, (-radius, radius))
    grid, step = np.linspace(-radius, radius, 20001, retstep=True)
    for T in (1, 4, 20, 33):
        seen = rows[stream.order[np.arange(T) % 20], 0]
        totals = np.logaddexp(0, -np.outer(grid, seen)).sum(axis=1) + T * 0.025 * grid**2
        slack = T * (np.max(rows**2) / 4 + 0.05) / 2 * (step / 2) ** 2
        assert -1e-13 * totals.min() <= totals.min() - stream.best(T).total <= slack + 1e-13


@pytest.mark.parametrize("radius", [0.2, 2.0])
@pytest.mark.parametrize("T", [5, 700])
def test_best_point_of_a_stream_against_scipy(T, radius):
    """L-BFGS-B on the sum that the compiled kernel gives; at a gradient of 1e-8 it is 1e-14 above the minimum."""
    options = {"ftol": 0, "gtol": 1e-8}
    p = get("stream-logistic-breast-cancer", radius=radius)

    def total(x):
        parts = [evaluate(p, x, t) for t in range(1, T + 1)]
        return sum(f for f, _ in parts) / T, sum(g for _, g in parts) / T

    found = minimize(total, p.x0, jac=True, method="L-BFGS-B", bounds=[p.box] * p.d, options=options)
    best = p.best_fixed(T)
    assert found.fun * T == pytest.approx(best.total, rel=1e-12)


def test_the_best_point_depends_on_T_alone():
    """Bitwise the same whatever was asked before, so a resumed run reports what an uninterrupted one does."""
    p, q = (problems.get("stream-logistic-digits") for _ in range(2))
    forward = {T: p.best_fixed(T) for T in (3, 50, 4000)}
    backward = {T: q.best_fixed(T) for T in (4000, 50, 3)}
    for T, best in forward.items():
        assert best.total == backward[T].total and np.array_equal(best.u, backward[T].u)
    assert p.best_fixed(50) is forward[50]


def test_solves_keep_to_one_thread_in_every_blas():
    """SciPy's BLAS too, which is loaded later than NumPy's: asked in a fresh interpreter, inside a solve."""
    code = """
from threadpoolctl import threadpool_info
from dwmgrad_ref.problems.solve import one_blas_thread
with one_blas_thread():
    import scipy.linalg
    print(sorted({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1]"
