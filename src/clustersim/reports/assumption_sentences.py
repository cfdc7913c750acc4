"""The assumption range on the front page: beside each effect, which numbers move it, what to measure first."""

from __future__ import annotations

import math

import pandas as pd

from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.analysis.rows import Row, rows_of
from clustersim.execution.factors import Factor
from clustersim.measures import MEASURES
from clustersim.messages import current_language, text
from clustersim.reports import wording
from clustersim.reports.factor_words import meaning, short_names
from clustersim.reports.wording import arm_words, effect_quantity, listed, measure_words, percent
from clustersim.scenario.collect import TO_COLLECT
from clustersim.scenario.phrases import value_text
from clustersim.scenario.words import statuses
from clustersim.spec.results import EQUAL_MONEY
from clustersim.studies.run_findings import RunFindings

MOST_MOVERS = 3
MOST_OUTSIDE = 4
MOST_COLLECTED = 2
ENOUGH_POINTS = 20  # below, a share of the points is told as a number of them


def beside(findings: RunFindings, row: Row) -> str:
    """The range of an effect over other assumptions, to stand beside its interval; nothing where there is none."""
    found = findings.assumptions
    if found is None:
        return ""
    [here] = rows_of(found.table[(found.table["arm"] == row.arm) & (found.table["measure"] == row.measure)])
    measure = MEASURES[row.measure]
    low = wording.plain(here.range_low, 1, signed=True)
    high = effect_quantity(here.range_high, measure)
    fields = {"low": low, "high": high, "positive": _share(here.share_positive, here.points)}
    return text("brief.words.beside", **fields)


def _share(share: float, points: int) -> str:
    """`94% of the points`; of few points `7 of 8 points`."""
    if points < ENOUGH_POINTS:
        return text("brief.words.count_of_points", count=round(share * points), points=points)
    return text("brief.words.share_of_points", share=percent(share))


def _bare_share(share: float, points: int) -> str:
    if points < ENOUGH_POINTS:
        return text("brief.words.count_of_points_alone", count=round(share * points), points=points)
    return percent(share)


def range_words(findings: RunFindings) -> str:
    """How the ranges over other assumptions were made, and how much of them is the luck of few seeds."""
    found = findings.assumptions
    if found is None:
        return text("brief.words.no_range")
    fields = {
        "parameters": len(found.job.factors),
        "points": len(found.job.points),
        "seeds": wording.seeds(found.job.seeds),
    }
    noise = found.table["noise"].max()
    luck = "noise" if math.isfinite(noise) else "luck"
    said = [text("brief.words.range", **fields), text(f"brief.words.{luck}", noise=percent(noise))]
    return text("brief.words.gap").join(said)


def depends_on(findings: RunFindings) -> list[str]:
    """Which numbers move the output beyond chance, whether the order of the policies does, and what to measure."""
    found = findings.assumptions
    said: list[str] = []
    if found is not None:
        said += [*_movers(found, findings), *_best(found), *_outside(found, findings)]
    return [*said, _collect(findings, said)]


def _movers(found: AssumptionRange, findings: RunFindings) -> list[str]:
    """The movers of the policies at their own cost, those of most policies first."""
    arms_of: dict[str, list[str]] = {}
    rows = rows_of(found.table[found.table["measure"] == "output"])
    own = [row for row in rows if not _equal(row.arm)]
    for row in own:
        for name in str(row.movers).split(", ") if row.movers else []:
            arms_of.setdefault(name, []).append(str(row.arm))
    if not arms_of:
        return [text("brief.words.no_mover", points=len(found.job.points))]
    ordered = sorted(arms_of, key=lambda name: -len(arms_of[name]))[:MOST_MOVERS]
    factors = {factor.name: factor for factor in found.job.factors}
    short = short_names(found.job.factors)
    return [_mover(factors[name], short[name], arms_of[name], findings) for name in ordered]


def _mover(factor: Factor, short: str, arms: list[str], findings: RunFindings) -> str:
    fields = {
        "name": short,
        "meaning": _ended(meaning(factor, findings.scenario)),
        "arms": listed([arm_words(arm) for arm in arms]),
    }
    if factor.default is None or factor.levels:
        return text("brief.words.mover_bare", **fields)
    ends = {"value": value_text(factor.default), "low": f"{factor.low:g}", "high": f"{factor.high:g}"}
    return text("brief.words.mover", **fields, **ends)


def _ended(sentence: str) -> str:
    return f"{sentence} " if sentence and current_language() == "en" else sentence


def _best(found: AssumptionRange) -> list[str]:
    """At how many points each policy is ahead in output and in pairing, of those with the same kind of budget; nothing
    where no second one ever is."""
    said = []
    for key, kind in (("best_own", False), ("best_equal", True)):
        kinds = found.table[found.table["arm"].map(_equal) == kind]
        leaders = [_leaders(kinds, name) for name in ("output", "pairing_rate")]
        if any(len(rows) > 1 for rows in leaders):
            output, pairing = (_ahead(rows) for rows in leaders)
            said.append(text(f"brief.words.{key}", output=output, pairing=pairing))
    return said


def _leaders(table: pd.DataFrame, measure: str) -> list[Row]:
    """The policies that are ahead at some point, those at most points first."""
    ahead = table[(table["measure"] == measure) & (table["share_best"] > 0)]
    return rows_of(ahead.sort_values("share_best", ascending=False, kind="stable"))


def _ahead(leaders: list[Row]) -> str:
    shares = [
        text(
            "brief.words.best_share",
            arm=_own(row.arm),
            share=_bare_share(row.share_best, row.points),
        )
        for row in leaders
    ]
    return listed(shares) or wording.NOTHING


def _outside(found: AssumptionRange, findings: RunFindings) -> list[str]:
    """Effects at the scenario's own values that lie outside of their range by more than the margin."""
    both = found.table.merge(findings.estimates.effects, on=["arm", "measure"])
    beyond = both[
        (both["effect"] < both["range_low"] - both["margin"]) | (both["effect"] > both["range_high"] + both["margin"])
    ]
    told = [
        text(
            "brief.words.outside_one",
            arm=arm_words(row.arm),
            measure=measure_words(row.measure),
            effect=effect_quantity(row.effect, MEASURES[row.measure]),
        )
        for row in rows_of(beyond.head(MOST_OUTSIDE))
    ]
    more = len(beyond) - len(told)
    told += [text("brief.words.more", number=more)] if more else []
    return [text("brief.words.outside", effects=listed(told))] if told else []


def _collect(findings: RunFindings, said: list[str]) -> str:
    """How much is evidence, and what to measure first of what is not named already."""
    counts = statuses(findings.scenario)
    all_of = {"number": counts["evidence"], "assumed": counts["assumption"], "all": sum(counts.values())}
    left = [name for name in TO_COLLECT if not any(f"`{name}`" in sentence for sentence in said)][:MOST_COLLECTED]
    named = [text("brief.words.collected", name=name, meaning=text(f"parameter.{name}").rstrip(".。")) for name in left]
    names = text("brief.separator").join(named)
    both = [text("brief.words.measured_on", **all_of), text("brief.words.collect", names=names)]
    return text("brief.words.gap").join(both)


def _own(arm: str) -> str:
    return arm_words(arm.removesuffix(EQUAL_MONEY))


def _equal(arm: str) -> bool:
    return str(arm).endswith(EQUAL_MONEY)
