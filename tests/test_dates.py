"""Dates of the precision that is known."""

from datetime import date

import pytest

from ingest.dates import Interval, parse_published, published_in_words


@pytest.mark.parametrize(
    ("published", "first", "last", "words"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31), "2021"),
        ("2025-01", date(2025, 1, 1), date(2025, 1, 31), "January 2025"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        ("2017-09-04", date(2017, 9, 4), date(2017, 9, 4), "4 September 2017"),
    ],
)
def test_a_date_is_the_interval_of_days_that_it_may_mean(
    published: str, first: date, last: date, words: str
) -> None:
    assert parse_published(published) == Interval(first, last)
    assert published_in_words(published) == words


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "21",
        "2021-13",
        "2021-00",
        "2021-05-00",
        "2021-02-30",
        "4.9.2017",
        "2021-1",
        "0000",
        "2021-01-01T00:00",
    ],
)
def test_what_is_not_a_date_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ValueError, match=f"{wrong!r}".replace(".", r"\.")):
        parse_published(wrong)


def test_intervals_that_share_a_day_overlap() -> None:
    year = parse_published("2021")
    assert year.overlaps(parse_published("2021-12-31"))
    assert not year.overlaps(parse_published("2022-01-01"))


def test_an_unknown_date_says_so() -> None:
    assert published_in_words(None) == "date unknown"
