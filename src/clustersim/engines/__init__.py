"""The engines: how a model walks over its firms. What things are stands below, what is done with runs above."""

from __future__ import annotations

from typing import Literal, get_args

type Engine = Literal["batch", "reference"]

ENGINES: tuple[Engine, ...] = get_args(Engine.__value__)
