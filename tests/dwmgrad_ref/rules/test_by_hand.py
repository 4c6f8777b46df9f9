"""The first two steps of the three paper methods, computed by hand with fractions whose roots are rational."""

import pytest

from dwmgrad_ref import rules

CLOSE = pytest.approx  # relative 1e-6 by default; every use below says 1e-15: a handful of roundings


def test_dwmgrad() -> None:
    rule = rules.get("dwmgrad")
    o = rule.encode(rule.options(alpha=0.5, gamma=0.5, delta=8, omega0=3, eps=0, signal="increase"))
    k, c = rule.begin(o, 1.0)
    # f_1 = 2 > 0: omega = 4, mu = 0.5 * 4/8 = 1/4; G = 6²/4 = 9; V = 0.5 * 6/3 = 1; theta = 1 - 1 = 0.
    k, c, x = rule.step(o, k, c, 1.0, 6.0, 2.0)
    assert (k.omega, k.mu, c.G, c.V, x) == (4, 0.25, 9, 1, 0)
    # f_2 - f_1 = -1: omega = 3, mu = 3/16; G = 2/3 * 9 + 3²/3 = 9; V = 3/16 + 0.5 * 3/3 = 11/16; theta = -11/16.
    k, c, x = rule.step(o, k, c, x, 3.0, 1.0)
    assert (k.omega, k.mu, k.beta) == (3, 3 / 16, 0)
    assert (c.G, c.V, x) == (CLOSE(9, rel=1e-15), CLOSE(11 / 16, rel=1e-15), CLOSE(-11 / 16, rel=1e-15))


def test_adamomentum() -> None:
    rule = rules.get("adamomentum")
    o = rule.encode(rule.options(alpha=1, beta1=0.5, beta2=0.75, eps=0.75))
    k, c = rule.begin(o, 0.0)
    # m = 0.5 * 2 = 1, corrected 2; v = 1/4 + 3/4 = 1, corrected 4; theta = 0 - 2/2 = -1.
    k, c, x = rule.step(o, k, c, 0.0, 2.0, 0.0)
    assert (c.m, c.v, x) == (1, 1, -1)
    # m = 0.5 - 0.5 * 4 = -3/2, corrected -2; v = 3/4 + 9/16 + 3/4 = 33/16, corrected 33/7; theta = -1 + 2/sqrt(33/7).
    k, c, x = rule.step(o, k, c, x, -4.0, 0.0)
    assert (c.m, c.v) == (-1.5, 33 / 16)
    assert x == CLOSE(-1 + 2 / (33 / 7) ** 0.5, rel=1e-14)  # the difference loses one digit


def test_lcam() -> None:
    rule = rules.get("lcam")
    o = rule.encode(rule.options(alpha=0.5, below=0.75, above=0.5, epoch=3))
    k, c = rule.begin(o, 1.0)
    # V = 2, theta = 1 - 1 = 0; the loss is its own mean, so the next coefficient is `above`.
    k, c, x = rule.step(o, k, c, 1.0, 2.0, 4.0)
    assert (c.V, x, k.next) == (2, 0, 0.5)
    # V = 0.5 * 2 + 1 = 2, theta = -1; 2 < (4 + 2)/2, so `below` comes next.
    k, c, x = rule.step(o, k, c, x, 1.0, 2.0)
    assert (k.mu, c.V, x, k.next) == (0.5, 2, -1, 0.75)
    # V = 0.75 * 2 + 0.5 = 2, theta = -2; 3 is the mean of 4, 2, 3, so `above`; the epoch ends here.
    k, c, x = rule.step(o, k, c, x, 0.5, 3.0)
    assert (k.mu, c.V, x, k.next, k.total) == (0.75, 2, -2, 0.5, 0)
    # A new epoch: 5 is its own mean.
    k, c, x = rule.step(o, k, c, x, 0.0, 5.0)
    assert (k.mu, k.next, k.total, k.e) == (0.5, 0.5, 5, 1)


def test_dwmgrad_guard_halves_after_two_large_changes() -> None:
    rule = rules.get("dwmgrad")
    o = rule.encode(rule.options(guard=True, guard_threshold=0.5))
    k, c = rule.begin(o, 1.0)
    seen = []
    for loss in [1.0, 2.0, 1.0, 1.2, 2.0, 1.0, 2.0]:  # changes: large, large, small, large, large, large
        k, c, _ = rule.step(o, k, c, 1.0, 1.0, loss)
        seen.append(k.scale)
    assert seen == [1, 1, 0.5, 0.5, 0.5, 0.25, 0.125]


@pytest.mark.parametrize(
    "name, first",
    [
        ("dwmgrad-released-mnist", [6, 5, 6, 5]),  # f_1 itself, fall, rise, no change
        ("dwmgrad-released-cifar10", [6, 5, 6, 5]),
        ("dwmgrad-released-rosenbrock", [4, 5, 4, 3]),  # 0, fall, rise, no change
        ("dwmgrad-released-torch", [6, 7, 8, 9]),  # the losses themselves
    ],
)
def test_released_windows_part_at_the_first_steps(name: str, first: list[int]) -> None:
    rule = rules.get(name)
    o = rule.encode(rule.options())
    k, c = rule.begin(o, 0.0)
    windows = []
    for loss in [3.0, 1.0, 2.0, 2.0]:
        k, c, _ = rule.step(o, k, c, 0.0, 1.0, loss)
        windows.append(k.omega)
    assert windows == first


def test_released_scripts_see_the_loss_itself_at_each_epochs_first_step() -> None:
    rule = rules.get("dwmgrad-released-cifar10")
    o = rule.encode(rule.options())
    k, _ = rule.begin(o, 0.0)
    signals = []
    for t in range(2 * 391):
        k = rule.shared(o, k, 2.0 + t % 2)
        signals.append(k.s)
    assert (signals[0], signals[391]) == (2, 3) and {abs(s) for s in signals[1:391] + signals[392:]} == {1}


def test_the_stored_window_is_the_recursion_while_the_window_grows() -> None:
    """W4: both are (Σ g²)/(omega_0 + t) until omega reaches delta = 9 at step 4; the next step parts them."""
    rule, stored = rules.get("dwmgrad"), rules.get("dwmgrad-explicit-window")
    o = rule.encode(rule.options(delta=9))
    states = [(*r.begin(o, 1.0), 1.0) for r in (rule, stored)]
    for t, g in enumerate([1.0, 3.0, 2.0, 5.0, 4.0], start=1):
        states = [r.step(o, k, c, x, g, 1.0) for r, (k, c, x) in zip((rule, stored), states, strict=True)]
        assert (states[0][1].G == CLOSE(states[1][1].G, rel=1e-14)) == (t <= 4)  # a few roundings a step
