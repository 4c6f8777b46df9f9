"""A tiny profile from end to end: measured in processes of its own, killed, resumed, shown, compared."""

import json

import pytest

from analysis.cost import points as plan
from analysis.cost import profiling
from dwmgrad_ref import cli
from dwmgrad_ref.errors import BadInput, DwmgradError
from dwmgrad_ref.files import with_checksum
from proofs.cost import measurements

WORDS = "profile --scale tiny --rule dwmgrad --rule adam --engines compiled --only machine,d,n,observers,memory".split()


class Killed(Exception):
    pass


def made(sections=("n",)):
    return plan.make(plan.TINY, ["dwmgrad"], ["compiled"], sections)


def records(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "records").glob("*.json")}


def test_a_tiny_profile_end_to_end(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main([*WORDS, "--json", "a.json", "--quiet"]) == 0
    shown = capsys.readouterr().out
    for title in ("Exponents", "DWMGrad beside Adam", "Under the roof", "Memory", "Watching", "unstable"):
        assert title in shown
    assert "again: dwmgrad profile --scale tiny --rule dwmgrad --rule adam" in shown
    found = measurements.load("a.json")
    assert {r["section"] for r in found["timed"]} == {"machine", "d", "n", "observers"}
    assert all(0 < r["low"] <= r["median"] <= r["high"] for r in found["timed"])
    assert found["provenance"]["machine"]["threads"] == 1 and found["provenance"]["environment"]["versions"]["numpy"]
    bytes_ = {r["rule"]: r["state_bytes"] for r in found["memory"] if not r["delta"]}
    assert bytes_ == {"dwmgrad": 2 * 8 * (1 << 16), "adam": 2 * 8 * (1 << 16)}, "two words a coordinate"
    assert not list((tmp_path / "runs").glob("profile-*")), "the single records are in the result"
    assert cli.main(["profile", "--compare", "a.json", "a.json"]) == 0
    assert f"0 of {len(found['timed'])} times changed beyond noise, 0 memory counts" in capsys.readouterr().out


def test_a_killed_profile_goes_on_where_it_was(tmp_path):
    whole = made()

    def kill(what, done, total):
        if done > 0.1:
            raise Killed

    profiling.LOOK, before = 0.0, profiling.LOOK
    try:
        with pytest.raises(Killed):
            profiling.measure(whole, tmp_path, kill)
    finally:
        profiling.LOOK = before
    kept = records(tmp_path)
    assert 0 < len(kept)
    assert not [p for p in (tmp_path / "records").iterdir() if p.suffix != ".json" and not p.name.startswith(".")]
    (tmp_path / "records" / sorted(kept)[0]).unlink()
    found = profiling.measure(whole, tmp_path)
    after = records(tmp_path)
    assert len(found["raw"]) == len(whole.points) == len(after)
    assert {name: at for name, at in after.items() if kept.get(name) == at}.keys() == set(sorted(kept)[1:])
    assert profiling.measure(whole, tmp_path)["raw"] == found["raw"], "nothing is left to measure"


def test_a_folder_of_another_profile_is_refused(tmp_path):
    profiling._opened(made(), tmp_path)
    with pytest.raises(BadInput, match="holds another profile .its plan differ"):
        profiling._opened(made(("d",)), tmp_path)


def test_a_process_that_fails_is_told_and_what_was_measured_is_kept(tmp_path, monkeypatch):
    whole = made()
    profiling._opened(whole, tmp_path)
    first = profiling.record_path(tmp_path, whole.points[0], 0)
    first.write_text(json.dumps({"kept": 1}))
    monkeypatch.setattr(profiling.sys, "executable", "false")
    with pytest.raises(DwmgradError, match="ended before .* goes on from there"):
        profiling.measure(whole, tmp_path)
    assert json.loads(first.read_text()) == {"kept": 1}


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["--device", "cuda"], 1, "not run: no GPU"),
        (["--device", "tpu"], 2, "give cpu or cuda"),
        (["--rule", "dwmgard"], 2, "did you mean dwmgrad"),
        (["--engines", "compild"], 2, "did you mean compiled"),
        (["--only", "memmory"], 2, "did you mean memory"),
        (["--rule", "dwmgrad", "--engines", "torch.optim fused"], 2, "nothing to measure"),
        (["--compare", "none.json", "none.json"], 2, "no profile at none.json"),
    ],
)
def test_what_cannot_be_measured_is_one_line(words, status, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if "cuda" in words:
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    if "nothing" in told:
        words = [*words, "--only", "d"]
    assert cli.main(["profile", *words]) == status
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_keys_are_file_names_and_tell_all_points_apart():
    every = [p for scale in plan.SCALES.values() for p in plan.make(scale).points]
    assert len({p.key for p in every}) == len(set(every))
    assert all(set(p.key) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") for p in every)


def test_plans_survive_their_file():
    whole = plan.make(plan.QUICK)
    assert plan.from_json(json.loads(json.dumps(plan.as_json(whole)))) == whole


def test_the_full_plan_spans_what_it_promises():
    points = plan.make(plan.FULL).points

    def span(section, name, engine="compiled"):
        values = [getattr(p, name) for p in points if p.section == section and p.engine == engine]
        return min(values), max(values)

    assert span("d", "d") == (16, 1 << 25) and span("n", "n") == (100, 10**7)
    assert span("delta", "delta") == (2, 10**5) and span("tensors", "tensors") == (1, 4096)
    assert span("batch", "runs")[1] > 1
    assert {p.rule for p in points if p.section == "d"} >= set(plan.RULES) - {"dwmgrad-explicit-window"}


def test_points_that_need_more_memory_than_there_is_are_left_out():
    small = plan.make(plan.FULL, memory=1 << 28)
    assert max(p.d for p in small.points) < 1 << 22
    assert any("not run: needs" in line for line in small.left_out)


def test_a_section_measured_again_stands_in_the_earlier_profile(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = [*WORDS[:9], "--only", "n,observers", "--quiet"]
    assert cli.main([*words, "--json", "a.json"]) == 0
    before = measurements.load("a.json")
    assert cli.main([*[w.replace("n,observers", "observers") for w in words], "--renew", "a.json"]) == 0
    after = measurements.load("a.json")
    steps, seen = ([measurements.where(one["timed"], section=s) for one in (before, after)] for s in ("n", "observers"))
    assert steps[0] == steps[1], "untouched"
    assert [r["observer"] for r in seen[0]] == [r["observer"] for r in seen[1]] and seen[0] != seen[1]
    (record,) = after["provenance"].pop("renewed")
    assert record["sections"] == ["observers"] and "--renew a.json" in record["command"]
    assert after["provenance"] == before["provenance"]


def rewritten(changed: str) -> str:
    """What a profile with this content would have been."""
    return with_checksum(json.dumps(json.loads(changed)["content"]))


def test_a_profile_of_another_machine_is_not_mixed_with_this_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main([*WORDS[:9], "--only", "observers", "--quiet", "--json", "a.json"]) == 0
    text = (tmp_path / "a.json").read_text()
    (tmp_path / "a.json").write_text(rewritten(text.replace('"cores": ', '"cores": 1')))
    assert cli.main([*WORDS[:9], "--only", "observers", "--quiet", "--renew", "a.json"]) == 2
    assert "cores was 1" in capsys.readouterr().err
    assert not list((tmp_path / "runs").glob("profile-*")), "nothing was measured"


def test_a_profile_of_another_scale_is_not_mixed_with_this_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    quiet = [*WORDS[:9], "--only", "observers", "--quiet"]
    assert cli.main([*quiet, "--json", "a.json"]) == 0
    before = (tmp_path / "a.json").read_bytes()
    text = rewritten(before.decode().replace('"name": "tiny"', '"name": "full"'))
    assert '"name": "full"' in text
    (tmp_path / "b.json").write_text(text)
    assert cli.main([*quiet, "--renew", "b.json"]) == 2
    assert "measured at scale full" in capsys.readouterr().err
    assert cli.main([*quiet, "--renew", "a.json", "--json", "c.json"]) == 2
    assert "leave --json out" in capsys.readouterr().err
    assert (tmp_path / "a.json").read_bytes() == before and (tmp_path / "b.json").read_text() == text
    assert not (tmp_path / "c.json").exists() and not list((tmp_path / "runs").glob("profile-*"))
