"""`clustersim run`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console

from clustersim import api, scenario
from clustersim.cli.printing import say
from clustersim.cli.progress import Bar
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
    with Bar(text("cli.run.seeds_done", language)) as bar:
        run = experiment.run(seeds.number, precision, out, language, Reporter(language, bar), engine)
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
    """Seeds done: a bar on a terminal, a line for each block elsewhere. Says first what is stored already."""

    def __init__(self, language: str, bar: Bar):
        self._language = language
        self._bar = bar
        self._begun = False

    def __call__(self, progress: Done) -> None:
        numbers = {"done": f"{progress.done:,}", "wanted": f"{progress.wanted:,}"}
        if not self._begun and progress.done:
            key = "cli.run.found" if progress.done == progress.wanted else "cli.run.goes_on"
            click.echo(text(key, self._language, **numbers), err=True)
        elif not self._bar.is_drawn:
            click.echo(text("cli.run.progress", self._language, **numbers), err=True)
        self._bar.show(progress.done, progress.wanted)
        self._begun = True
