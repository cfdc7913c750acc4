"""How long a user waits for the first word, beside what Python itself takes.

    uv run python benchmarks/startup.py [ROUNDS]

Each command is a process of its own, all of them in turn, ten rounds unless said otherwise; the medians count. A first
round, which is not counted, fills the caches of the disk and lets Python keep the compiled modules.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 10
ROOT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-m", "clustersim")
COMMANDS: dict[str, tuple[str, ...]] = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "python -c 'import numpy'": (sys.executable, "-c", "import numpy"),
    "python -c 'import clustersim'": (sys.executable, "-c", "import clustersim"),
    "python -c 'import clustersim.api'": (sys.executable, "-c", "import clustersim.api"),
    "clustersim --help": (*COMMAND, "--help"),
    "clustersim list policies": (*COMMAND, "list", "policies"),
    "clustersim check xinqiao.yaml": (*COMMAND, "check", str(ROOT / "scenarios" / "xinqiao.yaml")),
}


def seconds(words: tuple[str, ...]) -> float:
    """Wall-clock seconds of a process, from its start to its end."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    subprocess.run(words, env=kept, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    measured: dict[str, list[float]] = {label: [] for label in COMMANDS}
    for turn in range(rounds + 1):
        for label, words in COMMANDS.items():
            found = seconds(words)
            if turn:
                measured[label].append(found)
    first, *_ = (statistics.median(found) for found in measured.values())
    print(f"Seconds, median of {rounds} (least to most)")
    for label, found in measured.items():
        middle = statistics.median(found)
        span = f"({min(found):.3f} to {max(found):.3f})"
        print(f"  {label:34} {middle:6.3f} {span:18} {middle - first:+7.3f} to python -c pass")


if __name__ == "__main__":
    main()
