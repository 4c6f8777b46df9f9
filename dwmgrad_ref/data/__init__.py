"""Real data sets, one file each; a file dropped here is found by itself.

`load(name)` looks in the folder given, then in the one that DWMGRAD_DATA names, then in the user's cache, always in
the publishers' own layout, and downloads what is nowhere. Where a file's checksum is published it is compared before
anything in the file is read, and a file that differs is not read at all, unless the user takes an incomplete copy.
The digits and two small tables come with scikit-learn and need neither folder nor network.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from dwmgrad_ref.data import store
from dwmgrad_ref.data.base import (
    Damaged,
    DataSet,
    Graph,
    Images,
    Loaded,
    Provenance,
    Sounds,
    Table,
    Text,
    arrays_sha256,
    checksum,
)
from dwmgrad_ref.discovery import found_in
from dwmgrad_ref.errors import MissingData, UnknownName

__all__ = ["DataSet", "Graph", "Images", "Loaded", "Provenance", "Sounds", "Table", "Text", "get", "load", "names"]

log = logging.getLogger("dwmgrad")


@cache
def _registry() -> dict[str, DataSet]:
    return found_in(__name__, __path__, DataSet)


def names() -> list[str]:
    """Names of all sets, sorted."""
    return sorted(_registry())


def get(name: str) -> DataSet:
    """The description of the set of that name.

    Raises:
        UnknownName: lists the nearest names.
    """
    if name not in _registry():
        raise UnknownName("data set", name, _registry())
    return _registry()[name]


def load(name: str, data_dir: str | Path | None = None, allow_incomplete: bool = False, fetch: bool = True) -> Any:
    """The data set of that name: a Table, Images, a Graph or a Text; arrays are shared between calls and read-only.

    Args:
        allow_incomplete: read files whose checksums differ, and take a copy with missing examples; what was found is
            logged and in `.provenance`. Only for sets of which such copies are in use (`DataSet.partial`).
        fetch: download what is nowhere; else that is an error.

    Raises:
        UnknownName: no such set.
        MissingData: it was found nowhere, or what was found is damaged, or incomplete without allow_incomplete.
    """
    folders = tuple(map(str, store.folders(data_dir)))
    loaded = _load(get(name), folders, allow_incomplete, fetch)
    if loaded.provenance.note:
        log.warning("%s", loaded.provenance.note)
    return loaded


@cache
def _load(wanted: DataSet, folders: tuple[str, ...], allow_incomplete: bool, fetch: bool) -> Loaded:
    paths = store.find(wanted, folders)
    if paths is None and not (fetch and wanted.downloads):
        raise MissingData(store.where(wanted, folders))
    if paths is None:
        store.fetch(wanted, store.cache_folder(), folders)
        paths = store.find(wanted, folders)
    if paths is None:
        raise MissingData(store.where(wanted, folders) + "; the download did not bring all of them")
    contents = {path: store.content(file) for path, file in paths.items()}
    changed = _changed(wanted, contents, paths)
    if changed and not (wanted.partial and allow_incomplete):
        raise MissingData(_differs(wanted, changed))
    found = _with_provenance(wanted, _read(wanted, contents, paths), contents)
    _check_counts(wanted, found, changed, allow_incomplete)
    for array in found.arrays():
        array.flags.writeable = False
    return found


def _changed(wanted: DataSet, contents: Mapping[str, bytes], paths: Mapping[str, Path]) -> list[Path]:
    """The files whose content is not the published one, by the checksum."""
    return [
        paths[file.path] for file in wanted.files
        if file.checksum and checksum(contents[file.path], file.checksum) != file.checksum
    ]  # fmt: skip


def _differs(wanted: DataSet, changed: list[Path]) -> str:
    more = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
    told = f"{changed[0]}{more} is not the published file: its checksum differs, so nothing was read; "
    told += _replace(wanted)
    if wanted.partial:
        told += (
            ", or, if it is a copy from which examples are missing, take it as it is with allow_incomplete=True "
            "(--allow-incomplete): results then carry its counts"
        )
    return told


def _read(wanted: DataSet, contents: Mapping[str, bytes], paths: Mapping[str, Path]) -> Loaded:
    told = ", ".join(map(str, paths.values()))
    try:
        return wanted.read(contents)
    except Damaged as error:
        raise MissingData(f"{told}: {error}; {_replace(wanted)}") from None
    except Exception as error:  # a parser fed damaged bytes may raise anything
        raise MissingData(f"{told} cannot be read ({type(error).__name__}: {error}); {_replace(wanted)}") from None


def _with_provenance(wanted: DataSet, found: Loaded, contents: Mapping[str, bytes]) -> Loaded:
    sha256 = {path: checksum(content, "sha256:").partition(":")[2] for path, content in contents.items()}
    if not contents:
        sha256 = arrays_sha256({k: v for k, v in vars(found).items() if k != "provenance"})
    return replace(found, provenance=Provenance(wanted.name, found.counts(), dict(wanted.counts), sha256))


def _check_counts(wanted: DataSet, found: Loaded, changed: list[Path], allow_incomplete: bool) -> None:
    made_from = found.provenance
    if changed and made_from.complete:
        raise MissingData(f"{changed[0]} has the published size but other content; {_replace(wanted)}")
    if made_from.complete:
        return
    if any(made_from.counts[key] > n for key, n in made_from.published.items()):
        raise MissingData(f"{made_from.note}: more than were published; {_replace(wanted)}")
    if not (wanted.partial and allow_incomplete):
        raise MissingData(f"{wanted.name} has {made_from.counts}, expected {made_from.published}; {_replace(wanted)}")


def _replace(wanted: DataSet) -> str:
    fetched = f", or delete it and run `dwmgrad data fetch {wanted.name}`" if wanted.downloads else ""
    return f"replace it by the published set ({wanted.publisher}){fetched}"
