"""Sums by group of firms, whichever engine made the firms' columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array
from clustersim.scenario.model import Scenario
from clustersim.spec.results import GroupTable
from clustersim.spec.state import SIZE_CLASSES


@dataclass(frozen=True, eq=False)
class Labels:
    """By what firms are grouped at the end of a run, (arms, bases, rows) each."""

    tier: Array
    site: Array
    chain: Array
    joined: Array
    member: Array


def group_table(
    firms: dict[str, Array], twin: Array, scenario: Scenario, size_class: Array, labels: Labels
) -> GroupTable:
    """Sums by fixed groups of firms. Membership is that of the arm, for its twin too.

    Args:
        firms: columns (arms, bases, rows). twin: of each arm. size_class: (bases, rows).
    """
    tiers = max(chain.tiers for chain in scenario.population.chains)
    dimensions: list[tuple[str, list[str], Array]] = [
        ("total", ["all"], np.zeros_like(labels.site)),
        ("size_class", list(SIZE_CLASSES), np.broadcast_to(size_class, labels.site.shape)),
        ("tier", [str(tier) for tier in range(tiers)], labels.tier),
        ("site", [site.name for site in scenario.population.sites], labels.site),
        ("chain", [chain.name for chain in scenario.population.chains], labels.chain),
        ("member_at_start", ["no", "yes"], labels.joined.astype(np.intp)),
        ("member_ever", ["no", "yes"], labels.member.astype(np.intp)),
    ]
    names = [(dimension, group) for dimension, groups, _ in dimensions for group in groups]
    values = {name: _sums(column, dimensions) for name, column in firms.items()}
    twins = {name: _sums(column[twin], dimensions) for name, column in firms.items()}
    return GroupTable(tuple(name for name, _ in names), tuple(name for _, name in names), values, twins)


def label_columns(labels: Labels, size_class: Array, incumbents: int) -> dict[str, Array]:
    """By what firms are grouped, (arms, bases, rows): places in the scenario's lists, and flags.

    Args:
        size_class: (bases, rows). incumbents: rows of firms that are there from the start.
    """
    shape = labels.site.shape
    return {
        "size_class": np.broadcast_to(size_class, shape).astype(np.int8),
        "tier": labels.tier.astype(np.int16),
        "site": labels.site.astype(np.int32),
        "chain": labels.chain.astype(np.int32),
        "member_at_start": labels.joined.astype(bool),
        "member_ever": labels.member.astype(bool),
        "incumbent": np.broadcast_to(np.arange(shape[-1]) < incumbents, shape),
    }


def _sums(column: Array, dimensions: list[tuple[str, list[str], Array]]) -> Array:
    """(arms, bases, groups of all dimensions)."""
    arms, bases, _ = column.shape
    run = np.arange(arms * bases).reshape(arms, bases, 1)
    parts = []
    for _, groups, label in dimensions:
        key = (run * len(groups) + label).reshape(-1)
        total = np.bincount(key, column.reshape(-1), minlength=arms * bases * len(groups))
        parts.append(total.reshape(arms, bases, len(groups)))
    return np.concatenate(parts, axis=2)
