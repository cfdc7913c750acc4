"""What may be written in a study file; names that refer to the scenario are checked in `reading`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from clustersim.scenario.fields import MANY, MAPPING, WORD, Distinct, Name, Several, Strict, Text, Two, empty_as
from clustersim.scenario.limits import MOST_SEEDS
from clustersim.scenario.schema import Title

MOST_POINTS = 10**6
MOST_STEPS = 10**4

Count = Annotated[int, Field(ge=1, le=MOST_POINTS)]
Steps = Annotated[int, Field(ge=2, le=MOST_STEPS)]


class Span(Strict):
    """A range, or the only values, of a parameter; nothing: the registry's plausible range."""

    low: float | None = None
    high: float | None = None
    values: Annotated[list[Any], Several, Distinct] | None = None
    steps: Steps | None = None
    first: float | None = None
    hold: bool = False


def _span_kind(value: Any) -> str:
    return MANY if isinstance(value, list) else MAPPING


def _range_or_span(value: Any) -> Any:
    if value is None or isinstance(value, (list, dict, Span)):
        return value
    raise PydanticCustomError("study.no_span", "no range")


Ends = Annotated[list[float], Two]
Range = Annotated[
    Annotated[Ends, Tag(MANY)] | Annotated[Annotated[Span, empty_as({})], Tag(MAPPING)],
    Discriminator(_span_kind),
    BeforeValidator(_range_or_span),
]


def _parameters_kind(value: Any) -> str:
    return WORD if isinstance(value, str) else MAPPING


Parameters = Annotated[
    Annotated[Literal["assumptions"], Tag(WORD)]
    | Annotated[Annotated[dict[str, Range], Field(min_length=1)], Tag(MAPPING)],
    Discriminator(_parameters_kind),
]


class SweepDesign(Strict):
    method: Literal["grid", "lhs", "sobol"] = "lhs"
    size: Count | None = None
    steps: Steps | None = None


class SensitivityDesign(Strict):
    method: Literal["sobol", "morris", "pawn"] = "sobol"
    size: Count | None = None


class MapDesign(Strict):
    steps: Steps = 11


class CalibrateDesign(Strict):
    method: Literal["lhs", "sobol"] = "lhs"
    size: Count = 400


class Target(Strict):
    observed: int = Field(ge=0)
    name: Text | None = None
    value: float | None = None
    error: float | None = Field(default=None, gt=0)
    tolerance: float | None = Field(default=None, gt=0)


class Study(Strict):
    """What all study files share."""

    schema_: Literal[1] = Field(alias="schema")
    study: Literal["sweep", "sensitivity", "map", "calibrate"]
    name: Name
    title: Annotated[Title, empty_as({})] = Field(default_factory=Title)
    scenario: Text
    changes: Annotated[dict[str, Any], empty_as({})] = Field(default_factory=dict)
    parameters: Parameters | None = None
    seeds: int = Field(default=20, ge=1, le=MOST_SEEDS)
    arms: Annotated[list[Text], Several, Distinct] | None = None
    outcomes: Annotated[list[Text], Several, Distinct] | None = None


class Sweep(Study):
    design: Annotated[SweepDesign, empty_as({})] = Field(default_factory=SweepDesign)


class Sensitivity(Study):
    design: Annotated[SensitivityDesign, empty_as({})] = Field(default_factory=SensitivityDesign)


class Map(Study):
    design: Annotated[MapDesign, empty_as({})] = Field(default_factory=MapDesign)


class Calibrate(Study):
    design: Annotated[CalibrateDesign, empty_as({})] = Field(default_factory=CalibrateDesign)
    targets: Annotated[list[Target], Several]
    digits: int = Field(default=2, ge=1, le=12)
    check_seeds: int = Field(default=40, ge=2, le=MOST_SEEDS)
    draws: int = Field(default=64, ge=2, le=MOST_POINTS)


MODELS: dict[str, type[Study]] = {"sweep": Sweep, "sensitivity": Sensitivity, "map": Map, "calibrate": Calibrate}
DEFAULT_SIZE = {"lhs": 256, "sobol": 256, "morris": 20, "pawn": 512}
