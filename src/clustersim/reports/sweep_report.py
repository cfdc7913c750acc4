"""What a sweep found, in sentences; its points are too many for tables."""

from __future__ import annotations

from clustersim.analysis.rows import Row, rows_of
from clustersim.analysis.swept import SweepFindings
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports.wording import arm_words, effect_quantity, measure_words, percent


def sentences(found: SweepFindings) -> list[str]:
    seeds = found.outcomes.job.seeds
    return [*(_sentence(row, seeds) for row in rows_of(found.ranges)), text("study.sweep.read")]


def _sentence(row: Row, seeds: int) -> str:
    measure = MEASURES[row.measure]
    key = "one_seed" if seeds == 1 else "sentence" if measure.better else "neither_better"
    ends = {name: effect_quantity(getattr(row, name), measure) for name in ("low", "mid", "high")}
    shares = {"above": percent(row.above), "below": percent(row.below)}
    return text(f"study.sweep.{key}", arm=arm_words(row.arm), measure=measure_words(row.measure), **ends, **shares)
