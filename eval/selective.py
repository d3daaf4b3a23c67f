"""Knowing when not to answer: how well confidence tells right from wrong.

Each class is a statistic for `intervals.bootstrap`: it takes how often each question counts,
(draws, n), and returns a value for each draw, (draws,). `once(n)` counts each question once.

"Right" is: what would be cited first states a vital fact (`Scored.right`). A system that abstains
on the least confident questions is judged by the order that its confidence gives, so questions of
equal confidence stand or fall together.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eval.intervals import DRAWS, SEED, Floats, divided
from eval.metrics import Scored

BINS = 10
MOST_WRONG = 0.05


def once(n: int) -> Floats:
    """Return weights that count each of n questions once, (1, n)."""
    return np.ones((1, n))


class BalancedAccuracy:
    """The mean of: answerable questions that were answered, unanswerable that were not."""

    def __init__(self, scored: Sequence[Scored]) -> None:
        self.answerable = _floats(one.answerable for one in scored)
        self.answered = _floats(one.answered for one in scored)

    def __call__(self, weights: Floats) -> Floats:
        can, cannot = self.answerable, 1 - self.answerable
        sensitivity = divided(weights @ (can * self.answered), weights @ can)
        specificity = divided(weights @ (cannot * (1 - self.answered)), weights @ cannot)
        return (sensitivity + specificity) / 2


class Judged(Protocol):
    """What is said of one question by anything that knows how sure it is."""

    @property
    def confidence(self) -> float: ...
    @property
    def answerable(self) -> bool: ...


class Auroc:
    """How often an answerable question has more confidence than an unanswerable one.

    The area under the ROC curve; a tie counts half (Hanley and McNeil 1982).
    """

    def __init__(self, scored: Sequence[Judged]) -> None:
        self.level = np.unique([one.confidence for one in scored], return_inverse=True)[1]
        self.answerable = _floats(one.answerable for one in scored)

    def __call__(self, weights: Floats) -> Floats:
        positive = _by_level(weights * self.answerable, self.level)
        negative = _by_level(weights * (1 - self.answerable), self.level)
        below = np.cumsum(negative, axis=1) - negative
        won = (positive * (below + negative / 2)).sum(axis=1)
        return divided(won, positive.sum(axis=1) * negative.sum(axis=1))


class RiskCoverage:
    """Risk (share wrong among what is answered) as ever less confident questions are answered.

    The area under it is the mean risk over all coverages (Geifman and El-Yaniv 2017); less is
    better.
    """

    def __init__(self, scored: Sequence[Scored]) -> None:
        falling = np.array([-one.confidence for one in scored])
        self.level = np.unique(falling, return_inverse=True)[1]
        self.wrong = _floats(not one.right for one in scored)

    def curve(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Return (share of questions at each level, coverage, risk), each (draws, levels)."""
        count = _by_level(weights, self.level)
        wrong = _by_level(weights * self.wrong, self.level)
        covered, total = np.cumsum(count, axis=1), count.sum(axis=1, keepdims=True)
        risk = np.nan_to_num(divided(np.cumsum(wrong, axis=1), covered))
        return count / total, covered / total, risk

    def __call__(self, weights: Floats) -> Floats:
        share, _, risk = self.curve(weights)
        return np.asarray((share * risk).sum(axis=1))


class CoverageAtRisk(RiskCoverage):
    """The most questions that can be answered with at most one in twenty of them wrong."""

    def __call__(self, weights: Floats) -> Floats:
        _, coverage, risk = self.curve(weights)
        return np.asarray(np.where(risk <= MOST_WRONG, coverage, 0.0).max(axis=1))


class CalibrationError:
    """The mean distance of confidence from the share that is right, over ten equal bins.

    Expected calibration error (Naeini, Cooper and Hauskrecht 2015).
    """

    def __init__(self, scored: Sequence[Scored]) -> None:
        self.confidence = _floats(one.confidence for one in scored)
        self.right = _floats(one.right for one in scored)
        self.bin = np.minimum((self.confidence * BINS).astype(int), BINS - 1)

    def table(self) -> list[tuple[int, float, float]]:
        """Return (n, mean confidence, share right) for each bin, zeros for an empty one."""
        rows = []
        for place in range(BINS):
            here = self.bin == place
            n = int(here.sum())
            said = float(self.confidence[here].mean()) if n else 0.0
            rows.append((n, said, float(self.right[here].mean()) if n else 0.0))
        return rows

    def __call__(self, weights: Floats) -> Floats:
        return self._of(self.right, weights)

    def of_a_perfect_confidence(self) -> Floats:
        """Return what it would be by chance if every confidence were the true rate, (draws,).

        So many questions cannot show less: with ten bins of twenty it is about .06.
        """
        chance = np.random.default_rng(SEED).random((DRAWS, len(self.confidence)))
        return self._of(chance < self.confidence, np.ones_like(chance))

    def _of(self, right: Floats | NDArray[np.bool_], weights: Floats) -> Floats:
        gap = _by_level(weights * (self.confidence - right), self.bin)
        return divided(np.abs(gap).sum(axis=1), weights.sum(axis=1))


def _by_level(weights: Floats, level: NDArray[np.intp]) -> Floats:
    """Sum the weights of each level, (draws, n) to (draws, levels)."""
    order = np.argsort(level, kind="stable")
    starts = np.flatnonzero(np.diff(level[order], prepend=-1))
    return np.asarray(np.add.reduceat(weights[:, order], starts, axis=1))


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)
