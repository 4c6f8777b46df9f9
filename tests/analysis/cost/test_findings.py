"""What is read out of measurements, on made-up ones whose truth is known."""

import json

import numpy as np
import pytest

from analysis.cost import compare, findings, profile_file, roofline
from dwmgrad_ref.errors import BadInput, DamagedFile
from dwmgrad_ref.files import with_checksum
from proofs.claims.cost import s_measured_cost as claims
from proofs.cost import counting, measurements
from tests.analysis.cost.synthetic import profile, record
from tests.analysis.cost.synthetic import result as made


def fitted(found, **wanted):
    (row,) = measurements.where(measurements.exponents(found), **wanted)
    return row


def test_exponents_are_found_on_either_side_of_the_cache():
    found = profile(p_n=1.0, p_d=1.1, p_large=0.9)
    for engine in ("compiled", "torch fused"):
        for wanted, p in (
            ({"against": "n"}, 1.0),
            ({"segment": "in cache"}, 1.1),
            ({"segment": "past the caches"}, 0.9),
        ):
            row = fitted(found, engine=engine, **wanted)
            # Half a per cent of scatter on seven sizes or more, of which overhead hides some.
            assert row["p"] == pytest.approx(p, abs=0.02) and row["low"] < row["p"] < row["high"]
    # The cache holds 4 MiB: half of it is 2^16 coordinates of four doubles, twice it 2^18.
    assert fitted(found, engine="compiled", segment="in cache")["to"] == 1 << 16
    assert fitted(found, engine="compiled", segment="past the caches")["from"] == 1 << 18
    assert fitted(found, engine="torch fused", segment="past the caches")["from"] == 1 << 19


@pytest.mark.parametrize(
    ("read", "change"),
    [(claims.against_steps, "p_n"), (claims.in_cache, "p_d"), (claims.past_caches, "p_large")],
)
def test_a_claim_holds_for_exponent_one_and_for_no_other(read, change):
    holds, detail, numbers = read(profile())
    assert holds == "holds" and "compiled" in numbers and "made up" in detail
    for p in (0.9, 1.1):
        assert read(profile(**{change: p}))[0] == "fails"


def test_a_claim_does_not_hold_where_an_engine_was_not_measured():
    assert claims.past_caches(profile(engines=(("compiled", 8, 1e-8),)))[0] == "unknown"
    assert claims.against_steps(made([]))[0] == "unknown"


def test_the_interval_of_a_median_covers_processes_and_values():
    same = [np.full(9, 2.0)] * 3
    assert profile_file.interval(same) == (2.0, 2.0)
    rng = np.random.default_rng(0)
    within = [1 + 0.01 * rng.standard_normal(15) for _ in range(3)]
    between = [shift + v for shift, v in zip((-0.1, 0.0, 0.1), within, strict=True)]
    narrow, wide = (np.ptp(profile_file.interval(v)) for v in (within, between))
    assert 0.001 < narrow < 0.02 < 0.15 < wide, "what differs between processes is noise too"


@pytest.mark.parametrize(("scatter", "shift", "unstable"), [(0.01, 0.0, False), (0.3, 0.0, True), (0.01, 0.2, True)])
def test_instability_is_flagged(scatter, shift, unstable):
    rng = np.random.default_rng(0)
    raw = []
    for round_ in range(3):
        told = record("d", "compiled", "sgd", 16, 1.0)
        raw.append(told | {"times": list(1 + shift * round_ + scatter * rng.standard_normal(15)), "round": round_})
    (found,) = profile_file.summarized({"provenance": {}, "raw": raw})["timed"]
    assert found["unstable"] == unstable and len(found["rounds"]) == 3


def test_a_result_survives_its_file():
    found = profile()
    assert measurements.parsed(profile_file.text(found), "it") == json.loads(json.dumps(found)) | {"memory": []}


@pytest.mark.parametrize("content", ["{}", "[1]", '{"format": 1}', '{"format": 9}'])
def test_a_file_that_is_no_profile_is_refused(content):
    with pytest.raises(BadInput, match="it.json"):
        measurements.parsed(with_checksum(content), "it.json")
    with pytest.raises(DamagedFile, match="it.json.*dwmgrad profile --json"):
        measurements.parsed(content, "it.json")


def noisy(rng, factor=1.0, scatter=0.02):
    return made(
        record("d", "compiled", "sgd", d, 1e-9 * d * factor, rounds=list(1e-9 * d * factor * np.exp(scatter * v)))
        for d, v in zip(range(10, 210), rng.standard_normal((200, 3)), strict=True)
    )


def test_noise_alone_is_no_change_and_a_change_is_found():
    rng = np.random.default_rng(0)
    before = noisy(rng)
    same = compare.changes(before, noisy(rng))
    assert sum(r["changed"] for r in same) <= 2, "of 200 points; the false discovery rate is 5 %"
    slower = noisy(rng)
    for r in slower["timed"][:20]:
        for name in ("median", "low", "high"):
            r[name] *= 1.3
        r["rounds"] = [1.3 * v for v in r["rounds"]]
    found = [r["changed"] for r in compare.changes(before, slower)]
    assert all(found[:20]) and sum(found[20:]) <= 2
    ratios = [r["ratio"] for r in compare.changes(before, slower)[:20]]
    assert np.median(ratios) == pytest.approx(1.3, rel=0.03)


def test_slow_processes_on_a_shared_machine_are_no_change():
    """Two processes each; a process is slow in all that it measures at a time, so its values agree among themselves."""
    rng = np.random.default_rng(0)

    def shared():
        slow = np.exp(0.2 * rng.standard_normal((200, 2)))
        return made(
            record("d", "compiled", "sgd", d, 1e-9 * d * float(np.median(v)), rounds=list(1e-9 * d * v))
            for d, v in zip(range(10, 210), slow, strict=True)
        )

    for _ in range(20):
        assert sum(r["changed"] for r in compare.changes(shared(), shared())) <= 2


def test_changes_below_the_floor_are_not_told_however_narrow_the_intervals():
    rng = np.random.default_rng(0)
    assert not any(r["changed"] for r in compare.changes(noisy(rng, 1.0, 1e-4), noisy(rng, 1.03, 1e-4)))
    assert all(r["changed"] for r in compare.changes(noisy(rng, 1.0, 1e-4), noisy(rng, 1.08, 1e-4)))


def test_profiles_without_a_common_point_are_refused():
    with pytest.raises(BadInput, match="no point in common"):
        compare.changes(noisy(np.random.default_rng(0)), made([record("n", "numpy", "sgd", 16, 1.0)]))


def machine_records():
    """10 GB/s everywhere; a root and a division take 1 ns, other operations a tenth."""
    seconds = {"sqrt": 1e-9, "divide": 1e-9, "multiply-add": 128e-10}
    rows = [record("machine", "kernel", "copy", d, 1.6e-9 * d) for d in (1 << 10, 1 << 25)]
    rows += [record("machine", "kernel", "update", d, 4.8e-9 * d) for d in (1 << 10, 1 << 25)]
    for bits in (64, 32):
        rows += [record("machine", "kernel", f"{k} float{bits}", 1024, 1024 * s) for k, s in seconds.items()]
    return rows


def test_bounds_are_bytes_over_bandwidth_or_operations_over_their_rate():
    d = 1 << 20
    found = made([*machine_records(), record("d", "compiled", "sgd", d, 1.0, calls=10),
                  record("d", "numpy", "dwmgrad", d, 1.0, calls=10),
                  record("d", "torch.optim loop", "sgd", d, 1.0, calls=10)])  # fmt: skip
    sgd, dwmgrad, theirs = roofline.placed(found)
    # sgd reads x and g and writes x; the better of copy (10 GB/s) and update (5 GB/s) counts.
    assert sgd["bound"] == pytest.approx(24 * d / 1e10) and sgd["limit"] == "bandwidth"
    assert sgd["fraction"] == pytest.approx(sgd["bound"] / 0.1)
    each = counting.count(roofline.by_name("dwmgrad")).each
    divider = (each["sqrt"] + each["divide"]) * 1e-9
    # G, V, x and g read, G, V and x written: 56 bytes take 5.6 ns, longer than the divider.
    assert divider < 5.6e-9 and dwmgrad["bound"] == pytest.approx(5.6e-9 * d)
    numpy = counting.count(roofline.by_name("dwmgrad")).numpy.bytes
    assert dwmgrad["own_fraction"] / dwmgrad["fraction"] == pytest.approx(numpy / 56)
    assert np.isnan(theirs["own_fraction"]), "its kernels' passes are not counted"


def test_ratios_stand_beside_the_same_kind_of_engine():
    timed = [record("d", "torch fused", "dwmgrad", d, 2.0 * d, calls=2) for d in (16, 1024, 1 << 17, 1 << 22)]
    timed += [record("d", "torch.optim fused", "adam", d, 4.0 * d, calls=1) for d in (16, 1024, 1 << 17, 1 << 22)]
    timed += [record("d", "torch fused", "adam", d, 9.0 * d) for d in (16, 1024)]
    rows = findings.ratios(made(timed))
    assert [r["d"] for r in rows] == [1024, 1 << 17, 1 << 22] and {r["beside"] for r in rows} == {"torch.optim fused"}
    assert [r["ratio"] for r in rows] == pytest.approx([0.25] * 3)


def test_watching_is_what_it_adds_to_the_unwatched_step():
    timed = [record("observers", "compiled", "dwmgrad", 100, t, calls=10, observer=o, size=s)
             for o, t, s in (("", 1.0, 800), ("looking", 1.2, 800), ("bound", 3.0, 10400))]  # fmt: skip
    off, looking, bound = findings.watching(made(timed))
    assert (off["added"], looking["added"], bound["added"]) == pytest.approx((0.0, 0.2, 2.0))
    assert bound["seconds"] == pytest.approx(0.3) and bound["bytes"] == 96
