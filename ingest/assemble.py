"""From a folder of papers to a generation's files: documents → structure → passages → vectors."""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ingest.cache import embed_cached
from ingest.documents import CorpusError, Document, read_corpus
from ingest.encoder import Encoder, SentenceEncoder, Vectors, unit
from ingest.generations import GENERATIONS, is_whole, put_in_place
from ingest.index import BM25, generation_id, write_generation
from ingest.models import LIBRARIES, ModelFiles
from ingest.passages import PASSAGE_LENGTH, Passage, in_context, split
from ingest.structure import Block, mask, read_structure, reading_form

CACHE = "vectors.sqlite3"
Track = Callable[[Sequence[str]], Iterable[str]]


def assemble(
    corpus: Path,
    index: Path,
    model: ModelFiles,
    track: Track,
) -> tuple[str, int]:
    """Write the generation of a corpus beside the others; publish nothing.

    Returns its id, and how many passages had to be embedded. One that is there and whole is
    left as it is, and no model is loaded.
    """
    documents = read_corpus(corpus)
    blocks = {document.id: read_structure(document.text) for document in documents}
    by_id = {document.id: document for document in documents}
    passages = [p for document in documents for p in split(document, blocks[document.id])]
    if not passages:
        raise CorpusError(f"the papers in {corpus} hold no sentence that could be quoted")
    readings = [passage.reading for passage in passages]
    masked = {name: mask(by_id[name].text, found) for name, found in blocks.items()}
    sentences = [
        reading_form(masked[p.document_id], span) for p in passages for span in p.sentences
    ]
    placed = [
        in_context(by_id[passage.document_id], passage, passage.reading) for passage in passages
    ]
    settings = {
        "passage_length": PASSAGE_LENGTH,
        "vector": "mean of with and without context; sentences without",
        "bm25": BM25,
        **{name: version(name) for name in LIBRARIES},
    }
    identity = generation_id(documents, blocks, passages, placed, model, settings)
    if is_whole(index, identity):
        return identity, 0

    encoder = SentenceEncoder(model)
    vectors, alone, embedded = _embed(index / CACHE, encoder, placed, readings, sentences, track)
    put_beside_others(
        index, identity, documents, blocks, passages, vectors, alone, placed, model, settings
    )
    return identity, embedded


def put_beside_others(
    index: Path,
    identity: str,
    documents: Sequence[Document],
    blocks: Mapping[str, tuple[Block, ...]],
    passages: Sequence[Passage],
    vectors: Vectors,
    sentence_vectors: Vectors,
    lexical_texts: Sequence[str],
    model: ModelFiles,
    settings: Mapping[str, Any],
) -> None:
    """Write a generation aside, and move it whole to its place; no pointer names it yet."""
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
            sentence_vectors,
            lexical_texts,
            model,
            settings,
        )
        (index / GENERATIONS).mkdir(exist_ok=True)
        put_in_place(index, written, identity)


def _embed(
    cache: Path,
    encoder: Encoder,
    placed: Sequence[str],
    readings: Sequence[str],
    sentences: Sequence[str],
    track: Track,
) -> tuple[Vectors, Vectors, int]:
    """Return unit vectors of passages and of sentences, and how many passages were computed.

    A passage's, (passages, dimensions), is the middle between it read after its context line and
    read alone: with the line alone a title's words decide, without it a passage does not know what
    it is about. A sentence's, (sentences, dimensions), is of what it says alone.
    """
    model, dimensions, encode = encoder.files.sha256, encoder.dimensions, encoder.encode_passage
    in_place, computed = embed_cached(cache, model, dimensions, placed, encode, track)
    rest = [*readings, *sentences]
    alone, _ = embed_cached(cache, model, dimensions, rest, encode, track)
    return unit(in_place + alone[: len(readings)]), alone[len(readings) :], computed
