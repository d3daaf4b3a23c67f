"""Publication dates of the precision that is known, compared as intervals of days."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Interval:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def overlaps(self, other: "Interval") -> bool:
        """True when the two share at least one day."""
        return self.first <= other.last and other.first <= self.last


def parse_published(published: str) -> Interval:
    """Return the days that an ISO 8601 date of reduced precision may mean.

    `2021` is all of 2021, `2025-01` that January, `2017-09-04` one day (ISO 8601-1, 5.2.2).
    Raises ValueError, naming the value, for anything else.
    """
    match = _ISO.fullmatch(published)
    if match is None:
        raise ValueError(
            f"{published!r} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD, as much as is known"
        )
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        first = date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError as error:
        raise ValueError(f"{published!r} is not a day of the calendar: {error}") from error
    if day is not None:
        return Interval(first, first)
    last_month = month or 12
    last_day = calendar.monthrange(year, last_month)[1]
    return Interval(first, date(year, last_month, last_day))


def published_in_words(published: str | None) -> str:
    """Return a date as people write it: `4 September 2017`, `January 2025`, `2021`."""
    if published is None:
        return "date unknown"
    first = parse_published(published).first
    month = MONTHS[first.month - 1]
    return {
        4: f"{first.year}",
        7: f"{month} {first.year}",
        10: f"{first.day} {month} {first.year}",
    }[len(published)]
