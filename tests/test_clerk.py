"""Notes that a careful clerk would add, and none that are wrong."""

from dataclasses import replace

import pytest

from ingest.index import Generation
from ingest.sentences import Span
from service.answers import Quotable
from service.ask import Models, ask
from service.clerk import (
    as_of_then,
    asks_for_now,
    newest_first,
    notes_on,
    of_the_year_asked,
    over_time,
    that_differs,
    with_what_differs,
)
from service.retrieval import Filters


def quotable(generation: Generation, document: str, reading: str, answers: float) -> Quotable:
    """A sentence of a paper that says what it is made to say."""
    passage = next(one for one in generation.passages if one.document_id == document)
    return Quotable(passage, passage.sentences[0], reading, answers, answers, 1.0)


def nothing(question: str) -> list[Quotable]:
    """Passages that answer nothing else."""
    return []


@pytest.mark.parametrize(
    ("question", "now"),
    [
        ("What is the current rating?", True),
        ("what is the rating now", True),
        ("What is the latest report about?", True),
        ("What was the latest rating in 2017?", False),
        ("What did Ofsted know?", False),
        ("What is the current forecast for 2024/25?", False),
        ("What was the rating before the current one?", False),
        ("Was the home still open when Ofsted came?", False),
        ("Is the home still open?", True),
        ("What did they make of it the last time they came?", True),
        ("How many were there at the last count?", True),
        ("When was it last inspected?", True),
        ("Has it grown since the last inspection?", False),
        ("What was spent in the last financial year?", False),
        ("How long will the last grant last?", False),
    ],
)
def test_now_is_asked_for_by_a_word_without_a_year_or_before(question: str, now: bool) -> None:
    assert asks_for_now(question) is now


def test_when_now_is_asked_for_a_newer_paper_goes_first_unless_far_behind(
    generation: Generation,
) -> None:
    new = quotable(generation, "bbc-2025-council-hits-back", "It requires improvement.", 2.0)
    old = quotable(generation, "mercury-2021-good-rating", "It is “good”.", 6.0)
    assert newest_first(generation, "What is the current rating?", [old, new])[0] == new
    assert newest_first(generation, "What is the rating?", [new, old]) == [old, new]
    assert newest_first(generation, "What was the latest rating in 2021?", [new, old])[0] == old
    sure = replace(old, relevance=9.0)
    assert newest_first(generation, "What is it now?", [new, sure])[0].reading == old.reading
    assert newest_first(generation, "What is it now?", []) == []


@pytest.mark.parametrize(
    ("question", "cited"),
    [
        ("How has the rating changed over the years?", ["2015", "2021", "2025"]),
        ("the history of the ratings", ["2015", "2021", "2025"]),
        ("How has the rating changed since 2016?", ["2021", "2025"]),
        ("How did the rating change between 2015 and 2021?", []),  # the best is of another year
        ("How did the rating of the Development Committee come about?", []),
        ("Where is the Natural History Museum?", []),
        ("What does the Children Act 1989 say about the rating in 2021?", []),
        ("What was the rating in 2025 and in 2015?", ["2015", "2025"]),
        ("What was the rating in 2021 and in 2015?", []),  # the best is of neither
        ("What was the rating in 2021?", []),
        ("What is the rating?", []),
        ("What was it in 2019 and in 2021?", []),  # of one year alone something is told
        ("How did the rating fall between 2014 and 2022?", []),  # the best is of another year
        ("How did the rating fall from 2015/16 to 2025/26?", ["2015", "2025"]),
        ("Will the rating be known by year end?", []),
        ("How many are there in each year group?", []),
        ("How did the mayor respond when the rating fell?", []),
        ("Every rating since 2015, please", ["2015", "2021", "2025"]),
        ("I need all the ratings from 2016 up to the newest.", ["2021", "2025"]),
        ("Have all ratings since 2015 been published?", []),
        ("What was the rating in 2021 and in 2024?", ["2021", "2025"]),  # of January 2025
    ],
)
def test_a_history_is_one_source_for_each_year_in_order_of_time(
    generation: Generation, question: str, cited: list[str]
) -> None:
    now = quotable(generation, "bbc-2025-council-hits-back", "Fallen since 2021, it is fair.", 4.0)
    good = quotable(generation, "mercury-2021-good-rating", "It is “good”.", 3.0)
    again = quotable(generation, "mercury-2021-good-rating", "All of it is good.", 2.5)
    poor = quotable(generation, "mercury-2021-good-rating", "In 2015 it was inadequate.", 2.0)
    far = quotable(generation, "council-2017-sustained-progress", "Monday.", -2.0)
    ordered = [now, good, again, poor, far]
    sources = {"2015": poor, "2021": good, "2025": now}
    assert over_time(generation, question, ordered, 3) == [sources[year] for year in cited]
    assert len(over_time(generation, question, ordered, 2)) in (0, 2)


@pytest.mark.parametrize(
    ("reading", "years"),
    [
        ("The Index of Deprivation 2019 ranks it low.", ["2021", "2025"]),
        ("In 2019 it ranked low.", ["2019", "2021"]),
        ("It ranked low in September 2019.", ["2019", "2021"]),
        ("Ranked low since the inspection in 2019.", ["2021", "2025"]),
        ("Throughout 2019 it ranked low.", ["2019", "2021"]),
        ("In 2019–20 it ranked low.", ["2019", "2021"]),
    ],
)
def test_a_sentence_tells_of_the_year_that_it_names_and_not_of_a_title_with_one(
    generation: Generation, reading: str, years: list[str]
) -> None:
    low = quotable(generation, "bbc-2025-council-hits-back", reading, 4.0)
    good = quotable(generation, "mercury-2021-good-rating", "It is “good”.", 3.0)
    told = {"2021": good, "2019": low, "2025": low}
    found = over_time(generation, "How did it change over the years?", [low, good], 3)
    assert found == [told[year] for year in years]


@pytest.mark.parametrize(
    ("question", "cited"),
    [
        ("What was the rating in 2021?", ["2021", "of 2021"]),
        ("What was the rating in 2025?", ["2021", "2025", "of 2021"]),  # the first is not of it
        ("What has happened since 2021?", ["2021", "2025", "of 2021"]),
        ("How has the rating changed since 2021?", ["2021", "2025", "of 2021"]),
        ("What was it in 2021 and in 2025?", ["2021", "2025", "of 2021"]),
        ("What does the Care Act 2021 say?", ["2021", "2025", "of 2021"]),
        ("What is the rating?", ["2021", "2025", "of 2021"]),
    ],
)
def test_a_question_about_one_year_gets_no_other_beside_it(
    generation: Generation, question: str, cited: list[str]
) -> None:
    sources = {
        "2021": quotable(generation, "mercury-2021-good-rating", "It is “good”.", 4.0),
        "2025": quotable(generation, "bbc-2025-council-hits-back", "It is fair.", 3.0),
        "of 2021": quotable(generation, "bbc-2025-council-hits-back", "In 2021 it was good.", 2.0),
    }
    found = of_the_year_asked(generation, question, list(sources.values()))
    assert found == [sources[name] for name in cited]
    assert of_the_year_asked(generation, question, []) == []


def test_two_months_for_one_thing_are_both_cited_and_noted(generation: Generation) -> None:
    paper = "council-2025-scrutiny-report"
    first = quotable(generation, paper, "Ofsted inspected the service in September 2024.", 4.0)
    between = quotable(generation, paper, "Inspectors came.", 2.0)
    other = quotable(generation, paper, "There was an inspection in December of 2024.", 1.0)
    every = [first, between, other]
    question = "When was the inspection?"
    chosen = with_what_differs(question, [first, between], every, 2)
    assert chosen == [first, other]
    (note,) = notes_on(generation, question, chosen, every, nothing)
    assert note.kind == "differ"
    assert "September 2024" in note.text
    assert "December 2024" in note.text


@pytest.mark.parametrize(
    ("question", "reading", "answers"),
    [
        ("Who came?", "There was an inspection in December 2024.", 3.0),  # not asked
        ("When was it?", "The report of September 2024 is late.", 3.0),  # the same
        ("When was it?", "The report came in December 2024.", -2.0),  # does not answer
        ("When was it?", "From October 2024 to December 2024.", 3.0),  # a span of time
        ("When was it?", "It was in winter.", 3.0),  # no month
        ("When was it?", "It was in December 2021.", 3.0),  # another year: another event
        ("Who was there when it was?", "It was in December 2024.", 3.0),  # no question of time
        ("When children leave, who helps?", "It was in December 2024.", 3.0),
        ("Which day centres closed?", "It was in December 2024.", 3.0),
    ],
)
def test_what_does_not_differ_is_not_said_to(
    generation: Generation, question: str, reading: str, answers: float
) -> None:
    paper = "council-2025-scrutiny-report"
    first = quotable(generation, paper, "The inspection was in September 2024.", 4.0)
    assert that_differs(question, [first, quotable(generation, paper, reading, answers)]) is None


def test_dates_are_read_in_any_order_and_a_month_may_be_named_twice(
    generation: Generation,
) -> None:
    paper = "council-2025-scrutiny-report"
    first = quotable(
        generation, paper, "The visit of September 2024 began on 9 September 2024.", 4.0
    )
    other = quotable(generation, paper, "They came on Monday, Oct 4, 2024.", 3.0)
    chosen = with_what_differs("When was the visit?", [first], [first, other], 3)
    (note,) = notes_on(generation, "When was the visit?", chosen, [first, other], nothing)
    assert "September 2024, another October 2024" in note.text
    elsewhere = replace(first, span=Span(first.span.end, first.span.end + 9))
    assert notes_on(generation, "When was the visit?", [other], [elsewhere, other], nothing) == ()


def test_an_unrelated_newer_paper_makes_no_older_ones_equal(generation: Generation) -> None:
    old = quotable(generation, "council-2017-sustained-progress", "It is Mr Old.", 4.5)
    new = quotable(generation, "mercury-2021-good-rating", "It is Mrs New.", 4.0)
    bins = quotable(generation, "bbc-2025-council-hits-back", "Bins are emptied.", -8.0)
    assert newest_first(generation, "Who is the current leader?", [old, new, bins])[0] == new


def test_what_an_older_paper_said_is_noted_when_asked_about_now(generation: Generation) -> None:
    now = quotable(generation, "bbc-2025-council-hits-back", "It requires improvement.", 4.0)
    then = quotable(generation, "mercury-2021-good-rating", "It is “good”.", 2.0)
    question = "What is the current rating?"
    (note,) = notes_on(generation, question, [now], [now, then], nothing)
    assert note.kind == "older"
    assert note.text == "An older paper (Good rating from Ofsted, 2021) said: “It is “good”.”"
    assert notes_on(generation, "What is the rating in 2025?", [now], [now, then], nothing) == ()
    long_before = replace(then, reading="In 2015 it was inadequate.")
    (note,) = notes_on(generation, question, [now], [now, long_before], nothing)
    assert note.text.startswith("Of 2015 an older paper (Good rating from Ofsted, 2021) said: “In")


def test_what_a_paper_says_of_an_earlier_year_is_noted_before_what_is_older_still(
    generation: Generation,
) -> None:
    now = quotable(generation, "bbc-2025-council-hits-back", "It requires improvement.", 4.0)
    before = quotable(generation, "bbc-2025-council-hits-back", "In 2021 it was “good”.", 1.0)
    before = replace(before, span=before.passage.sentences[1])
    then = quotable(generation, "council-2017-sustained-progress", "It is improving.", 2.0)
    question = "What is the current rating?"
    (note,) = notes_on(generation, question, [now], [now, then, before], nothing)
    assert note.kind == "older"
    assert note.text.startswith("Of 2021 a paper (")
    assert note.text.endswith("says: “In 2021 it was “good”.”")
    # The paper is of January 2025: what it tells is mostly of 2024.
    same_year = replace(before, reading="In 2024 it required improvement.")
    (note,) = notes_on(generation, question, [now], [now, then, same_year], nothing)
    assert "said: “It is improving.”" in note.text


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("What is the current rating?", "What was the rating?"),
        ("who's the leader now", "who was the leader"),
        (
            "How well does it now do, and how many are there?",
            "How well did it do, and how many are there?",
        ),
        ("What were they rated at the last count?", "What were they rated at the last count?"),
    ],
)
def test_a_question_about_now_is_asked_of_then_in_the_past_tense(now: str, then: str) -> None:
    assert as_of_then(now) == then


def test_what_was_before_is_looked_for_once_more_as_if_asked_then(generation: Generation) -> None:
    now = quotable(generation, "bbc-2025-council-hits-back", "It requires improvement.", 4.0)
    then = quotable(generation, "mercury-2021-good-rating", "It is “good”.", -1.0)
    asked = []

    def read_as(question: str) -> list[Quotable]:
        asked.append(question)
        return [replace(then, answers=2.0)]

    (note,) = notes_on(generation, "What is the current rating?", [now], [now, then], read_as)
    assert note.text == "An older paper (Good rating from Ofsted, 2021) said: “It is “good”.”"
    assert asked == ["What was the rating?"]
    known = [now, replace(then, answers=1.0)]
    assert len(notes_on(generation, "What is the current rating?", [now], known, read_as)) == 1
    assert len(asked) == 1  # what is known already is not read again
    cited = replace(then, relevance=1.0)  # beside the first, and not said once more in a note
    assert notes_on(generation, "What is the current rating?", [now, cited], [now], read_as) == ()


def test_the_current_rating_comes_with_the_one_before_it(
    generation: Generation, models: Models
) -> None:
    for question in ("What is the current rating?", "What is Leicester's current Ofsted rating?"):
        answer = ask(generation, models, question, None, Filters())
        assert all(one.published >= "2025" for one in answer.citations if one.published)
        assert "requires improvement" in answer.answer
        (note,) = answer.notes
        assert "2021" in note.text
        assert "good" in note.text


def test_a_quote_that_is_not_from_the_newest_paper_says_so(generation: Generation) -> None:
    then = quotable(generation, "council-2017-sustained-progress", "It is improving.", 2.0)
    newer = quotable(generation, "mercury-2021-good-rating", "Come and see.", -4.0)
    (note,) = notes_on(generation, "What is the current rating?", [then], [then, newer], nothing)
    assert note.kind == "not-newest"
    assert "2021" in note.text
    assert notes_on(generation, "What is the current rating?", [then], [then], nothing) == ()
    both = [
        replace(one, reading="Inspectors found the services for families improving.")
        for one in (then, newer)
    ]
    assert notes_on(generation, "What is the current rating?", both[:1], both, nothing) == ()


def test_the_two_months_of_the_inspection_are_noted_by_the_service(
    generation: Generation, models: Models
) -> None:
    question = "In which month of 2024 did Ofsted inspect Leicester's children's services?"
    answer = ask(generation, models, question, 3, Filters())
    cited = " ".join(one.cited_text for one in answer.citations)
    assert "September 2024" in cited
    assert "December of 2024" in cited
    assert [note.kind for note in answer.notes] == ["differ"]
