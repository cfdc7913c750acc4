"""The runs of a block before they branch into arms: each base is a parameter point with a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from clustersim.arrays import Array
from clustersim.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Bases:
    """Points and seeds of a block.

    Attributes:
        points: scenarios that differ in numbers only. seeds: without repetition.
        point_of_base, seed_of_base: (bases,) places in the two.
    """

    points: tuple[Scenario, ...]
    seeds: tuple[int, ...]
    point_of_base: Array
    seed_of_base: Array

    @classmethod
    def crossed(cls, points: Sequence[Scenario], seeds: Sequence[int]) -> Self:
        """Every point with every seed, in the order (point, seed)."""
        point, seed = np.divmod(np.arange(len(points) * len(seeds)), len(seeds))
        return cls(tuple(points), tuple(seeds), point, seed)

    @classmethod
    def paired(cls, points: Sequence[Scenario], seeds: Sequence[int]) -> Self:
        """The first point with the first seed, the second with the second, and so on."""
        places = {seed: place for place, seed in enumerate(dict.fromkeys(seeds))}
        return cls(tuple(points), tuple(places), np.arange(len(points)), np.array([places[seed] for seed in seeds]))

    def __len__(self) -> int:
        return len(self.seed_of_base)

    @property
    def scenario(self) -> Scenario:
        """The first point: of what all have in common."""
        return self.points[0]

    def base(self, place: int) -> Bases:
        """One base alone."""
        return Bases.crossed([self.points[self.point_of_base[place]]], [self.seeds[self.seed_of_base[place]]])

    def each(self) -> Iterator[tuple[Scenario, int]]:
        """Point and seed of every base."""
        for point, seed in zip(self.point_of_base, self.seed_of_base, strict=True):
            yield self.points[point], self.seeds[seed]

    def seed_of_each(self) -> Array:
        """(bases,)."""
        return np.array(self.seeds, dtype=np.int64)[self.seed_of_base]
