"""`clustersim check --evidence`."""

from __future__ import annotations

from pathlib import Path

from clustersim import scenario
from clustersim.cli.progress import Bar
from clustersim.errors import InputError, Problem
from clustersim.execution.observed import SEEDS, compare_observed
from clustersim.messages import text
from clustersim.render.terminal import show
from clustersim.reports.observed_facts import observed_facts


def check_evidence(path: Path, seeds: int | None) -> None:
    """Compare the reported facts that a scenario names with the model, and explain each comparison."""
    model = scenario.load(path)
    if not model.observed:
        raise InputError(Problem("observed.nothing", {}, file=str(path), path="observed"))
    with Bar(text("cli.run.counted")) as bar:
        findings = compare_observed(model, seeds or SEEDS, bar.show)
    show(observed_facts(model, findings))
