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

from tests.source_tree import PACKAGES, ROOT, imported_names, package_modules, repository_texts

PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
WANTED = [Requirement(line) for line in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])]
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


def test_what_the_packages_import_is_declared():
    # Not through another dependency: what brings a package in today may drop it tomorrow.
    imported = set().union(*map(imported_names, package_modules().values())) - sys.stdlib_module_names - {*PACKAGES}
    extras = [line for extra, lines in PROJECT["optional-dependencies"].items() if extra != "dev" for line in lines]
    declared = {canonicalize_name(Requirement(line).name) for line in [*PROJECT["dependencies"], *extras]}
    owners = packages_distributions()  # knows only what is installed, which an extra need not be
    missing = {name for name in imported if not {canonicalize_name(o) for o in owners.get(name, [name])} & declared}
    assert missing == set()


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
    assert str(citation["version"]) == PROJECT["version"]
    # The schema asks these three of every reference.
    assert all({"type", "title", "authors"} <= reference.keys() for reference in citation["references"])
    papers = {identifier["value"] for reference in citation["references"] for identifier in reference["identifiers"]}
    assert papers == {"arXiv:2510.25042", "arXiv:2106.11514", "arXiv:2309.02130"}
