"""What an alliance reports of itself: organisations, ties, projects, patents, firms that came."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array
from clustersim.observables import Observable
from clustersim.spec.draws import label_code
from clustersim.spec.watched import Asked, Watched


def organisations_founded(watched: Watched, asked: Asked) -> Array:
    """Party organisations founded in the months."""
    before, after = _organisations(watched, asked)
    return after - before


def organisations_growth(watched: Watched, asked: Asked) -> Array:
    """Percent by which the number of party organisations grows in the months."""
    before, after = _organisations(watched, asked)
    return 100.0 * (after / np.where(before > 0, before, np.nan) - 1.0)


def organised_share(watched: Watched, asked: Asked) -> Array:
    """Percent of the enterprises that have a party organisation at the end of the months."""
    _, after = _organisations(watched, asked)
    active = watched.months("active", asked.arm, asked.last, asked.last)[:, 0]
    firms = (active & _within(watched, asked)).sum(axis=1)
    return 100.0 * after / np.where(firms > 0, firms, np.nan)


def ties_made(watched: Watched, asked: Asked) -> Array:
    """Formal pairings made in the months."""
    tie = watched.months("tie", asked.arm, asked.first - 1, asked.last)
    if "label" in asked.filters:
        tie = np.where(tie == label_code(asked.filters["label"]), tie, 0)
    made: Array = ((tie[:, 1:] > 0) & (tie[:, :-1] == 0)).sum(axis=(1, 2)).astype(float)
    return made


def firms_entered(watched: Watched, asked: Asked) -> Array:
    """Enterprises that entered in the months."""
    there = watched.months("active", asked.arm, asked.first - 1, asked.last)
    new = ~there[:, 0] & there[:, -1] & _within(watched, asked)
    return new.sum(axis=1).astype(float)


def projects_begun(watched: Watched, asked: Asked) -> Array:
    """Joint projects begun in the months."""
    return watched.total("projects", asked.arm, asked.first, asked.last)


def patents(watched: Watched, asked: Asked) -> Array:
    """Patents in the months."""
    return watched.total("patents", asked.arm, asked.first, asked.last)


def patents_per_project(watched: Watched, asked: Asked) -> Array:
    """Patents / joint projects begun, both in the months."""
    begun = projects_begun(watched, asked)
    return patents(watched, asked) / np.where(begun > 0, begun, np.nan)


def _organisations(watched: Watched, asked: Asked) -> tuple[Array, Array]:
    """Number of organisations just before the months and at their end, (seeds,) each."""
    column = watched.months("organisation", asked.arm, asked.first - 1, asked.last)
    there = watched.months("active", asked.arm, asked.first - 1, asked.last) & _within(watched, asked)[:, None]
    number = (column & there).sum(axis=2).astype(float)
    return number[:, 0], number[:, -1]


def _within(watched: Watched, asked: Asked) -> Array:
    """Firms of the site and the chain that are asked for, (seeds, rows)."""
    inside = np.ones(watched.anchor.shape, dtype=bool)
    for name, column in (("site", watched.site), ("chain", watched.chain)):
        if name in asked.filters:
            inside &= column[asked.arm] == asked.filters[name]
    return inside


_PLACE = ("site", "chain")
OBSERVABLES = (
    Observable("organisations_founded", "organisations", organisations_founded, _PLACE, (), ("organisation", "active")),
    Observable("organisations_growth", "percent", organisations_growth, _PLACE, (), ("organisation", "active")),
    Observable("organised_share", "percent", organised_share, _PLACE, (), ("organisation", "active")),
    Observable("ties_made", "ties", ties_made, ("label",), (), ("tie",)),
    Observable("firms_entered", "firms", firms_entered, _PLACE, (), ("active",)),
    Observable("projects_begun", "projects", projects_begun),
    Observable("patents", "patents", patents),
    Observable("patents_per_project", "patents_a_project", patents_per_project),
)
