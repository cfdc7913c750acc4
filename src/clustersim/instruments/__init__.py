"""The policy instruments, one file each: its parameters and pure functions from the state to levers.

A new instrument is a new file here; it is found by itself, and the YAML checks, the documentation's table, the cost
ledger and the contract tests pick it up. A file holds

- `PARAMETERS`: a tuple of `Parameter`;
- `levers(view, use) -> Levers`: what it asks for this month;
- `REACHES_FIRMS = False`, where `who` cannot apply;
- `planned(values, frame) -> Plan`: what it is planned to cost over the horizon.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

from clustersim.spec.parameters import Parameter


@functools.cache
def names() -> tuple[str, ...]:
    """All instruments, in alphabetical order."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(__path__)))


@functools.cache
def module(name: str) -> ModuleType:
    """The file of an instrument.

    Raises:
        KeyError: there is no such instrument.
    """
    if name not in names():
        raise KeyError(name)
    return importlib.import_module(f"{__name__}.{name}")


def parameters(name: str) -> dict[str, Parameter]:
    """The registry of one instrument's parameters, by name."""
    return {parameter.name: parameter for parameter in module(name).PARAMETERS}
