"""What a map found, in sentences and tables."""

from __future__ import annotations

from clustersim.analysis.mapping import discovery
from clustersim.analysis.mapping.map_findings import MapFindings, OutcomeMap
from clustersim.analysis.rows import Row, rows_of
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.blocks import Block, heading, paragraph, table
from clustersim.reports.factor_words import short_words
from clustersim.reports.wording import arm_words, effect_quantity, listed, percent
from clustersim.spec.results import EQUAL_MONEY


def sentences(found: MapFindings) -> list[str]:
    said = [sentence for one in found.maps.values() for sentence in _of_outcome(one)]
    own_cost = any(not arm.endswith(EQUAL_MONEY) for arm in found.outcomes.arms)
    if own_cost and found.outcomes.job.scenario.budget in ("own", "both"):
        said.append(text("study.map.cost"))
    return said


def _of_outcome(one: OutcomeMap) -> list[str]:
    words = short_words(one.outcomes.job.factors)
    x, y = (words[factor.name] for factor in one.outcomes.job.factors)
    numbers = {"cells": one.summary.cells, "decided": one.summary.decided_cells}
    first = text("study.map.first", x=x, y=y, measure=wording.measure_title(one.outcome), **numbers)
    return [first, _shares(one), _flips(one), *_rules(one, words), _lead(one)]


def _shares(one: OutcomeMap) -> str:
    rows = one.summary.shares[one.summary.shares["share"] > 0]
    parts = [text("study.map.share", arm=arm_words(row.arm), share=percent(row.share)) for row in rows_of(rows)]
    return text("study.map.shares", parts=listed(parts))


def _flips(one: OutcomeMap) -> str:
    if not one.summary.decided_cells:
        return text("study.map.none_decided", seeds=wording.seeds(one.outcomes.job.seeds))
    if not one.summary.flips:
        return text("study.map.no_flip")
    key = "flip" if one.summary.flips_decided else "flip_undecided"
    return text(f"study.map.{key}", pairs=len(one.flips), decided=int(one.flips["decided"].sum()))


def _rules(one: OutcomeMap, words: dict[str, str]) -> list[str]:
    """Where each arm wins, as a box of ranges."""
    if one.rules.empty:
        is_missing = one.summary.flips and one.are_numbers and not discovery.is_installed()
        return [text("study.map.no_discovery")] if is_missing else []
    return [_rule(str(arm), rows_of(box), words) for arm, box in one.rules.groupby("arm", sort=False)]


def _rule(arm: str, box: list[Row], words: dict[str, str]) -> str:
    limits = [
        text("study.map.limit", factor=words[row.parameter], low=f"{row.low:g}", high=f"{row.high:g}") for row in box
    ]
    numbers = {"coverage": percent(box[0].coverage), "density": percent(box[0].density)}
    return text("study.map.rule", arm=arm_words(arm), where=text("study.map.and").join(limits), **numbers)


def _lead(one: OutcomeMap) -> str:
    lead = one.cells["lead"]
    numbers = {"low": lead.min(), "mid": lead.median(), "high": lead.max()}
    ends = {name: effect_quantity(value, one.measure) for name, value in numbers.items()}
    if one.measure.margin is None:
        return text("study.map.lead_only", **ends)
    matters = float((one.cells["matters"] & one.cells["decided"]).mean())
    return text("study.map.lead", **ends, matters=percent(matters))


def blocks(found: MapFindings) -> list[Block]:
    """How many cells each arm wins, in each outcome."""
    tables = [block for one in found.maps.values() for block in _table(one)]
    return [*tables, paragraph(text("study.map.note"))]


def _table(one: OutcomeMap) -> list[Block]:
    title = wording.measure_title(one.outcome)
    header = [text(f"study.column.{name}") for name in ("arm", "cells_won", "decided_won")]
    shares = rows_of(one.summary.shares)
    rows = [[arm_words(row.arm), percent(row.share), percent(row.share_decided)] for row in shares]
    return [heading(title, 2), table(title, header, rows)]
