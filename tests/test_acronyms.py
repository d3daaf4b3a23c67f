"""Acronyms are read as what they stand for in the papers, and others are left alone."""

import pytest
from starlette.testclient import TestClient

from ingest.acronyms import acronyms_of
from service.spelling import repaired, spelt_out

PAPERS = [
    "We look for a Sector-led Improvement Partner (SLIP) with the Department for Education.",
    "The “inspecting local authority children’s services” (ILACS) framework is used.",
    "The Department for Education and two Independent Reviewing Officers met on Monday.",
    "Coun Sarah Russell wrote to the Multi Agency Safeguarding Hubs.",
    "The BBC (see above) wrote to us.",
    "The Basic Bus Commission is another thing, as is a plan (DRAFT).",
    "In the Local Authority Children’s Services they met Wellbeing and Schools.",
]


@pytest.mark.parametrize(
    ("letters", "read"),
    [
        ("slip", "Sector-led Improvement Partner (SLIP)"),  # told, and one word has two letters
        ("ilacs", "inspecting local authority children’s services (ILACS)"),  # told, in quotes
        ("dfe", "Department for Education"),  # with the letter of its small word
        ("iro", "Independent Reviewing Officers"),
        ("mash", "Multi Agency Safeguarding Hubs"),
    ],
)
def test_what_an_acronym_stands_for_is_found_in_the_papers(letters: str, read: str) -> None:
    assert acronyms_of(PAPERS)[letters] == read


@pytest.mark.parametrize(
    ("paper", "read"),
    [
        ("Victims of domestic abuse were told to move.", {"dv": "domestic abuse"}),
        ("Anti social behaviour fell.", {"asb": "anti-social behaviour"}),
        ("The Children’s social care budget", {"csc": "children's social care"}),
        ("Victims of domestic violence (see the DV strategy)", {}),  # the papers have it
        ("Nothing of the kind.", {}),
    ],
)
def test_what_everybody_writes_short_is_read_as_the_papers_have_it(
    paper: str, read: dict[str, str]
) -> None:
    found = acronyms_of([paper])
    assert {letters: found.get(letters) for letters in read} == read
    assert read or "dv" not in found


@pytest.mark.parametrize("letters", ["bbc", "draft", "sr", "csr", "lac", "acs", "was", "itlacs"])
def test_what_is_not_told_or_not_sure_is_no_acronym(letters: str) -> None:
    # The papers have "BBC" and do not tell what it is; nothing before "(DRAFT)" has its letters;
    # two letters begin too many names; people are called by none; nor is a part of a name, or a
    # word that asks or joins.
    assert letters not in acronyms_of(PAPERS)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("What is a SLIP?", "What is a Sector-led Improvement Partner (SLIP)?"),
        ("how many IROs", "how many Independent Reviewing Officers"),
        ("did the DfE agree", "did the Department for Education agree"),
        ("is the Department for Education (DfE) in", "is the Department for Education (DfE) in"),
        ("a slip of the pen, a Slip", "a slip of the pen, a Slip"),  # words
        (
            "did the dfe agree, in ilacs",
            "did the Department for Education agree, in "
            "inspecting local authority children’s services (ILACS)",
        ),
        ("a Dfe", "a Dfe"),  # may be a name
        ("WHAT IS A SLIP", "WHAT IS A SLIP"),  # nothing tells it from a word
        ("the NHS and the BBC", "the NHS and the BBC"),
    ],
)
def test_an_acronym_in_a_question_is_read_in_full(written: str, expected: str) -> None:
    assert repaired(written, spelt_out(written, acronyms_of(PAPERS))) == expected


def test_a_question_with_an_acronym_is_answered_from_what_is_written_in_full(
    client: TestClient,
) -> None:
    asked = "how many IROs will they hire"
    answer = client.post("/ask", json={"question": asked}).json()
    assert answer["question"] == asked
    assert "two Independent Reviewing Officers" in answer["citations"][0]["cited_text"]
    notes = [note["text"] for note in answer["notes"] if note["kind"] == "spelling"]
    assert notes == ["“IROs” was read as “Independent Reviewing Officers”."]
