"""Writing files whole or not at all, and the errors when it fails.

Everything is first written under a temporary name beside its place. The name carries the machine and the
process that made it, so that what a killed process left behind can be told from what another is writing now. What is
left by a process whose number another one has got since stays until that one ends, and harms nothing.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from clustersim.errors import Problem, StorageError

TEMPORARY_PREFIX = ".tmp-"
# Another machine's process cannot be asked whether it lives. No write takes a day.
FOREIGN_SECONDS = 24 * 3600.0

_SENTENCES = {
    errno.ENOSPC: "storage.full",
    errno.EDQUOT: "storage.full",
    errno.EACCES: "storage.refused",
    errno.EPERM: "storage.refused",
    errno.EROFS: "storage.refused",
    errno.ENOTDIR: "storage.in_the_way",
    errno.EEXIST: "storage.in_the_way",
}


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns an OSError into a StorageError that names the folder, the reason and the free space."""
    try:
        yield
    except OSError as error:
        key = _SENTENCES.get(error.errno or 0, "storage.failed")
        fields = {"folder": str(folder), "reason": error.strerror or str(error), "free": free_space(folder)}
        raise StorageError(Problem(key, fields)) from error


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what a missing or damaged file raises into a StorageError that names the file."""
    try:
        yield
    except (OSError, ValueError, TypeError, NotImplementedError) as error:
        raise StorageError(Problem("storage.unreadable", {"reason": str(error)}, file=str(path))) from error


def free_space(folder: Path) -> str:
    """What is free on the disk of a folder that need not exist: "12.3 GB", "?" where the system is silent."""
    existing = next((path for path in (folder, *folder.absolute().parents) if path.is_dir()), Path())
    try:
        free = shutil.disk_usage(existing).free
    except OSError:
        return "?"
    return f"{free / 1e9:.1f} GB" if free >= 1e9 else f"{free / 1e6:.1f} MB"


def check_writable(root: Path) -> None:
    """Before a run: makes the folder and tries to write in it.

    Raises:
        StorageError: it cannot be made, or nothing can be written in it.
    """
    with writing(root):
        root.mkdir(parents=True, exist_ok=True)
    probe = temporary_in(root)
    write_bytes(probe, b"probe")
    with writing(root):
        probe.unlink()


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, in place of an older one.

    Raises:
        StorageError: it cannot be written; an older file is as it was.
    """
    temporary = temporary_in(path.parent)
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_synced(temporary, content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)


def write_synced(path: Path, content: bytes) -> None:
    """Writes a file and waits until the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Waits until the disk has the names in a folder. Best effort: Windows and some network disks cannot."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def temporary_in(folder: Path) -> Path:
    """A new temporary name of this process."""
    return folder / f"{TEMPORARY_PREFIX}{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"


def is_temporary(path: Path) -> bool:
    return any(part.startswith(TEMPORARY_PREFIX) for part in path.parts)


def remove_stale(folder: Path) -> None:
    """Removes what dead processes left behind anywhere below a folder."""
    for parent, folders, files in folder.walk():
        for path in (parent / name for name in (*folders, *files)):
            if path.name.startswith(TEMPORARY_PREFIX) and _is_stale(path):
                _remove(path)


def _remove(path: Path) -> None:
    """Failures are ignored: what is left behind is harmless, and another process may be first."""
    shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):
        path.unlink()


def _is_stale(path: Path) -> bool:
    machine, process, *_ = [*path.name.removeprefix(TEMPORARY_PREFIX).split("-"), ""]
    if machine == _machine() and process.isdecimal():
        return not _lives(int(process))
    try:
        return time.time() - path.stat().st_mtime > FOREIGN_SECONDS
    except OSError:
        return False


def _lives(process: int) -> bool:
    """A dead process that nobody has asked after yet is dead."""
    import psutil

    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error as error:
        return not isinstance(error, psutil.NoSuchProcess)


def _machine() -> str:
    """Tells machines that share a disk apart without naming them."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]
