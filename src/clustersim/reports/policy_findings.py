"""What the model finds on the front page: each policy at its own cost, all with the same money, and whom they concern.

Every sentence is chosen by the numbers: its word for a result is the verdict on the interval.
"""

from __future__ import annotations

import math

from clustersim.analysis.rows import Row, by_arm, rows_of
from clustersim.analysis.verdicts import Verdict
from clustersim.execution.budget import planned, with_budget
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.assumption_sentences import beside
from clustersim.reports.blocks import Block, bullets, paragraph
from clustersim.reports.wording import arm_words, listed, sentences
from clustersim.spec.results import EQUAL_MONEY
from clustersim.studies.run_findings import RunFindings

GLANCED = ("output", "pairing_rate")
GROUPED = ("size_class", "tier", "site", "chain", "member_at_start")
MOST_GROUPS = 4


def policy_findings(findings: RunFindings) -> list[Block]:
    """The verdicts at a glance; then what each policy does at its own cost, with the same money, and to whom."""
    arms = by_arm(findings.estimates.effects)
    own = [(arm, rows) for arm, rows in arms if not arm.endswith(EQUAL_MONEY)]
    equal = [(arm, rows) for arm, rows in arms if arm.endswith(EQUAL_MONEY)]
    if not arms:
        return [paragraph(text("summary.no_arms"))]
    told = [_finding(arm, rows, findings) for arm, rows in own]
    told += [_same_money(equal, findings)] if equal else []
    told += [*_shock(findings), *_groups(findings)]
    told += _winners(findings, [arm for arm, _ in own])
    return [paragraph(_at_a_glance(own, findings)), bullets(told)]


def _at_a_glance(arms: list[tuple[str, dict[str, Row]]], findings: RunFindings) -> str:
    """For output and pairing which policies are better, worse, neither, or undecided."""
    is_own = findings.scenario.budget in ("own", "both")
    said = [text(f"brief.words.{'own_cost' if is_own else 'same_cost'}")]
    for name in GLANCED:
        by_verdict: dict[str, list[str]] = {}
        for arm, rows in arms:
            by_verdict.setdefault(rows[name].verdict, []).append(arm_words(arm))
        parts = [
            text(f"brief.words.glance.{verdict}", arms=_arms(by_verdict[verdict], len(arms)))
            for verdict in Verdict
            if verdict in by_verdict
        ]
        verdicts = text("brief.separator").join(parts)
        measure = wording.measure_title(name)
        said.append(text("brief.words.glance.of", measure=measure, verdicts=verdicts))
    return sentences(said)


def _arms(names: list[str], count: int) -> str:
    """The policies by name; all of several in one word."""
    return text("brief.words.glance.all") if len(names) == count > 1 else listed(names)


def _finding(arm: str, rows: dict[str, Row], findings: RunFindings) -> str:
    """Output, also without firms that entered, pairing, and cost; other assumptions beside each effect."""
    output, pairing = rows["output"], rows["pairing_rate"]
    level, baseline = (
        wording.quantity(wording.level_text(value, pairing.unit), pairing.unit)
        for value in (pairing.level, pairing.baseline)
    )
    said = [text("brief.words.output", range=beside(findings, output), **_effect_and_verdict(output))]
    if rows["entrants"].level > 0:
        said.append(text("brief.words.entrants", **_effect_and_verdict(rows["incumbent_output"])))
    fields = {"level": level, "baseline": baseline, "range": beside(findings, pairing)}
    said.append(text("brief.words.pairing", **fields, **_effect_and_verdict(pairing)))
    said.append(_cost(arm, rows, findings))
    name = wording.arm_name(arm)
    return text("brief.words.finding", arm=name, said=sentences(said))


def _effect_and_verdict(row: Row) -> dict[str, str]:
    """Effect with its unit and interval, where it has one, and its verdict in strong words."""
    verdict = f"**{wording.named('verdict', row.verdict)}**"
    return {"effect": wording.effect_text(row, unit=True), "verdict": verdict}


def _cost(arm: str, rows: dict[str, Row], findings: RunFindings) -> str:
    """What it costs, and for each additional pair-year where that is known."""
    row, net = rows["public_cost"], rows["net_additional"]
    if not row.level:
        return text("brief.words.no_cost")
    cost = wording.quantity(wording.level_text(row.level, row.unit), row.unit)
    fields = {"cost": cost, "horizon": findings.scenario.time.horizon}
    ratios = findings.estimates.ratios
    [per_pair] = rows_of(ratios[(ratios["arm"] == arm) & (ratios["measure"] == "cost_per_pair_year")])
    if math.isfinite(per_pair.ratio):
        decimals = wording.interval_decimals(per_pair.low, per_pair.high)
        ratio = wording.quantity(wording.plain(per_pair.ratio, decimals), "money")
        return text("brief.words.cost", ratio=ratio, **fields)
    known = math.isfinite(net.high)
    key = "cost_fewer" if known and net.high < 0 else "cost_unclear" if known else "cost_one_seed"
    return text(f"brief.words.{key}", **fields)


def _same_money(arms: list[tuple[str, dict[str, Row]]], findings: RunFindings) -> str:
    """The policies at equal money by their output, the two that lead against one another, and the money they used."""
    ranked = sorted((rows["output"] for _, rows in arms), key=lambda row: -row.effect)
    order = [text("brief.words.in_order", arm=_policy(row.arm), effect=_effect(row)) for row in ranked]
    total = _planned(arms[0][0], findings)
    said = [text("brief.words.money", total=total, order=listed(order))]
    contrast = _contrast(ranked, findings)
    if contrast is not None:
        first = wording.arm_name(contrast.arm.removesuffix(EQUAL_MONEY))
        fields = {"first": first, "second": _policy(contrast.against)}
        said.append(text("brief.words.contrast", **fields, **_effect_and_verdict(contrast)))
    used = [text("summary.used", arm=_policy(arm), cost=f"{rows['public_cost'].level:,.0f}") for arm, rows in arms]
    horizon = findings.scenario.time.horizon
    said.append(text("brief.words.used", horizon=horizon, used=listed(used)))
    return sentences(said)


def _contrast(ranked: list[Row], findings: RunFindings) -> Row | None:
    """The row of `contrasts` that holds the first and the second, whichever of them it compares with the other."""
    if len(ranked) < 2:
        return None
    both = {ranked[0].arm, ranked[1].arm}
    contrasts = findings.estimates.contrasts
    for row in rows_of(contrasts[contrasts["measure"] == "output"]):
        if {row.arm, row.against} == both:
            return row
    return None


def _planned(arm: str, findings: RunFindings) -> str:
    ready = with_budget(findings.scenario)
    policy = next(policy for policy in ready.policies if policy.name == arm)
    a_year = planned(ready, policy).at(1.0) * 12.0 / ready.time.horizon
    return wording.quantity(f"{a_year:,.0f}", "money")


def _policy(arm: str) -> str:
    return arm_words(arm.removesuffix(EQUAL_MONEY))


def _effect(row: Row) -> str:
    return wording.quantity(wording.effect_numbers(row)[0], row.effect_unit)


def _shock(findings: RunFindings) -> list[str]:
    """Output lost and the deepest month, with no alliance and under each policy at its own cost."""
    frame = findings.estimates.resilience
    if frame.empty:
        return []
    own = frame[~frame["arm"].astype(str).str.endswith(EQUAL_MONEY)]
    parts = [
        text(
            f"brief.words.shock.{name}",
            horizon=findings.scenario.time.horizon,
            baseline=_percent(rows[0].baseline),
            arms=listed([_under_shock(row) for row in rows]),
        )
        for name in ("output_lost", "trough")
        if (rows := rows_of(own[own["measure"] == name]))
    ]
    return [text("brief.words.gap").join(parts)] if parts else []


def _under_shock(row: Row) -> str:
    verdict = wording.named("verdict", row.verdict) if row.verdict else ""
    key = "arm" if verdict else "arm_alone"
    fields = {"arm": arm_words(row.arm), "level": _percent(row.level), "verdict": verdict}
    return text(f"brief.words.shock.{key}", **fields)


def _percent(value: float) -> str:
    return wording.quantity(wording.plain(value, 2), "percent")


def _groups(findings: RunFindings) -> list[str]:
    """The groups whose output is lower by more than the margin, the most concerned first; or that there is none."""
    if findings.seeds < 2:
        return []
    groups = findings.estimates.groups
    told = groups[groups["dimension"].isin(GROUPED) & (groups["measure"] == "output")]
    own = told[~told["arm"].astype(str).str.endswith(EQUAL_MONEY)]
    worse = own[(own["high"] < 0) & (own["effect"] <= -own["margin"])].sort_values("effect")
    margin = wording.margin_text(findings.scenario.parameters.output_margin, "percent")
    if worse.empty:
        return [text("brief.words.groups_none", margin=margin)]
    named = [_group(row) for row in rows_of(worse.head(MOST_GROUPS))]
    more = len(worse) - len(named)
    named += [text("brief.words.more", number=more)] if more else []
    separator = text("brief.separator")
    return [text("brief.words.groups_worse", margin=margin, groups=separator.join(named))]


def _group(row: Row) -> str:
    kind = "size_class" if row.dimension == "size_class" else "group"
    group = text(f"brief.group.{row.dimension}", group=wording.named(kind, row.group))
    fields = {"group": group, "arm": _policy(row.arm), "effect": wording.effect_text(row, unit=True)}
    return text("brief.words.group", **fields)


def _winners(findings: RunFindings, arms: list[str]) -> list[str]:
    """How many firms gain and lose, each against itself without the policy."""
    found = findings.winners
    rows = {row.arm: row for row in rows_of(found[found["dimension"] == "total"])}
    told = [
        text(
            "brief.words.winners_of",
            arm=arm_words(arm),
            gain=wording.percent(rows[arm].gain / 100.0),
            lose=wording.percent(rows[arm].lose / 100.0),
        )
        for arm in arms
        if arm in rows
    ]
    said = text("brief.separator").join(told)
    return [text("brief.words.winners", shares=said)] if told else []
