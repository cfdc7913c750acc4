"""A scenario said back in words: what its author asked for, and what each number rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from clustersim import instruments
from clustersim.messages import current_language
from clustersim.scenario.document import number_text
from clustersim.scenario.model import Institution, Scenario
from clustersim.scenario.phrases import value_text
from clustersim.scenario.policy_words import PolicyWords
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter, Values

STATUSES = ("evidence", "literature", "own", "fitted", "choice", "assumption")


def describe(scenario: Scenario) -> str:
    """The scenario in words, a line for each thing. Numbers stand with what they rest on: evidence, literature, a
    fit, a choice, or an assumption; `sources` of the scenario goes before the registry."""
    words = _Words(scenario)
    parts = (
        words.head(),
        words.population(),
        words.policies(),
        words.parameters(),
        words.events(),
        words.frame(),
        words.tally(),
    )
    return "\n\n".join("\n".join(part) for part in parts if part)


def numbers(scenario: Scenario) -> list[tuple[str, str, str, str]]:
    """Every number and choice of the model and the policies: key path, value, unit, and what it rests on."""
    words = _Words(scenario)
    return [
        (
            f"{path}.{name}",
            value_text(getattr(values, name)),
            words.word(f"unit.{parameters[name].unit}") if parameters[name].is_numeric else "",
            words.source_words(source),
        )
        for path, values, parameters in words.groups()
        for name, source in words.sources(path, values, parameters).items()
    ]


def statuses(scenario: Scenario) -> Counter[str]:
    """How many numbers and choices of the model and the policies rest on what; keys are among `STATUSES`."""
    return _Words(scenario).statuses()


class _Words(PolicyWords):
    def head(self) -> list[str]:
        scenario, time = self.scenario, self.scenario.time
        title = scenario.title.get(current_language(), scenario.name)
        return [
            self.text("title", title=title, name=scenario.name),
            self.text("time", burn_in=time.burn_in, horizon=time.horizon, source=self.source("time.horizon")),
        ]

    def population(self) -> list[str]:
        population = self.scenario.population
        origin = "from_roster" if population.roster else "drawn_once" if population.fixed else "drawn"
        path = "population.roster" if population.roster else "population.firms"
        sites = [self._named_share("population.sites", site.name, site.share) for site in population.sites]
        chains = [
            self.text(
                "chain",
                share=self._named_share("population.chains", chain.name, chain.share),
                tiers=chain.tiers,
            )
            for chain in population.chains
        ]
        lines = [
            self.text(f"firms.{origin}", firms=population.firms, source=self.source(path)),
            self.text("sites", sites=self.listed(sites)),
            self.text("chains", chains=self.listed(chains), goods=population.goods),
            self.text("institutions", institutions=self._institutions(population.institutions)),
        ]
        if population.roster:
            lines.append(self.text("links", links=len(population.roster.links)))
            if population.roster.drawn:
                drawn = population.roster.drawn.items()
                columns = [self.text("drawn_column", name=name, number=number) for name, number in drawn]
                lines.append(self.text("drawn_columns", firms=population.firms, columns=self.listed(columns)))
        return lines

    def _named_share(self, path: str, name: str, share: float) -> str:
        return self.text("share", name=name, share=f"{100 * share:.3g}%", source=self.source(f"{path}.{name}"))

    def _institutions(self, institutions: Sequence[Institution]) -> str:
        counts = Counter(institution.kind for institution in institutions)
        return self.listed(
            [
                self.text(
                    "institution",
                    count=count,
                    kind=self.word(f"institution.{kind}"),
                    source=self.source(f"population.institutions.{kind}"),
                )
                for kind, count in counts.items()
            ]
        ) or self.text("none")

    def parameters(self) -> list[str]:
        lines = [
            self.text(
                "parameter",
                name=name,
                value=value_text(getattr(self.scenario.parameters, name)),
                default=value_text(MODEL_PARAMETERS[name].default),
                unit=self.word(f"unit.{MODEL_PARAMETERS[name].unit}"),
                source=self.source_words(source),
                meaning=self.word(f"parameter.{name}"),
            )
            for name, source in self.off_default("parameters", self.scenario.parameters, MODEL_PARAMETERS)
        ]
        heading = "parameters" if lines else "parameters_default"
        return [self.text(heading, all=len(MODEL_PARAMETERS)), *lines]

    def groups(self) -> list[tuple[str, Values, Mapping[str, Parameter]]]:
        """Key path, values and registry of the model's parameters, then of each instrument of each policy."""
        return [
            ("parameters", self.scenario.parameters, MODEL_PARAMETERS),
            *(
                (f"policies.{policy.name}.{use.label}", use.values, instruments.parameters(use.instrument))
                for policy in self.scenario.policies
                for use in policy.instruments
            ),
        ]

    def statuses(self) -> Counter[str]:
        groups = [self.sources(path, values, parameters).values() for path, values, parameters in self.groups()]
        return Counter(source.split(":")[0] for sources in groups for source in sources)

    def tally(self) -> list[str]:
        """How many of all numbers rest on what."""
        counts = self.statuses()
        parts = [
            self.text("count", status=self.word(f"status.{status}"), count=counts[status])
            for status in STATUSES
            if counts[status]
        ]
        return [self.text("tally", all=counts.total(), counts=self.listed(parts))]

    def frame(self) -> list[str]:
        budget, precision = self.scenario.budget, self.scenario.precision
        told = (
            self.text(f"budget.{budget}")
            if isinstance(budget, str)
            else self.text("budget.sum", sum=number_text(budget))
        )
        lines = [told, self.text("seeds", seeds=self.scenario.seeds)]
        if precision:
            widths = {"pairing": number_text(precision.pairing), "output": number_text(precision.output)}
            lines.append(self.text("precision", cap=precision.cap, **widths))
        return lines
