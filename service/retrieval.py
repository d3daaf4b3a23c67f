"""A question to candidate passages: by meaning, by one sentence's meaning, by words; fused."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.dates import Interval, parse_published
from ingest.documents import Document
from ingest.encoder import Encoder
from ingest.index import Generation, search_sentences, search_vectors, search_words
from ingest.passages import Passage
from service.adapter import adapted
from service.reranker import Reranker

CANDIDATES = 40  # from each list, before they are fused
FOUND = 20  # passages that are read; 16 find less, 24 no more and cost a tenth more time
# Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009) with 5 in place of their 60: on lists
# this short, 60 lets two middling places outweigh a first one. Recall at 12 rose on every split.
RANK_CONSTANT = 5


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents may be searched; an empty tuple and None leave all in.

    A document of unknown date is left out as soon as a date is asked for.
    """

    document_ids: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    published: Interval | None = None

    def allow(self, document: Document) -> bool:
        """True when the document passes every filter. Publishers compare without case."""
        if self.document_ids and document.id not in self.document_ids:
            return False
        if self.publishers and (document.publisher or "").casefold() not in self.publishers:
            return False
        if self.published is None:
            return True
        if document.published is None:
            return False
        return self.published.overlaps(parse_published(document.published))


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was found; `fused` is what its places in the lists add up to."""

    passage: Passage
    fused: float


def allowed_rows(generation: Generation, filters: Filters) -> NDArray[np.int64] | None:
    """Return the passages' rows that the filters leave, or None when they leave all."""
    if filters == Filters():
        return None
    ids = {name for name, document in generation.documents.items() if filters.allow(document)}
    rows = [row for row, passage in enumerate(generation.passages) if passage.document_id in ids]
    return np.array(rows, dtype=np.int64)


def retrieve(
    generation: Generation, encoder: Encoder, question: str, filters: Filters, k: int = FOUND
) -> list[Retrieved]:
    """Return the k best passages of the three lists by reciprocal rank, best first."""
    allowed = allowed_rows(generation, filters)
    for_passages, for_sentences = adapted(encoder.encode_question(question), encoder.files)
    lists = (
        search_vectors(generation, for_passages, CANDIDATES, allowed),
        search_sentences(generation, for_sentences, CANDIDATES, allowed),
        search_words(generation, question, CANDIDATES, allowed),
    )
    return fuse(generation.passages, [[row for row, _ in found] for found in lists])[:k]


def fuse(passages: Sequence[Passage], ranked: Sequence[Sequence[int]]) -> list[Retrieved]:
    """Join ranked lists of rows: each adds 1 / (5 + rank) to a passage's score."""
    fused: dict[int, float] = {}
    for rows in ranked:
        for rank, row in enumerate(rows, start=1):
            fused[row] = fused.get(row, 0.0) + 1 / (RANK_CONSTANT + rank)
    order = sorted(fused, key=lambda row: (-fused[row], row))
    return [Retrieved(passages[row], fused[row]) for row in order]


def rerank(
    generation: Generation, reranker: Reranker, question: str, passages: Sequence[Passage]
) -> list[float]:
    """Return the cross-encoder's logit of each passage, read after its context line."""
    return reranker.score(question, [generation.in_context(one, one.reading) for one in passages])
