"""Intervals and tests, each against an independent implementation or a sum done by hand."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test

from eval.intervals import (
    ALONE,
    bootstrap,
    bootstrap_mean,
    divided,
    holm,
    randomisation_p,
    smallest_difference,
    wilson,
)


@pytest.mark.parametrize(("right", "n"), [(0, 20), (3, 7), (116, 131), (50, 50)])
def test_wilson_is_scipys(right: int, n: int) -> None:
    expected = binomtest(right, n).proportion_ci(method="wilson")
    assert wilson(right, n) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_no_questions_say_nothing() -> None:
    assert wilson(0, 0) == (0, 1)


def test_the_bootstrap_of_separate_questions_is_near_the_normal_interval() -> None:
    values = list(np.linspace(0, 1, 200))
    low, high = bootstrap_mean([str(n) for n in range(200)], values)
    half = 1.96 * float(np.std(values)) / math.sqrt(200)
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half), abs=0.005)


def test_questions_of_one_document_stand_and_fall_together() -> None:
    values = [1.0] * 50 + [0.0] * 50
    together = bootstrap_mean(["a"] * 50 + ["b"] * 50, values)
    assert together == (0.0, 1.0)  # two documents: as likely as not, both draws are the same one
    low, high = bootstrap_mean([str(n) for n in range(100)], values)
    assert 0.35 < low < high < 0.65


def test_one_document_is_no_certainty() -> None:
    values = [1.0] * 50 + [0.0] * 50
    low, high = bootstrap_mean(["a"] * 100, values)
    assert (low, high) == pytest.approx((0.40, 0.60), abs=0.015)  # as of separate questions


def test_questions_without_a_document_keep_their_share() -> None:
    clusters = ["a"] * 10 + [f"{ALONE}{n}" for n in range(10)]
    values = [1.0] * 10 + [0.0] * 10
    assert bootstrap_mean(clusters, values) == (0.5, 0.5)


def test_any_statistic_is_drawn_as_the_mean_is() -> None:
    clusters, values = ["a", "b", "b", "c", f"{ALONE}1", f"{ALONE}2"], [1, 0, 1, 0.5, 0, 1]
    fixed = np.array(values, dtype=np.float64)
    found = bootstrap(clusters, lambda weights: divided(weights @ fixed, weights.sum(axis=1)))
    assert found == pytest.approx(bootstrap_mean(clusters, values))


def test_the_randomisation_test_is_scipys_exact_one() -> None:
    changes = [0.3, 0.1, -0.2, 0.4, 0.5, 0.0, 0.2, 0.1]
    exact = permutation_test((changes,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert randomisation_p(changes) == pytest.approx(exact.pvalue, abs=0.01)


def test_no_change_is_no_evidence() -> None:
    assert randomisation_p([0.0, 0.0, 0.0]) == 1


def test_holm_by_hand() -> None:
    # sorted .01 .02 .04: times 3, 2, 1, and never less than one before
    assert holm({"b": 0.04, "a": 0.01, "c": 0.02}) == pytest.approx(
        {"b": 0.04, "a": 0.03, "c": 0.04}
    )


def test_nothing_is_said_of_a_difference_where_nothing_differs() -> None:
    assert math.isnan(smallest_difference([0.0] * 9))


def test_the_smallest_difference_by_hand() -> None:
    # deviation 1 (n - 1 in the divisor), four pairs: 2.8016 / 2
    changes = [math.sqrt(3) / 2, -math.sqrt(3) / 2] * 2
    assert smallest_difference(changes) == pytest.approx((1.959964 + 0.841621) / 2)
