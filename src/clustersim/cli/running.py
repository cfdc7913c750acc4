"""`clustersim run`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import click

from clustersim import api, scenario
from clustersim.cli.profiling import show_profile
from clustersim.cli.progress import Bar, ProgressLines
from clustersim.engines import Engine
from clustersim.errors import InputError, Problem
from clustersim.execution.executor import LOCAL, Executor
from clustersim.messages import text
from clustersim.render.terminal import say, show
from clustersim.reports.run_report import headlines
from clustersim.scenario.document import Document
from clustersim.scenario.model import Precision
from clustersim.scenario.model import Scenario as Model
from clustersim.studies.store_run import excess
from clustersim.studies.study_kind import verb_of

CAP = 10_000  # seeds of a run that is to be precise, where nobody says another


@dataclass(frozen=True)
class Asked:
    """What a user asked for.

    Attributes:
        number: of seeds, or precise: as many as a precise answer takes, up to a cap; None as the scenario says.
        assumptions: points of the assumption range, None: as many as are cheap.
        profile: whether to say where the time went.
    """

    number: int | None
    precise: bool
    cap: int | None
    assumptions: int | None = None
    profile: bool = False


def run_scenario(path: Path, asked: Asked, out: Path, engine: Engine, executor: Executor = LOCAL) -> None:
    """Run all arms, then print the table, the sentences and where everything was written."""
    document = scenario.read(path)
    refuse_study(document, path)
    experiment = api.Experiment(scenario.checked(document))
    for warning in scenario.warnings(experiment.scenario):
        click.echo(text("cli.warning", warning=warning.sentence()), err=True)
    precision = _precision(experiment.scenario, asked.cap) if asked.precise else experiment.scenario.precision
    with Bar(text("cli.run.counted")) as bar:
        lines = ProgressLines(bar)
        run = experiment.run(asked.number, precision, out, lines, engine, executor, asked.assumptions, asked.profile)
    show_run(run, precision if asked.number is None else None)
    if run.measured is not None:
        show_profile(run.measured, run.seeds)


def refuse_study(document: Document, path: Path) -> None:
    """Raises InputError where a study file is given in place of a scenario; it names the command for it."""
    verb = verb_of(document)
    if verb is not None:
        raise InputError(Problem("work.is_a_study", {"verb": verb, "file": path}, file=str(path)))


def show_run(run: api.Run, precision: Precision | None) -> None:
    """The table, the sentences, and where everything was written.

    Args:
        precision: that was wanted, None where a number of seeds was.
    """
    show(headlines(run.scenario, run.estimates, run.assumptions))
    if precision is not None and excess(run.effects(), precision) > 1.0:
        say(text("cli.run.not_precise", cap=f"{precision.cap:,}"))
    say(text("cli.run.written", folder=run.folder.path))


def _precision(model: Model, cap: int | None) -> Precision:
    """The scenario's, else half of what makes a practical difference; with the cap that was asked for."""
    half = Precision(model.parameters.pairing_margin / 2.0, model.parameters.output_margin / 2.0, CAP)
    wanted = model.precision or half
    return wanted if cap is None else replace(wanted, cap=cap)
