"""What was found, in words and tables: the sentences at the end of a run, the terminal's table, report.md."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import pandas as pd

from clustersim import messages
from clustersim.experiment import sections, wording
from clustersim.experiment.estimates import Estimates
from clustersim.experiment.verdicts import Verdict, within_margin
from clustersim.experiment.wording import Row
from clustersim.messages import text
from clustersim.scenario.model import InstrumentUse, Scenario

if TYPE_CHECKING:
    from rich.table import Table

COLOURS = {Verdict.BETTER: "green", Verdict.WORSE: "red", Verdict.UNDECIDED: "yellow"}
TERMINAL_COLUMNS = {"arm": 8, "measure": 8, "baseline": 9, "level": 9, "difference": 16, "verdict": 9}
NUMERIC = ("baseline", "level", "difference")
LIMITS = ("sources", "assumptions", "interval", "rerouting", "comparisons")


def summary_sentences(effects: pd.DataFrame, title: str, language: str | None = None) -> list[str]:
    """What was found and how sure it is: one entry for each row of the headline measures.

    Args:
        effects: rows of `estimates.effects`, of `estimates.contrasts`, or of both.
        title: of the scenario.
    """
    rows = sections.headline_rows(effects)
    if not rows:
        return [text("summary.no_arms", language)]
    first = text("summary.scope", language, title=title, seeds=max(row.seeds for row in rows))
    return [first, *(_sentence(row, language) for row in rows), text("summary.assumptions", language)]


def terminal_table(effects: pd.DataFrame, language: str | None = None) -> Table:
    """The headline measures of every arm as a table for the terminal, a word and a colour a verdict."""
    from rich import box  # only a terminal needs it
    from rich.table import Table

    rows = sections.headline_rows(effects)
    seeds = max((row.seeds for row in rows), default=0)
    title = text("table.title", language, seeds=seeds)
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for key, width in TERMINAL_COLUMNS.items():
        justify: Literal["left", "right"] = "right" if key in NUMERIC else "left"
        name = text(f"table.{key}", language)
        table.add_column(name, justify=justify, overflow="fold", min_width=width)
    shown = ""
    for row in rows:
        if row.arm != shown and shown:
            table.add_section()
        arm = wording.named("arm", row.arm, language) if row.arm != shown else ""
        table.add_row(arm, *_terminal_cells(row, language))
        shown = row.arm
    return table


def report(scenario: Scenario, estimates: Estimates, language: str | None = None) -> str:
    """report.md of a run: what was asked, what was found, what it is made of, and what it cannot say."""
    seeds = int(estimates.effects["seeds"].max()) if len(estimates.effects) else scenario.seeds
    title = scenario_title(scenario, language)
    sentences = summary_sentences(_told_in_words(estimates), title, language)
    words = "\n".join(f"- {sentence}" for sentence in sentences)
    parts = [
        [f"# {title}"],
        _asked(scenario, seeds, language),
        [sections.heading("words", language), words],
        _results(estimates, scenario, language),
        sections.contrasts(estimates.contrasts, language),
        sections.decomposition(estimates.effects, language),
        sections.pairs(estimates.effects, language),
        sections.years(estimates.by_year, language),
        sections.groups(estimates.groups, language),
        sections.costs(estimates.effects, estimates.ratios, language),
        sections.resilience(estimates.resilience, language),
        sections.further(estimates.effects, language),
        sections.definitions(language),
        _limits(language),
    ]
    return "\n\n".join(block for part in parts for block in part) + "\n"


def _told_in_words(estimates: Estimates) -> pd.DataFrame:
    """Effects, and the contrasts of one pair of policies; those of more pairs stay in their table."""
    one_pair = 0 < len(estimates.contrasts) <= estimates.contrasts["measure"].nunique()
    return pd.concat([estimates.effects, estimates.contrasts]) if one_pair else estimates.effects


def scenario_title(scenario: Scenario, language: str | None = None) -> str:
    """The scenario's title in a language, else in any, else its name."""
    titles = scenario.title
    wanted = language or messages.default_language()
    return titles.get(wanted) or next(iter(titles.values()), scenario.name)


def _sentence(row: Row, language: str | None) -> str:
    effect, low, high = wording.effect_numbers(row)
    fields = {
        "arm": wording.named("arm", row.arm, language),
        "against": wording.named("arm", row.against, language),
        "measure": wording.measure_title(row.measure, language),
        "level": wording.quantity(wording.level_text(row.level, row.unit), row.unit, language),
        "baseline": wording.quantity(wording.level_text(row.baseline, row.unit), row.unit, language),
        "effect": wording.quantity(effect, row.effect_unit, language),
        "verdict": wording.named("verdict", row.verdict, language),
        "seeds": row.seeds,
    }
    if not math.isfinite(row.low):
        return text("summary.effect_without_interval", language, **fields)
    sentence = text("summary.effect", language, low=low, high=high, **fields)
    return text("summary.space", language).join([sentence, *_remarks(row, language)])


def _remarks(row: Row, language: str | None) -> list[str]:
    """What the reader should know of a verdict beside its word."""
    margin = wording.margin_text(row.margin, row.effect_unit, language)
    if row.verdict == Verdict.NO_PRACTICAL_DIFFERENCE:
        return [text("summary.practically_equal", language, margin=margin)]
    if within_margin(row.effect, row.margin, row.verdict):
        return [text("summary.within_margin", language, margin=margin)]
    if row.verdict == Verdict.UNDECIDED and row.seeds_needed > row.seeds:
        return [text("summary.more_seeds", language, seeds=f"{row.seeds_needed:,.0f}", margin=margin)]
    return []


def _terminal_cells(row: Row, language: str | None) -> list[str]:
    colour = COLOURS.get(Verdict(row.verdict))
    said = wording.named("verdict", row.verdict, language)
    effect, low, high = wording.effect_numbers(row)
    difference = wording.quantity(effect, row.effect_unit, language)
    if math.isfinite(row.low):
        difference += f"\n({text('table.range', language, low=low, high=high)})"
    return [
        f"{wording.measure_title(row.measure, language)}\n{wording.unit_name(row.unit, language)}",
        wording.level_text(row.baseline, row.unit),
        wording.level_text(row.level, row.unit),
        difference,
        f"[{colour}]{said}[/]" if colour else said,
    ]


def _asked(scenario: Scenario, seeds: int, language: str | None) -> list[str]:
    time = scenario.time
    question = text("report.question", language, horizon=time.horizon, burn_in=time.burn_in, seeds=seeds)
    arms = []
    for policy in scenario.policies:
        names = [_instrument(use, language) for use in policy.instruments]
        instruments = text("report.separator", language).join(names) or text("report.no_instruments", language)
        arm = wording.named("arm", policy.name, language)
        arms.append(text("report.arm_of", language, arm=arm, instruments=instruments))
    return [sections.heading("asked", language), question, "\n".join(arms)]


def _instrument(use: InstrumentUse, language: str | None) -> str:
    """Its name, and its label where the scenario gave it one."""
    name = text(f"instrument.{use.instrument}.title", language)
    return name if use.label == use.instrument else f"{name} (`{use.label}`)"


def _results(estimates: Estimates, scenario: Scenario, language: str | None) -> list[str]:
    pairing = wording.margin_text(scenario.parameters.pairing_margin, "points", language)
    output = wording.margin_text(scenario.parameters.output_margin, "percent", language)
    return [
        sections.heading("results", language),
        sections.effect_table(sections.headline_rows(estimates.effects), language),
        text("report.margins", language, pairing=pairing, output=output),
    ]


def _limits(language: str | None) -> list[str]:
    limits = "\n".join(f"- {text(f'report.limit.{name}', language)}" for name in LIMITS)
    return [sections.heading("limits", language), limits]
