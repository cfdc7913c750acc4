"""What a clock has measured of a run, as a table: where the time went."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from clustersim.mechanisms import schedule
from clustersim.spec.timing import NUMBERS, Clock

STAGES = ("burn_in", "horizon")  # whose months are measured step by step
AROUND = "around"  # the stage of all that is no month
PHASES = ("population", "certificate", "collecting", "storing", "assumptions", "estimates", "report", "figures")
RECORDS = "records"  # of the measures of a month
REST = "rest"  # of a stage: what is none of its steps; around: what no phase is
POLICY = "policy"
ACTIONS = tuple(f"{POLICY}_{part}" for part in ("levers", "formation", "contacts", "round", "ties"))


@dataclass(frozen=True)
class Profile:
    """Seconds of a run by stage and step.

    Attributes:
        seconds: (stage, step) -> seconds, all of them disjoint, in the order in which they are told.
        firm_months: stage -> how many were simulated. A firm-month is one firm of one run in one month; the burn-in is
            simulated once for all arms.
        simulated: seeds that were simulated now; those that were stored already took no time.
    """

    seconds: dict[tuple[str, str], float]
    firm_months: dict[str, int]
    simulated: int

    @classmethod
    def of(cls, clock: Clock) -> Profile:
        """What a clock shows now."""
        seconds = dict.fromkeys(_places(), 0.0)
        for names, found in clock.seconds().items():
            seconds[_place(names)] += found
        months = {stage: clock.counted[stage] for stage in STAGES}
        return cls(seconds, months, clock.counted["runs"])

    @property
    def total(self) -> float:
        """Seconds in all."""
        return sum(self.seconds.values())

    def table(self) -> pd.DataFrame:
        """A row for each stage and step: seconds, their share of all (percent), and nanoseconds for each firm-month,
        NaN where nothing of a stage was simulated and for what is no step."""
        rows = [
            {
                "stage": stage,
                "step": step,
                "seconds": found,
                "share": 100.0 * found / self.total,
                "nanoseconds": self.per_firm_month(stage, found),
            }
            for (stage, step), found in self.seconds.items()
        ]
        return pd.DataFrame(rows)

    def per_firm_month(self, stage: str, seconds: float) -> float:
        """Nanoseconds for each firm-month of a stage; NaN where there is none."""
        months = self.firm_months.get(stage, 0)
        return 1e9 * seconds / months if months else float("nan")


def _places() -> list[tuple[str, str]]:
    """All stages and steps, in the order in which they are told."""
    steps: list[str] = []
    for name, _ in schedule.steps((), (), None):
        steps += [name, *(ACTIONS if name == POLICY else ())]
    months = {"burn_in": [name for name in steps if name not in ACTIONS], "horizon": [*steps, RECORDS]}
    stages = [(stage, step) for stage in STAGES for step in (*months[stage], NUMBERS, REST)]
    return stages + [(AROUND, phase) for phase in (*PHASES, REST)]


def _place(names: tuple[str, ...]) -> tuple[str, str]:
    """Where the time of a stretch is told: drawing numbers as itself in whichever step, the certificate as a whole."""
    stage, *steps = names or (REST,)
    if stage not in STAGES:
        return AROUND, stage
    if NUMBERS in steps:
        return stage, NUMBERS
    return stage, "_".join(steps) or REST
