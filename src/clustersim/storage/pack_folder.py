"""The folder of a briefing pack: its files, an index of them, and what becomes of an older pack in its place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PureWindowsPath
from typing import Any

from clustersim.storage import atomic
from clustersim.storage.provenance import Stamp

INDEX = "pack.json"
FORMAT = "clustersim pack 1"


@dataclass
class Pack:
    """Files that are written into a folder.

    Attributes:
        old: name -> sha256 of the pack that was there.
        files: name -> sha256.
        aside: name -> new name of what stood in the place of a file and was not as the old pack had it.
    """

    path: Path
    old: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, path: Path) -> Pack:
        """In place of an older one, which has no index from now on: a pack with an index is whole."""
        index = index_in(path) or {"files": {}}
        old = {name: sha for name, sha in index["files"].items() if _is_inside(path, name)}
        with atomic.writing(path):
            (path / INDEX).unlink(missing_ok=True)
        return cls(path, old)

    def write(self, name: str, content: bytes) -> None:
        """A file in its place that is not as the older pack had it, a brief.docx that was worked on, is moved aside."""
        place, digest = self.path / name, hashlib.sha256(content).hexdigest()
        if place.is_file() and _sha256(place) not in (digest, self.old.get(name)):
            self.aside[name] = _moved_aside(place).relative_to(self.path).as_posix()
        atomic.write_bytes(place, content)
        self.files[name] = digest

    def finish(self, stamp: Stamp) -> None:
        """Writes the index, and removes what only the older pack had, unless it has been changed since."""
        content = {"format": FORMAT, "stamp": json.loads(stamp.text()), "files": self.files}
        atomic.write_bytes(self.path / INDEX, f"{json.dumps(content, indent=2)}\n".encode())
        for name in self.old.keys() - self.files.keys():
            place = self.path / name
            if place.is_file() and _sha256(place) == self.old[name]:
                with atomic.writing(self.path):
                    place.unlink()

    def count(self, folder: str, ending: str) -> int:
        return sum(name.startswith(f"{folder}/") and name.endswith(ending) for name in self.files)


def index_in(folder: Path) -> dict[str, Any] | None:
    """What the index of a pack holds; None where there is none that can be read."""
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(index, dict) or index.get("format") != FORMAT or not isinstance(index.get("files"), dict):
        return None
    return index


def _is_inside(folder: Path, name: str) -> bool:
    """An index may have been written by anybody: what it names outside of its folder is none of the pack's."""
    parts = PureWindowsPath(name)  # takes both kinds of slashes
    if parts.anchor or ".." in parts.parts:
        return False
    return (folder / name).resolve().is_relative_to(folder.resolve())


def _moved_aside(file: Path) -> Path:
    """`brief.docx` becomes `brief.edited.docx`, or the next name that is free."""
    names = (f"{file.stem}.edited{'' if number == 1 else number}{file.suffix}" for number in count(1))
    free = next(file.with_name(name) for name in names if not file.with_name(name).exists())
    with atomic.writing(file.parent):
        return file.rename(free)


def _sha256(file: Path) -> str:
    with atomic.reading(file):
        return hashlib.sha256(file.read_bytes()).hexdigest()
