"""`clustersim check --evidence`."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from clustersim import scenario
from clustersim.cli.progress import Bar
from clustersim.errors import InputError, Problem
from clustersim.execution.observed import SEEDS, Verdict, compare_observed
from clustersim.messages import text
from clustersim.render.terminal import plain_table, say
from clustersim.reports.observed_words import Words

COLOURS = {Verdict.INSIDE: "green", Verdict.OUTSIDE: "red", Verdict.NOT_COMPARABLE: ""}


def check_evidence(path: Path, seeds: int | None) -> None:
    """Compare the reported facts that a scenario names with the model, and explain each comparison."""
    model = scenario.load(path)
    if not model.observed:
        raise InputError(Problem("observed.nothing", {}, file=str(path), path="observed"))
    with Bar(text("cli.run.counted")) as bar:
        findings = compare_observed(model, seeds or SEEDS, bar.show)
    words = Words(model)
    table = plain_table(text("observed.title", name=model.name))
    for number, title in enumerate(words.header()):
        table.add_column(title, justify="right" if number in (1, 2, 3) else "left", overflow="fold")
    for finding in findings:
        *cells, verdict = words.row(finding)
        table.add_row(*cells, Text(verdict, COLOURS[finding.verdict]))
    Console(highlight=False).print(table)
    lines = [f"- {words.explained(finding)}" for finding in findings]
    say("\n".join(["", words.counted(findings), text("observed.meaning"), "", *lines]))
