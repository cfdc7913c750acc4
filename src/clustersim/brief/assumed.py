"""What the numbers that nobody measured do to the answer: the range over them, and which of them move it."""

from __future__ import annotations

import math

from clustersim.experiment import wording
from clustersim.experiment.findings.assumptions import AssumptionRange
from clustersim.experiment.findings.common import (
    arm_words,
    effect_quantity,
    listed,
    meaning,
    measure_words,
    percent,
    short_names,
)
from clustersim.experiment.findings.run import RunFindings
from clustersim.experiment.markdown import rows_of
from clustersim.experiment.study.factors import Factor
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.scenario.collect import TO_COLLECT
from clustersim.scenario.phrases import value_text
from clustersim.scenario.words import statuses
from clustersim.spec.results import EQUAL_MONEY

OUTPUT = MEASURES["output"]
MOST_MOVERS = 3
MOST_COLLECTED = 4


def range_words(findings: RunFindings, language: str) -> str:
    """The range of the effect on output over the assumptions, beside how wide the intervals are."""
    found = findings.assumptions
    if found is None:
        return text("brief.words.no_range", language)
    rows = [row for row in rows_of(found.table[found.table["measure"] == "output"]) if not _equal(row.arm)]
    ranges = [
        text(
            "brief.words.range_of",
            language,
            arm=arm_words(row.arm, language),
            low=effect_quantity(row.range_low, OUTPUT, language),
            high=effect_quantity(row.range_high, OUTPUT, language),
            positive=percent(row.share_positive),
        )
        for row in rows
    ]
    fields = {
        "parameters": len(found.job.factors),
        "points": len(found.job.points),
        "seeds": wording.seeds(found.job.seeds, language),
        "ranges": listed(ranges, language),
    }
    times = _times_as_wide(findings, rows)
    if not times:
        return text("brief.words.range_alone", language, **fields)
    return text("brief.words.range", language, **fields, least=f"{min(times):.0f}", most=f"{max(times):.0f}")


def _times_as_wide(findings: RunFindings, rows: list[wording.Row]) -> list[float]:
    """How many times as wide as its interval each arm's range is; empty where an interval has no width."""
    effects = findings.estimates.effects
    intervals = {row.arm: row.high - row.low for row in rows_of(effects[effects["measure"] == "output"])}
    times = [(row.range_high - row.range_low) / intervals[row.arm] if intervals[row.arm] else math.nan for row in rows]
    return times if all(math.isfinite(one) for one in times) else []


def hangs_on(findings: RunFindings, language: str) -> list[str]:
    """Which numbers move the output beyond chance, whether the order of the policies does, and what to measure."""
    found = findings.assumptions
    said: list[str] = []
    if found is not None:
        said += [*_movers(found, findings, language), *_best(found, language), *_outside(found, findings, language)]
    return [*said, _collect(findings, said, language)]


def _movers(found: AssumptionRange, findings: RunFindings, language: str) -> list[str]:
    """The movers of most arms first; those of arms at equal money count for the arm."""
    arms_of: dict[str, list[str]] = {}
    for row in rows_of(found.table[found.table["measure"] == "output"]):
        for name in str(row.movers).split(", ") if row.movers else []:
            arm = str(row.arm).removesuffix(EQUAL_MONEY)
            arms_of.setdefault(name, [])
            arms_of[name] += [] if arm in arms_of[name] else [arm]
    if not arms_of:
        return [text("brief.words.no_mover", language)]
    ordered = sorted(arms_of, key=lambda name: -len(arms_of[name]))[:MOST_MOVERS]
    factors = {factor.name: factor for factor in found.job.factors}
    short = short_names(found.job.factors)
    return [_mover(factors[name], short[name], arms_of[name], findings, language) for name in ordered]


def _mover(factor: Factor, short: str, arms: list[str], findings: RunFindings, language: str) -> str:
    fields = {
        "name": short,
        "meaning": _ended(meaning(factor, findings.scenario, language), language),
        "arms": listed([arm_words(arm, language) for arm in arms], language),
    }
    if factor.default is None or factor.levels:
        return text("brief.words.mover_bare", language, **fields)
    ends = {"value": value_text(factor.default), "low": f"{factor.low:g}", "high": f"{factor.high:g}"}
    return text("brief.words.mover", language, **fields, **ends)


def _ended(sentence: str, language: str) -> str:
    return f"{sentence} " if sentence and language == "en" else sentence


def _best(found: AssumptionRange, language: str) -> list[str]:
    """At how many of the points each policy has the largest output, of those with the same kind of budget."""
    said = []
    rows = rows_of(found.table[found.table["measure"] == "output"])
    for key, kind in (("best_own", False), ("best_equal", True)):
        of_kind = [row for row in rows if _equal(row.arm) == kind]
        if len(of_kind) > 1 and sum(row.share_best > 0 for row in of_kind) > 1:
            shares = [
                text("brief.words.best_share", language, arm=_own(row.arm, language), share=percent(row.share_best))
                for row in sorted(of_kind, key=lambda row: -row.share_best)
            ]
            said.append(text(f"brief.words.{key}", language, shares=listed(shares, language)))
    return said


def _outside(found: AssumptionRange, findings: RunFindings, language: str) -> list[str]:
    both = found.table.merge(findings.estimates.effects, on=["arm", "measure"])
    beyond = both[(both["effect"] < both["range_low"]) | (both["effect"] > both["range_high"])]
    told = [
        text(
            "brief.words.outside_one",
            language,
            arm=arm_words(row.arm, language),
            measure=measure_words(row.measure, language),
            effect=effect_quantity(row.effect, MEASURES[row.measure], language),
        )
        for row in rows_of(beyond)
    ]
    return [text("brief.words.outside", language, effects=listed(told, language))] if told else []


def _collect(findings: RunFindings, said: list[str], language: str) -> str:
    """What is not named already."""
    named = [name for name in TO_COLLECT if not any(f"`{name}`" in sentence for sentence in said)][:MOST_COLLECTED]
    counts = statuses(findings.scenario)
    all_of = {"number": counts["evidence"], "assumed": counts["assumption"], "all": sum(counts.values())}
    names = listed([f"`{name}`" for name in named], language)
    first = text("brief.words.measured_on", language, **all_of)
    return " ".join([first, text("brief.words.collect", language, names=names)]).replace("。 ", "。")


def _own(arm: str, language: str) -> str:
    return arm_words(arm.removesuffix(EQUAL_MONEY), language)


def _equal(arm: str) -> bool:
    return str(arm).endswith(EQUAL_MONEY)
