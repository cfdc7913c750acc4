"""Step 5. Standing groups of members are formed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustersim.engines.reference.asked import reaches

if TYPE_CHECKING:
    from clustersim.engines.reference.enterprise import Enterprise
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.spec.levers import Formation


def form(model: ClusterModel, request: Formation) -> None:
    """Reached members without a group are ordered by their numbers within a label, and cut into groups.

    To be formed anew, all who are reached leave their groups first.
    """
    if request.anew:
        for firm in model.firms:
            firm.group = -1 if reaches(request, firm) else firm.group
    for label in range(model.labels(request.scope)):
        chosen = [
            firm
            for firm in model.firms
            if firm.group < 0 and firm.label(request.scope) == label and reaches(request, firm)
        ]
        chosen.sort(key=lambda firm: (model.numbers.of_firm(f"{request.label}.group", firm.row), firm.row))
        for members in _cut(chosen, request.size):
            group = _new_group(model)
            for firm in members:
                firm.group = group


def _new_group(model: ClusterModel) -> int:
    """The lowest number that no firm carries. Its common trust begins anew."""
    trust, taken = model.common_trust["group"], {firm.group for firm in model.firms}
    group = next(number for number in range(len(trust) + 1) if number not in taken)
    trust[group : group + 1] = [0.0]  # behind all others, or in place of one that is gone
    return group


def _cut(firms: list[Enterprise], size: int) -> list[list[Enterprise]]:
    """Groups of the size; a last group under half of it joins the one before it, if there is one."""
    groups = [firms[first : first + size] for first in range(0, len(firms), size)]
    if len(groups) > 1 and 2 * len(groups[-1]) < size:
        last = groups.pop()
        groups[-1] = groups[-1] + last
    return groups
