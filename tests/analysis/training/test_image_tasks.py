"""Augmentation is a function of seed, epoch and place; residual networks are the published ones, layer for layer."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn.functional import batch_norm, conv2d, cross_entropy

from analysis.training import tasks
from analysis.training.randomness import Randomness
from analysis.training.tasks.classification import cropped_and_mirrored, crops
from dwmgrad_ref.errors import BadInput
from tests.analysis.training.test_tasks import splits

torch.set_num_threads(1)


def test_a_crop_is_a_window_of_the_padded_image():
    """numpy's padding and slicing, image by image."""
    x = torch.randint(0, 256, (50, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    drawn = crops(50, 1, 2)
    found = cropped_and_mirrored(x, drawn)
    assert found.dtype == torch.uint8 and found.shape == x.shape
    for image, (row, column, mirrored), one in zip(x.numpy(), drawn.tolist(), found.numpy(), strict=True):
        window = np.pad(image, ((0, 0), (4, 4), (4, 4)))[:, row : row + 32, column : column + 32]
        assert np.array_equal(one, window[:, :, ::-1] if mirrored else window)


def test_crops_are_a_function_of_seed_and_epoch_and_cover_everything():
    assert torch.equal(crops(5000, 3, 4), crops(5000, 3, 4))
    assert not torch.equal(crops(5000, 3, 4), crops(5000, 3, 5)) and not torch.equal(
        crops(5000, 3, 4), crops(5000, 4, 4)
    )
    drawn = crops(5000, 0, 0)
    assert [sorted(set(column)) for column in drawn.T.tolist()] == [list(range(9)), list(range(9)), [0, 1]]


def test_an_augmented_epoch_depends_on_nothing_that_came_before():
    """The same images whatever was drawn, in training only, and by the example's place, not by the batch it is in."""
    task, found = splits("cifar10-resnet")

    def epoch(batch_size, drawn_before):
        randomness = Randomness(5)
        randomness.begin_epoch(3)
        torch.rand(drawn_before, generator=randomness.noise)
        resized = dataclasses.replace(task, batch_size=batch_size)
        return torch.cat([x for x, _ in resized.batches(found.train, randomness)])

    assert torch.equal(epoch(128, 0), epoch(50, 7))
    plain = torch.cat([x for x, _ in task.batches(found.train)])
    torch.testing.assert_close(plain, task.prepare(found.train.x))
    assert not torch.equal(epoch(128, 0).sum((1, 2, 3)).sort().values, plain.sum((1, 2, 3)).sort().values)


def test_label_smoothing_spreads_a_share_of_the_target_in_training_only():
    """-(1 - s) log p(y) - s mean over classes of log p: written out."""
    task, found = splits("cifar10-convnet")
    smooth = dataclasses.replace(task, label_smoothing=0.1)
    model = task.model(0).eval()
    x, y = next(task.batches(found.test))
    odds = model(x).log_softmax(1)
    by_hand = -(0.9 * odds[torch.arange(len(y)), y] + 0.1 * odds.mean(1)).mean()
    torch.testing.assert_close(smooth.loss(model, (x, y)), by_hand)
    assert smooth.evaluate(model, found.test) == task.evaluate(model, found.test)
    torch.testing.assert_close(task.loss(model, (x, y)), cross_entropy(model(x), y))


@pytest.mark.parametrize(("name", "options", "millions"), [
    ("cifar10-resnet", {"depth": 20}, 0.27),  # the sizes that the papers print
    ("cifar10-resnet", {"depth": 110}, 1.7),
    ("cifar10-wide-resnet", {"depth": 16, "width": 4}, 2.7),
    ("cifar10-wide-resnet", {"depth": 28, "width": 10}, 36.5),
])  # fmt: skip
def test_networks_have_the_published_sizes(name, options, millions):
    with torch.device("meta"):  # sizes without numbers
        model = dataclasses.replace(tasks.get(name), **options).network()
    count = sum(p.numel() for p in model.parameters()) / 1e6
    assert count == pytest.approx(millions, rel=0.03)
    assert len([m for m in model.modules() if isinstance(m, torch.nn.Conv2d) and m.kernel_size == (3, 3)]) == (
        options["depth"] - (3 if "wide" in name else 1)
    )


def test_a_depth_that_no_network_has_is_refused():
    with pytest.raises(BadInput, match="depth=21"):
        dataclasses.replace(tasks.get("cifar10-resnet"), depth=21).network()


def test_the_block_of_he_is_the_formula():
    """Written with torch's functions: two convolutions, normalized by their batch, zero channels on both sides."""
    block = dataclasses.replace(tasks.get("cifar10-resnet"), depth=8).model(0).stages[1]
    x = torch.randn(4, 16, 8, 8, generator=torch.Generator().manual_seed(1))
    normal = lambda y: batch_norm(y, None, None, training=True)  # noqa: E731
    hidden = normal(conv2d(x, block.first.weight, stride=2, padding=1)).clamp(min=0)
    past = torch.zeros(4, 32, 4, 4)
    past[:, 8:24] = x[:, :, ::2, ::2]
    expected = (normal(conv2d(hidden, block.second.weight, padding=1)) + past).clamp(min=0)
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)
