"""What a file of results was made of: a stamp that figures and documents carry, and `whence` reads back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from clustersim.storage.manifest import Manifest, digest

FORMAT = "clustersim stamp 1"
# Machine, times and files in a finished manifest are not part of what was run.
LASTING = ("run_id", "scenario", "scenario_hash", "code_version", "identity", "packages")


@dataclass(frozen=True)
class Provenance:
    """Where the numbers of a file come from.

    Attributes:
        run: name of the run or study. name: of its scenario, or of the study.
        kind: `run`, or the study's verb.
        manifest: sha256 of what its manifest says was run, see `fingerprint`.
        scenario: sha256 of the scenario. code: version that made the numbers.
        seeds: behind the numbers. engine: that made them.
    """

    run: str
    name: str
    kind: str
    manifest: str
    scenario: str
    code: str
    seeds: int
    engine: str = "batch"

    @classmethod
    def of(cls, manifest: Manifest, seeds: int) -> Provenance:
        study = manifest.identity.get("study") or {}
        return cls(
            run=manifest.run_id,
            name=str(study.get("name") or manifest.scenario.get("name")),
            kind=str(study.get("study") or "run"),
            manifest=fingerprint(manifest, seeds),
            scenario=manifest.scenario_hash,
            code=manifest.code_version,
            seeds=seeds,
            engine=str(manifest.identity.get("engine") or "batch"),
        )


def fingerprint(manifest: Manifest, seeds: int) -> str:
    """sha256 of all of a manifest that the numbers depend on.

    Args:
        seeds: behind the numbers; a run may have got more of them since.
    """
    return digest({name: getattr(manifest, name) for name in LASTING} | {"used": seeds})


@dataclass(frozen=True)
class Stamp:
    """What a file says of itself.

    Attributes:
        what: name of the figure or document. language: of its words.
        sources: of its numbers; a document may have several.
    """

    what: str
    language: str
    sources: tuple[Provenance, ...]

    def text(self) -> str:
        """One line of ASCII, which every format of files can keep."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Stamp | None:
        """None if the text is not a record of origin."""
        try:
            found = json.loads(text)
        except ValueError:
            return None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            return None
        try:
            sources = tuple(_provenance(source) for source in found["sources"])
            return cls(str(found["what"]), str(found["language"]), sources)
        except (KeyError, TypeError, ValueError, AttributeError):  # anybody can write a stamp
            return None


def _provenance(source: Mapping[str, Any]) -> Provenance:
    words = ("run", "name", "kind", "manifest", "scenario", "code")
    engine = str(source.get("engine", "batch"))  # older stamps do not say
    return Provenance(**{name: str(source[name]) for name in words}, seeds=int(source["seeds"]), engine=engine)
