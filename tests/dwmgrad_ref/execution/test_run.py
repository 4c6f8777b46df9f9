"""Runs from the outside: what bad input gets, interruption and resumption, files that are whole or absent."""

import errno
import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.audit import rule_audit
from dwmgrad_ref import NonFinite, load, problems, rules, run, run_many
from dwmgrad_ref.errors import BadInput, BadOption, TraceError, UnknownName
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.rules.base import Source


def ramp(A, b, c, t, x, g):
    """f_t(x) = x_0 + x_1, until the gradient of coordinate 1 becomes c[0] at step 5."""
    g[0] = 1.0
    g[1] = c[0] if t == 5 else 1.0
    return c[1] if t == 5 else x[0] + x[1]


def failing(gradient: float, loss: float) -> Problem:
    best = lambda T, total: problems.base.Best(np.full(2, -1.0), -2.0 * T)  # noqa: E731
    return Problem(
        name="failing", title="fails at step 5", source=Source("none", ""), kind="online", kernel=ramp,
        x0=np.zeros(2), c=np.array([gradient, loss]), box=(-1.0, 1.0), best=best,
    )  # fmt: skip


@pytest.mark.parametrize("gradient, loss, coordinate", [(np.nan, 0.0, 1), (np.inf, 0.0, 1), (1.0, -np.inf, 0)])
@pytest.mark.parametrize("grid", [1, 3, "log"])
def test_non_finite_stops_with_step_coordinate_and_values(gradient, loss, coordinate, grid):
    with pytest.raises(NonFinite, match="stopped before step 5") as caught:
        run("dwmgrad", failing(gradient, loss), 1000, grid=grid, alpha=0.5)
    trace = caught.value.trace
    assert (trace.stopped["step"], trace.stopped["coordinate"]) == (5, coordinate)
    assert trace.stopped["gradient"] == repr(gradient) and trace.stopped["loss"] == repr(loss)
    healthy = run("dwmgrad", failing(1.0, 0.0), 1000, grid=grid, alpha=0.5)
    kept = healthy.frame[healthy.frame["t"] < 5]
    pd.testing.assert_frame_equal(trace.frame, kept, check_exact=True)


def test_run_many_keeps_diverged_runs_and_order():
    jobs = [{"rule": "dwmgrad", "problem": failing(g, 0.0), "steps": 8, "alpha": 0.1} for g in (1.0, np.nan, 2.0)]
    traces = run_many(jobs, workers=2)
    assert [t.stopped is None for t in traces] == [True, False, True]
    alone = run("dwmgrad", failing(2.0, 0.0), 8, alpha=0.1)
    pd.testing.assert_frame_equal(traces[2].frame, alone.frame, check_exact=True)


@pytest.mark.parametrize("steps", [0, -5, 2.5, float("nan"), float("inf"), True])
def test_bad_steps(steps):
    with pytest.raises(BadInput, match="steps=.*whole number"):
        run("dwmgrad", "periodic", steps)


@pytest.mark.parametrize(
    "start, complaint",
    [
        (np.array([0]), "dtype int"),
        (np.zeros(2), r"shape \(2,\)"),
        (np.array([np.nan]), "not finite"),
        (np.array([1.5]), "outside the domain"),
        (np.zeros((1, 1)), "shape"),
    ],
)
def test_bad_start(start, complaint):
    with pytest.raises(BadInput, match=complaint):
        run("dwmgrad", "periodic", 5, start=start)


@pytest.mark.parametrize("grid", [0, -1, [3, 2], [0, 1], [1, 99], [], [1.5], "linear"])
def test_bad_grid(grid):
    with pytest.raises(BadInput, match="grid"):
        run("dwmgrad", "periodic", 10, grid=grid)


@pytest.mark.parametrize(
    "option, value, named",
    [
        ("alpha", 0, "alpha=0"), ("alpha", -1.0, "alpha=-1.0"), ("alpha", float("nan"), "alpha=nan"),
        ("delta", 0.5, "delta=0.5"), ("omega0", 11, "omega0=11"), ("gamma", 1.0, "gamma=1.0"),
        ("gamma", -0.1, "gamma=-0.1"), ("eps", -1e-9, "eps=-1e-09"), ("signal", "los", "signal='los'"),
    ],
)  # fmt: skip
def test_bad_options_name_value_and_range(option, value, named):
    with pytest.raises(BadOption) as caught:
        run("dwmgrad", "periodic", 5, **{option: value})
    assert named in str(caught.value) and "not allowed" in str(caught.value)


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(UnknownName, match="did you mean dwmgrad"):
        run("dwmgard", "periodic", 5)
    with pytest.raises(UnknownName, match="did you mean periodic"):
        run("dwmgrad", "periodical", 5)
    with pytest.raises(UnknownName, match="did you mean gamma"):
        run("dwmgrad", "periodic", 5, gama=0.5)
    with pytest.raises(UnknownName, match="did you mean condition"):
        problems.get("quadratic-dense", conditon=3)
    with pytest.raises(BadOption, match="condition=0.5"):
        problems.get("quadratic-dense", condition=0.5)


def test_rule_from_a_file(tmp_path):
    """A user's own file runs like ours: a sign-descent rule written outside the package."""
    file = tmp_path / "my_rule.py"
    file.write_text("""
from typing import Any, NamedTuple
from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Potential, Rule, Source, StepSize

class Options(NamedTuple):
    alpha: StepSize = 0.5

class Shared(NamedTuple):
    t: float

class Coord(NamedTuple):
    g: float

def start(o): return Shared(t=0)
def shared(o, k, loss): return Shared(t=k.t + 1)
def coord(o, k, c, x, g): return Coord(g=g), x - o.alpha * g / ops.absolute(g)
def potential(o, k, c): return Potential(h=ops.absolute(c.g) / o.alpha, damp=1 + 0 * c.g, shift=0 * c.g)

RULE = Rule("mine", "sign descent", Source("mine", ""), Options, Shared, Coord, start, shared, coord, potential)
""")
    frame = run(rules.load(file), "quadratic-diagonal", 2, ("iterate",), grid=1).frame
    assert frame["theta_0"].tolist() == [1.0, 0.5]
    file.write_text("x = 1")
    with pytest.raises(BadInput, match="defines 0 rules"):
        rules.load(file)
    with pytest.raises(BadInput, match="not a file"):
        rules.load(tmp_path / "absent.py")


class Stop(Exception):
    pass


@pytest.mark.parametrize("problem, options", [("quadratic-dense", {"alpha": 0.01}), ("periodic", {"alpha": 0.3})])
def test_interrupted_run_resumes_bit_for_bit(tmp_path, problem, options):
    """Interrupted again and again, wherever the clock cuts it, the trace is the uninterrupted one to the last bit."""
    path = tmp_path / "run.checkpoint"
    whole = run("dwmgrad", problem, 3_000_000, **options)
    interruptions = 0
    while True:
        calls = 0

        def interrupt(done, steps):
            nonlocal calls
            calls += 1
            if done < steps and calls > 40:
                raise Stop

        try:
            pieces = run("dwmgrad", problem, 3_000_000, checkpoint=path, checkpoint_seconds=0, progress=interrupt,
                         **options)  # fmt: skip
            break
        except Stop:
            interruptions += 1
            assert path.exists()
    assert interruptions >= 2
    pd.testing.assert_frame_equal(pieces.frame, whole.frame, check_exact=True)
    again = run("dwmgrad", problem, 3_000_000, checkpoint=path, **options)  # left behind: a failed save loses nothing
    pd.testing.assert_frame_equal(again.frame, whole.frame, check_exact=True)


def test_the_run_that_learns_the_comparator_can_be_stopped_and_changes_nothing():
    """`linear-adversarial` has no closed form for its best fixed point: a first run sums the gradients."""
    calls = []

    def stop(done, steps):
        calls.append((done, steps))
        raise Stop

    with pytest.raises(Stop):
        run("sgd", "linear-adversarial", 3_000_000, progress=stop)
    assert calls == [(0, 3_000_000)]
    seen = run("sgd", "linear-adversarial", 150_000, progress=lambda done, steps: None)
    pd.testing.assert_frame_equal(seen.frame, run("sgd", "linear-adversarial", 150_000).frame, check_exact=True)


def checkpointed(path):
    def stop(done, steps):
        if path.exists():
            raise Stop

    with pytest.raises(Stop):
        run("dwmgrad", "periodic", 5000, checkpoint=path, checkpoint_seconds=0, progress=stop)
    return path


def test_checkpoint_of_another_run_is_refused(tmp_path):
    path = checkpointed(tmp_path / "c")
    with pytest.raises(TraceError, match=r"another run \(options: .*'alpha': 0.001.*'alpha': 0.5"):
        run("dwmgrad", "periodic", 5000, checkpoint=path, alpha=0.5)


def long() -> Problem:
    return problems.get("quadratic-diagonal", d=2000)


def slopes(b: list[float]) -> Problem:
    return rule_audit.gradient_stream(np.array(b))


EVEN = np.arange(2, 3001, 2)
ONE, OTHER = (np.tile(four, 500) for four in ([1.0, 2.0, 2.0, 1.0], [1.0, 2.0, 1.0, 2.0]))
ALIKE = {  # two runs that agree in the length, the ends and the sum of what differs
    "grid": (({"grid": EVEN}, {"grid": np.where(EVEN == 8, 7, EVEN)}), (long(), long())),
    "start": (({"start": ONE}, {"start": OTHER}), (long(), long())),
    "comparator": (({"comparator": ONE}, {"comparator": OTHER}), (long(), long())),
    "losses": (
        ({"comparator": np.zeros(1), "observe": ["step-size"]},) * 2,
        (slopes([1.0, 2.0, -3.0, 1.0] * 750), slopes([1.0, -3.0, 2.0, 1.0] * 750)),
    ),
}


@pytest.mark.parametrize("what", ALIKE)
def test_a_checkpoint_is_of_one_run_only(tmp_path, what):
    """Every value of the grid, the start, the comparator and the losses' data is compared."""
    (options, others), (problem, other) = ALIKE[what]
    for _ in range(2):  # the same run goes on from it
        run("dwmgrad", problem, 3000, checkpoint=tmp_path / "c", checkpoint_seconds=0, **options)
    with pytest.raises(TraceError, match="another run"):
        run("dwmgrad", other, 3000, checkpoint=tmp_path / "c", **others)


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.99])
def test_cut_checkpoint_is_detected(tmp_path, keep):
    path = checkpointed(tmp_path / "c")
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(TraceError, match="cut, damaged"):
        run("dwmgrad", "periodic", 5000, checkpoint=path)


def test_trace_round_trip(tmp_path):
    trace = run("dwmgrad", "quadratic-dense", 500, alpha=0.02)
    again = load(trace.save(tmp_path / "deep" / "t.parquet"))
    pd.testing.assert_frame_equal(again.frame, trace.frame, check_exact=True)
    assert again.meta == trace.meta
    assert again.meta["options"]["alpha"] == 0.02
    assert {"rule", "problem", "parameters", "steps", "environment", "result_version", "comparator"} <= set(again.meta)
    assert again.meta["environment"]["versions"]["numpy"] == np.__version__


@pytest.mark.parametrize("keep", [0.0, 0.25, 0.5, 0.9, 0.999])
def test_cut_trace_is_never_read(tmp_path, keep):
    path = run("dwmgrad", "periodic", 2000).save(tmp_path / "t.parquet")
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(TraceError, match="cut, damaged"):
        load(path)


def test_changed_trace_is_detected(tmp_path):
    """One value changed by one ulp and written back with the old provenance: the checksum disagrees."""
    trace = run("dwmgrad", "periodic", 50)
    path = trace.save(tmp_path / "t.parquet")
    import pyarrow.parquet as pq

    metadata = pq.read_schema(path).metadata
    frame = trace.frame.copy()
    frame.loc[3, "loss"] = np.nextafter(frame.loc[3, "loss"], 9)
    import pyarrow as pa

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(metadata), path)
    with pytest.raises(TraceError, match="checksum"):
        load(path)
    with pytest.raises(TraceError, match="no trace at"):
        load(tmp_path / "absent.parquet")


def test_full_disk_leaves_the_last_complete_file(tmp_path, monkeypatch):
    trace = run("dwmgrad", "periodic", 50)
    path = trace.save(tmp_path / "t.parquet")
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace(trace, meta={**trace.meta, "note": "second"}).save(path)
    assert path.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir()] == ["t.parquet"]


def test_full_disk_during_a_run_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    path = checkpointed(tmp_path / "c")
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        run("dwmgrad", "periodic", 5000, checkpoint=path, checkpoint_seconds=0)
    assert path.read_bytes() == before


def test_options_are_what_the_trace_says():
    trace = run("dwmgrad", "periodic", 5, signal="decrease", delta=float("inf"))
    assert trace.meta["options"]["signal"] == "decrease"
    assert trace.meta["options"]["delta"] == float("inf")
