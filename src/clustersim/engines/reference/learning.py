"""Step 7. Learning from better firms, at most once a month a firm; and common trust."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import numpy as np

from clustersim.engines.reference.asked import at, reaches
from clustersim.engines.reference.enterprise import Enterprise, added
from clustersim.mechanisms.learning import closeness, common_trust_after, learning_gain, percentile_rank

if TYPE_CHECKING:
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.spec.levers import Pull, Scope


@dataclass(frozen=True, eq=False)
class Lesson:
    """A chance to learn: from a level of productivity, at a rate."""

    learner: Enterprise
    source: float
    rate: float


def step(model: ClusterModel) -> None:
    """All gains are computed on productivity as it stands after production; a firm's largest gain counts."""
    gains: dict[Enterprise, float] = defaultdict(float)
    for lesson in _lessons(model):
        own, start = lesson.learner.productivity, lesson.learner.productivity_reference
        gain = float(learning_gain(lesson.rate, lesson.source, own, start, model.parameters.absorbed))
        gains[lesson.learner] = max(gains[lesson.learner], gain)
    for firm, gain in gains.items():
        firm.productivity *= float(np.exp(gain))
    _common_trust(model)


def _lessons(model: ClusterModel) -> Iterator[Lesson]:
    yield from _from_anchors(model)
    for pull in model.levers.pulls:
        match pull.towards:
            case "percentile":
                yield from _towards_percentile(model, pull)
            case "best_of_group":
                yield from _towards_best_of_group(model, pull)
            case "tie":
                yield from _towards_tie(model, pull)
            case _:
                assert_never(pull.towards)


def _from_anchors(model: ClusterModel) -> Iterator[Lesson]:
    """Firms that are paired with an anchor learn from it, whichever of the two sells."""
    rate = model.parameters.anchor_learning
    for firm in model.firms:
        for _, pair in firm.pairs:
            for learner, source in ((firm, pair.supplier), (pair.supplier, firm)):
                if source.anchor:
                    yield Lesson(learner, source.productivity, rate)


def _towards_percentile(model: ClusterModel, pull: Pull) -> Iterator[Lesson]:
    levels = members_percentiles(model, pull.scope)
    for firm in model.firms:
        if reaches(pull, firm):  # a member, so its label has a percentile
            yield Lesson(firm, levels[firm.label(pull.scope)], pull.rate)


def members_percentiles(model: ClusterModel, scope: Scope) -> dict[int, float]:
    """75th percentile of the productivity of each label's members."""
    members: dict[int, list[float]] = defaultdict(list)
    for firm in model.firms:
        if firm.member:
            members[firm.label(scope)].append(firm.productivity)
    return {label: sorted(levels)[int(percentile_rank(len(levels)))] for label, levels in members.items()}


def _towards_best_of_group(model: ClusterModel, pull: Pull) -> Iterator[Lesson]:
    """Towards the best of the group; the rate rises with how much larger the peers are."""
    groups: dict[int, list[Enterprise]] = defaultdict(list)
    for firm in model.firms:
        if firm.group >= 0 and reaches(pull, firm):
            groups[firm.group].append(firm)
    for group in groups.values():
        best = max(firm.productivity for firm in group)
        sizes = [float(np.log(firm.capacity_reference)) for firm in group]
        for firm, own in zip(group, sizes, strict=True):
            peers = (added(sizes) - own) / (len(group) - 1) if len(group) > 1 else own
            yield Lesson(firm, best, pull.rate * closeness(pull.peer_size_weight, peers, own))


def _towards_tie(model: ClusterModel, pull: Pull) -> Iterator[Lesson]:
    """Towards the large side of a tie; with an institution, towards the 75th percentile of the own chain's members."""
    levels = members_percentiles(model, "chain")
    for firm in model.firms:
        if firm.tie is not None and firm.tie.label == pull.label and reaches(pull, firm):
            partner = firm.tie.partner
            source = partner.productivity if isinstance(partner, Enterprise) else levels[firm.chain]
            yield Lesson(firm, source, pull.rate)


def _common_trust(model: ClusterModel) -> None:
    """A meeting raises the trust of all labels of its scope; then all trust decays."""
    rates = {
        "site": model.levers.trust_site,
        "chain": model.levers.trust_chain,
        "group": model.levers.trust_group,
    }
    decay = model.parameters.common_trust_decay
    for name, trust in model.common_trust.items():
        for label, before in enumerate(trust):
            trust[label] = float(common_trust_after(before, at(rates[name], label), decay))
