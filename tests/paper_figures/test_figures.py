"""Every figure: drawn from the committed tables, recomputed in part, and failing clearly when an input is gone."""

import json
import shutil
from pathlib import Path
from types import ModuleType

import matplotlib.text
import numpy as np
import pandas as pd
import pytest

from dwmgrad_ref.errors import BadInput, UnknownName
from paper_figures.lib import build, catalogue, folders, manifest, style, tables
from proofs.ledger import verification

NAMES = build.names()
FIVE = {"potential", "regret_bound", "rosenbrock", "rosenbrock_variants", "window"}


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory):
    """All figures from the committed tables, and the matplotlib objects."""
    out = tmp_path_factory.mktemp("figures")
    return out, {built.name: built for built in build.build(out=out, reuse=True)}


def test_all_figures_are_found():
    assert FIVE <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_writes_its_files_and_a_true_manifest(name, redrawn):
    out, built = redrawn
    told = json.loads((out / f"{name}.manifest.json").read_text(encoding="utf-8"))
    assert {f.name for f in built[name].files} == {*told["outputs"], f"{name}.manifest.json"}
    assert {f"{name}.pdf", f"{name}.png"} < set(told["outputs"])
    for file, sha in told["outputs"].items():
        assert folders.sha256((out / file).read_bytes()) == sha
    assert (out / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    assert b"CreationDate" not in (out / f"{name}.pdf").read_bytes()
    assert told["command"] == f"dwmgrad figures {name} --reuse-data"
    assert len(told["inputs"]) >= len(getattr(build.get(name), "PUBLISHED", ()))
    assert told["versions"]["matplotlib"]


@pytest.mark.parametrize("name", NAMES)
def test_committed_tables_are_small_and_from_a_clean_commit(name):
    told = json.loads(tables.manifest(name).read_text(encoding="utf-8"))
    assert not told["reused"] and len(told["commit"]) == 40  # a dirty commit carries a suffix
    for file in told["outputs"]:
        assert (folders.DATA / file).stat().st_size < 300_000


def test_no_stray_file_among_the_committed_tables():
    listed = {f"{name}.manifest.json" for name in NAMES}
    for name in NAMES:
        listed |= json.loads(tables.manifest(name).read_text(encoding="utf-8"))["outputs"].keys()
    assert {path.name for path in folders.DATA.iterdir()} == listed


@pytest.mark.parametrize("name", NAMES)
def test_a_part_recomputed_agrees_with_the_committed_table(name):
    assert build.check([name], sample=True) == []


@pytest.mark.parametrize("name", NAMES)
def test_axes_are_labelled_and_letters_are_legible(name):
    figure = build.redrawn(name)
    panels = [ax for ax in figure.axes if ax.axison and ax.get_label() != "<colorbar>"]
    for ax in panels:
        assert ax.get_title(loc="left").startswith("("), "every panel has a letter"
        spot = ax.get_subplotspec()
        assert ax.get_xlabel() or not spot.is_last_row(), "the lowest panels carry the horizontal label"
        words = any(t.get_text()[:1].isalpha() for t in ax.get_yticklabels())
        assert ax.get_ylabel() or words or not spot.is_first_col(), "the leftmost panels carry the vertical label"
    assert figure.legends or any(sub.legends for sub in figure.subfigs) or name == "rosenbrock_variants"
    assert figure.get_size_inches()[0] in (style.COLUMN, style.PAGE)
    figure.canvas.draw()
    written = [t for t in figure.findobj(matplotlib.text.Text) if t.get_visible() and t.get_text().strip()]
    assert len(written) > 10
    assert min(t.get_fontsize() for t in written) >= 7


def test_every_method_has_a_look_of_its_own():
    for looks in (style.METHODS, style.CAPS):
        assert len({(look.color, str(look.dashes)) for look in looks.values()}) == len(looks)
        assert len({look.label for look in looks.values()}) == len(looks)
    assert min(v for k, v in style.RC.items() if k.endswith("size") and "width" not in k and "major" not in k) >= 7


def test_the_same_table_gives_the_same_bytes(redrawn, tmp_path):
    out, _ = redrawn
    build.build(["potential"], tmp_path, reuse=True)
    for kind in ("pdf", "png"):
        assert (tmp_path / f"potential.{kind}").read_bytes() == (out / f"potential.{kind}").read_bytes()


def test_an_unknown_figure_names_the_nearest():
    with pytest.raises(UnknownName, match=r"no figure is called 'rosenbroc'; did you mean rosenbrock"):
        build.build(["rosenbroc"])


# --- missing and damaged inputs ------------------------------------------------------------------------------


def test_a_missing_published_curve_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "PUBLISHED", tmp_path / "published")
    for reuse in (True, False):
        with pytest.raises(BadInput, match=r"rosenbrock needs published/rosenbrock_loss.csv, which is missing"):
            build.build(["rosenbrock"], tmp_path, reuse=reuse)
    assert not list(tmp_path.glob("rosenbrock*"))


@pytest.mark.parametrize("gone", ["potential.manifest.json", "potential-curves.csv"])
def test_missing_committed_data_is_named(gone, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "DATA", Path(shutil.copytree(folders.DATA, tmp_path / "data")))
    (tmp_path / "data" / gone).unlink()
    with pytest.raises(BadInput, match=f"committed data of potential is missing: no {gone}"):
        build.build(["potential"], tmp_path / "out", reuse=True)


def test_damaged_committed_data_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "DATA", Path(shutil.copytree(folders.DATA, tmp_path / "data")))
    with open(tmp_path / "data" / "potential-curves.csv", "a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(BadInput, match=r"potential-curves.csv is not what its manifest says"):
        build.build(["potential"], tmp_path / "out", reuse=True)


# --- building, skipping, checking and committing, on a figure of our own ------------------------------------


@pytest.fixture
def parabola(tmp_path, monkeypatch):
    """A figure in a file of its own, whose data() counts its calls, and empty folders."""
    module = ModuleType("fig_parabola")
    calls = []

    def data():
        calls.append(1)
        return pd.DataFrame({"x": [0, 1, 2], "y": [0.0, 1 / 3, 4 / 3]})

    def draw(figure, table):
        figure.subplots().plot(table.x, table.y)

    vars(module).update(SOURCE="us", SIZE=(3.4, 2.0), KEYS=("x",), PUBLISHED=(), data=data, draw=draw, calls=calls)
    vars(module).update(sample=lambda: data().iloc[:1])
    monkeypatch.setattr(build, "_registry", lambda: {"parabola": module})
    monkeypatch.setattr(folders, "DATA", tmp_path / "data")
    return module


def how(out, **options):
    return [built.how for built in build.build(out=out, **options)]


def at_commit(commit, monkeypatch):
    monkeypatch.setattr(manifest, "environment", lambda: {"versions": {}, "python": "", "commit": commit})


def test_computing_is_skipped_only_while_nothing_has_changed(parabola, tmp_path, monkeypatch):
    out = tmp_path / "out"
    at_commit("a" * 40, monkeypatch)
    assert how(out) == ["computed"]
    assert how(out) == ["unchanged"]
    assert how(out, force=True) == ["computed"]
    (out / "parabola.png").write_bytes(b"damaged")
    assert how(out) == ["computed"]
    at_commit("b" * 40, monkeypatch)
    assert how(out) == ["computed"]
    assert how(out) == ["unchanged"]
    (tmp_path / "read.csv").write_text("1\n")
    monkeypatch.setattr(folders, "PUBLISHED", tmp_path)
    parabola.PUBLISHED = ("read.csv",)
    assert how(out) == ["computed"]
    (tmp_path / "read.csv").write_text("2\n")
    assert how(out) == ["computed"]
    (out / "parabola.manifest.json").write_text("{")
    assert how(out) == ["computed"]
    (out / "parabola.csv").unlink()
    assert how(out) == ["computed"]
    assert len(parabola.calls) == 8


@pytest.mark.parametrize("commit", [None, "a" * 40 + "-dirty"])
def test_code_that_no_commit_names_is_computed_anew(commit, parabola, tmp_path, monkeypatch):
    at_commit(commit, monkeypatch)
    assert how(tmp_path) == ["computed"]
    assert how(tmp_path) == ["computed"]


def test_a_change_of_versions_computes_again(parabola, tmp_path, monkeypatch):
    at_commit("a" * 40, monkeypatch)
    assert how(tmp_path / "out") == ["computed"]
    monkeypatch.setattr(manifest, "versions", lambda: {"numpy": "0"})
    assert how(tmp_path / "out") == ["computed"]


def commit_clean(out, monkeypatch, commit="a" * 40):
    at_commit(commit, monkeypatch)
    build.build(out=out, force=True)
    return build.commit(out=out)


def test_committed_tables_are_reused_and_checked(parabola, tmp_path, monkeypatch):
    copied = commit_clean(tmp_path / "out", monkeypatch)
    assert [path.name for path in copied] == ["parabola.csv", "parabola.manifest.json"]
    assert build.check() == [] and build.check(sample=True) == []
    assert how(tmp_path / "again", reuse=True) == ["reused"]
    assert how(tmp_path / "again") == ["computed"], "reused numbers are no reason to skip computing"
    monkeypatch.setattr(parabola, "data", lambda: pd.DataFrame({"x": [0, 1, 2], "y": [0.0, 0.34, 4 / 3]}))
    assert build.check() == ["parabola.csv: 1 of y, first 0.34 now, 0.3333333 committed at x=1.0"]


def test_a_slow_figure_is_computed_when_named_and_redrawn_among_all(parabola, tmp_path, monkeypatch):
    commit_clean(tmp_path / "out", monkeypatch)
    parabola.SLOW = True
    assert how(tmp_path / "all") == ["reused"]
    assert how(tmp_path / "all", chosen=["parabola"]) == ["computed"]
    assert how(tmp_path / "all", force=True) == ["computed"]


@pytest.mark.parametrize("commit", ["a" * 40 + "-dirty", None])
def test_only_numbers_of_a_clean_commit_are_committed(parabola, tmp_path, monkeypatch, commit):
    with pytest.raises(BadInput, match="not computed at a clean commit"):
        commit_clean(tmp_path / "out", monkeypatch, commit)
    assert not (tmp_path / "data").exists()


def test_commit_needs_a_build_first(parabola, tmp_path):
    with pytest.raises(BadInput, match="build it first"):
        build.commit(out=tmp_path)


# --- comparing tables ----------------------------------------------------------------------------------------

THEN = pd.DataFrame({"name": ["a", "b"], "t": [1, 2], "value": [1.0, np.nan]})


def test_equal_tables_and_parts_of_them_agree():
    assert tables.compare(THEN, THEN.copy(), ["name", "t"]) is None
    assert tables.compare(THEN, THEN.iloc[:1], ["name", "t"], part=True) is None
    assert tables.compare(THEN, THEN.assign(value=THEN.value * (1 + 5e-6)), ["name", "t"]) is None


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (THEN.assign(value=[1.0 + 3e-5, np.nan]), "1 of value, first 1.00003 now"),
        (THEN.assign(value=[1.0, 2.0]), "1 of value, first 2.0 now, nan committed"),
        (THEN.assign(t=[1, 3]), "1 of 2 rows are not among the committed ones"),
        (THEN.iloc[:1], "1 rows now, 2 committed"),
        (THEN.rename(columns={"value": "other"}), "columns"),
        (THEN.assign(name="a", t=1), "do not identify a row"),
    ],
)
def test_a_difference_is_told(now, told):
    assert told in tables.compare(THEN, now, ["name", "t"])


# --- what the committed numbers say ---------------------------------------------------------------------------


def test_the_released_options_are_nearest_to_the_published_curve():
    rows = build.table("rosenbrock_variants")
    ours = rows[rows.rule == "dwmgrad"]
    nearest = ours.loc[ours.rms.idxmin()]
    assert (nearest.signal, nearest.delta, nearest.alpha, nearest.omega0) == ("decrease", 15, 1e-3, 5)
    assert nearest.rms < 1, "within the reading error"
    assert ours.loc[ours.rms_slack.idxmin()].name == nearest.name
    paper = ours[(ours.signal == "loss") & (ours.delta == 10) & (ours.alpha == 1e-3) & (ours.omega0 == 5)]
    assert paper.rms.item() > 10
    # All three curves of the image agree that step n shows the loss after n steps, not before.
    best = rows.loc[[nearest.name, *rows.index[rows.rule != "dwmgrad"]]]
    assert (best.rms < best.rms_late).all() and len(best) == 3


def test_regret_stays_below_both_bounds():
    rows = build.table("regret_bound")["equal"]
    assert (rows.regret <= rows.bound).all()
    known = rows[rows.bound_apriori.notna()]
    # The certificate sharpens the a-priori bound; 1e-6 for the seven digits kept.
    assert (known.bound <= known.bound_apriori * (1 + 1e-6)).all()
    # It is known as long as the window has grown at every step, which under the other signals soon ends.
    assert set(known[known.t > 10].signal) == {"loss"}


def test_every_window_was_tuned_on_the_same_grid():
    tuning = build.table("regret_bound")["tuning"]
    grids = tuning.groupby(["problem", "delta", "signal"])[["gamma", "factor"]].apply(
        lambda g: tuple(map(tuple, g.values))
    )
    assert grids.nunique() == 1 and (tuning.groupby(["problem", "delta", "signal"]).chosen.sum() == 1).all()
    tuning = build.table("rosenbrock")["tuning"]
    assert tuning.groupby("method").alpha.apply(tuple).nunique() == 1
    assert (tuning.groupby("method").chosen.sum() == 1).all()


def test_the_condition_breaks_right_after_the_cap_and_never_without_one():
    breaks = build.table("potential")["breaks"]
    sqrt, constant = (breaks[breaks.schedule == s] for s in ("sqrt", "constant"))
    assert sqrt[np.isinf(sqrt.delta)].violating_steps.eq(0).all()
    capped = sqrt[np.isfinite(sqrt.delta)]
    # h_t >= h_{t-1} holds for every gradient while omega_t >= t; whether it breaks at once is up to the gradients.
    assert (capped.first_violation > capped.delta).all() and (capped.first_violation <= capped.delta + 2).all()
    assert constant.first_violation.eq(2).all()


def test_every_run_ends_where_the_failure_region_says():
    tables = build.table("failure_region")
    runs = tables["runs"].merge(tables["boundary"], on=["delta", "k"])
    assert len(runs) == len(tables["runs"]) and set(runs.fails) == {0, 1}
    assert ((runs.C < runs.C_bar) == (runs.fails == 1)).all() and (runs.C > runs.k - 1).all()


def test_lcam_grows_only_beyond_the_common_lyapunov_function():
    tables = build.table("lcam_stability")
    limits = tables["limits"].set_index("limit").alpha_lambda
    assert limits.is_monotonic_increasing and limits.low == 3.8
    assert limits.common == pytest.approx(2 / 9 * (2 + 3.7**0.5) ** 2, rel=1e-6)  # R9b; seven digits are kept
    free, own = tables["free"], tables["own"]
    assert free.a[free.worst > 0].min() > limits.word and (free.worst[free.a < limits.word] < 0).all()
    # A grid of 0.001 around R9e's 3.73; its own switching can do no worse than the worst of all orders.
    assert own.a[own.rate > 0].min() > limits.word and (own.rate[(own.a == 3.73) & (own.epoch == 5)] > 0).all()


def test_the_second_moment_falls_as_often_as_the_ledger_says():
    rows = build.table("adamomentum_assumption")
    told = verification.expected()["R8c"]["checks"]["R8c.measured"]["witness"]
    at = rows[rows.steps == 5000].set_index(["problem", "alpha"])
    for setting, shares in told.items():
        problem, alpha = setting.split(", alpha ")
        # The ledger keeps three decimals.
        assert at.v[problem, float(alpha)] == pytest.approx(shares["v"], abs=5.1e-4)
        assert at.h[problem, float(alpha)] == pytest.approx(shares["h"], abs=5.1e-4)
    assert (at.h <= at.v).all(), "√v_t/alpha_t falls only where v_t does"


# --- captions and reading at column width ----------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_caption_stands_beside_every_figure(name, redrawn):
    out, built = redrawn
    told, text = catalogue.words()[name], (out / f"{name}.caption.md").read_text(encoding="utf-8")
    assert out / f"{name}.caption.md" in built[name].files and text.startswith(f"# {told['title']}\n")
    assert all(told[part] in text for part in ("shows", "published", "better", "worse"))


@pytest.mark.parametrize("name", NAMES)
def test_titles_fit_and_no_legend_covers_a_text_or_another_axes(name):
    """At the size of print: a title stays inside the figure and clear of the next one; a figure's legend is clear."""
    figure = build.redrawn(name)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    width, pixel = figure.bbox.width, 1.0
    titles = [t.get_window_extent(renderer) for ax in figure.axes for t in (ax.title, ax._left_title) if t.get_text()]
    assert all(box.x0 >= -pixel and box.x1 <= width + pixel for box in titles), "a title leaves the figure"
    for n, box in enumerate(titles):
        assert not any(_overlap(box, other) for other in titles[:n]), "two titles overlap"
    labels = [ax.xaxis.label.get_window_extent(renderer) for ax in figure.axes if ax.get_xlabel()]
    assert all(box.x0 >= -pixel and box.x1 <= width + pixel for box in labels), "a label leaves the figure"
    for legend in figure.legends:
        box = legend.get_window_extent(renderer)
        assert box.x0 >= -pixel and box.x1 <= width + pixel, "a legend leaves the figure"
        assert not any(_overlap(box, ax.get_window_extent(renderer)) for ax in figure.axes), "a legend covers an axes"


def _overlap(a, b) -> bool:
    """Whether two boxes share more than a pixel in both directions."""
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1


@pytest.mark.parametrize("name", NAMES)
def test_no_two_methods_of_an_axes_look_alike(name):
    """Two labelled curves of one axes differ in colour, dashes or marker."""
    for ax in build.redrawn(name).axes:
        looks: dict[tuple, str] = {}
        for line in ax.get_lines():
            label = str(line.get_label())
            if not label.startswith("_") and len(line.get_xdata()):  # a line without data only stands in a legend
                look = (str(line.get_color()), str(line._dash_pattern), str(line.get_marker()))  # type: ignore[attr-defined]
                assert looks.setdefault(look, label) == label, f"{label} looks like {looks[look]}"
