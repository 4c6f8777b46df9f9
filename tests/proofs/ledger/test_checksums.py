"""The committed JSON of the ledger: a changed digit, a cut and a clash of two versions are told in one line."""

import json
import random
import re
from pathlib import Path

import pytest

from dwmgrad_ref import files
from dwmgrad_ref.cli import main
from dwmgrad_ref.errors import DamagedFile
from proofs.cost import measurements
from proofs.ledger import records, verification

COMMITTED = {
    "ledger": (records, "LEDGER", records.ledger, "dwmgrad verify --renew"),
    "empirical": (records, "EMPIRICAL", records.empirical, "dwmgrad published --renew"),
    "cost": (measurements, "COMMITTED", lambda: measurements.load(measurements.COMMITTED), "dwmgrad profile --json"),
}


@pytest.fixture(params=COMMITTED)
def committed(request, tmp_path, monkeypatch):
    """(a copy of a committed file, how it is read, what to do if it is damaged)."""
    module, name, read, remedy = COMMITTED[request.param]
    path = tmp_path / getattr(module, name).name
    path.write_bytes(getattr(module, name).read_bytes())
    monkeypatch.setattr(module, name, path)
    return path, read, remedy


def refused(path: Path, read, remedy: str) -> None:
    with pytest.raises(DamagedFile) as caught:
        read()
    told = str(caught.value)
    assert str(path) in told and remedy in told and "\n" not in told


def test_one_digit_is_enough(committed):
    path, read, remedy = committed
    whole = path.read_text(encoding="utf-8")
    read()
    digits = [match.start() for match in re.finditer(r"[1-8](?=[^\n]*\n)", whole)]
    for place in [*random.Random(0).sample(digits, 20), whole.index('"sha256"') + 12]:
        other = "9" if whole[place] != "9" else "8"
        path.write_text(whole[:place] + other + whole[place + 1 :], encoding="utf-8")
        refused(path, read, remedy)


@pytest.mark.parametrize("damage", [
    lambda c: b"", lambda c: c[: len(c) // 2], lambda c: c[:-3], lambda c: c.replace(b"e", b"\xff", 1),
    lambda c: b"<<<<<<< HEAD\n" + c, lambda c: json.dumps(json.loads(c)["content"]).encode(), lambda c: b"[1]",
])  # fmt: skip
def test_whatever_else_befalls_it_is_told_too(committed, damage):
    path, read, remedy = committed
    path.write_bytes(damage(path.read_bytes()))
    refused(path, read, remedy)


def test_line_ends_and_spaces_are_no_damage(committed):
    path, read, _ = committed
    before = read()
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read() == before
    path.write_text(json.dumps(json.loads(path.read_bytes())))
    assert read() == before


def test_the_order_of_values_counts():
    text = files.with_checksum('{"a": [1, 2], "b": 1.5}')
    assert files.checked(text, "x", "y") == {"a": [1, 2], "b": 1.5}
    for changed in (text.replace("1, 2", "2, 1"), text.replace('"a"', '"c"'), text.replace("1.5", "1.50000001")):
        with pytest.raises(DamagedFile, match="x was changed: .*; y"):
            files.checked(changed, "x", "y")


@pytest.mark.parametrize(("name", "words"), [
    ("LEDGER", ["claims", "R3"]), ("LEDGER", ["verify", "W1"]), ("EMPIRICAL", ["claims"]),
])  # fmt: skip
def test_the_command_line_names_the_file_and_what_to_do(tmp_path, monkeypatch, capsys, name, words):
    path = tmp_path / "damaged.json"
    path.write_text(getattr(records, name).read_text(encoding="utf-8").replace("7", "6", 200), encoding="utf-8")
    monkeypatch.setattr(records, name, path)
    monkeypatch.setattr(verification, "run", lambda *args, **kwargs: pytest.fail("checks were run"))
    assert main(words) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "damaged.json was changed" in told and "restore it from git, or run" in told and "unexpected" not in told
