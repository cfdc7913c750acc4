"""`clustersim check`."""

from __future__ import annotations

from pathlib import Path

import click

from clustersim import scenario
from clustersim.execution.budget import planned, with_budget
from clustersim.execution.size import Size, refuse_impossible
from clustersim.messages import text
from clustersim.render.terminal import Entry, say, show, show_entries
from clustersim.reports import wording
from clustersim.reports.blocks import Table, table
from clustersim.scenario.collect import TO_COLLECT
from clustersim.scenario.model import Scenario
from clustersim.scenario.phrases import value_text
from clustersim.spec.parameters import MODEL_PARAMETERS
from clustersim.studies.study_kind import verb_of


def check_scenario(path: Path) -> None:
    """Summarise the scenario in words, with its costs, what a run needs, and warnings."""
    document = scenario.read(path)
    if verb_of(document) is not None:
        from clustersim.cli.studying import plan_study  # a scenario does not wait for what only studies need

        plan_study(path, None)
        return
    model = scenario.checked(document)
    ready = with_budget(model)
    size = refuse_impossible(ready, model.seeds)
    warnings = [warning.sentence() for warning in scenario.warnings(model)]
    blocks = [
        scenario.describe(model),
        needs(size, model.seeds),
        "\n".join([text("cli.check.collect"), *(_to_collect(model, name) for name in TO_COLLECT)]),
        "\n".join([text("cli.check.warnings"), *(f"- {warning}" for warning in warnings)]) if warnings else "",
        text("cli.check.fine", warnings=len(warnings), file=path),
    ]
    say(blocks[0])
    click.echo()
    show([costs(ready)])
    say("\n\n".join(block for block in blocks[1:] if block))


def list_numbers(path: Path) -> None:
    """Every number of the model and the policies with what it rests on."""
    entries = scenario.numbers(scenario.load(path))
    show_entries(
        Entry(f"{place} = {value}", f"{unit} [{source}]".strip(), "") for place, value, unit, source in entries
    )


def costs(model: Scenario) -> Table:
    """Planned cost of each policy arm a year, and the part of it that a budget can scale."""
    years = model.time.horizon / 12.0
    rows = []
    for policy in model.policies:
        plan = planned(model, policy)
        parts = (plan.at(1.0), plan.fixed, plan.scaled)
        if policy.instruments:
            rows.append([wording.arm_name(policy.name), *(f"{part / years:,.0f}" for part in parts)])
    header = [text("table.arm"), *(text(f"cli.check.{name}") for name in ("total", "fixed", "scaled"))]
    return table(text("cli.check.costs"), header, rows)


def needs(size: Size, seeds: int) -> str:
    """Memory, disk and time of the run."""
    return text(
        "cli.check.needs",
        seeds=wording.seeds(seeds),
        arms=size.arms,
        memory=wording.byte_size(size.memory),
        disk=wording.byte_size(size.disk),
        time=wording.duration(size.seconds),
    )


def _to_collect(model: Scenario, name: str) -> str:
    parameter = MODEL_PARAMETERS[name]
    span = parameter.plausible or parameter.hard
    return text(
        "cli.check.number",
        name=name,
        value=value_text(getattr(model.parameters, name)),
        low=f"{span[0]:g}",
        high=f"{span[1]:g}",
        meaning=text(f"parameter.{name}"),
    )
