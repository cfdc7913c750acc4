"""The table of `clustersim run --profile`."""

from __future__ import annotations

import math

from clustersim.analysis.profile import Profile
from clustersim.messages import text
from clustersim.render.terminal import say, show
from clustersim.reports import wording
from clustersim.reports.blocks import Table, table

COLUMNS = ("what", "seconds", "share", "nanoseconds")


def show_profile(profile: Profile, seeds: int) -> None:
    """Where the time went, and what was simulated for it.

    Args:
        seeds: of the run, those among them that were stored before.
    """
    show([profile_table(profile)])
    fields = {"now": profile.simulated, "seeds": wording.seeds(seeds)}
    key = "all" if profile.simulated == seeds else "some" if profile.simulated else "none"
    say(text(f"profile.simulated.{key}", **fields))


def profile_table(profile: Profile) -> Table:
    """The stages with their sums, below each of them its steps; without what took no time."""
    rows = []
    for stage in dict.fromkeys(stage for stage, _ in profile.seconds):
        steps = {step: seconds for (of, step), seconds in profile.seconds.items() if of == stage and seconds > 0}
        if steps:
            title = text(f"profile.stage.{stage}", months=f"{profile.firm_months.get(stage, 0):,}")
            rows.append([f"**{title}**", *_numbers(profile, stage, sum(steps.values()))])
        rows += [[text(f"profile.step.{step}"), *_numbers(profile, stage, seconds)] for step, seconds in steps.items()]
    header = [text(f"profile.{name}") for name in COLUMNS]
    return table(text("profile.title", seconds=f"{profile.total:,.1f}"), header, rows)


def _numbers(profile: Profile, stage: str, seconds: float) -> tuple[str, str, str]:
    each = profile.per_firm_month(stage, seconds)
    share = f"{100.0 * seconds / profile.total:.1f}%"
    return f"{seconds:,.2f}", share, "" if math.isnan(each) else f"{each:,.1f}"
