"""Search is exact, and an index that disagrees with itself is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from ingest.encoder import unit
from ingest.generations import (
    GENERATIONS,
    MANIFEST,
    MANIFEST_DIGEST,
    POINTER,
    IndexRefused,
    point_to,
    read_pointer,
    verify_generation,
)
from ingest.index import Generation, load_generation, search_sentences, search_vectors, search_words
from ingest.models import ModelFiles, file_sha256
from service.ask import Models


def stored_vectors(generation: Generation) -> np.ndarray:
    return np.asarray(generation.vectors.reconstruct_n(0, generation.vectors.ntotal))


def test_search_equals_brute_force(generation: Generation) -> None:
    vectors = stored_vectors(generation)
    questions = unit(np.random.default_rng(7).normal(size=(50, vectors.shape[1])))
    for question in questions:
        scores = vectors @ question
        expected = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[:10]
        found = search_vectors(generation, question, 10)
        assert [row for row, _ in found] == expected
        assert np.allclose([score for _, score in found], scores[expected], atol=1e-6)


def test_search_within_some_rows_equals_brute_force_within_them(generation: Generation) -> None:
    vectors = stored_vectors(generation)
    random = np.random.default_rng(8)
    for _ in range(20):
        allowed = np.sort(random.choice(len(vectors), size=9, replace=False))
        question = unit(random.normal(size=vectors.shape[1]))
        scores = vectors @ question
        expected = sorted(allowed, key=lambda row: -scores[row])[:5]
        assert [row for row, _ in search_vectors(generation, question, 5, allowed)] == expected


def test_a_passage_stands_where_its_nearest_sentence_does(generation: Generation) -> None:
    every = generation.sentence_vectors
    vectors = np.asarray(every.reconstruct_n(0, every.ntotal))
    owners = [row for row, one in enumerate(generation.passages) for _ in one.sentences]
    assert len(vectors) == len(owners)
    random = np.random.default_rng(9)
    for allowed in (None, np.arange(10, 40)):
        question = unit(random.normal(size=vectors.shape[1]))
        best: dict[int, float] = {}
        for row, score in zip(owners, vectors @ question, strict=True):
            if allowed is None or row in allowed:
                best[row] = max(float(score), best.get(row, -1.0))
        expected = sorted(best, key=lambda row: -best[row])[:10]
        found = search_sentences(generation, question, 10, allowed)
        assert [row for row, _ in found] == expected
        assert [score for _, score in found] == pytest.approx([best[row] for row in expected])


def test_vectors_have_length_one(generation: Generation) -> None:
    assert np.allclose(np.linalg.norm(stored_vectors(generation), axis=1), 1, atol=1e-5)


def test_a_passage_asked_for_by_its_own_text_is_found_first(
    generation: Generation, models: Models
) -> None:
    readings = [passage.reading for passage in generation.passages]
    for row, reading in enumerate(readings):
        if readings.count(reading) > 1:
            continue
        vector = models.encoder.encode_question(reading)
        assert search_vectors(generation, vector, 1)[0][0] == row
        if len(reading) > 100:
            assert search_words(generation, reading, 1)[0][0] == row


@pytest.mark.parametrize("k", [0, 1, 77, 78, 10_000])
def test_asking_for_more_than_there_is_gives_what_there_is(
    generation: Generation, models: Models, k: int
) -> None:
    vector = models.encoder.encode_question("inspection")
    found = search_vectors(generation, vector, k)
    assert len(found) == min(k, len(generation.passages))
    assert all(0 <= row < len(generation.passages) for row, _ in found)
    assert len(search_words(generation, "inspection", k)) <= k


def test_nothing_is_found_among_no_rows(generation: Generation, models: Models) -> None:
    none = np.array([], dtype=np.int64)
    assert search_vectors(generation, models.encoder.encode_question("x"), 5, none) == []
    assert search_sentences(generation, models.encoder.encode_question("x"), 5, none) == []
    assert search_words(generation, "Ofsted inspection", 5, none) == []


@pytest.mark.parametrize("question", ["", "?", "zzzzz", "what is it", "🙂"])
def test_a_question_without_a_known_word_finds_nothing_by_words(
    generation: Generation, question: str
) -> None:
    assert search_words(generation, question, 5) == []


def test_bm25_is_the_published_formula(generation: Generation) -> None:
    """Lucene's variant (Kamphuis et al. 2020), k1 1.2, b 0.75, worked out by hand for one word."""
    from ingest.words import words

    texts = [words(generation.in_context(p, p.reading)) for p in generation.passages]
    (word,) = words("complaint")
    frequency = np.array([text.count(word) for text in texts])
    lengths = np.array([len(text) for text in texts])
    holding = int((frequency > 0).sum())
    idf = np.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
    scores = idf * frequency / (frequency + 1.2 * (1 - 0.75 + 0.75 * lengths / lengths.mean()))
    found = dict(search_words(generation, "complaint", 100))
    assert holding >= 2
    assert set(found) == set(np.flatnonzero(frequency))
    assert all(scores[row] == pytest.approx(score, abs=1e-4) for row, score in found.items())


# --- damage ---------------------------------------------------------------------------------------


def generation_files(index: Path) -> list[str]:
    folder = index / GENERATIONS / read_pointer(index).generation
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def file_of(index: Path, name: str) -> Path:
    return index / GENERATIONS / read_pointer(index).generation / name


def refusal(index: Path, model: ModelFiles) -> str:
    with pytest.raises(IndexRefused) as caught:
        load_generation(index, model)
    message = str(caught.value)
    assert "python -m ingest" in message
    return message


def test_no_file_of_a_generation_is_a_pickle(built_index: Path) -> None:
    assert generation_files(built_index) == [
        "documents.jsonl",
        "lexical/data.csc.index.npy",
        "lexical/indices.csc.index.npy",
        "lexical/indptr.csc.index.npy",
        "lexical/params.index.json",
        "lexical/vocab.index.json",
        "manifest.json",
        "manifest.sha256",
        "passages.jsonl",
        "sentences.faiss",
        "vectors.faiss",
    ]
    for path in (built_index / GENERATIONS).rglob("*.npy"):
        np.load(path, allow_pickle=False)


def test_every_file_that_is_cut_short_altered_or_gone_is_refused_by_name(
    index: Path, model: ModelFiles
) -> None:
    for name in set(generation_files(index)) - {MANIFEST_DIGEST}:
        path = file_of(index, name)
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        for damaged in (whole[:-1], b"", bytes(flipped)):
            path.write_bytes(damaged)
            assert str(path) in refusal(index, model)
        path.unlink()
        assert f"{path} is missing" in refusal(index, model)
        path.write_bytes(whole)
    assert load_generation(index, model).id == read_pointer(index).generation


def test_an_index_that_is_not_there_says_how_to_build_one(
    tmp_path: Path, model: ModelFiles
) -> None:
    assert "there is no index in" in refusal(tmp_path, model)


@pytest.mark.parametrize(
    "pointer", ["", "{", "[]", "5", "{}", '{"generation": "../../etc", "manifest_sha256": ""}']
)
def test_a_pointer_that_is_none_is_refused(index: Path, model: ModelFiles, pointer: str) -> None:
    (index / POINTER).write_text(pointer)
    assert "is damaged" in refusal(index, model)


def test_a_pointer_cannot_lead_out_of_the_index(index: Path, model: ModelFiles) -> None:
    fields = json.loads((index / POINTER).read_text())
    (index / POINTER).write_text(json.dumps({**fields, "generation": "../generations"}))
    assert "is damaged" in refusal(index, model)


def test_another_model_is_refused_with_both_names(index: Path, model: ModelFiles) -> None:
    other = ModelFiles("someone/else", model.source, "0" * 64)
    message = refusal(index, other)
    assert "all-MiniLM-L6-v2" in message
    assert "someone/else" in message


def test_another_format_is_refused_with_both_numbers(index: Path, model: ModelFiles) -> None:
    path = file_of(index, MANIFEST)
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "format": 99}))
    file_of(index, MANIFEST_DIGEST).write_text(file_sha256(path))
    pointer = read_pointer(index)
    point_to(index, pointer.generation, pointer.sources)
    assert "has format 99, this version reads 2" in refusal(index, model)
    (index / POINTER).write_text('{"format": 98, "what": "it says"}')
    assert "has format 98, this version reads 2" in refusal(index, model)


def test_a_whole_index_verifies(index: Path) -> None:
    manifest = verify_generation(index, read_pointer(index))
    assert manifest["documents"] == 5
    assert manifest["encoder"]["dimensions"] == 384
