"""Pieces of sentences about a scenario, in the language of the moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clustersim import messages
from clustersim.scenario.document import number_text
from clustersim.scenario.facts import source_of
from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import Parameter, Values


@dataclass(frozen=True)
class Phrases:
    scenario: Scenario

    def text(self, key: str, **fields: Any) -> str:
        """A sentence below `describe`."""
        return messages.text(f"describe.{key}", **fields)

    def word(self, key: str) -> str:
        return messages.text(key)

    def listed(self, items: Sequence[str]) -> str:
        return self.text("separator").join(items)

    def source(self, path: str) -> str:
        """What the number at a path rests on, where its author says so."""
        source = self.scenario.sources.get(path)
        return self.text("source", source=self.source_words(source)) if source else ""

    def source_words(self, source: str) -> str:
        status, _, which = source.partition(": ")
        name = self.word(f"status.{status}")
        return self.text("source_words", status=name, which=which) if which else name

    def sources(self, path: str, values: Values, parameters: Mapping[str, Parameter]) -> dict[str, str]:
        """Name -> source of each value."""
        author = self.scenario.sources
        return {
            name: source_of(parameter, getattr(values, name), author.get(f"{path}.{name}"))
            for name, parameter in parameters.items()
        }

    def off_default(self, path: str, values: Values, parameters: Mapping[str, Parameter]) -> Iterator[tuple[str, str]]:
        """Name and source of each value off its default."""
        for name, source in self.sources(path, values, parameters).items():
            if getattr(values, name) != parameters[name].default:
                yield name, source


def value_text(value: Any) -> str:
    """A parameter's value as YAML would have it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return value if isinstance(value, str) else number_text(value)
