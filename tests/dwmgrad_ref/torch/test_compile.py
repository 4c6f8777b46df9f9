"""torch.compile around the model, the step, or the whole training step: the same numbers as without it."""

import pytest
import torch

from tests.dwmgrad_ref.torch.small_network import CLASSES, batch, loss_of, network, same, train


# dynamo itself looks at .grad of the loss when it resumes after backward()
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")
@pytest.mark.parametrize("what", ["model", "step", "training"])
@pytest.mark.parametrize("cls", CLASSES)
def test_compiled_training_is_eager_training(cls, what):
    """The optimizer's arithmetic stays out of the graph, so a new window or step size compiles nothing anew."""
    plain, other = network(), network()
    ours, theirs = (cls(m.parameters(), lr=1e-2) for m in (plain, other))
    graphs = []

    def backend(graph, inputs):
        graphs.append(graph)
        return graph.forward

    compiled = torch.compile(other, backend=backend) if what == "model" else other

    def training(step: int, x: torch.Tensor) -> None:
        theirs.zero_grad()
        loss = ((compiled(x) - x.sum(1, keepdim=True)) ** 2).mean()
        loss.backward()
        take(loss.detach())

    take = lambda loss: theirs.step(loss=loss)  # noqa: E731
    if what == "step":
        take = torch.compile(take, backend=backend)
    whole = torch.compile(training, backend=backend) if what == "training" else training
    for step in range(8):
        theirs.param_groups[0]["lr"] = ours.param_groups[0]["lr"] = 1e-2 / (1 + step)
        train(plain, ours, 1, step)
        whole(0, batch(step))
        if step == 1:
            before = len(graphs)
    assert same(plain, other) and len(graphs) == before
    torch.compiler.reset()
    assert loss_of(other, 0) == loss_of(plain, 0)
