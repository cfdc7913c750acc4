"""The pairing events of three small scenarios as one hash a month, so that every platform can be asked for the same.

    uv run python tests/equivalence/decisions.py

compares them with those in decisions.json; with `--rewrite` it writes that file anew, after a change of the model.
It needs the engine alone, so it runs where neither tables nor figures can be made.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

import numpy as np

from clustersim import scenario
from clustersim.engines import batch
from clustersim.engines.bases import Bases
from clustersim.engines.collect import collect

FOLDER = Path(__file__).parent / "decisions"
PINNED = FOLDER.with_suffix(".json")
SCENARIOS = sorted(file.stem for file in FOLDER.glob("*.yaml"))
SEEDS = (0, 2**62)
COLUMNS = ("seed", "buyer", "slot", "supplier", "event")

type Hashes = dict[str, list[str]]  # arm -> hash of each month, month 0 first


def pairing_events(name: str) -> dict[str, np.ndarray]:
    """Columns as those of events.parquet, of both seeds and all arms."""
    found = scenario.load(FOLDER / f"{name}.yaml")
    arms = batch.stacked_policies(Bases.crossed([found], SEEDS))
    world = batch.world_of(Bases.crossed([found], SEEDS))
    batch.burn_in(world)
    world = batch.branched(world, len(arms))
    recorder = batch.run_policies(world, found, arms, len(SEEDS))
    return collect(world, recorder, found, [arm.name for arm in arms], Bases.crossed([found], SEEDS)).pairs


def hashes(name: str) -> Hashes:
    events = pairing_events(name)
    months: dict[str, dict[int, list[str]]] = {}
    for row, (arm, month) in enumerate(zip(events["arm"], events["month"].tolist(), strict=True)):
        text = " ".join(str(events[column][row]) for column in COLUMNS)
        months.setdefault(arm, {}).setdefault(month, []).append(text)
    last = int(events["month"].max())
    return {arm: [_hash(lines.get(month, [])) for month in range(last + 1)] for arm, lines in months.items()}


def _hash(lines: list[str]) -> str:
    """In any order: within a month it is not the order that decides."""
    return hashlib.blake2b("\n".join(sorted(lines)).encode(), digest_size=4).hexdigest()


def pinned() -> dict[str, Hashes]:
    stored = json.loads(PINNED.read_text(encoding="utf-8"))
    return {name: {arm: line.split() for arm, line in arms.items()} for name, arms in stored.items()}


def first_difference(expected: Mapping[str, list[str]], found: Mapping[str, list[str]]) -> str | None:
    """The first month in which an arm's pairing events differ, and in which arms; None where all agree."""
    if set(expected) != set(found):
        return f"other arms: {sorted(set(expected) ^ set(found))}"
    first = {
        arm: month
        for arm in expected
        for month, (one, other) in reversed(list(enumerate(zip_longest(expected[arm], found[arm]))))
        if one != other
    }
    month = min(first.values(), default=None)
    arms = [arm for arm in first if first[arm] == month]
    return None if month is None else f"month {month}, arms {', '.join(arms)}"


def main(words: list[str]) -> int:
    found = {name: hashes(name) for name in SCENARIOS}
    if words == ["--rewrite"]:
        lines = {name: {arm: " ".join(months) for arm, months in arms.items()} for name, arms in found.items()}
        PINNED.write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")
        return 0
    differences = {name: first_difference(pinned()[name], found[name]) for name in SCENARIOS}
    for name, difference in differences.items():
        print(f"{name}: {'same decisions' if difference is None else f'other decisions from {difference}'}")
    return int(any(differences.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
