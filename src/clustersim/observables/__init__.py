"""Observables: what reported facts and published findings are compared with. Watched runs in, a sample out.

A file of this package is a family: its functions hold the definitions, its tuple `OBSERVABLES` names them. A new one is
one entry there and its texts `observable.<name>.title` and `.definition` in the message catalogue.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from clustersim.arrays import Array
from clustersim.spec.watched import Asked, Watched

FILTERS = ("channel", "site", "chain", "label", "firms", "buyers")


@dataclass(frozen=True)
class Observable:
    """A quantity that somebody outside the model could have counted.

    Attributes:
        name: its texts are `observable.<name>.title` and `.definition`.
        unit: key below `measure_unit.` in the message catalogue.
        function: its sample: a number for each seed or, where `each_pair`, for each pair of all seeds.
        takes: filters that it understands; `needs`: those that must be given.
        columns: of `Watched.firms` that it reads.
        against_no_shock: whether it compares the arm with the same arm without its shocks.
        of_all: whether it then looks at all firms, so that a shock of any kind will do.
    """

    name: str
    unit: str
    function: Callable[[Watched, Asked], Array]
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    each_pair: bool = False
    against_no_shock: bool = False
    of_all: bool = False


def _found() -> dict[str, Observable]:
    files = [found.name for found in pkgutil.iter_modules(__path__)]
    families = [importlib.import_module(f"{__name__}.{file}") for file in files]
    return {observable.name: observable for family in families for observable in family.OBSERVABLES}


OBSERVABLES: dict[str, Observable] = _found()
