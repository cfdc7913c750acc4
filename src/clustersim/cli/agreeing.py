"""`clustersim agree`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from clustersim import scenario
from clustersim.agreement import Agreement, Difference, compare
from clustersim.agreement.findings import RELATIVE
from clustersim.cli.progress import Bar
from clustersim.execution.budget import with_budget
from clustersim.execution.size import refuse_impossible
from clustersim.messages import text
from clustersim.render.terminal import say
from clustersim.reports import wording
from clustersim.scenario.model import Scenario

DIFFERS = 1  # exit code


def compare_engines(path: Path, seeds: Sequence[int]) -> None:
    """Report whether the engines agree on these seeds; if not, the first difference, with exit code 1."""
    ready = with_budget(scenario.load(path))
    size = refuse_impossible(ready, len(seeds), "reference")
    click.echo(text("cli.agree.begins", time=wording.duration(size.seconds)), err=True)
    with Bar(text("cli.agree.months_done")) as bar:
        found = compare(ready, seeds, bar.show)
    if found.difference is None:
        say(agreed(found))
        return
    say(differing(found.difference, ready))
    sys.exit(DIFFERS)


def agreed(found: Agreement) -> str:
    """What was compared, and how closely quantities agree."""
    counts = {name: f"{getattr(found, name):,}" for name in ("runs", "months", "firm_months", "events", "decisions")}
    quantities = {
        "quantities": f"{found.quantities:,}",
        "largest": f"{found.largest:.0e}",
        "allowed": f"{RELATIVE:.0e}",
    }
    return text("cli.agree.agree", **counts, **quantities)


def differing(difference: Difference, model: Scenario) -> str:
    """The first difference, a line a fact."""
    roster = model.population.roster
    known = roster is not None and 0 <= difference.firm < len(roster.ids)
    firm = "" if difference.firm < 0 else f"{difference.firm}"
    facts = {
        "seed": difference.seed,
        "arm": difference.arm and wording.arm_name(difference.arm),
        "month": difference.month,
        "step": difference.step,
        "column": difference.column,
        "firm": f"{firm} ({roster.ids[difference.firm]})" if known and roster is not None else firm,
        "slot": difference.slot,
        "batch": difference.batch,
        "reference": difference.reference,
        "others": difference.others or None,
    }
    lines = [text(f"cli.agree.{name}", value=value) for name, value in facts.items() if value not in ("", None)]
    return "\n".join([text("cli.agree.differ"), *lines])
