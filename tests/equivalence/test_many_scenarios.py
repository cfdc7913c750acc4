"""Thousands of random scenarios on both engines.

    uv run --group test pytest -m slow --dist load tests/equivalence/test_many_scenarios.py

The number of cases stands below; each part prints what it compared (`-rA` shows it).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from random_scenarios import BLOCK, Case, cases, for_each, paid, write

from clustersim.agreement import compare

PARTS = 32
BLOCKS = 7  # of a part, of nine cases each: 2,016 cases in all
FIRST = 1000  # other draws than those of the short test


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_many_random_scenarios(part: int, tmp_path: Path) -> None:
    compared: Counter[str] = Counter()
    largest = 0.0

    def check(case: Case) -> None:
        nonlocal largest
        found = compare(paid(write(case, tmp_path)), case.seeds)
        assert found.difference is None
        counts = {name: getattr(found, name) for name in ("runs", "firm_months", "events", "decisions", "quantities")}
        compared.update({"cases": 1, **counts})
        largest = max(largest, found.largest)

    for_each(cases(), check, BLOCKS, FIRST + part * BLOCKS)
    assert compared["cases"] == BLOCKS * BLOCK
    print(f"{dict(compared)}, largest relative difference {largest:.1e}")
