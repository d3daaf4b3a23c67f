"""What the reader is trained on, and how."""

import random
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from eval.lessons import OWN, TRAINING, Lesson, Marked, marked
from eval.questions import FRESH, check_questions, read_questions
from eval.train import (
    BLANK,
    best_sentences,
    blanked,
    dequantised,
    encode,
    export,
    from_reranker,
    from_served,
    loss_of,
    reader_tokenizer,
)
from ingest.documents import Document, read_corpus
from ingest.index import Generation
from ingest.models import DEFAULT_RERANKER, locate_model
from service.reader import Page, Reader, page_of
from service.reranker import Reranker


def runs_of_words(text: str, length: int = 12) -> set[tuple[str, ...]]:
    """Every run of so many words in a text; inspectors' stock phrases are up to ten words long."""
    spoken = text.casefold().split()
    return {tuple(spoken[at : at + length]) for at in range(len(spoken) - length + 1)}


def test_every_quote_of_the_training_questions_is_its_papers_text() -> None:
    for folder in OWN:
        papers = {paper.id: paper for paper in read_corpus(TRAINING / folder)}
        questions = read_questions(TRAINING / f"{folder}.jsonl")
        check_questions(TRAINING / f"{folder}.jsonl", questions, papers)
        asked_of = {question.within for question in questions}
        assert sorted(name for within in asked_of for name in within) == sorted(papers)


def test_training_teaches_nothing_of_the_corpus_the_gold_or_the_fresh_questions(
    documents: dict[str, Document],
) -> None:
    known = set().union(*(runs_of_words(document.text) for document in documents.values()))
    own = [*read_questions(), *read_questions(FRESH)]
    asked = {question.question.casefold() for question in own}
    for folder in OWN:
        for paper in read_corpus(TRAINING / folder):
            assert not runs_of_words(paper.text) & known, paper.id
        for question in read_questions(TRAINING / f"{folder}.jsonl"):
            assert question.question.casefold() not in asked
            assert "leicester" not in question.question.casefold()


def test_a_page_marks_just_the_sentences_that_state_a_vital_fact(generation: Generation) -> None:
    answering = 0
    for question in read_questions()[:40]:
        spans = [span for fact in question.vital for span in fact.spans]
        for passage in generation.passages:
            found = marked(generation, passage, question)
            for number, (start, end) in enumerate(found.page.sentences):
                span = passage.sentences[number]
                assert found.page.text[start:end] == generation.reading(passage.document_id, span)
                inside = [
                    one
                    for one in spans
                    if one.document_id == passage.document_id
                    and one.start < span.end
                    and span.start < one.end
                ]
                assert inside or number not in found.answering
                answering += number in found.answering
    assert answering > 40


def test_the_reader_begins_as_the_cross_encoder_that_ships() -> None:
    texts = ["The report was published late because of an election.", "Bins are emptied on Monday."]
    question = "why was publication delayed?"
    reader, tokenizer = from_reranker().eval(), reader_tokenizer()
    weights = dequantised(Path(locate_model(DEFAULT_RERANKER).source) / "model.onnx")
    found = []
    with torch.inference_mode():
        for text in texts:
            pair = tokenizer.encode(question, text)
            hidden = reader.bert(
                input_ids=torch.tensor([pair.ids]), token_type_ids=torch.tensor([pair.type_ids])
            ).last_hidden_state[0, 0]
            pooled = np.tanh(
                hidden.numpy() @ weights["bert.pooler.dense.weight"]
                + weights["bert.pooler.dense.bias"]
            )
            found.append(float(pooled @ weights["classifier.weight"].reshape(-1)))
    offset = float(weights["classifier.bias"].item())
    assert [one + offset for one in found] == pytest.approx(
        Reranker().score(question, texts), abs=0.6
    )


def test_training_goes_on_from_the_reader_that_is_served(generation: Generation) -> None:
    question = "why was publication delayed?"
    pages = [page_of(generation, passage) for passage in generation.passages[::4]]
    served = [max(logits) for logits in Reader().read(question, pages)]
    lessons = [Lesson("made", question, "m", (Marked(page, ()),)) for page in pages]
    begun = [one.confidence for one in best_sentences(from_served().eval(), lessons)]
    # With one scale for all tokens of a passage int8 was .4 logits off.
    assert np.sqrt(np.mean(np.square(np.subtract(begun, served)))) < 0.25


def test_some_words_are_blanked_and_what_parts_question_and_page_is_not() -> None:
    tokenizer = reader_tokenizer()
    assert tokenizer.token_to_id("[MASK]") == BLANK
    page = Page("word " * 200, ((0, 1000),))
    encoded = encode(tokenizer, "word " * 50, page)
    ids, types, places = blanked(encoded, random.Random(1))
    assert np.array_equal(types, encoded[1])
    assert np.array_equal(places, encoded[2])
    changed = ids != encoded[0]
    assert set(ids[changed]) == {BLANK}
    assert 0 < changed[types == 0].sum() < 10  # some 2 of 50
    assert 5 < changed[types == 1].sum() < 40  # some 16 of 200
    parting = encoded[0] < BLANK  # what begins, parts and ends
    assert parting.sum() == 3
    assert not changed[parting].any()


def test_training_steps_teach_and_what_is_kept_says_the_same(tmp_path: Path) -> None:
    text = "Minutes\nThe vote was put off because the clerk was ill. Tea cost £4."
    starts = [text.index("The vote"), text.index("Tea")]
    page = Page(text, ((starts[0], starts[1] - 1), (starts[1], len(text))))
    lessons = [
        Lesson("made", "why was the decision late?", "m", (Marked(page, (0,)),)),
        Lesson("made", "what was paid for drinks?", "m", (Marked(page, (1,)),)),
        Lesson("made", "who chaired the meeting?", "m", (Marked(page, ()),)),
    ]
    torch.manual_seed(1)
    reader, tokenizer = from_reranker(), reader_tokenizer()
    batch = [
        [(one, encode(tokenizer, lesson.question, one.page)) for one in lesson.pages]
        for lesson in lessons
    ]
    optimiser = torch.optim.AdamW(
        [one for one in reader.parameters() if one.requires_grad], lr=1e-4
    )
    for _ in range(30):
        optimiser.zero_grad()
        loss_of(reader, batch).backward()
        optimiser.step()
    best = best_sentences(reader.eval(), lessons)
    assert [one.right for one in best] == [True, True, False]
    assert min(best[0].confidence, best[1].confidence) > best[2].confidence

    kept = tmp_path / "reader.onnx"
    export(reader, kept)
    assert kept.stat().st_size < 30e6
    assert [path.name for path in tmp_path.iterdir()] == ["reader.onnx"]
    ids, types, _ = batch[0][0][1]
    session = onnxruntime.InferenceSession(kept)
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
    (logits,) = session.run(None, {name: value[None] for name, value in inputs.items()})
    with torch.inference_mode():
        exact = reader(*(torch.tensor(value[None]) for value in inputs.values())).numpy()
    assert np.corrcoef(logits[0], exact[0])[0, 1] > 0.95
