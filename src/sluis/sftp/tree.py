"""A folder that cannot be left: every path is walked name by name from an open handle, and no link is followed.

Paths are those of the protocol: bytes, ``/`` between names. The folder itself is ``/``; ``..`` at the top stays there.
What is neither a folder nor an ordinary file with a single name does not exist: no links, no devices, no pipes, no
hard links to a file elsewhere. Errors are ``OSError`` with the number that a file system would give.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Names = tuple[bytes, ...]
DEEPEST = 16
"""Names in a path; deliveries stand at the second, their files at the third."""
LONGEST_NAME = 255
LONGEST_PATH = 4096

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# NONBLOCK: a pipe must not hold the server up before it is seen to be one.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def names_of(path: bytes) -> Names:
    """The names that a path leads through. Nothing is looked up: without links, ``..`` can be taken off in the text."""
    if len(path) > LONGEST_PATH:
        raise _error(errno.ENAMETOOLONG)
    if b"\0" in path:
        raise _error(errno.EINVAL)
    names: list[bytes] = []
    for name in path.split(b"/"):
        if name == b"..":
            del names[-1:]
        elif name not in {b"", b"."}:
            if len(name) > LONGEST_NAME:
                raise _error(errno.ENAMETOOLONG)
            names.append(name)
    if len(names) > DEEPEST:
        raise _error(errno.ENOENT)
    return tuple(names)


def absolute(path: bytes) -> bytes:
    """The path as it is seen from inside, tidied."""
    return b"/" + b"/".join(names_of(path))


@dataclass(frozen=True)
class Tree:
    """A folder and what is in it. It need not exist: then it is empty."""

    root: Path

    def look(self, names: Names) -> os.stat_result:
        """What stands at the end of a path."""
        if not names:
            return self._look_at_root()
        with self._folder(names[:-1]) as parent:
            return _visible(os.stat(names[-1], dir_fd=parent, follow_symlinks=False), names[-1])

    def _look_at_root(self) -> os.stat_result:
        try:
            with self._folder(()) as root:
                return os.fstat(root)
        except FileNotFoundError:
            # Nothing was delivered yet: an empty folder, of no certain age.
            return os.stat_result((stat.S_IFDIR | 0o500, 0, 0, 2, 0, 0, 0, 0, 0, 0))

    def entries(self, names: Names) -> list[tuple[bytes, os.stat_result]]:
        """Names and what they are, of a folder, sorted."""
        try:
            with self._folder(names) as folder:
                return [(name, found) for name, found in self._each(folder)]
        except FileNotFoundError:
            if names:
                raise
            return []

    def _each(self, folder: int) -> Iterator[tuple[bytes, os.stat_result]]:
        for name in sorted(os.fsencode(name) for name in os.listdir(folder)):
            try:
                yield name, _visible(os.stat(name, dir_fd=folder, follow_symlinks=False), name)
            except FileNotFoundError:
                continue

    def open(self, names: Names) -> int:
        """A handle to read the file with; the caller closes it."""
        if not names:
            raise _error(errno.EISDIR)
        with self._folder(names[:-1]) as parent:
            _visible(os.stat(names[-1], dir_fd=parent, follow_symlinks=False), names[-1])
            handle = _open(names[-1], _FILE, parent)
        try:
            # Looked at again through the handle: another thing may have taken the name meanwhile.
            if not stat.S_ISREG(_visible(os.fstat(handle), names[-1]).st_mode):
                raise _error(errno.EISDIR)
        except OSError:
            os.close(handle)
            raise
        return handle

    def remove(self, names: Names) -> None:
        """Remove a file."""
        with self._folder(names[:-1]) as parent:
            if not stat.S_ISREG(_visible(os.stat(names[-1], dir_fd=parent, follow_symlinks=False), names[-1]).st_mode):
                raise _error(errno.EISDIR)
            os.unlink(names[-1], dir_fd=parent)

    def remove_folder(self, names: Names) -> None:
        """Remove an empty folder."""
        with self._folder(names[:-1]) as parent:
            _visible(os.stat(names[-1], dir_fd=parent, follow_symlinks=False), names[-1])
            os.rmdir(names[-1], dir_fd=parent)

    @contextmanager
    def _folder(self, names: Names) -> Iterator[int]:
        handle = os.open(self.root, _FOLDER)
        try:
            for name in names:
                if name.startswith(b"."):
                    raise _error(errno.ENOENT)
                inner = _open(name, _FOLDER, handle)
                os.close(handle)
                handle = inner
            yield handle
        finally:
            os.close(handle)


def _open(name: bytes, flags: int, parent: int) -> int:
    try:
        return os.open(name, flags, dir_fd=parent)
    except OSError as error:
        # A link in the way does not exist, for whoever asks.
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            raise _error(errno.ENOENT) from None
        raise


def _visible(found: os.stat_result, name: bytes) -> os.stat_result:
    ordinary = stat.S_ISREG(found.st_mode) and found.st_nlink == 1
    if name.startswith(b".") or not (ordinary or stat.S_ISDIR(found.st_mode)):
        raise _error(errno.ENOENT)
    return found


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
