"""Confidence: against scikit-learn where it has the metric, by hand where it has not."""

import random

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from test_metrics import NOBODY_KNOWS, QUESTION, record

from eval.intervals import DRAWS
from eval.metrics import Scored, score_question
from eval.places import Place
from eval.selective import (
    Auroc,
    BalancedAccuracy,
    CalibrationError,
    CoverageAtRisk,
    RiskCoverage,
    once,
)

RIGHT, WRONG = Place("x", 0, 100), Place("z", 0, 9)


def scored(
    confidence: float, right: bool, answerable: bool = True, answered: bool = True
) -> Scored:
    question = QUESTION if answerable else NOBODY_KNOWS
    found = [RIGHT if right else WRONG]
    asked = record(found if answered else [], found, confidence, question)
    return score_question(question, asked, None)


def drawn() -> list[Scored]:
    """Two hundred questions with many equal confidences."""
    dice = random.Random(1)
    return [
        scored(
            round(dice.random(), 1),
            dice.random() < 0.6,
            answerable=dice.random() < 0.7,
            answered=dice.random() < 0.8,
        )
        for _ in range(200)
    ]


def value(statistic: object, n: int) -> float:
    return float(statistic(once(n))[0])  # type: ignore[operator]


def test_auroc_is_scikit_learns_ties_and_all() -> None:
    found = drawn()
    expected = roc_auc_score([s.answerable for s in found], [s.confidence for s in found])
    assert value(Auroc(found), len(found)) == pytest.approx(expected)


def test_a_question_drawn_twice_counts_twice() -> None:
    found = drawn()
    times = np.random.default_rng(2).integers(0, 3, size=(1, len(found))).astype(float)
    expected = roc_auc_score(
        [s.answerable for s in found], [s.confidence for s in found], sample_weight=times[0]
    )
    assert float(Auroc(found)(times)[0]) == pytest.approx(expected)


def test_balanced_accuracy_is_scikit_learns() -> None:
    found = drawn()
    expected = balanced_accuracy_score([s.answerable for s in found], [s.answered for s in found])
    assert value(BalancedAccuracy(found), len(found)) == pytest.approx(expected)


def test_risk_and_coverage_by_hand() -> None:
    # Most confident first: right, wrong, right and wrong together at .5
    found = [scored(0.9, True), scored(0.7, False), scored(0.5, True), scored(0.5, False)]
    _, coverage, risk = RiskCoverage(found).curve(once(4))
    assert coverage[0].tolist() == [0.25, 0.5, 1.0]
    assert risk[0].tolist() == [0, 0.5, 0.5]
    assert value(RiskCoverage(found), 4) == 0.25 * 0 + 0.25 * 0.5 + 0.5 * 0.5
    assert value(CoverageAtRisk(found), 4) == 0.25


def test_coverage_is_nothing_where_the_surest_answer_is_wrong() -> None:
    assert value(CoverageAtRisk([scored(0.9, False), scored(0.1, True)]), 2) == 0


def test_calibration_error_by_hand() -> None:
    # bin .9: said .9 and 1.0, half right: |.95 - .5| * 2/4; bin .1: said .15, .15, none right
    found = [scored(0.9, True), scored(1.0, False), scored(0.15, False), scored(0.15, False)]
    assert value(CalibrationError(found), 4) == pytest.approx(0.45 * 2 / 4 + 0.15 * 2 / 4)
    table = CalibrationError(found).table()
    assert table[9] == (2, 0.95, 0.5)
    assert table[1] == (2, 0.15, 0)
    assert table[5] == (0, 0, 0)


def test_a_perfect_confidence_shows_what_chance_does_and_no_more() -> None:
    sure = [scored(1.0, True), scored(0.0, False)]
    assert CalibrationError(sure).of_a_perfect_confidence().tolist() == [0.0] * DRAWS
    # One question at .5: right or wrong, it is half away from what was said.
    assert set(CalibrationError([scored(0.5, True)]).of_a_perfect_confidence()) == {0.5}
    # Two at .5 are as often one right as they agree: 0 or .5, a quarter in the middle.
    both = CalibrationError([scored(0.5, True)] * 2).of_a_perfect_confidence()
    assert set(both) == {0.0, 0.5}
    assert both.mean() == pytest.approx(0.25, abs=0.01)


def test_what_is_abstained_on_is_judged_by_the_passage_shown_first() -> None:
    silent = scored(0.1, True, answered=False)
    assert silent.right
