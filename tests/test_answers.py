"""What is cited: the best, nothing twice, nothing when the papers do not say."""

from dataclasses import replace

import pytest

from ingest.index import Generation
from ingest.sentences import Span
from service.answers import (
    NOT_FOUND,
    Quotable,
    are_quoted,
    choose,
    compose,
    is_statement,
    says_the_same,
    speaker_notes,
    with_what_answers_beside,
    with_what_they_lean_on,
)


def quotables(generation: Generation, count: int = 6) -> list[Quotable]:
    """Sentences of different passages, best first, one logit apart."""
    found = []
    for place, passage in enumerate(generation.passages[:count]):
        span = passage.sentences[0]
        reading = generation.reading(passage.document_id, span)
        found.append(Quotable(passage, span, reading, 10.0 - place, 1.0, 5.0))
    return found


def test_up_to_limit_are_chosen_best_first(generation: Generation) -> None:
    ordered = quotables(generation)
    assert choose(generation, ordered, 1) == ordered[:1]
    assert choose(generation, ordered, 3) == ordered[:3]


def test_what_is_far_behind_the_best_is_not_cited_beside_it(generation: Generation) -> None:
    ordered = quotables(generation)
    ordered[1:] = [replace(one, relevance=one.relevance - 5) for one in ordered[1:]]
    assert choose(generation, ordered, 3) == ordered[:1]


def test_overlapping_spans_are_cited_once(generation: Generation) -> None:
    best, *_ = quotables(generation)
    wider = replace(best, span=Span(best.span.start, best.span.end + 20), reading="other words")
    assert choose(generation, [best, wider], 3) == [best]


def test_the_same_words_from_two_papers_are_cited_once(generation: Generation) -> None:
    best, second, *_ = quotables(generation)
    assert choose(generation, [best, replace(second, reading=best.reading)], 3) == [best]


def test_at_most_two_sentences_of_a_passage_are_cited(generation: Generation) -> None:
    passage = next(p for p in generation.passages if len(p.sentences) > 2)
    ordered = [
        Quotable(passage, span, generation.reading(passage.document_id, span), 1.0, -1.0, 1.0)
        for span in passage.sentences
    ]
    assert choose(generation, ordered, 5) == ordered[:2]


def in_a_row(generation: Generation, opening: str, *answers: float) -> list[Quotable]:
    """Sentences of one passage that follow each other, from one that opens so, in their order."""
    first = the_sentence(generation, opening)
    place, name = first.passage.sentences.index(first.span), first.passage.document_id
    spans = first.passage.sentences[place : place + len(answers)]
    return [
        Quotable(first.passage, span, generation.reading(name, span), logit, logit, 1.0)
        for span, logit in zip(spans, answers, strict=True)
    ]


IN_A_ROW = "Leicester has relatively small numbers"


def test_sentences_side_by_side_that_each_answer_are_one_citation(generation: Generation) -> None:
    first, second, elsewhere = [*in_a_row(generation, IN_A_ROW, 2.0, 1.0), *quotables(generation)][
        :3
    ]
    ordered = [first, second, replace(elsewhere, relevance=0.5)]
    chosen = choose(generation, ordered, 2)
    assert chosen == [ordered[0], ordered[2]]  # the second leaves its place to another paper
    wide, other = with_what_answers_beside(generation, chosen, ordered)
    assert wide.span == Span(first.span.start, second.span.end)
    assert wide.reading == f"{first.reading} {second.reading}"
    assert other == ordered[2]
    assert are_quoted([first, second], [wide])
    assert not are_quoted([first, ordered[2]], [wide])


@pytest.mark.parametrize(
    ("answers", "cited"),
    [
        ((2.0, -0.5), (0, 0)),  # it does not answer
        ((9.0, 1.0), (0, 0)),  # it answers far less
        ((1.0, 2.0, 1.5), (0, 2)),
        ((1.0, 2.0, -1.0), (0, 1)),
        ((2.0, -1.0, 1.0), (0, 0)),  # what stands between them does not answer
        ((4.0, 3.0, 2.0, 1.0), (0, 2)),  # no more than three
    ],
)
def test_only_what_answers_as_well_is_quoted_beside_a_sentence(
    generation: Generation, answers: tuple[float, ...], cited: tuple[int, int]
) -> None:
    row = in_a_row(generation, IN_A_ROW, *answers)
    ordered = sorted(row, key=lambda one: -one.relevance)
    (wide,) = with_what_answers_beside(generation, ordered[:1], ordered)
    first, last = cited
    assert wide.span == Span(row[first].span.start, row[last].span.end)


def test_citations_of_one_passage_never_overlap(generation: Generation) -> None:
    row = in_a_row(generation, IN_A_ROW, 3.0, 4.0, 2.0, 1.0)
    ordered = sorted(row, key=lambda one: -one.relevance)
    chosen = choose(generation, ordered, 3)
    wide = with_what_answers_beside(generation, chosen, ordered)
    assert [one.span for one in wide] == [Span(row[0].span.start, row[2].span.end), row[3].span]


def test_the_answer_is_the_quotes_where_the_citations_say(generation: Generation) -> None:
    ordered = quotables(generation)
    composed = compose(generation, ordered[:3], ordered, generation.passages[:8], 0.9)
    assert composed.text == "\n\n".join(one.reading for one in ordered[:3])
    for one, citation in zip(ordered, composed.citations, strict=False):
        start, end = citation.answer_start_index, citation.answer_end_index
        assert composed.text[start:end] == one.reading


def test_related_passages_are_those_not_cited_at_most_five(generation: Generation) -> None:
    ordered = quotables(generation)
    composed = compose(generation, ordered[:2], ordered, generation.passages[:12], 0.9)
    assert [citation.start_char_index for citation in composed.related] == [
        passage.start for passage in generation.passages[2:7]
    ]
    assert {citation.answer_start_index for citation in composed.related} == {None}


def test_nothing_chosen_cites_nothing_and_shows_the_nearest(generation: Generation) -> None:
    composed = compose(generation, [], quotables(generation), generation.passages[:3], 0.1)
    assert composed.citations == ()
    assert composed.text == NOT_FOUND
    assert len(composed.related) == 3
    assert composed.confidence == 0.1


def test_nothing_found_is_an_answer_too(generation: Generation) -> None:
    composed = compose(generation, [], [], [], 0.0)
    assert (composed.text, composed.confidence, composed.related) == (NOT_FOUND, 0.0, ())


def test_what_other_papers_say_too_is_told_with_the_citation(generation: Generation) -> None:
    first, second, *rest = quotables(generation, len(generation.passages))
    home = first.passage.document_id
    of_that_year, of_another = (
        next(one for one in rest if one.passage.document_id == name)
        for name in ("council-2025-scrutiny-report", "mercury-2021-good-rating")
    )
    assert home == "bbc-2025-council-hits-back"
    later = replace(of_another, reading=f"It is said that {first.reading}", relevance=1.0)
    same = replace(of_that_year, reading=f"It is said that {first.reading}", relevance=1.0)
    composed = compose(generation, [first], [first, second, later, same], [first.passage], 0.9)
    (cited,) = composed.citations
    (also,) = cited.also_in
    assert also.document_id == same.passage.document_id
    assert (also.start_char_index, also.end_char_index) == (same.span.start, same.span.end)
    assert f"?start={same.span.start}&end={same.span.end}&words=" in also.url
    assert all(one.also_in == () for one in composed.related)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The grant is £2.6m for staff.", "A grant of £2.6m was given for more staff.", True),
        ("The inspection was in September 2024.", "The inspection was in December 2023.", False),
        ("The mayor apologised to the families.", "Bins are emptied on Monday.", False),
        ("Costs rose.", "Costs rose.", False),  # too little to tell
        (
            "The inspectors rated all services as good.",
            "The inspectors rated all services as poor.",
            False,
        ),
        (
            "The committee approved the plan for the hotel.",
            "The committee has not approved the plan for the hotel.",
            False,
        ),
        (
            "Council tax will rise by 4.99% in 2025.",
            "Council tax will rise by 2.99% in 2025.",
            False,
        ),
        (
            "Parents can appeal against the school place decision.",
            "Parents cannot appeal against the school place decision.",
            False,
        ),
        (
            "Council tax will rise by five per cent in April.",
            "Council tax will rise by three per cent in the city in April, officers said.",
            False,
        ),
        (
            "The number of children in care in Leeds fell.",
            "The number of children in care rose sharply last year in Leeds.",
            False,
        ),
        (
            "The inspectors came to the service in May 2024.",
            "In March 2024 the inspectors came to the whole service at last.",
            False,
        ),
    ],
)
def test_two_sentences_say_the_same_by_most_words_and_nothing_that_differs(
    one: str, other: str, same: bool
) -> None:
    assert says_the_same(one, other) is same


@pytest.mark.parametrize(
    "reading", ["Why was it so?", "“Who was it?”", "(Is it so?)", "It is as follows:", "No.", "2."]
)
def test_a_question_a_lead_in_and_a_word_are_no_statements(reading: str) -> None:
    assert not is_statement(reading)


def test_a_sentence_is_a_statement() -> None:
    assert is_statement("Ofsted declined to comment.")
    assert is_statement("Signed: Kamal Adatia Dated:21.01.2025")


def test_words_of_a_speaker_are_noted_as_that_speakers(generation: Generation) -> None:
    passage = next(p for p in generation.passages if "£2.4million" in p.reading)
    span = next(
        s for s in passage.sentences if "£2.4" in generation.reading(passage.document_id, s)
    )
    reading = generation.reading(passage.document_id, span)
    (note,) = speaker_notes(generation, [Quotable(passage, span, reading, 1.0, 1.0, 1.0)])
    assert note.kind == "speaker"
    assert note.text == "“We invested £2.4million in an improvement …” was said by Peter Soulsby."


def the_sentence(generation: Generation, opening: str) -> Quotable:
    """The one sentence of the papers that begins so."""
    ((passage, span, reading),) = [
        (passage, span, reading)
        for passage in generation.passages
        for span in passage.sentences
        if (reading := generation.reading(passage.document_id, span)).startswith(opening)
    ]
    return Quotable(passage, span, reading, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("leaning", "taken"),
    [
        ("This will be used in part to boost", "The reforms have come with an additional grant"),
        ("He left us with areas for", "We had a visit from the Department for Education"),
        ("This led to the sacking", "Back in 2015, Ofsted deemed"),  # of the passage before
    ],
)
def test_a_sentence_that_leans_on_the_one_before_takes_it_along(
    generation: Generation, leaning: str, taken: str
) -> None:
    alone = the_sentence(generation, leaning)
    (cited,) = with_what_they_lean_on(generation, [alone])
    assert cited.reading.startswith(taken)
    assert cited.reading.endswith(alone.reading)
    text = generation.documents[cited.passage.document_id].text
    assert text[cited.span.start : cited.span.end].endswith(text[alone.span.start : alone.span.end])


@pytest.mark.parametrize(
    ("reading", "leans"),
    [
        ("However, they did apologise.", True),
        ("Of these, 12 were robberies.", True),
        ("As a result, it will close in May.", True),
        ("It was resolved that the budget be approved.", False),
        ("IT systems will be replaced.", False),
        ("His Majesty's Inspectors came.", False),
        ("Both the mayor and the leader resigned.", False),
        ("Those aged 65 and over pay less.", False),
        ("However, the council disagreed.", False),
    ],
)
def test_a_sentence_leans_when_it_points_back_and_not_by_a_formula(
    generation: Generation, reading: str, leans: bool
) -> None:
    first = the_sentence(generation, "This was a short inspection")
    (cited,) = with_what_they_lean_on(generation, [replace(first, reading=reading)])
    assert (cited.span.start < first.span.start) is leans


def test_what_is_cited_already_is_not_taken_along(generation: Generation) -> None:
    before = the_sentence(generation, "The reforms have come with an additional grant")
    leaning = the_sentence(generation, "This will be used in part to boost")
    for chosen in ([before, leaning], [leaning, before]):
        cited = with_what_they_lean_on(generation, chosen)
        assert sorted(one.reading for one in cited) == sorted(one.reading for one in chosen)


def test_two_sentences_that_lean_in_a_row_are_not_cited_twice(generation: Generation) -> None:
    first = the_sentence(generation, "This was a short inspection")
    place = first.passage.sentences.index(first.span)
    after = replace(first, span=first.passage.sentences[place + 1], reading="They lean too.")
    cited = with_what_they_lean_on(generation, [first, after])
    assert cited[0].span.start < first.span.start
    assert cited[1].span == after.span


@pytest.mark.parametrize(
    "standing",
    [
        "The publication of the report by several months",
        "This report is produced for scrutiny",  # the first of its section
        "She said she was pleased inspectors",  # a heading stands between
    ],
)
def test_a_sentence_that_stands_alone_is_cited_alone(generation: Generation, standing: str) -> None:
    alone = the_sentence(generation, standing)
    assert with_what_they_lean_on(generation, [alone]) == [alone]
