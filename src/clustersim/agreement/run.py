"""One run in both engines: a slice of the batch world, and a reference model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np

from clustersim.agreement.findings import FLOOR_OF_SUMS, MEASUREMENT, START, Columns, Difference
from clustersim.arrays import Array
from clustersim.engines.reference import ClusterModel
from clustersim.engines.reference.portrait import portrait
from clustersim.spec.month import Ledger
from clustersim.spec.state import CHANNELS, COLUMNS, ENGAGED, NO_SLOT, PAIRED, SERVICES, WANTED, State
from clustersim.spec.world import World

ORDERED = ("local_orders",)  # known from step `inputs` on
MADE = ("full_output", "outside_demand", "output")  # known from step `production` on
OF_SLOTS = (("orders", "order"), ("inputs", "inputs"))
OUTSIDE = {  # what comes from outside, by its axis
    "noise": "firm",
    "loss": "firm",
    "contract": "firm",
    "chain_factor": "chain",
    "availability": "site and good",
    "search_factor": "site",
}
KNOWN_AFTER = {"inputs": ORDERED, "aid": ORDERED, "production": (*ORDERED, *MADE), MEASUREMENT: (*ORDERED, *MADE)}
WORDS = {"channel": ("open", *CHANNELS), "service_state": ("idle", "wanted", "engaged")}

type Place = Callable[[int], tuple[int, str]]
type Event = tuple[int, int, int, int]  # buyer, slot, supplier (-1 where a pair ends), channel (0 there)


@dataclass(frozen=True, eq=False)
class Run:
    """One arm and seed: a slice of the world (arm and base there), and a model."""

    name: str
    world: World
    arm: int
    base: int
    model: ClusterModel

    def difference(self, step: str, column: str, **values: Any) -> Difference:
        model = self.model
        return Difference(arm=self.name, seed=model.seed, month=model.month, step=step, column=column, **values)

    def first_difference(self, step: str, columns: Columns, entry: int) -> Difference:
        """The difference in an entry of a column."""
        firm, slot = columns.place(entry)
        return self.difference(
            step,
            columns.name,
            firm=firm,
            slot=slot,
            batch=_shown(columns.name, columns.batch[entry]),
            reference=_shown(columns.name, columns.reference[entry]),
            others=int((~columns.same).sum()) - 1,
        )

    def everything(self, step: str) -> Iterator[Columns]:
        """What is compared after a step, causes before what follows from them."""
        yield from self.outside() if step != START else ()
        yield from self.flows(step)
        yield from self.state()
        yield from self.ledger()

    # --- state ------------------------------------------------------------------------------------------------------

    def state(self) -> Iterator[Columns]:
        """All columns of the state, in their order: who is active stands first."""
        batch, reference = self._slice(), portrait(self.model)
        by_axis, by_name = self._what_counts(batch, reference)
        for name, column in COLUMNS.items():
            ours, theirs = getattr(batch, name).reshape(-1), getattr(reference, name).reshape(-1)
            chosen = np.flatnonzero(by_name.get(name, by_axis[column.axis]))
            yield Columns(name, ours[chosen], theirs[chosen], self._place(column.axis, chosen.tolist()))

    def _slice(self) -> State:
        """The world's columns of this run, in the shapes of `portrait`."""
        found = {}
        for name, column in COLUMNS.items():
            whole = getattr(self.world.state, name)[self.arm]
            found[name] = whole[self._slots] if column.axis == "slot" else whole[self.base : self.base + 1]
        return State(found)

    @property
    def _slots(self) -> slice:
        begin, rows = self.world.population.slot_begin, self.world.rows
        return slice(int(begin[self.base * rows]), int(begin[(self.base + 1) * rows]))

    def _what_counts(self, batch: State, reference: State) -> tuple[dict[str, Array], dict[str, Array]]:
        """What is compared, by axis, and by name where only part of an axis means something: the rest is left over."""

        def both(name: str, value: int) -> Array:
            return (getattr(batch, name) == value) & (getattr(reference, name) == value)

        paired = (batch.channel >= PAIRED) & (reference.channel >= PAIRED)
        wanted, engaged = both("service_state", WANTED), both("service_state", ENGAGED)
        by_axis = {
            "firm": batch.active & reference.active,
            "slot": (batch.channel != NO_SLOT) | (reference.channel != NO_SLOT),
            "service": np.ones_like(wanted),  # reserve rows too: no need may open where there is no firm
            "place": np.ones(batch.places.shape, dtype=bool),
            "site": np.ones(batch.trust_site.shape, dtype=bool),
            "chain": np.ones(batch.trust_chain.shape, dtype=bool),
            "group": np.arange(self.world.rows) < len(self.model.common_trust["group"]),
        }
        by_name = {
            "active": np.ones_like(batch.active),
            "first_trust": paired,
            "service_due": wanted | engaged,
            "service_since": wanted,
            "service_provider": engaged,
            "service_project": engaged,
        }
        return by_axis, by_name

    def _place(self, axis: str, chosen: Sequence[int]) -> Place:
        """Firm and slot of an entry of what counts."""
        people = self.model.population

        def of_slot(entry: int) -> tuple[int, str]:
            return int(people.slot_owner[chosen[entry]]), str(people.slot_number[chosen[entry]])

        def of_service(entry: int) -> tuple[int, str]:
            row, service = divmod(chosen[entry], len(SERVICES))
            return row, SERVICES[service]

        def of_provider(entry: int) -> tuple[int, str]:
            number, service = divmod(chosen[entry], len(SERVICES))
            return int(people.provider_firm[0, number]), f"{SERVICES[service]} at provider {number}"

        places: dict[str, Place] = {
            "firm": lambda entry: (chosen[entry], ""),
            "slot": of_slot,
            "service": of_service,
            "place": of_provider,
        }
        return places.get(axis, lambda entry: (-1, f"{axis} {chosen[entry]}"))

    # --- what happened in the month ---------------------------------------------------------------------------------

    def ledger(self) -> Iterator[Columns]:
        """What was counted and booked so far."""
        for name in Ledger.__dataclass_fields__:
            batch = getattr(self.world.ledger, name)[self.arm, self.base]
            reference = float(self.model.ledger[name])
            yield Columns(name, np.array([batch]), np.array([reference]), floor=FLOOR_OF_SUMS)

    def outside(self) -> Iterator[Columns]:
        """Demand, noise and events. Events make a column of the world wider by arm; without them it is one for all."""
        people, now = self.model.population, self.world.environment
        lengths = {"firm": people.rows, "chain": people.chains, "site": people.sites}
        lengths["site and good"] = people.sites * people.goods
        for name, axis in OUTSIDE.items():
            column = np.asarray(getattr(now, name), dtype=float)
            column = column.reshape(len(column), -1) if axis == "site and good" and column.ndim else column
            by_base = axis in ("firm", "chain")
            shape = (self.world.arms, *((self.world.bases,) if by_base else ()), lengths[axis])
            batch = np.broadcast_to(column, shape)[(self.arm, self.base) if by_base else self.arm]
            reference = np.array(getattr(self.model.outside, name), dtype=float).reshape(-1)
            yield Columns(name, batch, reference, self._place(axis, range(lengths[axis])))

    def flows(self, step: str) -> Iterator[Columns]:
        """What was ordered, received, made and sold, as far as it is known after a step."""
        if step not in KNOWN_AFTER:
            return
        model, flows = self.model, self.world.flows
        rows = [firm.row for firm in model.firms]
        packed = [slot for row in rows for slot in model.packed_slots(row)]
        for name, attribute in OF_SLOTS:
            batch = getattr(flows, name)[self.arm, self._slots][packed]
            reference = np.array([getattr(slot, attribute) for slot in model.slots], dtype=float)
            yield Columns(name, batch, reference, self._place("slot", packed))
        for name in KNOWN_AFTER[step]:
            reference = np.array([getattr(firm, name) for firm in model.firms], dtype=float)
            yield Columns(name, getattr(flows, name)[self.arm, self.base, rows], reference, self._place("firm", rows))

    def events(self) -> list[Event]:
        """The model's pairing events of this month, slot after slot, as they happened."""
        latest = list(takewhile(lambda event: event.month == self.model.month, reversed(self.model.pair_events)))
        happened = [(event.buyer, event.slot, event.supplier, event.channel) for event in latest[::-1]]
        return sorted(happened, key=lambda event: event[:2])

    def events_of(self, parts: Sequence[dict[str, Array]]) -> list[Event]:
        """This run's among the world's events, in the same order."""
        people, rows = self.world.population, self.world.rows
        found: list[Event] = []
        for part in parts:
            owner, number = people.slot_owner[part["slot"]], people.slot_number[part["slot"]]
            mine = (part["arm"] == self.arm) & (owner // rows == self.base)
            supplier = np.where(part["supplier"] >= 0, part["supplier"] - self.base * rows, -1)
            columns = (owner - self.base * rows, number, supplier, part["code"])
            found += list(zip(*(column[mine].tolist() for column in columns), strict=True))
        return sorted(found, key=lambda event: event[:2])


def event_text(event: Event | None) -> str:
    if event is None:
        return "nothing"
    *_, supplier, channel = event
    return "ended" if supplier < 0 else f"paired with firm {supplier} by {CHANNELS[channel - 1]}"


def _shown(name: str, value: Any) -> str:
    """Codes in words, numbers with all their digits."""
    plain = value.item() if isinstance(value, np.generic) else value
    return WORDS[name][plain] if name in WORDS and plain >= 0 else repr(plain)
