"""What a firm-month costs in the batch engine and in the reference engine (Mesa), from 28 to 1,000,000 firms.

    uv run python -m benchmarks.performance           # some ten minutes; writes the table of docs/performance.md
    uv run python -m benchmarks.performance --print   # the table only

A firm-month is one firm of one run in one month. What is timed is the month alone, CPU time of one core, without
records: from the end of a burn-in that the engine has simulated itself, several times over where that is quick. The
batch holds one policy and as many seeds as fill a block; the Mesa model is one run at a time. Engines take turns within
a size, each measurement in a process of its own, for its memory. Mesa takes 25 KB a firm and does not fit a million.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path

import psutil

from clustersim import scenario
from clustersim.engines import batch as engine
from clustersim.engines.bases import Bases
from clustersim.mechanisms import schedule
from clustersim.scenario.model import Scenario
from clustersim.spec.levers import Levers

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PRESETS = ("no_alliance", "cluster_committee", "chain_leader")
ROWS = 100_000  # firm-rows of a full block


@dataclass(frozen=True)
class Size:
    """How a number of firms is measured.

    Attributes:
        burn_in: months before. months: that are timed, so many times over as `rounds` says.
        mesa_runs: of the reference engine, one after another; mesa_months: of each that are timed.
    """

    firms: int
    burn_in: int
    months: int
    rounds: int
    mesa_runs: int
    mesa_months: int = 12

    @property
    def seeds(self) -> int:
        return max(1, ROWS // self.firms)


SIZES = (
    Size(28, 24, 12, 5, 10),
    Size(500, 24, 12, 5, 2),
    Size(4_955, 24, 12, 5, 1),
    Size(50_000, 12, 6, 5, 1, 2),
    Size(1_000_000, 12, 6, 2, 0),
)
SMALLER = (  # firms and seeds: of a page that reacts to a slider, and of ten thousand firm-rows
    *((28, 4), (28, 20)),
    *((28, 357), (500, 20), (4_955, 2)),
)


@dataclass(frozen=True)
class Cell:
    """One measurement.

    Attributes:
        nanoseconds: of CPU time for a firm-month, the median of the rounds.
        memory: peak of the process, bytes.
        shared: of them what was there before a firm was: Python and the libraries.
    """

    engine: str
    firms: int
    seeds: int
    preset: str
    nanoseconds: float
    memory: float
    shared: float = 0.0


# --- one measurement, in a process of its own ----------------------------------------------------------------------


def _scenario(size: Size, preset: str) -> Scenario:
    content = {
        "schema": 1,
        "name": "performance",
        "time": {"burn_in": size.burn_in, "horizon": 12},
        "population": {
            "firms": size.firms,
            "sites": {"East": 0.6, "West": 0.4},
            "chains": {"equipment": {"tiers": 3, "share": 1.0}},
            "institutions": {"university": 2, "department": 8, "bank": 2},
        },
        "policies": {preset: {}},
    }
    return scenario.loads(json.dumps(content))


def batch(size: Size, seeds: int, preset: str) -> Cell:
    """The batch engine: one policy, all seeds at once."""
    shared = _peak()
    model = _scenario(size, preset)
    start = engine.world_of(Bases.crossed([model], range(seeds)))
    engine.burn_in(start)
    policies = [engine.stacked_policies(Bases.crossed([model], range(seeds)))[-1].policy]

    def year() -> Callable[[], None]:
        world = engine.branched(start, 1)
        world.levers = [Levers()]
        return lambda: schedule.month(world, policies)

    return Cell("batch", size.firms, seeds, preset, _cost(year, size, seeds), _peak(), shared)


def mesa(size: Size, seeds: int, preset: str) -> Cell:
    """The reference engine, run after run."""
    from clustersim.engines.reference import ClusterModel  # the batch's memory is told without Mesa

    shared = _peak()
    model = _scenario(size, preset)
    seconds = 0.0
    for seed in range(seeds):
        run = ClusterModel(model, model.policies[-1], seed)
        for _ in range(size.burn_in):
            run.step()
        begun = time.process_time()
        for _ in range(size.mesa_months):
            run.step()
        seconds += time.process_time() - begun
    nanoseconds = seconds / (size.firms * size.mesa_months * seeds) * 1e9
    return Cell("mesa", size.firms, seeds, preset, nanoseconds, _peak(), shared)


def _cost(start: Callable[[], Callable[[], None]], size: Size, seeds: int) -> float:
    """Nanoseconds a firm-month: the median of the rounds, each from the same state. One round more warms up."""
    found = []
    for _ in range(size.rounds + 1):
        month = start()
        begun = time.process_time()
        for _ in range(size.months):
            month()
        found.append(time.process_time() - begun)
    return statistics.median(found[1:]) / (size.firms * seeds * size.months) * 1e9


def _peak() -> float:
    """Bytes that this process has held at most."""
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


# --- all of them ----------------------------------------------------------------------------------------------------


def measured() -> Iterator[Cell]:
    for size in SIZES:
        for preset in PRESETS:
            yield _in_own_process(batch, size, size.seeds, preset)
            if size.mesa_runs:
                yield _in_own_process(mesa, size, size.mesa_runs, preset)
    for firms, seeds in SMALLER:
        for preset in PRESETS[:2]:
            yield _in_own_process(batch, next(size for size in SIZES if size.firms == firms), seeds, preset)


def _in_own_process(measure: Callable[[Size, int, str], Cell], size: Size, seeds: int, preset: str) -> Cell:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measure, size, seeds, preset).result()


# --- the page -------------------------------------------------------------------------------------------------------


def machine() -> str:
    """What it was measured on, in one line."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), processor)
        processor = f"{model} ({platform.machine()})"
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "mesa"))
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{processor}, {psutil.cpu_count()} virtual cores of which one is used, {memory:.0f} GiB, "
        f"{platform.system()}; Python {platform.python_version()}, {versions}; code {_commit()}"
    )


def _commit() -> str:
    asked = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def tables(cells: list[Cell]) -> str:
    full = {(cell.engine, cell.firms, cell.preset): cell for cell in cells if _is_full(cell)}
    rows = ["| firms | policy | Mesa / batch | batch | Mesa | seeds | memory of the batch |"]
    rows.append("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    rows += [
        _row(full["batch", size.firms, preset], full.get(("mesa", size.firms, preset)))
        for size in SIZES
        for preset in PRESETS
    ]
    rows += ["", "Smaller batches:", "", "| firms | seeds | policy | batch |", "| ---: | ---: | --- | ---: |"]
    rows += [
        f"| {cell.firms:,} | {cell.seeds} | {cell.preset} | {cell.nanoseconds:,.0f} ns |"
        for cell in cells
        if not _is_full(cell)
    ]
    return "\n".join(rows)


def _is_full(cell: Cell) -> bool:
    return cell.engine == "mesa" or any((size.firms, size.seeds) == (cell.firms, cell.seeds) for size in SIZES)


def _row(ours: Cell, agents: Cell | None) -> str:
    own = ours.nanoseconds
    slower, micro = ("", "")
    if agents:
        slower, micro = f"{agents.nanoseconds / own:,.0f}", f"{agents.nanoseconds / 1e3:,.0f} µs"
    bytes_a_row = (ours.memory - ours.shared) / (ours.firms * ours.seeds)
    memory = f"{ours.memory / 1e9:.2f} GB, {bytes_a_row:,.0f} B a firm"
    return f"| {ours.firms:,} | {ours.preset} | {slower} | {own:,.0f} ns | {micro} | {ours.seeds:,} | {memory} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", action="store_true", help="leave docs/performance.md as it is")
    asked = parser.parse_args()
    cells = []
    for cell in measured():
        cells.append(cell)
        print(json.dumps(asdict(cell)), file=sys.stderr, flush=True)
    found = f"{BEGIN}\nMeasured on {machine()}.\n\n{tables(cells)}\n{END}"
    print(found)
    if not asked.print:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        PAGE.write_text(before + found + after, encoding="utf-8")


if __name__ == "__main__":
    main()
