"""The wheel and the source distribution: what they hold, and what the wheel alone can do."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import dwmgrad_ref
from tests.source_tree import PACKAGES, ROOT

BUILD = "import sys; from setuptools import build_meta as b; print(getattr(b, sys.argv[1])(sys.argv[2]))"


def built(source: Path, kind: str, folder: Path) -> Path:
    """The file that setuptools builds from that source tree, without a look at any package registry."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, f"build_{kind}", str(folder)], cwd=source, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory) -> tuple[Path, Path]:
    """(source distribution of the checkout, wheel built from the unpacked source distribution)."""
    folder = tmp_path_factory.mktemp("distributions")
    names = ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "CHANGELOG.md", "constraints.txt")
    source = folder / "checkout"
    source.mkdir()
    for name in names:
        shutil.copy(ROOT / name, source)
    for name in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    sdist = built(source, "sdist", folder)
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return sdist, built(unpacked, "wheel", folder)


@pytest.fixture(scope="module")
def site(distributions, tmp_path_factory) -> Path:
    """A folder into which the wheel is installed without its dependencies."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder)]
    done = subprocess.run([*pip, str(distributions[1])], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def python(site: Path, program: str, folder: Path, blocked: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program that finds `dwmgrad_ref` in that folder and the libraries where this Python has them.

    -S and -P keep an editable install of the checkout and the current folder off the path.
    """
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    start = f"import sys; sys.path += {[str(site), *libraries]!r}\n"
    if blocked:
        start += f"sys.modules[{blocked!r}] = None\n"
    return subprocess.run(
        [sys.executable, "-S", "-P", "-c", start + program], cwd=folder, capture_output=True, text=True,
        env={"PATH": "", "HOME": str(folder), "COLUMNS": "200"},
    )  # fmt: skip


def command(words: str) -> str:
    return f"from dwmgrad_ref.cli import main; sys.exit(main({words.split()!r}))"


def test_the_wheel_holds_the_reference_package_and_nothing_else(distributions):
    names = zipfile.ZipFile(distributions[1]).namelist()
    assert {name.partition("/")[0] for name in names} == {"dwmgrad_ref", f"dwmgrad-{dwmgrad_ref.__version__}.dist-info"}
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "dwmgrad_ref").rglob("*.py")}
    assert {name for name in names if name.startswith("dwmgrad_ref/")} == sources | {"dwmgrad_ref/py.typed"}


def test_the_source_distribution_holds_what_the_wheel_is_built_from(distributions):
    names = {name.partition("/")[2] for name in tarfile.open(distributions[0]).getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "dwmgrad_ref/py.typed"} <= names
    assert {name.partition("/")[0] for name in names} & {*PACKAGES, "tests"} == {"dwmgrad_ref"}


def test_the_optimizer_for_pytorch_works_from_the_wheel_alone(site, tmp_path):
    program = """
import torch
from dwmgrad_ref import __version__
from dwmgrad_ref.torch import DWMGrad
import dwmgrad_ref
x = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
optimizer = DWMGrad([x], lr=0.1)
losses = []
for _ in range(20):
    optimizer.zero_grad()
    loss = (x**2).sum()
    loss.backward()
    optimizer.step(loss=loss)
    losses.append(loss.item())
assert losses[-1] < losses[0], losses
print(dwmgrad_ref.__file__, __version__)
"""
    done = python(site, program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(site / "dwmgrad_ref" / "__init__.py"), dwmgrad_ref.__version__]


def test_a_rule_runs_from_the_wheel_alone(site, tmp_path):
    done = python(site, command("run --problem periodic --rule dwmgrad --steps 50"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "regret R_T" in done.stdout and list((tmp_path / "runs").glob("*.parquet"))


def test_the_help_of_the_wheel_says_what_needs_a_checkout(site, tmp_path):
    done = python(site, command("--help"), tmp_path)
    assert done.returncode == 0, done.stderr
    for layer in PACKAGES[1:]:
        assert layer in done.stdout
    assert "checkout" in done.stdout and " claims " not in done.stdout


def test_a_command_that_needs_a_checkout_says_so_and_a_stranger_s_package_is_not_loaded(site, tmp_path):
    (tmp_path / "proofs").mkdir()
    (tmp_path / "proofs" / "__init__.py").write_text("print('a package that is not ours')")
    (tmp_path / "proofs" / "commands.py").write_text("register = print")
    done = python(site, f"sys.path.insert(0, {str(tmp_path)!r})\n" + command("claims"), tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: no command is called 'claims' here.") and "pip install -e" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("library", "extra"), [("torch", "torch"), ("z3", "proofs"), ("PEPit", "proofs"), ("torch_geometric", "train"),
                           ("seaborn", "figures"), ("PIL", "report"), ("ray", "ray")],
)  # fmt: skip
def test_the_extra_that_brings_a_missing_library_is_named(site, tmp_path, library, extra):
    program = f"from dwmgrad_ref.cli import installed; print(installed.how_to_install('{library}.part'))"
    done = python(site, program, tmp_path)
    assert f"pip install 'dwmgrad[{extra}]'" in done.stdout, done.stderr


def test_an_error_names_the_extra_of_a_missing_library(site, tmp_path):
    program = """
from dwmgrad_ref.cli import application, show
def needs_z3():
    import z3
register = show.register
def with_one_more(app, words):
    register(app, words)
    app.command("needs-z3")(needs_z3)
show.register = with_one_more
"""
    done = python(site, program + command("needs-z3"), tmp_path, blocked="z3")
    assert done.returncode == 1
    assert done.stderr == ("Error: this needs z3-solver, which is not installed; run: pip install 'dwmgrad[proofs]'\n")


def test_an_editable_install_puts_the_root_of_the_checkout_on_the_path(distributions, tmp_path):
    source = distributions[0].parent / "checkout"
    wheel = zipfile.ZipFile(built(source, "editable", tmp_path))
    (path,) = [name for name in wheel.namelist() if name.endswith(".pth")]
    assert wheel.read(path).decode().split() == [str(source)]
