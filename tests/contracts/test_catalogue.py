"""Every name of the registries has its words in both languages."""

import re
from string import Formatter

import pytest

from clustersim import instruments, messages
from clustersim.analysis.profile import Profile
from clustersim.scenario.events import EVENTS
from clustersim.scenario.model import (
    INSTITUTION_KINDS,
    OWNER_KINDS,
    SERVICES,
    SIZE_CLASSES,
)
from clustersim.spec.parameters import MODEL_PARAMETERS, SECTIONS, Parameter
from clustersim.spec.state import CHANNELS
from clustersim.spec.timing import Clock

INSTRUMENT_PARAMETERS = [
    (name, parameter) for name in instruments.names() for parameter in instruments.parameters(name).values()
]
PARAMETERS: list[Parameter] = [
    *MODEL_PARAMETERS.values(),
    *(parameter for _, parameter in INSTRUMENT_PARAMETERS),
]
PROFILED = Profile.of(Clock()).seconds
KEYS = sorted(
    {f"parameter.{name}" for name in MODEL_PARAMETERS}
    | {f"parameter.{instrument}.{parameter.name}" for instrument, parameter in INSTRUMENT_PARAMETERS}
    | {f"unit.{parameter.unit}" for parameter in PARAMETERS}
    | {f"status.{parameter.status}" for parameter in PARAMETERS}
    | {f"section.{name}" for name in SECTIONS}
    | {f"instrument.{name}.{part}" for name in instruments.names() for part in ("title", "purpose")}
    | {f"service.{name}" for name in SERVICES}
    | {f"institution.{name}" for name in INSTITUTION_KINDS}
    | {f"size_class.{name}" for name in SIZE_CLASSES}
    | {f"owner.{name}" for name in OWNER_KINDS}
    | {f"channel.{name}" for name in CHANNELS}
    | {f"event.{name}" for name in EVENTS}
    | {f"profile.stage.{stage}" for stage, _ in PROFILED}
    | {f"profile.step.{step}" for _, step in PROFILED}
)


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", KEYS)
def test_a_registered_name_has_its_words(key: str) -> None:
    assert messages.has(key)


def test_every_entry_has_both_languages_with_the_same_gaps() -> None:
    wrong = {
        key: entry
        for key, entry in messages.catalogue().items()
        if set(entry) != set(messages.LANGUAGES) or gaps(entry["en"]) != gaps(entry["zh"])
    }
    assert not wrong


def test_no_text_is_left_in_english() -> None:
    parts = ("parameter.", "instrument.", "unit.", "section.", "schema.", "scenario.", "describe.")
    left = [
        key
        for key, entry in messages.catalogue().items()
        if key.startswith(parts)
        and re.search("[A-Za-z]", re.sub("{.*?}", "", entry["en"]))
        and not re.search("[\u4e00-\u9fff]", entry["zh"])
    ]
    assert not left
