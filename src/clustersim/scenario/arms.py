"""Policies from YAML: presets, overrides by label, `without`, instruments and whom they reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clustersim import instruments
from clustersim.scenario import schema
from clustersim.scenario.document import Document, KeyPath, merged, number_text, shown
from clustersim.scenario.faults import check
from clustersim.scenario.fields import SHARES_TOLERANCE
from clustersim.scenario.model import NO_ALLIANCE, OWNER_KINDS, SIZE_CLASSES, InstrumentUse, Policy, Who
from clustersim.scenario.names import unusable
from clustersim.scenario.presets import preset, preset_names
from clustersim.spec.parameters import Parameter, Values
from clustersim.spec.results import EQUAL_MONEY, NO_SHOCK

ARM_WORDS = ("preset", "without", "members")
RESERVED = (*ARM_WORDS, "budget", "instrument", "start", "end", "who")


@dataclass(frozen=True)
class Geography:
    """The names that other parts of a scenario may refer to, in order, and how many firms there are.

    Attributes:
        chains: with their number of tiers.
        firms: ids of the roster; None for a synthetic population, whose firms cannot be named.
        number_of_firms, chain_firms: at the start, in all and by chain; 0 and none where the population is at fault.
    """

    sites: tuple[str, ...]
    chains: Mapping[str, int]
    firms: tuple[str, ...] | None = None
    number_of_firms: int = 0
    chain_firms: Mapping[str, int] = field(default_factory=dict)

    def indices(self, kind: str, names: Sequence[str], document: Document, path: KeyPath) -> tuple[int, ...]:
        """Indices of sites or chains; unknown names are reported."""
        known = list(self.sites if kind == "site" else self.chains)
        for name in names:
            if known and name not in known:  # none known: the population is at fault, and was complained of
                document.report_unknown(path, kind, name, known)
        return tuple(known.index(name) for name in names if name in known)

    def listed_firms(self, names: Sequence[str], document: Document, path: KeyPath) -> tuple[int, ...]:
        """Rows of firms of the roster; unknown ones are reported, and firms that no roster lists."""
        if self.firms is None:
            document.report(path, "firms_need_roster")
            return ()
        for index, name in enumerate(names):
            if self.firms and name not in self.firms:  # none known: the roster is at fault, and was complained of
                document.report_unknown((*path, index), "firm", name, self.firms)
        return tuple(self.firms.index(name) for name in names if name in self.firms)

    def tiers(
        self, tiers: Sequence[int], chains: tuple[int, ...], document: Document, path: KeyPath
    ) -> tuple[int, ...]:
        """The tiers, if one of the chains (none: all) has so many."""
        lengths = list(self.chains.values())
        longest = max((lengths[chain] for chain in chains or range(len(lengths))), default=100)
        for tier in tiers:
            if tier >= longest:
                document.report(path, "no_such_tier", given=tier, high=longest - 1)
        return tuple(tiers)


def read_policies(document: Document, geography: Geography) -> tuple[Policy, ...]:
    """All arms, no_alliance first. What is wrong is reported to the document."""
    arms = document.data.get("policies")
    if not isinstance(arms, dict):
        return ()
    _check_arm_names(list(arms), document)
    if arms.get(NO_ALLIANCE):
        document.report(("policies", NO_ALLIANCE), "no_alliance_not_empty")
    policies = [
        _Arm(name, body or {}, document, geography).read() for name, body in arms.items() if name != NO_ALLIANCE
    ]
    return Policy(NO_ALLIANCE), *policies


def _check_arm_names(names: list[str], document: Document) -> None:
    for index, name in enumerate(names):
        if name in RESERVED:
            document.report(("policies", name), "reserved", given=name)
        if name.endswith((NO_SHOCK, EQUAL_MONEY)):
            document.report(("policies", name), "reserved", given=name)
        if twins := [other for other in names[:index] if other.lower() == name.lower()]:
            document.report(("policies", name), "same_but_for_case", given=name, other=twins[0])


def arm_preset(name: str, body: Mapping[str, Any]) -> Any:
    """The preset that an arm starts from: of its own name, or the one it names."""
    return name if name in preset_names() else body.get("preset")


@dataclass(frozen=True)
class _Arm:
    name: str
    body: Any
    document: Document
    geography: Geography

    @property
    def path(self) -> KeyPath:
        return ("policies", self.name)

    def read(self) -> Policy:
        if not isinstance(self.body, dict):
            self.document.report(self.path, "expected.mapping", given=shown(self.body))
            return Policy(self.name)
        words = self._words()
        base = self._preset()
        own = {label: entry for label, entry in self.body.items() if label not in ARM_WORDS}
        if not own and not base and "preset" not in self.body:
            self.document.report_unknown(self.path, "preset", self.name, preset_names())
        self._check_without(words.without, base, own)
        kept = {label: entry for label, entry in base.items() if label not in (*ARM_WORDS, *words.without)}
        uses = [self._use(label, kept.get(label), own.get(label, {})) for label in {**kept, **own}]
        members = words.members or base.get("members")
        return Policy(self.name, tuple(use for use in uses if use), everyone=members == "all")

    def _words(self) -> schema.ArmWords:
        given = {word: self.body[word] for word in ARM_WORDS if word in self.body}
        return check(schema.ArmWords, given, self.document, self.path) or schema.ArmWords()

    def _preset(self) -> dict[str, Any]:
        """The arm of the preset that this arm starts from, {} for one that starts from nothing."""
        if self.name in preset_names() and "preset" in self.body:
            self.document.report((*self.path, "preset"), "preset_of_preset", given=self.name)
        name = arm_preset(self.name, self.body)
        if name in preset_names():
            return preset(name)
        if isinstance(name, str):  # of another type: complained of already
            self.document.report_unknown((*self.path, "preset"), "preset", name, preset_names())
        return {}

    def _check_without(self, without: list[str], base: dict[str, Any], own: dict[str, Any]) -> None:
        for index, label in enumerate(without):
            path = (*self.path, "without", index)
            if label not in base or label in ARM_WORDS:
                self.document.report_unknown(path, "label", label, set(base) - set(ARM_WORDS))
            elif label in own:
                self.document.report(path, "without_and_given", given=label)

    def _use(self, label: str, below: Mapping[str, Any] | None, own: Any) -> InstrumentUse | None:
        """The instrument under a label: the preset's entry, if there is one, with the arm's own on top."""
        path = (*self.path, label)
        own = {} if own is None else own
        if label in RESERVED:
            self.document.report(path, "reserved", given=label)
            return None
        if reason := unusable(label):
            self.document.report(path, f"name.{reason}", given=shown(label))
            return None
        if not isinstance(own, dict):
            self.document.report(path, "expected.mapping", given=shown(own))
            return None
        instrument = self._instrument(label, below, own, path)
        if instrument is None or check(schema.entry_model(instrument), own, self.document, path) is None:
            return None
        written = merged(below or {}, own)
        entry = schema.entry_model(instrument).model_validate(written)
        return self._resolved(label, instrument, entry, path)

    def _instrument(self, label: str, below: Mapping[str, Any] | None, own: Any, path: KeyPath) -> str | None:
        """The instrument's name; None, and reported, where there is no such instrument."""
        fixed = (below or {}).get("instrument") or (
            label if label in instruments.names() or below is not None else None
        )
        given = own.get("instrument", fixed)
        if fixed is not None and given != fixed:
            self.document.report((*path, "instrument"), "instrument_fixed", label=label, instrument=fixed)
            return None
        if given not in instruments.names():
            place = (*path, "instrument") if "instrument" in own else path
            self.document.report_unknown(place, "instrument", given or label, instruments.names())
            return None
        return str(given)

    def _resolved(self, label: str, instrument: str, entry: Any, path: KeyPath) -> InstrumentUse:
        if entry.end is not None and entry.end < entry.start:
            self.document.report((*path, "end"), "ends_before_start", start=entry.start, end=entry.end)
        parameters = instruments.parameters(instrument)
        for name, parameter in parameters.items():
            if parameter.kind in ("site", "chain") and (named := getattr(entry, name)):
                self.geography.indices(parameter.kind, [named], self.document, (*path, name))
        if entry.who != schema.Who() and not getattr(instruments.module(instrument), "REACHES_FIRMS", True):
            self.document.report((*path, "who"), "nobody_to_reach", instrument=instrument)
        who = self._who(entry.who, (*path, "who"))
        values = self._per_100_firms(values_of(entry, parameters), parameters)
        if "word" in parameters and values.support + values.word > 1.0 + SHARES_TOLERANCE:
            self.document.report((*path, "word"), "support_and_word", given=number_text(values.support + values.word))
        return InstrumentUse(label, instrument, values, entry.start, entry.end, who)

    def _per_100_firms(self, values: Values, parameters: Mapping[str, Parameter]) -> Values:
        """Doses that are written as a total of all firms, or of those of the chain that is named, per 100 of them."""
        geography, changes = self.geography, {}
        firms = geography.number_of_firms
        if "chain" in parameters and values.chain:
            firms = geography.chain_firms.get(values.chain, 0)
        for name, parameter in parameters.items():
            value = getattr(values, name)
            if isinstance(value, schema.Total):
                years = values.interval / 12.0 if parameter.counted == "occasion" else 1.0
                changes[name] = 100.0 * value.total / max(firms, 1) * years
        return values.replace(**changes)

    def _who(self, who: schema.Who, path: KeyPath) -> Who:
        chains = self.geography.indices("chain", as_list(who.chain), self.document, (*path, "chain"))
        return Who(
            sites=self.geography.indices("site", as_list(who.site), self.document, (*path, "site")),
            chains=chains,
            tiers=self.geography.tiers(as_list(who.tier), chains, self.document, (*path, "tier")),
            size_classes=tuple(SIZE_CLASSES.index(word) for word in as_list(who.size_class)),
            owners=tuple(OWNER_KINDS.index(word) for word in as_list(who.owner)),
            anchors=who.anchor,
            firms=() if who.firms is None else self.geography.listed_firms(who.firms, self.document, (*path, "firms")),
            share=who.share,
            drawn=drawn_name(who, self.document, path),
        )


def drawn_name(entry: Any, document: Document, path: KeyPath) -> str:
    """Name of the numbers by which a share of the firms is drawn, "" where nothing is said."""
    if entry.drawn is not None and "share" not in entry.model_fields_set:
        document.report((*path, "drawn"), "drawn_without_share")
    return entry.drawn or ""


def as_list(value: Any) -> list[Any]:
    """One or many, or nothing, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def values_of(model: Any, parameters: Mapping[str, Parameter]) -> Values:
    """The registry's parameters from a checked model; lists of words as tuples."""
    values = {name: getattr(model, name) for name in parameters}
    return Values({name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
