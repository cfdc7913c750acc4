"""Writes the pages of docs/ that come from registries and scenarios: parameters, instruments, policies, measures,
the evidence, and the mechanisms that the scenarios express.

    python docs/generate.py

The model's ODD protocol, odd.md, is odd_source.md with rows and tables of the registries where a line says so:

    {{states}}                      tables of the state variables
    {{parameters production}}       table of a section of the model's parameters
    {{instrument forum}}            table of an instrument's parameters
    {{state q capacity}}            row of a symbol: a state variable, and words of one's own after it, if need be
    {{parameter s specificity}}     row of a symbol: a parameter
    {{constant arrays.GRAIN ...}}   row of a constant of the code, and what it means

A test compares the pages with what this script would write.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from evidence_page import evidence
from pages import joined, row, table

from clustersim import instruments, measures, scenario
from clustersim.cli.listing import span_text, unit_text
from clustersim.measures.cost import RATIOS
from clustersim.messages import LANGUAGES, current_language, speaking, text
from clustersim.observables import OBSERVABLES
from clustersim.scenario import preset_names
from clustersim.scenario.model import Scenario
from clustersim.scenario.phrases import value_text
from clustersim.spec.parameters import MODEL_PARAMETERS, SECTIONS, Parameter
from clustersim.spec.state import COLUMNS, Column

DOCS = Path(__file__).parent
ROOT = DOCS.parent
READS = ("window", "firms", "spells", "shock")
OWN_ARM = {"wujin": "chain_leader", "zhuzhou": "chain_leader"}  # what a place did; the others: a cluster committee
MARKER = re.compile(r"\{\{(\w+) ?(.*)\}\}")
ENTITIES = {
    "firm": "Enterprise",
    "slot": "Goods slot of an enterprise",
    "service": "Service slot of an enterprise: one for each service",
    "place": "Provider, for each service",
    "site": "Site",
    "chain": "Chain",
    "group": "Standing group",
}


def pages() -> dict[Path, str]:
    """File below docs/ -> its content. English stands in docs/ itself, Chinese in docs/zh/."""
    makers = {
        "parameters": parameters,
        "instruments": all_instruments,
        "policies": presets,
        "measures": all_measures,
        "evidence": evidence,
        "mechanisms": mechanisms,
    }
    return {Path("odd.md"): odd()} | {
        Path(*(() if language == "en" else (language,)), f"{name}.md"): _told_in(language, maker)
        for language in LANGUAGES
        for name, maker in makers.items()
    }


def _told_in(language: str, maker: Callable[[], str]) -> str:
    with speaking(language):
        return maker()


def odd() -> str:
    """The ODD protocol: odd_source.md, each line that is a marker replaced by what it asks for. English only."""
    source = (DOCS / "odd_source.md").read_text(encoding="utf-8")
    head = "<!-- Written by docs/generate.py from odd_source.md and the registries. -->\n\n"
    return head + "".join(f"{_filled(line)}\n" for line in source.splitlines())


def _filled(line: str) -> str:
    """A line of odd_source.md, or the lines that its marker asks for.

    Raises:
        KeyError: there is no such marker, or the registry holds no such thing.
    """
    marker = MARKER.fullmatch(line)
    return line if marker is None else _FILLINGS[marker[1]](marker[2])


def _states(_: str) -> str:
    """The state variables, a table for each entity."""
    parts = []
    for axis, entity in ENTITIES.items():
        rows = [
            [f"`{name}`", column.unit or "-", _kind_of(column), column.meaning]
            for name, column in COLUMNS.items()
            if column.axis == axis
        ]
        parts += [f"**{entity}**", table(["name in code", "unit", "kind", "meaning"], rows)]
    return "\n\n".join(parts)


def _kind_of(column: Column) -> str:
    kinds = {"b": "yes or no", "i": "whole number", "f": "number"}
    return kinds[np.dtype(column.dtype).kind]


def _state_row(asked: str) -> str:
    symbol, name, *own_words = asked.split(" ", maxsplit=2)
    column = COLUMNS[name]
    meaning = own_words[0] if own_words else column.meaning.removeprefix(f"{symbol}, ")
    return row([symbol, meaning, column.unit, f"`State.{name}`", "-"])


def _parameter_row(asked: str) -> str:
    symbol, name = asked.split()
    meaning = text(f"parameter.{name}")
    return row([symbol, meaning, unit_text(MODEL_PARAMETERS[name]), f"`parameters.{name}`", f"`{name}`"])


def _constant_row(asked: str) -> str:
    place, meaning = asked.split(" ", maxsplit=1)
    module, name = place.rsplit(".", maxsplit=1)
    value = getattr(importlib.import_module(f"clustersim.{module}"), name)
    return row([f"{value:.10g}", meaning, f"`{place}`"])


def parameters() -> str:
    """The model's parameters, a table for each section."""
    parts = [f"# {text('docs.parameters')}", text("docs.parameters_intro")]
    for section in SECTIONS:
        parts += [f"## {text(f'section.{section}')}", _of_section(section)]
    return joined(parts)


def all_instruments() -> str:
    """The instruments, what they do and their parameters."""
    parts = [f"# {text('docs.instruments')}", text("docs.instruments_intro")]
    for name in instruments.names():
        parts += [
            f"## {text(f'instrument.{name}.title')} (`{name}`)",
            text(f"instrument.{name}.purpose"),
            _of_instrument(name),
        ]
    return joined(parts)


def presets() -> str:
    """The policies that ship with the package, as they are written."""
    parts = [f"# {text('docs.policies')}", text("docs.policies_intro")]
    for name in preset_names():
        written = resources.files("clustersim").joinpath(f"policies/{name}.yaml").read_text(encoding="utf-8")
        title = f"## {text(f'arm.{name}')} (`{name}`)"
        parts += [title, text(f"preset.{name}"), f"```yaml\n{written.rstrip()}\n```"]
    return joined(parts)


def all_measures() -> str:
    """The measures by what they are computed from: title, unit, how an effect is expressed, definition."""
    parts = [f"# {text('docs.measures')}", text("docs.measures_intro")]
    header = [text(f"docs.{name}") for name in ("name", "title", "unit", "effect", "definition")]
    for reads in READS:
        rows = [
            (f"`{one.name}`", *_named(one.name, one.unit), text(f"docs.kind.{one.kind}"))
            for one in measures.read_from(reads)
        ]
        parts += [f"## {text(f'docs.reads.{reads}')}", table(header, _with_definitions(rows))]
    rows = [(f"`{one.name}`", *_named(one.name, one.unit), "-") for one in RATIOS]
    parts += [f"## {text('docs.reads.ratios')}", table(header, _with_definitions(rows))]
    parts += [f"## {text('docs.observables')}", text("docs.observables_intro")]
    parts += [_observables()]
    return joined(parts)


def _observables() -> str:
    """What reported facts can be compared with, and the filters of each."""
    header = [text(f"docs.{name}") for name in ("name", "title", "unit", "filters", "definition")]
    rows = [
        [
            f"`{name}`",
            text(f"observable.{name}.title"),
            text(f"measure_unit.{one.unit}"),
            ", ".join(f"`{word}`" for word in one.takes) or "-",
            text(f"observable.{name}.definition"),
        ]
        for name, one in OBSERVABLES.items()
    ]
    return table(header, rows)


def mechanisms() -> str:
    """Each fact of kind mechanism, and what in the scenario of its place expresses it, a table for each place."""
    parts = [f"# {text('docs.mechanisms')}", text("docs.mechanisms_intro")]
    header = [text(f"docs.{name}") for name in ("fact", "report", "expressed")]
    facts = [fact for fact in scenario.evidence() if fact.kind == "mechanism"]
    for place in dict.fromkeys(fact.id.split(".")[0] for fact in facts):
        model = scenario.load(ROOT / "scenarios" / f"{place}.yaml")
        own = OWN_ARM.get(place, "cluster_committee")
        rows = [
            [f"`{fact.id}`", fact.note or f"{fact.value} {fact.unit}", "; ".join(_expressed(fact.id, model, own))]
            for fact in facts
            if fact.id.startswith(f"{place}.")
        ]
        parts += [f"## {model.title[current_language()]} (`{place}.yaml`)", table(header, rows)]
    return joined(parts)


def _expressed(fact: str, model: Scenario, own: str) -> list[str]:
    """The key paths that cite a fact, each with its value; of several arms what the place did."""
    sources: Any = model.document["sources"]
    cited = [path for path, source in sources.items() if fact in source.split(", ")]
    return [_told(path, model.document) for path in cited if not path.startswith("policies.") or own in path.split(".")]


def _told(path: str, document: Any) -> str:
    """A key path with the value behind it, where it is one value, and the instrument of its label."""
    value, instrument = document, ""
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
        instrument = value.get("instrument", instrument) if isinstance(value, dict) else instrument
    told = path.removeprefix("policies.")
    told += "" if isinstance(value, dict) or value is None else f": {_written(value)}"
    return f"`{told}`" + (f" ({instrument})" if instrument else "")


def _written(value: Any) -> str:
    return value_text(tuple(value) if isinstance(value, list) else value)


def _of_section(section: str) -> str:
    """A table of the model's parameters of one section."""
    rows = [_parameter(parameter, f"parameter.{parameter.name}") for parameter in SECTIONS[section]]
    return _parameter_table(rows)


def _of_instrument(name: str) -> str:
    """A table of the parameters of one instrument."""
    found = instruments.parameters(name).values()
    rows = [_parameter(parameter, f"parameter.{name}.{parameter.name}") for parameter in found]
    return _parameter_table(rows)


def _named(name: str, unit: str) -> tuple[str, str]:
    return text(f"measure.{name}.title"), text(f"measure_unit.{unit}")


def _with_definitions(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    return [[*row, text(f"measure.{row[0].strip('`')}.definition")] for row in rows]


def _parameter(parameter: Parameter, key: str) -> list[str]:
    span = span_text(parameter) or "-"
    unit = unit_text(parameter) or "-"
    return [
        f"`{parameter.name}`",
        value_text(parameter.default),
        span,
        unit,
        parameter.source,
        text(key),
    ]


def _parameter_table(rows: list[list[str]]) -> str:
    names = ("name", "default", "range", "unit", "source", "meaning")
    return table([text(f"docs.{name}") for name in names], rows)


_FILLINGS: dict[str, Callable[[str], str]] = {
    "states": _states,
    "state": _state_row,
    "parameter": _parameter_row,
    "constant": _constant_row,
    "parameters": _of_section,
    "instrument": _of_instrument,
}


def main() -> None:
    for file, content in pages().items():
        target = DOCS / file
        target.parent.mkdir(exist_ok=True)
        target.write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
