"""One question through the whole path: retrieve → rerank → score sentences → cite."""

import math
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.encoder import Encoder, SentenceEncoder
from ingest.index import Generation
from ingest.models import ModelFiles
from ingest.sentences import Span, split_sentences
from service.answers import (
    Answer,
    Composed,
    IndexInfo,
    Note,
    Quotable,
    compose,
    is_statement,
)
from service.names import unmentioned
from service.reranker import Reranker
from service.retrieval import Filters, Retrieved, rerank, retrieve
from service.spelling import misspelt, repaired

READ_CLOSELY = 4  # passages whose sentences are scored one by one
FAR_BEHIND = 5.0  # logits below the best passage, from which that is not worth the time
OF_ANOTHER = -2.5  # the most support, a logit, when the question names what no paper mentions
LONG_QUESTION = 40  # words; a longer one tells a story before it asks


@dataclass(frozen=True, slots=True)
class Models:
    """The two models that a question passes through."""

    encoder: Encoder
    reranker: Reranker


def load_models(encoder: ModelFiles) -> Models:
    """Load both models, and let each answer once so that the first question need not wait."""
    models = Models(SentenceEncoder(encoder), Reranker())
    models.encoder.encode_question("warm")
    models.reranker.score("warm", ["warm"])
    return models


def ask(
    generation: Generation, models: Models, question: str, limit: int, filters: Filters
) -> Answer:
    """Answer one question from one generation, with up to `limit` citations."""
    return ask_and_rank(generation, models, question, limit, filters)[0]


def ask_and_rank(
    generation: Generation, models: Models, question: str, limit: int, filters: Filters
) -> tuple[Answer, list[Retrieved]]:
    """Return an answer, and the passages it was made from, best first."""
    began = time.perf_counter()
    repairs = misspelt(question, generation.vocabulary, models.reranker.knows)
    read = repaired(question, repairs)
    ranked = search(generation, models, read, filters)
    composed = composed_from(generation, models.reranker, read, ranked, limit)
    notes = tuple(Note("spelling", f"“{r.written}” was read as “{r.read}”.") for r in repairs)
    composed = replace(composed, notes=composed.notes + notes)
    return to_answer(generation, question, composed, began), ranked


def search(
    generation: Generation, models: Models, question: str, filters: Filters
) -> list[Retrieved]:
    """Return the passages that may answer, the most relevant first; none for a mere sign."""
    if not any(character.isalnum() for character in question):
        return []
    found = retrieve(generation, models.encoder, question, filters)
    return rerank(generation, models.reranker, what_is_asked(question), found)


def composed_from(
    generation: Generation,
    reranker: Reranker,
    question: str,
    ranked: Sequence[Retrieved],
    limit: int,
) -> Composed:
    """Cite from ranked passages what answers, or nothing."""
    asked = what_is_asked(question)
    quotables = read_closely(generation, reranker, asked, ranked)
    support = support_for(reranker, asked, quotables)
    texts = [document.text for document in generation.documents.values()]
    missing = unmentioned(asked, generation.vocabulary, texts)
    if missing:
        support = min(support, OF_ANOTHER)
    passages = [one.passage for one in ranked]
    composed = compose(generation, quotables, passages, support, limit)
    notes = tuple(Note("unmentioned", f"No paper mentions “{name}”.") for name in missing)
    return replace(composed, notes=composed.notes + notes)


def to_answer(generation: Generation, question: str, composed: Composed, began: float) -> Answer:
    """Return the whole response that a composed answer makes; `began` is a time.perf_counter()."""
    return Answer(
        id=uuid.uuid4().hex,
        question=question,
        status="answered" if composed.citations else "not_found",
        answer=composed.text,
        confidence=composed.confidence,
        citations=composed.citations,
        related=composed.related,
        notes=composed.notes,
        index=IndexInfo(
            generation.id, generation.built_at, len(generation.documents), len(generation.passages)
        ),
        took_ms=round(1000 * (time.perf_counter() - began)),
    )


def read_closely(
    generation: Generation, reranker: Reranker, asked: str, ranked: Sequence[Retrieved]
) -> list[Quotable]:
    """Score the sentences of the best passages one by one, after their context line; best first."""
    best = [
        one for one in ranked[:READ_CLOSELY] if one.relevance > ranked[0].relevance - FAR_BEHIND
    ]
    sentences = [
        (one, span, reading)
        for one in best
        for span in one.passage.sentences
        if is_statement(reading := generation.reading(one.passage.document_id, span))
    ]
    scores = _score_sentences(generation, reranker, asked, sentences)
    quotables = [
        Quotable(one.passage, span, reading, one.relevance + score, one.relevance)
        for (one, span, reading), score in zip(sentences, scores, strict=True)
    ]
    return sorted(quotables, key=lambda quotable: -quotable.relevance)


def _score_sentences(
    generation: Generation,
    reranker: Reranker,
    asked: str,
    sentences: Sequence[tuple[Retrieved, Span, str]],
) -> list[float]:
    """One logit a sentence. A sentence that is its whole passage was scored with that."""
    unread = [
        generation.in_context(one.passage, reading)
        for one, _, reading in sentences
        if reading != one.passage.reading
    ]
    scores = iter(reranker.score(asked, unread))
    return [
        one.relevance if reading == one.passage.reading else next(scores)
        for one, _, reading in sentences
    ]


def support_for(reranker: Reranker, asked: str, quotables: Sequence[Quotable]) -> float:
    """Return how much the best sentence's passage answers the question, as a logit.

    A question that names its subject needs the passage after its context line. Where that is
    against it (below 0), the passage alone is tried too, which a bare question needs ("why was
    publication delayed?"), and the better of the two counts.
    """
    if not quotables:
        return -math.inf
    best = quotables[0]
    if best.passage_relevance >= 0:
        return best.passage_relevance
    (alone,) = reranker.score(asked, [best.passage.reading])
    return max(best.passage_relevance, alone)


def what_is_asked(question: str) -> str:
    """Return the asking part of a long question, else all of it.

    A cross-encoder that is given a story of circumstances ranks passages about the story.
    """
    if len(question.split()) <= LONG_QUESTION:
        return question
    sentences = [
        question[span.start : span.end] for span in split_sentences(question, 0, len(question))
    ]
    asking = [sentence for sentence in sentences if sentence.endswith("?")]
    return (asking or sentences)[-1]
