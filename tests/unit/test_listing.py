"""The order of introductions where numbers are equal, which draws hardly ever are."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from clustersim.mechanisms.brokerage.listing import Items, _in_order

type Array = np.ndarray[Any, Any]


def items(section: list[int], firm: list[int], detail: list[int]) -> Items:
    none = np.zeros(len(section))
    columns = {"base": none, "slot": none, "resource": none, "volume": none, "current": none}
    found = {"section": section, "firm": firm, "detail": detail}
    return Items(**columns, **{name: np.array(column, dtype=np.int64) for name, column in found.items()})


@pytest.mark.parametrize("sections", [3, 2**40])
def test_items_stand_by_section_class_number_owner_and_slot(sections: int) -> None:
    chance = random.Random(sections)
    number = 200
    section = [chance.randrange(3) * (sections // 3) for _ in range(number)]
    late, classes = ([chance.randrange(most) for _ in range(number)] for most in (2, 4))
    word = [chance.choice([5, 2**32 - 1, chance.randrange(2**32)]) for _ in range(number)]
    firm, detail = ([chance.randrange(9) for _ in range(number)] for _ in range(2))
    order = _in_order(items(section, firm, detail), np.array(late), np.array(classes), np.array(word, dtype=np.uint32))
    keys = list(zip(section, late, classes, word, firm, detail, strict=True))
    assert [keys[place] for place in order] == sorted(keys)
    assert sorted(order.tolist()) == list(range(number))


def test_nothing_is_in_order() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert _in_order(items([], [], []), empty, empty, empty.astype(np.uint32)).tolist() == []
