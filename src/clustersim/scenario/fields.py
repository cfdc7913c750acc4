"""The pieces of the schema: a strict base, names, shares, and values that may be one or many."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from clustersim.scenario.names import unusable

SHARES_TOLERANCE = 1e-6

# The tags of a union stand in the place of an error beside the keys; `faults.py` takes them out again.
ONE, MANY, MAPPING, WORD, NUMBER = "<one>", "<many>", "<mapping>", "<word>", "<number>"


class Strict(BaseModel):
    """Base: strict types, no unknown keys, no infinity."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def _usable_name(name: str) -> str:
    if reason := unusable(name):
        raise PydanticCustomError(f"name.{reason}", "unusable name")
    return name


def shares_add_up(shares: Mapping[str, float]) -> Mapping[str, float]:
    total = math.fsum(shares.values())
    if abs(total - 1.0) > SHARES_TOLERANCE:
        raise PydanticCustomError("shares", "shares", {"total": f"{total:g}"})
    return shares


def _distinct(items: list[Any]) -> list[Any]:
    if repeated := [item for index, item in enumerate(items) if item in items[:index]]:
        raise PydanticCustomError("repeated", "repeated", {"repeated": str(repeated[0])})
    return items


def _two(items: list[Any]) -> list[Any]:
    if len(items) != 2:
        raise PydanticCustomError("two", "two values")
    return items


def _kind_of_value(value: Any) -> str:
    return MANY if isinstance(value, list) else ONE


def list_or_mapping(value: Any) -> str:
    return MANY if isinstance(value, list) else MAPPING


def word_or_number(value: Any) -> str:
    return WORD if isinstance(value, str) else NUMBER


def number_or_list(value: Any) -> str:
    return MANY if isinstance(value, list) else NUMBER


def number_or_mapping(value: Any) -> str:
    return NUMBER if isinstance(value, (int, float, str, list)) else MAPPING


Name = Annotated[str, AfterValidator(_usable_name)]
Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Month = Annotated[int, Field(ge=1, le=2400)]
Tier = Annotated[int, Field(ge=0, le=99)]
Distinct = AfterValidator(_distinct)
Two = AfterValidator(_two)
Several = Field(min_length=1, json_schema_extra={"uniqueItems": True})
SiteShares = Annotated[dict[Name, Share], Field(min_length=1), AfterValidator(shares_add_up)]
SiteNames = Annotated[list[Name], Several, Distinct]
Sites = Annotated[Annotated[SiteShares, Tag(MAPPING)] | Annotated[SiteNames, Tag(MANY)], Discriminator(list_or_mapping)]


def one_or_many(item: Any) -> Any:
    many = Annotated[list[item], Several, Distinct]
    return Annotated[Annotated[item, Tag(ONE)] | Annotated[many, Tag(MANY)], Discriminator(_kind_of_value)]


def empty_as(neutral: Any) -> BeforeValidator:
    """A key with nothing behind it counts as empty."""
    return BeforeValidator(lambda value: neutral if value is None else value)
