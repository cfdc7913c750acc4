"""What a firm-month costs in the batch engine, the Mesa twin and a plain compiled loop, from 28 to 1,000,000 firms.

    uv run --with numba python -m benchmarks.performance           # some twenty minutes; writes docs/performance.md
    uv run --with numba python -m benchmarks.performance --print   # the table only

A firm-month is one firm of one run in one month. What is timed is the month alone, CPU time of one core, without
records: from the end of a burn-in that the engine has simulated itself, several times over where that is quick. The
batch holds one policy and as many seeds as fill a block, the compiled loop the same seeds; the Mesa model is one run
at a time. Engines take turns within a size, each measurement in a process of its own, for its memory. The compiled
loop knows no alliance and the cluster committee; Mesa takes 25 KB a firm and does not fit a million.
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
from clustersim.mechanisms import schedule
from clustersim.scenario.model import Scenario
from clustersim.spec.levers import Levers

ROOT = Path(__file__).parents[1]
PAGE, FIGURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "figures" / "performance.png"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PRESETS = ("no_alliance", "cluster_committee", "chain_leader")
COMPILED_PRESETS = PRESETS[:2]
ROWS = 100_000  # firm-rows of a full block


@dataclass(frozen=True)
class Size:
    """How a number of firms is measured.

    Attributes:
        burn_in: months before. months: that are timed, so many times over as `rounds` says.
        mesa_runs: of the Mesa twin, one after another; mesa_months: of each that are timed.
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
        memory: peak of the process, bytes; of the compiled loop its own arrays.
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
    start = engine.world_of([model], range(seeds))
    engine.burn_in(start)
    policies = [engine.stacked_policies([model], seeds)[-1].policy]

    def year() -> Callable[[], None]:
        world = engine.branched(start, 1)
        world.levers = [Levers()]
        return lambda: schedule.month(world, policies)

    return Cell("batch", size.firms, seeds, preset, _cost(year, size, seeds), _peak(), shared)


def mesa(size: Size, seeds: int, preset: str) -> Cell:
    """The Mesa twin, run after run."""
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


def compiled(size: Size, seeds: int, preset: str) -> Cell:
    """The compiled loop on the seeds of the batch. Compiling is not counted."""
    from benchmarks.compiled import from_world, month  # compiles

    model = _scenario(size, preset)
    policy = model.policies[-1]
    start = engine.world_of([model], range(seeds))
    engine.burn_in(start)
    memory = 0

    def year() -> Callable[[], None]:
        nonlocal memory
        runs = from_world(engine.branched(start, 1), policy, size.months)
        memory = sum(getattr(part, "nbytes", 0) for part in runs.memory)
        return lambda: month(runs)

    return Cell("compiled", size.firms, seeds, preset, _cost(year, size, seeds), memory)


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
    """All cells. The compiled loop has one process for all its cells: it takes a minute to compile."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as compiler:

        def here(size: Size, seeds: int, preset: str) -> Iterator[Cell]:
            yield _in_own_process(batch, size, seeds, preset)
            if preset in COMPILED_PRESETS:
                yield compiler.submit(compiled, size, seeds, preset).result()

        for size in SIZES:
            for preset in PRESETS:
                yield from here(size, size.seeds, preset)
                if size.mesa_runs:
                    yield _in_own_process(mesa, size, size.mesa_runs, preset)
        for firms, seeds in SMALLER:
            for preset in COMPILED_PRESETS:
                yield from here(next(size for size in SIZES if size.firms == firms), seeds, preset)


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
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "mesa", "numba"))
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
    rows = [
        "| firms | policy | Mesa / batch | batch / compiled | batch | compiled | Mesa | seeds | memory of the batch |"
    ]
    rows.append("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in SIZES:
        for preset in PRESETS:
            found = [full.get((engine, size.firms, preset)) for engine in ("batch", "compiled", "mesa")]
            rows.append(_row(*found))
    rows += ["", "Smaller batches:", ""]
    rows += [
        "| firms | seeds | policy | batch / compiled | batch | compiled |",
        "| ---: | ---: | --- | ---: | ---: | ---: |",
    ]
    others = [cell for cell in cells if not _is_full(cell) and cell.engine == "batch"]
    for cell in others:
        same = (cell.firms, cell.seeds, cell.preset)
        twin = next(one for one in cells if one.engine == "compiled" and (one.firms, one.seeds, one.preset) == same)
        ratio = cell.nanoseconds / twin.nanoseconds
        rows.append(
            f"| {cell.firms:,} | {cell.seeds} | {cell.preset} | {ratio:.1f} | {cell.nanoseconds:,.0f} ns "
            f"| {twin.nanoseconds:,.0f} ns |"
        )
    return "\n".join(rows)


def _is_full(cell: Cell) -> bool:
    return cell.engine == "mesa" or any((size.firms, size.seeds) == (cell.firms, cell.seeds) for size in SIZES)


def _row(ours: Cell | None, loop: Cell | None, agents: Cell | None) -> str:
    assert ours is not None
    own = ours.nanoseconds
    slower = f"{agents.nanoseconds / own:,.0f}" if agents else ""
    ratio = f"{own / loop.nanoseconds:.1f}" if loop else ""
    costs = f"{own:,.0f} ns | {f'{loop.nanoseconds:,.0f} ns' if loop else ''} | {_micro(agents)}"
    bytes_a_row = (ours.memory - ours.shared) / (ours.firms * ours.seeds)
    memory = f"{ours.memory / 1e9:.2f} GB, {bytes_a_row:,.0f} B a firm"
    return f"| {ours.firms:,} | {ours.preset} | {slower} | {ratio} | {costs} | {ours.seeds:,} | {memory} |"


def _micro(cell: Cell | None) -> str:
    return f"{cell.nanoseconds / 1e3:,.0f} µs" if cell else ""


@dataclass(frozen=True)
class Look:
    """How an engine is drawn, and by which of its measurements its name stands: by how many points above or below."""

    name: str
    colour: str
    marker: str
    beside: Callable[[list[Cell]], Cell]
    above: int
    aligned: str


def _by_size(cell: Cell) -> tuple[int, float]:
    return cell.firms, cell.nanoseconds


LOOKS = {
    "batch": Look(
        "batch engine", "#1b6ca8", "o", lambda own: max(own, key=lambda c: (c.firms, -c.nanoseconds)), -16, "right"
    ),
    "compiled": Look("compiled loop", "#7a7a7a", "s", lambda own: max(own, key=_by_size), 9, "right"),
    "mesa": Look("Mesa twin", "#b3541e", "^", lambda own: min(own, key=lambda c: (c.firms, -c.nanoseconds)), 9, "left"),
}
DASHES = dict(zip(PRESETS, ("-", "--", ":"), strict=True))


def draw(cells: list[Cell], target: Path) -> None:
    """Cost of a firm-month over the number of firms, both axes logarithmic."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6.3, 3.8), layout="constrained")
    for kind, look in LOOKS.items():
        of_engine = [cell for cell in cells if cell.engine == kind and _is_full(cell)]
        for preset, dash in DASHES.items():
            own = [cell for cell in of_engine if cell.preset == preset]
            firms, costs = [cell.firms for cell in own], [cell.nanoseconds for cell in own]
            axes.plot(firms, costs, dash, color=look.colour, marker=look.marker, markersize=4, linewidth=1.2)
        named = look.beside(of_engine)
        place, offset = (named.firms, named.nanoseconds), (0, look.above)
        axes.annotate(look.name, place, offset, textcoords="offset points", ha=look.aligned, color=look.colour)
    axes.set(xscale="log", yscale="log", xlabel="Firms of a run", ylabel="Nanoseconds a firm-month, one core")
    axes.set_ylim(100, 4e6)
    lines = [plt.Line2D([], [], color="#444444", linestyle=dash) for dash in DASHES.values()]
    names = [preset.replace("_", " ") for preset in PRESETS]
    axes.legend(lines, names, frameon=False, loc="center left", bbox_to_anchor=(0.0, 0.5))
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(target, dpi=200)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", action="store_true", help="leave docs/performance.md as it is")
    parser.add_argument("--redraw", metavar="FILE", help="the figure alone, from the lines of an earlier run")
    asked = parser.parse_args()
    if asked.redraw:
        lines = Path(asked.redraw).read_text(encoding="utf-8").splitlines()
        draw([Cell(**json.loads(line)) for line in lines], FIGURE)
        return
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
        draw(cells, FIGURE)


if __name__ == "__main__":
    main()
