"""What a shock does to each policy, on the page."""

from __future__ import annotations

from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.markdown import rows_of
from clustersim.reports.wording import Row, arm_words, listed
from clustersim.spec.results import EQUAL_MONEY
from clustersim.studies.run_findings import RunFindings


def shock_words(findings: RunFindings) -> list[str]:
    """Output lost and the deepest month, with no alliance and under each policy at its own cost."""
    frame = findings.estimates.resilience
    if frame.empty:
        return []
    own = frame[~frame["arm"].astype(str).str.endswith(EQUAL_MONEY)]
    parts = [
        text(
            f"brief.words.shock.{name}",
            horizon=findings.scenario.time.horizon,
            baseline=_level(rows[0].baseline),
            arms=listed([_arm(row) for row in rows]),
        )
        for name in ("output_lost", "trough")
        if (rows := rows_of(own[own["measure"] == name]))
    ]
    return [text("brief.words.gap").join(parts)] if parts else []


def _arm(row: Row) -> str:
    verdict = wording.named("verdict", row.verdict) if row.verdict else ""
    key = "arm" if verdict else "arm_alone"
    fields = {"arm": arm_words(row.arm), "level": _level(row.level), "verdict": verdict}
    return text(f"brief.words.shock.{key}", **fields)


def _level(value: float) -> str:
    return wording.quantity(wording.plain(value, 2), "percent")
