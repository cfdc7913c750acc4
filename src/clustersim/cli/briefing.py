"""`clustersim brief` and `clustersim whence`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from clustersim import api, scenario
from clustersim.cli.progress import Bar, ProgressLines
from clustersim.cli.running import refuse_study
from clustersim.cli.starting import ENDINGS, shipped_scenarios
from clustersim.errors import InputError, Problem
from clustersim.messages import current_language, text
from clustersim.render.terminal import say
from clustersim.reports import wording
from clustersim.storage.code_version import code_version
from clustersim.storage.folder import MANIFEST
from clustersim.storage.manifest import Manifest, digest
from clustersim.storage.provenance import Provenance, Stamp, fingerprint
from clustersim.studies.store_run import folder_of

CHANGED = 1  # exit code
WITHIN_RUN = ("attribution", "assumptions")  # studies below the folder of their run


def make_briefing(paths: Sequence[Path], out: Path | None, results: Path, seeds: int | None) -> None:
    """The pack of runs and studies; of a scenario file its run is found, or made first.

    Args:
        results: folder of all results, where runs of scenario files are looked for.
        seeds: of scenario files, at least; None: as many as their runs have, or as they say.
    """
    if seeds is not None and not all(_is_scenario(path) for path in paths if path.exists()):
        raise click.UsageError(text("cli.brief.seeds_alone"), click.get_current_context())
    found = [_results(path, results, seeds) for path in paths]
    pack = api.briefing(found, out)
    counts = {"figures": pack.count("figures", ".png"), "tables": pack.count("tables", ".csv")}
    say(text("cli.brief.written", folder=pack.path, **counts))
    for name, kept in pack.aside.items():
        say(text("cli.brief.aside", name=name, kept=kept))


def _results(path: Path, results: Path, seeds: int | None) -> api.Run | api.StudyResult:
    if not path.exists():
        raise InputError(Problem("cli.brief.missing", file=str(path)))
    if not _is_scenario(path):
        return api.open_results(path)
    document = scenario.read(path)
    refuse_study(document, path)
    return _of_scenario(api.Experiment(scenario.checked(document)), results, seeds)


def _is_scenario(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and not path.is_dir()


def _of_scenario(experiment: api.Experiment, results: Path, seeds: int | None) -> api.Run:
    """The finished run if it has enough seeds: running it again would rewrite its report and tables."""
    folder = folder_of(experiment.scenario, results)
    known = folder.read_manifest()
    if known is not None and known.status == "complete" and (seeds is None or seeds <= known.used):
        found = api.open_results(folder.path)
        assert isinstance(found, api.Run)
        return found
    asked = {} if known is None else known.asked
    with Bar(text("cli.run.counted")) as bar:
        return experiment.run(
            seeds or asked.get("seeds"),
            out=results,
            progress=ProgressLines(bar),
            assumptions=asked.get("assumptions"),
        )


def tell_whence(file: Path, results: Path) -> None:
    """What a file was made of, whether that and the file are as they were, and how to make the file again.

    The command ends with 1 where the file has been changed.
    """
    from clustersim.api.whence import origin

    found = origin(file)
    for code in dict.fromkeys(source.code for source in found.stamp.sources if source.code != code_version()):
        said = text("cli.whence.other_version", code=code, now=code_version())
        click.echo(text("cli.warning", warning=said), err=True)
    kept = {True: "unchanged", False: "changed", None: "unlisted"}[found.unchanged]
    lines = [text("cli.whence.what", file=file.name, what=found.stamp.what)]
    lines.append(text(f"cli.whence.{kept}"))
    for source in found.stamp.sources:
        lines += _told(source, found.stamp, file, results)
    say("\n".join(lines))
    if found.unchanged is False:
        sys.exit(CHANGED)


def _told(source: Provenance, stamp: Stamp, file: Path, results: Path) -> list[str]:
    fields = {
        "kind": text(f"cli.whence.kind.{source.kind}"),
        "name": source.name,
        "run": source.run,
        "seeds": wording.seeds(source.seeds),
        "code": source.code,
        "manifest": source.manifest,
    }
    lines = [text("cli.whence.source", **fields)]
    folder = _folder_of(source, file, results)
    if folder is None:
        return [*lines, text("cli.whence.gone"), _again(source)]
    return [*lines, *_of_folder(source, stamp, folder)]


def _of_folder(source: Provenance, stamp: Stamp, folder: Path) -> list[str]:
    """Whether the results are those of the file, and the command that makes it again."""
    from clustersim.api.whence import manifest_in

    manifest = manifest_in(folder)
    if manifest is None or not _is_same(source, manifest):
        return [text("cli.whence.differs", folder=folder), _again(source)]
    there = text("cli.whence.there", folder=folder)
    if manifest.used > source.seeds:
        used = wording.seeds(manifest.used)
        return [there, text("cli.whence.more_seeds", used=used), _again(source)]
    owner = folder.parents[1] if source.kind in WITHIN_RUN else folder
    return [there, text("cli.whence.brief", folder=owner, language=stamp.language or current_language())]


def _is_same(source: Provenance, manifest: Manifest) -> bool:
    return fingerprint(manifest, source.seeds) == source.manifest and manifest.used >= source.seeds


def _folder_of(source: Provenance, file: Path, results: Path) -> Path | None:
    """The folder of a run or study: one that the file lies in, else below that of all results."""
    from clustersim.api.whence import manifest_in

    above = (folder for folder in file.absolute().parents if folder.name == source.run)
    patterns = (f"{place}/{source.run}/{MANIFEST}" for place in ("*", "*/*/*"))
    below = (manifest.parent for pattern in patterns for manifest in results.glob(pattern))
    return next((folder for folder in (*above, *below) if manifest_in(folder) is not None), None)


def _again(source: Provenance) -> str:
    """The command that reproduces the run or study; it names the shipped scenario if it is that one."""
    shipped = _shipped(source)
    given = f"{source.name}.yaml" if shipped is None else shipped
    key = source.kind if source.kind in ("run", *WITHIN_RUN) else "study"
    engine = "" if source.engine == "batch" else f" --engine {source.engine}"
    said = text(f"cli.whence.again.{key}", file=given, verb=source.kind, seeds=source.seeds, engine=engine)
    if shipped is not None or key == "study":
        return said
    return "\n".join([said, text("cli.whence.scenario", name=source.name, digest=source.scenario)])


def _shipped(source: Provenance) -> Path | None:
    """The scenario that comes with the package and is what was run."""
    for name, file in shipped_scenarios().items():
        if name.rpartition("/")[2] == source.name:
            try:
                document = scenario.load(file).document
            except InputError:
                return None
            return Path("scenarios", f"{name}.yaml") if digest(document) == source.scenario else None
    return None
