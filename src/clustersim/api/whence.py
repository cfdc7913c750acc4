"""The origin of a file: the record inside a figure or document, or the index of the pack that holds a table."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from clustersim.api.pack import index_in
from clustersim.errors import InputError, Problem
from clustersim.render import office
from clustersim.storage import atomic
from clustersim.storage.folder import MANIFEST
from clustersim.storage.manifest import Manifest
from clustersim.storage.provenance import Provenance, Stamp

DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}source"


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
    found = _own(file) or (listed.stamp if listed else None)
    if found is None:
        raise InputError(Problem("whence.unknown", {"known": ", ".join(_READ)}, file=str(file)))
    return Origin(found, None if listed is None else listed.digest == digest)


def manifest_in(folder: Path) -> Manifest | None:
    """The manifest of a results folder; None where there is none, or one of another program."""
    try:
        manifest = Manifest(**(_json(folder / MANIFEST) or {}))
        Provenance.of(manifest, int(manifest.used))
    except (TypeError, ValueError, AttributeError):
        return None
    return manifest if isinstance(manifest.files, dict) else None


def _own(file: Path) -> Stamp | None:
    """The stamp that the file itself carries; None where it has none, or is not what its name says."""
    read = _READ.get(file.suffix.lower())
    if read is None:
        return None
    try:
        text = read(file)
    except (OSError, ValueError, SyntaxError, zipfile.BadZipFile, _pdf_errors()):
        return None
    return None if text is None else Stamp.read(text)


def _png(file: Path) -> str | None:
    from PIL import Image

    with Image.open(file) as image:
        return _words(image.info.get("Source"))


def _svg(file: Path) -> str | None:
    for element in ElementTree.parse(file).iter(DUBLIN_CORE):
        return element.text
    return None


def _pdf(file: Path) -> str | None:
    from pypdf import PdfReader

    metadata = PdfReader(file).metadata
    return None if metadata is None else _words(metadata.get("/Keywords"))


def _pdf_errors() -> type[Exception]:
    from pypdf.errors import PyPdfError

    return PyPdfError


def _words(found: Any) -> str | None:
    return None if found is None else str(found)


_READ: dict[str, Callable[[Path], str | None]] = {
    ".png": _png,
    ".svg": _svg,
    ".pdf": _pdf,
    ".docx": office.get,
    ".xlsx": office.get,
}


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


def _json(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
