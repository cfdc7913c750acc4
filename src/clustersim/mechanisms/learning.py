"""Step 7. Learning from better firms, at most once a month a firm; and common trust."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, at_rank, pick, positions
from clustersim.spec.draws import label_code
from clustersim.spec.levers import Pull
from clustersim.spec.world import World

PERCENTILE = 0.75  # of a scope's members; never the maximum, whose gap grows with the scope


def learning_gain(rate: Any, source: Any, own: Any, reference: Any, absorbed: Any) -> Any:
    """min(1, rate) * max(0, absorbed ln(A_source / A_ref) - ln(A / A_ref)), 0 for who is at its source or past it.

    What a firm can take over is a share of the distance from its own start, so a fixed source teaches less each time.

    Args:
        own, reference: A and A_ref of the learner.
    """
    left = np.maximum(0.0, absorbed * np.log(source / reference) - np.log(own / reference))
    return np.where(own < source, np.minimum(1.0, rate) * left, 0.0)


def closeness(weight: Any, peers: Any, own: Any) -> Any:
    """exp(weight * (mean ln q_ref of the peers - own ln q_ref))."""
    return np.exp(weight * (peers - own))


def percentile_rank(members: Any) -> Any:
    """floor(0.75 (n - 1)): rank of the member whose productivity is the 75th percentile, from 0."""
    return np.floor(PERCENTILE * (members - 1))


def step(world: World) -> None:
    """All gains are computed on A as it stands after production; the largest of a firm's gains counts."""
    gain = _from_anchors(world)
    for arm, levers in enumerate(world.levers):
        for pull in levers.pulls:
            _SOURCES[pull.towards](world, arm, pull, gain)
    touched = positions(gain)
    world.state.productivity.reshape(-1)[touched] *= np.exp(gain[touched])
    _common_trust(world)


def _from_anchors(world: World) -> Array:
    """Gains of firms that are paired with an anchor, whichever of the two sells; (arms * bases * rows,)."""
    flows, productivity = world.flows, world.flat.productivity
    anchor = world.kept("anchors", lambda: np.tile(world.population.anchor.reshape(-1), world.arms))
    gain = np.zeros(len(productivity))
    for learners, sources in ((flows.buyer, flows.seller), (flows.seller, flows.buyer)):
        some = positions(anchor[sources])
        some = some[productivity[sources[some]] > productivity[learners[some]]]  # the others gain nothing
        learner, source = learners[some], sources[some]
        rate = world.by_firm(world.parameters.anchor_learning, learner)
        np.maximum.at(gain, learner, _gain(world, learner, rate, productivity[source], productivity[learner]))
    return gain


def _gain(world: World, learner: Array, rate: Any, source: Array, own: Array) -> Array:
    """What base firms or run firms can learn from a productivity."""
    reference = world.kept(
        "productivity at the start", lambda: np.tile(world.population.productivity_reference.reshape(-1), world.arms)
    )
    absorbed = world.by_firm(world.parameters.absorbed, learner)
    gain: Array = learning_gain(rate, source, own, reference[learner], absorbed)
    return gain


def _offer(world: World, arm: int, firm: Array, source: Array, rate: Any, gain: Array) -> None:
    """Give base firms of an arm the chance to learn from a productivity."""
    own = world.state.productivity[arm].reshape(-1)[firm]
    np.maximum.at(gain, arm * world.firms + firm, _gain(world, firm, rate, source, own))


def _towards_percentile(world: World, arm: int, pull: Pull, gain: Array) -> None:
    firm = positions(pull.who.reshape(-1))
    level = members_percentile(world, arm, pull.scope)
    labels, count = world.labels(pull.scope, arm)
    base = firm // world.rows
    source = level[base * count + labels.reshape(-1)[firm]]
    known = source > 0.0
    firm, base, source = firm[known], base[known], source[known]
    _offer(world, arm, firm, source, pick(pull.rate, base), gain)


def members_percentile(world: World, arm: int, scope: Any) -> Array:
    """A at rank floor(0.75 (n - 1)) of the n members of each label, (bases * labels,); 0 where there is none."""
    state = world.arm(arm)
    labels, count = world.labels(scope, arm)
    member = positions((state.member & state.active).reshape(-1))
    section = member // world.rows * count + labels.reshape(-1)[member]
    members = np.bincount(section, minlength=world.bases * count)
    return at_rank(section, state.productivity.reshape(-1)[member], percentile_rank(members).astype(np.intp))


def _towards_best_of_group(world: World, arm: int, pull: Pull, gain: Array) -> None:
    """The best of the group; the rate times exp(weight * (mean ln q_ref of the peers - own))."""
    state = world.arm(arm)
    firm = positions((pull.who & (state.group >= 0) & state.active).reshape(-1))
    if len(firm) == 0:
        return
    base = firm // world.rows
    groups = int(state.group.max()) + 1
    section = base * groups + state.group.reshape(-1)[firm]
    best = np.zeros(world.bases * groups)
    np.maximum.at(best, section, state.productivity.reshape(-1)[firm])
    rate = pick(pull.rate, base)
    if np.any(pull.peer_size_weight):
        rate = rate * _closeness_of_peers(world, firm, section, pull.peer_size_weight)
    _offer(world, arm, firm, best[section], rate, gain)


def _closeness_of_peers(world: World, firm: Array, section: Array, weight: Any) -> Array:
    size = np.log(world.population.capacity_reference.reshape(-1)[firm])
    peers = np.bincount(section)[section] - 1
    mean = (np.bincount(section, size)[section] - size) / np.maximum(peers, 1)
    return closeness(pick(weight, firm // world.rows), np.where(peers > 0, mean, size), size)


def _towards_tie(world: World, arm: int, pull: Pull, gain: Array) -> None:
    """The large side of a tie; with an institution, the 75th percentile of the own chain's members."""
    state = world.arm(arm)
    partner = state.tie_partner.reshape(-1)
    firm = positions(((state.tie_label == label_code(pull.label)) & pull.who).reshape(-1))
    base = firm // world.rows
    with_firm = partner[firm] < world.rows
    large = base * world.rows + np.where(with_firm, partner[firm], 0)
    source = world.state.productivity[arm].reshape(-1)[large].copy()
    if not with_firm.all():
        chain = world.state.chain[arm].reshape(-1)[firm]
        level = members_percentile(world, arm, "chain")[base * world.population.chains + chain]
        source = np.where(with_firm, source, level)
    known = source > 0.0
    _offer(world, arm, firm[known], source[known], pick(pull.rate, base[known]), gain)


_SOURCES = {
    "percentile": _towards_percentile,
    "best_of_group": _towards_best_of_group,
    "tie": _towards_tie,
}


def common_trust_after(trust: Any, rate: Any, decay: Any) -> Any:
    """A meeting adds rate * (1 - c), then c *= 1 - decay."""
    return (trust + rate * (1.0 - trust)) * (1.0 - decay)


def _common_trust(world: World) -> None:
    for arm, levers in enumerate(world.levers):
        for column, rate in (
            (world.state.trust_site, levers.trust_site),
            (world.state.trust_chain, levers.trust_chain),
            (world.state.trust_group, levers.trust_group),
        ):
            world.trust_in_use |= bool(np.any(rate))
            if world.trust_in_use:
                column[arm] = common_trust_after(column[arm], rate, world.parameters.common_trust_decay)
