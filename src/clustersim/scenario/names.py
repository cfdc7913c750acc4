"""Names that authors choose: scenarios, arms, labels, sites, chains. They become folders, files, key paths."""

from __future__ import annotations

import re

# Windows keeps these names for devices, with any ending and in any case.
DEVICES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
)
LONGEST_NAME = 60
FORBIDDEN = re.compile(r'[.<>:"/\\|?*\x00-\x1f\x7f]')


def unusable(name: str) -> str | None:
    """Why a name will not do, as a key below `scenario.name`; None where it will.

    Full stops are refused because they separate the parts of a key path, as in `parameters.friction`.
    """
    if not name.strip():
        return "empty"
    if name != name.strip():
        return "spaces"
    if len(name) > LONGEST_NAME:
        return "long"
    if FORBIDDEN.search(name):
        return "characters"
    return "device" if name.lower() in DEVICES else None
