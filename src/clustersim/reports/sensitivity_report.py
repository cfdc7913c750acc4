"""What a sensitivity study found, in sentences and tables."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from clustersim.analysis.rows import Row, rows_of
from clustersim.analysis.sensitivity import DUMMY, Result
from clustersim.analysis.sensitivity.study_indices import SensitivityFindings
from clustersim.analysis.study_outcomes import percentiles
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports.blocks import Block, heading, paragraph, table
from clustersim.reports.factor_words import factor_words, short_words
from clustersim.reports.wording import NOTHING, arm_words, effect_quantity, listed, measure_words, percent

ROUNDING = 1e-9
TOP = 3  # whose order is spoken of
FEWEST_IN_ORDER = 2
LEADING = 5  # factors that a sentence names


def sentences(found: SensitivityFindings) -> list[str]:
    """Of the main outcome, arm by arm."""
    outcome = found.outcomes.job.outcomes[0]
    return [sentence for arm in found.outcomes.arms for sentence in _of_arm(found, arm, outcome)]


def _of_arm(found: SensitivityFindings, arm: str, outcome: str) -> list[str]:
    result, seeds = found.results[arm, outcome], found.outcomes.job.seeds
    words = short_words(found.outcomes.job.factors)
    said = [_range(found, arm, outcome), _leading(result, words), _noise(result, seeds), _order(found, result, words)]
    of_dummy = float(result.table[result.main].iloc[-1])
    if result.main != "median" and of_dummy > ROUNDING:
        said.append(text("study.sensitivity.dummy_moves", index=f"{of_dummy:.3f}"))
    return said


def _range(found: SensitivityFindings, arm: str, outcome: str) -> str:
    values = found.over_range(arm, outcome)
    ends = (effect_quantity(value, MEASURES[outcome]) for value in percentiles(values))
    return text(
        "study.sensitivity.range",
        arm=arm_words(arm),
        measure=measure_words(outcome),
        **dict(zip(("low", "mid", "high"), ends, strict=True)),
        above=percent(float((values > 0).mean())),
    )


def _ranked(result: Result) -> list[Row]:
    """Factors that are told apart from the dummy, the largest index first."""
    apart = result.table[~result.table["below_dummy"] & (result.table["factor"] != DUMMY)]
    return rows_of(apart.sort_values(result.main, ascending=False))


def _leading(result: Result, words: dict[str, str]) -> str:
    ranked = _ranked(result)
    names = [
        text(
            "study.sensitivity.one",
            factor=words[row.factor],
            index=f"{getattr(row, result.main):.2f}",
            low=f"{row.low_design:.2f}",
            high=f"{row.high_design:.2f}",
        )
        for row in ranked[:LEADING]
    ]
    factors = len(result.table) - 1
    counts = {"all": factors, "below": factors - len(ranked)}
    key, index = "leading" if names else "nothing", text(f"study.index.{result.main}")
    return text(f"study.sensitivity.{key}", index=index, names=listed(names), **counts)


def _noise(result: Result, seeds: int) -> str:
    if seeds == 1:
        return text("study.sensitivity.one_seed")
    shares = {"one": percent(result.seeds_share_of_one_run), "mean": percent(result.seed_share)}
    return text("study.sensitivity.noise", seeds=seeds, **shares)


def _order(found: SensitivityFindings, result: Result, words: dict[str, str]) -> str:
    """Whether more points would leave the order of the leading factors as it is."""
    size, ranked = 2 * found.design.size, _ranked(result)
    if len(ranked) < FEWEST_IN_ORDER:
        key = "no_order"  # of parameters that are not told apart from the dummy
    elif not result.converged:
        key = "not_converged"
    elif pair := _overlapping(ranked[:TOP]):
        first, second = (words[row.factor] for row in pair)
        return text("study.sensitivity.overlapping", first=first, second=second, size=size)
    else:
        key = "converged"
    return text(f"study.sensitivity.{key}", change=f"{result.largest_change:.2f}", size=size)


def _overlapping(ranked: list[Row]) -> tuple[Row, Row] | None:
    """Two factors, one behind the other, whose intervals over the design overlap."""
    return next(((one, other) for one, other in pairwise(ranked) if other.high_design > one.low_design), None)


def blocks(found: SensitivityFindings) -> list[Block]:
    """A table of indices for each arm and outcome."""
    tables = [block for (arm, outcome), result in found.results.items() for block in _table(arm, outcome, result)]
    return [*tables, paragraph(text("study.sensitivity.note"))]


def _table(arm: str, outcome: str, result: Result) -> list[Block]:
    title = text("study.sensitivity.heading", arm=arm_words(arm), measure=measure_words(outcome))
    numbers = [name for name in result.table.columns if name not in ("factor", "below_dummy")]
    names = [*(text(f"study.index.{name}") for name in numbers), text("study.column.below_dummy")]
    ordered = result.table.sort_values(result.main, ascending=False, kind="stable")
    rows = [
        [
            text("study.dummy") if row.factor == DUMMY else factor_words(row.factor),
            *(f"{value:.3f}" if np.isfinite(value) else NOTHING for value in (getattr(row, name) for name in numbers)),
            text("study.yes") if row.below_dummy else "",
        ]
        for row in rows_of(ordered)
    ]
    return [heading(title, 2), table(title, [text("study.column.factor"), *names], rows)]
