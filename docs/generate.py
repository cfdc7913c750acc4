"""Writes the pages of docs/ that come from the registries: parameters, instruments, policies and measures.

    python docs/generate.py

A test compares the pages with what this script would write.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

from clustersim import instruments, measures
from clustersim.cli.listing import span_text, unit_text
from clustersim.measures.cost import RATIOS
from clustersim.messages import LANGUAGES, text
from clustersim.scenario import preset_names
from clustersim.scenario.phrases import value_text
from clustersim.spec.parameters import SECTIONS, Parameter

DOCS = Path(__file__).parent
READS = ("window", "firms", "spells", "shock")


def pages() -> dict[Path, str]:
    """File below docs/ -> its content. English stands in docs/ itself, Chinese in docs/zh/."""
    makers = {
        "parameters": parameters,
        "instruments": all_instruments,
        "policies": presets,
        "measures": all_measures,
    }
    return {
        Path(*(() if language == "en" else (language,)), f"{name}.md"): maker(language)
        for language in LANGUAGES
        for name, maker in makers.items()
    }


def parameters(language: str) -> str:
    """The model's parameters, a table for each section."""
    parts = [f"# {text('docs.parameters', language)}", text("docs.parameters_intro", language)]
    for section, found in SECTIONS.items():
        rows = [_parameter(parameter, f"parameter.{parameter.name}", language) for parameter in found]
        parts += [f"## {text(f'section.{section}', language)}", _parameter_table(rows, language)]
    return _page(parts)


def all_instruments(language: str) -> str:
    """The instruments, what they do and their parameters."""
    parts = [f"# {text('docs.instruments', language)}", text("docs.instruments_intro", language)]
    for name in instruments.names():
        found = instruments.parameters(name).values()
        rows = [_parameter(parameter, f"parameter.{name}.{parameter.name}", language) for parameter in found]
        parts += [
            f"## {text(f'instrument.{name}.title', language)} (`{name}`)",
            text(f"instrument.{name}.purpose", language),
            _parameter_table(rows, language),
        ]
    return _page(parts)


def presets(language: str) -> str:
    """The policies that ship with the package, as they are written."""
    parts = [f"# {text('docs.policies', language)}", text("docs.policies_intro", language)]
    for name in preset_names():
        written = resources.files("clustersim").joinpath(f"policies/{name}.yaml").read_text(encoding="utf-8")
        title = f"## {text(f'arm.{name}', language)} (`{name}`)"
        parts += [title, text(f"preset.{name}", language), f"```yaml\n{written.rstrip()}\n```"]
    return _page(parts)


def all_measures(language: str) -> str:
    """The measures by what they are computed from: title, unit, how an effect is told, definition."""
    parts = [f"# {text('docs.measures', language)}", text("docs.measures_intro", language)]
    header = [text(f"docs.{name}", language) for name in ("name", "title", "unit", "effect", "definition")]
    for reads in READS:
        rows = [
            (f"`{one.name}`", *_named(one.name, one.unit, language), text(f"docs.kind.{one.kind}", language))
            for one in measures.read_from(reads)
        ]
        parts += [f"## {text(f'docs.reads.{reads}', language)}", _table(header, _with_definitions(rows, language))]
    rows = [(f"`{one.name}`", *_named(one.name, one.unit, language), "-") for one in RATIOS]
    parts += [f"## {text('docs.reads.ratios', language)}", _table(header, _with_definitions(rows, language))]
    return _page(parts)


def _named(name: str, unit: str, language: str) -> tuple[str, str]:
    return text(f"measure.{name}.title", language), text(f"measure_unit.{unit}", language)


def _with_definitions(rows: Iterable[Sequence[str]], language: str) -> list[list[str]]:
    return [[*row, text(f"measure.{row[0].strip('`')}.definition", language)] for row in rows]


def _parameter(parameter: Parameter, key: str, language: str) -> list[str]:
    span = span_text(parameter, language) or "-"
    unit = unit_text(parameter, language) or "-"
    return [
        f"`{parameter.name}`",
        value_text(parameter.default),
        span,
        unit,
        parameter.source,
        text(key, language),
    ]


def _parameter_table(rows: list[list[str]], language: str) -> str:
    names = ("name", "default", "range", "unit", "source", "meaning")
    return _table([text(f"docs.{name}", language) for name in names], rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def _page(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"


def main() -> None:
    for file, content in pages().items():
        target = DOCS / file
        target.parent.mkdir(exist_ok=True)
        target.write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
