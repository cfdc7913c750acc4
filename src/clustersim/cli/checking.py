"""`clustersim check`."""

from __future__ import annotations

from pathlib import Path

import click

from clustersim import scenario
from clustersim.experiment.budget import planned, with_budget
from clustersim.experiment.size import gigabytes, refuse_impossible
from clustersim.messages import text
from clustersim.scenario.model import Scenario

# What a researcher can find out in a cluster and the answer hangs on; the most important ones first.
TO_COLLECT = ("reroute", "cross_chain", "purchases", "outside_share", "specificity", "organisation_share", "search")


def check_scenario(path: Path, language: str) -> None:
    """Say the scenario back in words, with what should be looked at, what it costs and what the run needs."""
    model = scenario.load(path)
    ready = with_budget(model)
    size = refuse_impossible(ready, model.seeds)
    click.echo(scenario.describe(model, language))
    click.echo()
    for line in planned_costs(ready, language):
        click.echo(line)
    minutes = max(1, round(size.seconds / 60))
    needs = {"memory": gigabytes(size.memory), "disk": gigabytes(size.disk), "minutes": minutes}
    click.echo(text("cli.check.needs", language, **needs))
    click.echo()
    click.echo(text("cli.check.collect", language))
    for name in TO_COLLECT:
        click.echo(f"- {name}: {text(f'parameter.{name}', language)}")
    warnings = scenario.warnings(model)
    for warning in warnings:
        click.echo(warning.sentence(language), err=True)
    click.echo()
    click.echo(text("cli.check.fine", language, warnings=len(warnings)))


def planned_costs(model: Scenario, language: str) -> list[str]:
    """Planned cost of each policy arm a year."""
    years = model.time.horizon / 12.0
    return [
        text("cli.check.cost", language, arm=policy.name, cost=f"{planned(model, policy).at(1.0) / years:,.0f}")
        for policy in model.policies
        if policy.instruments
    ]
