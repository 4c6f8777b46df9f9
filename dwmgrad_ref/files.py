"""Files that are either complete or not there, and JSON that says whether it is as it was written."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from dwmgrad_ref.errors import DamagedFile


def write_atomic(path: str | Path, write: Callable[[BinaryIO], object]) -> Path:
    """Write beside `path`, flush to disk, then rename: a reader or a crash never meets half a file.

    Raises:
        OSError: nothing could be written; the previous file, if any, is as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def with_checksum(text: str) -> str:
    """The JSON `text`, laid out as it is, inside an object that carries the SHA-256 of its values.

    Line ends, spaces and the spelling of numbers may change; a value, a name or their order may not.
    """
    return f'{{"sha256": "{_sha256(json.loads(text))}", "content":\n{text.strip()}\n}}\n'


def checked(content: bytes | str, name: str, remedy: str) -> Any:
    """The values in what `with_checksum` made.

    Args:
        name, remedy: which file it is and what to do if it is damaged, for the message.

    Raises:
        DamagedFile: it is cut, carries no checksum, or a value is not the one that was written.
    """
    try:
        told = json.loads(content)
        sha256, values = told["sha256"], told["content"]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFile(f"{name} is cut, damaged or without its checksum ({error!r}); {remedy}") from None
    if sha256 != _sha256(values):
        raise DamagedFile(f"{name} was changed: its content does not match its checksum; {remedy}")
    return values


def _sha256(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, separators=(",", ":")).encode()).hexdigest()
