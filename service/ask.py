"""One question through the whole path: in full → retrieve → read → rerank → cite."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from ingest.encoder import Encoder, SentenceEncoder
from ingest.index import Generation
from ingest.models import ModelFiles
from ingest.passages import Passage
from service import clerk
from service.adapter import adapted
from service.answers import (
    Answer,
    Composed,
    IndexInfo,
    Note,
    Quotable,
    choose,
    compose,
    is_statement,
    with_what_answers_beside,
)
from service.confidence import Signals, answered_from, confidence_of
from service.followups import in_full, names_nothing
from service.gist import (
    as_a_question,
    what_is_asked,
    with_circumstances,
    without_circumstances,
    without_courtesies,
)
from service.names import unmentioned
from service.reader import Page, Reader, page_of
from service.reranker import Reranker
from service.retrieval import Filters, Retrieved, rerank, retrieve
from service.spelling import Repair, misspelt, repaired, spelt_out, unheard_of

MOST_CITED = 3  # where nothing else is asked for
MOST_OVER_TIME = 6  # years of a question about change, one citation each
RERANKED = 6  # passages, those whose best sentence answers best; all for a question about change
OF_THE_PASSAGE = 0.5  # what a passage's relevance counts beside the reader's logit of a sentence
MOST_UNHEARD_OF = 3  # words that a note each says no paper has, of a question of nothing else


@dataclass(frozen=True, slots=True)
class Models:
    """The three models that a question passes through."""

    encoder: Encoder
    reranker: Reranker
    reader: Reader


@dataclass(frozen=True, slots=True)
class Weighed:
    """Sentences that may be quoted, best first, and what is known of them.

    `passages` come in the order of their best sentence, those that were not reranked last.
    `signals` are None where nothing was found, the question `names_nothing`: no subject, or nothing
    that the papers or the language know.
    `strangers` are names in the question that no paper mentions, or else those words.
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
    adapted(models.encoder.encode_question("warm"), encoder)
    models.reranker.score("warm", ["warm"])
    models.reader.read("warm", [Page("warm", ((0, 4),))])
    return models


def ask(
    generation: Generation,
    models: Models,
    question: str,
    limit: int | None,
    filters: Filters,
    history: Sequence[str] = (),
) -> Answer:
    """Answer one question from one generation, with up to `limit` citations.

    Without a limit these are MOST_CITED, or MOST_OVER_TIME for a question about change.
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
    generation: Generation, models: Models, question: str, limit: int | None, filters: Filters
) -> tuple[Answer, Weighed]:
    """Return an answer, and what it was made from."""
    began = time.perf_counter()
    read, repairs = as_read(generation, models, question)
    found = search(generation, models, read, filters)
    weighed = weigh(generation, models, read, found)
    composed = composed_from(generation, models, read, weighed, limit)
    notes = tuple(Note("spelling", f"“{r.written}” was read as “{r.read}”.") for r in repairs)
    composed = replace(composed, notes=composed.notes + notes)
    return to_answer(generation, question, composed, began), weighed


def as_read(generation: Generation, models: Models, question: str) -> tuple[str, list[Repair]]:
    """Return a question without courtesies, what is short or misspelt read in full, and which."""
    bare = without_courtesies(question)
    acronyms = spelt_out(bare, generation.vocabulary.acronyms)
    full = repaired(bare, acronyms)
    slips = misspelt(full, generation.vocabulary, models.reranker.knows)
    return repaired(full, slips), [*acronyms, *slips]


def search(
    generation: Generation, models: Models, question: str, filters: Filters
) -> list[Retrieved]:
    """Return the passages that may answer; none for a mere sign."""
    if not any(character.isalnum() for character in question):
        return []
    return retrieve(generation, models.encoder, as_a_question(question), filters)


def composed_from(
    generation: Generation, models: Models, question: str, weighed: Weighed, limit: int | None
) -> Composed:
    """Cite what answers, or nothing."""
    confidence = confidence_of(weighed.signals)
    quotables = weighed.quotables
    sure = confidence >= answered_from()
    chosen = chosen_from(generation, question, quotables, limit) if sure else []
    composed = compose(generation, chosen, quotables, weighed.passages, confidence)
    read_as = partial(reread, generation, models, weighed.passages)
    notes = clerk.notes_on(generation, question, chosen, quotables, read_as)
    strangers = (f"No paper mentions “{name}”." for name in weighed.strangers)
    notes += tuple(Note("unmentioned", text) for text in strangers)
    if weighed.names_nothing:
        notes += (Note("unclear", "The question does not say what it is about: name the subject."),)
    return replace(composed, notes=composed.notes + notes)


def chosen_from(
    generation: Generation, question: str, quotables: Sequence[Quotable], limit: int | None
) -> list[Quotable]:
    """Return which sentences to cite, best first; for a question about change, oldest first."""
    over_time = clerk.over_time(generation, question, quotables, limit or MOST_OVER_TIME)
    if over_time:
        return over_time
    limit = limit or MOST_CITED
    kept = clerk.of_the_year_asked(generation, question, quotables)
    chosen = choose(generation, kept, limit)
    chosen = clerk.with_what_differs(question, chosen, quotables, limit)
    return with_what_answers_beside(generation, chosen, kept)


def weigh(
    generation: Generation, models: Models, question: str, found: Sequence[Retrieved]
) -> Weighed:
    """Read the passages found for what answers a question, and say how surely it does.

    The cross-encoder reranks those that the reader likes best: it knows better which paper is
    asked of, and the reader which sentence answers.
    """
    asked = what_is_asked(question)
    passages = [one.passage for one in found]
    pages, said = _said(generation, models, passages, with_circumstances(question))
    order = sorted(range(len(found)), key=lambda place: -max(said[place].values(), default=-inf))
    # A history needs a sentence of each year, and those of some are seldom among the few best.
    most = len(order) if clerk.asks_over_time(asked) else RERANKED
    nearest = [passages[place] for place in order[:most]]
    relevances = rerank(generation, models.reranker, asked, nearest)
    quotables = [
        Quotable(
            passage=passages[place],
            span=passages[place].sentences[number],
            reading=pages[place].reading(number),
            relevance=logit + OF_THE_PASSAGE * relevance,
            answers=logit,
            passage_relevance=relevance,
        )
        for place, relevance in zip(order, relevances, strict=False)
        for number, logit in said[place].items()
    ]
    quotables = clerk.newest_first(generation, asked, quotables)
    in_order = [one.passage for one in quotables] + [passages[place] for place in order]
    strangers = unmentioned(without_circumstances(asked), generation.vocabulary)
    unknown = unheard_of(asked, generation.vocabulary, models.reranker.knows)
    empty = names_nothing(asked)
    signals = None if empty or unknown else signals_of(quotables, bool(strangers))
    strangers = strangers or unknown[:MOST_UNHEARD_OF]
    return Weighed(quotables, list(dict.fromkeys(in_order)), signals, strangers, empty)


def reread(
    generation: Generation, models: Models, passages: Sequence[Passage], question: str
) -> list[Quotable]:
    """Return what the reader alone makes of passages for another question, best first."""
    pages, said = _said(generation, models, passages, question)
    found = [
        Quotable(passage, passage.sentences[number], page.reading(number), logit, logit, 0.0)
        for passage, page, own in zip(passages, pages, said, strict=True)
        for number, logit in own.items()
    ]
    return sorted(found, key=lambda one: -one.answers)


def _said(
    generation: Generation, models: Models, passages: Sequence[Passage], question: str
) -> tuple[list[Page], list[dict[int, float]]]:
    """Return each passage's page, and the logits of its sentences that may be quoted, by number."""
    pages = [page_of(generation, passage) for passage in passages]
    logits = models.reader.read(question, pages)
    said = [
        {number: logit for number, logit in enumerate(own) if is_statement(page.reading(number))}
        for page, own in zip(pages, logits, strict=True)
    ]
    return pages, said


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
