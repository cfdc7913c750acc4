"""Enterprises and institutions of each seed: from shares and distributions, or from a roster."""

from __future__ import annotations

from clustersim.population.build import build

__all__ = ["build"]
