"""The assumption range of a run, in sentences and in a table."""

from __future__ import annotations

import pandas as pd

from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.analysis.rows import Row, rows_of
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.blocks import Block, paragraph, table
from clustersim.reports.factor_words import factor_words, short_names
from clustersim.reports.wording import NOTHING, arm_words, effect_quantity, listed, measure_words, percent

COLUMNS = ("arm", "measure", "range_low", "range_mid", "range_high", "share_positive", "share_best", "noise", "movers")


def sentences(found: AssumptionRange, effects: pd.DataFrame) -> list[str]:
    """What the range is, one sentence for each arm, and which effects of the run lie outside of it.

    Args:
        effects: `Estimates.effects` of the run.
    """
    of_arms = [_of_arm(found, arm) for arm in found.job.arms]
    return [text("assumptions.first", **_counts(found)), *of_arms, *_outside(found, effects), *left_out(found)]


def _counts(found: AssumptionRange) -> dict[str, object]:
    job = found.job
    return {"points": len(job.points), "parameters": len(job.factors), "seeds": wording.seeds(job.seeds)}


def _of_arm(found: AssumptionRange, arm: str) -> str:
    """The range in each headline measure; on output how often the arm is better and best, and what moves it."""
    rows = {row.measure: row for row in rows_of(found.table[found.table["arm"] == arm])}
    output, short = rows["output"], short_names(found.job.factors)
    movers = [factor_words(short[name]) for name in _movers(output)]
    key = "moved" if movers else "moved_by_none"
    return text(
        "assumptions.sentence",
        arm=wording.arm_name(arm),
        ranges=listed([_range(row) for row in rows.values()]),
        positive=percent(output.share_positive),
        best=percent(output.share_best),
        moved=text(f"assumptions.{key}", names=listed(movers)),
    )


def _movers(row: Row) -> list[str]:
    return [name for name in row.movers.split(", ") if name]


def _range(row: Row) -> str:
    """`output +1.4% to +14.5%`."""
    low, high = (effect_quantity(value, MEASURES[row.measure]) for value in (row.range_low, row.range_high))
    return text("assumptions.range", measure=measure_words(row.measure), low=low, high=high)


def _outside(found: AssumptionRange, effects: pd.DataFrame) -> list[str]:
    """A scenario may stand in a corner of what is plausible; then its effects need not lie in their range."""
    both = found.table.merge(effects, on=["arm", "measure"])
    beyond = both[(both["effect"] < both["range_low"]) | (both["effect"] > both["range_high"])]
    told = [
        text(
            "assumptions.outside_one",
            arm=arm_words(row.arm),
            measure=measure_words(row.measure),
            effect=effect_quantity(row.effect, MEASURES[row.measure]),
        )
        for row in rows_of(beyond)
    ]
    seeds = wording.seeds(found.job.seeds)
    return [text("assumptions.outside", effects=listed(told), seeds=seeds)] if told else []


def left_out(found: AssumptionRange) -> list[str]:
    """How many points no scenario can be."""
    number = found.asked - len(found.job.points)
    return [text("assumptions.impossible", number=number, asked=found.asked)] if number else []


def blocks(found: AssumptionRange) -> list[Block]:
    title = text("report.assumption_range")
    header, short = [text(f"study.column.{name}") for name in COLUMNS], short_names(found.job.factors)
    rows = [_cells(row, short) for row in rows_of(found.table)]
    return [paragraph(text("assumptions.note", **_counts(found))), table(title, header, rows)]


def _cells(row: Row, short: dict[str, str]) -> list[str]:
    measure, own = MEASURES[row.measure], f"policies.{row.arm}."
    names = [factor_words(short[name].removeprefix(own)) for name in _movers(row)]
    return [
        arm_words(row.arm),
        measure_words(row.measure),
        *(effect_quantity(value, measure) for value in (row.range_low, row.range_mid, row.range_high)),
        *(percent(value) for value in (row.share_positive, row.share_best, row.noise)),
        listed(names) or NOTHING,
    ]
