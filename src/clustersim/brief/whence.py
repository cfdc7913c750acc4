"""What a file says of itself: the stamp that figures and documents carry, or the index of the pack beside a table."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from clustersim.brief import office
from clustersim.brief.pack import FORMAT, INDEX
from clustersim.errors import InputError, Problem
from clustersim.storage import atomic
from clustersim.storage.folder import MANIFEST
from clustersim.storage.manifest import Manifest
from clustersim.storage.provenance import Provenance, Stamp

DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}source"


def whence(file: Path) -> Stamp:
    """What a file was made of.

    Raises:
        InputError: it does not say, and no pack or results folder that holds it knows it as it is.
        StorageError: it cannot be read.
    """
    with atomic.reading(file):
        content = file.read_bytes()
    found = _own(file) or _listed(file.absolute(), hashlib.sha256(content).hexdigest())
    if found is None:
        raise InputError(Problem("whence.unknown", {"known": ", ".join(_READ)}, file=str(file)))
    return found


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


def _listed(file: Path, digest: str) -> Stamp | None:
    """From the index of a pack, or the manifest of a run or study, that lists the file with just this content."""
    for folder in file.parents:
        name = file.relative_to(folder).as_posix()
        index, manifest = _json(folder / INDEX), _json(folder / MANIFEST)
        if index and index.get("format") == FORMAT and index["files"].get(name) == digest:
            stamp = Stamp.read(json.dumps(index["stamp"]))
            return None if stamp is None else Stamp(name, stamp.language, stamp.sources)
        if manifest and manifest.get("files", {}).get(name) == digest:
            known = Manifest(**manifest)
            return Stamp(name, "", (Provenance.of(known, known.used),))
    return None


def _json(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
