"""dwmgrad data: what it prints, what it refuses, its exit status."""

import json

import pytest

from dwmgrad_ref import data
from dwmgrad_ref.cli import main
from dwmgrad_ref.data import store
from tests.dwmgrad_ref.data.test_download import BODY, Server, no_leftovers, server, wanted  # noqa: F401 (fixtures)


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No folder named, an empty cache, no network."""
    monkeypatch.delenv("DWMGRAD_DATA", raising=False)
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(store, "fetch", lambda *args, **kwargs: pytest.fail("a download was tried"))


def test_list_tells_what_is_here_and_what_is_not(nowhere, tmp_path, capsys):
    folder = tmp_path / "own"
    (folder / "libsvm").mkdir(parents=True)
    (folder / "libsvm" / "a9a").write_bytes(b"not even read")
    assert main(["data", "list", "--data-dir", str(folder), "--json", "-"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert list(rows) == data.names()
    assert rows["a9a"]["place"] == str(folder / "libsvm") and rows["mnist"]["place"] == ""
    assert rows["digits"]["place"] == "scikit-learn" and rows["cora"]["counts"]["nodes"] == 2708
    assert main(["data", "list"]) == 0
    assert "not here" in capsys.readouterr().out


def test_check_reads_what_is_here_and_fails_for_the_rest(nowhere, tmp_path, capsys):
    assert main(["data", "check", "digits"]) == 0
    assert "complete" in capsys.readouterr().out
    out = tmp_path / "out.json"
    assert main(["data", "check", "digits", "mnist", "--json", str(out)]) == 1
    digits, mnist = json.loads(out.read_text())
    assert (digits["state"], digits["counts"]) == ("complete", {"rows": 1797})
    assert mnist["state"] == "failed" and "dwmgrad data fetch mnist" in mnist["told"]


def test_an_unknown_set_is_told_the_nearest(nowhere, capsys):
    for command in ("check", "fetch"):
        assert main(["data", command, "mnits"]) == 2
        assert "did you mean mnist" in capsys.readouterr().err


def test_fetch_puts_the_set_where_it_is_told_to(server, wanted, tmp_path, capsys):  # noqa: F811
    root = tmp_path / "given"
    assert main(["data", "fetch", "served", "--data-dir", str(root)]) == 0
    assert (root / "served" / "body").read_bytes() == BODY and no_leftovers(tmp_path) == ["body"]
    assert "300,000 rows" in capsys.readouterr().out
    assert main(["data", "check", "served", "--data-dir", str(root)]) == 0


def test_an_interrupted_fetch_goes_on_with_the_same_line(server: Server, wanted, tmp_path, capsys):  # noqa: F811
    server.cut = 100_000
    assert main(["data", "fetch", "served"]) == 1
    assert "tried" in capsys.readouterr().err
    assert main(["data", "fetch", "served"]) == 0
    assert server.asked[-1] == ("/body", "bytes=100000-")


@pytest.mark.data
def test_an_incomplete_set_is_checked_as_such_only_when_told_to(data_folder, capsys):
    complete = main(["data", "check", "cifar10"]) == 0
    capsys.readouterr()
    assert main(["data", "check", "cifar10", "--allow-incomplete", "--json", "-"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["state"] == ("complete" if complete else "incomplete")
