"""Common trust of groups that are formed later."""

import numpy as np

import small_worlds


def test_a_group_begins_without_trust() -> None:
    """With long-lasting groups, firms that join later are put into new groups; the meetings before were not theirs."""
    slow = {"hazard_small": 0.3, "hazard_medium": 0.3, "hazard_large": 0.3, "order": "all_at_once"}
    groups = {"size": 5, "duration": 60, "trust_rate": 0.4, "attendance": 0.5, "interval": 1}
    scenario = small_worlds.make({"slow": {"organisation_building": slow, "groups": groups}}, months=(2, 14))
    formed = {}
    for world in small_worlds.months([scenario], [0, 1]):
        formed[world.month - world.burn_in] = (world.state.group[1].copy(), world.state.trust_group[1].copy())
    before, now = formed[12][0], formed[13][0]
    new = np.unique(now[0][(before[0] < 0) & (now[0] >= 0)])
    assert len(new)
    trust = formed[13][1][0]
    decay = scenario.parameters.common_trust_decay
    np.testing.assert_allclose(trust[new], 0.2 * (1.0 - decay))  # one meeting
    assert (trust[: new.min()] > 0.5).all()
