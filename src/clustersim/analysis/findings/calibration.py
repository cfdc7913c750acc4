"""What a calibration found: what the targets leave of the parameters, the fit, and the effects over what is left."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from clustersim.analysis.calibration import surface
from clustersim.analysis.calibration.posterior import Posterior, posterior
from clustersim.analysis.calibration.targets import Target
from clustersim.analysis.findings.common import Finished, spread
from clustersim.arrays import Array
from clustersim.errors import InputError, Problem
from clustersim.execution.job import Job
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports.factor_words import factor_words, short_names
from clustersim.reports.markdown import rows_of, table
from clustersim.reports.wording import arm_words, effect_quantity, listed, measure_words, percent
from clustersim.spec.parameters import Scalar
from clustersim.studies.plan import Study


class CalibrationFindings:
    """Of a finished calibration.

    Attributes:
        checked: the first values and the fit, simulated.
        effects: the outcomes over draws from the posterior; None where there is none.
    """

    def __init__(self, finished: Finished, checked: Finished | None = None, effects: Finished | None = None):
        self.finished = finished
        self.checked = checked
        self.effects = effects
        study = finished.study
        self.names = [factor.name for factor in study.factors]
        self.low = np.array([factor.low for factor in study.factors])
        self.high = np.array([factor.high for factor in study.factors])
        self.first = np.array([study.first[name] for name in self.names])
        self.free = np.array([name not in study.held for name in self.names])
        self.targets = [Target(aim.name, aim.value, aim.error, aim.tolerance) for aim in study.aims]
        self.whole = np.array([factor.whole for factor in study.factors])
        self.points = np.array(finished.job.points, dtype=np.float64)[list(finished.rows)]

    @cached_property
    def _found(self) -> pd.DataFrame:
        return self.finished.folder.read().set_index(["point", "entry"])

    def _cube(self, column: str) -> Array:
        """(points, targets)."""
        entries = [aim.place for aim in self.finished.study.aims]
        wide = self._found[column].unstack("entry")[entries]
        cube: Array = wide.loc[list(self.finished.rows)].to_numpy(dtype=np.float64)
        return cube

    @cached_property
    def means(self) -> Array:
        """(points, targets), over seeds.

        Raises:
            InputError: an entry is no number at some point; the problem names the target and the point.
        """
        found, study = self._cube("mean"), self.finished.study
        for row, target in np.argwhere(~np.isfinite(found))[:1]:
            values = ", ".join(f"{name} = {value:g}" for name, value in zip(self.names, self.points[row], strict=True))
            fields = {"target": study.aims[target].name, "point": self.finished.rows[row], "values": values}
            raise InputError(Problem("study.calibrate.undefined", fields))
        return found

    @cached_property
    def posterior(self) -> Posterior:
        draws = self.finished.study.draws
        names, errors = self.names, self._cube("standard_error")
        return posterior(self.points, self.means, errors, self.targets, names, self.low, self.high, draws=draws)

    @cached_property
    def fit(self) -> Array:
        """The point with the least penalty on the surface, rounded."""
        found = surface.best(self.points, self.means, self.targets, self.low, self.high, self.first, self.free)
        short = surface.rounded(found, self.first, self.free, self.finished.study.digits)
        short = np.clip(short, self.low, self.high)  # rounding must not leave the range
        return np.where(self.whole, np.rint(found), short)

    def fit_points(self) -> Array:
        """The first values and the fit, (2, parameters)."""
        return np.array([self.first, self.fit])

    def fit_table(self) -> pd.DataFrame:
        """Where each parameter began and where it went."""
        moved = (self.fit - self.first) / (self.high - self.low)
        columns = {"low": self.low, "high": self.high, "first": self.first, "fit": self.fit, "moved": moved}
        return pd.DataFrame({"parameter": self.names, **columns, "free": self.free})

    def target_table(self) -> pd.DataFrame:
        """Targets, what the posterior says of them, and what the first values and the fit give when simulated."""
        found = self.posterior.reach
        r_squared = surface.explained(self.points, self.means, self.low, self.high)
        found = found.assign(surface_r_squared=r_squared)
        if self.checked is None:
            return found
        entries = [aim.place for aim in self.finished.study.aims]
        wide = self.checked.folder.read().set_index(["point", "entry"])["mean"].unstack("entry")[entries]
        at_first, at_fit = (wide.loc[row].to_numpy() for row in self.checked.rows)
        return found.assign(at_first=at_first, at_fit=at_fit)

    def correlations(self) -> pd.DataFrame:
        """Rank correlation of each parameter with each target over the points."""
        from scipy.stats import spearmanr  # slow to import, and nothing before there are results needs it

        columns = {
            target.name: [float(spearmanr(self.points[:, number], self.means[:, place]).statistic)
                          for number in range(len(self.names))]
            for place, target in enumerate(self.targets)
        }  # fmt: skip
        return pd.DataFrame({"parameter": self.names, **columns})

    def effect_table(self) -> pd.DataFrame:
        """Effects of the arms over draws from the posterior: 5%, 50%, 95% of the mean over seeds."""
        if self.effects is None:
            return pd.DataFrame()
        rows = []
        for outcome in self.effects.study.outcomes:
            found = self.effects.effects(outcome).mean(axis=2)[list(self.effects.rows)]
            for number, arm in enumerate(self.effects.arms):
                low, mid, high = spread(found[:, number])
                numbers = {"low": low, "mid": mid, "high": high, "above_zero": float((found[:, number] > 0).mean())}
                rows.append({"arm": arm, "measure": outcome, **numbers, "draws": len(found)})
        return pd.DataFrame(rows)

    def tables(self) -> dict[str, pd.DataFrame]:
        points = pd.DataFrame(self.points, columns=self.names)
        simulated = pd.DataFrame(self.means, columns=[target.name for target in self.targets])
        tables = {
            "posterior.csv": self.posterior.table,
            "targets.csv": self.target_table(),
            "fit.csv": self.fit_table(),
            "correlations.csv": self.correlations(),
            "draws.csv": pd.DataFrame(self.posterior.draws, columns=self.names),
            "points.parquet": points.join(simulated),
        }
        effects = self.effect_table()
        return {**tables, **({"effects.csv": effects} if len(effects) else {})}

    def sentences(self) -> list[str]:
        said = [self._met(), *self._identified(), self._fitted()]
        return [*said, *self._effects()]

    def _met(self) -> str:
        missed = self.posterior.reach[~self.posterior.reach["met"].astype(bool)]
        if len(missed):
            names = listed([factor_words(name) for name in missed["target"]])
            return text("study.calibrate.missed", names=names)
        key = "met" if self.posterior.can_be_met else "not_together"
        numbers = {"met": self.posterior.points_met, "all": len(self.points)}
        return text(f"study.calibrate.{key}", **numbers)

    def _identified(self) -> list[str]:
        if not len(self.posterior.draws):
            return [text("study.calibrate.no_posterior")]
        short = short_names(self.finished.study.factors)
        found = self.posterior.table
        said = []
        for key, rows in (("identified", found[found["identified"]]), ("not_identified", found[~found["identified"]])):
            names = [
                text("study.calibrate.one", factor=factor_words(short[row["parameter"]]),
                     low=f"{row['5%']:.3g}", high=f"{row['95%']:.3g}")
                for _, row in rows.iterrows()
            ]  # fmt: skip
            if names:
                said.append(text(f"study.calibrate.{key}", names=listed(names)))
        if not self.posterior.reliable:
            said.append(text("study.calibrate.rough", effective=f"{self.posterior.effective:.0f}"))
        return said

    def _fitted(self) -> str:
        short = short_names(self.finished.study.factors)
        found = self.fit_table()
        moved = found[found["free"]]
        names = [
            text("study.calibrate.moved", factor=factor_words(short[row.parameter]),
                 first=f"{row.first:.3g}", fit=f"{row.fit:.3g}")
            for row in rows_of(moved)
        ]  # fmt: skip
        return text("study.calibrate.fit", names=listed(names))

    def _effects(self) -> list[str]:
        said = self._effect_sentences()
        missed = said and not self.posterior.can_be_met
        return [*said, text("study.calibrate.effect_missed")] if missed else said

    def _effect_sentences(self) -> list[str]:
        return [
            text(
                "study.calibrate.effect",
                arm=arm_words(row.arm),
                measure=measure_words(row.measure),
                low=effect_quantity(row.low, MEASURES[row.measure]),
                mid=effect_quantity(row.mid, MEASURES[row.measure]),
                high=effect_quantity(row.high, MEASURES[row.measure]),
                above=percent(row.above_zero),
                draws=row.draws,
            )
            for row in rows_of(self.effect_table())
            if row.measure == self.finished.study.outcomes[0]
        ]

    def sections(self) -> list[str]:
        frames = {"targets": self.target_table(), "posterior": self.posterior.table, "fit": self.fit_table()}
        blocks = []
        for name, frame in frames.items():
            blocks += [text(f"study.calibrate.{name}_heading"), _plain_table(frame)]
        return [*blocks, text("study.calibrate.note")]


def fit_job(findings: CalibrationFindings) -> Job:
    """The first values and the fit, simulated with more seeds."""
    study, job = findings.finished.study, findings.finished.job
    kept = dict.fromkeys(_values(values, job) for values in findings.fit_points())
    return Job(
        study.scenario, "observed", job.factors, tuple(kept), job.arms, (), study.check_seeds, entries=job.entries
    )


def effect_job(findings: CalibrationFindings, study: Study) -> Job | None:
    """The outcomes of the study's arms at draws from the posterior."""
    draws = findings.posterior.draws
    if not len(draws):
        return None
    points = tuple(dict.fromkeys(_values(values, findings.finished.job) for values in draws))
    return Job(study.scenario, "outcomes", study.factors, points, study.arms, study.outcomes, study.seeds)


def places_in(points: Array, job: Job) -> list[int]:
    """For each point its number in a job that holds it once."""
    return [job.points.index(_values(values, job)) for values in points]


def _values(point: Array, job: Job) -> tuple[Scalar, ...]:
    """A point as a scenario takes it: whole where the parameter is."""
    return tuple(
        round(float(value)) if factor.whole else float(value) for value, factor in zip(point, job.factors, strict=True)
    )


def _plain_table(frame: pd.DataFrame) -> str:
    header = [text(f"study.column.{name}") for name in frame.columns]
    return table(header, [[_cell(value) for value in row] for row in frame.itertuples(index=False)])


def _cell(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return text("study.yes" if value else "study.no")
    if isinstance(value, float):
        return "-" if not np.isfinite(value) else f"{value:.3g}"
    return f"`{value}`" if value else ""
