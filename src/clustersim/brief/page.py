"""The page that is read: what was asked, what the model finds, how sure that is, what it hangs on, what it cannot say.

Every sentence is chosen by the numbers: its word for a result is the verdict on the interval, and what is not in the
results is not said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from clustersim.brief.assumed import beside, hangs_on, range_words
from clustersim.brief.blocks import Block, Bullets, Heading, Paragraph, escaped, line
from clustersim.brief.shocked import shock_words
from clustersim.experiment import wording
from clustersim.experiment.budget import planned, with_budget
from clustersim.experiment.findings.common import arm_words, listed, percent
from clustersim.experiment.findings.run import RunFindings
from clustersim.experiment.markdown import by_arm, rows_of
from clustersim.experiment.summary import scenario_title
from clustersim.experiment.verdicts import Verdict
from clustersim.experiment.wording import Row
from clustersim.messages import text
from clustersim.scenario.policy_words import PolicyWords
from clustersim.spec.results import EQUAL_MONEY

LIMITS = ("sources", "rerouting", "comparisons", "outcome")
GLANCED = ("output", "pairing_rate")
GROUPED = ("size_class", "tier", "site", "chain", "member_at_start")
MOST_GROUPS = 4


def front(findings: RunFindings, from_studies: list[str], language: str, level: int = 1) -> list[Block]:
    """The blocks of the first page.

    Args:
        from_studies: sentences of studies of the same scenario, told among what the conclusion hangs on.
        level: of its headings.
    """
    parts: list[tuple[str, list[Block]]] = [
        ("question", [Paragraph(line(_question(findings, language)))] if findings.scenario.policies[1:] else []),
        ("findings", _findings(findings, language)),
        ("sure", _bullets(_sure(findings, language))),
        ("hangs", _bullets([*hangs_on(findings, language), *from_studies])),
        ("limits", _bullets([text(f"brief.limit.{name}", language) for name in LIMITS])),
    ]
    blocks: list[Block] = []
    for name, inside in parts:
        if inside:
            blocks += [Heading(line(text(f"brief.heading.{name}", language)), level), *inside]
    return blocks


def _bullets(sentences: list[str]) -> list[Block]:
    return [Bullets(tuple(line(sentence) for sentence in sentences))] if sentences else []


def _question(findings: RunFindings, language: str) -> str:
    scenario = findings.scenario
    names = [wording.arm_name(policy.name, language) for policy in scenario.policies[1:]]
    said = text(
        "brief.words.question",
        language,
        arms=listed(names, language),
        title=escaped(scenario_title(scenario, language)),
        horizon=scenario.time.horizon,
        burn_in=scenario.time.burn_in,
        seeds=wording.seeds(findings.seeds, language),
    )
    _, *events = PolicyWords(scenario, language).events() or [""]
    told = text("brief.separator", language).join(event.removeprefix("- ") for event in events)
    return sentences([said, text("brief.words.events", language, events=told) if told else ""], language)


def sentences(said: Iterable[str], language: str) -> str:
    """One after the other: with spaces between them, in Chinese with none."""
    return text("brief.words.gap", language).join(one for one in said if one)


def _findings(findings: RunFindings, language: str) -> list[Block]:
    """The verdicts at a glance; then what each policy does at its own cost, with the same money, and to whom."""
    arms = by_arm(findings.estimates.effects)
    own = [(arm, rows) for arm, rows in arms if not arm.endswith(EQUAL_MONEY)]
    equal = [(arm, rows) for arm, rows in arms if arm.endswith(EQUAL_MONEY)]
    if not arms:
        return [Paragraph(line(text("summary.no_arms", language)))]
    told = [_finding(arm, rows, findings, language) for arm, rows in own]
    told += [_same_money(equal, findings, language)] if equal else []
    told += [*shock_words(findings, language), *_groups(findings, language)]
    told += _winners(findings, [arm for arm, _ in own], language)
    return [Paragraph(line(_at_a_glance(own, findings, language))), *_bullets(told)]


def _at_a_glance(arms: list[tuple[str, dict[str, Row]]], findings: RunFindings, language: str) -> str:
    """For output and pairing which policies are better, worse, neither, or undecided."""
    is_own = findings.scenario.budget in ("own", "both")
    said = [text(f"brief.words.{'own_cost' if is_own else 'same_cost'}", language)]
    for name in GLANCED:
        by_verdict: dict[str, list[str]] = {}
        for arm, rows in arms:
            by_verdict.setdefault(rows[name].verdict, []).append(arm_words(arm, language))
        parts = [
            text(f"brief.words.glance.{verdict}", language, arms=_arms(by_verdict[verdict], len(arms), language))
            for verdict in Verdict
            if verdict in by_verdict
        ]
        verdicts = text("brief.separator", language).join(parts)
        measure = wording.measure_title(name, language)
        said.append(text("brief.words.glance.of", language, measure=measure, verdicts=verdicts))
    return sentences(said, language)


def _arms(names: list[str], count: int, language: str) -> str:
    """The policies by name; all of several in one word."""
    return text("brief.words.glance.all", language) if len(names) == count > 1 else listed(names, language)


def _finding(arm: str, rows: dict[str, Row], findings: RunFindings, language: str) -> str:
    """Output, also without firms that entered, pairing, and cost; other assumptions beside each effect."""
    output, pairing = rows["output"], rows["pairing_rate"]
    level, baseline = (
        wording.quantity(wording.level_text(value, pairing.unit), pairing.unit, language)
        for value in (pairing.level, pairing.baseline)
    )
    said = [
        text("brief.words.output", language, range=beside(findings, output, language), **effect_words(output, language))
    ]
    if rows["entrants"].level > 0:
        said.append(text("brief.words.entrants", language, **effect_words(rows["incumbent_output"], language)))
    fields = {"level": level, "baseline": baseline, "range": beside(findings, pairing, language)}
    said.append(text("brief.words.pairing", language, **fields, **effect_words(pairing, language)))
    said.append(_cost(arm, rows, findings, language))
    name = wording.arm_name(arm, language)
    return text("brief.words.finding", language, arm=name, said=sentences(said, language))


def effect_words(row: Row, language: str) -> dict[str, str]:
    """Effect with its unit and interval, where it has one, and its verdict in strong words."""
    effect, low, high = wording.effect_numbers(row)
    effect = wording.quantity(effect, row.effect_unit, language)
    if math.isfinite(row.low):
        effect = text("table.with_interval", language, effect=effect, low=low, high=high)
    return {"effect": effect, "verdict": f"**{wording.named('verdict', row.verdict, language)}**"}


def _cost(arm: str, rows: dict[str, Row], findings: RunFindings, language: str) -> str:
    """What it costs, and for each additional pair-year where that is known."""
    row, net = rows["public_cost"], rows["net_additional"]
    if not row.level:
        return text("brief.words.no_cost", language)
    cost = wording.quantity(wording.level_text(row.level, row.unit), row.unit, language)
    fields = {"cost": cost, "horizon": findings.scenario.time.horizon}
    ratios = findings.estimates.ratios
    [per_pair] = rows_of(ratios[(ratios["arm"] == arm) & (ratios["measure"] == "cost_per_pair_year")])
    if math.isfinite(per_pair.ratio):
        decimals = wording.interval_decimals(per_pair.low, per_pair.high)
        ratio = wording.quantity(wording.plain(per_pair.ratio, decimals), "money", language)
        return text("brief.words.cost", language, ratio=ratio, **fields)
    known = math.isfinite(net.high)
    key = "cost_fewer" if known and net.high < 0 else "cost_unclear" if known else "cost_one_seed"
    return text(f"brief.words.{key}", language, **fields)


def _same_money(arms: list[tuple[str, dict[str, Row]]], findings: RunFindings, language: str) -> str:
    """The policies at equal money by their output, the two that lead against one another, and the money they used."""
    ranked = sorted((rows["output"] for _, rows in arms), key=lambda row: -row.effect)
    order = [
        text("brief.words.in_order", language, arm=_plain_arm(row.arm, language), effect=_effect(row, language))
        for row in ranked
    ]
    total = _planned(arms[0][0], findings, language)
    said = [text("brief.words.money", language, total=total, order=listed(order, language))]
    contrast = _contrast(ranked, findings)
    if contrast is not None:
        first = wording.arm_name(contrast.arm.removesuffix(EQUAL_MONEY), language)
        fields = {"first": first, "second": _plain_arm(contrast.against, language)}
        said.append(text("brief.words.contrast", language, **fields, **effect_words(contrast, language)))
    used = [
        text("summary.used", language, arm=_plain_arm(arm, language), cost=f"{rows['public_cost'].level:,.0f}")
        for arm, rows in arms
    ]
    horizon = findings.scenario.time.horizon
    said.append(text("brief.words.used", language, horizon=horizon, used=listed(used, language)))
    return sentences(said, language)


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


def _planned(arm: str, findings: RunFindings, language: str) -> str:
    ready = with_budget(findings.scenario)
    policy = next(policy for policy in ready.policies if policy.name == arm)
    a_year = planned(ready, policy).at(1.0) * 12.0 / ready.time.horizon
    return wording.quantity(f"{a_year:,.0f}", "money", language)


def _plain_arm(arm: str, language: str) -> str:
    return wording.mid_sentence(wording.arm_name(arm.removesuffix(EQUAL_MONEY), language))


def _effect(row: Row, language: str) -> str:
    return wording.quantity(wording.effect_numbers(row)[0], row.effect_unit, language)


def _groups(findings: RunFindings, language: str) -> list[str]:
    """The groups whose output is lower by more than the margin, the most concerned first; or that there is none."""
    if findings.seeds < 2:
        return []
    groups = findings.estimates.groups
    told = groups[groups["dimension"].isin(GROUPED) & (groups["measure"] == "output")]
    own = told[~told["arm"].astype(str).str.endswith(EQUAL_MONEY)]
    worse = own[(own["high"] < 0) & (own["effect"] <= -own["margin"])].sort_values("effect")
    margin = wording.margin_text(findings.scenario.parameters.output_margin, "percent", language)
    if worse.empty:
        return [text("brief.words.groups_none", language, margin=margin)]
    named = [_group(row, language) for row in rows_of(worse.head(MOST_GROUPS))]
    more = len(worse) - len(named)
    named += [text("brief.words.more", language, number=more)] if more else []
    separator = text("brief.separator", language)
    return [text("brief.words.groups_worse", language, margin=margin, groups=separator.join(named))]


def _group(row: Row, language: str) -> str:
    kind = "size_class" if row.dimension == "size_class" else "group"
    group = text(f"brief.group.{row.dimension}", language, group=wording.named(kind, row.group, language))
    fields = {"group": group, "arm": _plain_arm(row.arm, language), "effect": effect_words(row, language)["effect"]}
    return text("brief.words.group", language, **fields)


def _winners(findings: RunFindings, arms: list[str], language: str) -> list[str]:
    """How many firms gain and lose, each against itself without the policy."""
    found = findings.winners
    rows = {row.arm: row for row in rows_of(found[found["dimension"] == "total"])}
    told = [
        text(
            "brief.words.winners_of",
            language,
            arm=arm_words(arm, language),
            gain=percent(rows[arm].gain / 100.0),
            lose=percent(rows[arm].lose / 100.0),
        )
        for arm in arms
        if arm in rows
    ]
    said = text("brief.separator", language).join(told)
    return [text("brief.words.winners", language, shares=said)] if told else []


def _sure(findings: RunFindings, language: str) -> list[str]:
    effects = findings.estimates.effects
    if effects.empty:
        return []
    parameters = findings.scenario.parameters
    if findings.seeds < 2:
        said = text("brief.words.one_seed", language)
    else:
        margins = {
            "output": wording.margin_text(parameters.output_margin, "percent", language),
            "pairing": wording.margin_text(parameters.pairing_margin, "points", language),
        }
        seeds = wording.seeds(findings.seeds, language)
        said = text("brief.words.interval", language, seeds=seeds, **margins)
    return [said, range_words(findings, language)]
