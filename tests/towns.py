"""The small towns of the tests, as a user would write them."""

from __future__ import annotations

from pathlib import Path

TOWN = """\
schema: 1
name: small
title: {{en: A small town, zh: 一个小镇}}
time: {{burn_in: 6, horizon: 12}}
population:
  firms: {firms}
  sites: {sites}
  chains: {chains}
{people}policies:
{policies}seeds: {seeds}
"""
ONE_SITE, TWO_SITES = "{East: 1.0}", "{East: 0.5, West: 0.5}"
ONE_CHAIN = "{steel: {tiers: 2, share: 1.0}}"
TWO_CHAINS = "{steel: {tiers: 2, share: 0.5}, parts: {tiers: 2, share: 0.5}}"
COMMITTEE, LEADER = "  cluster_committee: {}\n", "  chain_leader: {}\n"


def town(
    firms: int = 10,
    policies: str = COMMITTEE,
    seeds: int = 3,
    sites: str = ONE_SITE,
    chains: str = ONE_CHAIN,
    more: str = "",
    people: str = "",
) -> str:
    """A year of a town. `policies`, `people`: indented lines, of the population; `more`: sections after the others."""
    parts = {"firms": firms, "sites": sites, "chains": chains, "people": people, "policies": policies, "seeds": seeds}
    return TOWN.format(**parts) + more


def wide_town(firms: int, policies: str = COMMITTEE + LEADER, seeds: int = 3, more: str = "", people: str = "") -> str:
    """Two sites and two chains."""
    return town(firms, policies, seeds, TWO_SITES, TWO_CHAINS, more, people)


SMALL = town()
SHOCK = "events:\n  - {event: supply, month: 4, months: 3, availability: 0.5}\n"
BOTH = wide_town(24, more=f"budget: both\n{SHOCK}")  # both policies, at their own cost and at equal money, with a shock
BARE = town(policies="  no_alliance: {}\n")  # no effect, so no figure


def scenario_in(folder: Path, text: str = SMALL) -> Path:
    file = folder / "small.yaml"
    file.write_text(text, encoding="utf-8")
    return file
