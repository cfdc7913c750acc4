"""The manifest of a run: what was run, with which code, on what kind of machine, and the hash of every file.

A run is named after what determines its numbers, so that the same run is found, not repeated. The number of
seeds is no part of that: seeds can be added to a run.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

LAYOUT_VERSION = 4  # of a results folder: raise it when its tables or their columns change meaning

PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "mesa", "SALib")
ID_LENGTH = 12
# They say how many seeds, not what one of them is.
SEED_KEYS = ("seeds", "precision")


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` holds.

    Attributes:
        run_id: name of the run.
        scenario: the scenario's document; of absolute paths in it only the file's name.
        scenario_hash: sha256 of its canonical JSON.
        code_version: of the code that made the numbers.
        identity: what else the run's name depends on.
        packages: package -> version, python included.
        machine: system, processor, number of its cores, memory in GB.
        asked: how it was last asked for: what `resume` asks for again. No number depends on it.
        started, ended: UTC, ISO 8601.
        status: running, or complete.
        seeds: [first, last] of each block. used: seeds 0 .. used - 1 are behind the estimates.
        files: name in the folder -> sha256.
    """

    run_id: str
    scenario: dict[str, Any]
    scenario_hash: str
    code_version: str
    identity: dict[str, Any]
    packages: dict[str, str]
    machine: dict[str, Any]
    started: str
    asked: dict[str, Any] = field(default_factory=dict)
    ended: str | None = None
    status: str = "running"
    seeds: list[list[int]] = field(default_factory=list)
    used: int = 0
    files: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, payload: Mapping[str, Any]) -> Manifest:
        """Of a run that starts now; the payload is that of `run_id`, with the keys `scenario` and `code`."""
        identity = canonical(payload)
        scenario, code = identity.pop("scenario"), identity.pop("code")
        return cls(
            run_id=run_id(payload),
            scenario=scenario,
            scenario_hash=digest(scenario),
            code_version=code,
            identity=identity,
            packages=package_versions(),
            machine=machine(),
            started=now(),
        )

    def completed(self, seeds: Sequence[Sequence[int]], used: int, files: Mapping[str, str]) -> Manifest:
        spans = [list(span) for span in seeds]
        return replace(self, ended=now(), status="complete", seeds=spans, used=used, files=dict(files))

    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


def run_id(payload: Mapping[str, Any]) -> str:
    """Short name of what is run.

    Args:
        payload: all that the numbers of a seed depend on: the scenario's document under `scenario`, the
            version of the code under `code`, and the rest (layout version, roster digest, budget, engine).
            The keys `seeds` and `precision`, here and in the scenario, do not count.

    Returns:
        12 hexadecimal digits.
    """
    counted = {key: value for key, value in payload.items() if key not in SEED_KEYS}
    if isinstance(scenario := counted.get("scenario"), Mapping):
        counted["scenario"] = {key: value for key, value in scenario.items() if key not in SEED_KEYS}
    return digest(counted)[:ID_LENGTH]


def digest(document: Any) -> str:
    """sha256 of the canonical JSON of a document."""
    text = json.dumps(canonical(document), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> Any:
    """The document as plain JSON, equal wherever it was read: 1.0 is 1, absolute paths lose their folders.

    Raises:
        TypeError: it contains something that is not JSON.
    """
    match value:
        case np.generic():
            return canonical(value.item())
        case Mapping():
            return {str(key): canonical(below) for key, below in value.items()}
        case list() | tuple():
            return [canonical(below) for below in value]
        case float():
            return _canonical_number(value)
        case str():
            return _without_folders(value)
        case None | bool() | int():
            return value
    raise TypeError(f"no place in a manifest for {type(value).__name__}")


def _canonical_number(value: float) -> float | int | str:
    if not math.isfinite(value):
        return str(value)  # JSON has no infinity
    return int(value) if value.is_integer() else value


def _without_folders(text: str) -> str:
    for flavour in (PurePosixPath, PureWindowsPath):
        if flavour(text).is_absolute():
            return flavour(text).name
    return text


def package_versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in PACKAGES}


def machine() -> dict[str, Any]:
    """The kind of machine, nothing that names it or its user."""
    import psutil

    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cpu_count": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
    }


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
