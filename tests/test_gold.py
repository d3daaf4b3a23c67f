"""The gold: what the committed file holds, and what is said of a file that cannot be right."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS
from server import run

from eval.questions import (
    ANSWERABLE,
    FRESH,
    QUESTIONS,
    UNANSWERABLE,
    GoldError,
    check_questions,
    faults_in,
    read_questions,
    to_line,
    with_offsets,
)
from ingest.documents import Document

QUOTE = "The publication of the report by several months was due to Ofsted"
PAPER = "council-2025-scrutiny-report"


def a_question(**changes: Any) -> dict[str, Any]:
    text = (CORPUS / f"{PAPER}.txt").read_text(encoding="utf-8")
    start = text.index(QUOTE)
    fact = {"id": "f1", "weight": "vital", "spans": [[PAPER, start, start + len(QUOTE), QUOTE]]}
    return {"id": "q1", "question": "why?", "kind": "lookup", "facts": [fact], **changes}


def written(tmp_path: Path, *records: object) -> Path:
    path = tmp_path / "mine.jsonl"
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def faults(tmp_path: Path, documents: dict[str, Document], *records: object) -> list[str]:
    return faults_in(written(tmp_path, *records), documents)[1]


def test_the_committed_gold_is_right_and_as_large_as_it_must_be(
    documents: dict[str, Document],
) -> None:
    questions = read_questions()
    check_questions(QUESTIONS, questions, documents)
    assert len(questions) >= 200
    assert sum(not one.answerable for one in questions) >= 70
    assert {one.kind for one in questions} == {*ANSWERABLE, *UNANSWERABLE}
    assert {span.document_id for q in questions for f in q.facts for span in f.spans} == set(
        documents
    )
    assert Counter(one.split for one in questions)["test"] >= 200


def test_the_fresh_questions_are_right(documents: dict[str, Document]) -> None:
    questions = read_questions(FRESH)
    check_questions(FRESH, questions, documents)
    assert not {one.question for one in questions} & {one.question for one in read_questions()}


def test_a_question_is_written_as_it_is_read(tmp_path: Path) -> None:
    lines = [to_line(question) for question in read_questions()]
    path = tmp_path / "again.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert read_questions(path) == read_questions()


def test_a_good_question_has_no_faults(tmp_path: Path, documents: dict[str, Document]) -> None:
    assert faults(tmp_path, documents, a_question()) == []


FACT = a_question()["facts"][0]


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ("{not json", "line 1: not JSON"),
        ("[]", "a question is a JSON object"),
        ({"id": "q"}, "the field 'facts' is missing"),
        ('{"id": "q", "facts": [], "facts": []}', "the field 'facts' is given twice"),
        (a_question(colour="red"), "there is no field 'colour'"),
        (a_question(id="q 1"), "must be one word"),
        (a_question(id="q\ud800"), "must be one word"),
        (a_question(question="a\x00b"), "must not hold control characters"),
        (a_question(style="test"), "style 'test' is none of plain, hard"),
        (a_question(as_of="then"), "then"),
        (a_question(facts=None), "facts must be a list"),
        (a_question(within="x"), "within must be a list"),
        (a_question(within=["mercury-2021-good-rating"]), "none of the documents of `within`"),
        (a_question(facts=[{**FACT, "spans": [[PAPER, False, True, "x"]]}]), "is not a span"),
        (a_question(facts=[{**FACT, "spans": [PAPER, "x"]}]), "spans is a list of [document_id"),
        ("[" * 100_000, "line 1: "),
        (a_question(question=" "), "question must"),
        (a_question(question="x" * 1001), "question must"),
        (a_question(kind="riddle"), "kind 'riddle': a question that has facts is one of lookup"),
        (a_question(facts=[]), "kind 'lookup': a question that has no facts is one of out-of"),
        (a_question(facts=[{**FACT, "weight": "okay"}]), "no fact is vital"),
        (a_question(facts=[{**FACT, "weight": "heavy"}]), "weight is 'vital' or 'okay'"),
        (a_question(facts=[{**FACT, "spans": []}]), "fact f1 names no span"),
        (a_question(facts=[FACT, FACT]), "two facts have the same id"),
        (a_question(facts=[{**FACT, "spans": [["x", 1]]}]), "spans is a list of [document_id"),
        (a_question(facts=[{**FACT, "spans": [[PAPER, 9, 3, "x"]]}]), "[9, 3) is not a span"),
        (a_question(facts=[{**FACT, "spans": [[PAPER, "x"]]}]), "offsets are missing"),
        (a_question(facts=[{**FACT, "spans": [["x", 0, 3, "x"]]}]), "there is no document 'x'"),
        (a_question(facts=[{**FACT, "spans": [[PAPER, 0, 3, "xyz"]]}]), "not 'xyz'"),
        (a_question(within=[PAPER, "x"]), "there is no document 'x'"),
    ],
)
def test_each_fault_is_named_with_its_line(
    tmp_path: Path, documents: dict[str, Document], record: object, told: str
) -> None:
    (fault,) = faults(tmp_path, documents, record)
    assert fault.startswith("line 1: ")
    assert told in fault


def test_all_faults_are_told_at_once_in_the_order_of_the_lines(
    tmp_path: Path, documents: dict[str, Document]
) -> None:
    found = faults(tmp_path, documents, a_question(), "{", a_question(), a_question(id="", note=1))
    assert [fault.split(":")[0] for fault in found] == ["line 2", "line 3", "line 4"]
    assert "the id 'q1' stands in line 1 too" in found[1]


def test_reading_refuses_a_file_with_a_fault(tmp_path: Path) -> None:
    path = written(tmp_path, "{", a_question(), a_question())
    with pytest.raises(GoldError, match=r"line 1: not JSON.*\(and 1 more: python -m eval validate"):
        read_questions(path)


def test_a_missing_and_an_empty_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"none\.jsonl cannot be read"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(GoldError, match="holds no question"):
        read_questions(written(tmp_path))


def test_offsets_are_found_for_a_quote_typed_with_other_white_space(
    tmp_path: Path, documents: dict[str, Document]
) -> None:
    wrapped = "to Ofsted responding to a complaint about the inspection process"
    draft = a_question(facts=[{**FACT, "spans": [[PAPER, wrapped]]}])
    text, told = with_offsets(written(tmp_path, draft), documents)
    assert told == []
    (span,) = json.loads(text)["facts"][0]["spans"]
    assert documents[PAPER].text[span[1] : span[2]] == span[3]
    assert "\n" in span[3]


@pytest.mark.parametrize(
    ("quote", "told"),
    [
        ("no such sentence", f"line 1: {PAPER} does not hold 'no such sentence': copy it"),
        ("Ofsted", f"line 1: {PAPER} holds 'Ofsted' 21 times: quote more"),
    ],
)
def test_a_quote_that_stands_nowhere_or_everywhere_is_named(
    tmp_path: Path, documents: dict[str, Document], quote: str, told: str
) -> None:
    draft = a_question(facts=[{**FACT, "spans": [[PAPER, quote]]}])
    (fault,) = with_offsets(written(tmp_path, draft), documents)[1]
    assert fault.startswith(told)


def test_filling_leaves_what_it_does_not_understand_to_the_letter(
    tmp_path: Path, documents: dict[str, Document]
) -> None:
    strange = [
        '{"facts": [{"spans": ["my-minutes", "The board"]}]}',
        '{"facts":   [{"spans": [{"document": "x", "quote": "y"}]}]}',
        '{"note": "\\ud800"}',
        "",
        "not json",
    ]
    path = written(tmp_path, *strange)
    before = path.read_text(encoding="utf-8")
    assert with_offsets(path, documents) == (before, [])


def test_validate_says_what_is_wrong_and_fills_offsets(tmp_path: Path) -> None:
    path = written(tmp_path, a_question(facts=[{**FACT, "spans": [[PAPER, QUOTE]]}]))
    refused = run("eval", "validate", str(path))
    assert refused.returncode == 1
    assert "line 1: fact f1: offsets are missing; run `validate --fill` once" in refused.stdout
    filled = run("eval", "validate", "--fill", str(path))
    assert (filled.returncode, filled.stderr) == (0, "")
    assert "1 questions are right (1 answerable, 0 not" in filled.stdout
    assert read_questions(path)[0].facts[0].spans[0].quote == QUOTE
