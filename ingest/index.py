"""The index in memory: vectors and words of the passages, searched exactly."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document
from ingest.encoder import Vectors
from ingest.generations import (
    FORMAT,
    GENERATIONS,
    MANIFEST,
    IndexRefused,
    Pointer,
    read_pointer,
    verify_generation,
)
from ingest.models import ModelFiles, file_sha256
from ingest.passages import Passage, in_context
from ingest.sentences import Span
from ingest.speakers import continued_speech
from ingest.structure import Block, mask, reading_form, sections
from ingest.words import Vocabulary, vocabulary_of, words

BM25 = {"method": "lucene", "k1": 1.2, "b": 0.75}

faiss.omp_set_num_threads(1)  # exact search of a council's papers takes under a millisecond


@dataclass(frozen=True, slots=True)
class Generation:
    """One whole index in memory. Rows of `vectors` and of `lexicon` are places in `passages`.

    `sentence_vectors` has a row for each sentence of each passage; `passage_of_sentence` says which
    passage that is. Both are empty where sentences were not embedded.
    `masked` are the documents' texts with furniture and displaced numbers blanked out; `speakers`
    says whose words the sentence beginning at an offset are, where an earlier one names them.
    `vocabulary` is of passages, titles and publishers.
    """

    id: str
    built_at: str
    encoder: ModelFiles
    documents: Mapping[str, Document]
    blocks: Mapping[str, tuple[Block, ...]]
    passages: tuple[Passage, ...]
    vectors: faiss.Index
    sentence_vectors: faiss.Index
    passage_of_sentence: NDArray[np.int64]
    lexicon: bm25s.BM25
    masked: Mapping[str, str]
    speakers: Mapping[str, Mapping[int, str]]
    vocabulary: Vocabulary

    def reading(self, document_id: str, span: Span) -> str:
        """Return a span of a document as it reads."""
        return reading_form(self.masked[document_id], span)

    def in_context(self, passage: Passage, text: str) -> str:
        """Return a passage's text, or a sentence of it, as the models read it."""
        return in_context(self.documents[passage.document_id], passage, text)


# --- search -------------------------------------------------------------------------------------


def search_vectors(
    generation: Generation, vector: Vectors, k: int, allowed: NDArray[np.int64] | None = None
) -> list[tuple[int, float]]:
    """Return up to k (row, cosine) of the passages nearest to a unit vector, best first.

    `allowed` are the rows to search among, all when None. Exact: the same as a full product.
    """
    return _ordered(*_nearest(generation.vectors, vector, k, allowed))


def search_sentences(
    generation: Generation, vector: Vectors, k: int, allowed: NDArray[np.int64] | None = None
) -> list[tuple[int, float]]:
    """Return up to k (row, cosine) of the passages that hold the sentences nearest to a vector.

    `row` and `allowed` are those of passages; a passage stands where its nearest sentence does.
    Only the 4 k nearest sentences are looked at.
    """
    owners = generation.passage_of_sentence
    among = None if allowed is None else np.flatnonzero(np.isin(owners, allowed))
    found: dict[int, float] = {}
    for sentence, score in _ordered(*_nearest(generation.sentence_vectors, vector, 4 * k, among)):
        found.setdefault(int(owners[sentence]), score)
    return list(found.items())[: max(k, 0)]


def _nearest(
    vectors: faiss.Index, vector: Vectors, k: int, allowed: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The rows of up to k vectors nearest to a unit vector, and their cosines."""
    available = vectors.ntotal if allowed is None else len(allowed)
    k = min(k, available)  # FAISS pads with -1 when asked for more than there are
    if k < 1:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    only = None if allowed is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))  # type: ignore[call-arg]
    scores, rows = vectors.search(vector.reshape(1, -1), k, params=only)
    return rows[0], scores[0]


def search_words(
    generation: Generation, question: str, k: int, allowed: NDArray[np.int64] | None = None
) -> list[tuple[int, float]]:
    """Return up to k (row, BM25 score) of the passages that share a word with the question."""
    tokens = [word for word in words(question) if word in generation.lexicon.vocab_dict]
    if not tokens:
        return []
    scores = generation.lexicon.get_scores(tokens)
    rows = np.arange(len(scores)) if allowed is None else allowed
    rows = rows[scores[rows] > 0]
    best = rows[np.argsort(-scores[rows], kind="stable")[: max(k, 0)]]
    return _ordered(best, scores[best])


def _ordered(rows: NDArray[Any], scores: NDArray[Any]) -> list[tuple[int, float]]:
    """Best score first and, where scores are equal, in the order of the papers."""
    pairs = [(int(row), float(score)) for row, score in zip(rows, scores, strict=True)]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


# --- write and publish --------------------------------------------------------------------------


def generation_id(
    documents: Sequence[Document],
    blocks: Mapping[str, Sequence[Block]],
    passages: Sequence[Passage],
    lexical_texts: Sequence[str],
    encoder: ModelFiles,
    settings: Mapping[str, Any],
) -> str:
    """Return the name of what is built from these, 16 hexadecimal digits: equal for equal."""
    inputs = {
        "format": FORMAT,
        "documents": [asdict(document) for document in documents],
        "blocks": {name: [asdict(block) for block in found] for name, found in blocks.items()},
        "passages": [asdict(passage) for passage in passages],
        "words": [[text, words(text)] for text in lexical_texts],
        "encoder": encoder.sha256,
        "settings": dict(settings),
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]


def write_generation(
    folder: Path,
    identity: str,
    built_at: str,
    documents: Sequence[Document],
    blocks: Mapping[str, tuple[Block, ...]],
    passages: Sequence[Passage],
    vectors: Vectors,
    sentence_vectors: Vectors,
    lexical_texts: Sequence[str],
    encoder: ModelFiles,
    settings: Mapping[str, Any],
) -> None:
    """Write a whole generation into an empty folder, manifest last.

    `vectors` are unit rows, (passages, dimensions), `sentence_vectors` those of all sentences of
    all passages, or of none; `lexical_texts` is what BM25 reads of each passage.
    """
    for name, rows in (("vectors.faiss", vectors), ("sentences.faiss", sentence_vectors)):
        vector_index = faiss.IndexFlatIP(rows.shape[1])
        vector_index.add(rows)
        faiss.write_index(vector_index, str(folder / name))
    lexicon = bm25s.BM25(**BM25)
    lexicon.index([words(text) or [""] for text in lexical_texts], show_progress=False)
    lexicon.save(folder / "lexical")
    _write_lines(
        folder / "documents.jsonl",
        (
            {**asdict(document), "blocks": [asdict(b) for b in blocks[document.id]]}
            for document in documents
        ),
    )
    _write_lines(folder / "passages.jsonl", map(asdict, passages))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        "generation": identity,
        "built_at": built_at,
        "encoder": {"name": encoder.name, "sha256": encoder.sha256, "dimensions": vectors.shape[1]},
        "settings": dict(settings),
        "documents": len(documents),
        "sections": sum(len(sections(blocks[document.id])) for document in documents),
        "passages": len(passages),
        "files": {
            path.relative_to(folder).as_posix(): {
                "bytes": path.stat().st_size,
                "sha256": file_sha256(path),
            }
            for path in files
        },
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


# --- verify and load ----------------------------------------------------------------------------


def load_generation(index: Path, encoder: ModelFiles, pointer: Pointer | None = None) -> Generation:
    """Verify and load a generation for a service that asks with this encoder.

    That is the served one, or the one that `pointer` names. Raises IndexRefused when the index is
    missing or damaged, or was built with another model.
    """
    pointer = pointer or read_pointer(index)
    manifest = verify_generation(index, pointer)
    built_with = manifest["encoder"]
    if built_with["sha256"] != encoder.sha256:
        raise IndexRefused(
            f"the index in {index} was built with the encoder {built_with['name']} "
            f"({built_with['sha256'][:12]}…), the service asks with {encoder.name} "
            f"({encoder.sha256[:12]}…): pass the same --encoder to both, or build it again with "
            f"`python -m ingest --index {index} --encoder {encoder.name}`"
        )
    folder = index / GENERATIONS / pointer.generation
    records = list(_read_lines(folder / "documents.jsonl"))
    blocks = {record["id"]: tuple(map(_block, record.pop("blocks"))) for record in records}
    documents = {record["id"]: Document(**record) for record in records}
    masked = {name: mask(documents[name].text, found) for name, found in blocks.items()}
    passages = tuple(map(_passage, _read_lines(folder / "passages.jsonl")))
    sentences = faiss.read_index(str(folder / "sentences.faiss"))
    owners = np.repeat(np.arange(len(passages)), [len(one.sentences) for one in passages])
    return Generation(
        id=pointer.generation,
        built_at=manifest["built_at"],
        encoder=encoder,
        documents=documents,
        blocks=blocks,
        passages=passages,
        vectors=faiss.read_index(str(folder / "vectors.faiss")),
        sentence_vectors=sentences,
        passage_of_sentence=owners[: sentences.ntotal],
        lexicon=bm25s.BM25.load(folder / "lexical"),
        masked=masked,
        speakers={name: continued_speech(masked[name], found) for name, found in blocks.items()},
        vocabulary=vocabulary_of(
            (f"{document.title} {document.publisher or ''}" for document in documents.values()),
            [
                reading_form(masked[one.document_id], span)
                for one in passages
                for span in one.sentences
            ],
        ),
    )


def _read_lines(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from map(json.loads, file)


def _spans(records: Iterable[Mapping[str, int]]) -> tuple[Span, ...]:
    return tuple(Span(**record) for record in records)


def _block(record: dict[str, Any]) -> Block:
    record["span"] = Span(**record["span"])
    return Block(
        **{**record, "sentences": _spans(record["sentences"]), "omitted": _spans(record["omitted"])}
    )


def _passage(record: dict[str, Any]) -> Passage:
    return Passage(**{**record, "sentences": _spans(record["sentences"])})
