"""The command line: parse, call, print. Every verb imports what it needs when it is called."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Literal

import click

from clustersim.cli.speaking import Verbs
from clustersim.engines import ENGINES, Engine
from clustersim.messages import LANGUAGES, text
from clustersim.scenario.limits import MOST_SEEDS

MOST_JOBS = 1_000
MOST_POINTS = 100_000
FILE = click.Path(path_type=Path)
LANGUAGE = click.option("--lang", type=click.Choice(LANGUAGES), expose_value=False, help=text("cli.option.lang"))
SCENARIO = click.argument("scenario", type=FILE)
FOLDER = click.argument("folder", type=FILE)
OUT = click.option("--out", type=FILE, default=Path("results"), show_default=True, help=text("cli.run.out"))
RESULTS = click.option(
    "--results", "root", type=FILE, default=Path("results"), show_default=True, help=text("cli.brief.results")
)
JOBS = click.option("--jobs", type=click.IntRange(1, MOST_JOBS), default=1, help=text("cli.executor.jobs"))
DASK = click.option("--dask", metavar="ADDRESS", default="", help=text("cli.executor.dask"))
type Verb = Literal["sweep", "sensitivity", "map", "calibrate"]
CATALOGUES = (
    *("scenarios", "studies", "policies", "instruments", "parameters", "measures", "observables"),
    *("evidence", "literature"),
)


@click.group(cls=Verbs, help=text("cli.help"), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clustersim", help=text("cli.option.version"))
def main() -> None:
    pass


@main.command(help=text("cli.run.help"))
@SCENARIO
@click.option("--seeds", type=click.IntRange(1, MOST_SEEDS), help=text("cli.run.seeds"))
@click.option("--precision", is_flag=True, help=text("cli.run.precision"))
@click.option("--cap", type=click.IntRange(2, MOST_SEEDS), help=text("cli.run.cap"))
@click.option("--assumptions", type=click.IntRange(0, MOST_POINTS), help=text("cli.option_assumptions.help"))
@click.option("--profile", is_flag=True, help=text("cli.run.profile"))
@OUT
@click.option("--engine", type=click.Choice(ENGINES), default="batch", show_default=True, help=text("cli.run.engine"))
@JOBS
@DASK
@LANGUAGE
def run(
    scenario: Path,
    seeds: int | None,
    precision: bool,
    cap: int | None,
    assumptions: int | None,
    profile: bool,
    out: Path,
    engine: Engine,
    jobs: int,
    dask: str,
) -> None:
    from clustersim.cli.running import Asked, run_scenario
    from clustersim.cli.studying import executor_of

    if precision and seeds is not None:
        raise click.UsageError(text("cli.run.seeds_or_precision"), click.get_current_context())
    if cap is not None and not precision:
        raise click.UsageError(text("cli.run.cap_alone"), click.get_current_context())
    if profile and (jobs > 1 or dask or engine != "batch"):
        raise click.UsageError(text("cli.run.profile_here"), click.get_current_context())
    asked = Asked(seeds, precision, cap, assumptions, profile)
    run_scenario(scenario, asked, out, engine, executor_of(jobs, dask, ""))


def _study(verb: Verb) -> click.Command:
    """The command of a study verb; they differ in their name alone."""

    @main.command(verb, help=text(f"cli.study.{verb}"))
    @click.argument("study", type=FILE)
    @OUT
    @click.option("--plan", is_flag=True, help=text("cli.study.plan"))
    @JOBS
    @DASK
    @click.option("--shard", metavar="K/N", default="", help=text("cli.executor.shard"))
    @LANGUAGE
    def command(study: Path, out: Path, plan: bool, jobs: int, dask: str, shard: str) -> None:
        from clustersim.cli.studying import carry_out_study, executor_of, plan_study

        if plan:
            plan_study(study, verb)
        else:
            carry_out_study(study, verb, out, executor_of(jobs, dask, shard))

    return command


STUDIES = [_study("sweep"), _study("sensitivity"), _study("map"), _study("calibrate")]


@main.command(help=text("cli.attribute.help"))
@SCENARIO
@click.option("--arm", help=text("cli.attribute.arm"))
@click.option(
    "--seeds", type=click.IntRange(1, MOST_SEEDS), default=60, show_default=True, help=text("cli.attribute.seeds")
)
@click.option("--together", multiple=True, metavar="LABELS", help=text("cli.attribute.together"))
@OUT
@JOBS
@DASK
@LANGUAGE
def attribute(
    scenario: Path,
    arm: str | None,
    seeds: int,
    together: tuple[str, ...],
    out: Path,
    jobs: int,
    dask: str,
) -> None:
    from clustersim.cli.studying import attribute_arms, executor_of

    players = tuple(tuple(label.strip() for label in labels.split(",")) for labels in together)
    attribute_arms(scenario, arm, seeds, players, out, executor_of(jobs, dask, ""))


@main.command(help=text("cli.status.help"))
@FOLDER
@LANGUAGE
def status(folder: Path) -> None:
    from clustersim.cli.resuming import show_status

    show_status(folder)


@main.command(help=text("cli.resume.help"))
@FOLDER
@JOBS
@DASK
@click.option("--shard", metavar="K/N", default="", help=text("cli.executor.shard"))
@LANGUAGE
def resume(folder: Path, jobs: int, dask: str, shard: str) -> None:
    from clustersim.cli.resuming import resume_folder
    from clustersim.cli.studying import executor_of

    resume_folder(folder, executor_of(jobs, dask, shard))


@main.command(help=text("cli.verify.help"))
@FOLDER
@click.option(
    "--blocks", type=click.IntRange(1, MOST_SEEDS), default=3, show_default=True, help=text("cli.verify.blocks")
)
@LANGUAGE
def verify(folder: Path, blocks: int) -> None:
    from clustersim.cli.resuming import verify_folder

    verify_folder(folder, blocks)


@main.command(help=text("cli.check.help"))
@SCENARIO
@click.option("--evidence", is_flag=True, help=text("cli.check.evidence"))
@click.option("--seeds", type=click.IntRange(2, MOST_SEEDS), help=text("cli.check.seeds"))
@click.option("--numbers", is_flag=True, help=text("cli.check.numbers"))
@LANGUAGE
def check(scenario: Path, evidence: bool, seeds: int | None, numbers: bool) -> None:
    if evidence and numbers:
        raise click.UsageError(text("cli.check.evidence_or_numbers"), click.get_current_context())
    if evidence:
        from clustersim.cli.evidence import check_evidence

        check_evidence(scenario, seeds)
        return
    if seeds is not None:
        raise click.UsageError(text("cli.check.seeds_alone"), click.get_current_context())
    from clustersim.cli.checking import check_scenario, list_numbers

    (list_numbers if numbers else check_scenario)(scenario)


@main.command(help=text("cli.agree.help"))
@SCENARIO
@click.option("--seeds", type=click.IntRange(1, MOST_SEEDS), default=3, show_default=True, help=text("cli.agree.seeds"))
@click.option("--first", type=click.IntRange(0, 2**62), default=0, show_default=True, help=text("cli.agree.first"))
@LANGUAGE
def agree(scenario: Path, seeds: int, first: int) -> None:
    from clustersim.cli.agreeing import compare_engines

    compare_engines(scenario, range(first, first + seeds))


FORMER = copy(agree)  # its name in earlier versions
FORMER.name, FORMER.hidden = "twin", True
main.add_command(FORMER)


@main.command(help=text("cli.brief.help"))
@click.argument("results", type=FILE, nargs=-1, required=True)
@click.option("--out", type=FILE, help=text("cli.brief.out"))
@click.option("--seeds", type=click.IntRange(1, MOST_SEEDS), help=text("cli.brief.seeds"))
@RESULTS
@LANGUAGE
def brief(results: tuple[Path, ...], out: Path | None, seeds: int | None, root: Path) -> None:
    from clustersim.cli.briefing import make_briefing

    make_briefing(results, out, root, seeds)


@main.command(help=text("cli.whence.help"))
@click.argument("file", type=FILE)
@RESULTS
@LANGUAGE
def whence(file: Path, root: Path) -> None:
    from clustersim.cli.briefing import tell_whence

    tell_whence(file, root)


@main.command(help=text("cli.new.help"))
@click.argument("file", type=FILE)
@click.option("--from", "origin", default="xinqiao", show_default=True, help=text("cli.new.from"))
@click.option("--roster", is_flag=True, help=text("cli.new.roster"))
@LANGUAGE
def new(file: Path, origin: str, roster: bool) -> None:
    from clustersim.cli.starting import start_scenario

    start_scenario(file, origin, roster)


@main.command(help=text("cli.schema.help"))
@click.option("--out", type=FILE, help=text("cli.schema.out"))
@LANGUAGE
def schema(out: Path | None) -> None:
    from clustersim.cli.starting import write_schema

    write_schema(out)


@main.command("list", help=text("cli.list.help"))
@click.argument("catalogue", metavar="CATALOGUE", type=click.Choice(CATALOGUES))
@LANGUAGE
def list_(catalogue: str) -> None:
    from clustersim.cli.listing import print_catalogue

    print_catalogue(catalogue)
