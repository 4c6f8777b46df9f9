"""The command line from the outside: what it prints, writes and returns, and what bad input gets."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dwmgrad_ref
from dwmgrad_ref import cli, formula, load, observers, problems, rules, run
from dwmgrad_ref.cli import progress as live
from dwmgrad_ref.execution import runner
from dwmgrad_ref.terminal import command_line
from paper_figures.lib import build
from tests.source_tree import ROOT

MAIN = "from dwmgrad_ref.cli import main; raise SystemExit(main())"
MY_RULE = Path(dwmgrad_ref.__file__).parent / "rules" / "sgd.py"


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def dwmgrad(capsys):
    """Run a command line; gives exit status, stdout and stderr."""

    def call(line: str) -> tuple[int, str, str]:
        status = cli.main(line.split())
        return status, *capsys.readouterr()

    return call


def child(code: str, *words: str) -> subprocess.Popen[str]:
    """A Python process of its own that runs the code with these words as its command line."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code, *words], stdout=-1, stderr=-1, text=True, env=variables)


# --- what works ------------------------------------------------------------------------------------------------


LINES = (
    "run --problem quadratic-diagonal --steps 300",
    "run --problem quadratic-diagonal --rule dwmgrad --signal increase --delta inf --no-reset --steps 300",
    "run --problem quadratic-dense:d=3,seed=2 --rule lcam --grid 7 --steps 50 --observe regret --observe iterate",
    "run --problem periodic --rule adam:alpha=0.1,beta1=0.5 --rule sgd --schedule sqrt --steps 100 --grid 1,10,50",
    "run --problem quadratic-dense --rule adagrad --seeds 2 --steps 60",
    "run --problem quadratic-diagonal --rule sgd --alpha 0.30000000000000004 --steps 60",
)


def written(out: str) -> list[Path]:
    return [Path(name) for name in re.findall(r"runs/\S+\.parquet", out)]


@pytest.mark.parametrize("line", LINES)
def test_what_a_run_prints_makes_it_again(dwmgrad, line):
    """Both lines printed after a run, the command and the Python one, give its traces bit for bit."""
    status, out, _ = dwmgrad(line)
    assert status == 0
    first = {path: load(path).frame for path in written(out)}
    command = next(row for row in out.splitlines() if row.startswith("dwmgrad run"))
    for path in first:
        path.unlink()
    again = dwmgrad(command.removeprefix("dwmgrad "))[1]
    assert written(again) == list(first)
    assert all(load(path).frame.equals(frame) for path, frame in first.items())

    scope: dict = {}
    exec(out[out.index("from dwmgrad_ref") :], scope)
    frames = [trace.frame for trace in scope.get("traces") or [scope["trace"]]]
    assert all(mine.equals(frame) for mine, frame in zip(frames, first.values(), strict=True))


def test_summary_says_what_the_trace_holds(dwmgrad):
    status, out, _ = dwmgrad("run --problem quadratic-diagonal --steps 500 --json -")
    (record,) = json.loads(out)
    last = run("dwmgrad", "quadratic-diagonal", 500).final
    told = record["summary"]
    assert status == 0 and record["options"]["epoch"] == "inf"
    for name in ("loss", "regret", "bound", "first_violation", "window", "momentum"):
        assert told[name] == last[name]
    assert told["slack"] == last["bound"] - last["regret"]
    assert told["regret_per_step"] == last["regret"] / 500
    assert told["gap"] == last["loss"]  # f* = 0
    assert told["bound_apriori"] is None  # nan, which JSON lacks


def test_effective_step_is_over_the_whole_run(dwmgrad):
    _, out, _ = dwmgrad("run --problem quadratic-diagonal --steps 500 --json -")
    frame = run("dwmgrad", "quadratic-diagonal", 500).frame
    assert json.loads(out)[0]["summary"]["step_max"] == frame["step_max"].max()
    assert json.loads(out)[0]["summary"]["step_min"] == frame["step_min"].min()


def test_never_violated_is_said(dwmgrad):
    _, out, _ = dwmgrad("run --problem quadratic-diagonal --rule sgd --steps 50")
    assert re.search(r"first step with h falling +never", out)


def test_plot_is_written_beside_the_trace(dwmgrad):
    _, out, _ = dwmgrad("run --problem periodic --steps 50 --plot --out here/trace.parquet")
    assert sorted(p.name for p in Path("here").iterdir()) == ["trace.parquet", "trace.pdf", "trace.png"]
    assert all(name in out for name in ("here/trace.pdf", "here/trace.png"))


def test_quiet_prints_nothing(dwmgrad):
    assert dwmgrad("run --problem periodic --steps 50 --quiet") == (0, "", "")


def test_side_by_side_and_many(dwmgrad):
    _, two, _ = dwmgrad("run --problem periodic -r adam -r sgd --steps 50")
    assert re.search(r"adam +sgd", two)
    _, five, _ = dwmgrad("run --problem quadratic-dense -r adam --seeds 5 --steps 50")
    assert all(re.search(rf"^adam seed={seed} ", five, re.M) for seed in range(5))


def test_an_option_that_one_rule_lacks_is_told(dwmgrad):
    status, _, error = dwmgrad("run --problem periodic -r adam -r lcam --schedule sqrt --steps 50")
    assert status == 0 and "lcam has no --schedule" in error


def test_a_rule_from_a_file(dwmgrad):
    Path("mine.py").write_text(MY_RULE.read_text().replace('name="sgd"', 'name="mine"'))
    status, out, _ = dwmgrad("run --problem quadratic-diagonal --rule mine.py --alpha 0.5 --steps 50")
    assert status == 0 and 'run("mine.py", "quadratic-diagonal", 50' in out
    assert load(written(out)[0]).frame.equals(run("sgd", "quadratic-diagonal", 50, alpha=0.5).frame)
    assert dwmgrad("show mine.py")[0] == 0


def test_list_names_everything_on_a_line_with_its_source(dwmgrad):
    lines = dwmgrad("list")[1].splitlines()
    known = [rules.get(name) for name in rules.names()] + problems.families()
    for item in known:
        assert sum(row.startswith(f"{item.name} ") and f"[{item.source.key}]" in row for row in lines) == 1
    assert all(any(row.startswith(name) for row in lines) for name in observers.names())


def test_listing_imports_nothing_slow():
    code = (
        "import sys; from dwmgrad_ref.cli import main; main(['list'])\n"
        "slow = {'numba', 'pandas', 'sympy', 'matplotlib', 'sklearn', 'scipy', 'torch'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    process = child(code)
    assert process.communicate()[1] == "" and process.returncode == 0


def test_the_installed_command_is_this_one():
    process = child(MAIN, "--help")
    assert all(name in process.communicate()[0] for name in ("run", "list", "show", "trace", "figures", "reproduce"))
    assert process.returncode == 0


@pytest.mark.parametrize("name", rules.names())
def test_show_lists_each_option_with_its_default(dwmgrad, name):
    status, out, _ = dwmgrad(f"show {name}")
    assert status == 0 and f"[{rules.get(name).source.key}]" in out
    for option, value in rules.get(name).options()._asdict().items():
        assert re.search(rf"^--{option.replace('_', '-')} +{re.escape(str(value))} ", out, re.M)


@pytest.mark.parametrize("family", [f for f in problems.families() if not f.data], ids=lambda f: f.name)
def test_show_problem(dwmgrad, family):
    status, out, _ = dwmgrad(f"show {family.name}")
    assert status == 0 and f"[{family.source.key}]" in out
    assert all(re.search(rf"^{name} ", out, re.M) for name in family.parameters)


def test_show_prints_the_formula_that_the_options_choose(dwmgrad):
    line = "show dwmgrad --signal increase --schedule sqrt"
    assert formula.pretty("dwmgrad", signal="increase", schedule="sqrt") in dwmgrad(line)[1]
    assert dwmgrad(f"{line} --latex")[1].strip() == formula.latex("dwmgrad", signal="increase", schedule="sqrt")


def test_show_takes_parameters_and_options(dwmgrad):
    assert re.search(r"dimension d +3", dwmgrad("show quadratic-dense:d=3")[1])
    assert re.search(r"--alpha +0.5 ", dwmgrad("show adam --alpha 0.5")[1])
    assert dwmgrad("show adam:alpha=0.5") == dwmgrad("show adam --alpha 0.5")


def test_help_teaches_the_options_of_the_rule_named(dwmgrad):
    _, out, _ = dwmgrad("run --problem periodic --rule lcam --help")
    assert "Options of lcam" in out and "--below" in out and "--delta" not in out
    _, out, _ = dwmgrad("run --help")
    assert "Options of dwmgrad" in out and "--delta" in out


def test_trace_summarizes_and_compares(dwmgrad):
    dwmgrad("run --problem periodic --steps 50 --out a.parquet --quiet")
    dwmgrad("run --problem periodic -r adam --steps 50 --out b.parquet --quiet")
    status, out, _ = dwmgrad("trace a.parquet b.parquet")
    assert status == 0 and "alpha=0.001" in out and "50 of 50" in out


@pytest.mark.parametrize(
    ("flags", "told"),
    [("", {"reuse": False, "force": False}), ("--reuse-data", {"reuse": True, "force": False}),
     ("--force", {"reuse": False, "force": True})],
)  # fmt: skip
def test_figures_hands_on_what_it_is_told(dwmgrad, monkeypatch, flags, told):
    calls = []
    built = [build.Built("rosenbrock", "computed", (Path("there/rosenbrock.pdf"),), 1.0)]
    monkeypatch.setattr(build, "build", lambda names, out, **how: calls.append((list(names), out, how)) or built)
    status, out, _ = dwmgrad(f"figures rosenbrock --out there {flags}")
    assert status == 0 and "there/rosenbrock.pdf" in out
    (names, folder, how) = calls[0]
    assert (names, folder) == (["rosenbrock"], Path("there")) and told.items() <= how.items()


def test_figures_that_differ_fail(dwmgrad, monkeypatch):
    monkeypatch.setattr(build, "check", lambda names, progress: ["rosenbrock.csv: 3 values of loss differ"])
    status, _, error = dwmgrad("figures --check")
    assert status == 1 and "3 values of loss differ" in error


# --- interruption ------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def heard():
    """Ctrl-C as in a terminal; a suite started in the background inherits it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_resumes_bit_for_bit(dwmgrad, monkeypatch):
    """Interrupted at every tenth progress report, the same line finishes with the uninterrupted trace."""
    monkeypatch.setattr(runner, "SLICE", 1e-3)
    reports, update = [], live.Progress.update

    def interrupting(self, *arguments, **how):
        update(self, *arguments, **how)
        reports.append(1)
        if len(reports) % 10 == 0:
            os.kill(os.getpid(), signal.SIGINT)
            while signal.getsignal(signal.SIGINT) is not signal.default_int_handler:  # until it has come
                time.sleep(0.001)

    monkeypatch.setattr(live.Progress, "update", interrupting)
    statuses = []
    while not statuses or statuses[-1] == 130 and len(statuses) < 1000:
        status, _, error = dwmgrad("run --problem quadratic-diagonal --steps 1e6 --out t.parquet")
        statuses.append(status)
        assert status == 0 or "The same command goes on from there" in error
        assert Path("t.checkpoint.npz").exists() == (status == 130)
    assert statuses[-1] == 0 and statuses.count(130) >= 2
    assert load("t.parquet").frame.equals(run("dwmgrad", "quadratic-diagonal", 1e6).frame)


WAITING = """
import signal, sys, time
from dwmgrad_ref import cli
from dwmgrad_ref.cli import progress

def wait(self, *arguments, **how):  # instead of the bar's update: say so, then wait for the signal to have come
    print("stepping", file=sys.stderr, flush=True)
    while signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        time.sleep(0.01)

signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite started in the background ignores it
progress.Progress.update = wait
sys.exit(cli.main(sys.argv[1:]))
"""


def test_a_signal_from_outside_stops_and_the_same_line_goes_on():
    line = "run --problem quadratic-diagonal --steps 1e5 --out t.parquet".split()
    first = child(WAITING, *line)
    while first.stderr.readline() != "stepping\n":
        assert first.poll() is None
    first.send_signal(signal.SIGINT)
    _, error = first.communicate()
    assert first.returncode == 130 and "Traceback" not in error and not Path("t.parquet").exists()
    second = child(MAIN, *line)
    assert "Going on from" in second.communicate()[1] and second.returncode == 0
    assert load("t.parquet").frame.equals(run("dwmgrad", "quadratic-diagonal", 1e5).frame)


def test_several_runs_stop_together(dwmgrad, monkeypatch):
    monkeypatch.setattr(runner, "SLICE", 1e-3)
    reports = []

    def interrupting_once(*_, **__):
        reports.append(1)
        if len(reports) == 20:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(live.Progress, "update", interrupting_once)
    status, _, error = dwmgrad("run --problem quadratic-diagonal -r adam -r sgd -r dwmgrad --steps 1e8")
    kept = {str(path) for path in Path("runs").iterdir()}
    assert status == 130 and kept == set(re.findall(r"runs/\S+npz", error)) and kept
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# --- bad input -----------------------------------------------------------------------------------------------------


BAD = {
    "run --problem periodc": "did you mean periodic",
    "run --problem periodic --rule dwmgard": "did you mean dwmgrad",
    "run --problem periodic --observe regrets": "did you mean regret",
    "run --problem periodic --alpah 1": "--alpha",
    "run --problem periodic --rule adam:alpah=1": "did you mean alpha",
    "run --problem quadratic-dense:dd=5": "did you mean d",
    "run --problem quadratic-dense:d": "NAME:key=value",
    "run --problem quadratic-dense:d=0": "d=0",
    "run --problem quadratic-dense:d=three": "d='three'",
    "run --problem periodic --seeds 2": "no parameter of periodic is called 'seed'",
    "run --problem periodic --steps 0": "steps=0.0",
    "run --problem periodic --steps -5": "steps=-5.0",
    "run --problem periodic --steps 1.5": "steps=1.5",
    "run --problem periodic --steps nan": "steps=nan",
    "run --problem periodic --steps inf": "steps=inf",
    "run --problem periodic --steps many": "'many' is not a number",
    "run --problem periodic --alpha much": "'much' is not a number",
    "run --problem periodic --grid 0": "grid=0",
    "run --problem periodic --grid often": "grid='often'",
    "run --problem periodic --grid 5,2": "increasing",
    "run --problem periodic --grid 1,10 --steps 5": "within 1..5",
    "run --problem periodic --alpha 0": "alpha=0.0 is not allowed; it must lie in (0, inf)",
    "run --problem periodic --alpha -1": "alpha=-1.0 is not allowed; it must lie in (0, inf)",
    "run --problem periodic --alpha nan": "alpha=nan is not allowed",
    "run --problem periodic --delta 0.5": "delta=0.5 is not allowed; it must lie in [1, inf]",
    "run --problem periodic --omega0 11": "omega0=11 is not allowed; it must lie in [0, delta=10]",
    "run --problem periodic --gamma 1": "gamma=1.0 is not allowed; it must lie in [0, 1)",
    "run --problem periodic --gamma -0.1": "gamma=-0.1 is not allowed",
    "run --problem periodic --eps -1e-9": "eps=-1e-09 is not allowed; it must lie in [0, inf)",
    "run --problem periodic --signal rise": "be one of loss, increase, decrease",
    "run --problem periodic --rule nowhere.py": "nowhere.py is not a file",
    "run --problem periodic -r adam -r sgd --checkpoint c": "several runs",
    "show nothing-like-it": "no rule or problem is called",
    "show adam:d=3": "no option of adam is called 'd'",
    "run periodic": "Missing option '--problem'",
    "run --problem periodic --set d=5": "No such option: --set",
    "list figures": "figures",
    "figures rosenbruck": "did you mean rosenbrock",
    "": "Usage",
    "swim": "swim",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_input_is_said_and_exits_2(dwmgrad, line):
    status, out, error = dwmgrad(line)
    told = " ".join((out + error).replace("│", " ").split())
    assert status == 2 and BAD[line] in told and "Traceback" not in told
    assert not list(Path().iterdir()), "bad input leaves nothing behind"


def test_a_loss_that_is_not_finite_keeps_the_trace(dwmgrad):
    status, _, error = dwmgrad("run --problem rosenbrock --rule sgd --alpha 1 --steps 1000 --out t.parquet")
    stopped = load("t.parquet").stopped
    assert status == 1 and f"stopped before step {stopped['step']}" in error and "t.parquet" in error
    assert load("t.parquet").final["t"] < stopped["step"]


def test_a_run_that_stopped_for_good_leaves_no_checkpoint(dwmgrad, monkeypatch):
    def stopping(*_, **__):
        raise live.Stopped

    line = "run --problem rosenbrock --rule sgd --alpha 1 --steps 1000 --out t.parquet"
    with monkeypatch.context() as patch:
        patch.setattr(live.Progress, "update", stopping)
        assert dwmgrad(line)[0] == 130 and Path("t.checkpoint.npz").exists()
    assert dwmgrad(line)[0] == 1 and not Path("t.checkpoint.npz").exists()


def test_stopped_before_the_first_row(dwmgrad):
    status, out, error = dwmgrad(
        "run --problem rosenbrock --rule sgd --alpha 1e200 --steps 9 --grid 9 --plot --out t.parquet"
    )
    assert status == 1 and "stopped before step 2" in error and "Traceback" not in out + error
    assert dwmgrad("trace t.parquet")[0] == 0


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_cut_trace_or_checkpoint_is_never_read(dwmgrad, keep):
    dwmgrad("run --problem periodic --steps 50 --out t.parquet --quiet")
    whole = Path("t.parquet").read_bytes()
    Path("t.parquet").write_bytes(whole[: int(keep * len(whole))])
    status, out, error = dwmgrad("trace t.parquet")
    assert (status, out) == (1, "") and error.startswith("Error: t.parquet is cut, damaged or not a trace")
    Path("t.checkpoint.npz").write_bytes(whole[: int(keep * len(whole))])
    status, _, error = dwmgrad("run --problem periodic --steps 50 --out t.parquet")
    assert status == 1 and "is cut, damaged or not a checkpoint" in error


def test_a_checkpoint_of_another_run_is_refused(dwmgrad, monkeypatch):
    def stopping(*_, **__):
        raise live.Stopped

    monkeypatch.setattr(live.Progress, "update", stopping)
    assert dwmgrad("run --problem quadratic-diagonal --steps 5000 --checkpoint c")[0] == 130
    status, _, error = dwmgrad("run --problem quadratic-diagonal --steps 5000 --checkpoint c --alpha 0.5")
    assert status == 1 and "belongs to another run" in error


def test_a_place_that_cannot_be_written(dwmgrad):
    Path("file").write_text("")
    status, _, error = dwmgrad("run --problem periodic --steps 50 --out file/t.parquet")
    assert status == 1 and error.splitlines()[-1].startswith("Error: ") and "Traceback" not in error


def test_a_mistake_in_a_rule_file_is_one_line(dwmgrad):
    Path("broken.py").write_text("RULE = Rule()")
    status, out, error = dwmgrad("run --problem periodic --rule broken.py")
    assert (status, out) == (2, "") and error.count("\n") == 1
    assert error.startswith("Error: broken.py cannot be read: NameError: name 'Rule'")


def test_debug_shows_the_traceback(dwmgrad, monkeypatch):
    monkeypatch.setenv("DWMGRAD_DEBUG", "1")
    with pytest.raises(dwmgrad_ref.errors.UnknownName):
        dwmgrad("run --problem periodc")


def test_a_command_line_is_what_was_given():
    told = command_line(
        "train", "a b.toml", data_dir="my data", allow_incomplete=True, address=None, run=False, seeds=0
    )
    assert shlex.split(told) == [
        "dwmgrad",
        "train",
        "a b.toml",
        "--data-dir",
        "my data",
        "--allow-incomplete",
        "--seeds",
        "0",
    ]
