"""The parameter registry: every number of the model once, with unit, default, range and source.

The scenario checks, the documentation's tables and the default ranges of studies are generated from it. What a
parameter means, in Chinese and English, stands in the message catalogue under `parameter.<name>`.

A parameter has a *plausible* range (outside: a warning; the default range in studies) and *hard* bounds (outside: an
error, because the model is not defined there or locks).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

type Scalar = float | int | str | bool
type Kind = Literal["number", "integer", "flag", "choice", "choices", "site", "chain"]
type Role = Literal["dose", "effect"]
type Counted = Literal["", "year", "occasion", "always"]

INFINITY = float("inf")
SHARE = (0.0, 1.0)
NOT_NEGATIVE = (0.0, INFINITY)
POSITIVE = (1e-9, INFINITY)
COUNT = (0, 10**9)

ASSUMPTION = "assumption"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number (or choice) of the model.

    Attributes:
        name: the key in YAML and the attribute in code.
        default: its value where a scenario says nothing.
        unit: key below `unit.` in the message catalogue.
        plausible: range outside of which `check` warns, None where any value within the hard bounds will do.
        hard: bounds outside of which a scenario is refused.
        source: `assumption`, `fitted: <pattern>`, `literature: <id>`, `evidence: <id>` or `choice: <why>`.
        kind: `choices` is a list of distinct choices, `site` and `chain` the name of one of the scenario's or "".
        choices: allowed words of a `choice` or `choices`.
        scaled: whether `budget: equal` scales it (introductions, quotas, added places).
        role: of an instrument's parameter: a `dose` is what a policy decides on, an `effect` what comes of it.
        counted: of a dose per 100 firms, for what it is counted: a year, an occasion (a round), or at all times. Such a
            number may be written as `{total: n}` for all firms of the scope.
    """

    name: str
    default: Any
    unit: str
    plausible: tuple[float, float] | None
    source: str
    hard: tuple[float, float] = SHARE
    kind: Kind = "number"
    choices: tuple[str, ...] = ()
    scaled: bool = False
    role: Role = "dose"
    counted: Counted = ""

    @property
    def status(self) -> str:
        """evidence, literature, fitted, choice or assumption."""
        return self.source.split(":")[0]

    @property
    def is_numeric(self) -> bool:
        return self.kind in ("number", "integer")

    @property
    def is_uncertain(self) -> bool:
        """Whether it is a number with a plausible range, and no choice: such numbers differ between plausible worlds,
        doses of instruments apart. Its prior is PERT over the range, most likely the default."""
        return self.is_numeric and self.plausible is not None and self.status != "choice"


def number(
    name: str,
    default: float,
    unit: str,
    plausible: tuple[float, float] | None,
    source: str = ASSUMPTION,
    hard: tuple[float, float] = SHARE,
    *,
    role: Role = "effect",
) -> Parameter:
    return Parameter(name, default, unit, plausible, source, hard, role=role)


def dose(
    name: str,
    default: float,
    unit: str,
    plausible: tuple[float, float] | None,
    counted: Counted,
    source: str = ASSUMPTION,
    *,
    scaled: bool = False,
) -> Parameter:
    """A number per 100 firms that a policy decides on."""
    return Parameter(name, default, unit, plausible, source, NOT_NEGATIVE, scaled=scaled, counted=counted)


def staff(default: float, highest: float) -> Parameter:
    """The people who work on an instrument, per 100 firms of its scope."""
    return dose("staff", default, "staff_per_100", (0.0, highest), "always")


def integer(
    name: str,
    default: int,
    unit: str,
    plausible: tuple[float, float] | None,
    source: str = ASSUMPTION,
    hard: tuple[float, float] = COUNT,
) -> Parameter:
    return Parameter(name, default, unit, plausible, source, hard, kind="integer")


def choice(name: str, default: str, choices: tuple[str, ...], source: str = ASSUMPTION) -> Parameter:
    return Parameter(name, default, "word", None, source, kind="choice", choices=choices)


def choices(name: str, default: tuple[str, ...], allowed: tuple[str, ...], source: str = ASSUMPTION) -> Parameter:
    return Parameter(name, default, "word", None, source, kind="choices", choices=allowed)


def flag(name: str, default: bool, source: str = ASSUMPTION) -> Parameter:
    return Parameter(name, default, "word", None, source, kind="flag")


class Values:
    """Parameter values by attribute: a number each, or a column where parameter points differ.

    Read-only. A column has the shape (bases, 1), a base being one (point, seed); see `clustersim.engines.batch`.
    """

    def __init__(self, values: Mapping[str, Any]):
        vars(self).update(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no parameter {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("parameter values are read-only")

    def __iter__(self) -> Iterator[str]:
        return iter(vars(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Values) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self)))

    def __reduce__(self) -> tuple[Any, ...]:
        return Values, (self.as_dict(),)

    def as_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def replace(self, **changes: Any) -> Values:
        return Values({**vars(self), **changes})


_LOCAL_MARKETS = "literature: cai_szeidl_2024"
_SUPPLIER_SHOCKS = "literature: barrot_sauvagnat_2016"
_BASELINE = "fitted: baseline patterns"

# Section -> parameters, in the order of the month. The documentation's table follows this order.
SECTIONS: dict[str, tuple[Parameter, ...]] = {
    "population": (
        number("median_capacity", 100.0, "money_month", (20, 1000), "choice: a scale", POSITIVE),
        number("capacity_spread", 1.2, "log_points", (1.0, 2.0), "literature: firm_noise", (0.0, 4.0)),
        number("log_productivity_mean", 0.0, "log_points", None, "choice: a scale", (-5.0, 5.0)),
        number("productivity_spread", 0.3, "log_points", (0.15, 0.45), hard=(0.0, 2.0)),
        number("productivity_size_correlation", 0.2, "correlation", (0.0, 0.5), hard=(-1.0, 1.0)),
        number("purchases", 0.5, "share", (0.3, 0.6), hard=(0.0, 1.0)),
        number("outside_share", 0.8, "share", (0.7, 0.9), "literature: utilisation", (0.01, 0.99)),
        number(
            "outside_share_concentration",
            10.0,
            "number",
            None,
            "choice: Beta(8, 2) about the mean",
            (0.1, 1e6),
        ),
        number("slots_at_median", 2.0, "slots", (1.0, 3.0), _BASELINE, (0.0, 8.0)),
        number("slots_size_elasticity", 0.4, "elasticity", (0.3, 0.6), _BASELINE, (0.0, 2.0)),
        integer("slots_maximum", 6, "slots", (4, 8), _BASELINE, (1, 8)),
        number("cross_chain", 0.3, "share", (0.0, 0.6)),
        number("spread", 1.0, "share", (0.0, 1.0)),
        number("large_share", 0.1, "share", (0.05, 0.2)),
        number("medium_share", 0.3, "share", (0.2, 0.4)),
        number("state_owned", 0.05, "share", (0.0, 0.3)),
        number("foreign_owned", 0.1, "share", (0.0, 0.4)),
        number("organisation_share", 0.5, "share", (0.3, 0.8), "literature: party_organisations"),
        number("organisation_size_gradient", 1.0, "log_odds", (0.0, 2.0), hard=(0.0, 10.0)),
        number("places_share", 0.15, "places_per_firm", (0.05, 0.4), hard=(0.0, 10.0)),
        number("entrant_size", 1.0, "factor", (0.5, 3.0), hard=(0.01, 100.0)),
        number("anchor_technology_places", 1.0, "places", None, "choice: one place", (0.0, 100.0)),
    ),
    "environment": (
        number("demand_persistence", 0.9, "correlation", None, "choice: AR(1)", (0.0, 0.999)),
        number("demand_spread", 0.02, "log_points_month", (0.01, 0.04), hard=(0.0, 1.0)),
        number("demand_trend", 0.0, "log_points_month", (-0.005, 0.01), hard=(-0.1, 0.1)),
        number("noise_persistence", 0.95, "correlation", (0.9, 0.98), "literature: firm_noise", (0.0, 0.98)),
        number("noise_spread", 0.08, "log_points_month", (0.05, 0.12), "literature: firm_noise", (0.0, 1.0)),
        number("friction", 0.05, "share", (0.0, 0.1), hard=(0.0, 0.95)),
    ),
    "needs": (
        number("service_opening", 0.02, "probability_month", (0.0, 0.05)),
        integer("service_patience", 12, "months", (6, 24), hard=(1, 1200)),
        integer("service_duration", 9, "months", (3, 18), hard=(1, 1200)),
        number("service_search", 0.1, "probability_month", (0.05, 0.2)),
        number("technology_success", 0.5, "probability", (0.25, 0.75)),
        number("technology_gain", 0.03, "relative", (0.015, 0.045), hard=(0.0, 1.0)),
        number("talent_gain", 0.01, "relative", (0.005, 0.015), hard=(0.0, 1.0)),
        number("vacancy_loss", 0.03, "share", (0.0, 0.1), hard=(0.0, 0.9)),
        number("finance_gain", 0.05, "relative", (0.025, 0.075), hard=(0.0, 1.0)),
        number("permit_gain", 0.05, "relative", (0.025, 0.075), hard=(0.0, 1.0)),
        number("engagement_patents", 0.0, "patents", (0.0, 0.5), hard=(0.0, 50.0)),
    ),
    "endings": (
        number("ending", 0.045, "probability_month", (0.03, 0.07), "literature: hungary_links, japan_links"),
        number("shield", 0.7, "share", (0.4, 0.9), _BASELINE),
        number("trust_rate", 0.04, "share_month", (0.02, 0.08), ASSUMPTION),
        number("bad_end", 0.1, "probability_month", (0.0, 0.3), ASSUMPTION),
    ),
    "search": (
        number("search", 0.11, "probability_month", (0.06, 0.2), _BASELINE),
        number("conversion", 0.2, "probability", (0.1, 0.3), _BASELINE),
        number("local", 0.6, "share", (0.3, 0.9)),
        number("size_attraction", 0.3, "elasticity", (0.0, 0.6), _BASELINE, (0.0, 3.0)),
        number("displacement", 0.25, "share", (0.0, 1.0), "literature: uk_additionality"),
        number("trust_gain", 0.5, "relative", (0.0, 3.0), hard=(0.0, 20.0)),
        number("common_trust_decay", 0.05, "share_month", (0.02, 0.1)),
        number("key_share", 0.1, "share", (0.05, 0.3)),
    ),
    "production": (
        number("choke", 0.5, "share", (0.0, 0.9), _SUPPLIER_SHOCKS),
        number("specificity", 0.5, "share", (0.0, 1.0), _SUPPLIER_SHOCKS),
        number("input_elasticity", 0.7, "elasticity", (0.5, 1.0), "literature: lockdown_inputs", (0.0, 3.0)),
        number("stock", 0.1, "months", (0.0, 1.0), hard=(0.0, 12.0)),
        number("elasticity", 3.0, "elasticity", (1.5, 4.0), "assumption", (0.0, 20.0)),
        number("reputation_speed", 0.24, "share_month", (1 / 12, 1 / 3), "fitted: cai_szeidl_2018"),
        number("rivalry", 0.5, "share", (0.0, 1.0), _LOCAL_MARKETS),
        number("capacity_pull", 0.5, "elasticity", (0.0, 0.8), _LOCAL_MARKETS),
        number("crowding", 0.15, "elasticity", (0.0, 0.4)),
        number("reroute", 0.5, "share", (0.0, 1.0)),
        number("burden_day", 0.003, "share_day", (0.001, 0.02)),
        number(
            "capacity_adjustment",
            0.04,
            "elasticity_month",
            (0.01, 0.06),
            "literature: utilisation",
            (0.0, 1.0),
        ),
        number("normal_utilisation", 0.77, "share", (0.74, 0.8), "literature: utilisation"),
        number("productivity_reversion", 0.01, "share_month", (0.005, 0.02), "assumption"),
    ),
    "learning": (
        number("absorbed", 0.1, "share", (0.05, 0.3), "fitted: cai_szeidl_2018"),
        number("anchor_learning", 0.004, "share_month", (0.0, 0.1)),
    ),
    "measurement": (
        number("tax_rate", 0.1, "share", (0.05, 0.17)),
        number("pairing_margin", 1.0, "points", None, "choice: margin of practical difference", NOT_NEGATIVE),
        number("output_margin", 0.5, "percent", None, "choice: margin of practical difference", NOT_NEGATIVE),
    ),
    "prices": (
        number("price_staff_month", 1.5, "money", (0.8, 3.0), hard=NOT_NEGATIVE),
        number("price_firm_day", 0.2, "money", (0.05, 0.5), hard=NOT_NEGATIVE),
        number("price_attendance", 0.02, "money", (0.005, 0.1), hard=NOT_NEGATIVE),
        number("price_introduction", 0.3, "money", (0.1, 1.0), hard=NOT_NEGATIVE),
        number("price_first_order", 3.0, "money", (1.0, 10.0), hard=NOT_NEGATIVE),
        number("price_tie", 1.0, "money", (0.2, 3.0), hard=NOT_NEGATIVE),
        number("price_project", 6.0, "money", (3.0, 50.0), hard=NOT_NEGATIVE),
        number("price_place_year", 6.0, "money", (2.0, 20.0), hard=NOT_NEGATIVE),
        number("price_entry", 50.0, "money", (10.0, 300.0), hard=NOT_NEGATIVE),
    ),
}

MODEL_PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter for section in SECTIONS.values() for parameter in section
}


def defaults(parameters: Mapping[str, Parameter] = MODEL_PARAMETERS) -> Values:
    """The default of every parameter."""
    return Values({name: parameter.default for name, parameter in parameters.items()})
