"""Where the figures' inputs and committed tables lie, and files as checksummed bytes."""

import hashlib
from pathlib import Path

from dwmgrad_ref.files import write_atomic

HERE = Path(__file__).resolve().parents[1]
FIGURES = HERE / "figures"
PUBLISHED = HERE / "published"
DATA = HERE / "data"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(path: Path, content: bytes) -> Path:
    return write_atomic(path, lambda file: file.write(content))
