"""What is simulated for an attribution: the arm with every set of its instruments."""

from __future__ import annotations

from clustersim.analysis.attribution import shapley as values
from clustersim.analysis.attribution.contributions import AttributionFindings
from clustersim.analysis.estimates import estimate, headline_values
from clustersim.analysis.study_outcomes import StudyOutcomes
from clustersim.errors import InputError, Problem
from clustersim.execution.budget import with_budget
from clustersim.execution.job import Job, players_of
from clustersim.scenario.document import nearest
from clustersim.scenario.model import NO_ALLIANCE, Policy, Scenario
from clustersim.storage.folder import RunFolder, StudyFolder

OUTCOMES = ("output", "pairing_rate", "value_added")


def attribution_job(scenario: Scenario, arm: str, seeds: int, together: tuple[tuple[str, ...], ...] = ()) -> Job:
    """All sets of instruments of an arm.

    Args:
        together: labels that count as one player.

    Raises:
        InputError: there is no such arm or label, or there are more players than can be done exactly.
    """
    policy = _policy(scenario, arm)
    players = _players(policy, together)
    if not 1 <= len(players) <= values.MOST_PLAYERS:
        fields = {"arm": arm, "players": len(players), "most": values.MOST_PLAYERS}
        labels = ", ".join(players_of(policy))
        raise InputError(Problem("attribution.players", {**fields, "labels": labels}, path=f"policies.{arm}"))
    return Job(scenario, "outcomes", (), ((),), (arm,), OUTCOMES, seeds, players)


def _policy(scenario: Scenario, arm: str) -> Policy:
    known = {policy.name: policy for policy in scenario.policies[1:]}
    if arm not in known:
        fields = {"given": arm, "nearest": nearest(arm, list(known)), "allowed": ", ".join(known) or "–"}
        raise InputError(Problem("attribution.arm", fields))
    return known[arm]


def _players(policy: Policy, together: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    labels = players_of(policy)
    joined = [label for group in together for label in group]
    for label in joined:
        if label not in labels or joined.count(label) > 1:
            fields = {"given": label, "allowed": ", ".join(labels)}
            raise InputError(Problem("attribution.label", fields, path=f"policies.{policy.name}"))
    found: list[tuple[str, ...]] = []
    for label in labels:
        group = next((group for group in together if label in group), (label,))
        if group not in found:
            found.append(group)
    return tuple(found)


def attribution_findings(scenario: Scenario, folder: RunFolder, below: StudyFolder, job: Job) -> AttributionFindings:
    """What a finished attribution says, beside the run that it belongs to.

    Args:
        folder: of the run. below: of the attribution.
    """
    seeds, arm = range(job.seeds), job.arms[0]
    series, groups, firms = (folder.read(name, seeds=seeds) for name in ("series", "groups", "firms"))
    both = [name for name in (NO_ALLIANCE, arm) if name in {policy.name for policy in with_budget(scenario).policies}]
    kept, grouped, listed = (table[table["arm"].astype(str).isin(both)] for table in (series, groups, firms))
    levels = headline_values(kept, parameters=scenario.parameters).loc[arm]
    return AttributionFindings(
        outcomes=StudyOutcomes(job, below.read()),
        firms=listed,
        effects=estimate(kept, grouped, parameters=scenario.parameters).effects,
        levels={name: levels[name].to_numpy() for name in job.outcomes},
    )
