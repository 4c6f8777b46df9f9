"""Where data sets are looked for, and how they get there."""

import bz2
import gzip
import lzma
import os
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import platformdirs

from dwmgrad_ref.data.base import DataSet, Download
from dwmgrad_ref.errors import MissingData
from dwmgrad_ref.files import write_atomic

OPENERS = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}


def cache_folder() -> Path:
    """Where downloads go unless a folder is named."""
    return platformdirs.user_cache_path("dwmgrad") / "data"


def folders(data_dir: str | Path | None = None) -> list[Path]:
    """Where sets are looked for, in this order: the folder given, DWMGRAD_DATA's, the cache."""
    named = [folder for folder in (data_dir, os.environ.get("DWMGRAD_DATA")) if folder]
    return [*map(Path, named), cache_folder()]


def find(wanted: DataSet, looked: Sequence[str | Path]) -> dict[str, Path] | None:
    """The set's files by their published paths, all from the first folder that has them all; None if none has."""
    for folder in looked:
        found = {file.path: _present(Path(folder), file.path, file.packed) for file in wanted.files}
        if all(found.values()):
            return {path: place for path, place in found.items() if place}
    return None


def _present(folder: Path, path: str, packed: str) -> Path | None:
    return next((folder / name for name in {path: 0, path + packed: 0} if (folder / name).is_file()), None)


def where(wanted: DataSet, looked: Sequence[str | Path]) -> str:
    """What to tell somebody who does not have the set."""
    told = []
    for folder in looked:
        lacking = [file.path for file in wanted.files if not _present(Path(folder), file.path, file.packed)]
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        told.append(f"{Path(folder) / lacking[0]}{more}")
    unset = "" if os.environ.get("DWMGRAD_DATA") else " (DWMGRAD_DATA is not set)"
    fetched = f"run `dwmgrad data fetch {wanted.name}`, or " if wanted.downloads else ""
    return (
        f"data set {wanted.name!r} is missing: looked for {', '.join(told)}{unset}; "
        f"{fetched}get it from {wanted.publisher}, lay it out as {wanted.files[0].path} below a folder, and "
        f"set DWMGRAD_DATA=FOLDER"
    )


def content(path: Path) -> bytes:
    """A file's content, decompressed by its suffix.

    Raises:
        MissingData: it is cut or not in that format.
    """
    data = path.read_bytes()
    try:
        return OPENERS.get(path.suffix, bytes)(data)
    except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise MissingData(f"{path} cannot be read as {path.suffix} ({error}); delete it and try again") from None


def fetch(wanted: DataSet, root: Path, looked: Sequence[str | Path] = ()) -> dict[str, Path]:
    """Download the set below `root`, with progress; an interrupted download goes on where it stopped.

    Returns:
        Its files, by their published paths.

    Raises:
        MissingData: no mirror gave it, or what came is not what was published.
    """
    looked = looked or [root]
    for download in wanted.downloads:
        place = root / download.path
        # What is already there is kept: the checksum is compared when it is read.
        if not place.is_file() and not find(wanted, [root]):
            _from_mirrors(wanted, download, place, looked)
        if place.name.endswith(".tar.gz") and place.is_file():
            _unpack(place, {file.path: root / file.path for file in wanted.files})
            place.unlink()
    return find(wanted, [root]) or {}


def _from_mirrors(wanted: DataSet, download: Download, place: Path, looked: Sequence[str | Path]) -> None:
    import pooch

    from dwmgrad_ref.data.download import Resuming

    failures = []
    for url in download.urls:
        try:
            downloader: Any = Resuming(place)  # pooch's protocol asks for an overload by literal
            pooch.retrieve(url, download.checksum, place.name, place.parent, downloader=downloader)
            return
        except Exception as error:  # whatever the network does, the next mirror is asked
            failures.append(f"{url} ({type(error).__name__}: {error})")
    raise MissingData(f"{where(wanted, looked)}; tried {', then '.join(failures)}")


def _unpack(archive: Path, wanted: Mapping[str, Path]) -> None:
    with tarfile.open(archive) as tar:
        for member in tar:  # one pass: a compressed archive has no way back
            if member.isfile() and member.name in wanted:
                source = tar.extractfile(member)
                assert source is not None
                write_atomic(wanted[member.name], lambda file, source=source: shutil.copyfileobj(source, file))
