"""How an agent reads what the instruments ask for.

Of one run, levers are plain numbers, or columns (1, ...) by firm, provider or label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from clustersim.arrays import Array
    from clustersim.engines.reference.enterprise import Enterprise


class Addressed(Protocol):
    """A request that reaches some firms: `who` (1, rows)."""

    @property
    def who(self) -> Array: ...


def at(column: Any, *place: int) -> float:
    """What a lever says of one firm, provider or label; a plain number says it of all."""
    return float(column) if np.ndim(column) == 0 else float(np.asarray(column)[(0, *place)])


def at_slot(column: Any, packed: int) -> float:
    """What a lever's column (slots,) says of one goods slot."""
    return float(column) if np.ndim(column) == 0 else float(column[packed])


def reaches(request: Addressed, firm: Enterprise) -> bool:
    return bool(request.who[0, firm.row])
