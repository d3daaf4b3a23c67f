"""What is measured: the whole system, and plainer ones made of its own parts.

The plainer ones cite whole passages, as a service without the reading of sentences does, and
answer whenever they find something. Their confidence is the score they rank by.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.places import Place, cited_place, context_place
from ingest.index import Generation, search_vectors, search_words
from ingest.passages import Passage
from ingest.sentences import Span
from service.answers import NOT_FOUND, Answer, Composed, cite, with_what_answers_beside
from service.ask import MOST_CITED, Models, ask_and_weigh, to_answer
from service.retrieval import CANDIDATES, RANK_CONSTANT, Filters, allowed_rows, retrieve

FIRST_CHARACTERS = 500  # that the floor cites: as long as a passage


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a system made of a question: its answer, and the passages it found, best first.

    `first` is what it cites first or, where it abstained, would have cited; None for nothing.
    """

    answer: Answer
    first: Place | None
    found: tuple[Place, ...]


System = Callable[[Generation, Models, str, int | None, Filters], Attempt]


def full(
    generation: Generation, models: Models, question: str, limit: int | None, filters: Filters
) -> Attempt:
    """The system that is served."""
    answer, weighed = ask_and_weigh(generation, models, question, limit, filters)
    would_cite = [
        Place(one.passage.document_id, one.span.start, one.span.end)
        for one in with_what_answers_beside(generation, weighed.quotables[:1], weighed.quotables)
    ]
    first = [cited_place(one) for one in answer.citations] + would_cite
    return Attempt(answer, next(iter(first), None), shown_first(answer, weighed.passages))


def fused(
    generation: Generation, models: Models, question: str, limit: int | None, filters: Filters
) -> Attempt:
    """All searches fused, without the reranker. Its confidence is of the greatest there can be."""
    began = time.perf_counter()
    found = retrieve(generation, models.encoder, question, filters)
    scored = [(one.passage, one.fused) for one in found]
    most = 3 / (RANK_CONSTANT + 1)  # first in all lists
    return _cite_passages(generation, question, scored, most, limit, began)


def dense(
    generation: Generation, models: Models, question: str, limit: int | None, filters: Filters
) -> Attempt:
    """Vectors alone, as tutorials build it. Its confidence is the best cosine."""
    began = time.perf_counter()
    vector = models.encoder.encode_question(question)
    found = search_vectors(generation, vector, CANDIDATES, allowed_rows(generation, filters))
    scored = [(generation.passages[row], score) for row, score in found]
    return _cite_passages(generation, question, scored, 1.0, limit, began)


def bm25(
    generation: Generation,
    models: Models,  # noqa: ARG001 - a System takes them
    question: str,
    limit: int | None,
    filters: Filters,
) -> Attempt:
    """Words alone. Its confidence is score / (score + 10), which keeps the order."""
    began = time.perf_counter()
    found = search_words(generation, question, CANDIDATES, allowed_rows(generation, filters))
    scored = [(generation.passages[row], score / (score + 10)) for row, score in found]
    return _cite_passages(generation, question, scored, 1.0, limit, began)


def first_characters(
    generation: Generation, models: Models, question: str, limit: int | None, filters: Filters
) -> Attempt:
    """The floor: the first 500 characters of the document whose passage is nearest in meaning."""
    began = time.perf_counter()
    found = dense(generation, models, question, limit, filters).found
    if not found:
        return _cite_passages(generation, question, [], 1.0, limit, began)
    text = generation.documents[found[0].document_id].text
    whole = Span(0, min(FIRST_CHARACTERS, len(text)))
    beginning = Passage(
        found[0].document_id, whole.start, whole.end, None, None, None, (whole,), text[: whole.end]
    )
    return _cite_passages(generation, question, [(beginning, 1.0)], 1.0, limit, began)


SYSTEMS: dict[str, System] = {
    "full": full,
    "fused": fused,
    "bm25": bm25,
    "dense": dense,
    "first-500": first_characters,
}


def shown_first(answer: Answer, passages: Sequence[Passage] = ()) -> tuple[Place, ...]:
    """Return the passages an answer shows, in its order, then the others, each once.

    Those around the citations come first, then the related ones, then the rest of `passages`. A
    context that begins before its passage, for a sentence that leans on the one before, is that
    passage all the same: they end at the same place.
    """
    shown = [context_place(one) for one in answer.citations + answer.related]
    others = [Place(one.document_id, one.start, one.end) for one in passages]
    by_end: dict[tuple[str, int], Place] = {}
    for one in shown + others:
        by_end.setdefault((one.document_id, one.end), one)
    return tuple(by_end.values())


def _cite_passages(
    generation: Generation,
    question: str,
    scored: Sequence[tuple[Passage, float]],
    most: float,
    limit: int | None,
    began: float,
) -> Attempt:
    """Cite the best `limit` passages whole, without one MOST_CITED.

    `most` is the score that is certainty.
    """
    citations, text = [], ""
    for passage, _ in scored[: limit or MOST_CITED]:
        start = len(text) + 2 if text else 0
        text = f"{text}\n\n{passage.reading}" if text else passage.reading
        span = Span(passage.start, passage.end)
        citations.append(cite(generation, passage, span, (start, len(text))))
    confidence = round(min(max(scored[0][1] / most, 0.0), 1.0), 4) if scored else 0.0
    composed = Composed(text or NOT_FOUND, confidence, tuple(citations), (), ())
    answer = to_answer(generation, question, composed, began)
    found = shown_first(answer, [passage for passage, _ in scored])
    return Attempt(answer, next(iter(found), None), found)
