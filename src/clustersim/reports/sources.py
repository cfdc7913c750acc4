"""What a briefing is made of: finished runs, and the studies and attributions that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from clustersim.analysis.attribution.contributions import AttributionFindings
from clustersim.storage.folder import file_name
from clustersim.storage.provenance import Provenance
from clustersim.studies.carried_out import Findings
from clustersim.studies.run_findings import RunFindings

EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class AttributionSource:
    """What the instruments of one arm of a run contribute."""

    findings: AttributionFindings
    provenance: Provenance


@dataclass(frozen=True)
class RunSource:
    """A run with its attributions.

    Attributes:
        ended: when it was finished, UTC, ISO 8601.
        tables: name -> table of estimates, as the run wrote them to CSV.
    """

    title: str
    findings: RunFindings
    provenance: Provenance
    ended: str
    tables: dict[str, pd.DataFrame]
    attributions: tuple[AttributionSource, ...] = ()


@dataclass(frozen=True)
class StudySource:
    """A study."""

    title: str
    findings: Findings
    provenance: Provenance


@dataclass(frozen=True)
class Sources:
    """All that one briefing tells."""

    runs: tuple[RunSource, ...]
    studies: tuple[StudySource, ...] = ()

    def __post_init__(self) -> None:
        if not (self.runs or self.studies):
            raise ValueError("a briefing needs a run or a study")

    @property
    def provenances(self) -> tuple[Provenance, ...]:
        of_runs = [one for run in self.runs for one in (run.provenance, *_of(run.attributions))]
        return (*of_runs, *_of(self.studies))

    @property
    def code(self) -> str:
        """The version of the code that made the numbers; versions, where they are several."""
        return ", ".join(dict.fromkeys(one.code for one in self.provenances))

    @property
    def ended(self) -> str:
        """When the last of the runs was finished; the Unix epoch where there is no run."""
        return max((run.ended for run in self.runs), default=EPOCH)

    @property
    def title(self) -> str:
        return self.titles[0]

    @property
    def titles(self) -> list[str]:
        """Of the runs; of the studies where there is no run."""
        return list(dict.fromkeys(source.title for source in self.runs or self.studies))

    def name_of(self, source: RunSource | StudySource) -> str:
        """What names of files begin with: nothing for a single run, else its name; two of one name get their ids."""
        if isinstance(source, RunSource) and len(self.runs) == 1:
            return ""
        one = source.provenance
        same = [other.run for other in self.provenances if other.name == one.name and other.kind == one.kind]
        return file_name(one.name if len(set(same)) == 1 else f"{one.name}_{one.run}")

    @property
    def prefixes(self) -> dict[Provenance, str]:
        """What names of files of a run, an attribution or a study begin with."""
        of_runs = {one: self.name_of(run) for run in self.runs for one in (run.provenance, *_of(run.attributions))}
        names = of_runs | {study.provenance: self.name_of(study) for study in self.studies}
        return {one: f"{name}_" if name else "" for one, name in names.items()}

    def studies_of(self, run: RunSource) -> list[StudySource]:
        """Studies of just this scenario; one that changes it tells its own chapter only."""
        return [study for study in self.studies if study.provenance.scenario == run.provenance.scenario]


def _of(sources: Sequence[AttributionSource] | Sequence[StudySource]) -> list[Provenance]:
    return [source.provenance for source in sources]
