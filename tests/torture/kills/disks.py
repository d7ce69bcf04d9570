"""A disk that is small enough to be full: a file system in memory, of which a ballast takes the rest."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

__all__ = ["Disk", "NotMounted", "small_disk"]

_BLOCK = b"\0" * 4096


class NotMounted(Exception):
    """This machine mounts no small disk for whoever runs this."""


@attrs.frozen
class Disk:
    """A file system that holds little. *folder*: where it is."""

    folder: Path

    def fill(self) -> None:
        """Take what is free, to the last block."""
        with self._ballast.open("ab", buffering=0) as ballast:
            while True:
                try:
                    ballast.write(_BLOCK)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    return

    def make_room(self) -> None:
        """Give it back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """
    Mount a file system of so many megabytes at an empty folder.

    Raises:
        NotMounted: Only root may mount one, and a container's root may not either.
    """
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    ended = subprocess.run(mount, capture_output=True, check=False)
    if ended.returncode:
        raise NotMounted(ended.stderr.decode().partition("\n")[0])
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
