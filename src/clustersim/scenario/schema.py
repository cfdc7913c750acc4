"""What may be written in a scenario: strict pydantic models; those of parameters come from the registry.

Strict: text is no number and true is not 1. A model describes one mapping of the YAML file; names that refer to
other parts of the file (sites, chains, labels, firms, sources) are checked in `resolve.py` and `arms.py`. What a key
means stands in the message catalogue under `schema.<model>.<key>`, or `schema.any.<key>` where it is the same in all.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, create_model

from clustersim import instruments
from clustersim.scenario.fields import (
    MANY,
    MAPPING,
    NUMBER,
    WORD,
    Distinct,
    Month,
    Name,
    Several,
    Share,
    Sites,
    Strict,
    Text,
    Tier,
    Two,
    empty_as,
    list_or_mapping,
    number_or_list,
    number_or_mapping,
    one_or_many,
    shares_add_up,
    word_or_number,
)
from clustersim.scenario.limits import MOST_FIRMS, MOST_SEEDS
from clustersim.scenario.model import INSTITUTION_KINDS, OWNER_KINDS, SIZE_CLASSES
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter
from clustersim.spec.state import CHANNELS

MADE_BY = tuple(name for name in CHANNELS if name != "roster")  # a roster's pairs are there before month 1

InstitutionKind = Literal[INSTITUTION_KINDS]  # type: ignore[valid-type]
SizeClass = Literal[SIZE_CLASSES]  # type: ignore[valid-type]
Owner = Literal[OWNER_KINDS]  # type: ignore[valid-type]
Span = Annotated[list[Month], Two]
NumberOrBand = Annotated[
    Annotated[float, Tag(NUMBER)] | Annotated[Annotated[list[float], Two], Tag(MANY)],
    Discriminator(number_or_list),
]


class Title(Strict):
    en: Text | None = None
    zh: Text | None = None


class Time(Strict):
    # Headline measures use the last 12 months of the horizon.
    burn_in: int = Field(default=120, ge=0, le=2400)
    horizon: int = Field(default=60, ge=12, le=2400)


class Chain(Strict):
    tiers: int = Field(ge=1, le=100)
    share: Share | None = None
    site: Text | None = None
    trend: float | None = Field(default=None, ge=-0.1, le=0.1)


class Places(Strict):
    technology: int | None = Field(default=None, ge=0, le=10**6)
    talent: int | None = Field(default=None, ge=0, le=10**6)
    finance: int | None = Field(default=None, ge=0, le=10**6)
    permit: int | None = Field(default=None, ge=0, le=10**6)


class Institution(Strict):
    name: Text
    kind: InstitutionKind
    site: Text | None = None
    places: Places | None = None


class InstitutionCounts(Strict):
    vocational_school: int = Field(default=0, ge=0, le=10**5)
    university: int = Field(default=0, ge=0, le=10**5)
    department: int = Field(default=0, ge=0, le=10**5)
    bank: int = Field(default=0, ge=0, le=10**5)
    fund: int = Field(default=0, ge=0, le=10**5)


def _chain_shares_add_up(chains: dict[str, Chain]) -> dict[str, Chain]:
    shares = {name: chain.share for name, chain in chains.items() if chain.share is not None}
    if len(shares) == len(chains):
        shares_add_up(shares)
    return chains


class Population(Strict):
    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["firms"]}, {"required": ["roster"]}]})

    firms: int | None = Field(default=None, ge=2, le=MOST_FIRMS)
    roster: Text | None = None
    links: Text | None = None
    fixed: bool = False
    sites: Sites
    chains: Annotated[dict[Name, Chain], Field(min_length=1), AfterValidator(_chain_shares_add_up)]
    institutions: Annotated[
        Annotated[InstitutionCounts, Tag(MAPPING)] | Annotated[list[Institution], Tag(MANY)],
        Discriminator(list_or_mapping),
        empty_as({}),
    ] = Field(default_factory=InstitutionCounts)


class Who(Strict):
    site: one_or_many(Text) = None  # type: ignore[valid-type]
    chain: one_or_many(Text) = None  # type: ignore[valid-type]
    tier: one_or_many(Tier) = None  # type: ignore[valid-type]
    size_class: one_or_many(SizeClass) = None  # type: ignore[valid-type]
    owner: one_or_many(Owner) = None  # type: ignore[valid-type]
    anchor: bool | None = None
    firms: Annotated[list[Text], Several, Distinct] | None = None
    share: Share = 1.0
    drawn: Name | None = None


class Total(Strict):
    """A dose of all firms together, in place of a number per 100 firms."""

    total: float = Field(ge=0, le=1e9)


class Entry(Strict):
    """An instrument in a policy, without its own parameters."""

    instrument: Text | None = None
    start: Month = 1
    end: Month | None = None
    who: Annotated[Who, empty_as({})] = Field(default_factory=Who)


class ArmWords(Strict):
    """The reserved words of an arm."""

    preset: Text | None = None
    without: Annotated[list[Text], Distinct] = Field(default_factory=list)
    members: Literal["all", "organised"] | None = None


class Observed(Strict):
    """A reported fact or a published finding, and the model quantity it is compared with; see `observed.py`."""

    fact: Text
    value: NumberOrBand = None  # type: ignore[assignment]
    at_least: bool = False
    observable: Text | None = None
    arm: Text | None = None
    months: Span | None = None
    channel: Literal[MADE_BY] | None = None  # type: ignore[valid-type]
    site: Text | None = None
    chain: Text | None = None
    label: Text | None = None
    firms: Literal["hit", "customers", "others"] | None = None
    buyers: Literal["anchors"] | None = None
    note: Title | None = None
    not_comparable: Title | None = None


class Precision(Strict):
    pairing: float = Field(default=0.5, gt=0, le=100)
    output: float = Field(default=0.25, gt=0, le=100)
    cap: int = Field(default=10_000, ge=2, le=MOST_SEEDS)


def parameter_type(parameter: Parameter) -> Any:
    """The type of a registry parameter, with its hard bounds or its words."""
    match parameter.kind:
        case "number" | "integer":
            kind = float if parameter.kind == "number" else int
            number: Any = Annotated[kind, Field(**_bounds(parameter))]
            if not parameter.counted:
                return number
            return Annotated[
                Annotated[number, Tag(NUMBER)] | Annotated[Total, Tag(MAPPING)], Discriminator(number_or_mapping)
            ]
        case "flag":
            return bool
        case "choice":
            return Literal[parameter.choices]
        case "choices":
            return Annotated[list[Literal[parameter.choices]], Several, Distinct]  # type: ignore[name-defined]
        case "site" | "chain":
            return str


def _bounds(parameter: Parameter) -> dict[str, Any]:
    cast = int if parameter.kind == "integer" else float
    low, high = parameter.hard
    return {name: cast(bound) for name, bound in (("ge", low), ("le", high)) if math.isfinite(bound)}


def _model(name: str, base: type[Strict], parameters: Mapping[str, Parameter]) -> type[Strict]:
    fields: dict[str, Any] = {
        parameter.name: (parameter_type(parameter), Field(_plain(parameter.default)))
        for parameter in parameters.values()
    }
    return create_model(name, __base__=base, **fields)


def _plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


Parameters = _model("Parameters", Strict, MODEL_PARAMETERS)


@functools.cache
def entry_model(instrument: str) -> type[Strict]:
    """The model of an instrument's entry in a policy: its parameters, and when and whom it reaches."""
    return _model(instrument, Entry, instruments.parameters(instrument))


class Scenario(Strict):
    """The whole file. Events and policies are checked one by one by the models above."""

    schema_: Literal[1] = Field(alias="schema")
    name: Name
    title: Annotated[Title, empty_as({})] = Field(default_factory=Title)
    description: Annotated[Title, empty_as({})] = Field(default_factory=Title)
    time: Annotated[Time, empty_as({})] = Field(default_factory=Time)
    population: Population
    policies: dict[Name, Any] = Field(min_length=1)
    parameters: Annotated[Parameters, empty_as({})] = Field(default_factory=Parameters)  # type: ignore[valid-type]
    events: Annotated[list[Any], empty_as([])] = Field(default_factory=list)
    budget: Annotated[
        Annotated[Literal["own", "equal", "both"], Tag(WORD)]
        | Annotated[Annotated[float, Field(gt=0, le=1e12)], Tag(NUMBER)],
        Discriminator(word_or_number),
    ] = "own"
    seeds: int = Field(default=100, ge=1, le=MOST_SEEDS)
    precision: Precision | None = None
    sources: Annotated[dict[str, str], empty_as({})] = Field(default_factory=dict)
    observed: Annotated[list[Observed], empty_as([])] = Field(default_factory=list)
