"""Questions are moved nearer to what answers them, for the encoder that this was learnt with."""

from dataclasses import replace

import numpy as np
import pytest

from eval.adapt import Example, Examples, examples_of, learn, recall
from eval.questions import FRESH, QUESTIONS, read_questions
from ingest.index import Generation
from ingest.models import ModelError, ModelFiles
from service import adapter
from service.adapter import adapted
from service.ask import Models


def turned(seed: int, questions: int) -> Examples:
    """Questions each of which stands where its answer would if two axes were exchanged."""
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(10 * questions, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    exchanged = vectors[:, [1, 0, 3, 2, 5, 4, 7, 6]]
    rows = np.arange(10)
    found = []
    for n in range(questions):
        rows, right = np.arange(10 * n, 10 * n + 10), np.arange(10) == n % 10
        found.append(Example(exchanged[rows[right][0]], rows, right, rows, right))
    return Examples(found, vectors, vectors, np.arange(len(vectors)))


def test_maps_that_are_learnt_find_what_questions_as_they_are_do_not() -> None:
    maps = learn([turned(1, 300)], steps=3000)
    kept = turned(2, 100)
    assert maps.shape == (2, 8, 8)
    assert max(recall(kept, None, 1)) < 0.5
    assert min(recall(kept, maps, 1)) > 0.7
    assert recall(kept, maps, 10) == (1.0, 1.0)


def test_an_example_marks_the_passages_and_sentences_that_state_the_fact(
    generation: Generation, models: Models
) -> None:
    question = next(one for one in read_questions() if len(one.vital) == 1)
    question = replace(question, within=tuple(generation.documents))
    (example,) = examples_of(generation, models.encoder, [question])
    assert len(example.passages) == len(generation.passages)
    assert len(example.sentences) == generation.sentence_vectors.ntotal
    (fact,) = question.vital
    places = {(span.document_id, span.start) for span in fact.spans}
    for row in example.passages[example.passages_answer]:
        passage = generation.passages[row]
        assert any(
            name == passage.document_id and passage.start <= start < passage.end
            for name, start in places
        )
    owners = generation.passage_of_sentence[example.sentences[example.sentences_answer]]
    assert set(owners.tolist()) == set(example.passages[example.passages_answer].tolist())


def test_what_is_shipped_finds_more_of_these_papers_than_questions_as_they_are(
    generation: Generation, models: Models
) -> None:
    questions = [
        replace(one, within=tuple(generation.documents))
        for path in (QUESTIONS, FRESH)
        for one in read_questions(path)
        if one.split == "dev" and one.answerable
    ]
    examples = examples_of(generation, models.encoder, questions)
    source = Examples(
        examples,
        generation.vectors.reconstruct_n(0, generation.vectors.ntotal),
        generation.sentence_vectors.reconstruct_n(0, generation.sentence_vectors.ntotal),
        generation.passage_of_sentence,
    )
    without, using = recall(source, None, 6), recall(source, adapter._maps(), 6)
    assert using[0] > without[0]
    assert using[1] > without[1]


def test_a_question_stays_as_it_is_for_an_encoder_that_nothing_was_learnt_with(
    models: Models,
) -> None:
    vector = models.encoder.encode_question("Who chairs the board?")
    for_passages, for_sentences = adapted(vector, models.encoder.files)
    for one in (for_passages, for_sentences):
        assert one.shape == vector.shape
        assert np.linalg.norm(one) == pytest.approx(1)
        assert not np.allclose(one, vector)
    other = ModelFiles("another", "folder", "0" * 64)
    assert all(np.array_equal(one, vector) for one in adapted(vector, other))


def test_weights_that_are_not_the_ones_meant_are_refused(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "_SHA256", "0" * 64)
    with pytest.raises(ModelError, match=r"adapter\.npy has SHA-256"):
        adapter._maps.__wrapped__()
