"""MNIST: IDX files, a big-endian header (0, 0, kind, dimensions, sizes) and then bytes.

The checksums are the MD5s of the decompressed files; those of the downloads are the ones torchvision publishes
(torchvision/datasets/mnist.py). Its site answers irregularly, so the copy that PyTorch keeps is asked first.
"""

from collections.abc import Mapping

import numpy as np

from dwmgrad_ref.data.base import Damaged, DataSet, Download, File, Images

MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
# name: MD5 of the content, MD5 of the .gz
PUBLISHED = {
    "train-images-idx3-ubyte": ("6bbc9ace898e44ae57da46a324031adb", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    "train-labels-idx1-ubyte": ("a25bea736e30d166cdddb491f175f624", "d53e105ee54ea40749a09fcbcd1e9432"),
    "t10k-images-idx3-ubyte": ("2646ac647ad5339dbf082846283269ea", "9fb629c4189551a2d022fa330f9573f3"),
    "t10k-labels-idx1-ubyte": ("27ae3e4e09519cfbb04c329615203637", "ec29112dd5afa0611ce80d1b7f02629c"),
}


def idx(content: bytes) -> np.ndarray:
    """The uint8 array in an IDX file.

    Raises:
        Damaged: another kind, or more or fewer bytes than the header says.
    """
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise Damaged(f"not an IDX file of bytes: it begins with {content[:4].hex()}")
    start = 4 + 4 * content[3]
    shape = np.frombuffer(content, ">u4", content[3], 4).astype(int)
    if len(content) != start + int(np.prod(shape)):
        raise Damaged(f"{len(content) - start:,} bytes where the header says {tuple(map(int, shape))}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read(contents: Mapping[str, bytes]) -> Images:
    train_x, train_y, test_x, test_y = (idx(contents[f"MNIST/raw/{name}"]) for name in PUBLISHED)
    return Images(train_x[:, None], train_y.astype(np.int64), test_x[:, None], test_y.astype(np.int64))


MNIST = DataSet(
    name="mnist",
    title="handwritten digits, 28x28 grey, 10 classes",
    publisher="http://yann.lecun.com/exdb/mnist/",
    counts={"train": 60000, "test": 10000},
    read=read,
    files=tuple(File(f"MNIST/raw/{name}", f"md5:{md5}", ".gz") for name, (md5, _) in PUBLISHED.items()),
    downloads=tuple(
        Download(tuple(f"{mirror}{name}.gz" for mirror in MIRRORS), f"MNIST/raw/{name}.gz", f"md5:{md5}")
        for name, (_, md5) in PUBLISHED.items()
    ),
)
