"""Whole documents as passages, title and text: what published figures of retrieval measure.

Our own passages are smaller and know their context, so they cannot be held against the literature.
With this index the same searches can: a stack that misses the published figures has a fault.
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ingest.cache import embed_cached
from ingest.documents import read_corpus
from ingest.encoder import SentenceEncoder
from ingest.generations import GENERATIONS, is_whole, point_to, put_in_place
from ingest.index import generation_id, write_generation
from ingest.models import ModelFiles
from ingest.passages import Passage
from ingest.sentences import Span


def build_whole(
    corpus: Path,
    index: Path,
    model: ModelFiles,
    track: Callable[[Sequence[str]], Iterable[str]],
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
    (index / GENERATIONS).mkdir(parents=True, exist_ok=True)
    if not is_whole(index, identity):
        encoder = SentenceEncoder(model)
        vectors, _ = embed_cached(
            index / "vectors.sqlite3",
            model.sha256,
            encoder.dimensions,
            readings,
            encoder.encode_passage,
            track,
        )
        with tempfile.TemporaryDirectory(dir=index, prefix=".building-") as aside:
            written = Path(aside) / identity
            written.mkdir()
            built_at = datetime.now(UTC).isoformat(timespec="seconds")
            write_generation(
                written,
                identity,
                built_at,
                documents,
                blocks,
                passages,
                vectors,
                readings,
                model,
                settings,
            )
            put_in_place(index, written, identity)
    point_to(index, identity, sources="")
