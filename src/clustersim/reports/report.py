"""report.md of a run: what was asked, what was found, what it is made of, and what it cannot say."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from clustersim import measures as registry
from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.analysis.estimates import Estimates
from clustersim.execution.budget import planned
from clustersim.messages import text
from clustersim.reports import assumption_report, details, sections, wording
from clustersim.reports.markdown import heading
from clustersim.reports.summary import scenario_title, summary_sentences
from clustersim.scenario import describe
from clustersim.scenario.model import InstrumentUse, Scenario
from clustersim.scenario.policy_words import PolicyWords
from clustersim.spec.results import EQUAL_MONEY
from clustersim.storage.code_version import code_version

LIMITS = ("sources", "assumptions", "interval", "rerouting", "comparisons", "budget")


def report(scenario: Scenario, estimates: Estimates, assumptions: AssumptionRange | None = None) -> str:
    """The report of a run in Markdown.

    Args:
        scenario: with the arms that were run; see `clustersim.execution.budget.with_budget`.
        assumptions: the assumption range, None where there is none.
    """
    effects = estimates.effects
    seeds = int(effects["seeds"].max()) if len(effects) else scenario.seeds
    title = scenario_title(scenario)
    sentences = summary_sentences(effects, estimates.contrasts, title)
    parts = [
        [f"# {title}", text("report.made_by", version=code_version(), seeds=wording.seeds(seeds))],
        [
            heading("words"),
            sentences[0],
            *_bullets([*sentences[1:], *_range_words(assumptions, effects)]),
        ],
        sections.results(effects, scenario.parameters),
        _figure("forest", effects.empty),
        [] if assumptions is None else assumption_report.section(assumptions),
        _figure("assumptions", assumptions is None),
        sections.contrasts(estimates.contrasts),
        _asked(scenario, seeds),
        sections.years(estimates.by_year),
        _figure("outcomes", effects.empty),
        sections.decomposition(effects),
        sections.entrants(effects),
        sections.pairs(effects),
        _figure("additional", effects.empty),
        _figure("channels", effects.empty),
        details.waiting(estimates.waiting),
        details.costs(scenario, effects, estimates.ratios),
        details.resilience(estimates.resilience),
        _figure("shock", estimates.shock.empty),
        sections.groups(estimates.groups),
        details.further(effects),
        _limits(),
        details.definitions(_told(estimates)),
        _in_full(scenario),
    ]
    return "\n\n".join(block for part in parts for block in part) + "\n"


def _range_words(assumptions: AssumptionRange | None, effects: pd.DataFrame) -> list[str]:
    return [text("summary.assumptions")] if assumptions is None else assumption_report.sentences(assumptions, effects)


def _in_full(scenario: Scenario) -> list[str]:
    """The scenario as `check` says it back, without the arms that a budget adds."""
    written = tuple(policy for policy in scenario.policies if not policy.name.endswith(EQUAL_MONEY))
    told = describe(replace(scenario, policies=written))
    return [heading("scenario"), f"```text\n{told}\n```"]


def _bullets(lines: list[str]) -> list[str]:
    return ["\n".join(f"- {line}" for line in lines)] if lines else []


def _told(estimates: Estimates) -> list[str]:
    """The measures of the report, in the order of the registry."""
    frames = (estimates.effects, estimates.resilience, estimates.waiting)
    found = {name for frame in frames for name in frame["measure"]}
    return [name for name in registry.MEASURES if name in found] + list(estimates.ratios["measure"].unique())


def _asked(scenario: Scenario, seeds: int) -> list[str]:
    time = scenario.time
    question = text("report.question", horizon=time.horizon, burn_in=time.burn_in, seeds=f"{seeds:,}")
    arms = []
    for policy in scenario.policies:
        if policy.name.endswith(EQUAL_MONEY):
            continue
        names = [_instrument(use) for use in policy.instruments]
        instruments = text("report.separator").join(names) or text("report.no_instruments")
        arm = wording.arm_name(policy.name)
        arms.append(text("report.arm_of", arm=arm, instruments=instruments))
    equal = [policy for policy in scenario.policies if policy.name.endswith(EQUAL_MONEY)]
    a_year = [planned(scenario, policy).at(1.0) * 12.0 / time.horizon for policy in equal[:1]]
    said = [text("report.equal_money", total=f"{total:,.0f}") for total in a_year]
    said += [_events(scenario)] if scenario.events else []
    return [heading("asked"), question, "\n".join(arms), *said]


def _events(scenario: Scenario) -> str:
    """What happens in all arms alike, told as `check` tells it."""
    _, *told = PolicyWords(scenario).events()
    return "\n".join([text("report.events"), "", *told])


def _instrument(use: InstrumentUse) -> str:
    """Its name, and its label where the scenario gave it one."""
    name = text(f"instrument.{use.instrument}.title")
    return name if use.label == use.instrument else f"{name} (`{use.label}`)"


def _figure(name: str, absent: bool) -> list[str]:
    """The figure that stands beside the report in `figures/`."""
    return [] if absent else [f"![{text(f'report.figure.{name}')}](figures/{name}.png)"]


def _limits() -> list[str]:
    limits = "\n".join(f"- {text(f'report.limit.{name}')}" for name in LIMITS)
    return [heading("limits"), limits]
