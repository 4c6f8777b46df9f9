"""The repository itself: its folders, its pins, its licence, and nothing in it that only one machine has."""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import dwmgrad_ref
from tests.source_tree import PACKAGES, ROOT, imported_names, package_modules, repository_texts

PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
CORE = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = {name: [*map(Requirement, lines)] for name, lines in PROJECT["optional-dependencies"].items()}
# An extra may ask for other extras of this project; what those ask for is among the requirements anyway.
WANTED = [r for r in (*CORE, *(r for lines in EXTRAS.values() for r in lines)) if r.name != PROJECT["name"]]
PINS = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
PINNED = {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in PINS}

# Written in pieces, so that this file does not contain what it looks for.
FOLDERS = "|".join(["wo" + "rk", "ro" + "ot", "fa" + "rm", "t" + "mp", "ho" + "me", "op" + "t"])
HOSTS = "|".join(["py" + r"pi\.org", "python" + "hosted", "npm" + "js", "pytorch" + r"\.org/whl"])
ELSEWHERE = re.compile(rf"(?<![\w.$)}}])/(?:{FOLDERS})/\w|\.libr" + rf"ary\b|{HOSTS}")


@pytest.mark.parametrize("folder", [*PACKAGES, "notebooks", "tests"])
def test_top_level_folders_exist(folder):
    assert (ROOT / folder).is_dir()


def test_nothing_names_one_machine_or_a_package_host():
    assert {name: found[0] for name, text in repository_texts().items() if (found := ELSEWHERE.search(text))} == {}


@pytest.mark.parametrize("text", ["see /t" + "mp/x", "'/wo" + "rk/a'", "https://py" + "pi.org/p", ".libr" + "ary/env"])
def test_machine_paths_are_recognized(text):
    assert ELSEWHERE.search(text)


@pytest.mark.parametrize("text", ["a/tmp/b", "$(ROOT)" + "/wo" + "rk/x", "the tmp/ folder", "a library"])
def test_harmless_paths_are_left_alone(text):
    assert not ELSEWHERE.search(text)


def test_every_dependency_has_its_reason():
    reasons = re.findall(r'^    "[^"]+", +# (\S.*)$', PYPROJECT, re.MULTILINE)
    assert len(reasons) == len(WANTED)


def brought_by(*extras: str) -> set[str]:
    """Names of the distributions that the core and these extras ask for."""
    names, queue = {canonicalize_name(r.name) for r in CORE}, list(extras)
    while queue:
        for requirement in EXTRAS[queue.pop()]:
            if requirement.name == PROJECT["name"]:
                queue += requirement.extras
            else:
                names.add(canonicalize_name(requirement.name))
    return names


# What formulas are run on: `ops` imports these only for a value that is one of theirs, so they are there.
NUMBER_TYPES = {"z3", "torch"}


@pytest.mark.parametrize(
    ("package", "extras"),
    [("dwmgrad_ref", ()), ("dwmgrad_ref/torch", ("train",)), ("proofs", ("proofs",)),
     ("analysis", ("train", "proofs", "ray")), ("paper_figures", ("report",))],
)  # fmt: skip
def test_what_a_package_imports_is_brought_by_its_extras(package, extras):
    """Not through another dependency: what brings a library in today may drop it tomorrow."""
    modules = {n: m for n, m in package_modules().items() if n.startswith(f"{package}/")}
    if package == "dwmgrad_ref":
        modules = {name: module for name, module in modules.items() if not name.startswith("dwmgrad_ref/torch/")}
    imported = set().union(*map(imported_names, modules.values())) - sys.stdlib_module_names - {*PACKAGES}
    owners = packages_distributions()  # knows only what is installed, which an extra need not be
    declared = brought_by(*extras)
    missing = {name for name in imported if not {canonicalize_name(o) for o in owners.get(name, [name])} & declared}
    assert missing <= (NUMBER_TYPES if package == "dwmgrad_ref" else set())


def test_all_brings_every_extra_but_the_developers_tools():
    assert brought_by("all") == brought_by(*(EXTRAS.keys() - {"dev"}))


def test_pins_are_exact_portable_and_unique():
    # No URL, path, marker or local version (such as +cpu): the same file must serve every machine.
    assert [line for line in PINS if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line)] == []
    assert len(PINNED) == len(PINS)


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_pins_satisfy_the_requirements(wanted):
    assert wanted.specifier.contains(Version(PINNED[canonicalize_name(wanted.name)]))


def needed(wanted: list[Requirement]) -> set[str]:
    """Names of all packages those requirements bring in here, except CUDA's, which only some builds of torch need."""
    seen: dict[tuple[str, str], None] = {}
    queue = [(requirement, extra) for requirement in wanted for extra in ("", *requirement.extras)]
    while queue:
        requirement, extra = queue.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in seen:
            continue
        seen[name, extra] = None
        try:
            lines = requires(name)
        except PackageNotFoundError:
            continue
        for child in map(Requirement, lines or []):
            if child.marker is None or child.marker.evaluate({"extra": extra}):
                queue += [(child, further) for further in ("", *child.extras)]
    return {name for name, _ in seen if not name.startswith(("nvidia", "cuda", "triton"))}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems add a few packages of their own")
def test_pins_cover_what_the_dependencies_need_in_turn():
    assert needed(WANTED) - PINNED.keys() == set()


def test_licence_is_mit():
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.startswith("MIT License\n\nCopyright (c) 2026 The dwmgrad authors\n")
    assert PROJECT["license"] == "MIT"


def test_citation_file_is_valid_and_agrees_with_the_project():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= citation.keys()
    assert (citation["title"], citation["license"]) == (PROJECT["name"], PROJECT["license"])
    assert str(citation["version"]) == dwmgrad_ref.__version__
    assert f"\n## {dwmgrad_ref.__version__} (" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    # The schema asks these three of every reference.
    assert all({"type", "title", "authors"} <= reference.keys() for reference in citation["references"])
    papers = {identifier["value"] for reference in citation["references"] for identifier in reference["identifiers"]}
    assert papers == {"arXiv:2510.25042", "arXiv:2106.11514", "arXiv:2309.02130"}
