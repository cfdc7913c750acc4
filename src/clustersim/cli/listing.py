"""`clustersim list`: the catalogues, generated from the registries. Each imports its own registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from clustersim import scenario
from clustersim.messages import current_language, text
from clustersim.render.terminal import Entry, say, show_entries

if TYPE_CHECKING:
    from clustersim.scenario.facts import Fact
    from clustersim.spec.parameters import Parameter


def print_catalogue(catalogue: str) -> None:
    """One of the catalogues."""
    for heading, entries in _CATALOGUES[catalogue]():
        if heading:
            click.echo()
            say(heading)
            click.echo()
        show_entries(entries)


type Sections = Iterator[tuple[str, list[Entry]]]


def _scenarios() -> Sections:
    from clustersim.cli.starting import shipped_scenarios

    found = {name: scenario.load(file) for name, file in shipped_scenarios().items()}
    yield "", [Entry(name, model.title.get(current_language(), ""), "") for name, model in found.items()]


def _studies() -> Sections:
    from clustersim.cli.starting import shipped_studies
    from clustersim.studies import study_file

    found = {name: study_file.load(file) for name, file in shipped_studies().items()}
    yield "", [Entry(f"{name} ({study.verb})", study.title[current_language()], "") for name, study in found.items()]


def _policies() -> Sections:
    yield "", [Entry(name, "", text(f"preset.{name}")) for name in scenario.preset_names()]


def _instruments() -> Sections:
    from clustersim import instruments

    yield (
        "",
        [
            Entry(name, text(f"instrument.{name}.title"), text(f"instrument.{name}.purpose"))
            for name in instruments.names()
        ],
    )


def _parameters() -> Sections:
    from clustersim import instruments
    from clustersim.spec.parameters import SECTIONS

    for section, parameters in SECTIONS.items():
        entries = [parameter_entry(parameter, f"parameter.{parameter.name}") for parameter in parameters]
        yield text(f"section.{section}"), entries
    for name in instruments.names():
        title = text("cli.list.of_instrument", title=text(f"instrument.{name}.title"), name=name)
        own = instruments.parameters(name).values()
        yield title, [parameter_entry(parameter, f"parameter.{name}.{parameter.name}") for parameter in own]


def parameter_entry(parameter: Parameter, key: str) -> Entry:
    """`friction = 0.15` (0 to 0.25; share; assumption) and what it means."""
    from clustersim.scenario.phrases import value_text

    facts = [span_text(parameter), unit_text(parameter), parameter.source]
    told = text("cli.list.separator").join(fact for fact in facts if fact)
    name = f"{parameter.name} = {value_text(parameter.default)}"
    return Entry(name, text("cli.list.facts", facts=told), text(key))


def span_text(parameter: Parameter) -> str:
    """The plausible range, or the words that may be chosen."""
    if parameter.plausible is None:
        return " | ".join(parameter.choices)
    low, high = (f"{bound:g}" for bound in parameter.plausible)
    return text("cli.list.span", low=low, high=high)


def unit_text(parameter: Parameter) -> str:
    """The unit of a number."""
    return text(f"unit.{parameter.unit}") if parameter.is_numeric else ""


def _measures() -> Sections:
    from clustersim import measures
    from clustersim.measures.cost import RATIOS

    named = [*((name, measure.unit) for name, measure in measures.MEASURES.items())]
    named += [(ratio.name, ratio.unit) for ratio in RATIOS]
    entries = []
    for name, unit in named:
        facts = (text(f"measure.{name}.title"), text(f"measure_unit.{unit}"))
        title = text("table.difference_in", measure=facts[0], unit=facts[1])
        entries.append(Entry(name, title, text(f"measure.{name}.definition")))
    yield "", entries


def _observables() -> Sections:
    from clustersim.observables import OBSERVABLES

    yield (
        text("cli.list.observables_note"),
        [
            Entry(
                name,
                text(
                    "table.difference_in",
                    measure=text(f"observable.{name}.title"),
                    unit=text(f"measure_unit.{one.unit}"),
                ),
                text(f"observable.{name}.definition"),
            )
            for name, one in OBSERVABLES.items()
        ],
    )


def _evidence() -> Sections:
    yield text("cli.list.evidence_note"), [fact_entry(fact) for fact in scenario.evidence()]


def fact_entry(fact: Fact) -> Entry:
    """A fact, in the language of the collection."""
    value = "" if fact.value is None else f" = {fact.value}"
    return Entry(f"{fact.id}{value}", f"{fact.unit} ({fact.kind}, {fact.source})".strip(), fact.note)


def _literature() -> Sections:
    entries = [Entry(entry.id, f"({entry.status}) {entry.ref}", entry.finding) for entry in scenario.literature()]
    yield text("cli.list.literature_note"), entries


_CATALOGUES = {
    "scenarios": _scenarios,
    "studies": _studies,
    "policies": _policies,
    "instruments": _instruments,
    "parameters": _parameters,
    "measures": _measures,
    "observables": _observables,
    "evidence": _evidence,
    "literature": _literature,
}
