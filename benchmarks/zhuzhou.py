"""Zhuzhou in full: three policies, 4,955 firms, 60 months, 1,000 seeds, in two processes.

    uv run python benchmarks/zhuzhou.py [SEEDS] [JOBS]

Runs the command that a user would run, on the scenario without its fourth arm and at each policy's own cost, and tells
seconds, memory of the largest process, and what a firm-month took, records, report and figures included.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clustersim import scenario
from clustersim.execution.size import size_of

ROOT = Path(__file__).parents[1]
ARMS = 3


def three_arms() -> str:
    """The scenario's text without `hybrid`, for no sum of money but the policies' own."""
    text = (ROOT / "scenarios" / "zhuzhou.yaml").read_text(encoding="utf-8")
    begin, end = text.index("\n  hybrid:"), text.index("\nparameters:")
    kept = (text[:begin] + "\n" + text[end:]).replace("budget: both", "budget: own")
    return "".join(line for line in kept.splitlines(keepends=True) if not line.startswith("  policies.hybrid"))


def main(seeds: int = 1_000, jobs: int = 2) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "zhuzhou.yaml"
        file.write_text(three_arms(), encoding="utf-8")
        model = scenario.load(file)
        assert size_of(model, 1).arms == ARMS
        asked = ("run", str(file), "--seeds", str(seeds), "--jobs", str(jobs), "--assumptions", "0", "--out", folder)
        begun = time.perf_counter()
        subprocess.run((sys.executable, "-m", "clustersim", *asked), check=True)
        seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    months = model.population.firms * seeds * (model.time.burn_in + ARMS * model.time.horizon)
    processor = used.ru_utime + used.ru_stime
    print(f"{seeds:,} seeds in {jobs} processes: {seconds:,.0f} s, {processor:,.0f} s of processor time")
    print(f"{processor / months * 1e9:,.0f} ns a firm-month; largest process {used.ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
