"""How far something is, for whoever wants to show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

type OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Progress:
    """What is done of what is wanted.

    Attributes:
        what: run (counted in seeds), study or assumptions (in blocks), evidence (in seeds), agreement (in months).
    """

    done: int
    wanted: int
    what: str = "run"


def unseen(_: Progress) -> None:
    """Shows nothing."""
