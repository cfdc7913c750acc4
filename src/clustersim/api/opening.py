"""Stored results: a run, a study or an attribution read from its folder, without simulating."""

from __future__ import annotations

from pathlib import Path

from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.api.attributions import Attribution
from clustersim.api.runs import Run
from clustersim.api.studies import StudyResult
from clustersim.errors import InputError, Problem
from clustersim.execution.job import Job
from clustersim.execution.results_folder import job_in, manifest_of, refuse_unreadable, scenario_of
from clustersim.scenario.document import Document
from clustersim.scenario.model import Scenario
from clustersim.storage.folder import BLOCKS, MANIFEST, ResultFolder, RunFolder, StudyFolder
from clustersim.storage.manifest import Manifest, canonical
from clustersim.studies import study_file
from clustersim.studies.assumption_study import assumption_job
from clustersim.studies.attribution_study import attribution_findings
from clustersim.studies.carried_out import findings_of
from clustersim.studies.points import job_of
from clustersim.studies.study import Study

ATTRIBUTION, ASSUMPTIONS = "attribution", "assumptions"


def open_results(path: str | Path) -> Run | StudyResult:
    """A finished run or study from its folder, or from a folder that contains just one.

    Raises:
        InputError: there is none, or several, or it is not finished, or its tables have another layout.
        StorageError: it cannot be read.

    Warns:
        OtherVersionWarning: another version of the code made it. It is read as stored.

    Example:
        >>> import clustersim as cs
        >>> cs.open_results("results/my_town").seeds
        4
    """
    folder = ResultFolder.at(_single(Path(path)))
    manifest = finished(folder)
    if manifest.identity.get("study") is None:
        return _run(folder, manifest)
    if part_of(manifest) is not None:
        raise InputError(Problem("open.part", {"of": folder.path.parents[1]}, file=str(folder.path)))
    return _study(folder, manifest)


def _single(path: Path) -> Path:
    """The folder itself, or the only folder of results in it: of one scenario or study, or of all."""
    if (path / MANIFEST).exists():
        return path
    inside = _inside(path, "*") or _inside(path, "*/*")
    if len(inside) > 1:
        known = ", ".join(folder.relative_to(path).as_posix() for folder in inside)
        raise InputError(Problem("open.several", {"known": known}, file=str(path)))
    if not inside:
        raise InputError(Problem("work.no_manifest", {"name": MANIFEST}, file=str(path)))
    return inside[0]


def _inside(path: Path, depth: str) -> list[Path]:
    return sorted(file.parent for file in path.glob(f"{depth}/{MANIFEST}"))


def finished(folder: ResultFolder) -> Manifest:
    """The manifest of a folder whose run or study is done; a warning where other code made it."""
    manifest = manifest_of(folder)
    refuse_unreadable(folder, manifest)
    if manifest.status != "complete":
        raise InputError(Problem("open.running", {"folder": folder.path}, file=str(folder.path)))
    return manifest


def part_of(manifest: Manifest) -> str | None:
    """Whether it belongs to a run or a study, and as what."""
    study = manifest.identity.get("study") or {}
    return study.get("part") or (study["study"] if study.get("study") in (ATTRIBUTION, ASSUMPTIONS) else None)


def _run(folder: ResultFolder, manifest: Manifest) -> Run:
    stored, scenario = RunFolder.at(folder.path), scenario_of(folder, manifest)
    return Run(scenario, stored, manifest.used, _assumption_range(stored, scenario, manifest.used))


def _assumption_range(folder: RunFolder, scenario: Scenario, seeds: int) -> AssumptionRange | None:
    """Where there are several, one that belongs to this number of seeds; of such that with the most points."""
    found = [(_points(below), _job(below), below) for below in _below(folder, ASSUMPTIONS)]
    if len(found) > 1:
        found.sort(key=lambda one: (_belongs(one[0], one[1], scenario, seeds), one[0], one[1].seeds))
    if not found:
        return None
    points, job, below = found[-1]
    return AssumptionRange(job, StudyFolder.at(below.path).read(), points)


def _points(folder: ResultFolder) -> int:
    """Points that were asked for."""
    return int(manifest_of(folder).identity["study"]["points"])


def _belongs(points: int, job: Job, scenario: Scenario, seeds: int) -> bool:
    wanted = assumption_job(scenario, points, seeds)
    return wanted is not None and canonical(wanted.recipe()) == canonical(job.recipe())


def attributions_of(run: Run) -> list[Attribution]:
    """The finished attributions of a run, one for each arm: that with the most seeds."""
    best: dict[str, tuple[Job, StudyFolder]] = {}
    for below in _below(run.folder, ATTRIBUTION):
        job = _job(below)
        arm = job.arms[0]
        if arm not in best or job.seeds > best[arm][0].seeds:
            best[arm] = job, StudyFolder.at(below.path)
    return [
        Attribution(folder, attribution_findings(run.scenario, run.folder, folder, job))
        for _, (job, folder) in sorted(best.items())
    ]


def _below(folder: ResultFolder, kind: str) -> list[ResultFolder]:
    """The finished studies of a kind in the folder of a run."""
    inside = [ResultFolder.at(file.parent) for file in sorted(folder.path.glob(f"*/*/{MANIFEST}"))]
    manifests = [(one, manifest_of(one)) for one in inside]
    return [one for one, manifest in manifests if part_of(manifest) == kind and manifest.status == "complete"]


def _job(folder: ResultFolder) -> Job:
    return job_in(folder, manifest_of(folder))


def _study(folder: ResultFolder, manifest: Manifest) -> StudyResult:
    """From the folder that was opened, whatever it is called now."""
    study, job, rows = stored_study(folder, manifest)
    stored = _whole(folder, manifest)

    def part(name: str, job: Job) -> StudyFolder:
        for below in _below(folder, name):
            manifest = manifest_of(below)
            if canonical(job.recipe()) == manifest.identity["job"]:
                return _whole(below, manifest)
        raise InputError(Problem("study.not_whole", file=str(folder.path)))

    return StudyResult(study, stored, findings_of(study, job, rows, stored, part))


def stored_study(folder: ResultFolder, manifest: Manifest) -> tuple[Study, Job, list[int]]:
    """The study of a folder, what it simulates, and for each row of its design the point that it is.

    Raises:
        InputError: this version of the code chooses the points of the study differently from the one that started it.
    """
    document = Document(manifest.identity["study"], str(folder.path), folder.path)
    study = study_file.resolve(document, scenario_of(folder, manifest))
    job, rows = job_of(study)
    if canonical(job.recipe()) != manifest.identity["job"]:
        raise InputError(Problem("open.other_design", {"then": manifest.code_version}, file=str(folder.path)))
    return study, job, rows


def _whole(folder: ResultFolder, manifest: Manifest) -> StudyFolder:
    """The folder; raises InputError where it lacks a block that was there in the end: to open is not to simulate."""
    if any(not (folder.path / name).exists() for name in manifest.files if name.startswith(f"{BLOCKS}/")):
        raise InputError(Problem("study.not_whole", file=str(folder.path)))
    return StudyFolder.at(folder.path)
