"""Every platform makes the same decisions: pairing events are compared with those that are pinned."""

import subprocess
import sys
from pathlib import Path

import decisions
import pytest


@pytest.mark.parametrize("name", decisions.SCENARIOS)
def test_the_decisions_are_those_that_are_pinned(name: str) -> None:
    """After a change of the model, rewrite the file by the command that decisions.py names."""
    difference = decisions.first_difference(decisions.pinned()[name], decisions.hashes(name))
    assert difference is None, f"{name}: other decisions from {difference}"


def test_the_decisions_are_the_same_where_integers_have_32_bits() -> None:
    command = [sys.executable, str(Path(decisions.__file__).with_name("narrow_integers.py"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [f"{name}: same decisions" for name in decisions.SCENARIOS]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"a": ["0", "1", "2"], "b": ["0", "1", "2"]}, None),
        ({"a": ["0", "9", "9"], "b": ["0", "1", "9"]}, "month 1, arms a"),
        ({"a": ["0", "1", "9"], "b": ["0", "1"]}, "month 2, arms a, b"),
        ({"a": ["0", "1", "2"], "c": ["0"]}, "other arms: ['b', 'c']"),
    ],
)
def test_the_first_month_and_the_arms_that_differ_are_reported(found: dict[str, list[str]], told: str | None) -> None:
    assert decisions.first_difference({"a": ["0", "1", "2"], "b": ["0", "1", "2"]}, found) == told
