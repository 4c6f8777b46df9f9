"""Training runs: resumed to the last bit, never run twice, damage and full disks noticed, divergence recorded."""

import errno

import numpy as np
import pytest
import torch

from analysis.training.runs import execute as execute_module
from analysis.training.runs import local_executor
from analysis.training.runs import store as store_module
from analysis.training.runs.execute import Job, execute
from analysis.training.runs.local_executor import Event, failure, run_all
from analysis.training.runs.plan import identity_of
from analysis.training.runs.run import ANYWHERE, Run, key
from analysis.training.runs.session import TaskSession, noise
from analysis.training.runs.store import Store, load_checkpoint, save_checkpoint
from analysis.training.runs.sweep import Planned, SweepFailed, SweepStopped, carry_out, locked, missing
from dwmgrad_ref.errors import BadInput, TraceError
from tests.analysis.training.training_stub import Counted, FullDisk, KilledAlways, KilledOnceCounted

SGD = {"optimizer": "torch.optim.SGD", "lr": 0.1, "momentum": 0.9}
ADAM = {"optimizer": "torch.optim.Adam", "lr": 1e-2}
DWMGRAD = {"optimizer": "dwmgrad", "lr": 1e-3, "signal": "increase", "epoch": "task", "fused": False}
SMALL = {"examples": 200}


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    monkeypatch.setattr(execute_module, "OFTEN", 0.0)  # a checkpoint after every epoch, however short
    monkeypatch.setenv("STUB_FLAGS", str(tmp_path))
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def digits(optimizer=None, seed=0, epochs=5, **options):
    return Run("digits-mlp", optimizer or ADAM, seed, epochs, task_options=SMALL, **options)


def planned(*runs):
    identities = [identity_of(run, ANYWHERE) for run in runs]
    return [Planned("stub", "adam", key(i), run, i) for run, i in zip(runs, identities, strict=True)]


def job(run, store):
    identity = identity_of(run, ANYWHERE)
    return Job(key(identity), run, identity, str(store.folder))


def straight(run, tmp_path):
    return execute(job(run, Store(tmp_path / "straight")), TaskSession, lambda *_: None)


def same(a, b):
    """Every number of two results, bit for bit, except how long it took."""
    assert list(a.frame) == list(b.frame) and a.status == b.status and a.final == b.final
    for name in a.frame.columns.drop("seconds"):
        np.testing.assert_array_equal(a.frame[name], b.frame[name])


# --- what determines a run -------------------------------------------------------------------------------------------


def test_the_key_is_blind_to_the_order_and_spelling_of_values():
    a = digits({"optimizer": "torch.optim.SGD", "lr": 1.0}).identity({"n": 1}, {"task": 1}, "2")
    b = digits({"lr": 1, "optimizer": "torch.optim.SGD"}).identity({"n": 1}, {"task": 1}, "2")
    assert key(a) == key(b)


@pytest.mark.parametrize("change", [
    {"task": "mnist-mlp"}, {"optimizer": {**ADAM, "lr": 1.0000000001e-2}}, {"seed": 1}, {"epochs": 6},
    {"watch": "final"}, {"threads": 2}, {"task_options": {"examples": 201}}, {"device": "cuda"},
])  # fmt: skip
def test_all_that_determines_a_run_is_in_its_key(change):
    first = {"task": "digits-mlp", "optimizer": ADAM, "seed": 0, "epochs": 5, "task_options": SMALL}
    outside = {"data": {"sha256": "d"}, "result_version": {"task": 1}, "torch": "2.13.0"}
    base = key(Run(**first).identity(**outside))
    assert key(Run(**{**first, **change}).identity(**outside)) != base
    for name in outside:
        assert key(Run(**first).identity(**{**outside, name: "2.14.0" if name == "torch" else {"x": 2}})) != base


def test_a_run_s_identity_carries_the_data_s_checksum_and_counts():
    data = identity_of(digits(), ANYWHERE)["data"]
    assert data["name"] == "digits" and data["counts"] == {"rows": 1797} == data["published"]
    assert len(data["sha256"]) == 64


# --- stopped and gone on with ----------------------------------------------------------------------------------------


class Stop(Exception):
    pass


@pytest.mark.parametrize("optimizer", [SGD, ADAM, DWMGRAD], ids=lambda o: o["optimizer"])
@pytest.mark.parametrize("watch", ["test", "final"])
def test_a_run_stopped_after_every_epoch_is_the_uninterrupted_one_bit_for_bit(optimizer, watch, tmp_path):
    run, store = digits(optimizer, epochs=4, watch=watch), Store(tmp_path)
    expected = straight(run, tmp_path)

    def stop(epoch, row):
        raise Stop

    for _ in range(run.epochs):
        with pytest.raises(Stop):
            execute(job(run, store), TaskSession, stop)
    resumed = execute(job(run, store), TaskSession, stop)  # nothing is left to train
    same(resumed, expected)
    assert resumed.provenance["stretches"] == run.epochs + 1 and expected.provenance["stretches"] == 1
    assert len(expected.frame) == run.epochs and ("test_accuracy" in expected.final) == (watch == "final")


def test_a_seed_gives_the_same_run_and_another_seed_another(tmp_path):
    a, b, c = (straight(digits(seed=s, epochs=2), tmp_path / str(n)) for n, s in enumerate((0, 0, 1)))
    same(a, b)
    assert (a.frame.train_loss != c.frame.train_loss).all()


def test_only_what_the_run_watches_is_evaluated(tmp_path):
    for watch, absent in (("test", "validation"), ("validation", "test"), ("final", "test")):
        result = straight(digits(epochs=1, watch=watch), tmp_path / watch)
        assert not [name for name in result.frame if name.startswith(absent)]
        assert bool(result.final) == (watch == "final")


# --- damage ----------------------------------------------------------------------------------------------------------


def test_a_damaged_checkpoint_is_noticed_wherever_the_damage_is(tmp_path):
    path = tmp_path / "k.pt"
    save_checkpoint(path, "k", {"rows": [1.0], "weights": torch.arange(5.0)})
    whole = path.read_bytes()
    loaded = load_checkpoint(path, "k")
    assert loaded is not None and torch.equal(loaded["weights"], torch.arange(5.0))
    for position in (0, 25, 70, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(TraceError, match="damaged"):
            load_checkpoint(path, "k")
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TraceError, match="cut"):
        load_checkpoint(path, "k")
    path.write_bytes(whole)
    with pytest.raises(TraceError, match="another run"):
        load_checkpoint(path, "other")


def test_a_damaged_result_is_noticed(tmp_path):
    store, run = Store(tmp_path), digits(epochs=1)
    name = job(run, store).key
    store.put(name, straight(run, tmp_path))
    path = store.result_path(name)
    whole = path.read_bytes()
    same(store.get(name), straight(run, tmp_path))
    path.write_bytes(whole[:-100])
    with pytest.raises(TraceError, match="cut, damaged"):
        store.get(name)


def test_a_result_under_the_key_of_another_run_is_not_read(tmp_path):
    """A file copied or renamed is whole, and its checksum is right."""
    store, one, other = Store(tmp_path), digits(epochs=1), digits(seed=1, epochs=1)
    names = [job(run, store).key for run in (one, other)]
    store.put(names[1], straight(one, tmp_path))
    with pytest.raises(TraceError, match=f"result of another run, {names[0]}"):
        store.get(names[1])


# --- sweeps ----------------------------------------------------------------------------------------------------------


def local(session):
    """One worker process; importing torch there takes seconds, so most tests do with `inline`."""
    return lambda jobs, tell: run_all(jobs, 1, session, tell)


def inline(session=TaskSession):
    """An engine in this process."""

    def engine(jobs, tell):
        for one in jobs:
            try:
                report = lambda n, row, k=one.key: tell(Event("epoch", k, (n, row)))  # noqa: E731
                event = Event("done", one.key, execute(one, session, report))
            except Exception as error:
                event = Event("failed", one.key, failure(error))
            tell(event)

    return engine


def test_nothing_is_run_twice(tmp_path):
    store = Store(tmp_path / "store")
    runs = planned(digits(epochs=1), digits(epochs=1), digits(epochs=1, seed=1))
    assert [one.key for one in missing(runs, store)] == [runs[0].key, runs[2].key]
    assert carry_out(runs, store, inline(Counted)) == 2
    assert carry_out(runs, store, inline(Counted)) == 0
    assert len(list(tmp_path.glob("begun-*"))) == 2
    store.result_path(runs[0].key).unlink()
    assert carry_out(runs, store, inline(Counted)) == 1


def test_a_worker_killed_in_the_middle_costs_nothing_and_changes_nothing(tmp_path):
    store, runs = Store(tmp_path / "store"), [digits(seed=s, epochs=5) for s in (0, 1)]
    (tmp_path / "killed-1").touch()
    assert carry_out(planned(*runs), store, local(KilledOnceCounted)) == 2
    assert len(list(tmp_path.glob("begun-*"))) == 3, "one of two runs begun, killed, begun again"
    for one in planned(*runs):
        result = store.get(one.key)
        same(result, straight(one.run, tmp_path / one.key))
        assert result.provenance["stretches"] == (2 if one.run.seed == 0 else 1)
        assert not store.checkpoint_path(one.key).exists()


def test_a_run_whose_workers_always_die_is_given_up_and_the_others_are_done(tmp_path, monkeypatch):
    store = Store(tmp_path)
    monkeypatch.setattr(local_executor, "ATTEMPTS", 2)
    with pytest.raises(SweepFailed, match="1 of 1 runs failed.*died 2 times"):
        carry_out(planned(digits()), store, local(KilledAlways))
    assert not list(tmp_path.glob("results/*"))


def test_a_run_that_raises_is_named_and_the_others_are_stored(tmp_path):
    broken = digits({"optimizer": "torch.optim.SGD", "lr": -1.0}, epochs=1)
    runs, store = planned(broken, digits(epochs=1)), Store(tmp_path)
    with pytest.raises(SweepFailed, match="1 of 2 runs failed.*stub adam seed 0: ValueError: Invalid learning rate"):
        carry_out(runs, store, inline())
    assert not store.has(runs[0].key) and store.has(runs[1].key)


def test_a_full_disk_stops_the_sweep_cleanly_and_it_goes_on_later(tmp_path):
    runs, store = planned(*(digits(seed=s, epochs=3) for s in range(3))), Store(tmp_path / "store")
    with pytest.raises(SweepStopped, match="1 of 3 runs are done and stored.*give the same line again"):
        carry_out(runs, store, inline(FullDisk))
    assert store.has(runs[0].key) and store.checkpoint_path(runs[1].key).exists()
    assert carry_out(runs, store, inline(FullDisk)) == 2
    for one in runs:
        same(store.get(one.key), straight(one.run, tmp_path / one.key))


def test_a_disk_that_fills_under_a_checkpoint_leaves_the_one_before(tmp_path, monkeypatch):
    run, store = digits(epochs=3), Store(tmp_path)
    path = store.checkpoint_path(job(run, store).key)
    written = []

    def full_at_the_third(target, write):
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(target)
        return write_atomic(target, write)

    write_atomic = store_module.write_atomic
    monkeypatch.setattr(store_module, "write_atomic", full_at_the_third)
    with pytest.raises(OSError, match="No space left"):
        execute(job(run, store), TaskSession, lambda *_: None)
    saved = load_checkpoint(path, job(run, store).key)
    assert saved is not None and len(saved["rows"]) == 2


def test_a_disk_that_fills_under_a_result_stops_the_sweep(tmp_path, monkeypatch):
    def full(self, key, result):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Store, "put", full)
    with pytest.raises(SweepStopped, match="0 of 1 runs"):
        carry_out(planned(digits(epochs=1)), Store(tmp_path), inline())


def test_a_diverged_run_is_recorded_with_its_rows_and_not_run_again(tmp_path):
    run = digits({"optimizer": "torch.optim.SGD", "lr": 1e30}, epochs=4)
    store, ones = Store(tmp_path), planned(run)
    assert carry_out(ones, store, inline()) == 1
    result = store.get(ones[0].key)
    assert result.status == "diverged" and 1 <= len(result.frame) < 4 and not result.final
    assert carry_out(ones, store, inline()) == 0


def test_one_sweep_at_a_time_on_a_store(tmp_path):
    with locked(tmp_path), pytest.raises(SweepStopped, match="another sweep"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_ctrl_c_ends_the_workers_and_keeps_the_checkpoints(tmp_path):
    store, runs = Store(tmp_path), planned(digits(epochs=200))

    class Impatient:
        start = done = staticmethod(lambda *_: None)

        def epoch(self, one, number, row):
            if number == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(runs, store, local(Counted), [Impatient()])
    saved = load_checkpoint(store.checkpoint_path(runs[0].key), runs[0].key)
    assert saved is not None and len(saved["rows"]) >= 1


def test_a_limit_on_examples_needs_separate_examples():
    with pytest.raises(BadInput, match="separate examples"):
        from analysis.training.runs import session
        from analysis.training.tasks.base import Splits
        from dwmgrad_ref.data.base import Provenance

        session._limited(Splits(object(), None, None, Provenance("cora", {}, {}, {})), 5)


def test_the_moves_of_the_losses_by_hand():
    """Changes 1, 0, -2, 2 with mean 1/4, so 3, -1, -9, 7 quarters: products -3 + 9 - 63, squares 9 + 1 + 81 + 49."""
    found = noise([1.0, 2.0, 2.0, 0.0, 2.0])
    assert found == {"loss_rises": 0.5, "loss_ties": 0.25, "loss_lag1": pytest.approx(-57 / 140, rel=1e-15)}


def test_the_moves_of_unrelated_losses_are_a_coins_that_remembers():
    """Rises of half the steps, and changes whose lag-one correlation is -1/2; four standard errors of 10^5 draws."""
    found = noise(list(np.random.default_rng(0).random(100_000)))
    assert abs(found["loss_rises"] - 0.5) < 0.004 and abs(found["loss_lag1"] + 0.5) < 0.01
    assert found["loss_ties"] == 0


@pytest.mark.parametrize(("losses", "found"), [
    ([1.0, 2.0], {}), ([1.0, float("nan"), 2.0], {}), ([0.0, 0.0, 0.0], {"loss_rises": 0.0, "loss_ties": 1.0}),
    ([3.0, 2.0, 1.0], {"loss_rises": 0.0, "loss_ties": 0.0}),
])  # fmt: skip
def test_what_the_moves_do_not_tell_is_left_out(losses, found):
    assert noise(losses) == found
