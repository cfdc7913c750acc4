"""`clustersim run`."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from clustersim import api, scenario
from clustersim.cli.printing import say
from clustersim.cli.tables import terminal_table
from clustersim.experiment.running import Progress as Done
from clustersim.messages import text
from clustersim.scenario.model import Precision
from clustersim.scenario.model import Scenario as Model


def run_scenario(path: Path, seeds: int | None, cap: int | None, out: Path, language: str) -> None:
    """Run all arms, then print the table, the sentences and where everything was written.

    Args:
        cap: seeds at most of a run that is to be precise; None for a run with a given number of seeds.
    """
    experiment = api.load(path)
    for warning in scenario.warnings(experiment.scenario):
        click.echo(text("cli.warning", language, warning=warning.sentence(language)), err=True)
    precision = None if cap is None else _precision(experiment.scenario, cap)
    with Reporter(language) as progress:
        run = experiment.run(seeds, precision, out, language, progress)
    first, *sentences = run.summary(language)
    if not run.effects().empty:
        Console(highlight=False).print(terminal_table(run.effects(), language))
    say("\n".join([first, *(f"- {sentence}" for sentence in sentences)]))
    say(text("cli.run.written", language, folder=run.folder.path))


def _precision(model: Model, cap: int) -> Precision:
    """The scenario's, else half of what makes a practical difference."""
    if model.precision is not None:
        return Precision(model.precision.pairing, model.precision.output, cap)
    return Precision(model.parameters.pairing_margin / 2.0, model.parameters.output_margin / 2.0, cap)


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
