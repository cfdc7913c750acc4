"""The table of `clustersim run --profile`."""

from __future__ import annotations

import math

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clustersim.analysis.profile import Profile
from clustersim.messages import text
from clustersim.render.terminal import plain_table, say
from clustersim.reports import wording

INDENT = 2
COLUMNS = ("seconds", "share", "nanoseconds")


def show_profile(profile: Profile, seeds: int) -> None:
    """Where the time went, and what was simulated for it.

    Args:
        seeds: of the run, those among them that were stored before.
    """
    Console(highlight=False).print(profile_table(profile))
    fields = {"now": profile.simulated, "seeds": wording.seeds(seeds)}
    key = "all" if profile.simulated == seeds else "some" if profile.simulated else "none"
    say(text(f"profile.simulated.{key}", **fields))


def profile_table(profile: Profile) -> Table:
    """A table of 80 columns: the stages with their sums, below each of them its steps; without what took no time."""
    table = plain_table(text("profile.title", seconds=f"{profile.total:,.1f}"))
    table.add_column(text("profile.what"), overflow="fold")
    for name in COLUMNS:
        table.add_column(text(f"profile.{name}"), justify="right", no_wrap=True)
    for stage in dict.fromkeys(stage for stage, _ in profile.seconds):
        steps = {step: seconds for (of, step), seconds in profile.seconds.items() if of == stage and seconds > 0}
        if steps:
            title = text(f"profile.stage.{stage}", months=f"{profile.firm_months.get(stage, 0):,}")
            table.add_row(Text(title, "bold"), *_numbers(profile, stage, sum(steps.values())))
        for step, seconds in steps.items():
            words = Text(text(f"profile.step.{step}"))
            table.add_row(Padding(words, (0, 0, 0, INDENT)), *_numbers(profile, stage, seconds))
        table.add_section()
    return table


def _numbers(profile: Profile, stage: str, seconds: float) -> tuple[str, str, str]:
    each = profile.per_firm_month(stage, seconds)
    share = f"{100.0 * seconds / profile.total:.1f}%"
    return f"{seconds:,.2f}", share, "" if math.isnan(each) else f"{each:,.1f}"
