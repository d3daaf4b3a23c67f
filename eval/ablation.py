"""The whole system with one part of it off: what the part is worth, and what it takes.

Nothing is fitted again: the confidence stays that of the whole. So a part that the confidence
rests on shows best in what comes first whether it is sure or not.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from eval.questions import Question
from eval.run import Target
from eval.score import Scores
from ingest.index import Generation
from service import answers, ask, clerk, retrieval
from service.gist import what_is_asked
from service.pairs import PairModel
from service.reader import Reader

TIMED = 7  # every seventh question is asked again to see what a part takes

# What stands in for a part: where it is looked up, its name there, and what does nothing instead.
PARTS: Mapping[str, tuple[Any, str, Callable[..., Any]]] = {
    "questions moved towards answers": (retrieval, "adapted", lambda vector, _: (vector, vector)),
    "passages by meaning": (retrieval, "search_vectors", lambda *_: []),
    "sentences by meaning": (retrieval, "search_sentences", lambda *_: []),
    "words (BM25)": (retrieval, "search_words", lambda *_: []),
    "the reader": (Reader, "read", lambda _, __, pages: [[0.0] * len(p.sentences) for p in pages]),
    "the cross-encoder": (ask, "rerank", lambda *given: [0.0] * len(given[-1])),
    "title and date before a passage": (Generation, "in_context", lambda *given: given[-1]),
    "misspelt words": (ask, "misspelt", lambda *_: []),
    "what a message asks": (ask, "what_is_asked", lambda question: question),
    "circumstances before a question": (ask, "with_circumstances", what_is_asked),
    "names that no paper has": (ask, "unmentioned", lambda *_: []),
    "words that nobody knows": (ask, "unheard_of", lambda *_: []),
    "questions without a subject": (ask, "names_nothing", lambda _: False),
    "the newest first for now": (clerk, "newest_first", lambda *given: _by_relevance(given[-1])),
    "one year's citations": (clerk, "of_the_year_asked", lambda *given: list(given[-1])),
    "a sentence a year": (clerk, "over_time", lambda *_: []),
    "two dates that differ": (clerk, "that_differs", lambda *_: None),
    "the sentence leant on": (answers, "with_what_they_lean_on", lambda *given: list(given[-1])),
    "what answers beside it": (answers, "_answering_beside", lambda *given: [given[1]]),
    "sentences nearly as good": (ask, "choose", lambda _, ordered, __: list(ordered[:1])),
}


def _by_relevance(quotables: Sequence[answers.Quotable]) -> list[answers.Quotable]:
    return sorted(quotables, key=lambda one: -one.relevance)


@contextmanager
def without(part: str | None) -> Iterator[None]:
    """Turn one of the PARTS off; None leaves all on."""
    with ExitStack() as undone:
        if part is not None:
            undone.enter_context(_replaced(*PARTS[part]))
        yield


@contextmanager
def remembering_pairs() -> Iterator[None]:
    """Let the models read each pair once: most parts leave what the others see as it is."""
    read = PairModel._read_pair
    known: dict[tuple[PairModel, str, str], Any] = {}

    def remembered(model: PairModel, question: str, text: str) -> Any:
        key = (model, question, text)
        if key not in known:
            known[key] = read(model, question, text)
        return known[key]

    with _replaced(PairModel, "_read_pair", remembered):
        yield


@contextmanager
def _replaced(place: Any, name: str, stand_in: Any) -> Iterator[None]:
    before = getattr(place, name)
    setattr(place, name, stand_in)
    try:
        yield
    finally:
        setattr(place, name, before)


def milliseconds(target: Target, questions: Sequence[Question]) -> dict[str | None, float]:
    """Return the median time of an answer with all parts (None), and without each.

    Every TIMED-th question is asked of all of them in turn, so that a slow minute tells of none.
    """
    taken: dict[str | None, list[float]] = {part: [] for part in (None, *PARTS)}
    for question in questions[::TIMED]:
        for part, times in taken.items():
            with without(part):
                began = time.perf_counter()
                target.ask(question)
                times.append(1000 * (time.perf_counter() - began))
    return {part: statistics.median(times) for part, times in taken.items()}


def first_right(scores: Scores) -> float:
    """Return the share of answerable questions whose first sentence answers, sure of it or not."""
    return statistics.fmean(bool(one.right) for one in scores.scored if one.answerable)
