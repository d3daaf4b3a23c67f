"""A question to candidate passages: nearest in meaning and in words, fused, then reranked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.dates import Interval, parse_published
from ingest.documents import Document
from ingest.encoder import Encoder
from ingest.index import Generation, search_vectors, search_words
from ingest.passages import Passage
from service.reranker import Reranker

CANDIDATES = 40  # from each list, before they are fused
RERANKED = 12  # 16 find one more plain question in a hundred and cost a third more time
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
    """A passage that was found: its place in each list from 1 (None: not in it), and its scores.

    `relevance` is the cross-encoder's logit once the passage was reranked.
    """

    passage: Passage
    dense_rank: int | None
    lexical_rank: int | None
    fused: float
    relevance: float = float("-inf")


def allowed_rows(generation: Generation, filters: Filters) -> NDArray[np.int64] | None:
    """Return the passages' rows that the filters leave, or None when they leave all."""
    if filters == Filters():
        return None
    ids = {name for name, document in generation.documents.items() if filters.allow(document)}
    rows = [row for row, passage in enumerate(generation.passages) if passage.document_id in ids]
    return np.array(rows, dtype=np.int64)


def retrieve(
    generation: Generation, encoder: Encoder, question: str, filters: Filters, k: int = RERANKED
) -> list[Retrieved]:
    """Return the k best passages of both lists by reciprocal rank, best first."""
    allowed = allowed_rows(generation, filters)
    vector = encoder.encode_question(question)
    dense = [row for row, _ in search_vectors(generation, vector, CANDIDATES, allowed)]
    lexical = [row for row, _ in search_words(generation, question, CANDIDATES, allowed)]
    return fuse(generation.passages, dense, lexical)[:k]


def fuse(
    passages: Sequence[Passage], dense: Sequence[int], lexical: Sequence[int]
) -> list[Retrieved]:
    """Join two ranked lists of rows: each adds 1 / (5 + rank) to a passage's score."""
    dense_ranks = {row: rank for rank, row in enumerate(dense, start=1)}
    lexical_ranks = {row: rank for rank, row in enumerate(lexical, start=1)}
    found = [
        (
            sum(
                1 / (RANK_CONSTANT + ranks[row])
                for ranks in (dense_ranks, lexical_ranks)
                if row in ranks
            ),
            row,
        )
        for row in dense_ranks.keys() | lexical_ranks.keys()
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return [
        Retrieved(passages[row], dense_ranks.get(row), lexical_ranks.get(row), score)
        for score, row in found
    ]


def rerank(
    generation: Generation, reranker: Reranker, question: str, found: Sequence[Retrieved]
) -> list[Retrieved]:
    """Order passages by how well each answers the question, read after its context line."""
    texts = [generation.in_context(one.passage, one.passage.reading) for one in found]
    scores = reranker.score(question, texts)
    scored = [replace(one, relevance=score) for one, score in zip(found, scores, strict=True)]
    return sorted(scored, key=lambda one: (-one.relevance, -one.fused))
