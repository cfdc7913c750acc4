"""Writes the tables of docs/worlds.md from the shipped worlds and, for targets left out, from all draws.

python docs/worlds.py --draws results/worlds/draws.npz
"""

from __future__ import annotations

import re
from pathlib import Path

import click
import numpy as np

from clustersim.analysis.worlds.posterior import WorldTarget, log_likelihood, normalised
from clustersim.analysis.worlds.quantiles import effective_size
from clustersim.worlds import ensemble
from clustersim.worlds.priors import quantiles, uncertain_numbers

PAGE = Path(__file__).parent / "worlds.md"
ENDS = np.array([0.05, 0.5, 0.95])
MOVED, NARROWER = 0.3, 0.9  # standard deviations of the prior; share of its spread: what the findings tell something of


def table(header: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [list(header), ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def numbers() -> str:
    """Prior against posterior, of the numbers that the findings tell something of."""
    rows = []
    for name, parameter in uncertain_numbers().items():
        prior, found = quantiles(parameter, (np.arange(4096) + 0.5) / 4096), ensemble().values[name]
        moved, width = (found.mean() - prior.mean()) / prior.std(), found.std() / prior.std()
        if abs(moved) > MOVED or width < NARROWER:
            rows.append((abs(moved), [f"`{name}`", _range(prior), _range(found), f"{moved:+.2f}", f"{width:.2f}"]))
    rows.sort(key=lambda row: -row[0])
    return table(("number", "prior", "worlds", "moved", "width"), [row for _, row in rows])


def fit(draws: Path) -> str:
    """Each target: published, in the prior, in the worlds, and in the worlds that do not know it."""
    targets = [WorldTarget(**{**one, "scenario": ""}) for one in ensemble().manifest["targets"]]
    stored = np.load(draws)["table"]
    rows = []
    for place, target in enumerate(targets):
        cells = [f"`{target.name}`", "fit" if target.is_fit else "held out", f"{target.value:g} ± {target.error:g}"]
        there = np.isfinite(stored[:, place])
        prior = _range(stored[there, place]) if there.any() else "-"
        without = _without(targets, place, stored) if target.is_fit else "-"
        rows.append([*cells, f"{target.discrepancy:g}", prior, _range(ensemble().targets[target.name]), without])
    return table(("target", "use", "published", "discrepancy", "prior", "worlds", "mean without it"), rows)


def _without(targets: list[WorldTarget], place: int, stored: np.ndarray) -> str:
    others = [WorldTarget(**{**vars(one), "is_fit": one.is_fit and one is not targets[place]}) for one in targets]
    weights = normalised(
        log_likelihood(stored, np.array(ensemble().manifest["seed_variance"], dtype=np.float64), others)
    )
    return f"{np.nansum(weights * stored[:, place]):.3g} ({effective_size(weights):.0f} worlds count)"


def _range(column: np.ndarray) -> str:
    low, middle, high = np.quantile(column, ENDS)
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


@click.command(help=__doc__)
@click.option("--draws", type=click.Path(path_type=Path), required=True)
def main(draws: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, made in (("numbers", numbers()), ("fit", fit(draws))):
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        page = re.sub(rf"{begin}.*?{end}", f"{begin}{made}\n{end}", page, flags=re.DOTALL)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
