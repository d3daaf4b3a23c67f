"""Misspelt words are read as the papers' or as English; words that mean something are left."""

import pytest
from starlette.testclient import TestClient

from ingest.words import vocabulary_of
from service.ask import Models
from service.spelling import Repair, misspelt, repaired, unheard_of

VOCABULARY = vocabulary_of(
    ["their there"],
    [
        "The council's council had an inspection and an inspection by one inspector.",
        "Its rating was technically low, working plans have delays, and so has Sarah Russell.",
        "Laurence left early.",
        "The carers know of bias, claiming that getting plans needs care.",
    ],
)


def read(question: str, models: Models) -> str:
    return repaired(question, misspelt(question, VOCABULARY, models.reranker.knows))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("what did the concil say", "what did the council say"),  # a letter too few
        ("the counncil", "the council"),  # a letter too many
        ("the coumcil", "the council"),  # another letter
        ("the cuoncil", "the council"),  # two letters exchanged
        ("the inspecton", "the inspection"),  # nearer than "inspector", and more used
        ("the inspcetin", "the inspection"),  # two slips in a long word
        ("Rusell and RUSELL", "Russell and Russell"),
        ("Coumcil?", "Council?"),
        ("what did Laudence say", "what did Laurence say"),  # begins its sentence in the papers
        ("why is it becaause of a verdct", "why is it because of a verdict"),  # common English
        ("seperate goverment homes recieve it", "separate government homes receive it"),
        ("are they livijg there", "are they living there"),  # a key beside the right one
        ("Whcih were delayes", "Which were delays"),  # a word that asks; an ending that is none
        ("did it axter have an efkect", "did it after have an effect"),  # as no name is spelt
        ("what happend, beiing there", "what happened, being there"),  # left out, or doubled
        ("is it an unneasy quarrrel", "is it an uneasy quarrel"),  # a letter doubled
    ],
)
def test_a_slip_is_mended(models: Models, written: str, expected: str) -> None:
    assert read(written, models) == expected


@pytest.mark.parametrize(
    "written",
    [
        "the council",  # theirs
        "one carer",  # theirs, with another ending
        "when are bins collected",  # English, though the papers have a word that is near
        "its wording, ethnically",  # forms of English words
        "pans and cats",
        "what of Nottingham and Okafor",  # names that are near to nothing
        "teh DfE",  # too short
        "cladding and gritting",  # two slips from "claiming" and "getting"
        "the people of Woking and Corby",  # names are read as names alone
        "what does BIASS mean",  # may be an acronym
        "they needn't and mightn't",
        "why wont they and wasnt it, didnt you",  # contracted
        "an overspend on mould, culverts and stallholders",  # English, if not everyday English
        "underspend downgraded autistic devolution tenancies",
        "is melton near ealing or belgrave",  # names, written small
        "Pryce and pryce, Coker and coker",
        "Ealing council, in 2021 Havering had (Belgrave Road)",  # wherever they stand
        "how many NEETs, and who is McColl",
        "x9 zqwrtk",
    ],
)
def test_a_word_that_means_something_is_left_alone(models: Models, written: str) -> None:
    assert read(written, models) == written


def test_only_what_was_changed_is_reported(models: Models) -> None:
    found = misspelt("why was the ratng of the concil low", VOCABULARY, models.reranker.knows)
    assert found == [Repair("ratng", "rating"), Repair("concil", "council")]


def test_an_answer_says_how_the_question_was_read(client: TestClient) -> None:
    asked = "When is the aditional head of sevice supposed to be recruited?"
    answer = client.post("/ask", json={"question": asked}).json()
    assert answer["question"] == asked
    assert "additional head of service" in answer["citations"][0]["cited_text"]
    assert [note["text"] for note in answer["notes"] if note["kind"] == "spelling"] == [
        "“aditional” was read as “additional”.",
        "“sevice” was read as “service”.",
    ]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("who is zbrowskova?", ["zbrowskova"]),
        ("did thay do it", ["thay"]),
        ("asdf qwer", ["asdf", "qwer"]),
        ("what did the inspector say about zbrowskova?", []),  # one is known
        ("who got sacked?", []),  # English, if not the papers'
        ("what about the A47?", []),
        ("who is on the SR?", []),  # Sarah Russell
        ("any update?", []),  # that names nothing is told elsewhere
    ],
)
def test_a_question_of_nothing_that_anyone_knows_is_told_from_others(
    models: Models, asked: str, words: list[str]
) -> None:
    assert unheard_of(asked, VOCABULARY, models.reranker.knows) == words


def test_what_nobody_has_heard_of_is_not_answered_but_named(client: TestClient) -> None:
    answer = client.post("/ask", json={"question": "who is zbrowskova?"}).json()
    assert answer["status"] == "not_found"
    assert [note["text"] for note in answer["notes"]] == ["No paper mentions “zbrowskova”."]
