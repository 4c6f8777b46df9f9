"""The plot of a run shows what the trace holds."""

import numpy as np
import pytest

from dwmgrad_ref import NonFinite, Trace, run
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.plot import COLOURS, plot, save


@pytest.fixture(scope="module")
def trace() -> Trace:
    return run("dwmgrad", "quadratic-diagonal", 300)


def panel(figure, title):
    return next(axes for axes in figure.axes if title in axes.get_title(loc="left"))


def curves(axes) -> list[np.ndarray]:
    return [line.get_ydata() for line in axes.lines if len(line.get_ydata()) > 2]


def test_regret_and_bound_are_the_columns(trace):
    axes = panel(plot(trace), "regret")
    regret, bound = curves(axes)
    np.testing.assert_array_equal(regret, trace.frame["regret"])
    np.testing.assert_array_equal(bound, trace.frame["bound"])
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["regret", "bound, a posteriori"]


def test_negative_regret_is_left_out_of_a_log_scale(trace):
    frame = trace.frame.assign(regret=-1.0)
    assert np.isnan(curves(panel(plot(Trace(frame, trace.meta)), "regret"))[0]).all()


def test_the_first_violation_is_marked(trace):
    (mark,) = [line for line in panel(plot(trace), "potential").lines if len(line.get_xdata()) == 2]
    assert mark.get_xdata()[0] == trace.final["first_violation"]
    never = run("sgd", "quadratic-diagonal", 50)
    assert not [line for line in panel(plot(never), "potential").lines if len(line.get_xdata()) == 2]


@pytest.mark.parametrize(
    ("rule", "panels"),
    [("heavy-ball", ["momentum"]), ("dwmgrad", ["window and momentum", ""]), ("sgd", []), ("adam", [])],
)
def test_only_what_was_observed_has_a_panel(rule, panels):
    """Adam and plain descent have no heavy-ball momentum, and a flat panel of 0 would say that they have."""
    bare = plot(run(rule, "quadratic-diagonal", 50, observe=["window"]))
    assert [axes.get_title(loc="left") for axes in bare.axes] == ["loss", *panels]


def test_runs_side_by_side_have_colours_and_names(trace):
    figure = plot({"one": trace, "two": run("adam", "quadratic-diagonal", 300)})
    assert [line.get_color() for line in panel(figure, "potential").lines if len(line.get_xdata()) > 2] == [
        *COLOURS[:2]
    ]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "two"]


def test_no_row_no_plot():
    with pytest.raises(NonFinite) as stopped:
        run("sgd", "rosenbrock", 9, alpha=1e200, grid=9)
    with pytest.raises(BadInput, match="nothing to draw"):
        plot(stopped.value.trace)


def test_saved_files_are_what_their_suffix_says(trace, tmp_path):
    pdf, png = save(plot(trace), tmp_path / "trace.parquet")
    assert (pdf.name, png.name) == ("trace.pdf", "trace.png")
    assert pdf.read_bytes().startswith(b"%PDF") and png.read_bytes().startswith(b"\x89PNG")
