"""One question through the whole path: in full → retrieve → rerank → read → cite."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.encoder import Encoder, SentenceEncoder
from ingest.index import Generation
from ingest.models import ModelFiles
from ingest.passages import Passage
from ingest.sentences import split_sentences
from service import clerk
from service.answers import (
    Answer,
    Composed,
    IndexInfo,
    Note,
    Quotable,
    choose,
    compose,
    is_statement,
)
from service.confidence import Signals, answered_from, confidence_of
from service.followups import in_full, names_nothing
from service.names import unmentioned
from service.reader import Page, Reader, page_of
from service.reranker import Reranker
from service.retrieval import Filters, Retrieved, rerank, retrieve
from service.spelling import Repair, misspelt, repaired

READ = 8  # passages; 12 find nothing more on the dev questions, and cost a sixth more time
OF_THE_PASSAGE = 1.0  # what a passage's relevance counts beside the reader's logit of a sentence
LONG_QUESTION = 40  # words; a longer one tells a story before it asks


@dataclass(frozen=True, slots=True)
class Models:
    """The three models that a question passes through."""

    encoder: Encoder
    reranker: Reranker
    reader: Reader


@dataclass(frozen=True, slots=True)
class Weighed:
    """Sentences that may be quoted, best first, and what is known of them.

    `passages` come in the order of their best sentence, those that were not read after them.
    `signals` are None where nothing was found, or the question `names_nothing`: no subject.
    `strangers` are names in the question that no paper mentions.
    """

    quotables: list[Quotable]
    passages: list[Passage]
    signals: Signals | None
    strangers: list[str]
    names_nothing: bool


def load_models(encoder: ModelFiles) -> Models:
    """Load the models, and let each answer once so that the first question need not wait.

    Raises ModelError, and RiskError for a setting that could not be kept.
    """
    answered_from()
    models = Models(SentenceEncoder(encoder), Reranker(), Reader())
    models.encoder.encode_question("warm")
    models.reranker.score("warm", ["warm"])
    models.reader.read("warm", [Page("warm", ((0, 4),))])
    return models


def ask(
    generation: Generation,
    models: Models,
    question: str,
    limit: int,
    filters: Filters,
    history: Sequence[str] = (),
) -> Answer:
    """Answer one question from one generation, with up to `limit` citations.

    `history` are the earlier questions of its conversation, oldest first.
    """
    asked = in_full(question, history)
    return as_written(ask_and_weigh(generation, models, asked, limit, filters)[0], question)


def as_written(answer: Answer, question: str) -> Answer:
    """Return an answer to a question that was asked in full, under the question as written."""
    if answer.question == question:
        return answer
    understood = Note("understood", f"Asked as: “{answer.question}”")
    return replace(answer, question=question, notes=(understood, *answer.notes))


def ask_and_weigh(
    generation: Generation, models: Models, question: str, limit: int, filters: Filters
) -> tuple[Answer, Weighed]:
    """Return an answer, and what it was made from."""
    began = time.perf_counter()
    read, repairs = as_read(generation, models, question)
    ranked = search(generation, models, read, filters)
    weighed = weigh(generation, models, read, ranked)
    composed = composed_from(generation, read, weighed, limit)
    notes = tuple(Note("spelling", f"“{r.written}” was read as “{r.read}”.") for r in repairs)
    composed = replace(composed, notes=composed.notes + notes)
    return to_answer(generation, question, composed, began), weighed


def as_read(generation: Generation, models: Models, question: str) -> tuple[str, list[Repair]]:
    """Return a question with its misspelt words read as words of the papers, and which they are."""
    repairs = misspelt(question, generation.vocabulary, models.reranker.knows)
    return repaired(question, repairs), repairs


def search(
    generation: Generation, models: Models, question: str, filters: Filters
) -> list[Retrieved]:
    """Return the passages that may answer, the most relevant first; none for a mere sign."""
    if not any(character.isalnum() for character in question):
        return []
    found = retrieve(generation, models.encoder, question, filters)
    return rerank(generation, models.reranker, what_is_asked(question), found)


def composed_from(generation: Generation, question: str, weighed: Weighed, limit: int) -> Composed:
    """Cite what answers, or nothing."""
    confidence = confidence_of(weighed.signals)
    quotables = weighed.quotables
    sure = confidence >= answered_from()
    chosen = chosen_from(generation, question, quotables, limit) if sure else []
    composed = compose(generation, chosen, quotables, weighed.passages, confidence)
    notes = clerk.notes_on(generation, question, chosen, quotables)
    strangers = (f"No paper mentions “{name}”." for name in weighed.strangers)
    notes += tuple(Note("unmentioned", text) for text in strangers)
    if weighed.names_nothing:
        notes += (Note("unclear", "The question does not say what it is about: name the subject."),)
    return replace(composed, notes=composed.notes + notes)


def chosen_from(
    generation: Generation, question: str, quotables: Sequence[Quotable], limit: int
) -> list[Quotable]:
    """Return which sentences to cite, best first; for a question about change, oldest first."""
    over_time = clerk.over_time(generation, question, quotables, limit)
    if over_time:
        return over_time
    return clerk.with_what_differs(question, choose(quotables, limit), quotables, limit)


def weigh(
    generation: Generation, models: Models, question: str, ranked: Sequence[Retrieved]
) -> Weighed:
    """Read the ranked passages for what answers a question, and say how surely it does."""
    asked = what_is_asked(question)
    quotables = read_closely(generation, models.reader, asked, ranked)
    strangers = unmentioned(asked, generation.vocabulary)
    empty = names_nothing(asked)
    signals = None if empty else signals_of(quotables, bool(strangers))
    read, found = [one.passage for one in quotables], [one.passage for one in ranked]
    passages = list(dict.fromkeys(read + found))
    return Weighed(quotables, passages, signals, strangers, empty)


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
    generation: Generation, reader: Reader, asked: str, ranked: Sequence[Retrieved]
) -> list[Quotable]:
    """Return the sentences of the best passages that may be quoted, best first."""
    pages = [page_of(generation, one.passage) for one in ranked[:READ]]
    quotables = [
        Quotable(
            passage=one.passage,
            span=span,
            reading=reading,
            relevance=logit + OF_THE_PASSAGE * one.relevance,
            answers=logit,
            passage_relevance=one.relevance,
        )
        for one, page, logits in zip(ranked, pages, reader.read(asked, pages), strict=False)
        for span, (start, end), logit in zip(
            one.passage.sentences, page.sentences, logits, strict=True
        )
        if is_statement(reading := page.text[start:end])
    ]
    return clerk.newest_first(generation, asked, quotables)


def signals_of(quotables: Sequence[Quotable], names_a_stranger: bool) -> Signals | None:
    """Return what the models say of the sentence that would be cited first; None without one."""
    if not quotables:
        return None
    first = quotables[0]
    return Signals(
        answers=first.answers,
        best_answers=max(one.answers for one in quotables),
        passage_relevance=first.passage_relevance,
        names_a_stranger=float(names_a_stranger),
    )


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
