"""docs/tutorial.md does what it says: its commands run in order, and what it shows is what they print.

`python tests/end_to_end/test_tutorial.py` writes what is printed today into the page. Its blocks:

    console              commands behind `$`, and below each what it prints; "console interrupted": stopped by Ctrl-C
    csv file=NAME        the beginning of docs/tutorial/NAME, which is put beside the scenario
    yaml file=NAME       sections that take the place of those with the same names
    diff file=NAME       a line that takes the place of another
    markdown report      lines of the report of the run before
    text briefing        two sentences with the numbers of two runs

A line `…` stands for lines that are left out; `…` within a line for what differs from one version to the next.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from contextlib import chdir
from pathlib import Path
from unittest import mock

import click
import pytest

sys.path.append(str(Path(__file__).parents[1]))  # as a script, which writes the page anew
from clustersim.cli import main
from clustersim.cli.progress import ProgressLines
from clustersim.execution.progress import Progress
from clustersim.spec.parameters import MODEL_PARAMETERS
from command import call

pytestmark = pytest.mark.usefixtures("unrendered")

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "tutorial.md"
KINDS = "console|csv|yaml|diff|markdown|text"
BLOCK = re.compile(rf"^```(?P<kind>{KINDS})(?P<words>.*)\n(?P<body>(?:.*\n)*?)```$", re.MULTILINE)
LEFT_OUT = "…"
TERMINAL = {"FORCE_COLOR": "1", "TERM": "dumb"}  # of 80 columns, without colours
# Progress; on a terminal it is a bar, gone in the end.
BAR = re.compile(r"\d[\d,]* of \d[\d,]* (seeds|blocks of the assumption range)")
FOLDER = re.compile(r"^Report, figures and tables: (.*)$", re.MULTILINE)
SURE, REROUTED = 1, 2  # the reports, counted from 0, that the briefing takes its numbers from
ARMS = ("Cluster committee, equal money", "Chain leader, equal money")


class Walk:
    """A reader who follows the page in the working folder. `reports`: one for each command that ended with a report."""

    def __init__(self) -> None:
        self.reports: list[str] = []

    def renewed(self, block: re.Match[str]) -> str:
        """Carry a block out; returns it with what is found today in place of what it shows."""
        kind, words, body = block["kind"], block["words"].split(), block["body"]
        file = Path(next((word.removeprefix("file=") for word in words if word.startswith("file=")), ""))
        match kind:
            case "console":
                body = self._commands(body, "interrupted" in words)
            case "csv":
                file.write_bytes((DOCS / "tutorial" / file).read_bytes())
                body = today(body, file.read_text(encoding="utf-8-sig"))
            case "yaml":
                rewrite(file, body, with_sections)
            case "diff":
                rewrite(file, body, with_line)
            case "markdown":
                body = today(body, self.reports[-1])
            case "text":
                body = briefing(self.reports)
        return f"```{kind}{block['words']}\n{body}```"

    def _commands(self, body: str, interrupted: bool) -> str:
        found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE)
        return "".join(f"$ {command}\n{today(shown, self._said(command, interrupted))}" for command, shown in found)

    def _said(self, command: str, interrupted: bool) -> str:
        program, *words = shlex.split(command)
        assert program == "clustersim"
        with mock.patch.dict(os.environ, TERMINAL), mock.patch.object(ProgressLines, "__call__", reporter(interrupted)):
            said = call(*words).output
        if folder := FOLDER.search(said):
            self.reports.append((Path(folder[1]) / "report.md").read_text(encoding="utf-8"))
        lines = [line.rstrip() for line in said.splitlines() if not BAR.fullmatch(line)]
        return "".join(f"{line}\n" for line in lines).replace("\\", "/")


def reporter(interrupted: bool) -> Callable[[ProgressLines, Progress], None]:
    """What tells how far a run is. The reader may press Ctrl-C when it first does."""
    tell = ProgressLines.__call__

    def told(self: ProgressLines, progress: Progress) -> None:
        tell(self, progress)
        if interrupted:
            click.echo("^C", err=True)
            raise KeyboardInterrupt

    return told


# --- files ----------------------------------------------------------------------------------------------------------


def rewrite(file: Path, body: str, change: Callable[[str, str], str]) -> None:
    file.write_text(change(file.read_text(encoding="utf-8"), body), encoding="utf-8")


def with_sections(text: str, body: str) -> str:
    for section in re.findall(r"^\S.*\n(?: .*\n|\n)*", body, re.MULTILINE):
        key, new = section.split(":")[0], f"{section.rstrip()}\n\n"
        text, times = re.subn(rf"^{key}:.*\n(?: .*\n|\n)*", lambda _, new=new: new, text, flags=re.MULTILINE)
        assert times == 1, f"sections {key}: {times}"
    return text


def with_line(text: str, body: str) -> str:
    old, new = body.splitlines()
    assert (old[0], new[0]) == ("-", "+")
    assert text.count(f"{old[1:]}\n") == 1, f"not in the file, or twice: {old}"
    return text.replace(f"{old[1:]}\n", f"{new[1:]}\n")


# --- what is shown --------------------------------------------------------------------------------------------------


def today(shown: str, found: str) -> str:
    """What `shown` shows of `found`, as it reads now.

    Between two gaps all entries are shown, from the first that the page shows there to the last. Numbers change, and
    with them where lines are broken; so an entry is known by what stands before its first number.
    """
    pieces = [entries(piece) for piece in re.split(rf"^{LEFT_OUT}\n", shown, flags=re.MULTILINE)]
    given, begin, parts = entries(found), 0, []
    for number, piece in enumerate(pieces):
        if piece:
            times = sum(name(entry) == name(piece[-1]) for entry in piece)
            begin = 0 if number == 0 else place(given, piece[0], begin)
            end = len(given) if number == len(pieces) - 1 else place(given, piece[-1], begin, times) + 1
            parts.append("".join(as_shown(entry, piece) for entry in given[begin:end]))
            begin = end
        else:
            parts.append("")
    return f"{LEFT_OUT}\n".join(parts)


def entries(text: str) -> list[str]:
    """Lines; one that begins with "- " together with those that go on below it."""
    return re.findall(r"^- .*\n(?: +\S.*\n)*|^.*\n", text, re.MULTILINE)


def place(given: Sequence[str], wanted: str, begin: int, times: int = 1) -> int:
    """Where the entry of that name stands, the first time from `begin` or a later one."""
    places = [number for number in range(begin, len(given)) if name(given[number]) == name(wanted)]
    if len(places) < times:
        raise LookupError(f"the page shows this, and nothing prints it: {wanted!r}")
    return places[times - 1]


def name(entry: str) -> str:
    return re.split(rf"[-+]?\d|{LEFT_OUT}", " ".join(entry.split()))[0].strip()


def as_shown(entry: str, piece: Sequence[str]) -> str:
    """The entry, or the one of the page that leaves out a part of it."""
    for old in piece:
        if LEFT_OUT in old and re.fullmatch(".*".join(map(re.escape, old.split(LEFT_OUT))), entry):
            return old
    return entry


def briefing(reports: Sequence[str]) -> str:
    """The two sentences, in lines of a slide."""
    sure, rerouted = reports[SURE], reports[REROUTED]
    (base, committee), (_, leader) = (row(sure, arm, "Pairing rate (%)") for arm in ARMS)
    (_, all_of_it), (_, default) = (row(report, ARMS[0], "Output (10k yuan)") for report in (rerouted, sure))
    (seeds,) = re.findall(r"with (\d+) seeds\.", sure)
    share = f"{MODEL_PARAMETERS['reroute'].default:.0%}"
    sentences = (
        f"In a model of the zone, with the assumptions of the annex, {base}% of the inputs that firms could buy in the "
        f"zone are bought there when there is no alliance; at equal money the difference is {committee} with a cluster "
        f"committee and {leader} with chain leaders (95% intervals, {seeds} seeds). Output over three years differs by "
        f"{all_of_it} with the committee if suppliers had sold all of these orders before through outside traders, and "
        f"by {default} if they had sold {share} of them; which of the two is nearer to our zone is not known."
    )
    return f"{textwrap.fill(sentences, 100, break_on_hyphens=False)}\n"


def row(report: str, arm: str, measure: str) -> tuple[str, str]:
    """The baseline, and the difference with its interval."""
    cells = rf"^\| {re.escape(arm)} \| {re.escape(measure)} \| (\S+) \| \S+ \| (.*?) \|"
    (found,) = re.findall(cells, report, re.MULTILINE)
    return found


# --- the page -------------------------------------------------------------------------------------------------------


def walked(page: str, folder: Path) -> list[tuple[str, str]]:
    """Each block of the page, carried out in a folder: as the page has it, and as it is today."""
    walk = Walk()
    with chdir(folder):
        return [(block[0], walk.renewed(block)) for block in BLOCK.finditer(page)]


@pytest.fixture(name="blocks", scope="module")
def _blocks(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    return walked(PAGE.read_text(encoding="utf-8"), tmp_path_factory.mktemp("tutorial"))


def test_what_the_page_shows_is_what_is_printed(blocks: list[tuple[str, str]]) -> None:
    shown, found = ("\n".join(side) for side in zip(*blocks, strict=True))
    assert shown == found, "run: python tests/end_to_end/test_tutorial.py"


def test_all_code_of_the_page_is_carried_out(blocks: list[tuple[str, str]]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(blocks) == len(re.findall("^```", page, re.MULTILINE)) / 2
    told = set(re.findall(r"clustersim (\w+)", page))
    assert told <= set(main.commands)


def test_errors_are_reported_in_chinese_too(tmp_path: Path) -> None:
    before_the_check = PAGE.read_text(encoding="utf-8").split("$ clustersim check")[0].rpartition("```console")[0]
    walked(before_the_check, tmp_path)
    with chdir(tmp_path):
        told = call("check", "my_zone.yaml", "--lang", "zh")
    assert told.exit_code != 0
    assert [line.count("允许") + line.count("应为") for line in told.stderr.splitlines()] == [1, 1]


SAID = "Found 3:\n- one: 1.5\n  to 2\n- two: 2\n- two: 3\n- run: 12ab\n"


@pytest.mark.parametrize(
    "shown", [SAID, "…\n", "…\n- one: 1.5\n  to 2\n…\n", "Found 3:\n…\n- two: 2\n- two: 3\n- run: …\n"]
)
def test_what_is_still_true_stays(shown: str) -> None:
    assert today(shown, SAID) == shown


@pytest.mark.parametrize(
    ("shown", "now"),
    [
        ("Found 2:\n- one: 1\n", SAID),
        ("…\n- one: 1\n…\n", "…\n- one: 1.5\n  to 2\n…\n"),
        ("…\n- two: 1\n- two: 1\n…\n", "…\n- two: 2\n- two: 3\n…\n"),
        ("…\n- run: …cd\n", "…\n- run: 12ab\n"),
        ("Found 3:\n…\n- two: 3\n…\n", "Found 3:\n…\n- two: 2\n…\n"),
    ],
)
def test_what_has_changed_is_renewed(shown: str, now: str) -> None:
    assert today(shown, SAID) == now


def test_what_is_no_longer_printed_is_not_passed_over() -> None:
    with pytest.raises(LookupError, match="three"):
        today("…\n- three: 3\n…\n", SAID)


def renew(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        blocks = iter(walked(text, Path(folder)))
    page.write_text(BLOCK.sub(lambda _: next(blocks)[1], text), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    renew(PAGE)
