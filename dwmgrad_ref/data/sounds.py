"""Short recordings: the Free Spoken Digit Dataset [jackson2018].

Its publisher gives no checksums, so what is compared is one SHA-256 over all files, each by its name and content, of
the recordings of commit 26eb9aa. They come as single files in a repository, so there is no archive to fetch here.
"""

import hashlib
import io
import wave
from collections.abc import Mapping, Sequence

import numpy as np

from dwmgrad_ref.data.base import Damaged, DataSet, File, Sounds

SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
RATE = 8000
DIGITS = tuple(
    f"fsdd/recordings/{digit}_{speaker}_{index}.wav" for digit in range(10) for speaker in SPEAKERS
    for index in range(50)
)  # fmt: skip
DIGITS_SHA256 = "398b8440438f7b7b5df9f326fb02e5c65c01a9b25e8669783f151fa9c063ae47"


def content_sha256(contents: Mapping[str, bytes]) -> str:
    """SHA-256 over the SHA-256 of every file in the order of their names."""
    each = (f"{path} {hashlib.sha256(contents[path]).hexdigest()}\n" for path in sorted(contents))
    return hashlib.sha256("".join(each).encode()).hexdigest()


def of_length(samples: np.ndarray, length: int) -> np.ndarray:
    """The first `length` samples, silence after the end of a shorter clip."""
    return np.pad(samples[:length], (0, max(0, length - len(samples))))


def wav(content: bytes) -> np.ndarray:
    """The samples (n,) int16 of a recording with one channel at 8 kHz.

    Raises:
        Damaged: another number of channels, width or rate.
    """
    with wave.open(io.BytesIO(content)) as file:
        told = file.getnchannels(), file.getsampwidth(), file.getframerate()
        if told != (1, 2, RATE):
            raise Damaged(f"channels, bytes a sample and rate are {told}; expected {(1, 2, RATE)}")
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def _spoken(contents: Mapping[str, bytes]) -> Sounds:
    if (found := content_sha256(contents)) != DIGITS_SHA256:
        raise Damaged(f"the recordings are not the published ones (SHA-256 over all files {found})")
    train = [path for path in DIGITS if int(path.rpartition("_")[2].removesuffix(".wav")) >= 5]
    test = [path for path in DIGITS if path not in set(train)]

    def stacked(paths: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        waves = np.stack([of_length(wav(contents[path]), RATE) for path in paths])
        return waves, np.array([int(path.rpartition("/")[2][0]) for path in paths], np.int64)

    return Sounds(*stacked(train), *stacked(test), rate=RATE)


SPOKEN_DIGITS = DataSet(
    name="fsdd",
    title="spoken digits, six speakers, 8 kHz, cut or filled to one second; indices 0 to 4 test",
    publisher="https://github.com/Jakobovski/free-spoken-digit-dataset",
    counts={"train": 2700, "test": 300},
    read=_spoken,
    files=tuple(File(path) for path in DIGITS),
)
