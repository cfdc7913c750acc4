"""Progress on a terminal and elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType

import click
from rich import progress
from rich.console import Console

from clustersim.execution.progress import Progress
from clustersim.messages import text


class Bar:
    """A bar with the time left: drawn on a terminal, and gone when it is done; elsewhere nothing."""

    def __init__(self, label: str):
        self._bar: progress.Progress | None = None
        if sys.stderr.isatty():
            columns = (
                progress.TextColumn("{task.description}"),
                progress.BarColumn(),
                progress.MofNCompleteColumn(),
                progress.TimeRemainingColumn(),
            )
            self._bar = progress.Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(label, total=None)

    @property
    def is_drawn(self) -> bool:
        return self._bar is not None

    def __enter__(self) -> Bar:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, found: Progress, label: str | None = None) -> None:
        if self._bar:
            self._bar.update(self._task, total=found.wanted, completed=found.done, description=label)


class ProgressLines:
    """A bar on a terminal, a line for each block elsewhere. Says first what is stored already."""

    def __init__(self, bar: Bar):
        self._bar = bar
        self._what = ""

    def __call__(self, found: Progress) -> None:
        numbers = {"done": f"{found.done:,}", "wanted": f"{found.wanted:,}"}
        if found.what != self._what and found.done:
            key = "found" if found.done == found.wanted else "goes_on"
            click.echo(text(f"cli.{found.what}.{key}", **numbers), err=True)
        elif not self._bar.is_drawn:
            click.echo(text(f"cli.{found.what}.progress", **numbers), err=True)
        self._bar.show(found, text(f"cli.{found.what}.counted"))
        self._what = found.what
