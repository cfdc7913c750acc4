"""The JSON schema that editors use agrees with the reader, and the sources that the registries name exist."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from clustersim import instruments, scenario
from clustersim.scenario.facts import source_names, source_of
from clustersim.scenario.presets import preset, preset_sources
from clustersim.scenario.reading import load_plain
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter

EXAMPLE = Path(__file__).parents[2] / "scenarios" / "xinqiao.yaml"
PARAMETERS: list[Parameter] = [
    *MODEL_PARAMETERS.values(),
    *(parameter for name in instruments.names() for parameter in instruments.parameters(name).values()),
]
VALID: list[dict[str, Any]] = [
    {},
    {"events": None, "parameters": None, "title": None},
    {"budget": "equal", "precision": {"pairing": 1}},
    {"budget": 12.5, "seeds": 1},
    {"budget": "both"},
    {"policies": {"mine": None, "no_alliance": {}, "cluster_committee": {"groups": None}}},
    {"policies": {"mine": {"survey": {"instrument": "matchmaking", "who": {"site": "A", "tier": [0, 1]}}}}},
    {"policies": {"cluster_committee": {"annual_meeting": {"introductions": 3}, "without": ["groups"]}}},
    {"events": [{"event": "supply", "month": 1, "months": 2, "availability": 0.5}]},
]
INVALID: list[dict[str, Any]] = [
    {"schema": 2},
    {"seed": 1},
    {"seeds": 0},
    {"seeds": "10"},
    {"budget": "equl"},
    {"parameters": {"frictoin": 0.1}},
    {"parameters": {"friction": 0.96}},
    {"parameters": {"slots_maximum": 2.5}},
    {"policies": {}},
    {"policies": {"mine": {"preset": "chain_leaders"}}},
    {"policies": {"mine": {"survey": {"introductions": 3}}}},
    {"policies": {"mine": {"groups": {"introductions": 3}}}},
    {"policies": {"mine": {"groups": {"instrument": "forum"}}}},
    {"policies": {"mine": {"matchmaking": {"resources": ["goods", "goods"]}}}},
    {"policies": {"mine": {"matchmaking": {"scope": "town"}}}},
    {"events": [{"event": "supply", "month": 1, "months": 2, "factor": 0.5}]},
    {"events": [{"event": "capacity", "month": 1, "months": 2, "loss": 1.1}]},
    {"population": {"sites": {"A": 1.0}, "chains": {"c": {"tiers": 2, "share": 1.0}}}},
]


@pytest.fixture(name="validator", scope="module")
def _validator() -> jsonschema.Draft202012Validator:
    schema = scenario.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def example() -> Any:
    return load_plain(EXAMPLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("changes", VALID)
def test_what_may_be_written_passes(validator: jsonschema.Draft202012Validator, changes: dict[str, Any]) -> None:
    assert not list(validator.iter_errors(example() | changes))


@pytest.mark.parametrize("changes", INVALID)
def test_what_may_not_be_written_does_not_pass(
    validator: jsonschema.Draft202012Validator, changes: dict[str, Any]
) -> None:
    assert list(validator.iter_errors(example() | changes))


@pytest.mark.parametrize("name", scenario.preset_names())
def test_presets_pass(validator: jsonschema.Draft202012Validator, name: str) -> None:
    assert not list(validator.iter_errors(example() | {"policies": {"mine": preset(name)}}))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_key_says_what_it_means(language: str) -> None:
    schema = scenario.json_schema()
    definitions = schema["$defs"] | {"root": schema}
    described = {"preset", "without", "members"}
    for name, definition in definitions.items():
        keys = described if name == "Arm" else definition["properties"]
        for key in keys:
            assert isinstance(_description(definition["properties"][key]), str), f"{name}.{key}"


def _description(content: dict[str, Any]) -> str | None:
    found: list[str | None] = [
        content.get("description"),
        *(part.get("description") for part in content.get("anyOf", [])),
    ]
    return next((text for text in found if text), None)


def test_hard_bounds_and_defaults_are_those_of_the_registry() -> None:
    properties = scenario.json_schema()["$defs"]["Parameters"]["properties"]
    for name, parameter in MODEL_PARAMETERS.items():
        assert properties[name]["default"] == parameter.default
        assert properties[name].get("minimum", -float("inf")) == parameter.hard[0]
        assert properties[name].get("maximum", float("inf")) == parameter.hard[1]


def test_a_label_has_the_same_instrument_in_all_presets() -> None:
    found: dict[str, str] = {}
    for name in scenario.preset_names():
        for label, entry in preset(name).items():
            if isinstance(entry, dict):
                assert found.setdefault(label, entry.get("instrument", label)) == entry.get("instrument", label)
    assert set(found.values()) <= set(instruments.names())


def test_sources_of_registries_and_presets_exist() -> None:
    named = [
        source
        for parameter in PARAMETERS
        if parameter.status in ("evidence", "literature")
        for source in parameter.source.split(": ", maxsplit=1)[1].split(", ")
    ]
    named += [source for name in scenario.preset_names() for source in preset_sources(name).values()]
    assert named
    assert set(named) <= source_names()


@pytest.mark.parametrize("name", ["size", "interval", "duration"])
def test_the_design_of_the_trial_covers_the_defaults_of_groups_only(name: str) -> None:
    parameter = instruments.parameters("groups")[name]
    assert source_of(parameter, parameter.default) == "choice: design of cai_szeidl_2018"
    assert source_of(parameter, parameter.default + 1) == "assumption"


def test_the_example_names_a_source_for_each_number_of_its_population() -> None:
    found = scenario.load(EXAMPLE)
    assert scenario.warnings(found) == []
    assert {"population.firms", "population.institutions.department"} <= set(found.sources)
    assert found.population.firms == 28
    assert [policy.name for policy in found.policies] == ["no_alliance", "cluster_committee", "chain_leader", "hybrid"]
