"""Random scenarios on which engines are compared: Hypothesis strategies of documents, rosters and cases.

A document is what a user would write in YAML, and always valid. Parameters of the model and of the instruments come
from their registries, so that a new one is drawn by itself. Runs are short, so most rates are drawn from `LIVELY`
ranges, in which something happens within months; the others from their plausible ranges, and some from the edges of
their hard bounds. Whatever is left out by a draw takes its default, and that is what failing cases shrink to.
`for_each` tries a check on many of them.
"""

from __future__ import annotations

import csv
import functools
import io
import itertools
import json
import math
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from clustersim import instruments, scenario
from clustersim.engines.arms import reserve_rows
from clustersim.errors import InputError
from clustersim.execution.budget import with_budget
from clustersim.scenario.model import INSTITUTION_KINDS, NO_ALLIANCE, OWNER_KINDS, SERVICES, SIZE_CLASSES, Scenario
from clustersim.scenario.presets import preset, preset_names
from clustersim.scenario.roster import COLUMNS
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter
from clustersim.spec.state import SLOT_STRIDE

type Document = dict[str, Any]
type Draw = st.DrawFn
type Strategy = st.SearchStrategy[Any]

SITES = ("East park", "西园区", "North")
CHAINS = ("equipment", "配件", "food", "textile")
LABELS = ("visits", "second round", "对接会", "late")
ARMS = ("first", "第二个", "third")
FIRMS_FILE, LINKS_FILE = "firms.csv", "links.csv"

FEWEST_FIRMS, MOST_FIRMS = 8, 40
MOST_ROWS = 120  # for entrants; more than that make runs of a readable engine long
MOST_TIERS = 3

# Ranges in which short runs are lively, in place of the plausible ones.
LIVELY: dict[str, tuple[float, float]] = {
    "capacity_spread": (0.3, 1.3),
    "slots_at_median": (1.5, 3.0),
    "large_share": (0.1, 0.3),
    "key_share": (0.1, 0.5),
    "state_owned": (0.1, 0.5),
    "local": (0.2, 0.9),
    "burden_day": (0.003, 0.3),
    "cross_chain": (0.1, 0.8),
    "service_opening": (0.1, 0.4),
    "service_patience": (1, 4),
    "service_duration": (1, 5),
    "service_search": (0.2, 0.9),
    "engagement_patents": (0.0, 2.0),
    "anchor_technology_places": (1, 2),
    "ending": (0.02, 0.2),
    "trust_rate": (0.02, 0.3),
    "search": (0.1, 0.6),
    "conversion": (0.2, 0.9),
    "anchor_learning": (0.0, 0.1),
    "absorbed": (0.1, 0.6),
    "capacity_adjustment": (0.01, 0.1),
    "demand_trend": (-0.02, 0.02),
    "noise_spread": (0.05, 0.2),
    "attraction.entries": (20, 120),  # of the largest several firms of a label enter in one month: their order counts
    "attraction.additional": (0.2, 1.0),
    "formal_pairing.ties": (80, 600),
    "formal_pairing.catch_up": (0.0, 0.5),
    "formal_pairing.mentees": (1, 3),
    "forum.interval": (1, 3),
    "forum.learning": (0.0, 0.3),
    "fusion_projects.projects": (100, 1000),
    "groups.size": (3, 8),
    "groups.interval": (1, 2),
    "groups.contact": (0.3, 0.8),
    "groups.conversion": (0.4, 0.9),
    "groups.learning": (0.0, 0.5),
    "matchmaking.interval": (1, 2),
    "matchmaking.survey_share": (0.6, 1.0),
    "matchmaking.introductions": (20, 400),
    "matchmaking.introductions_per_staff": (0, 40),
    "matchmaking.support": (0.1, 0.6),
    "matchmaking.word": (0.1, 0.4),
    "matchmaking.conversion_information": (0.1, 0.6),
    "matchmaking.conversion_word": (0.3, 0.9),
    "matchmaking.conversion_supported": (0.5, 1.0),
    "mutual_aid.share": (0.4, 1.0),
    "mutual_aid.delay": (0, 2),
    "organisation_building.hazard_large": (0.1, 0.6),
    "organisation_building.hazard_medium": (0.1, 0.6),
    "organisation_building.hazard_small": (0.1, 0.6),
    "organisation_building.phase_months": (1, 4),
    "services.places_added": (0, 60),
    "services.caseload": (0, 100),
}

# Which hard bounds are drawn, where not all are.
EDGES: dict[str, tuple[float, ...]] = {
    "median_capacity": (),  # a scale: at 1e-9 all volumes are the least possible one, and nobody has room
}

# Firms that are all alike, and full to the last grain with four pairs: only there does it matter that what just fits
# fits. Elsewhere hardly any sum of volumes is equal to a room.
ALIKE: dict[str, float] = {
    "capacity_spread": 0.0,
    "productivity_spread": 0.0,
    "friction": 0.0,
    "displacement": 1.0,
    "capacity_adjustment": 0.0,
    "purchases": 0.5,
    "slots_at_median": 2.0,
}


# --- cases ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RosterFiles:
    """CSV texts of listed firms, and of their known pairs."""

    ids: tuple[str, ...]
    firms: str
    links: str | None = None


@dataclass(frozen=True)
class Case:
    """A scenario with the files that it names, and the seeds it is run with."""

    document: Document
    seeds: tuple[int, ...]
    roster: RosterFiles | None = None


def write(case: Case, folder: Path) -> Scenario:
    """Put the document and its files into a folder, where the command line finds them too, and read them."""
    if case.roster:
        for name, text in ((FIRMS_FILE, case.roster.firms), (LINKS_FILE, case.roster.links)):
            if text is not None:
                (folder / name).write_text(text, encoding="utf-8")
    text = json.dumps(case.document, ensure_ascii=False)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return scenario.loads(text, folder=folder)


def paid(found: Scenario) -> Scenario:
    """The arms that the budget asks for; as they are where it cannot be met, or would draw in too many firms."""
    try:
        ready = with_budget(found)
    except InputError:
        return replace(found, budget="own")
    return ready if reserve_rows([ready]) <= MOST_ROWS else replace(found, budget="own")


BLOCK = 9


def for_each(strategy: Strategy, check: Callable[[Any], None], blocks: int, first: int = 0) -> None:
    """Try a check on independent draws, the same ones every time; a draw that fails is made as small as may be.

    Nine at a time, of which one is the smallest there is: from the tenth draw on Hypothesis follows every new one with
    some five variants of it, which tell little and take as long.

    Args:
        blocks: of nine draws each. first: number of the first block.
    """

    def check_one(one: Any) -> None:
        check(one)

    for block in range(first, first + blocks):
        of_block = settings(max_examples=BLOCK, database=None, deadline=None, print_blob=False)
        seed(block)(of_block(given(strategy)(check_one)))()


# Mostly one, which tells as much for its time as three do; a batch of several in two cases of five.
SEEDS = st.sampled_from([(one,) for one in (0, 1, 2, 7, 2**31, 2**62)] + [(0, 2**62), (7, 1), (1, 0), (2**31, 2, 7)])


@st.composite
def cases(draw: Draw) -> Case:
    """A document, with a roster in one case of three, and one to three seeds."""
    listed = draw(st.sampled_from([False, False, True]))
    people, town = draw(populations(listed=listed))
    found = draw(rosters(town)) if listed else None
    if found:
        files = {"roster": FIRMS_FILE} | ({"links": LINKS_FILE} if found.links is not None else {})
        people, town = files | people, replace(town, firms=found.ids)
    return Case(_document(draw, people, town), draw(SEEDS), found)


@st.composite
def documents(draw: Draw) -> Document:
    """A scenario with a synthetic population, as a user would write it."""
    return _document(draw, *draw(populations()))


BURN_IN = st.integers(0, 14)
HORIZON = st.integers(12, 18)
BUDGETS = st.sampled_from([None] * 12 + ["equal", "both", 300, 1000.5])


def _document(draw: Draw, people: Document, town: Town) -> Document:
    sections = {
        "policies": draw(policies(town)),
        "parameters": draw(parameters()),
        "events": draw(events(town)),
        "budget": draw(BUDGETS),
    }
    time = {"burn_in": draw(BURN_IN), "horizon": draw(HORIZON)}
    return {"schema": 1, "name": "random", "time": time, "population": people, **said(sections)}


def said(values: Mapping[str, Any]) -> Document:
    """What was drawn, without what was left out."""
    return {name: value for name, value in values.items() if value is not None}


# --- numbers and words from the registries --------------------------------------------------------------------------


@functools.cache
def value(parameter: Parameter, key: str, sites: tuple[str, ...] = (), chains: tuple[str, ...] = ()) -> Strategy:
    """A value that a registry allows, or None for the default. One draw each: a case has hundreds.

    Args:
        key: its name, with the instrument's name in front of it where it is one's.
    """
    match parameter.kind:
        case "number" | "integer":
            low, high = LIVELY.get(key) or usual_range(parameter)
            usual = steps(low, high, whole=parameter.kind == "integer")
            wanted = [None, *usual] if key in LIVELY else [None] * len(usual) + usual
            return st.sampled_from((wanted + edges(parameter, key)) * 2 + totals(parameter) if "." in key else wanted)
        case "flag":
            return st.sampled_from([None, True, False])
        case "choice":
            return st.sampled_from([None, *parameter.choices])
        case "choices":
            return st.sampled_from([None] * 8 + [list(words) for words in _selections(parameter.choices)])
        case "site":
            return st.sampled_from([None, "", *sites])
        case "chain":
            return st.sampled_from([None, "", *chains])


def usual_range(parameter: Parameter) -> tuple[float, float]:
    """The plausible range; where there is none, half as much on both sides of the default as that is."""
    if parameter.plausible is not None:
        return parameter.plausible
    reach = 0.5 * (abs(parameter.default) or 1.0)
    low, high = parameter.hard
    return max(low, parameter.default - reach), min(high, parameter.default + reach)


def steps(low: float, high: float, *, whole: bool, number: int = 12) -> list[float]:
    """Values from low to high at even distances."""
    if whole:
        first, last = math.ceil(low), math.floor(high)
        return list(range(first, last + 1, max(1, (last - first) // number)))
    return [low, *(float(f"{low + (high - low) * step / number:.3g}") for step in range(1, number)), high]


def edges(parameter: Parameter, key: str) -> list[float]:
    """The hard bounds of a number that are drawn: all finite ones, if `EDGES` does not say otherwise."""
    if not parameter.is_numeric:
        return []
    cast = int if parameter.kind == "integer" else float
    return [cast(bound) for bound in EDGES.get(key, parameter.hard) if math.isfinite(bound)]


def totals(parameter: Parameter) -> list[Document]:
    """Numbers for all firms together, in place of a dose per 100 firms."""
    return [{"total": number} for number in (1, 4.5, 14, 60)] if parameter.counted else []


def _selections(words: Sequence[str]) -> list[tuple[str, ...]]:
    """All choices of words, in their order and the other way round."""
    chosen = [some for size in range(1, len(words) + 1) for some in itertools.combinations(words, size)]
    return chosen + [some[::-1] for some in chosen if len(some) > 1]


@functools.cache
def parameters() -> Strategy:
    """Parameters of the model: some left out, up to three at an edge of what is allowed, or all firms alike."""
    usual = st.fixed_dictionaries({name: value(one, name) for name, one in MODEL_PARAMETERS.items()})
    all_edges = [{name: bound} for name, one in MODEL_PARAMETERS.items() for bound in edges(one, name)]
    extreme = st.lists(st.sampled_from(all_edges + [ALIKE] * 12), max_size=3)
    return st.builds(lambda most, few: functools.reduce(operator.or_, few, said(most)), usual, extreme)


# --- population -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Town:
    """What the sections of a document may name: sites, chains with their number of tiers, ids of listed firms."""

    sites: tuple[str, ...]
    chains: tuple[tuple[str, int], ...]
    firms: tuple[str, ...] = ()

    @property
    def chain_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.chains)

    def longest(self, chains: Iterable[str] = ()) -> int:
        """Number of tiers of the longest of these chains, of all where none is named."""
        wanted = list(chains) or self.chain_names
        return max(tiers for name, tiers in self.chains if name in wanted)


SHARES = {
    1: [(1.0,)],
    2: [(0.5, 0.5), (0.7, 0.3), (0.2, 0.8)],
    3: [(0.4, 0.3, 0.3), (0.1, 0.6, 0.3)],
    4: [(0.25, 0.25, 0.25, 0.25), (0.4, 0.3, 0.2, 0.1)],
}
EMPTY_SITE = {2: [(1.0, 0.0)], 3: [(0.5, 0.0, 0.5)]}
FIRMS = st.sampled_from([*range(FEWEST_FIRMS, 25), *range(FEWEST_FIRMS, MOST_FIRMS + 1), 60])
SITE_SHARES = {number: st.sampled_from(SHARES[number] * 3 + EMPTY_SITE.get(number, [])) for number in (1, 2, 3)}
CHAIN_SHARES = {number: st.sampled_from(SHARES[number]) for number in (1, 2, 3, 4)}
NUMBER_OF_SITES, NUMBER_OF_CHAINS = st.integers(1, len(SITES)), st.sampled_from([2, 1, 3, 4])
TIERS = {least: st.integers(least, MOST_TIERS) for least in (1, 2)}
TRENDS = st.sampled_from([None] * 4 + [-0.02, 0.0, 0.01, 0.1])
RARELY = st.sampled_from([False] * 4 + [True])


@st.composite
def populations(draw: Draw, *, listed: bool = False) -> tuple[Document, Town]:
    """The section of a document, and what others may name in it.

    Args:
        listed: whether the firms come from a roster, which is then to be added; shares may be left out.
    """
    firms = None if listed else draw(FIRMS)
    sites = SITES[: draw(NUMBER_OF_SITES)]
    shares = None if listed and draw(st.booleans()) else draw(SITE_SHARES[len(sites)])
    number = draw(NUMBER_OF_CHAINS)
    weights = [None] * number if listed and draw(st.booleans()) else draw(CHAIN_SHARES[number])
    chains = {}
    for name, share in zip(CHAINS[:number], weights, strict=True):
        tiers = draw(TIERS[2 if number == 1 else 1])
        if firms is not None:  # each tier of a chain needs one
            tiers = min(tiers, math.ceil(firms * share - 1e-9))
        home, trend = draw(one_of_these(sites)), draw(TRENDS)
        chains[name] = said({"tiers": tiers, "share": share, "site": home, "trend": trend})
    section = {
        "firms": firms,
        "sites": list(sites) if shares is None else dict(zip(sites, shares, strict=True)),
        "chains": chains,
        "institutions": draw(institutions(sites)),
        "fixed": draw(RARELY) or None,
    }
    return said(section), Town(sites, tuple((name, chain["tiers"]) for name, chain in chains.items()))


@functools.cache
def one_of_these(words: tuple[Any, ...], none: int = 1) -> Strategy:
    """One of these words, or None."""
    return st.sampled_from([None] * none + list(words))


@functools.cache
def institutions(sites: tuple[str, ...]) -> Strategy:
    """None said, numbers by kind, or a list of them with and without sites and places."""
    number = st.sampled_from([None, 1, 2, 0])
    counts = st.fixed_dictionaries(dict.fromkeys(INSTITUTION_KINDS, number)).map(said)
    places = st.fixed_dictionaries(dict.fromkeys(SERVICES, st.sampled_from([None, 0, 1, 3]))).map(said)
    entry = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(INSTITUTION_KINDS),
            "site": one_of_these(sites, none=2),
            "places": st.one_of(st.none(), st.none(), places),
        }
    ).map(said)
    listed = st.lists(entry, max_size=8).map(_named)
    return st.one_of(st.none(), counts, listed, listed, listed)


def _named(entries: Sequence[Document]) -> list[Document]:
    return [{"name": f"{entry['kind']} {number}", **entry} for number, entry in enumerate(entries, start=1)]


# --- rosters --------------------------------------------------------------------------------------------------------

PLACES = ("", "", "0", "1", "3")
CELLS = {
    "name": ("", "Firm", "新桥机械", "A, B"),
    "capacity": ("", "100", "50", "100", "400", "1250.5"),
    "productivity": ("", "1", "0.7", "1.3"),
    "outside_share": ("", "0.8", "0.5", "0.95"),
    "owner": ("", *OWNER_KINDS, "国有"),
    "anchor": ("", "no", "yes", "是"),
    "organisation": ("", "yes", "no", "有"),
    **{f"places_{service}": PLACES for service in SERVICES},
}
ANCHOR_WORDS = ("yes", "是")
PREFIXES = st.sampled_from(["F", "企业"])
LINKS = st.none() | st.lists(st.tuples(st.integers(0, 63), st.integers(0, 63)), min_size=1, max_size=30)


@st.composite
def rosters(draw: Draw, town: Town) -> RosterFiles:
    """Firms of a town, with columns and cells missing, and known pairs, also between sellers of one good."""
    headers = said({column.name: draw(_header(column.name)) for column in COLUMNS})
    rows = draw(_rows(tuple(headers), town))
    prefix = draw(PREFIXES)
    ids = tuple(f"{prefix}{number}" for number in range(1, len(rows) + 1))
    lines = [
        {**row, "id": name} for row, name in zip(_with_known_tiers(_with_few_anchors(rows), town), ids, strict=True)
    ]
    firms = _csv(headers.values(), ([line[name] for name in headers] for line in lines))
    pairs = draw(LINKS)
    links = None if pairs is None else _links(pairs, ids)
    return RosterFiles(ids, firms, links)


@functools.cache
def _header(name: str) -> Strategy:
    """A column under one of its names, or None: without it."""
    column = next(column for column in COLUMNS if column.name == name)
    names = [column.name] * 4 + list(column.aliases)
    return st.sampled_from(names if column.required else [None] * (len(names) // 2) + names)


def _rows(columns: tuple[str, ...], town: Town) -> Strategy:
    cells: dict[str, Sequence[Any]] = {
        **CELLS,
        "id": ("",),
        "chain": town.chain_names,
        "tier": ("", *range(MOST_TIERS)),
        "site": ("", *town.sites),
    }
    row = st.fixed_dictionaries({name: st.sampled_from(cells[name]) for name in columns})
    return st.lists(row, min_size=FEWEST_FIRMS, max_size=MOST_FIRMS)


def _with_few_anchors(rows: Sequence[Document]) -> list[Document]:
    """A chain has one anchor: a second one becomes an ordinary firm."""
    named: set[str] = set()
    kept = []
    for row in rows:
        is_anchor = row.get("anchor") in ANCHOR_WORDS
        kept.append({**row, "anchor": "no"} if is_anchor and row["chain"] in named else row)
        named |= {row["chain"]} if is_anchor else set()
    return kept


def _with_known_tiers(rows: Sequence[Document], town: Town) -> list[Document]:
    tiers = dict(town.chains)
    return [row if row.get("tier", "") == "" else {**row, "tier": row["tier"] % tiers[row["chain"]]} for row in rows]


def _links(pairs: Sequence[tuple[int, int]], ids: tuple[str, ...]) -> str:
    """Distinct pairs of different firms, with as many suppliers of a buyer as it may have."""
    distinct = {(supplier % len(ids), buyer % len(ids)): None for supplier, buyer in pairs}
    distinct = {pair: None for pair in distinct if pair[0] != pair[1]} or {(0, 1): None}
    bought: Counter[int] = Counter()
    lines = []
    for supplier, buyer in distinct:
        bought[buyer] += 1
        if bought[buyer] <= SLOT_STRIDE:
            lines.append((ids[supplier], ids[buyer]))
    return _csv(("supplier", "buyer"), lines)


def _csv(header: Iterable[str], lines: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()


# --- policies -------------------------------------------------------------------------------------------------------

PRESETS = preset_names()[1:]
MAKERS_OF_PAIRS = ("matchmaking", "groups", "formal_pairing")  # drawn more often than the others
INSTRUMENTS = st.sampled_from([*MAKERS_OF_PAIRS * 3, *instruments.names()])
OWN_LABELS = st.sampled_from([None, *LABELS])
WHEN = st.sampled_from(
    [(None, None)] * 16
    + [(2, None), (4, None), (1, 6), (3, 9), (1, 1), (6, 6), (5, 18), (2, 40), (13, None), (19, None)]
)
MEMBERS = st.sampled_from(["all", "all", "all", None, "organised"])
WHO_KINDS = ("site", "chain", "tier", "size_class", "owner", "anchor", "share", "drawn")
WHO = st.sampled_from([()] * 24 + [(kind,) for kind in WHO_KINDS] * 2 + list(itertools.combinations(WHO_KINDS, 2)))
SHARE = st.sampled_from([0.5, 0.8, 0.9, 1.0, 0.0])
DRAWN = st.sampled_from(["pilot", "试点"])  # so few that instruments and events often share one


@st.composite
def policies(draw: Draw, town: Town) -> Document:
    """One to three arms, with or without no_alliance spelt out."""
    arms: Document = {}
    for name in ARMS[: draw(st.integers(1, len(ARMS)))]:
        origin = draw(st.sampled_from([None, None, None, *PRESETS]))
        if origin is None:
            arms[name] = draw(compositions(town))
        elif origin in arms or draw(st.booleans()):
            arms[name] = {"preset": origin, **draw(changes_of(origin, town))}
        else:
            arms[origin] = draw(changes_of(origin, town))
    return {NO_ALLIANCE: {}, **arms} if draw(st.booleans()) else arms


@st.composite
def compositions(draw: Draw, town: Town) -> Document:
    """One to ten instruments, the same one twice too, under their names or labels of their own."""
    drawn = draw(st.lists(st.tuples(OWN_LABELS, INSTRUMENTS), min_size=1, max_size=10))
    arm = said({"members": draw(MEMBERS)})
    for wanted, instrument in drawn:
        entry = draw(uses(instrument, town))
        if wanted is None and instrument not in arm:
            arm[instrument] = entry
        else:
            arm[_free_label(wanted or LABELS[0], arm)] = {"instrument": instrument, **entry}
    return arm


def _free_label(wanted: str, taken: Iterable[str]) -> str:
    labels = itertools.chain([wanted], (f"{wanted} {number}" for number in itertools.count(2)))
    return next(label for label in labels if label not in taken)


@st.composite
def changes_of(draw: Draw, name: str, town: Town) -> Document:
    """What an arm says beside its preset: other values, labels left out, a further instrument."""
    arm = said({"members": draw(MEMBERS)})
    without = []
    for label, entry in preset(name).items():
        if not isinstance(entry, dict):
            continue
        kept = draw(st.sampled_from(["as it is", "changed", "changed", "left out"]))
        if kept == "changed":
            arm[label] = draw(uses(entry.get("instrument", label), town, entry))
        elif kept == "left out":
            without.append(label)
    if draw(RARELY):
        instrument = draw(INSTRUMENTS)
        arm[LABELS[0]] = {"instrument": instrument, **draw(uses(instrument, town))}
    return {**arm, "without": without} if without else arm


@st.composite
def uses(draw: Draw, instrument: str, town: Town, below: Mapping[str, Any] | None = None) -> Document:
    """An instrument's entry in an arm: its parameters, when, and whom it reaches.

    Args:
        below: what a preset says where the entry says nothing.
    """
    start, end = draw(WHEN)
    entry = said({**draw(instrument_values(instrument, town.sites, town.chain_names)), "start": start, "end": end})
    if instrument == "matchmaking":
        entry = draw(_at_most_all({name: one.default for name, one in _MATCHMAKING.items()} | (below or {}), entry))
    if getattr(instruments.module(instrument), "REACHES_FIRMS", True) and (who := draw(filters(town))):
        entry["who"] = who
    return entry


_MATCHMAKING = instruments.parameters("matchmaking")


@st.composite
def _at_most_all(draw: Draw, below: Mapping[str, Any], entry: Document) -> Document:
    """No more introductions than there are come with support or a word: one of the two gives way."""
    support, word = ({**below, **entry}[name] for name in ("support", "word"))
    if support + word <= 1.0:
        return entry
    gives_way, stays = draw(st.sampled_from([("support", word), ("word", support)]))
    return {**entry, gives_way: 1.0 - stays}


@functools.cache
def instrument_values(instrument: str, sites: tuple[str, ...], chains: tuple[str, ...]) -> Strategy:
    return st.fixed_dictionaries(
        {
            name: value(parameter, f"{instrument}.{name}", sites, chains)
            for name, parameter in instruments.parameters(instrument).items()
        }
    )


@st.composite
def filters(draw: Draw, town: Town) -> Document:
    """Whom an instrument reaches: mostly everyone, else by one kind of filter or two."""
    if town.firms and draw(RARELY):
        return {
            "firms": draw(_some_of(town.firms)),
            **draw(st.sampled_from([{}, {}, {"share": 0.5}, {"anchor": False}])),
        }
    who: Document = {}
    for kind in draw(WHO):
        who[kind] = draw(_filter(kind, town, _as_tuple(who.get("chain"))))
    return {"share": draw(SHARE), **who} if "drawn" in who else who


def _filter(kind: str, town: Town, chains: tuple[str, ...]) -> Strategy:
    words: dict[str, tuple[Any, ...]] = {
        "site": town.sites,
        "chain": town.chain_names,
        "tier": tuple(range(town.longest(chains))),
        "size_class": SIZE_CLASSES,
        "owner": OWNER_KINDS,
    }
    if kind in words:
        return one_or_many(words[kind])
    return {"anchor": st.booleans(), "share": SHARE, "drawn": DRAWN}[kind]


def _some_of(firms: tuple[str, ...]) -> Strategy:
    """A list of some firms of a roster."""
    places = st.lists(st.integers(0, 63), min_size=1, max_size=6)
    return places.map(lambda some: list(dict.fromkeys(firms[place % len(firms)] for place in some)))


@functools.cache
def one_or_many(words: tuple[Any, ...]) -> Strategy:
    """One of these words, or a list of some."""
    lists = [list(some) for size in range(1, len(words) + 1) for some in itertools.combinations(words, size)]
    return st.sampled_from([*words, *lists])


def _as_tuple(words: Any) -> tuple[str, ...]:
    return tuple(words) if isinstance(words, list) else () if words is None else (words,)


# --- events ---------------------------------------------------------------------------------------------------------

SIZES = {
    "demand": ("factor", (0.6, 0.8, 1.5, 0.0)),
    "supply": ("availability", (0.3, 0.5, 0.9, 0.0, 1.0)),
    "capacity": ("loss", (0.5, 0.7, 0.1, 0.0, 1.0)),
    "contract": ("share_of_capacity", (0.4, 0.1, 2.0, 0.0)),
    "finance": ("gain", (0.1, 0.5, 0.0)),
    "search": ("factor", (2.0, 0.5, 10.0, 0.0)),
}
FILTERS = {"demand": ("chain",), "supply": ("chain", "tier", "site"), "search": ("site",)}
TARGETS = ("site", "chain", "share", "drawn")  # of the other kinds, which may also list firms
MONTHS = st.sampled_from([*range(1, 9), *range(1, 9), 12, 18, 30])
LENGTHS = st.sampled_from([1, 2, 3, 4, 6, 2400])
SHOCK = st.sampled_from([None, None, True, False])
EVENT_LABELS = st.sampled_from([None, None, None, "crisis", "信贷"])


@st.composite
def events(draw: Draw, town: Town) -> list[Document]:
    """Up to four events of any kind, with and without their shock arms."""
    return [draw(_event(kind, town)) for kind in draw(EVENTS)]


EVENTS = st.lists(st.sampled_from(list(SIZES)), max_size=4)


@st.composite
def _event(draw: Draw, kind: str, town: Town) -> Document:
    word, sizes = SIZES[kind]
    event = {
        "event": kind,
        "month": draw(MONTHS),
        "months": None if kind == "finance" else draw(LENGTHS),
        word: draw(st.sampled_from(sizes)),
        "shock": draw(SHOCK),
        "label": draw(EVENT_LABELS),
    }
    if town.firms and kind not in FILTERS and draw(st.booleans()):
        return said({**event, "firms": draw(_some_of(town.firms))})
    for name in FILTERS.get(kind, TARGETS):
        if draw(st.booleans()):
            event[name] = draw(_filter(name, town, _as_tuple(event.get("chain"))))
    return said({"share": draw(SHARE), **event} if "drawn" in event else event)
