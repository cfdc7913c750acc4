"""What a calibration found, in sentences and tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clustersim.analysis.calibration.calibrated import CalibrationFindings
from clustersim.analysis.rows import Row, rows_of
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports.blocks import Block, heading, paragraph, table
from clustersim.reports.factor_words import factor_words, short_words
from clustersim.reports.wording import NOTHING, arm_words, effect_quantity, listed, measure_words, percent


def sentences(found: CalibrationFindings) -> list[str]:
    return [_met(found), *_identified(found), _fitted(found), *_effects(found)]


def _met(found: CalibrationFindings) -> str:
    left = found.posterior
    missed = left.reach[~left.reach["met"].astype(bool)]
    if len(missed):
        return text("study.calibrate.missed", names=listed([factor_words(name) for name in missed["target"]]))
    key = "met" if left.can_be_met else "not_together"
    return text(f"study.calibrate.{key}", met=left.points_met, all=len(found.simulated.points))


def _identified(found: CalibrationFindings) -> list[str]:
    left = found.posterior
    if not len(left.draws):
        return [text("study.calibrate.no_posterior")]
    words = short_words(found.prior.factors)
    rows = left.table.set_axis(left.table.columns.str.replace("%", "_percent"), axis=1)
    rows = rows.rename(columns={"5_percent": "low", "95_percent": "high"})
    said = []
    for key, part in (("identified", rows[rows["identified"]]), ("not_identified", rows[~rows["identified"]])):
        names = [
            text("study.calibrate.one", factor=words[row.parameter], low=f"{row.low:.3g}", high=f"{row.high:.3g}")
            for row in rows_of(part)
        ]
        said += [text(f"study.calibrate.{key}", names=listed(names))] if names else []
    if not left.reliable:
        said.append(text("study.calibrate.rough", effective=f"{left.effective:.0f}"))
    return said


def _fitted(found: CalibrationFindings) -> str:
    words, fit = short_words(found.prior.factors), found.fit_table()
    names = [
        text("study.calibrate.moved", factor=words[row.parameter], first=f"{row.first:.3g}", fit=f"{row.fit:.3g}")
        for row in rows_of(fit[fit["free"]])
    ]
    return text("study.calibrate.fit", names=listed(names))


def _effects(found: CalibrationFindings) -> list[str]:
    if found.effects is None:
        return []
    rows = found.effect_table()
    said = [_effect(row) for row in rows_of(rows[rows["measure"] == found.effects.job.outcomes[0]])]
    missed = said and not found.posterior.can_be_met
    return [*said, text("study.calibrate.effect_missed")] if missed else said


def _effect(row: Row) -> str:
    ends = {name: effect_quantity(getattr(row, name), MEASURES[row.measure]) for name in ("low", "mid", "high")}
    of = {"arm": arm_words(row.arm), "measure": measure_words(row.measure)}
    return text("study.calibrate.effect", **of, **ends, above=percent(row.above_zero), draws=row.draws)


def blocks(found: CalibrationFindings) -> list[Block]:
    tables = {"targets": found.target_table(), "posterior": found.posterior.table, "fit": found.fit_table()}
    shown = [block for name, frame in tables.items() for block in _table(name, frame)]
    return [*shown, paragraph(text("study.calibrate.note"))]


def _table(name: str, frame: pd.DataFrame) -> list[Block]:
    title = text(f"study.calibrate.{name}_heading")
    header = [text(f"study.column.{column}") for column in frame.columns]
    rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
    return [heading(title, 2), table(title, header, rows)]


def _cell(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return text("study.yes" if value else "study.no")
    if isinstance(value, float):
        return f"{value:.3g}" if np.isfinite(value) else NOTHING
    return factor_words(str(value)) if value else ""
