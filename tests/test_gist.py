"""What a message asks, however it is put."""

from dataclasses import replace

import pytest

from eval.questions import read_questions
from eval.rewordings import REWORDINGS
from ingest.index import Generation
from service.ask import Models, ask
from service.gist import (
    LONGEST_STORY,
    what_is_asked,
    with_circumstances,
    without_circumstances,
    without_courtesies,
)
from service.retrieval import Filters

STORY = "My neighbour told me a long story about the council and the report. " * 6


def test_of_a_long_message_the_asking_part_is_read() -> None:
    late = "Why was the report delayed?"
    assert what_is_asked(f"{STORY}{late} I would like to know.") == late
    assert what_is_asked(f"Short. {late}") == f"Short. {late}"
    assert what_is_asked(f"{STORY}{late} I live in Park Road.") == late
    assert what_is_asked(f"{STORY}{late[:-1]}") == late  # without its mark
    assert what_is_asked(f"{STORY}Tell me why the report was delayed.") == (
        "why the report was delayed?"
    )
    wish = "I would like to know what came of the formal complaint."
    assert what_is_asked(f"{STORY}{wish} Many thanks.") == "what came of the formal complaint?"
    leaning = "I saw that the formal report was delayed. Who can explain that?"
    assert what_is_asked(STORY + leaning) == leaning


@pytest.mark.parametrize("how", ["politely", "without question mark"])
def test_how_a_question_is_put_makes_no_difference(how: str) -> None:
    for question in read_questions():
        if len(question.question.split()) > 30 or not question.question.strip("? "):
            continue
        asked = what_is_asked(question.question)
        assert what_is_asked(REWORDINGS[how](question.question)) == asked
        assert what_is_asked(asked) == asked


@pytest.mark.parametrize("how", ["politely", "without question mark"])
@pytest.mark.parametrize(
    "question", ["Why was publication delayed?", "Who chairs the board?", "What did Derby do?"]
)
def test_however_a_question_is_put_it_gets_the_same_answer(
    generation: Generation, models: Models, question: str, how: str
) -> None:
    plain, put = (
        ask(generation, models, one, 3, Filters()) for one in (question, REWORDINGS[how](question))
    )
    assert replace(put, id=plain.id, question=question, took_ms=plain.took_ms) == plain


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("Hello, could you please tell me who runs Hill View", "who runs Hill View?"),
        ("I'd like to know whether the rating fell. Many thanks", "whether the rating fell?"),
        ("dear sir please let me know when it is due", "when it is due?"),
        ("show me the rating please", "the rating?"),
        ("rating 2021 inspectors", "rating 2021 inspectors?"),
        ("Hill View opens when", "Hill View opens when?"),
        ('Why "inadequate?"', 'Why "inadequate?"'),
        ("What is the SLIP...", "What is the SLIP?"),
        ("tell me about Hill View", "tell me about Hill View?"),  # nothing is asked without it
        ("tell us more", "tell us more?"),
    ],
)
def test_courtesies_are_left_out_and_a_question_ends_like_one(message: str, asked: str) -> None:
    assert what_is_asked(message) == asked


@pytest.mark.parametrize("message", ["?", "Hi", "please", "Please can you tell me ?", "…", ""])
def test_what_is_courtesy_alone_stays_as_it_is(message: str) -> None:
    assert without_courtesies(message) == message


@pytest.mark.parametrize(
    ("asked", "asking"),
    [
        ("I broke my leg in Austria. Will I be paid?", "Will I be paid?"),
        ("Is it good? We live in Kent. Was it worse?", "Is it good? Was it worse?"),
        ("What of Derby?", "What of Derby?"),
        ("Derby.", "Derby."),
    ],
)
def test_circumstances_are_told_from_what_asks(asked: str, asking: str) -> None:
    assert without_circumstances(asked) == asking


def test_the_reader_sees_whose_case_it_is_where_a_person_of_the_story_is_asked_about() -> None:
    case = "I am 17 and just left care. My foster mum gets a payment for me. " * 4
    assert len(case.split()) > 40
    asked = "Can I keep the weekly payment from the council?"
    assert with_circumstances(f"Hello, {case}{asked[:-1]}") == case + asked
    assert with_circumstances(f"{case}Why was the report delayed?") == "Why was the report delayed?"
    assert with_circumstances("I was told a long story. " * LONGEST_STORY + asked) == asked
