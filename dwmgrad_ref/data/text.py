"""Texts for language models: tiny Shakespeare by characters, Penn Treebank by words."""

from collections.abc import Mapping

import numpy as np

from dwmgrad_ref.data.base import Damaged, DataSet, Download, File, Text

SHAKESPEARE = "tinyshakespeare/input.txt"
PTB = ("ptb/ptb.train.txt", "ptb/ptb.valid.txt", "ptb/ptb.test.txt")


def characters(content: bytes) -> Text:
    """A text by its characters, cut by position into the first 90 %, the next 5 % and the last 5 %.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
    """
    text = content.decode()
    symbols, ids = np.unique(np.array(list(text)), return_inverse=True)
    first, second = len(ids) * 90 // 100, len(ids) * 95 // 100
    ids = ids.astype(np.int64)
    return Text(ids[:first].copy(), ids[first:second].copy(), ids[second:].copy(), tuple(map(str, symbols)))


def words(train: bytes, validation: bytes, test: bytes) -> Text:
    """Texts by their words; the end of each line is the word <eos>, as in Zaremba's preparation [zaremba2014].

    Raises:
        Damaged: a word of the other two parts does not occur in the training part.
    """
    split = [part.decode().replace("\n", " <eos> ").split() for part in (train, validation, test)]
    numbers = {word: number for number, word in enumerate(sorted(set(split[0])))}
    if unknown := {*split[1], *split[2]} - set(numbers):
        raise Damaged(f"{len(unknown)} words do not occur in the training part, such as {min(unknown)!r}")
    first, second, third = (np.array([numbers[word] for word in part], np.int64) for part in split)
    return Text(first, second, third, tuple(numbers))


TINYSHAKESPEARE = DataSet(
    name="tinyshakespeare",
    title="1,115,394 characters of Shakespeare's plays, 65 different ones",
    publisher="https://github.com/karpathy/char-rnn",
    counts={"train": 1003854, "validation": 55770, "test": 55770, "symbols": 65},
    read=lambda contents: characters(contents[SHAKESPEARE]),
    files=(File(SHAKESPEARE, "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", ".xz"),),
    downloads=(
        Download(
            ("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",),
            SHAKESPEARE,
            "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        ),
    ),
)


def _ptb(contents: Mapping[str, bytes]) -> Text:
    return words(*(contents[path] for path in PTB))


# The corpus has no free licence, so there is nothing to download here. The counts are those that [zaremba2014] and its
# followers print: 929k, 73k and 82k words with a vocabulary of 10,000.
PENN_TREEBANK = DataSet(
    name="ptb",
    title="Penn Treebank, words, as Mikolov prepared it",
    publisher="http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz, folder data",
    counts={"train": 929589, "validation": 73760, "test": 82430, "symbols": 10000},
    read=_ptb,
    files=tuple(File(path) for path in PTB),
)
