"""Two processes with different data: `average_loss` keeps their windows, and so their parameters, the same."""

import os
import subprocess
import sys
from typing import Any

import pytest
import torch

from tests.source_tree import ROOT


@pytest.fixture(scope="module")
def ranks(tmp_path_factory) -> list[dict[str, Any]]:
    """What `ranks.py` found on each of two processes."""
    folder = tmp_path_factory.mktemp("ranks")
    command = [sys.executable, "-m", "tests.dwmgrad_ref.torch.ranks"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GLOO_SOCKET_IFNAME": "lo"}
    started = [
        subprocess.Popen(
            [*command, str(rank), str(folder)], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
        )
        for rank in range(2)
    ]
    try:
        errors = [process.communicate(timeout=300)[1] for process in started]
    finally:
        for process in started:
            process.kill()
    assert [process.returncode for process in started] == [0, 0], errors
    return [torch.load(folder / f"rank{rank}.pt", weights_only=True) for rank in range(2)]


def equal(a: list[torch.Tensor], b: list[torch.Tensor]) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("scenario", ["increase", "lcam", "adamomentum", "sharded"])
def test_ranks_are_bitwise_equal_after_100_steps(ranks, scenario):
    assert equal(ranks[0][scenario], ranks[1][scenario])


def test_the_window_did_move(ranks):
    assert len(ranks[0]["increase"][-1].unique()) > 3


@pytest.mark.parametrize("scenario", ["local losses", "group of one"])
def test_without_averaging_each_rank_follows_its_own_loss(ranks, scenario):
    """As documented: the windows part, and with them the parameters, although DDP averages the gradients."""
    assert not torch.equal(ranks[0][scenario][-1], ranks[1][scenario][-1])
    assert not equal(ranks[0][scenario], ranks[1][scenario])


def test_fully_sharded_parameters_take_the_replicated_steps(ranks):
    """FSDP2 averages the same gradients, and the formula works on each coordinate by itself."""
    assert all(
        torch.allclose(a, b, rtol=1e-5, atol=1e-6)
        for a, b in zip(ranks[0]["sharded"], ranks[0]["increase"], strict=True)
    )


def test_a_loss_that_is_nan_on_one_rank_stops_both(ranks):
    assert all("got the loss nan; nothing was changed" in rank["nan"] for rank in ranks)
