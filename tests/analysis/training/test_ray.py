"""The same sweep on a Ray cluster of two nodes on this machine, a worker killed in the middle."""

import contextlib
import warnings

import numpy as np
import pytest
import torch

from analysis.training.runs import execute as execute_module
from analysis.training.runs.execute import Job, execute
from analysis.training.runs.plan import identity_of
from analysis.training.runs.ray_executor import run_all
from analysis.training.runs.run import ANYWHERE, Run, key
from analysis.training.runs.session import TaskSession
from analysis.training.runs.store import Store
from analysis.training.runs.sweep import Planned, carry_out
from tests.analysis.training.training_stub import KilledOnceCounted
from tests.source_tree import ROOT

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]  # Ray warns of its own threads and sockets


@pytest.fixture
def cluster(monkeypatch, tmp_path):
    """Two nodes of one core each; their workers find this package and the stubs."""
    # By default 15 and 30 s, too short on a busy machine; read when Ray is loaded.
    monkeypatch.setenv("RAY_agent_register_timeout_ms", "120000")
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "120")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray = pytest.importorskip("ray")
        cluster_utils = pytest.importorskip("ray.cluster_utils")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("STUB_FLAGS", str(tmp_path))
    monkeypatch.setenv("RAY_TMPDIR", "/tmp")  # its sockets' paths have a short limit
    memory = {"object_store_memory": 80 * 2**20, "num_cpus": 1}
    cluster = cluster_utils.Cluster(initialize_head=True, head_node_args={**memory, "include_dashboard": False})
    cluster.add_node(**memory)
    cluster.wait_for_nodes()
    yield ray, cluster.address
    with contextlib.suppress(Exception):
        ray.shutdown()
    cluster.shutdown()


def test_nothing_is_lost_or_run_twice_on_a_cluster_when_a_worker_is_killed(cluster, tmp_path, monkeypatch):
    _, address = cluster
    monkeypatch.setattr(execute_module, "OFTEN", 0.0)
    before = torch.get_num_threads()
    runs = [
        Run("digits-mlp", {"optimizer": "torch.optim.Adam", "lr": 1e-2}, seed, 5, task_options={"examples": 200})
        for seed in range(3)
    ]
    identities = [identity_of(run, ANYWHERE) for run in runs]
    planned = [Planned("stub", "adam", key(i), run, i) for run, i in zip(runs, identities, strict=True)]
    for seed in (1, 2):
        (tmp_path / f"killed-{seed}").touch()  # so that seed 0's worker alone is killed
    store, told = Store(tmp_path / "store"), []

    def engine(jobs, tell):
        run_all(jobs, address, KilledOnceCounted, lambda event: (told.append(event), tell(event)))

    assert carry_out(planned, store, engine) == 3
    begun = [path.name.split("-")[1] for path in tmp_path.glob("begun-*")]
    assert sorted(begun) == ["0", "0", "1", "2"], "the killed run is begun again, and no other"
    assert sorted(e.key for e in told if e.kind == "done") == sorted(one.key for one in planned)
    for one in planned:
        alone = execute(Job(one.key, one.run, one.identity, str(tmp_path / "alone")), TaskSession, lambda *_: None)
        result = store.get(one.key)
        assert result.provenance["stretches"] == (2 if one.run.seed == 0 else 1)
        for name in alone.frame.columns.drop("seconds"):
            np.testing.assert_array_equal(result.frame[name], alone.frame[name])
    assert carry_out(planned, store, engine) == 0
    torch.set_num_threads(before)
