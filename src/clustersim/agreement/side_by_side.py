"""A batch world and the reference models of its runs, month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

import numpy as np

from clustersim.agreement.findings import MEASUREMENT, START, Agreement, Columns
from clustersim.agreement.run import Run, event_text
from clustersim.engines import batch
from clustersim.engines.arms import Arm, with_events
from clustersim.engines.bases import Bases
from clustersim.engines.reference import MONTH, ClusterModel
from clustersim.engines.reference.run import started
from clustersim.mechanisms import schedule
from clustersim.mechanisms.measurement import Recorder
from clustersim.spec import logbook
from clustersim.spec.levers import Levers
from clustersim.spec.month import Ledger, Log
from clustersim.spec.world import World

EVENTS = "pairing events"


class SideBySide:
    """All arms and seeds of a scenario in both engines.

    In the burn-in the world has one arm, which every model of a seed is compared with.
    """

    def __init__(self, bases: Bases):
        self.bases, scenario = bases, bases.scenario
        self.scenario, self.seeds = scenario, bases.seed_of_each().tolist()
        self.arms: list[Arm] = batch.stacked_policies(bases)
        self.models = started(bases)
        self.world = batch.world_of(bases)
        self.world.log = Log(len(self.seeds))
        self.recorder: Recorder | None = None  # none until the burn-in is over
        self.agreement = Agreement(runs=len(self.arms) * len(self.seeds))
        self._events_seen = 0
        if scenario.time.burn_in == 0:
            batch.set_known_links(self.world)
            self._events_seen = len(self.world.log.pairs)
            self._compare(START)
            self._branch()
        else:
            self._compare(START)

    def month(self, *, compared: bool = True, by_step: bool = False) -> None:
        """One month of both. Steps are called one by one, so that both can be compared after each.

        Args:
            compared: at the end of the month; with `by_step` after each of its steps too.
        """
        world = self.world
        self._begin()
        for (name, step), process in zip(self._steps(), MONTH, strict=True):
            step(world)
            for model in self._models():
                getattr(model, process)()
            if by_step:
                self._compare(name)
        self._end()
        if compared:
            self._compare(MEASUREMENT)
            self._compare_month()
        if self.recorder is not None:
            self.recorder.record(world)
        if world.month == self.scenario.time.burn_in:
            self._branch()

    def _begin(self) -> None:
        self.world.month += 1
        self.world.ledger = Ledger.empty(self.world.arms, self.world.bases)
        for model in self._models():
            model.begin_month()

    def _end(self) -> None:
        for model in self._models():
            model.end_month()
        if self.world.month == self.scenario.time.burn_in:
            batch.set_known_links(self.world)

    def _steps(self) -> list[tuple[str, Callable[[World], None]]]:
        """The steps of the batch engine: without policies and events until the burn-in is over."""
        if self.recorder is None:
            return schedule.steps([], (), None)
        policies = [arm.policy for arm in self.arms]
        return schedule.steps(policies, self.scenario.events, with_events(self.scenario, self.arms))

    def _branch(self) -> None:
        """The end of the burn-in: each arm is separate from here on."""
        log = self.world.log
        self.world = batch.branched(self.world, len(self.arms))
        self.world.levers = [Levers() for _ in self.arms]
        self.world.log = log
        logbook.log_living(self.world)
        twins = np.array([arm.twin for arm in self.arms])
        self.recorder = Recorder(self.world, twins, self.scenario.time.horizon)

    def _models(self) -> Iterator[ClusterModel]:
        for of_arm in self.models:
            yield from of_arm

    def _runs(self) -> Iterator[Run]:
        """Every run, with the place of its columns in the world."""
        for number, (arm, of_arm) in enumerate(zip(self.arms, self.models, strict=True)):
            for base, model in enumerate(of_arm):
                yield Run(arm.name, self.world, number if self.recorder is not None else 0, base, model)

    # --- comparing --------------------------------------------------------------------------------------------------

    def _compare(self, step: str) -> None:
        """States of all runs, what they ordered, made and sold this month, and what they counted and booked."""
        for run in self._runs():
            for columns in run.everything(step):
                self._settle(run, step, columns)

    def _compare_month(self) -> None:
        """Which pairs were made and ended in the whole month."""
        assert self.world.log is not None
        latest = self.world.log.pairs[self._events_seen :]
        self._events_seen += len(latest)
        self.agreement.months += 1
        for run in self._runs():
            self.agreement.firm_months += len(run.model.firms)
            self._compare_events(run, latest)

    def _compare_events(self, run: Run, latest: Sequence[dict[str, np.ndarray]]) -> None:
        ours, theirs = run.events_of(latest), run.events()
        self.agreement.events += len(ours)
        for one, other in zip_longest(ours, theirs):
            if one != other:
                some = one or other
                assert some is not None
                values = {"batch": event_text(one), "reference": event_text(other)}
                self.agreement.report(run.difference(MEASUREMENT, EVENTS, firm=some[0], slot=str(some[1]), **values))

    def _settle(self, run: Run, step: str, columns: Columns) -> None:
        entry = self.agreement.count(columns)
        if entry is not None:
            self.agreement.report(run.first_difference(step, columns, entry))
