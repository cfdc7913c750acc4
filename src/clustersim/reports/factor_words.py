"""Factors of a study as they are told: their short names, their ranges and what they mean."""

from __future__ import annotations

from collections.abc import Sequence

from clustersim.execution.factors import ANY_ARM, Factor
from clustersim.messages import has, text
from clustersim.reports import wording
from clustersim.reports.blocks import Table, table
from clustersim.scenario.model import Scenario
from clustersim.scenario.phrases import value_text


def short_names(factors: Sequence[Factor]) -> dict[str, str]:
    """Factor -> the end of its key path that tells it from the others: `rivalry`, `groups.learning`."""
    found = {}
    for factor in factors:
        parts = factor.name.split(".")
        short = parts[-1] if parts[0] == "parameters" else ".".join(part for part in parts[2:] or parts)
        found[factor.name] = short
    repeated = {short for short in found.values() if list(found.values()).count(short) > 1}
    return {name: name.replace(f".{ANY_ARM}.", ".") if short in repeated else short for name, short in found.items()}


def factor_words(name: str) -> str:
    """A factor as it is told: what it is called, in code."""
    return text("study.code", name=name)


def short_words(factors: Sequence[Factor]) -> dict[str, str]:
    """Factor -> its short name as it is told."""
    return {name: factor_words(short) for name, short in short_names(factors).items()}


def factor_table(factors: Sequence[Factor], scenario: Scenario) -> Table:
    """Every factor with what it stands at in the scenario, what it takes, and what it means."""
    header = [text(f"study.column.{name}") for name in ("factor", "default", "range", "meaning")]
    rows = [
        [factor_words(factor.name), _default(factor), range_words(factor), meaning(factor, scenario)]
        for factor in factors
    ]
    return table("", header, rows)


def _default(factor: Factor) -> str:
    return wording.NOTHING if factor.default is None else value_text(factor.default)


def range_words(factor: Factor) -> str:
    if factor.levels:
        return text("list.separator").join(value_text(level) for level in factor.levels)
    return text("study.range", low=f"{factor.low:g}", high=f"{factor.high:g}")


def meaning(factor: Factor, scenario: Scenario) -> str:
    """The registry's words for a factor, nothing for what has none."""
    parts = factor.paths[0].split(".")
    keys = [f"parameter.{parts[-1]}"] if parts[0] == "parameters" else []
    if parts[0] == "policies" and len(parts) == 4:
        keys = [
            f"parameter.{use.instrument}.{parts[3]}"
            for policy in scenario.policies
            for use in policy.instruments
            if (policy.name, use.label) == (parts[1], parts[2])
        ]
    return next((text(key) for key in keys if has(key)), "")
