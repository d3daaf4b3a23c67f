"""The probability that what is cited first answers the question, from what the models say of it.

A logistic regression over a few signals. Its numbers stand in calibration.json, with what they
were fitted on; `python -m eval calibrate` writes them.
"""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

CALIBRATION: Mapping[str, Any] = json.loads(
    (files("service") / "calibration.json").read_text("utf-8")
)
# The share of answers that may be wrong. At this one false answers are the more frequent on the
# collections and guidance held out of training, false abstentions on the gold's dev half.
DEFAULT_RISK = "0.22"


class RiskError(Exception):
    """The risk that is asked for was not measured; the message says which were."""


@cache
def answered_from() -> float:
    """Return the confidence below which nothing is cited, by the risk in SCRUTINEER_RISK.

    Raises RiskError.
    """
    risk = os.environ.get("SCRUTINEER_RISK", DEFAULT_RISK)
    least: Mapping[str, float] = CALIBRATION["least_confidence_for_risk"]
    if risk not in least:
        raise RiskError(f"SCRUTINEER_RISK is {risk!r}, and must be one of {', '.join(least)}")
    return least[risk]


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of the sentence that would be cited first.

    `answers` is the reader's logit for it, `best_answers` the highest of any sentence,
    `passage_relevance` the cross-encoder's for its passage; `names_a_stranger` is 1 when the
    question names what no paper mentions, else 0.
    """

    answers: float
    best_answers: float
    passage_relevance: float
    names_a_stranger: float


def confidence_of(signals: Signals | None) -> float:
    """Return the probability, 0 to 1; 0 when there is nothing to cite."""
    if signals is None:
        return 0.0
    return round(probability(signals, CALIBRATION["intercept"], CALIBRATION["weights"]), 4)


def probability(signals: Signals, intercept: float, weights: Mapping[str, float]) -> float:
    """Return the logistic function of an intercept and the weighted signals, 0 to 1."""
    logit = intercept + sum(weights[name] * value for name, value in asdict(signals).items())
    return 1 / (1 + math.exp(-min(max(logit, -700.0), 700.0)))
