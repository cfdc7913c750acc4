"""What a simulated block leaves: labelled arrays, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field

from clustersim.arrays import Array

EQUAL_MONEY = " (equal money)"  # behind the name of an arm that is scaled to the mean planned cost
RECORDED_SEEDS = 5  # pairing events and waiting spells are kept of the first ones
NO_SHOCK = " (no shock)"  # behind the name of an arm that is run without its shocks


@dataclass(frozen=True, eq=False)
class GroupTable:
    """Measures by group of firms.

    Attributes:
        dimension, group: names of each of the g groups.
        values: measure -> (arms, bases, g); twins: the same groups' values in the arm's twin.
    """

    dimension: tuple[str, ...]
    group: tuple[str, ...]
    values: dict[str, Array]
    twins: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Block:
    """Runs of one block: arms x bases, a base being (point, seed).

    Attributes:
        arms: names; an arm without the scenario's shocks is called as the arm with ` (no shock)` behind it.
        seeds: (bases,) and points: (bases,) of each base.
        series: measure -> (arms, bases, months).
        groups: sums by size class, tier, site, chain, membership.
        firms: column -> (arms, bases, rows): sums over the horizon, and by what firms are grouped at its end.
        pairs, spells: column -> (n,) pairing events and waiting spells of the first seeds.
    """

    arms: tuple[str, ...]
    seeds: Array
    points: Array
    series: dict[str, Array]
    groups: GroupTable
    firms: dict[str, Array]
    pairs: dict[str, Array] = field(default_factory=dict)
    spells: dict[str, Array] = field(default_factory=dict)
