"""Where the time goes: seconds by what was going on, measured only where somebody asks for it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from clustersim.arrays import Array
from clustersim.spec.draws import Draws

NUMBERS = "numbers"  # the drawing of them, in whichever step it happens

_NOTHING = nullcontext()


class Clock:
    """Stretches of time by name. A stretch inside another one is counted there, and is no part of the outer one.

    Args:
        now: seconds since whenever; None: the clock stands still, counts nothing and costs next to nothing.

    Attributes:
        counted: what was simulated meanwhile, such as firm-months by stage.
    """

    def __init__(self, now: Callable[[], float] | None = time.perf_counter):
        self.counted: Counter[str] = Counter()
        self._now = now
        self._seconds: dict[tuple[str, ...], float] = {}
        self._open: tuple[str, ...] = ()
        self._since = now() if now else 0.0

    @property
    def runs(self) -> bool:
        return self._now is not None

    def timed(self, name: str) -> AbstractContextManager[None]:
        """Counts what happens in a `with` block under a name, below those of the blocks around it."""
        return self._stretch(name) if self.runs else _NOTHING

    def count(self, **numbers: int) -> None:
        """Adds to what was simulated."""
        if self.runs:
            self.counted.update(numbers)

    def seconds(self) -> dict[tuple[str, ...], float]:
        """Names of the nested stretches, outermost first -> seconds spent in just that one; () is outside of all."""
        self._settle()
        return dict(self._seconds)

    @contextmanager
    def _stretch(self, name: str) -> Iterator[None]:
        self._settle()
        outer, self._open = self._open, (*self._open, name)
        try:
            yield
        finally:
            self._settle()
            self._open = outer

    def _settle(self) -> None:
        """Counts the time since the last change under what is going on."""
        if self._now is not None:
            now = self._now()
            self._seconds[self._open] = self._seconds.get(self._open, 0.0) + now - self._since
            self._since = now


OFF = Clock(None)


class TimedDraws(Draws):
    """The numbers of other draws; the time that they take counts as `NUMBERS`.

    They are drawn afresh: a number belongs to its seed, month and stream, and not to who asks for it.
    """

    def __init__(self, draws: Draws, clock: Clock):
        super().__init__(draws.seeds, draws.incumbents, draws.reserve, draws.last_month)
        self._clock = clock

    def words(self, stream: str, month: int, per_firm: int = 1, entrants: bool = True) -> Array:
        with self._clock.timed(NUMBERS):
            return super().words(stream, month, per_firm, entrants)

    def details(self, stream: str, month: int, seed_index: Array, ids: Array) -> Array:
        with self._clock.timed(NUMBERS):
            return super().details(stream, month, seed_index, ids)
