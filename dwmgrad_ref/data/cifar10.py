"""CIFAR-10, the version for Python: six pickles of {"data": uint8 (n, 3072), "labels": list}, rows red, green, blue.

The MD5s are the ones torchvision publishes (torchvision/datasets/cifar.py). A copy of which images are missing is
read only when the user says so; then its checksums cannot be compared, and shapes and labels are all that is checked.
"""

from collections.abc import Mapping

import numpy as np

from dwmgrad_ref.data.base import Damaged, DataSet, Download, File, Images
from dwmgrad_ref.data.unpickle import loads

FOLDER = "cifar-10-batches-py"
URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
ARCHIVE = "md5:c58f30108f718f92721af3b95e74349a"
TRAIN = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
}
TEST = {"test_batch": "40351d587109b95175f43aff81a1287e"}


def batch(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 3, 32, 32) uint8 and labels (n,) int64 of one pickle; its keys are str (Python 2) or bytes.

    Raises:
        Damaged: not such a batch.
    """
    record = loads(content)
    if not isinstance(record, dict):
        raise Damaged(f"a CIFAR-10 batch is a dict, this is a {type(record).__name__}")
    named = {key.decode() if isinstance(key, bytes) else key: value for key, value in record.items()}
    x, labels = named.get("data"), named.get("labels")
    if not isinstance(x, np.ndarray) or x.dtype != np.uint8 or x.ndim != 2 or x.shape[1] != 3072 or len(x) > 10000:
        raise Damaged(f"images of shape {getattr(x, 'shape', None)}; expected uint8 (at most 10000, 3072)")
    if not (isinstance(labels, list) and len(labels) == len(x) and all(type(y) is int and 0 <= y < 10 for y in labels)):
        raise Damaged(f"labels that are not a list of {len(x)} numbers, each one of 0..9")
    return np.asarray(x).reshape(-1, 3, 32, 32), np.array(labels, np.int64)


def read(contents: Mapping[str, bytes]) -> Images:
    parts = [batch(contents[f"{FOLDER}/{name}"]) for name in TRAIN]
    train_x, train_y = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Images(train_x, train_y, *batch(contents[f"{FOLDER}/test_batch"]))


CIFAR10 = DataSet(
    name="cifar10",
    title="photographs, 32x32 RGB, 10 classes",
    publisher="https://www.cs.toronto.edu/~kriz/cifar.html",
    counts={"train": 50000, "test": 10000},
    read=read,
    files=tuple(File(f"{FOLDER}/{name}", f"md5:{md5}") for name, md5 in (TRAIN | TEST).items()),
    downloads=(Download((URL,), "cifar-10-python.tar.gz", ARCHIVE),),
    partial=True,
)
