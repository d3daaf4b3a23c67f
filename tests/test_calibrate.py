"""Confidence is fitted on what trained nothing, and its thresholds are what they say."""

import random

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from eval.calibrate import MOST, NEVER, STRANGER, Labelled, _held_out, fit, thresholds
from eval.lessons import OWN, TRAINING, is_held_out
from eval.questions import read_questions
from service.confidence import Signals, probability


def labelled(answers: float, right: bool, source: str = "a") -> Labelled:
    """A question of which the reader says so much."""
    return Labelled(source, Signals(answers, answers, 0.0, 0.0), right, right)


def test_no_paper_is_on_both_sides() -> None:
    for folder in OWN:
        questions = read_questions(TRAINING / f"{folder}.jsonl")
        kept = {name for one in questions if is_held_out(one.within[0]) for name in one.within}
        learnt = {
            name for one in questions if not is_held_out(one.within[0]) for name in one.within
        }
        assert kept
        assert not kept & learnt
        assert len(kept) < len(learnt) / 2


def test_questions_held_out_are_drawn_from_all_their_papers() -> None:
    questions = read_questions(TRAINING / "collections.jsonl")
    drawn = _held_out(questions)
    held_out = {one.within[0] for one in questions if is_held_out(one.within[0])}
    assert len(drawn) == MOST
    assert {one.within[0] for one in drawn} == held_out
    assert drawn == _held_out(questions[::-1])


def test_a_threshold_is_the_least_confidence_from_which_no_more_is_wrong() -> None:
    right = [True, True, False, True, True, True, True, False, False, False]
    confidences = [1 - place / 10 for place in range(10)]
    found = thresholds(confidences, [labelled(0.0, one) for one in right])
    assert found["0.05"] == confidences[1]  # none of two wrong
    assert found["0.15"] == confidences[6]  # one of seven
    assert found["0.25"] == confidences[7]  # two of eight
    assert found["0.33"] == confidences[7]  # three of nine are more


def test_a_threshold_weighs_sources_alike_and_parts_no_equals() -> None:
    few, many = labelled(0.0, False, "few"), labelled(0.0, True, "many")
    assert thresholds([0.9] * 20, [few, *[many] * 19])["0.33"] == NEVER  # half of it is wrong
    found = thresholds([0.9, 0.5, 0.5], [many, many, labelled(0.0, False, "many")])
    assert found["0.05"] == 0.9  # one of the two at .5 is wrong
    assert thresholds([0.9, 0.5, 0.5], [many] * 3)["0.05"] == 0.5


def test_the_fit_is_scikit_learns_in_the_signals_own_units() -> None:
    draw = random.Random(3)
    made = []
    for _ in range(400):
        answers = draw.uniform(-8, 8)
        made.append(labelled(answers, draw.random() < 1 / (1 + np.exp(-answers / 2))))
    intercept, weights = fit(made)
    values = np.array([[one.signals.answers, one.signals.best_answers] for one in made])
    other = LogisticRegression(C=1e6, max_iter=1000).fit(values, [one.right for one in made])
    ours = [probability(one.signals, intercept, weights) for one in made]
    assert ours == pytest.approx(other.predict_proba(values)[:, 1], abs=0.02)


def test_a_name_that_no_paper_has_is_a_set_weight_and_teaches_nothing() -> None:
    made = [labelled(1.0, True), labelled(-1.0, False)] * 20
    strangers = [Labelled("a", Signals(1.0, 1.0, 0.0, 1.0), True, True)] * 40
    assert fit(made + strangers) == fit(made)
    assert fit(made)[1]["names_a_stranger"] == STRANGER


def test_sources_weigh_the_same_whatever_their_size() -> None:
    few = [labelled(1.0, True, "few"), labelled(-1.0, True, "few")]
    many = [labelled(1.0, False, "many"), labelled(-1.0, False, "many")] * 50
    intercept, weights = fit(few + many)
    assert probability(few[0].signals, intercept, weights) == pytest.approx(0.5, abs=0.01)
