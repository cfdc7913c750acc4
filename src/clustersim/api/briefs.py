"""The briefing pack of finished runs and studies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clustersim.api.opening import attributions_of
from clustersim.api.runs import Run
from clustersim.api.studies import StudyResult
from clustersim.execution.results_folder import manifest_of
from clustersim.messages import current_language
from clustersim.reports.summary import scenario_title
from clustersim.storage.folder import PACKS, ResultFolder
from clustersim.storage.provenance import Provenance

if TYPE_CHECKING:
    from clustersim.reports.sources import AttributionSource, RunSource, StudySource
    from clustersim.storage.pack_folder import Pack


def briefing(results: Sequence[Run | StudyResult], out: str | Path | None = None) -> Pack:
    """Makes the briefing pack: Word document, PDF, figures and tables, in the language of the moment.

    Args:
        results: finished runs and studies, in the order of the briefing. Attributions of a run are included.
        out: folder of the pack; None: `brief/<language>` in the folder of the first.

    Raises:
        ValueError: no results are given.
        InputError: blocks of a study are missing. StorageError: the pack cannot be written.

    Example:
        >>> import clustersim as cs
        >>> pack = cs.briefing([cs.open_results("results/my_town")], out="pack")
        >>> (pack.path / "brief.docx").exists()
        True
    """
    from clustersim.api.pack import make  # matplotlib, docx and typst are slow to import
    from clustersim.reports.sources import Sources

    if not results:
        raise ValueError("a briefing needs a run or a study")
    results = list({one.folder.path.absolute(): one for one in results}.values())
    runs = tuple(_run(one) for one in results if isinstance(one, Run))
    studies = tuple(_study(one) for one in results if isinstance(one, StudyResult))
    folder = results[0].folder.path / PACKS / current_language() if out is None else Path(out)
    return make(Sources(runs, studies), folder)


def _run(run: Run) -> RunSource:
    from clustersim.reports.sources import RunSource

    manifest = manifest_of(run.folder)
    return RunSource(
        title=scenario_title(run.scenario),
        findings=run.findings,
        provenance=Provenance.of(manifest, run.seeds),
        ended=manifest.ended or manifest.started,
        tables=run.tables() | run.findings.further_tables(),
        attributions=tuple(_attributions(run)),
    )


def _attributions(run: Run) -> list[AttributionSource]:
    from clustersim.reports.sources import AttributionSource

    found = attributions_of(run)
    return [AttributionSource(one.findings, _provenance(one.folder, one.findings.job.seeds)) for one in found]


def _study(result: StudyResult) -> StudySource:
    from clustersim.reports.sources import StudySource

    return StudySource(
        title=result.study.title[current_language()],
        findings=result.whole(),
        provenance=_provenance(result.folder, result.study.seeds),
    )


def _provenance(folder: ResultFolder, seeds: int) -> Provenance:
    return Provenance.of(manifest_of(folder), seeds)
