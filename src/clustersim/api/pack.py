"""The pack: a folder with the briefing as Word and PDF, its figures, its tables, and what all of it was made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PureWindowsPath
from typing import Any

from clustersim import figures
from clustersim.api.writing import LARGE
from clustersim.messages import current_language, text
from clustersim.render import office
from clustersim.render.pdf import pdf
from clustersim.render.sheets import Sheet, csv, workbook
from clustersim.render.word import word
from clustersim.reports.blocks import Document
from clustersim.reports.compose import compose
from clustersim.reports.pictures import Drawing, drawings
from clustersim.reports.sources import Sources
from clustersim.storage import atomic
from clustersim.storage.provenance import Stamp

INDEX = "pack.json"
FORMAT = "clustersim pack 1"
DOCUMENT = "brief"
LARGEST = 100_000  # rows of a table of a pack; larger ones stay where the results are


@dataclass
class Pack:
    """Files that have been written into a folder.

    Attributes:
        old: name -> sha256 of the pack that was there.
        files: name -> sha256.
        aside: name -> new name of what stood in the place of a file and was not as the old pack had it.
    """

    path: Path
    old: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, content: bytes) -> None:
        place, digest = self.path / name, hashlib.sha256(content).hexdigest()
        if place.is_file() and _sha256(place) not in (digest, self.old.get(name)):
            self.aside[name] = _moved_aside(place).relative_to(self.path).as_posix()
        atomic.write_bytes(place, content)
        self.files[name] = digest

    def remove_old(self) -> None:
        """What only the old pack had, unless it has been changed since."""
        for name in self.old.keys() - self.files.keys():
            place = self.path / name
            if place.is_file() and _sha256(place) == self.old[name]:
                with atomic.writing(self.path):
                    place.unlink()

    def count(self, folder: str, ending: str) -> int:
        return sum(name.startswith(f"{folder}/") and name.endswith(ending) for name in self.files)


def make(sources: Sources, folder: Path) -> Pack:
    """Makes the pack in place of an older one. What an older one had and this one has not is removed.

    A file in its place that is not as the older one had it, a brief.docx that was worked on, is moved aside.

    Raises:
        StorageError: it cannot be written.
    """
    pack = Pack(folder, _listed(folder))
    drawn = drawings(sources)
    with atomic.writing(folder):
        (folder / INDEX).unlink(missing_ok=True)
    _write_figures(pack, drawn)
    document = compose(sources, drawn)
    stamp = Stamp(DOCUMENT, current_language(), sources.provenances)
    _write_documents(pack, document, stamp, sources.ended)
    _write_tables(pack, sources)
    _write_index(pack, stamp)
    pack.remove_old()
    return pack


def _write_figures(pack: Pack, drawn: Sequence[Drawing]) -> None:
    for one in drawn:
        saving = figures.Saving(
            (one.provenance,), ("png", "svg", "pdf"), figures.PRINT, {one.picture.name: one.picture.alt_text}
        )
        figures.save(lambda name, content: pack.write(f"figures/{name}", content), {one.picture.name: one.axes}, saving)


def _write_documents(pack: Pack, document: Document, stamp: Stamp, ended: str) -> None:
    pack.write(f"{DOCUMENT}.docx", office.dated(word(document, stamp, pack.path), ended))
    pack.write(f"{DOCUMENT}.pdf", pdf(document, stamp, pack.path))


def _write_tables(pack: Pack, sources: Sources) -> None:
    tables = [table for table in _tables(sources) if 0 < len(table.frame) <= LARGEST]
    for table in tables:
        pack.write(f"tables/{table.file}.csv", csv(table.frame))
    intro = text("brief.sheet.intro", title=sources.title, version=sources.code)
    book = workbook(tables, intro, Stamp("tables", current_language(), sources.provenances))
    pack.write("tables.xlsx", office.dated(book, sources.ended))


def _tables(sources: Sources) -> Iterator[Sheet]:
    for run in sources.runs:
        of = sources.name_of(run)
        for name, frame in run.tables.items():
            yield Sheet(name, of, frame)
        for attribution in run.attributions:
            arm = f"{of}_{attribution.findings.arm}".lstrip("_")
            for name, frame in attribution.findings.tables().items():
                yield Sheet(name, arm, frame)
    for study in sources.studies:
        for name, frame in study.findings.tables().items():
            if name not in LARGE:
                yield Sheet(name, sources.name_of(study), frame)


def _write_index(pack: Pack, stamp: Stamp) -> None:
    """Last of all: a pack with an index is whole."""
    content = {"format": FORMAT, "stamp": json.loads(stamp.text()), "files": pack.files}
    atomic.write_bytes(pack.path / INDEX, f"{json.dumps(content, indent=2)}\n".encode())


def _listed(folder: Path) -> dict[str, str]:
    """The files of the pack that is there, name -> sha256; none where its index is missing or of another shape."""
    index = index_in(folder)
    return {} if index is None else {name: sha for name, sha in index["files"].items() if _is_inside(folder, name)}


def index_in(folder: Path) -> dict[str, Any] | None:
    """What the index of a pack holds; None where there is none that can be read."""
    try:
        found = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("files"), dict):
        return None
    return found


def _is_inside(folder: Path, name: str) -> bool:
    """An index may have been written by anybody: what it names outside of its folder is none of the pack's."""
    parts = PureWindowsPath(name)  # takes both kinds of slashes
    if parts.anchor or ".." in parts.parts:
        return False
    return (folder / name).resolve().is_relative_to(folder.resolve())


def _moved_aside(file: Path) -> Path:
    """`brief.docx` becomes `brief.edited.docx`, or the next name that is free."""
    for number in count(1):
        free = file.with_name(f"{file.stem}.edited{number if number > 1 else ''}{file.suffix}")
        if not free.exists():
            break
    with atomic.writing(file.parent):
        return file.rename(free)


def _sha256(file: Path) -> str:
    with atomic.reading(file):
        return hashlib.sha256(file.read_bytes()).hexdigest()
