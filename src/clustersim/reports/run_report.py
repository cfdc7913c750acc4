"""The report of a run: what was asked, what was found, what it is made of, and what it cannot say."""

from __future__ import annotations

from dataclasses import replace

from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.analysis.estimates import Estimates
from clustersim.execution.budget import planned
from clustersim.messages import text
from clustersim.reports import assumption_report, further_tables, result_tables, wording
from clustersim.reports.blocks import Block, Document, Picture, Preformatted, bullets, escaped, heading, line, paragraph
from clustersim.reports.summary import headline_table, scenario_title, summary_sentences
from clustersim.scenario import describe
from clustersim.scenario.model import InstrumentUse, Scenario
from clustersim.scenario.policy_words import PolicyWords
from clustersim.spec.results import EQUAL_MONEY
from clustersim.storage.code_version import code_version

LIMITS = ("sources", "assumptions", "interval", "rerouting", "comparisons", "budget")


def report(scenario: Scenario, estimates: Estimates, assumptions: AssumptionRange | None = None) -> Document:
    """The report of a run.

    Args:
        scenario: with the arms that were run; see `clustersim.execution.budget.with_budget`.
        assumptions: the assumption range, None where there is none.
    """
    effects = estimates.effects
    seeds = int(effects["seeds"].max()) if len(effects) else scenario.seeds
    made_by = text("report.made_by", version=code_version(), seeds=wording.seeds(seeds))
    told = [*further_tables.measures_told([estimates]), *estimates.ratios["measure"].unique()]
    blocks = [
        *_section("words", _words(scenario, estimates, assumptions)),
        *_section("results", [*result_tables.results(effects, scenario.parameters), *result_tables.precision(effects)]),
        *_picture("forest", effects.empty),
        *_section("assumption_range", assumption_report.blocks(assumptions) if assumptions is not None else []),
        *_picture("assumptions", assumptions is None),
        *_section("contrasts", result_tables.contrasts(estimates.contrasts)),
        *_section("asked", _question(scenario, seeds)),
        *_section("years", result_tables.years(estimates.by_year)),
        *_picture("outcomes", effects.empty),
        *_section("decomposition", result_tables.decomposition(effects)),
        *_section("entrants", result_tables.entrants(effects)),
        *_section("pairs", result_tables.pairs(effects)),
        *_picture("additional", effects.empty),
        *_picture("channels", effects.empty),
        *_section("waiting", further_tables.waiting(estimates.waiting)),
        *_section("costs", further_tables.costs(scenario, effects, estimates.ratios)),
        *_section("resilience", result_tables.resilience(estimates.resilience)),
        *_picture("shock", estimates.shock.empty),
        *_section("groups", result_tables.groups(estimates.groups)),
        *_section("further", further_tables.further(effects)),
        *_section("limits", [bullets(text(f"report.limit.{name}") for name in LIMITS)]),
        *_section("definitions", further_tables.definitions(told)),
        *_section("scenario", [Preformatted(_in_full(scenario))]),
    ]
    return Document(scenario_title(scenario), line(made_by), tuple(blocks))


def _section(name: str, blocks: list[Block]) -> list[Block]:
    return [heading(text(f"report.{name}")), *blocks] if blocks else []


def _picture(name: str, absent: bool) -> list[Block]:
    caption = text(f"report.figure.{name}")
    return [] if absent else [Picture(name, line(caption), caption)]


def headlines(scenario: Scenario, estimates: Estimates, assumptions: AssumptionRange | None) -> list[Block]:
    """The headline measures and what was found in words, as a run ends with them."""
    effects = estimates.effects
    return [*([headline_table(effects)] if len(effects) else []), *_words(scenario, estimates, assumptions)]


def _words(scenario: Scenario, estimates: Estimates, assumptions: AssumptionRange | None) -> list[Block]:
    first, *sentences = run_sentences(scenario, estimates, assumptions)
    return [paragraph(first), *([bullets(sentences)] if sentences else [])]


def run_sentences(scenario: Scenario, estimates: Estimates, assumptions: AssumptionRange | None) -> list[str]:
    """What was found and how certain it is: what is compared, a sentence for each policy, then the assumption range."""
    effects = estimates.effects
    found = summary_sentences(effects, estimates.contrasts, escaped(scenario_title(scenario)))
    if assumptions is not None:
        return [*found, *assumption_report.sentences(assumptions, effects)]
    return [*found, text("summary.assumptions")] if len(effects) else found


def _in_full(scenario: Scenario) -> str:
    """The scenario as `check` says it back, without the arms that a budget adds."""
    written = tuple(policy for policy in scenario.policies if not policy.name.endswith(EQUAL_MONEY))
    return describe(replace(scenario, policies=written))


def _question(scenario: Scenario, seeds: int) -> list[Block]:
    """What is compared: the horizon, the instruments of each policy, equal money, events."""
    time = scenario.time
    arms = [
        text("report.arm_of", arm=wording.arm_name(policy.name), instruments=_instruments(policy.instruments))
        for policy in scenario.policies
        if not policy.name.endswith(EQUAL_MONEY)
    ]
    equal = [policy for policy in scenario.policies if policy.name.endswith(EQUAL_MONEY)]
    a_year = [planned(scenario, policy).at(1.0) * 12.0 / time.horizon for policy in equal[:1]]
    return [
        paragraph(text("report.question", horizon=time.horizon, burn_in=time.burn_in, seeds=f"{seeds:,}")),
        bullets(arms),
        *(paragraph(text("report.equal_money", total=f"{total:,.0f}")) for total in a_year),
        *_events(scenario),
    ]


def _events(scenario: Scenario) -> list[Block]:
    """What happens in all arms alike, told as `check` tells it."""
    _, *told = PolicyWords(scenario).events() or [""]
    return [paragraph(text("report.events")), bullets(event.removeprefix("- ") for event in told)] if told else []


def _instruments(uses: tuple[InstrumentUse, ...]) -> str:
    return text("report.separator").join(map(_instrument, uses)) or text("report.no_instruments")


def _instrument(use: InstrumentUse) -> str:
    """Its name, and its label where the scenario gave it one."""
    name = text(f"instrument.{use.instrument}.title")
    return name if use.label == use.instrument else f"{name} (`{use.label}`)"
