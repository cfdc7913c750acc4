"""What a scenario says against a study, told at the place in the study file that it comes from."""

from __future__ import annotations

from dataclasses import replace

from clustersim.errors import Problem
from clustersim.scenario.document import Document, KeyPath


def report_as(document: Document, path: KeyPath, problem: Problem, place: str) -> None:
    """Notes a problem of the scenario at the place in the study file that it comes from."""
    nearest = next(path[:depth] for depth in range(len(path), -1, -1) if path[:depth] in document.marks or not depth)
    line, column = document.marks.get(nearest, (None, None))
    told = place if place.split(" = ", maxsplit=1)[0].endswith(problem.path or "") else f"{place}: {problem.path}"
    document.problems.append(replace(problem, file=document.file, line=line, column=column, path=told))
