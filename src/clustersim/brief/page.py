"""The page that is read: what was asked, what the model finds, how sure that is, what it hangs on, what it cannot say.

Every sentence is chosen by the numbers: its word for a result is the verdict on the interval, and what is not in the
results is not said.
"""

from __future__ import annotations

from clustersim.brief.assumed import hangs_on, range_words
from clustersim.brief.blocks import Block, Bullets, Heading, Paragraph, escaped, line
from clustersim.experiment import wording
from clustersim.experiment.budget import planned, with_budget
from clustersim.experiment.findings.common import arm_words, listed, percent
from clustersim.experiment.findings.run import RunFindings
from clustersim.experiment.markdown import by_arm, rows_of
from clustersim.experiment.summary import scenario_title
from clustersim.experiment.wording import Row
from clustersim.messages import text
from clustersim.spec.results import EQUAL_MONEY

LIMITS = ("sources", "rerouting", "comparisons", "outcome")
GROUPED = ("size_class", "tier", "site", "chain")
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
    return text(
        "brief.words.question",
        language,
        arms=listed(names, language),
        title=escaped(scenario_title(scenario, language)),
        horizon=scenario.time.horizon,
        burn_in=scenario.time.burn_in,
        seeds=wording.seeds(findings.seeds, language),
    )


def _findings(findings: RunFindings, language: str) -> list[Block]:
    """What each policy does at its own cost, with the same money, without entrants, and to whom."""
    arms = by_arm(findings.estimates.effects)
    own = [(arm, rows) for arm, rows in arms if not arm.endswith(EQUAL_MONEY)]
    equal = [(arm, rows) for arm, rows in arms if arm.endswith(EQUAL_MONEY)]
    if not arms:
        return [Paragraph(line(text("summary.no_arms", language)))]
    told = [_finding(arm, rows, findings, language) for arm, rows in own]
    told += _without_entrants([(arm, rows) for arm, rows in own if rows["entrants"].level > 0], language)
    told += [_same_money(equal, findings, language)] if equal else []
    told += [_groups(findings, language), *_winners(findings, [arm for arm, _ in own], language)]
    return [Paragraph(line(text("brief.words.own_cost", language))), *_bullets(told)] if own else _bullets(told)


def _finding(arm: str, rows: dict[str, Row], findings: RunFindings, language: str) -> str:
    said = text(
        "brief.words.finding",
        language,
        arm=wording.arm_name(arm, language),
        output=_output(rows["output"], language),
        pairing=_pairing(rows["pairing_rate"], language),
        cost=_cost(arm, rows["public_cost"], findings, language),
    )
    return said.rstrip()


def _output(row: Row, language: str) -> str:
    return text(f"brief.words.output{_seeds_key(row)}", language, **effect_words(row, language))


def _pairing(row: Row, language: str) -> str:
    level, baseline = (
        wording.quantity(wording.level_text(value, row.unit), row.unit, language) for value in (row.level, row.baseline)
    )
    fields = {"level": level, "baseline": baseline, **effect_words(row, language)}
    return text(f"brief.words.pairing{_seeds_key(row)}", language, **fields)


def _seeds_key(row: Row) -> str:
    return "" if row.seeds > 1 else "_one_seed"


def effect_words(row: Row, language: str) -> dict[str, str]:
    """Effect with its unit, the ends of its interval, and its verdict in strong words."""
    effect, low, high = wording.effect_numbers(row)
    verdict = wording.named("verdict", row.verdict, language)
    return {
        "effect": wording.quantity(effect, row.effect_unit, language),
        "low": low,
        "high": high,
        "verdict": f"**{verdict}**",
    }


def _cost(arm: str, row: Row, findings: RunFindings, language: str) -> str:
    if not row.level:
        return text("brief.words.no_cost", language)
    cost = wording.quantity(wording.level_text(row.level, row.unit), row.unit, language)
    ratios = findings.estimates.ratios
    [per_pair] = rows_of(ratios[(ratios["arm"] == arm) & (ratios["measure"] == "cost_per_pair_year")])
    if per_pair.ratio != per_pair.ratio:
        return text("brief.words.cost_alone", language, cost=cost)
    decimals = wording.interval_decimals(per_pair.low, per_pair.high)
    ratio = wording.quantity(wording.plain(per_pair.ratio, decimals), "money", language)
    return text("brief.words.cost", language, cost=cost, ratio=ratio)


def _without_entrants(arms: list[tuple[str, dict[str, Row]]], language: str) -> list[str]:
    """What is left where the output of firms that entered does not count."""
    told = [
        text(
            "brief.words.without_entrants",
            language,
            arm=arm_words(arm, language),
            **effect_words(rows["incumbent_output"], language),
        )
        for arm, rows in arms
    ]
    said = text("brief.separator", language).join(told)
    return [text("brief.words.entrants", language, effects=said)] if told else []


def _same_money(arms: list[tuple[str, dict[str, Row]]], findings: RunFindings, language: str) -> str:
    """The policies at equal money by their output, and the first against the second."""
    ranked = sorted((rows["output"] for _, rows in arms), key=lambda row: -row.effect)
    order = [
        text("brief.words.in_order", language, arm=_plain_arm(row.arm, language), effect=_effect(row, language))
        for row in ranked
    ]
    fields = {"total": _planned(arms[0][0], findings, language), "order": listed(order, language)}
    contrast = _contrast(ranked, findings)
    if contrast is None:
        return text("brief.words.money_alone", language, **fields)
    first = wording.arm_name(contrast.arm.removesuffix(EQUAL_MONEY), language)
    names = {"first": first, "second": _plain_arm(contrast.against, language)}
    return text("brief.words.money", language, **fields, **names, **effect_words(contrast, language))


def _contrast(ranked: list[Row], findings: RunFindings) -> Row | None:
    """The first against the second, whichever way round the table has it."""
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


def _groups(findings: RunFindings, language: str) -> str:
    """The groups whose output is lower for certain, the most concerned first; or that there is none."""
    groups = findings.estimates.groups
    worse = groups[groups["dimension"].isin(GROUPED) & (groups["measure"] == "output") & (groups["high"] < 0)]
    worse = worse[~worse["arm"].astype(str).str.endswith(EQUAL_MONEY)].sort_values("effect")
    if worse.empty:
        return text("brief.words.groups_none", language)
    told = []
    for row in rows_of(worse.head(MOST_GROUPS)):
        kind = "size_class" if row.dimension == "size_class" else "group"
        names = {"group": wording.named(kind, row.group, language), "arm": _plain_arm(row.arm, language)}
        dimension = wording.mid_sentence(wording.named("dimension", row.dimension, language))
        fields = {**names, "dimension": dimension, **effect_words(row, language)}
        told.append(text("brief.words.group", language, **fields))
    return text("brief.words.groups_worse", language, groups=text("brief.separator", language).join(told))


def _winners(findings: RunFindings, arms: list[str], language: str) -> list[str]:
    """How many firms gain and lose, each against itself without the policy; the net is free of mere reshuffling."""
    found = findings.winners
    rows = {row.arm: row for row in rows_of(found[found["dimension"] == "total"])}
    told = [
        text(
            "brief.words.winners_of",
            language,
            arm=arm_words(arm, language),
            gain=percent(rows[arm].gain / 100.0),
            lose=percent(rows[arm].lose / 100.0),
            net=_net(rows[arm], language),
        )
        for arm in arms
        if arm in rows
    ]
    said = text("brief.separator", language).join(told)
    return [text("brief.words.winners", language, shares=said)] if told else []


def _net(row: Row, language: str) -> str:
    decimals = wording.interval_decimals(row.net_low, row.net_high, most=1)
    net, low, high = (wording.plain(value, decimals, signed=True) for value in (row.net, row.net_low, row.net_high))
    return net if low == wording.NOTHING else text("table.with_interval", language, effect=net, low=low, high=high)


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
