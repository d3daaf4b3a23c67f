"""Questions are written in other ways without asking anything else."""

import pytest
from rapidfuzz.distance import OSA

from eval.questions import read_questions
from eval.rewordings import REWORDINGS, cost_of, misspelt, reworded
from eval.score import Scores


def test_a_misspelt_question_has_one_slip_in_each_of_two_words_and_the_same_each_time() -> None:
    for question in read_questions():
        written = misspelt(question.question)
        assert written == misspelt(question.question)
        assert OSA.distance(written, question.question) <= 2
        before, after = question.question.split(), written.split()
        assert len(before) == len(after)
        assert [one[0] for one in before] == [one[0] for one in after]
        assert sum(one != two for one, two in zip(before, after, strict=True)) <= 2


@pytest.mark.parametrize("how", REWORDINGS)
def test_a_rewording_changes_how_questions_are_written_and_not_what_answers_them(how: str) -> None:
    plain = read_questions()
    written = reworded(plain, how)
    assert [one.facts for one in written] == [one.facts for one in plain]
    assert all(one.question.strip() for one in written)
    assert sum(a.question != b.question for a, b in zip(plain, written, strict=True)) > 300


def test_what_is_written_the_same_costs_nothing(scores: dict[str, Scores]) -> None:
    for difference in cost_of(scores["full"], scores["full"]):
        assert difference.change == 0
    worse = {one.metric: one for one in cost_of(scores["full"], scores["bm25"])}
    assert worse["success@1"].change < 0
