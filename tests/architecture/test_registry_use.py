"""Every parameter that the code reads is registered, and every registered one is read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from imports import PACKAGE, package_sources

from clustersim import instruments
from clustersim.measures import MEASURES
from clustersim.spec.levers import Prices
from clustersim.spec.parameters import MODEL_PARAMETERS, Values

ROOMS = ("spec", "mechanisms", "instruments", "measures", "population", "engines", "execution", "analysis")
HOLDERS = {"parameters", "values", "prices", "p"}  # what parameter values are called
OTHERS = {*vars(Values), *Prices.__dataclass_fields__}

SOURCES = package_sources()


def reads(text: str, holders: set[str]) -> Iterator[str]:
    """Attributes read from names or attributes that are called like one of the holders."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            holder = ast.unparse(node.value).split(".")[-1]
            if holder in holders:
                yield node.attr


def of_rooms(rooms: tuple[str, ...]) -> dict[str, str]:
    return {name: text for name, text in SOURCES.items() if f"{name}..".split(".")[1] in rooms}


def unknown(sources: dict[str, str]) -> list[str]:
    """Reads of values that no registry knows; an instrument's `values` are its own."""
    said = []
    for module, text in sources.items():
        model = {*MODEL_PARAMETERS, *OTHERS}
        own = {*parameters_of_values(module), *OTHERS}
        said += [f"{module}: {name}" for name in reads(text, HOLDERS - {"values"}) if name not in model]
        said += [f"{module}: {name}" for name in reads(text, {"values"}) if name not in own]
    return said


def parameters_of_values(module: str) -> set[str]:
    """What `values` may hold: an instrument's own parameters; elsewhere those of the model."""
    if module.startswith(f"{PACKAGE}.instruments."):
        return set(instruments.parameters(module.rsplit(".", maxsplit=1)[-1]))
    # The engines ask attraction how many reserve rows it may need.
    further = set(instruments.parameters("attraction")) if module == f"{PACKAGE}.engines.arms" else set()
    return set(MODEL_PARAMETERS) | further


SIMULATING = of_rooms(("mechanisms", "engines", "population", "instruments"))


def test_every_value_that_is_read_is_registered() -> None:
    assert unknown(SIMULATING) == []


def test_every_model_parameter_is_read() -> None:
    read = {name for text in of_rooms(ROOMS).values() for name in reads(text, HOLDERS)}
    margins = {measure.margin for measure in MEASURES.values()}
    assert set(MODEL_PARAMETERS) - read - margins == set()


@pytest.mark.parametrize("instrument", instruments.names())
def test_every_parameter_of_an_instrument_is_read(instrument: str) -> None:
    text = SOURCES[f"{PACKAGE}.instruments.{instrument}"]
    assert set(instruments.parameters(instrument)) - set(reads(text, {"values"})) == set()


def test_a_misspelt_parameter_is_found() -> None:
    text = "def f(world, use):\n    return world.parameters.frictoin, use.values.interval"
    assert unknown({f"{PACKAGE}.mechanisms.made_up": text}) == [
        f"{PACKAGE}.mechanisms.made_up: frictoin",
        f"{PACKAGE}.mechanisms.made_up: interval",
    ]
    assert unknown({f"{PACKAGE}.instruments.forum": text}) == [f"{PACKAGE}.instruments.forum: frictoin"]


def test_the_sources_are_those_that_run() -> None:
    assert Path(instruments.__file__).read_text(encoding="utf-8") == SOURCES[f"{PACKAGE}.instruments"]
