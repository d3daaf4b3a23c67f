"""A question that names what no paper mentions is not answered with something else."""

import pytest
from starlette.testclient import TestClient

from ingest.words import vocabulary_of
from service.names import unmentioned

VOCABULARY = vocabulary_of(
    ["Ofsted Leicester council rating good inspection report high"],
    ["The strategic director of children's services said so.", "The quality was checked."],
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Ofsted say about Derby?", ["Derby"]),
        ("what did Ofsted say about Nottingham's rating?", ["Nottingham"]),
        ("Did the Kent County council and Rutland agree?", ["Kent County", "Rutland"]),
        ("What did the CQC find?", ["CQC"]),
        ("Is Derby as good as Derby?", ["Derby"]),
        ("What about Derby?", ["Derby"]),
        ("Who is Keir Starmer?", ["Keir Starmer"]),
        ("What did Cllr. Okafor say?", ["Okafor"]),
        ("What did Mr J. Okafor say?", ["Okafor"]),
        ("What did Coun. Okafor say?", ["Okafor"]),
        ("What did Rev. Okafor say to Prof. Abara?", ["Okafor", "Abara"]),
        ("What of the SQ?", ["SQ"]),  # it begins words of two sentences
    ],
)
def test_names_that_the_papers_lack_are_found(question: str, expected: list[str]) -> None:
    assert unmentioned(question, VOCABULARY) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What did Ofsted say about Leicester's Inspections?",  # theirs, and a form of theirs
        "Is it open on Sundays or Bank Holidays, or Boxing Day?",
        "Derby?",  # the first word is always capitalised
        "I'm asking. Was it good? Were I'd say it was",
        "What happened last Tuesday in March, Mr Council, and where was I?",
        "Will Mum and Grandad be told?",
        "Who is the DCS?",  # director of children's services
        "WHAT DID OFSTED SAY ABOUT DERBY?",  # nothing can be told
        "What Did Ofsted Say About Derby?",
        "",
    ],
)
def test_what_may_be_no_name_is_left_alone(question: str) -> None:
    assert unmentioned(question, VOCABULARY) == []


def test_an_answer_says_which_name_no_paper_mentions(client: TestClient) -> None:
    question = "What did Ofsted say about children's services in Nottingham?"
    answer = client.post("/ask", json={"question": question}).json()
    assert answer["status"] == "not_found"
    assert {"kind": "unmentioned", "text": "No paper mentions “Nottingham”."} in answer["notes"]
    assert answer["related"]
