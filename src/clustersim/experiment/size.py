"""How large a run is: seeds in a block, memory, time, disk. Asked before anything is simulated."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from clustersim.engines.batch import arms_of, reserve_rows
from clustersim.errors import InputError, Problem
from clustersim.scenario.model import Scenario

BLOCK_ROWS = 100_000  # firm-rows (arms x seeds x firms): 50,000 to 200,000 cost the same per row, 3,000 twice as much
BYTES_A_ROW = 1_500  # state, numbers and temporaries of one firm in one arm, measured with 50,000 to 1,000,000 firms
BYTES_A_SERIES = 8 * 60  # about sixty monthly measures a run
NANOSECONDS = 900.0  # a firm-month, all steps and records; small blocks cost more
MONTH_SECONDS = 0.012  # what a month of a block costs however small it is
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


def size_of(scenario: Scenario, seeds: int) -> Size:
    arms, rows = len(arms_of(scenario)), scenario.population.firms + reserve_rows([scenario])
    block = max(1, min(seeds, BLOCK_ROWS // (arms * rows)))
    months = scenario.time.burn_in + arms * scenario.time.horizon
    blocks = -(-seeds // block)
    memory = block * arms * (rows * BYTES_A_ROW + scenario.time.horizon * BYTES_A_SERIES)
    certificate = arms * (scenario.time.burn_in + scenario.time.horizon)
    worked = seeds * months + blocks * certificate
    calls = blocks * 2 * (scenario.time.burn_in + scenario.time.horizon)
    seconds = worked * rows * NANOSECONDS * 1e-9 + calls * MONTH_SECONDS
    disk = seeds * arms * (rows * 20.0 + scenario.time.horizon * BYTES_A_SERIES / 4.0)
    return Size(arms, rows, block, memory, seconds, disk)


def refuse_impossible(scenario: Scenario, seeds: int) -> Size:
    """The size of a run that this machine can hold.

    Raises:
        InputError: a block of one seed needs more than the memory that is free now.
    """
    size = size_of(scenario, seeds)
    free = psutil.virtual_memory().available
    if size.memory > SHARE_OF_MEMORY * free and size.block == 1:
        fields = {"need": gigabytes(size.memory), "free": gigabytes(free), "firms": size.rows, "arms": size.arms}
        raise InputError(Problem("size.memory", fields, path="population.firms"))
    return size


def gigabytes(number: float) -> str:
    return f"{number / 1e9:,.1f} GB"
