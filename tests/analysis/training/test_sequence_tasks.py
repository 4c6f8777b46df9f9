"""Language models, the autoencoder and spectrograms: what each computes, against formulas and other libraries."""

import dataclasses
import math

import numpy as np
import pytest
import scipy.signal
import torch
from torch.distributions import Normal, kl_divergence

from analysis.training import tasks
from analysis.training.randomness import Randomness
from analysis.training.tasks.audio import FLOOR, log_mel, mel_filters
from analysis.training.tasks.language import Tokens
from analysis.training.tasks.vae import divergence, negative_bound
from dwmgrad_ref.data import text
from dwmgrad_ref.data.base import Damaged
from tests.analysis.training.test_tasks import small, splits

torch.set_num_threads(1)

# --- texts ---


def test_characters_are_cut_by_position():
    found = text.characters(("abcdefghij" * 10).encode())
    assert found.symbols == tuple("abcdefghij")
    spelled = ["".join(found.symbols[i] for i in part) for part in (found.train, found.validation, found.test)]
    assert "".join(spelled) == "abcdefghij" * 10 and [len(part) for part in spelled] == [90, 5, 5]


def test_words_are_numbered_by_the_training_part_and_lines_end():
    found = text.words(b" the cat \n a cat \n", b" a cat \n", b"the \n")
    spelled = [[found.symbols[i] for i in part] for part in (found.train, found.validation, found.test)]
    assert spelled == [["the", "cat", "<eos>", "a", "cat", "<eos>"], ["a", "cat", "<eos>"], ["the", "<eos>"]]
    with pytest.raises(Damaged, match="1 words .* 'dog'"):
        text.words(b"the cat\n", b"the dog\n", b"the\n")


# --- batches of language models ---


def test_columns_read_the_text_in_order_and_each_symbol_is_predicted_once():
    task = dataclasses.replace(tasks.get("shakespeare-lstm"), batch_size=3, bptt=4)
    ids = torch.arange(32)  # 31 predicted at most, 30 of them in three columns of ten
    segments = list(task.batches(Tokens(ids), Randomness(0)))
    assert [s.first for s in segments] == [True, False, False] and len(segments) == task.steps(Tokens(ids))
    x, y = (torch.cat([getattr(s, part) for s in segments], 1) for part in "xy")
    assert torch.equal(x, ids[:30].view(3, 10)) and torch.equal(y, x + 1)


def test_shuffled_sequences_begin_anywhere_and_come_once():
    task = dataclasses.replace(tasks.get("shakespeare-transformer"), batch_size=3, bptt=4)
    starts = set()
    for epoch in range(20):
        randomness = Randomness(0)
        randomness.begin_epoch(epoch)
        segments = list(task.batches(Tokens(torch.arange(64)), randomness))
        x = torch.cat([s.x for s in segments])
        assert len(segments) == task.steps(Tokens(torch.arange(64))) == 5 and all(s.first for s in segments)
        assert all(torch.equal(s.y, s.x + 1) for s in segments)
        seen = x.flatten().sort().values
        starts.add(int(seen[0]))
        assert torch.equal(seen, torch.arange(60) + seen[0])
        assert not torch.equal(x.flatten(), seen)
    assert starts == {0, 1, 2, 3}


def test_an_lstm_that_carries_its_state_reads_the_text_as_one():
    """Logits of batches of 70 with the state carried are those of the whole column at once."""
    task, found = splits("ptb-lstm")
    task = dataclasses.replace(task, dropout=0.0)
    model = task.model(0)
    segments = list(task.batches(found.validation))
    assert len(segments) > 2
    parts = torch.cat([model(s.x, s.first) for s in segments], 1)
    whole = torch.cat([s.x for s in segments], 1)
    torch.testing.assert_close(parts, model(whole, True), rtol=1e-4, atol=1e-5)
    lost = torch.cat([model(s.x, True) for s in segments], 1)
    assert not torch.allclose(lost, parts, rtol=1e-3, atol=1e-3)  # the comparison would notice


def test_gradients_do_not_reach_back_into_the_batch_before():
    task, found = splits("shakespeare-lstm")
    model = task.model(0)
    first, second, *_ = task.batches(found.train)
    task.loss(model, first)
    assert not any(part.requires_grad for state in model.carried for part in state)
    task.loss(model, second).backward()
    used = set(second.x.flatten().tolist())
    moved = {int(i) for i in model.embedding.weight.grad.abs().sum(1).nonzero()}
    assert moved == used


def test_perplexity_is_the_exponential_of_the_mean_over_all_symbols():
    task, found = splits("shakespeare-lstm")
    model = task.model(0)
    odds, y = [], []
    for segment in task.batches(found.test):
        odds.append(model(segment.x, segment.first).detach().log_softmax(2).flatten(0, 1))
        y.append(segment.y.flatten())
    picked = torch.cat(odds).double()[torch.arange(sum(map(len, y))), torch.cat(y)]
    scores = task.evaluate(model, found.test)
    assert scores["loss"] == pytest.approx(-float(picked.mean()), rel=1e-6)
    assert scores["perplexity"] == math.exp(scores["loss"])
    assert scores["accuracy"] == float((torch.cat(odds).argmax(1) == torch.cat(y)).double().mean())


def test_the_transformer_sees_no_symbol_that_comes_later():
    task, found = splits("shakespeare-transformer")
    model = task.model(0)
    x = next(iter(task.batches(found.validation))).x[:2].clone()
    before = model(x)
    x[:, 30:] = (x[:, 30:] + 1) % 65
    after = model(x)
    torch.testing.assert_close(after[:, :30], before[:, :30])
    assert not torch.allclose(after[:, 30:], before[:, 30:])


def test_the_transformers_block_is_torchs_encoder_layer():
    """torch.nn.TransformerEncoderLayer with normalization first and GELU, under a causal mask, with our weights."""
    task = small("shakespeare-transformer")
    block = task.model(0).blocks[0]
    oracle = torch.nn.TransformerEncoderLayer(
        16, 2, 64, 0.0, activation="gelu", batch_first=True, norm_first=True
    ).train()
    attention = oracle.self_attn
    pairs = (
        (attention.in_proj_weight, block.asked.weight), (attention.in_proj_bias, block.asked.bias),
        (attention.out_proj.weight, block.attended.weight), (attention.out_proj.bias, block.attended.bias),
        (oracle.linear1.weight, block.perceptron[0].weight), (oracle.linear1.bias, block.perceptron[0].bias),
        (oracle.linear2.weight, block.perceptron[2].weight), (oracle.linear2.bias, block.perceptron[2].bias),
    )  # fmt: skip
    with torch.no_grad():
        for theirs, ours in pairs:
            theirs.copy_(ours)
    x = torch.randn(3, 10, 16, generator=torch.Generator().manual_seed(0))
    mask = torch.nn.Transformer.generate_square_subsequent_mask(10)
    torch.testing.assert_close(block(x), oracle(x, src_mask=mask, is_causal=True), rtol=1e-4, atol=1e-5)


# --- the autoencoder ---


def test_the_divergence_is_torchs():
    draw = torch.Generator().manual_seed(0)
    mean, log_variance = (torch.randn(7, 4, generator=draw, dtype=torch.float64) for _ in range(2))
    oracle = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(divergence(mean, log_variance), oracle)


def test_the_bound_lies_below_the_likelihood():
    """log p(x) by importance sampling with many codes is at least the bound averaged over them, by Jensen."""
    task, found = splits("mnist-vae")
    model = task.model(0)
    x = task.prepare(found.test.x[:5]).round()  # binary, so that p(x | z) is a probability
    draw = torch.Generator().manual_seed(1)
    bounds, weights = [], []
    with torch.no_grad():
        mean, log_variance = model.encoder(x).chunk(2, 1)
        posterior = Normal(mean, (log_variance / 2).exp())
        for _ in range(400):
            noise = torch.randn(5, task.code, generator=draw)
            kl, reconstruction = negative_bound(model, x, noise)
            z = mean + posterior.scale * noise
            bounds.append(-(kl + reconstruction))
            weights.append(-reconstruction + (Normal(0.0, 1.0).log_prob(z) - posterior.log_prob(z)).sum(1))
    likelihood = torch.stack(weights).logsumexp(0) - math.log(400)
    gap = likelihood - torch.stack(bounds).mean(0)
    assert (gap > 0).all() and (gap < 5).all()


def test_noise_of_training_is_the_runs_and_of_evaluation_always_the_same():
    task, found = splits("mnist-vae")

    def noise(seed, epoch):
        randomness = Randomness(seed)
        randomness.begin_epoch(epoch)
        return torch.cat([drawn for _, drawn in task.batches(found.train, randomness)])

    assert torch.equal(noise(0, 1), noise(0, 1)) and not torch.equal(noise(0, 1), noise(0, 2))
    model = task.model(0)
    scores = task.evaluate(model, found.test)
    assert scores["loss"] == pytest.approx(scores["divergence"] + scores["reconstruction"])
    x, drawn = next(task.batches(dataclasses.replace(found.test)))
    assert task.loss(model, (x, drawn)).item() == pytest.approx(scores["loss"], rel=1e-5)  # 40 images are one batch


# --- spectrograms ---


def test_a_spectrogram_is_scipys_and_its_bands_are_weighted_sums():
    rng = np.random.default_rng(0)
    x = rng.integers(-20000, 20000, (2, 4000), np.int16)
    fourier = scipy.signal.ShortTimeFFT(scipy.signal.windows.hann(256, sym=False), 128, 8000)
    frames = 1 + (4000 - 256) // 128
    energy = np.abs(fourier.stft(x / 2**15, p0=1, p1=1 + frames)) ** 2
    logarithm = np.log(np.einsum("bf,nft->nbt", mel_filters(40, 256, 8000), energy) + FLOOR)
    expected = (logarithm - logarithm.mean((1, 2), keepdims=True)) / logarithm.std((1, 2), keepdims=True, ddof=1)
    found = log_mel(x, 40, 256, 128, 8000)
    assert found.shape == (2, 1, 40, frames) and found.dtype == np.float32
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-3, atol=1e-3)


def test_filters_are_triangles_equally_spaced_in_mel():
    filters = mel_filters(20, 4096, 8000)
    centres = filters.argmax(1) * 8000 / 4096
    mel = 2595 * np.log10(1 + centres / 700)
    assert np.ptp(np.diff(mel)) < 8  # mel; a bin of the transform is 2 Hz, at most 3 mel, on each side
    assert filters.min() == 0 and (filters.max(1) > 0.95).all() and (filters.max(1) <= 1).all()
    assert filters[-1].nonzero()[0][-1] == 2047  # the last triangle ends at half the rate, where it is 0
    between = slice(filters[0].argmax() + 1, filters[-1].argmax())
    np.testing.assert_allclose(filters.sum(0)[between], 1)  # neighbours' flanks add to one


def test_silence_is_no_division_by_zero():
    # 0 but for the rounding of the mean of 2,440 equal float32, enlarged by the least deviation, 1e-3
    assert np.abs(log_mel(np.zeros((1, 8000), np.int16), 40, 256, 128, 8000)).max() < 0.01
