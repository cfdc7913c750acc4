"""How large a run is: seeds in a block, memory, time, disk. Asked before anything is simulated."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from clustersim.engines import Engine
from clustersim.engines.arms import arms_of, reserve_rows
from clustersim.errors import InputError, Problem
from clustersim.scenario.model import Scenario
from clustersim.spec.results import RECORDED_SEEDS

# Firm-rows of a block (arms x seeds x firms). Batch: 50,000 to 200,000 cost the same per row, 3,000 twice as much.
# Reference: a block is what a killed run loses, some ten seconds.
BLOCK_ROWS: dict[Engine, int] = {"batch": 100_000, "reference": 500}
CERTIFIED_EVERY = 16  # blocks; a certificate costs as much as a block of one seed with as many burn-ins as arms
BYTES_A_ROW: dict[Engine, float] = {"batch": 2_000, "reference": 30_000}  # of one firm in one arm, with temporaries
BYTES_RECORDED = 1_700  # of a firm-row of the seeds whose pairing events and waiting spells are kept
BYTES_A_SEED = 400_000  # numbers drawn ahead for some months, in about forty streams
SERIES = 60  # monthly measures of a run, about
BYTES_A_NUMBER = 8
COPIES = 3  # of the stored series that are in memory while estimates are made
NANOSECONDS: dict[Engine, float] = {"batch": 700.0, "reference": 120_000.0}  # a firm-month, all steps and records
MONTH_SECONDS = 0.006  # what a month of a batch costs however small it is
SHARE_OF_MEMORY = 0.6  # of what is free now


@dataclass(frozen=True)
class Size:
    """What a run needs.

    Attributes:
        arms: runs of each seed. rows: firms and reserve rows. block: seeds in a block.
        memory: bytes at the peak. seconds: about, on one core. disk: bytes of results, about.
    """

    arms: int
    rows: int
    block: int
    memory: float
    seconds: float
    disk: float


def size_of(scenario: Scenario, seeds: int, memory: float = float("inf"), engine: Engine = "batch") -> Size:
    """What a run of so many seeds needs, in blocks that fit in some memory (bytes)."""
    time, arms = scenario.time, len(arms_of(scenario))
    both = time.burn_in + time.horizon
    rows = scenario.population.firms + reserve_rows([scenario])
    series = time.horizon * SERIES * BYTES_A_NUMBER
    seed = arms * (rows * BYTES_A_ROW[engine] + series) + BYTES_A_SEED
    fitting = min(seeds, BLOCK_ROWS[engine] // (arms * rows), memory / seed)
    block = max(1, int(fitting))
    recorded = min(block, RECORDED_SEEDS) * arms * rows * BYTES_RECORDED
    months, calls = _months(scenario, seeds, block, arms, rows) if engine == "batch" else (seeds * arms * both, 0)
    return Size(
        arms=arms,
        rows=rows,
        block=block,
        memory=max(block * seed + recorded, seeds * arms * series * COPIES),
        seconds=months * rows * NANOSECONDS[engine] * 1e-9 + calls * MONTH_SECONDS,
        disk=seeds * arms * (rows * 20.0 + series / 2.0),
    )


def is_certified(firm_rows: int, seeds: int, number: int) -> bool:
    """Whether a seed of a block is simulated once more; see `certificate`.

    Not where one seed fills more than a block: nothing shares a block with it, and it would take the memory twice.

    Args:
        firm_rows: of one seed in all arms. seeds: of the block, at every point. number: of the block, from 0.
    """
    return number % CERTIFIED_EVERY == 0 and (seeds > 1 or firm_rows <= BLOCK_ROWS["batch"])


def _months(scenario: Scenario, seeds: int, block: int, arms: int, rows: int) -> tuple[int, int]:
    """Months of one run each that a batch simulates, and months of a block: the burn-in once, and certificates."""
    time, blocks = scenario.time, -(-seeds // block)
    certificates = -(-blocks // CERTIFIED_EVERY) if is_certified(arms * rows, block, 0) else 0
    both = time.burn_in + time.horizon
    months = seeds * (time.burn_in + arms * time.horizon) + certificates * arms * both
    return months, (blocks + certificates) * both


def refuse_impossible(scenario: Scenario, seeds: int, engine: Engine = "batch") -> Size:
    """The size of a run that this machine can hold.

    Raises:
        InputError: a block of one seed, or the results of all, need more than the memory that is free now.
    """
    free = psutil.virtual_memory().available
    size = size_of(scenario, seeds, SHARE_OF_MEMORY * free, engine)
    if size.memory > SHARE_OF_MEMORY * free:
        fields = {"need": gigabytes(size.memory), "free": gigabytes(free), "firms": size.rows, "arms": size.arms}
        one_seed_fits = size_of(scenario, 1, engine=engine).memory <= SHARE_OF_MEMORY * free
        key, path = ("size.seeds", "seeds") if one_seed_fits else ("size.firms", "population.firms")
        raise InputError(Problem(key, fields | {"seeds": seeds}, path=path))
    return size


def gigabytes(number: float) -> str:
    return f"{number / 1e9:,.1f} GB"
