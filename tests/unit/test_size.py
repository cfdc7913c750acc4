"""How large blocks are, and which of them are certified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clustersim.execution import work
from clustersim.execution.size import BLOCK_ROWS, CERTIFIED_EVERY, is_certified, size_of
from clustersim.studies.store_run import store
from small_worlds import brokering, make

FULL = BLOCK_ROWS["batch"]


def test_every_sixteenth_block_is_certified() -> None:
    assert [number for number in range(40) if is_certified(1000, 50, number)] == [0, 16, 32]


def test_a_seed_that_fills_more_than_a_block_is_not_certified() -> None:
    assert is_certified(FULL, 1, 0)
    assert not is_certified(FULL + 1, 1, 0)
    assert is_certified(FULL + 1, 2, 0)  # however that came about


def test_certificates_are_part_of_the_time_that_is_reported() -> None:
    small, large = make(brokering(), firms=1_000), make(brokering(), firms=FULL)
    of_block = size_of(small, 10**9).block
    one, two = (size_of(small, blocks * CERTIFIED_EVERY * of_block).seconds for blocks in (1, 2))
    assert two == pytest.approx(2.0 * one)
    assert size_of(large, 2).seconds == pytest.approx(2.0 * size_of(large, 1).seconds)


def test_the_blocks_of_a_run_are_certified_as_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    simulate = work.simulate

    def watched(scenario: Any, seeds: Any, certified: bool, *others: Any) -> Any:
        asked.append(certified)
        return simulate(scenario, seeds, certified, *others)

    monkeypatch.setattr(work, "simulate", watched)
    monkeypatch.setitem(BLOCK_ROWS, "batch", 2 * 2 * 20)
    store(make(brokering(), months=(2, 12), firms=20), tmp_path, seeds=6)
    assert asked == [True, False, False]
