"""An outbreak in figures: when people fell ill, and what those who did had eaten. Pure functions, exact arithmetic.

The investigation itself is ordered by Quyết định 39/2006/QĐ-BYT (Quy chế điều tra ngộ độc thực phẩm); attack rates and their ratio
are those of any textbook of field epidemiology. Nothing is estimated: who does not remember a food is left out of its table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

#: Up to this many hours between the first and the last onset the curve is by hour, then by day.
HOURS_SHOWN = 72
#: A curve has no more bars than this: what lies further apart is not one outbreak.
MOST_BARS = 200
#: No more labels than this stand below a curve: more would run into one another on a phone.
MOST_TICKS = 7
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """Somebody who shared the meal: ill or not, since when, and which foods they ate (True), left (False), or do not
    remember (not said)."""

    ill: bool
    onset: datetime | None = None
    foods: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Bar:
    """How many fell ill in a stretch of the curve."""

    start: datetime
    count: int


@dataclass(frozen=True)
class Curve:
    """The epidemic curve: bars without gaps, of one width; `left_out` fell ill too far from the others to be drawn."""

    step: timedelta
    bars: tuple[Bar, ...]
    left_out: int = 0

    @property
    def highest(self) -> int:
        """The greatest count."""
        return max((bar.count for bar in self.bars), default=0)

    @property
    def ticks(self) -> dict[int, str]:
        """The bars that have a label below, and what it says: hours that fall on the clock, midnights and days as a date."""
        if self.step == DAY:
            every = -(-len(self.bars) // MOST_TICKS) or 1
            return {place: f"{bar.start:%d/%m}" for place, bar in enumerate(self.bars) if place % every == 0}
        for hours in (1, 2, 3, 6, 12, 24):
            found = {place: bar.start for place, bar in enumerate(self.bars) if bar.start.hour % hours == 0}
            if len(found) <= MOST_TICKS:
                break
        return {place: f"{start:%d/%m}" if not start.hour else f"{start.hour}h" for place, start in found.items()}

    def place_of(self, moment: datetime) -> int | None:
        """The bar in which a moment lies; None before the first one and after the last."""
        place = (_floor(moment, self.step) - self.bars[0].start) // self.step if self.bars else -1
        return place if 0 <= place < len(self.bars) else None


@dataclass(frozen=True)
class Incubation:
    """How long after the meal people fell ill: the shortest, the middle and the longest time, of `count` people."""

    shortest: timedelta
    median: timedelta
    longest: timedelta
    count: int


@dataclass(frozen=True)
class Attack:
    """The two-by-two table of one food."""

    food: str
    ill_ate: int
    well_ate: int
    ill_left: int
    well_left: int

    @property
    def ate_total(self) -> int:
        """How many ate it."""
        return self.ill_ate + self.well_ate

    @property
    def left_total(self) -> int:
        """How many did not eat it."""
        return self.ill_left + self.well_left

    @property
    def rate_ate(self) -> Fraction | None:
        """The share of those who ate it that fell ill; None when nobody ate it."""
        return _share(self.ill_ate, self.well_ate)

    @property
    def rate_left(self) -> Fraction | None:
        """The share of those who did not eat it that fell ill; None when everybody ate it."""
        return _share(self.ill_left, self.well_left)

    @property
    def ratio(self) -> Fraction | None:
        """The risk ratio: rate_ate ÷ rate_left; None when it has no value, also when nobody fell ill without it."""
        if self.rate_ate is None or not self.rate_left:
            return None
        return self.rate_ate / self.rate_left

    @property
    def unbounded(self) -> bool:
        """Whether all the ill who remember ate it, though some did not: the ratio has no upper bound."""
        return bool(self.rate_ate) and self.rate_left == 0

    @property
    def difference(self) -> Fraction | None:
        """The risk difference: rate_ate − rate_left."""
        if self.rate_ate is None or self.rate_left is None:
            return None
        return self.rate_ate - self.rate_left


def _share(part: int, rest: int) -> Fraction | None:
    return Fraction(part, part + rest) if part + rest else None


def curve(cases: Iterable[Case], meal: datetime | None = None) -> Curve:
    """When people fell ill: by hour while all onsets lie within three days, else by day; empty bars are bars.

    With the `meal`, the curve begins there, unless that is more than three days before.
    """
    onsets = sorted(case.onset for case in cases if case.ill and case.onset)
    if not onsets:
        return Curve(HOUR, ())
    shown = timedelta(hours=HOURS_SHOWN)
    begins = meal if meal and timedelta(0) <= onsets[0] - meal <= shown else onsets[0]
    step = HOUR if onsets[-1] - begins <= shown else DAY
    first = _floor(begins, step)
    counts: dict[int, int] = {}
    for onset in onsets:
        place = (_floor(onset, step) - first) // step
        counts[place] = counts.get(place, 0) + 1
    last = max(place for place in counts if place < MOST_BARS)
    bars = tuple(Bar(first + place * step, counts.get(place, 0)) for place in range(last + 1))
    return Curve(step, bars, sum(count for place, count in counts.items() if place > last))


def incubation(cases: Iterable[Case], meal: datetime) -> Incubation | None:
    """The time from the meal to the onset, of those who fell ill after it; None when there are none."""
    after = sorted(case.onset - meal for case in cases if case.ill and case.onset and case.onset >= meal)
    if not after:
        return None
    middle = (after[(len(after) - 1) // 2] + after[len(after) // 2]) / 2
    return Incubation(after[0], middle, after[-1], len(after))


def _floor(moment: datetime, step: timedelta) -> datetime:
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if step == HOUR else whole.replace(hour=0)


def attacks(cases: Sequence[Case]) -> list[Attack]:
    """The table of each food, the most suspect first: by ratio, then by difference, then by name."""
    foods = sorted({food for case in cases for food in case.foods})
    return sorted((_table(food, cases) for food in foods), key=_suspicion)


def _table(food: str, cases: Sequence[Case]) -> Attack:
    counts = {(ill, ate): 0 for ill in (True, False) for ate in (True, False)}
    for case in cases:
        if food in case.foods:
            counts[case.ill, case.foods[food]] += 1
    return Attack(food, counts[True, True], counts[False, True], counts[True, False], counts[False, False])


def _suspicion(attack: Attack) -> tuple[bool, Fraction, Fraction, str]:
    none = Fraction(-1)
    ratio = attack.ratio if attack.ratio is not None else none
    difference = attack.difference if attack.difference is not None else none
    return not attack.unbounded, -ratio, -difference, attack.food
