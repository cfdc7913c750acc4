"""`clustersim list`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from clustersim import instruments, measures, scenario
from clustersim.cli.starting import shipped_scenarios
from clustersim.messages import text
from clustersim.spec.parameters import SECTIONS, Parameter


def print_catalogue(catalogue: str, language: str) -> None:
    """One of the catalogues, generated from the registries."""
    header, rows = _CATALOGUES[catalogue](language)
    table = Table(box=box.SIMPLE_HEAD)
    for name in header:
        table.add_column(text(f"cli.list.{name}", language), overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


type Catalogue = tuple[Sequence[str], Iterable[Sequence[str]]]


def _scenarios(language: str) -> Catalogue:
    files = shipped_scenarios()
    return ("name", "title"), [(name, scenario.load(file).title[language]) for name, file in files.items()]


def _policies(language: str) -> Catalogue:
    return ("name", "meaning"), [(name, text(f"preset.{name}", language)) for name in scenario.preset_names()]


def _instruments(language: str) -> Catalogue:
    return ("name", "title", "meaning"), [
        (name, text(f"instrument.{name}.title", language), text(f"instrument.{name}.purpose", language))
        for name in instruments.names()
    ]


def _parameters(language: str) -> Catalogue:
    rows = [
        _parameter_row(parameter.name, f"parameter.{parameter.name}", parameter, language)
        for section in SECTIONS.values()
        for parameter in section
    ]
    for instrument in instruments.names():
        for name, parameter in instruments.parameters(instrument).items():
            rows.append(_parameter_row(f"{instrument}.{name}", f"parameter.{instrument}.{name}", parameter, language))
    return ("name", "default", "range", "unit", "source", "meaning"), rows


def _parameter_row(name: str, key: str, parameter: Parameter, language: str) -> Sequence[str]:
    default = ", ".join(parameter.default) if isinstance(parameter.default, tuple) else f"{parameter.default}"
    if isinstance(parameter.default, float):
        default = f"{parameter.default:g}"
    span = ", ".join(parameter.choices)
    if parameter.plausible is not None:
        span = " – ".join(f"{bound:g}" for bound in parameter.plausible)
    return name, default, span, text(f"unit.{parameter.unit}", language), parameter.source, text(key, language)


def _measures(language: str) -> Catalogue:
    return ("name", "title", "meaning"), [
        (name, text(f"measure.{name}.title", language), text(f"measure.{name}.definition", language))
        for name in measures.MEASURES
    ]


def _evidence(language: str) -> Catalogue:  # noqa: ARG001  (the facts are told in the language of the collection)
    return ("name", "kind", "value", "unit", "source", "meaning"), [
        (fact.id, fact.kind, str(fact.value or ""), fact.unit or "", fact.source, fact.note or "")
        for fact in scenario.evidence()
    ]


def _literature(language: str) -> Catalogue:  # noqa: ARG001
    return ("name", "status", "reference", "meaning"), [
        (entry.id, entry.status, entry.ref, entry.finding) for entry in scenario.literature()
    ]


_CATALOGUES = {
    "scenarios": _scenarios,
    "policies": _policies,
    "instruments": _instruments,
    "parameters": _parameters,
    "measures": _measures,
    "evidence": _evidence,
    "literature": _literature,
}
