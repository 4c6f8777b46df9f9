"""A downloader for pooch that shows progress and goes on where an interrupted download stopped."""

import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from dwmgrad_ref.terminal import console

CHUNK = 1 << 16
TIMEOUT = 30.0  # seconds without a byte


class Resuming:
    """Keeps what has come in `.NAME.download` beside the file, and asks the server for the rest.

    pooch compares the checksum of the whole afterwards, so a part that does not fit is noticed; it is then gone,
    and the next try starts afresh.
    """

    def __init__(self, place: Path) -> None:
        self.part = place.with_name(f".{place.name}.download")

    def __call__(self, url: str, output_file: Any, pooch: Any = None, check_only: bool = False) -> bool | None:
        if check_only:
            return None
        self.part.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._rest(url)
        except urllib.error.HTTPError as error:
            if error.code != 416:  # 416: there is nothing after what we have, so it is whole or not the same file
                raise
            self.part.unlink()
            self._rest(url)
        os.replace(self.part, output_file)
        return None

    def _rest(self, url: str) -> None:
        have = self.part.stat().st_size if self.part.is_file() else 0
        request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            have = have if answer.status == 206 else 0  # the server may send the whole file all the same
            length = answer.headers.get("Content-Length")
            total = have + int(length) if length else None
            with open(self.part, "ab" if have else "wb") as file, _bar() as bar:
                task = bar.add_task(self.part.name[1:].removesuffix(".download"), total=total, completed=have)
                while chunk := answer.read(CHUNK):
                    file.write(chunk)
                    bar.advance(task, len(chunk))
        got = self.part.stat().st_size
        if total is not None and got < total:
            raise ConnectionError(
                f"the connection ended after {got:,} of {total:,} bytes; try again to go on from there"
            )


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console(stderr=True), transient=True)
