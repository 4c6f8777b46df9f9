"""Committed results of tiny runs, which show that a change of code has changed numbers that keys promise to keep.

`golden.json` has, for every case, the versions it was computed with, a checksum of every bit of its results, and a
few of the numbers. How exactly a result must agree depends on the machine, because the last bits of a matrix product
follow from the instructions that the processor has: where a probe of library calls alone, none of them ours, gives the
recorded bits, every bit of every case must be the recorded one; elsewhere the numbers must agree to `RELATIVE`, and
the distances that weights moved to `MOVED`.

After raising a version, `python -m tests.result_versions.golden` records the new results. It refuses to replace a
result whose versions are unchanged, unless torch or the machine is another one and the numbers agree.
"""

import hashlib
import json
import math
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

FILE = Path(__file__).with_name("golden.json")
# What other instructions change, as measured with torch, oneDNN and numba held to older ones, is at most 4e-6 of a loss
# and 5e-4 of the distance that weights moved; another order of the batches changes every loss by 2e-4 to 7e-1.
RELATIVE, MOVED = 5e-5, 3e-3


class Case(NamedTuple):
    """What one tiny run gave.

    versions    the result versions that it depends on, by name
    bits        every bit of its results
    numbers     some of them, for machines with another arithmetic
    """

    versions: dict[str, Any]
    bits: bytes
    numbers: dict[str, float]

    def record(self) -> dict[str, Any]:
        return {
            "versions": self.versions,
            "sha256": hashlib.sha256(self.bits).hexdigest(),
            "numbers": {name: float(f"{value:.9g}") for name, value in self.numbers.items()},
        }


def difference(case: Case, recorded: dict[str, Any] | None, same_arithmetic: bool) -> str | None:
    """What is wrong with the case, and what to do about it; None if it is as recorded."""
    if recorded is None:
        return "has no recorded result; run `python -m tests.result_versions.golden` to record it"
    now = case.record()
    if now["versions"] != recorded["versions"]:
        differ = f"has versions {now['versions']}, recorded {recorded['versions']}"
        return f"{differ}; run `python -m tests.result_versions.golden`"
    raise_it = (
        "and no version was raised. Undo the change, or raise the result version of what you changed "
        f"({', '.join(now['versions'])}) and run `python -m tests.result_versions.golden`"
    )
    if same_arithmetic:
        return None if now["sha256"] == recorded["sha256"] else f"gives other bits than recorded, {raise_it}"
    then = recorded["numbers"]
    far = {
        name: (then.get(name), value)
        for name, value in now["numbers"].items()
        if name not in then or not math.isclose(value, then[name], rel_tol=tolerance(name), abs_tol=1e-12)
    }
    return f"differs from the record by more than another processor would make it, {raise_it}: {far}" if far else None


def tolerance(name: str) -> float:
    """The relative difference that a number of a case may have on a machine with another arithmetic."""
    return MOVED if name.startswith("moved") else RELATIVE


def recorded() -> dict[str, Any]:
    """The content of `golden.json`: `arithmetic`, the probe's checksum, and `cases`."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def same_arithmetic() -> bool:
    """Whether library calls give the recorded bits here."""
    return recorded()["arithmetic"] == arithmetic()


@cache
def arithmetic() -> str:
    """Checksum of what torch, NumPy and the C library compute in calls like those of the cases."""
    digest = hashlib.sha256(f"{torch.__version__} {np.__version__}".encode())
    for found in (*_networks(), *_vectors()):
        digest.update(found)
    return digest.hexdigest()


def _networks() -> list[bytes]:
    """Losses and gradients of the layers that tasks are made of, in their sizes."""
    draw = torch.Generator().manual_seed(0)

    def uniform(*shape: int) -> Tensor:
        return (torch.rand(shape, generator=draw) - 0.5).requires_grad_()

    found: list[bytes] = []
    for batch, inputs, hidden, outputs in (
        (32, 64, 64, 10),
        (64, 784, 512, 10),
        (128, 2048, 512, 10),
        (30, 1433, 16, 7),
    ):
        x, first, second, b = (
            uniform(batch, inputs),
            uniform(hidden, inputs),
            uniform(outputs, hidden),
            uniform(outputs),
        )
        logits = functional.linear(torch.relu(functional.linear(x, first)), second, b)
        loss = functional.cross_entropy(logits, torch.arange(batch) % outputs)
        found += [_bytes(one) for one in (logits, *torch.autograd.grad(loss, (first, second, b)))]
    image = uniform(128, 3, 32, 32).detach().contiguous(memory_format=torch.channels_last)
    filters = [uniform(32, 3, 3, 3), uniform(64, 32, 3, 3), uniform(128, 64, 3, 3)]
    for one in filters:
        image = torch.relu(functional.max_pool2d(functional.conv2d(image, one, padding=1), 2))
    found += [_bytes(one) for one in torch.autograd.grad(image.square().mean(), filters)]
    edges = torch.arange(200) % 30
    found.append(_bytes(torch.zeros(30, 16).index_add(0, edges, uniform(200, 16).detach())))
    return found


def _vectors() -> list[bytes]:
    """Elementwise steps of optimizers, sums, and the C library's powers."""
    draw = torch.Generator().manual_seed(1)
    x = torch.rand(1000, generator=draw)
    y = torch.rand(1000, generator=draw)
    layer = nn.Parameter(x.clone())
    layer.grad = y
    for kind in (torch.optim.SGD, torch.optim.Adam):
        kind([layer], lr=0.1).step()
    powers = (
        [math.pow(0.999, t) for t in range(100)]
        + [math.exp(-t / 7) for t in range(100)]
        + [math.log(t + 1.5) for t in range(100)]
    )  # noqa: E501
    found = [x.addcdiv(x, y.sqrt()), x.pow(0.3), x.exp(), x.log(), x.sum(), x.double().mean(), x.norm(), layer.detach()]
    sums = np.array([np.mean(x.double().numpy()), np.dot(x.double().numpy(), y.double().numpy())])
    return [*map(_bytes, found), np.array(powers).tobytes(), sums.tobytes()]


def _bytes(found: Tensor) -> bytes:
    return found.detach().contiguous().numpy().tobytes()


def renew(cases: dict[str, Callable[[], Case]]) -> list[str]:
    """Write the file; the names of the cases that were recorded anew.

    Raises:
        SystemExit: a result changed and its versions did not; nothing is written.
    """
    old = recorded() if FILE.exists() else {"arithmetic": arithmetic(), "cases": {}}
    same = old["arithmetic"] == arithmetic()
    written, changed, wrong = {}, [], []
    for name, run in sorted(cases.items()):
        case, then = run(), old["cases"].get(name)
        written[name] = case.record()
        if then is not None and then["versions"] == case.versions:
            if told := difference(case, then, same):
                wrong.append(f"{name} {told}")
        if written[name] != then:
            changed.append(name)
    if wrong:
        sys.exit("\n".join(wrong))
    content = {"arithmetic": arithmetic(), "cases": written}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return changed


if __name__ == "__main__":
    from tests.result_versions.golden_cases import CASES

    torch.set_num_threads(1)
    print("recorded anew:", ", ".join(renew(CASES)) or "nothing, all is as recorded")
