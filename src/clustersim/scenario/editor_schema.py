"""The JSON schema of a scenario file, from the models and the registries, with what each key means."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from clustersim import instruments, messages
from clustersim.scenario import schema
from clustersim.scenario.events import EVENTS
from clustersim.scenario.presets import preset, preset_names

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/$defs/{model}"


def json_schema() -> dict[str, Any]:
    """The schema as plain data. Wherever a mapping or list may stand, so may nothing."""
    entries = {name: schema.entry_model(name) for name in instruments.names()}
    models: list[type[BaseModel]] = [
        schema.Scenario,
        schema.ArmWords,
        *EVENTS.values(),
        *entries.values(),
    ]
    _, content = models_json_schema([(model, "validation") for model in models], by_alias=True, ref_template=REFERENCE)
    definitions: dict[str, Any] = content["$defs"]
    for name, definition in definitions.items():
        _describe(name, definition)
    definitions["Arm"] = _arm(definitions.pop("ArmWords"))
    root = definitions.pop("Scenario")
    root["properties"]["policies"]["additionalProperties"] = _or_nothing(_reference("Arm"))
    root["properties"]["events"]["items"] = {"oneOf": [_reference(event.__name__) for event in EVENTS.values()]}
    for name in ("title", "description", "time", "parameters", "events", "sources"):
        root["properties"][name] = _or_nothing(root["properties"][name])
    return {"$schema": DIALECT, **root, "$defs": definitions}


def _describe(model: str, definition: dict[str, Any]) -> None:
    """Puts what each key means beside it."""
    properties = definition["properties"]
    for name, content in properties.items():
        key = f"parameter.{name}" if model == "Parameters" else f"parameter.{model}.{name}"
        candidates = (key, f"schema.{model}.{name}", f"schema.any.{name}")
        content["description"] = messages.text(next(filter(messages.has, candidates)))
        content.pop("title", None)
    for ours in ("title", "description"):  # the model's name and docstring
        definition.pop(ours, None)
    if model in instruments.names():
        definition["description"] = messages.text(f"instrument.{model}.purpose")
        properties["instrument"] = {"const": model, "description": properties["instrument"]["description"]}


def _arm(words: dict[str, Any]) -> dict[str, Any]:
    """An arm: reserved words, labels that are an instrument's name or a preset's, and labels of its own."""
    words["properties"]["preset"] = {**words["properties"]["preset"], "enum": list(preset_names())}
    words["properties"]["preset"].pop("anyOf", None)
    known = {name: name for name in instruments.names()} | {
        label: entry["instrument"]
        for name in preset_names()
        for label, entry in preset(name).items()
        if isinstance(entry, dict) and "instrument" in entry
    }
    named = [_with_instrument(instrument) for instrument in instruments.names()]
    for label, instrument in known.items():
        others = named if label not in instruments.names() else []
        words["properties"][label] = {"anyOf": [_reference(instrument), {"type": "null"}, *others]}
    words["additionalProperties"] = {"anyOf": named}
    return words


def _with_instrument(instrument: str) -> dict[str, Any]:
    named = {"properties": {"instrument": {"const": instrument}}, "required": ["instrument"]}
    return {"allOf": [_reference(instrument), named]}


def _reference(model: str) -> dict[str, Any]:
    return {"$ref": REFERENCE.format(model=model)}


def _or_nothing(content: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [content, {"type": "null"}]}
