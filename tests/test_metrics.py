"""Each metric on examples small enough to work out by hand; the sums stand beside them."""

import math

import pytest

from eval.intervals import ALONE
from eval.metrics import (
    character_overlap,
    citation_precision,
    fact_recall,
    harmonic,
    home,
    redundancy,
    score_question,
    truthfulness,
)
from eval.places import Place, states
from eval.questions import Evidence, Fact, Question
from eval.records import Record
from eval.trec import qrels_lines, ranking_scores, run_lines
from service.answers import Answer, Citation, IndexInfo


def evidence(document: str, start: int, end: int) -> Evidence:
    return Evidence(document, start, end, "")


# Fact a stands in two papers, b in one, and c is nice to have.
A = Fact("a", "vital", (evidence("x", 0, 100), evidence("y", 500, 540)))
B = Fact("b", "vital", (evidence("x", 200, 260),))
C = Fact("c", "okay", (evidence("x", 300, 320),))
QUESTION = Question("q1", "what?", "lookup", (A, B, C))
NOBODY_KNOWS = Question("q2", "who?", "near-miss", ())


def citation(place: Place, context: Place | None = None) -> Citation:
    context = context or place
    return Citation(
        cited_text="",
        document_id=place.document_id,
        document_title="",
        publisher=None,
        published=None,
        section=None,
        start_char_index=place.start,
        end_char_index=place.end,
        context_start_char_index=context.start,
        context_end_char_index=context.end,
        answer_start_index=None,
        answer_end_index=None,
        url="",
    )


def record(
    cited: list[Place],
    found: list[Place] | None = None,
    confidence: float = 0.5,
    question: Question = QUESTION,
) -> Record:
    answer = Answer(
        id="",
        question=question.question,
        status="answered" if cited else "not_found",
        answer="",
        confidence=confidence,
        citations=tuple(citation(place) for place in cited),
        related=(),
        notes=(),
        index=IndexInfo("g", "", 1, 1),
        took_ms=0,
    )
    found = tuple(found or cited)
    first = next(iter([*cited, *found]), None)
    return Record(question.id, 1.0, answer, first, found, None)


@pytest.mark.parametrize(
    ("place", "hits"),
    [
        (Place("x", 0, 50), True),  # half of the span
        (Place("x", 0, 49), True),  # less than half, but inside it
        (Place("x", 51, 300), False),  # 49 of 100, and it goes on outside
        (Place("x", 50, 300), True),  # 50 of 100
        (Place("y", 520, 900), True),  # half of the alternative
        (Place("y", 0, 100), False),  # the right offsets in another paper
        (Place("x", 100, 200), False),  # beside it
    ],
)
def test_a_place_states_a_fact_by_half_of_a_span_or_from_inside_it(
    place: Place, hits: bool
) -> None:
    assert states(place, A) is hits


def test_fact_recall_is_the_share_of_facts_that_are_cited() -> None:
    cited = [Place("y", 500, 540), Place("x", 900, 950)]
    assert fact_recall(QUESTION.vital, cited) == 1 / 2
    assert fact_recall(QUESTION.facts, cited) == 1 / 3
    assert fact_recall(QUESTION.vital, []) == 0


def test_precision_is_the_share_of_citations_that_state_any_fact() -> None:
    cited = [Place("x", 0, 100), Place("x", 300, 320), Place("z", 0, 9)]
    assert citation_precision(QUESTION.facts, cited) == 2 / 3
    assert citation_precision(QUESTION.facts, []) is None


def test_a_citation_is_redundant_when_it_only_states_what_was_stated() -> None:
    again = [Place("x", 0, 100), Place("y", 500, 540), Place("x", 200, 260)]
    assert redundancy(QUESTION.facts, again) == 1 / 3
    wrong = [Place("z", 0, 9), Place("z", 10, 19)]  # states nothing, so repeats nothing
    assert redundancy(QUESTION.facts, wrong) == 0


def test_the_harmonic_mean() -> None:
    assert harmonic(1.0, 0.5) == pytest.approx(2 / 3)
    assert harmonic(0.0, 0.0) == 0


def test_characters_are_counted_once_and_recall_takes_the_alternative_covered_best() -> None:
    # 40 of y's 40 are the best for a; of b's 60, 30. Cited twice: x 230..260 counts once.
    cited = [Place("y", 500, 540), Place("x", 230, 290), Place("x", 230, 260)]
    precision, recall = character_overlap(QUESTION, cited)
    assert precision == (40 + 30) / (40 + 60)
    assert recall == (40 + 30) / (40 + 60)


def test_without_a_citation_there_is_no_precision_and_no_recall() -> None:
    assert character_overlap(QUESTION, []) == (None, 0.0)


def test_a_question_answered_in_part() -> None:
    scored = score_question(QUESTION, record([Place("z", 0, 9), Place("x", 200, 260)]), (0.6, 0.5))
    assert (scored.outcome, scored.right) == ("right later", False)
    assert (scored.success_1, scored.success_3) == (0, 1)
    assert (scored.fact_recall, scored.citation_precision) == (1 / 2, 1 / 2)
    assert scored.citation_f1 == 1 / 2
    assert scored.cited_length == 9 + 60
    assert (scored.ndcg_10, scored.rr_10) == (0.6, 0.5)


def test_abstaining_on_what_is_answerable_counts_as_zero_but_is_not_wrong() -> None:
    scored = score_question(QUESTION, record([], [Place("x", 0, 100)]), (1.0, 1.0))
    assert (scored.outcome, scored.truthfulness) == ("silent", 0)
    assert (scored.success_1, scored.fact_recall, scored.citation_f1) == (0, 0, 0)
    assert scored.citation_precision is None
    assert scored.right  # the passage that it shows first would have been


def test_an_unanswerable_question_has_no_facts_to_find() -> None:
    answered = score_question(NOBODY_KNOWS, record([Place("x", 0, 9)], question=NOBODY_KNOWS), None)
    assert (answered.outcome, answered.truthfulness, answered.right) == ("false answer", -1, False)
    assert answered.fact_recall is None
    assert answered.success_1 is None
    refused = score_question(NOBODY_KNOWS, record([], question=NOBODY_KNOWS), None)
    assert (refused.outcome, refused.truthfulness) == ("refused", 1)


def test_truthfulness_has_the_signs_of_crag() -> None:
    assert [
        truthfulness(one)
        for one in ("right", "right later", "silent", "wrong", "refused", "false answer")
    ] == [1, 0.5, 0, -1, 1, -1]


def test_a_question_belongs_to_the_paper_that_holds_most_of_its_facts() -> None:
    assert home(QUESTION) == "x"
    assert home(NOBODY_KNOWS) == f"{ALONE}q2"
    assert home(Question("q3", "?", "near-miss", (), within=("y",))) == "y"


def test_a_passage_is_ranked_as_the_facts_it_is_the_first_to_state() -> None:
    found = [
        Place("z", 0, 500),  # nothing
        Place("x", 0, 400),  # a and b
        Place("y", 500, 540),  # a again
    ]
    lines = run_lines([QUESTION], [record(found)])
    assert [line.split()[2:4] for line in lines] == [
        ["z:0-500", "1"],
        ["a", "2"],
        ["b", "3"],
        ["y:500-540", "4"],
    ]
    ranking = ranking_scores(qrels_lines([QUESTION]), lines)
    # nDCG: (1/log2 3 + 1/log2 4) / (1/log2 2 + 1/log2 3)
    gained = 1 / math.log2(3) + 1 / math.log2(4)
    assert ranking["q1"][0] == pytest.approx(gained / (1 + 1 / math.log2(3)), abs=1e-6)
    assert ranking["q1"][1] == 1 / 2


def test_a_question_that_the_run_lacks_counts_as_zero() -> None:
    lines = run_lines([QUESTION], [record([Place("x", 0, 100)])])
    other = Question("q9", "?", "lookup", (A,))
    assert ranking_scores(qrels_lines([QUESTION, other]), lines)["q9"] == (0, 0)
