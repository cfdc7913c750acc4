"""`clustersim sweep`, `sensitivity`, `map`, `calibrate` and `attribute`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from clustersim import api
from clustersim.cli.progress import Bar, ProgressLines
from clustersim.errors import InputError, Problem
from clustersim.execution import job_blocks
from clustersim.execution.executor import Executor
from clustersim.messages import text
from clustersim.render.terminal import say
from clustersim.reports import wording
from clustersim.reports.study_report import question
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.studies import study_file
from clustersim.studies.attribution_study import attribution_job
from clustersim.studies.points import job_of
from clustersim.studies.study import Study, Verb

SHARD = re.compile(r"([1-9]\d*)/([1-9]\d*)")


def executor_of(jobs: int, dask: str, shard: str) -> Executor:
    """Who makes the blocks, from the options.

    Raises:
        click.UsageError: the options do not go together.
    """
    context = click.get_current_context()
    if jobs > 1 and dask:
        raise click.UsageError(text("cli.executor.jobs_or_dask"), context)
    found = SHARD.fullmatch(shard or "1/1")
    if found is None or int(found[1]) > int(found[2]):
        raise click.UsageError(text("cli.executor.bad_shard", given=shard), context)
    return Executor(jobs, dask, (int(found[1]), int(found[2])))


def plan_study(path: Path, verb: Verb | None) -> None:
    """Say what a study would do and what it needs."""
    study = study_file.load(path, verb)
    say("\n\n".join([question(study), needs(study), fine(study, path)]))


def fine(study: Study, path: Path) -> str:
    return text("cli.study.fine", verb=study.verb, file=path)


def needs(study: Study, jobs: int = 1) -> str:
    """Points, runs, blocks, memory, disk and time.

    Raises:
        InputError: this machine cannot hold a block.
    """
    job, _ = job_of(study)
    size = job_blocks.refuse_impossible(job, jobs)
    return text(
        "cli.study.needs",
        points=f"{size.points:,}",
        runs=f"{size.runs:,}",
        blocks=f"{size.blocks:,}",
        memory=wording.byte_size(size.memory),
        disk=wording.byte_size(size.disk),
        time=wording.duration(size.seconds),
    )


def carry_out_study(path: Path, verb: Verb, out: Path, executor: Executor) -> None:
    """Carry a study out, then print what was found and where everything was written."""
    study = study_file.load(path, verb)
    click.echo(needs(study, executor.jobs), err=True)
    show_study(api.StudyExperiment(study), out, executor)


def show_study(experiment: api.StudyExperiment, out: Path, executor: Executor) -> None:
    with Bar(text("cli.study.counted")) as bar:
        result = experiment.run(out, executor, ProgressLines(bar))
    if not result.is_whole:
        wanted = len(job_of(experiment.study)[0].tasks)
        numbers = {"done": len(result.folder.blocks_done()), "wanted": wanted}
        say(text("study.partly", **numbers, folder=result.folder.path))
        return
    say("\n".join(f"- {sentence}" for sentence in result.summary()))
    say(text("cli.study.written", folder=result.folder.path))


def attribute_arms(
    path: Path, arm: str | None, seeds: int, together: tuple[tuple[str, ...], ...], out: Path, executor: Executor
) -> None:
    """Attribute the effect of one arm, or of each of the scenario's, to its instruments."""
    experiment = api.load(path)
    own = [policy.name for policy in experiment.scenario.policies if policy.name != NO_ALLIANCE]
    if not own:
        raise InputError(Problem("scenario.study.no_arms", file=str(path), path="policies"))
    arms = [arm] if arm is not None else own
    for name in arms:  # errors are reported before the first is simulated
        attribution_job(experiment.scenario, name, seeds, together)
    for name in arms:
        with Bar(text("cli.study.counted")) as bar:
            found = experiment.attribute(name, seeds, together, out, ProgressLines(bar), executor)
        say("\n".join(f"- {sentence}" for sentence in found.summary()))
        say(text("cli.study.written", folder=found.folder.path))
