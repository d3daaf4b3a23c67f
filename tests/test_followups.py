"""Questions that lean on earlier ones, said in full."""

import pytest
from starlette.testclient import TestClient

from eval.questions import CONVERSATIONS, check_questions, read_questions
from ingest.documents import Document
from service.followups import in_full, leans

RATING = "What rating did Leicester get?"


@pytest.mark.parametrize(
    ("history", "question", "full"),
    [
        ([], "and in 2021?", "and in 2021?"),
        ([RATING], "and in 2021?", "What rating did Leicester get? and in 2021?"),
        (["What was the rating in 2017?"], "and in 2021?", "What was the rating? and in 2021?"),
        (["What is the current rating?"], "and in 2015", "What is the rating? and in 2015?"),
        ([RATING, "and in 2021?"], "and now?", "What rating did Leicester get? and now?"),
        (["why was it late?", "who said so?"], "why?", "why was it late? who said so? why?"),
        ([RATING, "Who chairs the board?"], "since when?", "Who chairs the board? since when?"),
        (
            ["What was the rating in 2017?", "ok thanks", "?"],
            "and in 2021?",
            "What was the rating? and in 2021?",
        ),
        (["What was the rating in 2017?"], "2021?", "What was the rating? 2021?"),
        (["What was the rating in 2017?"], "In 2021.", "What was the rating? In 2021?"),
        (["What was spent in 2019/20?"], "in 2021/22?", "What was spent? in 2021/22?"),
        (["Who got £2000?"], "and now?", "Who got £2000? and now?"),
        (["Who runs the home?"], "WHO PAID FOR IT?", "Who runs the home? WHO PAID FOR IT?"),
        (["Who runs the home?"], "is it due to close?", "Who runs the home? is it due to close?"),
        (["What happened in 2015?"], "and in 2021?", "What happened? and in 2021?"),
        ([RATING], "thanks, and in 2021?", f"{RATING} thanks, and in 2021?"),
        ([RATING], "Did the council accept it?", f"{RATING} Did the council accept it?"),
        (
            ["How big was the 2024/25 budget?"],
            "and in 2025?",
            "How big was the budget? and in 2025?",
        ),
        (["What changed between 2017 and 2021?"], "and in 2025?", "What changed? and in 2025?"),
        (
            ["When was the home built?"],
            "how much did it cost?",
            "When was the home built? how much did it cost?",
        ),
        ([RATING], "any update", f"{RATING} any update?"),
        ([RATING], "what's the latest", f"{RATING} what's the latest?"),
        ([RATING], "did she apologise", "What rating did Leicester get? did she apologise?"),
    ],
)
def test_a_question_that_leans_is_put_after_what_it_leans_on(
    history: list[str], question: str, full: str
) -> None:
    assert in_full(question, history) == full


@pytest.mark.parametrize(
    "question",
    [
        "What did Ofsted say about care leavers?",
        "Is it true that the report was late?",
        "Are there any homes for disabled children?",
        "why was publication delayed?",
        "ok thanks",
        "Is it safe to swim in the lake?",
        "What happened on the A47?",
        "And who chairs the improvement board?",
        "What can a parent do if they disagree?",
        "Do teachers think they get enough support?",
        "why is it so hard to get a social worker",
        "What was said in May?",
        "What is the £500 for?",
        "If my bin is missed who collects it?",
        "Do social workers know their children?",
        "How much was spent on IT?",
        "Would it be cheaper to build a new school?",
        "Has it been decided who will chair the board?",
        "",
        "?!",
    ],
)
def test_a_question_that_stands_alone_is_never_touched(question: str) -> None:
    assert in_full(question, [RATING, "and in 2017?"]) == question


def test_in_thirty_conversations_no_topic_leaks_and_few_follow_ups_are_missed(
    documents: dict[str, Document],
) -> None:
    turns = read_questions(CONVERSATIONS)
    check_questions(CONVERSATIONS, turns, documents)
    later = [turn for turn in turns if turn.history]
    alone = [turn for turn in later if turn.note.startswith("stands alone")]
    following = [turn for turn in later if not turn.note.startswith("stands alone")]
    assert len(alone) >= 25
    assert len(following) >= 50
    assert [turn.question for turn in alone if leans(turn.question)] == []
    missed = [turn.question for turn in following if not leans(turn.question)]
    assert len(missed) <= len(following) / 10, missed


@pytest.mark.parametrize(
    "question",
    [
        "Why did they do that?",
        "tell me more",
        "ok so why did they do that",
        "Hi, any update please?",
        "Did both of them agree to it in the end?",
        "How does this figure compare with the one we were given last time?",
        "any update",
        "When is it due?",
        "Kindly advise on the current position with regard to the above matter.",
        "?",
        "7413",
    ],
)
def test_a_question_that_names_nothing_is_told_so(client: TestClient, question: str) -> None:
    answer = client.post("/ask", json={"question": question}).json()
    assert answer["status"] == "not_found"
    assert [note["kind"] for note in answer["notes"]] == ["unclear"]


def test_no_answerable_question_of_the_gold_leans() -> None:
    assert [
        one.question for one in read_questions() if one.answerable and leans(one.question)
    ] == []


def test_the_service_says_how_a_follow_up_was_understood(client: TestClient) -> None:
    body = {"question": "and in 2021?", "history": ["What was the rating in 2017?"]}
    answer = client.post("/ask", json=body).json()
    assert answer["question"] == "and in 2021?"
    assert answer["notes"][0] == {
        "kind": "understood",
        "text": "Asked as: “What was the rating? and in 2021?”",
    }
    alone = client.post("/ask", json={**body, "question": "why was publication delayed?"}).json()
    plain = client.post("/ask", json={"question": "why was publication delayed?"}).json()
    assert {**alone, "id": 0, "took_ms": 0} == {**plain, "id": 0, "took_ms": 0}
