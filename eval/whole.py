"""Whole documents as passages, title and text: what published figures of retrieval measure.

Our own passages are smaller and know their context, so they cannot be held against the literature.
With this index the same searches can: a stack that misses the published figures has a fault.
"""

from pathlib import Path

from ingest.assemble import CACHE, Track, put_beside_others
from ingest.cache import embed_cached
from ingest.documents import read_corpus
from ingest.encoder import SentenceEncoder
from ingest.generations import is_whole, point_to
from ingest.index import generation_id
from ingest.models import ModelFiles
from ingest.passages import Passage
from ingest.sentences import Span


def build_whole(
    corpus: Path,
    index: Path,
    model: ModelFiles,
    track: Track,
) -> None:
    """Build and publish an index of a corpus in which each document is one passage."""
    documents = read_corpus(corpus)
    passages = [
        Passage(
            one.id,
            0,
            len(one.text),
            None,
            None,
            None,
            (Span(0, len(one.text)),),
            f"{one.title} {one.text}",
        )
        for one in documents
    ]
    readings = [passage.reading for passage in passages]
    blocks = {document.id: () for document in documents}
    settings = {"passages": "whole documents", "vector": "title and text"}
    identity = generation_id(documents, blocks, passages, readings, model, settings)
    index.mkdir(parents=True, exist_ok=True)
    if not is_whole(index, identity):
        encoder = SentenceEncoder(model)
        vectors, _ = embed_cached(
            index / CACHE,
            model.sha256,
            encoder.dimensions,
            readings,
            encoder.encode_passage,
            track,
        )
        none = vectors[:0]  # of sentences
        put_beside_others(
            index, identity, documents, blocks, passages, vectors, none, readings, model, settings
        )
    point_to(index, identity, sources="")
