"""The origin of a file: the stamp inside a figure or document, or the index or manifest that lists the file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clustersim.errors import InputError, Problem
from clustersim.render.stamps import READERS, stamp_text
from clustersim.storage import atomic
from clustersim.storage.folder import MANIFEST
from clustersim.storage.manifest import Manifest
from clustersim.storage.pack_folder import index_in
from clustersim.storage.provenance import Provenance, Stamp


@dataclass(frozen=True)
class Origin:
    """Where a file comes from. `unchanged`: whether it is as it was written; None if no index records that."""

    stamp: Stamp
    unchanged: bool | None


def whence(file: Path) -> Stamp:
    """What a file was made of; see `origin`."""
    return origin(file).stamp


def origin(file: Path) -> Origin:
    """What a file was made of, and whether it was changed since.

    Raises:
        InputError: it does not say, and no pack or results folder that holds it lists it; or it is a folder.
        StorageError: it cannot be read.
    """
    if file.is_dir():
        raise InputError(Problem("whence.folder", file=str(file)))
    with atomic.reading(file):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    listed = _listed(file.absolute())
    stamp = Stamp.read(stamp_text(file) or "") or (listed.stamp if listed else None)
    if stamp is None:
        raise InputError(Problem("whence.unknown", {"known": ", ".join(READERS)}, file=str(file)))
    return Origin(stamp, None if listed is None else listed.digest == digest)


def manifest_in(folder: Path) -> Manifest | None:
    """The manifest of a results folder; None where there is none, or one of another program."""
    try:
        manifest = Manifest(**_json(folder / MANIFEST))
        Provenance.of(manifest, int(manifest.used))
    except (OSError, TypeError, ValueError, AttributeError):
        return None
    return manifest if isinstance(manifest.files, dict) else None


@dataclass(frozen=True)
class _Listed:
    """What an index or a manifest records of a file: its origin (None if unknown) and its sha256."""

    stamp: Stamp | None
    digest: str


def _listed(file: Path) -> _Listed | None:
    """From the nearest index of a pack, or manifest of a run or study, that lists the file."""
    for folder in file.parents:
        name = file.relative_to(folder).as_posix()
        index, manifest = index_in(folder), manifest_in(folder)
        if index is not None and name in index["files"]:
            stamp = Stamp.read(json.dumps(index.get("stamp")))
            return _Listed(stamp and Stamp(name, stamp.language, stamp.sources), index["files"][name])
        if manifest is not None and name in manifest.files:
            return _Listed(Stamp(name, "", (Provenance.of(manifest, manifest.used),)), manifest.files[name])
    return None


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
