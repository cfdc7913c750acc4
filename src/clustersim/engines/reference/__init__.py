"""The readable engine: a Mesa model of one town under one policy, an agent at a time.

It is the batch engine's twin: both share definitions (parameters, numbers, formulas, instruments, measures), and walk
through a month on their own. Read in this order:

- `model.py`: the town, and the month as a table of contents; `town.py`: how it begins;
- `enterprise.py`: what a firm does in a month; `institution.py`, and `parts.py` for what agents hold;
- `environment.py`, `directory.py`, `market.py`: demand, noise and events; who is known where; who competes;
- `policy.py`: the policy step, with `groups.py`, `contacts.py`, `brokerage.py` and `sides.py`, `ties.py`, `entry.py`;
- `aid.py`, `learning.py`, `records.py`: the rest of the month;
- `numbers.py`, `asked.py`, `portrait.py`, `run.py`: how it is joined to the rest of the package.
"""

from __future__ import annotations

from clustersim.engines.reference.enterprise import Enterprise
from clustersim.engines.reference.institution import Institution
from clustersim.engines.reference.model import MONTH, ClusterModel

__all__ = ["MONTH", "ClusterModel", "Enterprise", "Institution"]
