"""Fit the confidence: from the signals of questions with known answers to service/calibration.json.

A logistic regression on whether what would be cited first states a vital fact. Each source of
questions weighs the same; nothing of it may have trained the reader or be reported as a test.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.lessons import OWN, TRAINING, is_held_out
from eval.places import Place, states
from eval.questions import FRESH, QUESTIONS, Question, read_questions
from eval.selective import Auroc, once
from eval.sets import is_public_set, read_set, write_corpus, write_some
from ingest.build import build
from ingest.index import load_generation
from ingest.models import DEFAULT_ENCODER, ModelFiles, locate_model
from ingest.progress import track
from service.answers import Quotable, with_what_answers_beside
from service.ask import Models, as_read, load_models, search, weigh
from service.confidence import Signals, probability
from service.retrieval import Filters

# Not squad2, whose unanswerable questions are made to deceive a reader of one paragraph of an
# encyclopaedia: with it the confidence of what is asked here was too low.
PUBLIC = ("clapnq-dev",)
MOST = 400  # questions of one source
RISKS = (0.05, 0.1, 0.15, 0.2, 0.22, 0.25, 0.28, 0.3, 0.33)  # shares wrong among what is answered
# What a name that no paper has takes from the logit: then only the surest answer will do. Public
# sets cannot teach it: their questions without an answer name what their articles do.
STRANGER = -3.0
NEVER = 1.001  # a threshold that no confidence reaches
PENALTY = 1.0  # scikit-learn's C, on standardised signals


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question's signals, and whether what would be cited first states a vital fact."""

    source: str
    signals: Signals
    answerable: bool
    right: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    confidence: float
    answerable: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Questions, and the corpus that they are asked of."""

    name: str
    corpus: Path
    questions: Sequence[Question]


def sources(corpus: Path, datasets: Path, work: Path) -> list[Source]:
    """Return what it is fitted on: dev halves of our questions, and papers held out of training."""
    found = []
    for name, path in (("gold", QUESTIONS), ("fresh", FRESH)):
        dev = [one for one in read_questions(path) if one.split == "dev"]
        found.append(Source(name, corpus, dev))
    for name in OWN:
        questions = _held_out(read_questions(TRAINING / f"{name}.jsonl"))
        papers = work / "sets" / f"{name}-held-out"  # an index of all takes a quarter of an hour
        write_some(TRAINING / name, (paper for one in questions for paper in one.within), papers)
        found.append(Source(name, papers, questions))
    for name in PUBLIC:
        if is_public_set(datasets / name):
            write_corpus(datasets / name, work / "sets" / name)
            questions = read_set(datasets / name, within=True)
            found.append(Source(name, work / "sets" / name, _held_out(questions)))
    return found


def _held_out(questions: Iterable[Question]) -> list[Question]:
    """Up to MOST questions on papers that trained nothing, drawn by a hash: first one of each."""
    held_out = [one for one in questions if is_held_out(one.within[0])]
    order = sorted(held_out, key=lambda one: hashlib.sha256(one.id.encode()).digest())
    first = {one.within[0]: one.id for one in reversed(order)}
    return sorted(order, key=lambda one: one.id != first[one.within[0]])[:MOST]


def label(source: Source, models: Models, files: ModelFiles, work: Path) -> list[Labelled]:
    """Ask a source's questions, and return what is known of each that found something to cite."""
    index = work / "lessons" / source.corpus.name
    build(source.corpus, index, files, lambda texts: track(texts, f"embedding {source.name}"))
    generation = load_generation(index, files)
    found = []
    for question in track(source.questions, f"asking {source.name}"):
        read, _ = as_read(generation, models, question.question)
        passages = search(generation, models, read, Filters(question.within))
        weighed = weigh(generation, models, read, passages)
        if weighed.signals is not None:
            (first,) = with_what_answers_beside(
                generation, weighed.quotables[:1], weighed.quotables
            )
            right = _is_right(question, first)
            found.append(Labelled(source.name, weighed.signals, question.answerable, right))
    return found


def _is_right(question: Question, first: Quotable) -> bool:
    place = Place(first.passage.document_id, first.span.start, first.span.end)
    return any(states(place, fact) for fact in question.vital)


def fit(labelled: Sequence[Labelled]) -> tuple[float, dict[str, float]]:
    """Return the intercept and the weight of each signal, in the signals' own units.

    Questions that name a stranger are left out: that weight is set, not fitted.
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    labelled = [one for one in labelled if not one.signals.names_a_stranger]
    names = [name for name in asdict(labelled[0].signals) if name != "names_a_stranger"]
    values = np.array([[asdict(one.signals)[name] for name in names] for one in labelled])
    right = np.array([one.right for one in labelled])
    sizes = Counter(one.source for one in labelled)
    weights = np.array([len(labelled) / len(sizes) / sizes[one.source] for one in labelled])
    centre, spread = values.mean(0), values.std(0) + 1e-9
    model = LogisticRegression(C=PENALTY, max_iter=1000)
    model.fit((values - centre) / spread, right, sample_weight=weights)
    slopes = model.coef_[0] / spread
    intercept = float(model.intercept_[0] - slopes @ centre)
    fitted = {name: float(slope) for name, slope in zip(names, slopes, strict=True)}
    return intercept, {**fitted, "names_a_stranger": STRANGER}


def thresholds(confidences: Sequence[float], labelled: Sequence[Labelled]) -> dict[str, float]:
    """Return for each risk the least confidence from which no more than that share is wrong.

    Each source weighs the same, as in `fit`. NEVER where no confidence is high enough.
    """
    order = np.argsort(-np.array(confidences), kind="stable")
    sizes = Counter(one.source for one in labelled)
    weights = np.array([1 / sizes[labelled[place].source] for place in order])
    right = np.array([labelled[place].right for place in order])
    share = np.cumsum(weights * ~right) / np.cumsum(weights)
    said = np.array(confidences)[order]
    last_of_its_kind = np.append(said[1:] < said[:-1], True)
    found = {}
    for risk in RISKS:
        fitting = np.flatnonzero((share <= risk + 1e-9) & last_of_its_kind)
        found[f"{risk:.2f}"] = float(said[fitting[-1]]) if len(fitting) else NEVER
    return found


def calibrate(corpus: Path, datasets: Path, work: Path) -> tuple[dict[str, Any], str]:
    """Return what service/calibration.json holds, and in words what it gives on each source."""
    files = locate_model(DEFAULT_ENCODER)
    models = load_models(files)
    labelled = [
        one
        for source in sources(corpus, datasets, work)
        for one in label(source, models, files, work)
    ]
    intercept, weights = fit(labelled)
    confidences = [probability(one.signals, intercept, weights) for one in labelled]
    least = thresholds(confidences, labelled)
    calibration = {
        "intercept": round(intercept, 4),
        "weights": {name: round(weight, 4) for name, weight in weights.items()},
        "least_confidence_for_risk": {risk: _rounded_up(at) for risk, at in least.items()},
        "fitted_on": dict(Counter(one.source for one in labelled)),
        "models": {
            "reranker": models.reranker.files.sha256,
            "reader": models.reader.files.sha256,
        },
    }
    return calibration, _by_source(labelled, confidences, least)


def _rounded_up(threshold: float) -> float:
    return math.ceil(round(1000 * threshold, 6)) / 1000


def _by_source(
    labelled: Sequence[Labelled], confidences: Sequence[float], least: Mapping[str, float]
) -> str:
    lines = [
        f"{'source':14} {'n':>5} {'right':>6} {'AUROC':>6}  false answers / abstentions at risk"
    ]
    for name in dict.fromkeys(one.source for one in labelled):
        own = [place for place, one in enumerate(labelled) if one.source == name]
        right = np.array([labelled[place].right for place in own])
        answerable = np.array([labelled[place].answerable for place in own])
        said = np.array([confidences[place] for place in own])
        rates = "  ".join(
            f"{risk}: {(said[~answerable] >= at).mean():.2f} / {(said[answerable] < at).mean():.2f}"
            for risk, at in least.items()
        )
        judged = [_Judged(*pair) for pair in zip(said, answerable, strict=True)]
        auroc = float(Auroc(judged)(once(len(judged)))[0])
        lines.append(f"{name:14} {len(own):5} {right.mean():6.3f} {auroc:6.3f}  {rates}")
    return "\n".join(lines)
