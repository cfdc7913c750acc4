"""The random numbers of one seed, looked up one at a time; `clustersim.spec.draws` says what a number belongs to."""

from __future__ import annotations

import numpy as np

from clustersim.spec.draws import Draws
from clustersim.spec.state import DETAIL_STRIDE, SERVICES, SLOT_STRIDE

type Details = tuple[int, int, int, int]


class Numbers:
    """Words (whole numbers below 2**32) of the streams of one seed.

    Args:
        seed: in 0 .. 2**63 - 1.
        incumbents, reserve: firms at the start, and rows for entrants behind them.
    """

    def __init__(self, seed: int, incumbents: int, reserve: int):
        self.draws = Draws([seed], incumbents, reserve)
        self._ids = np.arange((incumbents + reserve) * DETAIL_STRIDE)
        self._seed_index = np.zeros(len(self._ids), dtype=np.int64)
        self._month = 0
        self._words: dict[tuple[str, int], list[int]] = {}
        self._details: dict[str, list[Details]] = {}

    def begin(self, month: int) -> None:
        """Numbers are those of this month (absolute: 1 is the first of the burn-in) from now on."""
        self._month = month
        self._words.clear()
        self._details.clear()

    def of_firm(self, stream: str, row: int, month: int | None = None) -> int:
        """A firm's number; of another month than this one where `month` is given."""
        return self._word(stream, row, 1, month)

    def of_slot(self, stream: str, row: int, number: int) -> int:
        """The number of a firm's goods slot."""
        return self._word(stream, row * SLOT_STRIDE + number, SLOT_STRIDE, None)

    def of_service(self, stream: str, row: int, service: int) -> int:
        """The number of a firm's service slot."""
        return self._word(stream, row * len(SERVICES) + service, len(SERVICES), None)

    def details_of_slot(self, stream: str, row: int, number: int) -> Details:
        """Four numbers of a goods slot: which, where, how long."""
        return self._detail(stream, row * DETAIL_STRIDE + number)

    def details_of_service(self, stream: str, row: int, service: int) -> Details:
        """Four numbers of a service slot."""
        return self._detail(stream, row * DETAIL_STRIDE + SLOT_STRIDE + service)

    def details_of(self, stream: str, number: int) -> Details:
        """Four numbers of anything else that is counted from 0, such as a chain."""
        return self._detail(stream, number)

    def _word(self, stream: str, place: int, per_firm: int, month: int | None) -> int:
        month = self._month if month is None else month
        if (stream, month) not in self._words:
            self._words[stream, month] = self.draws.words(stream, month, per_firm)[0].tolist()
        return self._words[stream, month][place]

    def _detail(self, stream: str, number: int) -> Details:
        if stream not in self._details:  # all at once: a single one would cost nearly as much
            table = self.draws.details(stream, self._month, self._seed_index, self._ids)
            self._details[stream] = list(zip(*table.tolist(), strict=True))
        return self._details[stream][number]
