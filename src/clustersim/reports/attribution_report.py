"""report.md of an attribution: what each instrument contributes, which pairs it makes, who gains and loses."""

from __future__ import annotations

import pandas as pd

from clustersim.analysis.attribution.contributions import AttributionFindings
from clustersim.analysis.rows import rows_of
from clustersim.execution.job import GATE
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.blocks import Block, Document, bullets, escaped, heading, line, paragraph, table
from clustersim.reports.summary import scenario_title
from clustersim.reports.wording import arm_words, effect_quantity, listed, measure_words
from clustersim.storage.code_version import code_version

IN_WORDS = ("output", "pairing_rate")  # whose contributions sentences tell
SHOWN = ("shapley", "totals", "pairs", "winners")
OF_PAIRS = ["measure", "baseline", "level", "effect", "low", "high", "seeds"]


def report(found: AttributionFindings) -> Document:
    of = {"arm": arm_words(found.arm), "seeds": wording.seeds(found.job.seeds)}
    made_by = text("attribution.made_by", version=code_version(), **of)
    said, tables = (heading(text(f"study.{name}")) for name in ("words", "tables"))
    blocks = (said, bullets(sentences(found)), tables, *_tables(found))
    return Document(scenario_title(found.job.scenario), line(made_by), blocks)


def sentences(found: AttributionFindings) -> list[str]:
    shares = [_shares(found, outcome) for outcome in IN_WORDS]
    return [*shares, *_gate(found), _pairs(found), _winners(found), text("attribution.words")]


def _shares(found: AttributionFindings, outcome: str) -> str:
    measure = MEASURES[outcome]
    rows = found.shapley[found.shapley["measure"] == outcome].sort_values("shapley", ascending=False)
    names = [
        text(
            "attribution.one",
            label=row.instrument,
            value=effect_quantity(row.shapley, measure, 2),
            low=wording.plain(row.low, 2, signed=True),
            high=wording.plain(row.high, 2, signed=True),
        )
        for row in rows_of(rows)
    ]
    of = {"arm": arm_words(found.arm), "measure": measure_words(outcome)}
    return text("attribution.shares", **of, total=_total(found, "all", outcome), names=listed(names))


def _total(found: AttributionFindings, name: str, outcome: str) -> str:
    totals = found.totals
    [mean] = totals.loc[(totals["measure"] == outcome) & (totals["total"] == name), "mean"]
    return effect_quantity(mean, MEASURES[outcome], 2)


def _gate(found: AttributionFindings) -> list[str]:
    [policy] = (policy for policy in found.job.scenario.policies if policy.name == found.arm)
    if not any(use.instrument == GATE for use in policy.instruments):
        return []
    return [text("attribution.gate", value=_total(found, "gate", IN_WORDS[0]))]


def _pairs(found: AttributionFindings) -> str:
    level = found.pairs.set_index("measure")["level"]
    names = ("additional", "deadweight", "twin_only")
    return text("attribution.pairs", **{name: f"{level[name]:,.0f}" for name in names})


def _winners(found: AttributionFindings) -> str:
    total = rows_of(found.winners)[0]
    numbers = {name: f"{getattr(total, name):.0f}" for name in ("gain", "lose", "net")}
    return text("attribution.winners", **numbers, median=wording.plain(total.median_change, 1, signed=True))


def _tables(found: AttributionFindings) -> list[Block]:
    frames = found.tables() | {"pairs": found.pairs[OF_PAIRS]}
    return [block for name in SHOWN for block in _table(name, frames[name])]


def _table(name: str, frame: pd.DataFrame) -> list[Block]:
    shown = frame.dropna(axis=1, how="all").drop(columns=["arm", "against"], errors="ignore")
    title, note = (text(f"attribution.{name}_{part}") for part in ("heading", "note"))
    header = [text(f"study.column.{column}") for column in shown.columns]
    rows = [[_cell(value) for value in row] for row in shown.itertuples(index=False)]
    return [heading(title, 2), paragraph(note), table(title, header, rows)]


def _cell(value: object) -> str:
    return wording.plain(value, 2) if isinstance(value, float) else escaped(str(value))
