"""`clustersim run`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from clustersim import api, scenario
from clustersim.cli.printing import say
from clustersim.cli.tables import terminal_table
from clustersim.engines import Engine
from clustersim.experiment.running import Progress as Done
from clustersim.experiment.running import excess
from clustersim.messages import text
from clustersim.scenario.model import Precision
from clustersim.scenario.model import Scenario as Model


@dataclass(frozen=True)
class Seeds:
    """How many seeds: a number, or as many as a precise answer takes up to a cap; None as the scenario says."""

    number: int | None
    precise: bool
    cap: int | None


def run_scenario(path: Path, seeds: Seeds, out: Path, language: str, engine: Engine) -> None:
    """Run all arms, then print the table, the sentences and where everything was written."""
    experiment = api.load(path)
    for warning in scenario.warnings(experiment.scenario):
        click.echo(text("cli.warning", language, warning=warning.sentence(language)), err=True)
    precision = _precision(experiment.scenario, seeds.cap) if seeds.precise else experiment.scenario.precision
    with Reporter(language) as progress:
        run = experiment.run(seeds.number, precision, out, language, progress, engine)
    first, *sentences = run.summary(language)
    if not run.effects().empty:
        Console(highlight=False).print(terminal_table(run.effects(), language))
    say("\n".join([first, *(f"- {sentence}" for sentence in sentences)]))
    if precision is not None and seeds.number is None and excess(run.effects(), precision) > 1.0:
        say(text("cli.run.not_precise", language, cap=f"{precision.cap:,}"))
    say(text("cli.run.written", language, folder=run.folder.path))


def _precision(model: Model, cap: int | None) -> Precision:
    """The scenario's, else half of what makes a practical difference; with the cap that was asked for."""
    half = Precision(model.parameters.pairing_margin / 2.0, model.parameters.output_margin / 2.0, MOST_SEEDS)
    wanted = model.precision or half
    return wanted if cap is None else replace(wanted, cap=cap)


MOST_SEEDS = 10_000  # of a run that is to be precise, where nobody says another cap


class Reporter:
    """A bar with the time left on a terminal, a line for each block elsewhere. Says first what is stored already."""

    def __init__(self, language: str):
        self._language = language
        self._begun = False
        self._bar: Progress | None = None
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(text("cli.run.seeds_done", language), total=None)

    def __enter__(self) -> Reporter:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, progress: Done) -> None:
        numbers = {"done": f"{progress.done:,}", "wanted": f"{progress.wanted:,}"}
        if not self._begun and progress.done:
            key = "cli.run.found" if progress.done == progress.wanted else "cli.run.goes_on"
            click.echo(text(key, self._language, **numbers), err=True)
        elif self._bar is None:
            click.echo(text("cli.run.progress", self._language, **numbers), err=True)
        if self._bar:
            self._bar.update(self._task, total=progress.wanted, completed=progress.done)
        self._begun = True
