"""What a policy asks for, as plain numbers, and in which month: read once, outside the loop.

Only what the preset `cluster_committee` is made of can be read. Whatever else a policy holds is refused.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clustersim.arrays import Array
from clustersim.spec.parameters import Values
from clustersim.spec.policy import InstrumentUse, Policy, Who
from clustersim.spec.state import SERVICES, SIZE_CLASSES, TECHNOLOGY
from clustersim.spec.view import occasional_quota, yearly_quota

from .layout import ROUNDS, SERVICE_SLOTS, SIZES, key_of, word_below

_SUPPORTED = (
    "organisation_building",
    "matchmaking",
    "fusion_projects",
    "formal_pairing",
    "services",
    "groups",
    "mutual_aid",
)
_ORDER = {"matchmaking": 0, "fusion_projects": 0, "formal_pairing": 1, "groups": 2}  # of actions, as in the preset

# A policy. A chance is what a word must be below.
RULES = np.dtype(
    [
        ("acts", "?"),
        ("everyone", "?"),
        ("founds", "?"),
        ("in_phases", "?"),
        ("serves", "?"),
        ("ties", "?"),
        ("aids", "?"),
        ("founding", "i8", SIZES),  # chance by size class
        ("phase_share", "f8"),
        ("phase_months", "i8"),
        ("offered", "i1", SERVICE_SLOTS),  # whether a service is among those that service staff look after
        ("places_factor", "f8"),
        ("duration", "i8", SERVICE_SLOTS),  # of an engagement of firms looked after
        ("price_place", "f8"),
        ("mentees", "i8"),
        ("catch_up", "f8"),
        ("price_tie", "f8"),
        ("group_size", "i8"),
        ("contact", "i8"),
        ("referral", "i8"),
        ("contact_conversion", "f8"),
        ("contact_trust", "f8"),
        ("contact_stream", "u8"),
        ("group_learning", "f8"),
        ("group_trust", "f8"),
        ("price_group_meeting", "f8"),
        ("aid_share", "f8"),
        ("aid_delay", "i8"),
    ]
)
ROUND = np.dtype(
    [
        ("lists_goods", "?"),
        ("lists_services", "i1", SERVICE_SLOTS),
        ("idle_too", "?"),  # a project round
        ("largest_first", "?"),
        ("project", "i8"),  # its code, 0 for no project round
        ("survey", "i8"),
        ("support", "i8"),
        ("conversion_information", "i8"),
        ("conversion_supported", "i8"),
        ("first_trust", "f8"),
        ("price_introduction", "f8"),
        ("price_first_order", "f8"),
        ("price_engagement", "f8"),
        ("stream", "u8"),
        ("success", "i8"),
        ("patents", "f8"),
        ("gain_factor", "f8"),
    ]
)
# What falls on a month of the scenario.
MONTH = np.dtype(
    [
        ("budget", "i8", ROUNDS),  # introductions of each round for each site
        ("tie_quota", "i8"),
        ("forms_groups", "?"),
        ("groups_meet", "?"),
        ("meetings", "i8"),  # rounds held as meetings: firm-days of every member
        ("places_added", "i8"),
        ("staff_months", "f8"),
        ("money", "f8"),
    ]
)


class Streams(NamedTuple):
    """Names of the streams of words that a policy asks for."""

    surveys: tuple[str, ...]
    service_surveys: tuple[str, ...]
    tie_order: str
    group_order: str
    contact: str


class Plan(NamedTuple):
    """A policy as records: its rules, its rounds, what falls on which month, and the words that it asks for."""

    rules: np.void
    rounds: Array
    calendar: Array
    streams: Streams


def plan_of(policy: Policy | None, parameters: Values, horizon: int, sites: int) -> Plan:
    """The plan of a policy, None for no alliance, for the months 1 to `horizon`."""
    uses = () if policy is None else policy.instruments
    _refuse_others(uses)
    by_name = {use.instrument: use for use in uses}
    rules, calendar = np.zeros(1, dtype=RULES), np.zeros(horizon + 1, dtype=MONTH)
    rules["acts"] = policy is not None and policy.start is not None
    rules["everyone"] = policy is not None and policy.everyone
    rules["duration"] = max(1, int(np.floor(parameters.service_duration + 0.5)))
    for name, write in _INSTRUMENTS.items():
        if name in by_name:
            write(by_name[name], parameters, rules, calendar)
    if "organisation_building" in by_name:
        rules["founding"] = _hazards(uses, by_name["organisation_building"])
    rounds = _rounds([use for use in uses if use.instrument in _ROUND_OF], parameters, calendar)
    _book(uses, parameters, sites, calendar)
    return Plan(rules[0], rounds, calendar, _streams(uses, by_name))


def _refuse_others(uses: tuple[InstrumentUse, ...]) -> None:
    """Raises:
    NotImplementedError: a policy holds what the loops do not know.
    """
    for use in uses:
        values = use.values.as_dict()
        wrong = [
            (use.instrument not in _SUPPORTED, "this instrument"),
            (use.start != 1 or use.end is not None, "start and end"),
            (use.who != Who(), "who"),
            (values.get("scope", "site") != "site", "a scope but site"),
            (values.get("also", "none") != "none", "also"),
            (values.get("order") == "bottleneck", "order: bottleneck"),
            (values.get("key_firms_first", False), "key_firms_first"),
            (values.get("score", "size") != "size", "a score but size"),
            (np.any(values.get("switch", 0.0)), "switch"),
            (values.get("kind", "research") != "research", "ties of firms"),
            (np.any(values.get("caseload", 0.0)), "caseload"),
            (np.any(values.get("peer_size_weight", 0.0)), "peer_size_weight"),
            (any(isinstance(value, np.ndarray) for value in values.values()), "columns of numbers"),
        ]
        for is_wrong, what in wrong:
            if is_wrong:
                raise NotImplementedError(f"{use.label}: the compiled month does not know {what}")
    names = [use.instrument for use in uses if use.instrument != "matchmaking"]
    order = [_ORDER[use.instrument] for use in uses if use.instrument in _ORDER]
    if len(set(names)) < len(names) or order != sorted(order) or order.count(0) > ROUNDS:
        raise NotImplementedError("the compiled month knows instruments once each, in the order of cluster_committee")


def _ages(calendar: Array) -> Array:
    """Months since the policy's start, of the months from 1 on."""
    return np.arange(len(calendar) - 1)


# --- instruments ----------------------------------------------------------------------------------------------------


def _hazards(uses: tuple[InstrumentUse, ...], use: InstrumentUse) -> list[int]:
    """Hazards are combined over all instruments, as in `clustersim.spec.levers.combine`: to the last bit."""
    chances = []
    for size in SIZE_CLASSES:
        total = 0.0
        for other in uses:
            total = 1.0 - (1.0 - total) * (1.0 - (getattr(use.values, f"hazard_{size}") if other is use else 0.0))
        chances.append(word_below(total))
    return chances


def _founding(use: InstrumentUse, _: Values, rules: Array, __: Array) -> None:
    rules["founds"], rules["in_phases"] = True, use.values.order == "lead_firm_first"
    rules["phase_share"], rules["phase_months"] = use.values.phase_share, use.values.phase_months


def _services(use: InstrumentUse, parameters: Values, rules: Array, calendar: Array) -> None:
    chosen = [name in use.values.services for name in SERVICES]
    shorter = max(1, int(np.floor(parameters.service_duration * use.values.duration_factor + 0.5)))
    rules["serves"], rules["offered"] = True, chosen
    rules["places_factor"], rules["price_place"] = use.values.places_factor, parameters.price_place_year / 12.0
    rules["duration"] = np.where(chosen, shorter, rules["duration"])
    calendar["places_added"][1:] = occasional_quota(use.values.places_added, _ages(calendar))


def _ties(use: InstrumentUse, parameters: Values, rules: Array, calendar: Array) -> None:
    rules["ties"], rules["mentees"], rules["catch_up"] = True, use.values.mentees, use.values.catch_up
    rules["price_tie"] = parameters.price_tie
    calendar["tie_quota"][1:] = yearly_quota(use.values.ties, _ages(calendar))


def _groups(use: InstrumentUse, parameters: Values, rules: Array, calendar: Array) -> None:
    values, ages = use.values, _ages(calendar)
    rules["group_size"], rules["price_group_meeting"] = values.size, parameters.price_group_meeting
    rules["contact"], rules["referral"] = word_below(values.contact), word_below(values.referral)
    rules["contact_conversion"], rules["contact_trust"] = values.conversion, values.first_trust
    rules["contact_stream"] = key_of(f"{use.label}.details")
    rules["group_learning"], rules["group_trust"] = values.learning, values.trust_rate
    calendar["forms_groups"][1:] = (ages < values.duration) & (ages % 12 == 0)
    calendar["groups_meet"][1:] = (ages < values.duration) & (ages % values.interval == 0)


def _aid(use: InstrumentUse, _: Values, rules: Array, __: Array) -> None:
    rules["aids"], rules["aid_share"], rules["aid_delay"] = True, use.values.share, use.values.delay


_INSTRUMENTS = {
    "organisation_building": _founding,
    "services": _services,
    "formal_pairing": _ties,
    "groups": _groups,
    "mutual_aid": _aid,
}


# --- rounds ---------------------------------------------------------------------------------------------------------


def _rounds(uses: list[InstrumentUse], parameters: Values, calendar: Array) -> Array:
    rounds = np.zeros(ROUNDS, dtype=ROUND)
    for number, use in enumerate(uses):
        rounds[number]["stream"] = key_of(f"{use.label}.details")
        budget = _ROUND_OF[use.instrument](use, parameters, rounds[number : number + 1], _ages(calendar))
        calendar["budget"][1:, number] = budget
    projects = rounds["idle_too"]
    rounds["project"] = np.where(projects, np.cumsum(projects), 0)
    return rounds


def _brokered(use: InstrumentUse, parameters: Values, asked: Array, ages: Array) -> Array:
    values = use.values
    asked["lists_goods"] = "goods" in values.resources
    asked["lists_services"] = [name in values.resources for name in SERVICES]
    asked["largest_first"] = values.order == "largest"
    for name, chance in (
        ("survey", values.survey_share),
        ("support", values.support),
        ("conversion_information", values.conversion_information),
        ("conversion_supported", values.conversion_supported),
    ):
        asked[name] = word_below(chance)
    asked["first_trust"] = values.first_trust
    asked["price_introduction"] = parameters.price_introduction
    asked["price_first_order"] = parameters.price_first_order
    introductions = values.introductions + values.introductions_per_staff * values.staff
    return np.where(ages % values.interval == 0, occasional_quota(introductions, ages // values.interval), 0.0)


def _projects(use: InstrumentUse, parameters: Values, asked: Array, ages: Array) -> Array:
    """A project round surveys, supports and converts all that it lists."""
    values = use.values
    asked["lists_services"] = [service == TECHNOLOGY for service in range(SERVICE_SLOTS)]
    asked["idle_too"] = True
    for name in ("survey", "support", "conversion_information", "conversion_supported"):
        asked[name] = word_below(1.0)
    asked["price_engagement"] = parameters.price_project
    asked["success"], asked["patents"] = word_below(values.success), values.patents
    asked["gain_factor"] = values.gain_factor
    return yearly_quota(values.projects, ages)


_ROUND_OF = {"matchmaking": _brokered, "fusion_projects": _projects}


# --- what is booked, and which words are drawn ----------------------------------------------------------------------


def _book(uses: tuple[InstrumentUse, ...], parameters: Values, sites: int, calendar: Array) -> None:
    """Staff, and meetings: firm-days of every member, and their price."""
    ages = _ages(calendar)
    for use in uses:
        lasts = ages < (use.values.duration if use.instrument == "groups" else np.inf)
        calendar["staff_months"][1:] += lasts * use.values.as_dict().get("staff", 0.0) * sites
        if use.instrument == "matchmaking" and use.values.meeting:
            held = ages % use.values.interval == 0
            calendar["meetings"][1:] += held
            calendar["money"][1:] += held * parameters.price_meeting * sites


def _streams(uses: tuple[InstrumentUse, ...], by_name: dict[str, InstrumentUse]) -> Streams:
    rounds = ([use.label for use in uses if use.instrument in _ROUND_OF] + [""] * ROUNDS)[:ROUNDS]

    def named(name: str, what: str) -> str:
        return f"{by_name[name].label}.{what}" if name in by_name else ""

    return Streams(
        surveys=tuple(f"{label}.survey" for label in rounds),
        service_surveys=tuple(f"{label}.survey_services" for label in rounds),
        tie_order=named("formal_pairing", "order"),
        group_order=named("groups", "group"),
        contact=named("groups", "contact"),
    )
