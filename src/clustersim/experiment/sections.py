"""The tables of report.md. Each function gives the blocks of one section, none where there is nothing to
tell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from clustersim import measures as registry
from clustersim.experiment import wording
from clustersim.experiment.wording import Row
from clustersim.measures.cost import RATIOS
from clustersim.messages import text

DECOMPOSITION = ("local_sales", "outside_sales", "rerouted", "replaced")
PAIRS = ("additional", "deadweight", "twin_only", "net_additional")
COSTS = ("staff_months", "firm_days", "public_cost")
GROUPED = ("pairing_rate", "output", "value_added")


def heading(name: str, language: str | None) -> str:
    return f"## {text(f'report.{name}', language)}"


def headline_rows(effects: pd.DataFrame) -> list[Row]:
    return _rows(effects[effects["headline"].astype(bool)])


def measure_with_unit(name: str, unit: str, language: str | None) -> str:
    measure, unit = wording.measure_title(name, language), wording.unit_name(unit, language)
    return text("table.difference_in", language, measure=measure, unit=unit)


def effect_table(rows: Iterable[Row], language: str | None) -> str:
    """Arm, measure, baseline, level, difference with interval, seeds and verdict of each row."""
    cells = [
        [
            wording.named("arm", row.arm, language),
            measure_with_unit(row.measure, row.unit, language),
            wording.level_text(row.baseline, row.unit),
            wording.level_text(row.level, row.unit),
            _difference(row, language),
            str(row.seeds),
            wording.named("verdict", row.verdict, language),
        ]
        for row in rows
    ]
    columns = ("arm", "measure", "baseline", "level", "difference", "seeds", "verdict")
    return _table([text(f"table.{column}", language) for column in columns], cells)


def contrasts(frame: pd.DataFrame, language: str | None) -> list[str]:
    """Each pair of policies in the headline measures."""
    cells = [
        [
            wording.named("arm", row.arm, language),
            wording.named("arm", row.against, language),
            wording.measure_title(row.measure, language),
            _difference(row, language),
            str(row.seeds),
            wording.named("verdict", row.verdict, language),
        ]
        for row in _rows(frame)
    ]
    columns = ("arm", "against", "measure", "difference", "seeds", "verdict")
    return _section("contrasts", [text(f"table.{column}", language) for column in columns], cells, language)


def decomposition(effects: pd.DataFrame, language: str | None) -> list[str]:
    """Change of output = of local sales + of outside sales; how much of it is rerouted, how much replaced."""
    header = [text("table.arm", language), *_titles((*DECOMPOSITION, "incumbent_output"), language)]
    header[-1] = measure_with_unit("incumbent_output", "percent", language)
    cells = _one_row_an_arm(effects, (*DECOMPOSITION, "incumbent_output"), language)
    return _section("decomposition", header, cells, language, note=True)


def pairs(effects: pd.DataFrame, language: str | None) -> list[str]:
    """Pair-months of each arm that no_alliance has too, has not, or alone has."""
    header = [text("table.arm", language), *_titles(PAIRS, language), text("table.interval", language)]
    cells = []
    for arm, rows in _by_arm(effects):
        _, low, high = wording.effect_numbers(rows["net_additional"])
        levels = [wording.plain(rows[name].level, 0) for name in PAIRS]
        between = text("table.range", language, low=low, high=high)
        cells.append([wording.named("arm", arm, language), *levels, between])
    return _section("pairs", header, cells, language, note=True)


def years(by_year: pd.DataFrame, language: str | None) -> list[str]:
    """Differences of each year in the headline measures, the baseline beside them."""
    cells = []
    for arm, year, rows in _nested(by_year, "arm", "year"):
        first = next(iter(_rows(rows)))
        months = text("table.range", language, low=first.first_month, high=first.last_month)
        cells.append([wording.named("arm", arm, language), year, months, *_grouped(rows, language)])
    header = [text(f"table.{column}", language) for column in ("arm", "year", "months")]
    return _section("years", [*header, *_grouped_header(language)], cells, language)


def groups(frame: pd.DataFrame, language: str | None) -> list[str]:
    """Differences within groups of enterprises in the headline measures, the baseline beside them."""
    cells = []
    for dimension, group, both in _nested(frame, "dimension", "group"):
        for arm, rows in both.groupby("arm", sort=False):
            kind = "size_class" if dimension == "size_class" else "group"
            names = (("dimension", dimension), (kind, group), ("arm", str(arm)))
            labels = [wording.named(kind, name, language) for kind, name in names]
            cells.append([*labels, *_grouped(rows, language)])
    header = [text(f"table.{column}", language) for column in ("dimension", "group", "arm")]
    return _section("groups", [*header, *_grouped_header(language)], cells, language, note=True)


def costs(effects: pd.DataFrame, ratios: pd.DataFrame, language: str | None) -> list[str]:
    """What each arm used, and what an additional pair-year and a unit of value added cost."""
    header = [measure_with_unit(name, registry.MEASURES[name].unit, language) for name in COSTS]
    header += [measure_with_unit(ratio.name, ratio.unit, language) for ratio in RATIOS]
    found = {(row.arm, row.measure): row for row in _rows(ratios)}
    cells = []
    for arm, rows in _by_arm(effects):
        used = [wording.level_text(rows[name].level, rows[name].unit) for name in COSTS]
        unit_costs = [_ratio(found[arm, ratio.name], language) for ratio in RATIOS]
        cells.append([wording.named("arm", arm, language), *used, *unit_costs])
    return _section("costs", [text("table.arm", language), *header], cells, language, note=True)


def resilience(frame: pd.DataFrame, language: str | None) -> list[str]:
    """What the shock does to each arm; nothing where there is none."""
    if frame.empty:
        return []
    note = text("report.resilience_note", language)
    return [heading("resilience", language), note, effect_table(_rows(frame), language)]


def further(effects: pd.DataFrame, language: str | None) -> list[str]:
    """The measures that no other section shows."""
    shown = {*DECOMPOSITION, *PAIRS, *COSTS, *GROUPED, "incumbent_output"}
    rows = [row for row in _rows(effects) if row.measure not in shown]
    return [heading("further", language), effect_table(rows, language)] if rows else []


def definitions(language: str | None) -> list[str]:
    """The definition of every measure."""
    names = [*registry.MEASURES, *(ratio.name for ratio in RATIOS)]
    lines = [
        text(
            "report.definition",
            language,
            measure=wording.measure_title(name, language),
            definition=text(f"measure.{name}.definition", language),
        )
        for name in names
    ]
    return [heading("definitions", language), "\n".join(lines)]


def _section(
    name: str, header: Sequence[str], cells: list[list[str]], language: str | None, *, note: bool = False
) -> list[str]:
    if not cells:
        return []
    notes = [text(f"report.{name}_note", language)] if note else []
    return [heading(name, language), *notes, _table(header, cells)]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def _titles(names: Iterable[str], language: str | None) -> list[str]:
    return [wording.measure_title(name, language) for name in names]


def _by_arm(effects: pd.DataFrame) -> list[tuple[str, dict[str, Row]]]:
    """Each arm with its rows by measure."""
    return [(str(arm), {row.measure: row for row in _rows(rows)}) for arm, rows in effects.groupby("arm", sort=False)]


def _rows(frame: pd.DataFrame) -> list[Row]:
    return list(frame.itertuples())


def _nested(frame: pd.DataFrame, outer: str, inner: str) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Parts of the frame by two columns, both in the order of their first appearance."""
    for first, part in frame.groupby(outer, sort=False):
        for second, rows in part.groupby(inner, sort=False):
            yield str(first), str(second), rows


def _one_row_an_arm(effects: pd.DataFrame, names: Sequence[str], language: str | None) -> list[list[str]]:
    return [
        [
            wording.named("arm", arm, language),
            *(wording.effect_text(rows[name], language) for name in names),
        ]
        for arm, rows in _by_arm(effects)
    ]


def _difference(row: Row, language: str | None) -> str:
    """Effect and interval; the unit with it where it is not that of the levels."""
    effect, low, high = wording.effect_numbers(row)
    if row.effect_unit != row.unit:
        effect = wording.quantity(effect, row.effect_unit, language)
    if not math.isfinite(row.low):
        return effect
    return text("table.with_interval", language, effect=effect, low=low, high=high)


def _grouped_header(language: str | None) -> list[str]:
    measures = [registry.MEASURES[name] for name in GROUPED]
    titles = [measure_with_unit(measure.name, measure.effect_unit, language) for measure in measures]
    pairing = wording.measure_title("pairing_rate", language)
    return [text("table.baseline_of", language, measure=pairing), *titles, text("table.seeds", language)]


def _grouped(rows: pd.DataFrame, language: str | None) -> list[str]:
    """Baseline pairing, the three differences and the seeds of one year or group."""
    by_measure = {row.measure: row for row in _rows(rows)}
    pairing = by_measure["pairing_rate"]
    baseline = wording.quantity(wording.level_text(pairing.baseline, "percent"), "percent", language)
    differences = [wording.effect_text(by_measure[name], language) for name in GROUPED]
    return [baseline, *differences, str(pairing.seeds)]


def _ratio(row: Row, language: str | None) -> str:
    decimals = wording.interval_decimals(row.low, row.high, most=3)
    mean, low, high = (wording.plain(value, decimals) for value in (row.ratio, row.low, row.high))
    if not math.isfinite(row.ratio):
        return mean
    return text("table.with_interval", language, effect=mean, low=low, high=high)
