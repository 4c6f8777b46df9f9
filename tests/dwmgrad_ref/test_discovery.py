"""Discovery finds what a file defines, and refuses two things of one name."""

import sys

import pytest

from dwmgrad_ref.discovery import found_in


class Thing:
    def __init__(self, name):
        self.name = name


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "things_here"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "first.py").write_text(f"from {__name__} import Thing\nA = Thing('a')\nalias = A\nother = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Thing.__module__])
    yield folder
    for name in [name for name in sys.modules if name.startswith("things_here")]:
        del sys.modules[name]


def test_values_are_found_once_by_name(package):
    found = found_in("things_here", [str(package)], Thing)
    assert list(found) == ["a"]


def test_two_things_of_one_name_are_refused(package):
    (package / "second.py").write_text(f"from {__name__} import Thing\nB = Thing('a')\n")
    with pytest.raises(ValueError, match="two files of things_here define a Thing called 'a'"):
        found_in("things_here", [str(package)], Thing)
