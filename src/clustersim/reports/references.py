"""The publications and reports that the numbers of a briefing rest on, in full."""

from __future__ import annotations

import re
from collections.abc import Iterable

from clustersim import scenario as scenarios
from clustersim.messages import text
from clustersim.reports.blocks import Block, bullets, escaped, heading
from clustersim.reports.sources import RunSource
from clustersim.scenario.facts import evidence, literature, sources

_ID = re.compile(r"[\w.]+")


def references(runs: Iterable[RunSource]) -> list[Block]:
    """Of all that any number of the runs names; nothing where none names any."""
    named = {
        one for run in runs for *_, rests in scenarios.numbers(run.findings.scenario) for one in _ID.findall(rests)
    }
    published = [
        text(f"brief.references.{one.status}", id=one.id, ref=escaped(one.ref))
        for one in literature()
        if one.id in named
    ]
    reports = {fact.source for fact in evidence() if fact.id in named}
    reported = [
        text(
            "brief.references.report",
            **{name: escaped(getattr(one, name)) for name in ("id", "outlet", "date", "place", "about")},
            facts=", ".join(f"`{fact.id}`" for fact in evidence() if fact.source == one.id and fact.id in named),
        )
        for one in sources()
        if one.id in reports
    ]
    items = [*published, *reported]
    return [heading(text("brief.heading.references")), bullets(items)] if items else []
