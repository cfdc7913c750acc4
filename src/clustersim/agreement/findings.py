"""What a comparison of the engines finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array

RELATIVE = 1e-9
FLOOR = 1e-12  # below it a share or an amount of 10k yuan counts as nothing
FLOOR_OF_SUMS = 1e-9  # of sums over many firms, and of differences between such sums
MEASUREMENT = "measurement"  # the last step of a month
START = "start"  # before the first month


@dataclass(frozen=True)
class Difference:
    """The first place where the engines part.

    Attributes:
        arm, seed, month: of the run; None where a stored table differs as a whole, or has no months. Months of the
            burn-in are 0 and below.
        step: of the month, named as in the schedule.
        column: of the state, flow of the month, entry of the ledger, stored measure, or pairing events.
        firm: row, -1 where the column is none of firms. slot: goods slot, service or whatever else; "" for none.
        batch, reference: the two values.
        others: in how many further places the column differs.
    """

    arm: str | None
    seed: int | None
    month: int | None
    step: str
    column: str
    firm: int
    slot: str
    batch: str
    reference: str
    others: int = 0


@dataclass(frozen=True, eq=False)
class Columns:
    """One column of both engines, (n,) each, without what exists in neither.

    Attributes:
        place: firm and slot of an entry.
        floor: quantities may differ by so much near zero.
    """

    name: str
    batch: Array
    reference: Array
    place: Callable[[int], tuple[int, str]] = lambda _: (-1, "")
    floor: float = FLOOR

    @property
    def is_quantity(self) -> bool:
        return np.issubdtype(self.batch.dtype, np.floating)

    @property
    def same(self) -> Array:
        """Whether each entry agrees; NaN agrees with nothing, because nothing here may be NaN."""
        if not self.is_quantity:
            return self.batch == self.reference
        apart, larger = self._apart()
        return apart <= RELATIVE * larger + self.floor

    @property
    def largest(self) -> float:
        """Largest relative difference of entries that are well above the floor."""
        apart, larger = self._apart()
        counted = larger > self.floor / RELATIVE
        return float((apart[counted] / larger[counted]).max(initial=0.0))

    def _apart(self) -> tuple[Array, Array]:
        larger = np.maximum(np.abs(self.batch), np.abs(self.reference))
        return np.abs(self.batch - self.reference), larger


@dataclass
class Agreement:
    """What was compared, and the first difference, if there is one.

    Attributes:
        runs: arms times seeds. months: compared of each, burn-in included. firm_months: of all runs.
        events: pairs made and ended. decisions: numbers compared exactly. quantities: numbers compared to `RELATIVE`.
        largest: relative difference of a quantity that is well above the floor.
        difference: None where the engines agree.
    """

    runs: int = 0
    months: int = 0
    firm_months: int = 0
    events: int = 0
    decisions: int = 0
    quantities: int = 0
    largest: float = 0.0
    difference: Difference | None = None

    def count(self, columns: Columns) -> int | None:
        """Take a comparison into account. Returns the first entry that differs."""
        if columns.is_quantity:
            self.quantities += len(columns.batch)
            self.largest = max(self.largest, columns.largest)
        else:
            self.decisions += len(columns.batch)
        different = np.flatnonzero(~columns.same)
        return int(different[0]) if len(different) else None

    def add(self, other: Agreement) -> None:
        """Take another block of seeds into account; its runs have as many months."""
        for name in ("runs", "firm_months", "events", "decisions", "quantities"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.months, self.largest = max(self.months, other.months), max(self.largest, other.largest)
        self.difference = self.difference or other.difference

    def report(self, difference: Difference) -> None:
        """The first one stays."""
        if self.difference is None:
            self.difference = difference
