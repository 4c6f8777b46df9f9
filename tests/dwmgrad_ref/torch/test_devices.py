"""What an accelerator asks for: no value is ever read back, and no arithmetic mixes devices. No GPU is needed.

On the meta device tensors have no values, so reading one is an error; fake CUDA tensors refuse what real ones refuse.
"""

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.torch import DWMGrad, nonfinite, torch_optimizer
from dwmgrad_ref.torch.nonfinite import Watchman

WAYS: list[dict[str, Any]] = [{}, {"foreach": False}, {"capturable": True}]


@pytest.fixture(autouse=True)
def without_an_event(monkeypatch):
    monkeypatch.setattr(nonfinite, "sent", lambda flag: None)


def three_steps(name: str, devices: list[str], **way: Any) -> Any:
    params = [torch.nn.Parameter(torch.empty(shape, device=d)) for d in devices for shape in ((3, 4), ())]
    optimizer = torch_optimizer(name)(params, weight_decay=0.1, **way)
    for _ in range(3):
        for p in params:
            p.grad = torch.empty_like(p)
        optimizer.step(loss=torch.empty((), device=devices[0]))
        optimizer.start_epoch()
        optimizer.param_groups[0]["lr"] *= 0.5
    return optimizer.param_groups[0]["shared"]


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("name", ["dwmgrad", "adamomentum", "lcam", "amsgrad", "dwmgrad-explicit-window"])
def test_no_value_is_read(name, way):
    assert {value.device.type for value in three_steps(name, ["meta"], **way).values()} == {"meta"}


def test_the_meta_device_would_notice(monkeypatch):
    right = torch.isfinite
    monkeypatch.setattr(torch, "isfinite", lambda x: right(x) if bool(x > 0) else right(x))
    with pytest.raises(RuntimeError, match="meta"):
        three_steps("dwmgrad", ["meta"])


@pytest.mark.parametrize("devices", [["cuda"], ["cuda:0", "cuda:1"], ["cuda", "cpu"]], ids=str)
@pytest.mark.parametrize("way", WAYS[:2], ids=str)
@pytest.mark.parametrize("name", ["dwmgrad", "lcam", "amsgrad"])
def test_no_devices_are_mixed(name, way, devices, monkeypatch):
    def copy_(self: torch.Tensor, other: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
        return torch.broadcast_to(other, self.shape) if other.dim() else self  # the real one needs CUDA even for fakes

    monkeypatch.setattr(torch.Tensor, "copy_", copy_)
    monkeypatch.setattr(torch, "_foreach_copy_", lambda to, new: None)
    with FakeTensorMode():
        assert {str(value.device) for value in three_steps(name, devices, **way).values()} == {"cuda:0"}


class Copies(TorchDispatchMode):
    """Notes for each copy between devices where to it goes and whether the host goes on without waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, bool]] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func is torch.ops.aten._to_copy.default and (kwargs or {}).get("device") is not None:
            self.seen.add((torch.device(kwargs["device"]).type, bool(kwargs.get("non_blocking"))))
        return func(*args, **(kwargs or {}))


def test_the_host_waits_for_numbers_that_it_computes_with(monkeypatch):
    """A copy to the CPU without waiting would be read before it has arrived; to an accelerator it is in order."""
    monkeypatch.setattr(torch, "_foreach_copy_", lambda to, new: None)
    monkeypatch.setattr(torch.Tensor, "copy_", lambda self, other, non_blocking=False: self)
    with FakeTensorMode(), Copies() as copies:
        three_steps("dwmgrad", ["cuda:0", "cuda:1", "cpu"], foreach=False)
    assert {("cpu", False), ("cuda", True)} <= copies.seen and ("cpu", True) not in copies.seen


def test_losses_on_another_device_are_refused():
    p = torch.nn.Parameter(torch.empty(3, device="meta"))
    p.grad = torch.empty_like(p)
    optimizer = DWMGrad([p])
    with pytest.raises(BadInput, match="a loss on cpu, its parameters are on meta"):
        optimizer.step(loss=torch.ones(()))
    optimizer.step(loss=1.0)  # a number is on no device


class Event:
    """Happens when told to."""

    happened = False

    def query(self) -> bool:
        return self.happened


def test_a_loss_that_is_no_number_is_reported_when_the_news_arrives(monkeypatch):
    events: list[Event] = []

    def sent(flag: torch.Tensor) -> Any:
        events.append(Event())
        return events[-1], flag.clone()

    monkeypatch.setattr(nonfinite, "sent", sent)
    watchman = Watchman()
    watchman.note(torch.tensor(True))
    watchman.note(torch.tensor(False))  # while the first copy is still on its way
    watchman.report("it")
    events[0].happened = True
    watchman.report("it")  # that copy knows of nothing
    watchman.note(torch.tensor(True))
    watchman.report("it")
    events[1].happened = True
    with pytest.raises(BadInput, match="not finite a few steps ago"):
        watchman.report("it")
    watchman.note(torch.tensor(True))
    events[2].happened = True
    watchman.report("it")
    assert len(events) == 3


def test_the_shared_state_leaves_such_a_loss_out(monkeypatch):
    """As on an accelerator, where nobody looks first: `type` is all that tells the CPU's tensors apart here."""
    p = torch.nn.Parameter(torch.ones(3))
    optimizer = DWMGrad([p], signal="increase", capturable=True)
    for loss in (1.0, 2.0):
        p.grad = torch.ones(3)
        optimizer.step(loss=loss)
    run = optimizer._running(optimizer.param_groups[0])
    before = {name: float(value) for name, value in optimizer.param_groups[0]["shared"].items()}
    monkeypatch.setattr(type(run), "on_host", False)
    for loss, same in ((float("nan"), True), (float("-inf"), True), (3.0, False)):
        run.advance(torch.tensor(loss), Watchman())
        run.keep()
        assert ({n: float(v) for n, v in optimizer.param_groups[0]["shared"].items()} == before) == same


def test_importing_the_package_does_not_import_torch():
    code = "import sys, dwmgrad_ref; from dwmgrad_ref import rules; rules.names(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
