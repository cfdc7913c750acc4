"""`results/<name>/<id>/`: everything that a run or a study leaves."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from clustersim.storage import atomic, blocks
from clustersim.storage.blocks import Span
from clustersim.storage.manifest import Manifest

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
BLOCKS = "blocks"
PACKS = "brief"  # briefing packs, each with its own index
INPUTS = "inputs"  # copies of the files that a scenario refers to, so that a folder can be resumed anywhere

_NUMBERED = re.compile(r"block-(\d{6,})\.parquet")
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # of files, on any system


@dataclass(frozen=True)
class ResultFolder:
    """The folder of a run or a study. Nothing is made on disk before `create`; reading needs no `create`."""

    root: Path
    scenario_name: str
    run_id: str

    @classmethod
    def at(cls, path: Path) -> Self:
        """The run whose folder a user named."""
        path = path.absolute()
        return cls(path.parent.parent, path.parent.name, path.name)

    @property
    def path(self) -> Path:
        return self.root / file_name(self.scenario_name) / self.run_id

    def create(self) -> None:
        """Makes the folder where it is missing and removes what killed processes left half written in it.

        Raises:
            StorageError: it cannot be made or written.
        """
        atomic.check_writable(self.path / BLOCKS)
        atomic.remove_stale(self.path)

    def write_bytes(self, name: str, content: bytes) -> None:
        """A file in place of an older one, whole or not at all. `/` in its name makes folders."""
        atomic.write_bytes(self.path / name, content)

    def write_text(self, name: str, text: str) -> None:
        self.write_bytes(name, text.encode())

    def write_table(self, name: str, frame: pd.DataFrame) -> None:
        """A frame without its index as CSV, or as Parquet where the name ends so.

        The CSV begins with a byte order mark: without it spreadsheets on Chinese Windows misread the text.
        """
        if name.endswith(".parquet"):
            self.write_bytes(name, blocks.parquet(frame))
        else:
            self.write_bytes(name, frame.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))

    def write_manifest(self, manifest: Manifest) -> None:
        self.write_text(MANIFEST, manifest.text())

    def finish(self, manifest: Manifest, seeds: Sequence[Span], used: int) -> Manifest:
        """Writes the manifest of what is done: its seeds, its end, the hash of every file.

        Args:
            seeds: (first, last) of each block. used: number of seeds behind the estimates.
        """
        done = manifest.completed(seeds, used, self.inventory())
        self.write_manifest(done)
        return done

    def read_manifest(self) -> Manifest | None:
        """None if there is none: this run has not started.

        Raises:
            StorageError: it cannot be read.
        """
        path = self.path / MANIFEST
        if not path.exists():
            return None
        with atomic.reading(path):
            return Manifest(**json.loads(path.read_text(encoding="utf-8")))

    def inventory(self) -> dict[str, str]:
        """Name in the folder -> sha256 of every file but the manifest, in the order of names.

        What belongs to a study of its own below the folder stands in that study's manifest, a briefing pack in the
        pack's own index.
        """
        names = sorted(path.relative_to(self.path) for path in self.path.rglob("*") if path.is_file())
        own = [name.parent for name in names if name.name == MANIFEST and name != Path(MANIFEST)]
        return {
            name.as_posix(): _sha256(self.path / name)
            for name in names
            if name != Path(MANIFEST)
            and not name.is_relative_to(PACKS)
            and not atomic.is_temporary(name)
            and not any(name.is_relative_to(study) for study in own)
        }


@dataclass(frozen=True)
class RunFolder(ResultFolder):
    """The folder of a run: blocks of seeds."""

    def blocks_done(self) -> list[Span]:
        """(first seed, last seed) of every stored block, in order."""
        return blocks.stored(self.path / BLOCKS)

    def missing(self, seeds: range, size: int) -> list[range]:
        """The seeds that are not stored, in blocks of at most `size`; see `blocks.missing`."""
        return blocks.missing(seeds, self.blocks_done(), size)

    def write_block(self, seeds: range, tables: Mapping[str, pd.DataFrame]) -> None:
        """Stores the tables of consecutive seeds, whole or not at all; see `blocks.write`."""
        blocks.write(self.path / BLOCKS, seeds, tables)

    def read(self, table: str, columns: Sequence[str] | None = None, seeds: range | None = None) -> pd.DataFrame:
        """A table of all stored blocks, in the order of seeds; see `blocks.read`."""
        return blocks.read(self.path / BLOCKS, table, columns, seeds)

    def complete(self, manifest: Manifest, used: int) -> Manifest:
        """Writes the manifest of a run that is done; see `finish`."""
        return self.finish(manifest, self.blocks_done(), used)


@dataclass(frozen=True)
class StudyFolder(ResultFolder):
    """The folder of a study: numbered blocks of points, `block-000012.parquet`, one table each."""

    def blocks_done(self) -> set[int]:
        """Numbers of the stored blocks."""
        matches = (_NUMBERED.fullmatch(path.name) for path in self.path.glob(f"{BLOCKS}/*"))
        return {int(match[1]) for match in matches if match}

    def block_path(self, number: int) -> Path:
        return self.path / BLOCKS / f"block-{number:06d}.parquet"

    def write_block(self, number: int, frame: pd.DataFrame) -> None:
        """Stores a block, whole or not at all. Two processes that are at the same one write the same bytes.

        Raises:
            StorageError: it cannot be written; nothing of it is left.
        """
        atomic.write_bytes(self.block_path(number), blocks.parquet(frame))

    def read_block(self, number: int) -> pd.DataFrame:
        return self._read([number])

    def read(self) -> pd.DataFrame:
        """All stored blocks, one below the other in the order of their numbers.

        Raises:
            StorageError: there are none, or one cannot be read.
        """
        return self._read(sorted(self.blocks_done()))

    def _read(self, numbers: Sequence[int]) -> pd.DataFrame:
        import pyarrow.parquet as pq

        tables = []
        for number in numbers:
            with atomic.reading(path := self.block_path(number)):
                tables.append(pq.read_table(path))
        return blocks.together(tables, self.path / BLOCKS)


def file_name(name: str) -> str:
    """A name as that of a file on any system."""
    return _NOT_IN_NAMES.sub("_", name).strip(". ") or "_"


def _sha256(path: Path) -> str:
    with atomic.reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
