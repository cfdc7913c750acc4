"""Reading the stamp that a figure, a document or a workbook carries; each format keeps it at its own place."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

NAME = "clustersim"  # of the custom property of Office, which shows it with the file and keeps it
CUSTOM = "docProps/custom.xml"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}source"


def stamp_text(file: Path) -> str | None:
    """The text of the stamp; None where the file has none, or is not what its name says."""
    from pypdf.errors import PyPdfError

    read = READERS.get(file.suffix.lower())
    if read is None:
        return None
    try:
        return read(file)
    except (OSError, ValueError, SyntaxError, zipfile.BadZipFile, PyPdfError):
        return None


def _png(file: Path) -> str | None:
    from PIL import Image

    with Image.open(file) as image:
        stamp = image.info.get("Source")
    return None if stamp is None else str(stamp)


def _svg(file: Path) -> str | None:
    return next((element.text for element in ElementTree.parse(file).iter(DUBLIN_CORE)), None)


def _pdf(file: Path) -> str | None:
    from pypdf import PdfReader

    metadata = PdfReader(file).metadata
    stamp = None if metadata is None else metadata.get("/Keywords")
    return None if stamp is None else str(stamp)


def _office(file: Path) -> str | None:
    with zipfile.ZipFile(file) as document:
        if CUSTOM not in document.namelist():
            return None
        properties = ElementTree.fromstring(document.read(CUSTOM))
    return next(("".join(one.itertext()) for one in properties if one.get("name") == NAME), None)


READERS: dict[str, Callable[[Path], str | None]] = {
    ".png": _png,
    ".svg": _svg,
    ".pdf": _pdf,
    ".docx": _office,
    ".xlsx": _office,
}
