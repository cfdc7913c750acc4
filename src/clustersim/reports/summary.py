"""What was found, in sentences."""

from __future__ import annotations

import math

import pandas as pd

from clustersim.analysis.rows import Row, headline_rows, rows_of
from clustersim.analysis.verdicts import Verdict, within_margin
from clustersim.messages import current_language, text
from clustersim.reports import wording
from clustersim.reports.blocks import Line, Table, Words, table
from clustersim.scenario.model import NO_ALLIANCE, Scenario
from clustersim.spec.results import EQUAL_MONEY

TONES = {Verdict.BETTER: "good", Verdict.WORSE: "bad", Verdict.UNDECIDED: "open"}


def scenario_title(scenario: Scenario) -> str:
    """The scenario's title in the language of the moment, else in any, else its name."""
    titles = scenario.title
    return titles.get(current_language()) or next(iter(titles.values()), scenario.name)


def headline_table(effects: pd.DataFrame) -> Table:
    """The headline measures: below each of them no alliance and every policy."""
    rows = headline_rows(effects)
    cells: list[list[str | Line]] = []
    for measure in dict.fromkeys(row.measure for row in rows):
        cells += _of_measure([row for row in rows if row.measure == measure])
    caption = text("table.title", seeds=wording.seeds(max((row.seeds for row in rows), default=0)))
    return table(caption, wording.columns(("arm", "level", "difference", "interval", "verdict")), cells)


def _of_measure(rows: list[Row]) -> list[list[str | Line]]:
    first = rows[0]
    units = [wording.unit_name(unit) for unit in (first.unit, first.effect_unit)]
    baseline = wording.level_text(first.baseline, first.unit)
    cells: list[list[str | Line]] = [
        [f"**{wording.measure_title(first.measure)}**", *units, "", ""],
        [wording.arm_name(NO_ALLIANCE), baseline, "", "", ""],
    ]
    for row in rows:
        effect, low, high = wording.effect_numbers(row)
        interval = text("table.range", low=low, high=high) if math.isfinite(row.low) else wording.NOTHING
        verdict = (Words(wording.named("verdict", row.verdict), tone=TONES.get(Verdict(row.verdict), "")),)
        cells.append([wording.arm_name(row.arm), wording.level_text(row.level, row.unit), effect, interval, verdict])
    return cells


def summary_sentences(effects: pd.DataFrame, contrasts: pd.DataFrame, title: str) -> list[str]:
    """The results and how certain they are: a sentence for each policy and for each pair of policies.

    Args:
        effects, contrasts: of `estimates.Estimates`.
        title: of the scenario.
    """
    rows = headline_rows(effects)
    if not rows:
        return [text("summary.no_arms")]
    baselines = text("summary.comma").join(_baseline(row) for row in _by_pair(rows)[0])
    seeds = wording.seeds(max(row.seeds for row in rows))
    first = text("summary.scope", title=title, seeds=seeds, baselines=baselines)
    told = [*_by_pair(rows), *_by_pair(headline_rows(_told(contrasts)))]
    said = [_sentence(pair) for pair in told]
    return [first, *said, *_money_used(effects)]


def _money_used(effects: pd.DataFrame) -> list[str]:
    """Equal money is planned money: what the arms used of it in the end."""
    arms = effects[effects["arm"].astype(str).str.endswith(EQUAL_MONEY) & (effects["measure"] == "public_cost")]
    used = [text("summary.used", arm=wording.arm_name(row.arm), cost=f"{row.level:,.0f}") for row in rows_of(arms)]
    return [text("summary.money_used", used=text("summary.comma").join(used))] if used else []


def _baseline(row: Row) -> str:
    level = wording.quantity(wording.level_text(row.baseline, row.unit), row.unit)
    return text("summary.baseline", measure=_measure(row), level=level)


def _measure(row: Row) -> str:
    return wording.mid_sentence(wording.measure_title(row.measure))


def _told(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Contrasts of each kind of budget that has a single pair of policies; those of more stay in their table."""
    equal = contrasts["arm"].astype(str).str.endswith(EQUAL_MONEY)
    kinds = [contrasts[equal == kind] for kind in (False, True)]
    single = [kind for kind in kinds if len(kind[["arm", "against"]].drop_duplicates()) == 1]
    return pd.concat(single or [contrasts[:0]])


def _by_pair(rows: list[Row]) -> list[list[Row]]:
    """Rows of the same arm against the same other one, together."""
    pairs: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        pairs.setdefault((row.arm, row.against), []).append(row)
    return list(pairs.values())


def _sentence(rows: list[Row]) -> str:
    """Effect and interval of each measure, the verdict behind each or, where all are the same, once at the end."""
    effects, verdicts = ([tell(row) for row in rows] for tell in (_effect, _verdict))
    if len(rows) > 1 and len(set(verdicts)) == 1:
        told = text("summary.comma").join(effects)
        said = text("summary.all", clauses=told, verdict=verdicts[0])
    else:
        both = zip(effects, verdicts, strict=True)
        clauses = [text("summary.clause", effect=effect, verdict=verdict) for effect, verdict in both]
        said = text("summary.separator").join(clauses)
    return text("summary.sentence", whom=_compared(rows[0]), said=said)


def _compared(row: Row) -> str:
    arm, against = (wording.arm_name(name.removesuffix(EQUAL_MONEY)) for name in (row.arm, row.against))
    if row.against == NO_ALLIANCE:
        return wording.arm_name(row.arm)
    key = "contrast_at_equal_money" if row.arm.endswith(EQUAL_MONEY) else "contrast"
    return text(f"summary.{key}", arm=arm, against=wording.mid_sentence(against))


def _effect(row: Row) -> str:
    effect, low, high = wording.effect_numbers(row)
    effect = wording.quantity(effect, row.effect_unit)
    key = "effect" if math.isfinite(row.low) else "effect_without_interval"
    return text(f"summary.{key}", measure=_measure(row), effect=effect, low=low, high=high)


def _verdict(row: Row) -> str:
    """Its word, and what the reader should know beside it."""
    said = wording.named("verdict", row.verdict)
    margin = wording.margin_text(row.margin, row.effect_unit)
    if row.verdict == Verdict.NO_PRACTICAL_DIFFERENCE:
        return text("summary.practically_equal", verdict=said, margin=margin)
    if within_margin(row.effect, row.margin, row.verdict):
        return text("summary.within_margin", verdict=said, margin=margin)
    if row.verdict == Verdict.UNDECIDED and row.seeds_needed > row.seeds:
        return text("summary.more_seeds", verdict=said, seeds=f"{row.seeds_needed:,.0f}")
    return said
