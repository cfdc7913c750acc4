"""Names and numbers as a reader meets them: in sentences, tables and figures, in Chinese and English.

A number is shown with as many decimals as its interval supports: two significant digits of the half-width,
two decimals at most. A row is a row of `clustersim.analysis.estimates.effects`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from clustersim import messages
from clustersim.analysis.rows import Row
from clustersim.measures import Measure
from clustersim.spec.results import EQUAL_MONEY

NOTHING = "-"


def arm_name(name: str) -> str:
    """Name of an arm; an arm that is run once more at equal money says so behind its own name."""
    own = name.removesuffix(EQUAL_MONEY)
    known = named("arm", own)
    return known if own == name else messages.text("arm_at_equal_money", arm=known)


def mid_sentence(name: str) -> str:
    """A title inside a sentence. Chinese has no capitals."""
    return name[:1].lower() + name[1:]


def named(kind: str, name: str) -> str:
    """The catalogue's name of a group, dimension or verdict; the name itself where it is the user's own."""
    key = f"{kind}.{name}"
    return messages.text(key) if messages.has(key) else str(name)


def measure_title(name: str) -> str:
    return messages.text(f"measure.{name}.title")


def arm_words(name: str) -> str:
    """`arm_name` inside a sentence."""
    return mid_sentence(arm_name(name))


def measure_words(name: str) -> str:
    """`measure_title` inside a sentence."""
    return mid_sentence(measure_title(name))


def measure_with_unit(name: str, unit: str) -> str:
    return messages.text("table.difference_in", measure=measure_title(name), unit=unit_name(unit))


def columns(names: Iterable[str]) -> list[str]:
    """Titles of the columns of a table."""
    return [messages.text(f"table.{name}") for name in names]


def unit_name(unit: str) -> str:
    return messages.text(f"measure_unit.{unit}")


def quantity(number: str, unit: str) -> str:
    """A number with its unit behind it; the number alone where there is none to tell."""
    if number == NOTHING:
        return number
    single = number.lstrip("+-") == "1" and messages.has(f"quantity_one.{unit}")
    return messages.text(f"quantity_one.{unit}" if single else f"quantity.{unit}", number=number)


def seeds(number: int) -> str:
    """`60 seeds`, `1 seed`."""
    return quantity(f"{number:,}", "seeds")


def span_of_seeds(numbers: Iterable[float]) -> str:
    """`60`, or `58-60` where not all rows have the same number of seeds."""
    known = sorted({int(number) for number in numbers})
    return "-".join(f"{number:,}" for number in dict.fromkeys((known[0], known[-1])))


def plain(value: float, decimals: int, *, signed: bool = False) -> str:
    """A number with thousands separators; "-" where there is none; never a minus before zero."""
    if not math.isfinite(value):
        return NOTHING
    rounded = round(value, decimals) + 0.0
    return f"{rounded:+,.{decimals}f}" if signed and rounded else f"{rounded:,.{decimals}f}"


def level_text(value: float, unit: str) -> str:
    """A level: percentages with one decimal, amounts with at least three digits."""
    return plain(value, 1 if unit == "percent" else _decimals_of(value))


def _decimals_of(value: float) -> int:
    size = abs(value)
    return 0 if size >= 100 or size == 0 else 1 if size >= 10 else 2


def interval_decimals(low: float, high: float, most: int = 2) -> int:
    """Decimals for two significant digits of the half-width, `most` at most; one without an interval."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 1
    half, size = (high - low) / 2, max(abs(low), abs(high))
    if half <= 1e-9 * max(1.0, size):
        return _decimals_of(size)
    return min(most, max(0, 1 - math.floor(math.log10(half))))


def common_decimals(ends: Iterable[tuple[float, float]]) -> int:
    """Decimals for numbers that stand below one another: what the widest of their intervals supports, one at least."""
    return max(1, min(interval_decimals(low, high) for low, high in ends))


def effect_numbers(row: Row, most: int = 2) -> tuple[str, str, str]:
    """Effect, low and high of a row, with the same decimals: at most so many, but for one more where that tells an
    interval from one that touches zero."""
    decimals = interval_decimals(row.low, row.high, most)
    if row.low * row.high > 0 and not round(min(abs(row.low), abs(row.high)), decimals):
        decimals = min(3, decimals + 1)  # an interval that misses zero should not look as if it touched it
    if not math.isfinite(row.low) and row.effect_unit not in ("points", "percent"):
        decimals = _decimals_of(row.effect)
    low, high = (plain(value, decimals, signed=True) for value in (row.low, row.high))
    return plain(row.effect, decimals, signed=True), low, high


def effect_text(row: Row, most: int = 2, *, unit: bool = False) -> str:
    """`+3.93 (+3.77 to +4.09)`; the effect alone where it has no interval.

    Args:
        most: decimals. unit: whether the effect's stands behind it.
    """
    effect, low, high = effect_numbers(row, most)
    effect = quantity(effect, row.effect_unit) if unit else effect
    if not math.isfinite(row.low):
        return effect
    return messages.text("table.with_interval", effect=effect, low=low, high=high)


def difference(row: Row) -> str:
    """Effect and interval beside levels: with its unit where that is another than theirs."""
    return effect_text(row, unit=row.effect_unit != row.unit)


def margin_text(margin: float, unit: str) -> str:
    return quantity(f"{margin:g}", unit)


def effect_quantity(value: float, measure: Measure, decimals: int = 1) -> str:
    """`+8.8%`, `+0.4 points`."""
    return quantity(plain(value, decimals, signed=True), measure.effect_unit)


def percent(share: float) -> str:
    return NOTHING if not math.isfinite(share) else f"{100.0 * share:.0f}%"


def listed(items: Sequence[str]) -> str:
    return messages.text("list.separator").join(items)


def sentences(said: Iterable[str]) -> str:
    """One after the other: with spaces between them, in Chinese with none."""
    return messages.text("brief.words.gap").join(one for one in said if one)


def byte_size(size: float) -> str:
    """Bytes in MB or GB."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{max(1.0, size / 1e6):,.0f} MB"


def duration(seconds: float) -> str:
    """About how long, in the largest unit that gives more than one."""
    for unit, length in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return messages.text(f"cli.check.{unit}", number=f"{seconds / length:,.0f}")
    return messages.text("cli.check.seconds", number=f"{max(2.0, seconds):,.0f}")
