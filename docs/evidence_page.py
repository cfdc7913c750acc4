"""The page of the evidence: what the reports say, the published numbers, and what of the model rests on each."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pages import joined, table

from clustersim import instruments, scenario
from clustersim.messages import current_language, text
from clustersim.scenario.facts import Fact, Source, sources
from clustersim.scenario.model import Scenario
from clustersim.scenario.presets import preset_names, preset_sources
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter

SCENARIOS = Path(__file__).parents[1] / "scenarios"
NOTHING = "-"
KINDS = ("defaults", "presets", "scenarios", "observed")  # what may rest on an entry


def evidence() -> str:
    """Facts by report, then the publications, each with what rests on it."""
    parts = [f"# {text('docs.evidence')}"]
    parts += [text(f"docs.{name}") for name in ("evidence_intro", "fact_kinds")]
    for source in sources():
        parts += [f"## {_title(source)} ({source.id})", _of_source(source)]
        parts += [_facts(source)]
    parts += [f"## {text('docs.publications')}", text("docs.publications_intro")]
    return joined([*parts, _publications()])


def _title(source: Source) -> str:
    """That of the scenario of the place, whose name stands before each of its facts."""
    place = next(fact.id.split(".")[0] for fact in scenario.evidence() if fact.source == source.id)
    return scenario.load(SCENARIOS / f"{place}.yaml").title[current_language()]


def _of_source(source: Source) -> str:
    fields = {"outlet": source.outlet, "date": source.date, "place": source.place, "about": source.about}
    return text("docs.of_source", **fields)


def _facts(source: Source) -> str:
    header = [text(f"docs.{name}") for name in ("fact", "fact_kind", "reported", "report", "rests")]
    rows = [
        [
            f"`{fact.id}`",
            text(f"docs.fact_is.{fact.kind}"),
            _value(fact),
            fact.note or NOTHING,
            _rests(fact.id),
        ]
        for fact in scenario.evidence()
        if fact.source == source.id
    ]
    return table(header, rows)


def _value(fact: Fact) -> str:
    """What was reported, with its unit: `28 firms`, `120 x 10k yuan`, several numbers with the units behind them."""
    if isinstance(fact.value, dict):
        told = "; ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in fact.value.items())
        return f"{told} ({fact.unit})" if fact.unit else told
    times = " × " if fact.unit[:1].isdigit() else " "
    return NOTHING if fact.value is None else f"{fact.value:,}{times}{fact.unit}"


def _publications() -> str:
    header = [text(f"docs.{name}") for name in ("publication", "reference", "finding", "rests")]
    rows = [
        [
            f"`{one.id}` ({text(f'docs.status.{one.status}')})",
            ". ".join(words for words in (one.ref, one.design) if words),
            one.finding,
            _rests(one.id),
        ]
        for one in scenario.literature()
    ]
    return table(header, rows)


def _rests(entry: str) -> str:
    """Defaults, presets and scenarios with numbers, and scenarios that lay it beside the model."""
    told = [
        text(f"docs.rest.{kind}", names=", ".join(f"`{name}`" for name in dict.fromkeys(names[entry])))
        for kind, names in _uses().items()
        if entry in names
    ]
    return text("docs.rest.separator").join(told) or NOTHING


@functools.cache
def _uses() -> dict[str, dict[str, list[str]]]:
    """Kind of use -> entry -> names of what uses it."""
    uses: dict[str, dict[str, list[str]]] = {kind: defaultdict(list) for kind in KINDS}
    for kind, name, source in _cited():
        for entry in _entries(source):
            uses[kind][entry].append(name)
    return uses


def _cited() -> Iterator[tuple[str, str, str]]:
    """Kind of use, name of what uses it, and the source as it is written there."""
    for name, parameter in _registered():
        yield "defaults", name, parameter.source
    for name in preset_names():
        yield from (("presets", name, source) for source in preset_sources(name).values())
    for name, model in _shipped():
        written: Any = model.document.get("sources", {})
        yield from (("scenarios", name, source) for source in written.values())
        yield from (("observed", name, observation.fact) for observation in model.observed)


def _entries(source: str) -> list[str]:
    """The ids in a source: `evidence: id`, `literature: id, id`, `choice: design of id`."""
    known = {fact.id for fact in scenario.evidence()} | {one.id for one in scenario.literature()}
    return [word for word in re.findall(r"[\w.]+", source) if word in known]


def _registered() -> Iterator[tuple[str, Parameter]]:
    """Every parameter of the model and, behind the name of its instrument, of the instruments."""
    yield from MODEL_PARAMETERS.items()
    for instrument in instruments.names():
        for name, parameter in instruments.parameters(instrument).items():
            yield f"{instrument}.{name}", parameter


def _shipped() -> Iterator[tuple[str, Scenario]]:
    for folder in (SCENARIOS, SCENARIOS / "validation"):
        for file in sorted(folder.glob("*.yaml")):
            yield file.stem, scenario.load(file)
