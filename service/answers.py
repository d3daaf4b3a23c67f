"""Ranked sentences to an answer: which to cite, whether they answer, and how it reads. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ingest.dates import MONTHS
from ingest.index import Generation
from ingest.passages import Passage
from ingest.sentences import CLOSERS, OPENERS, Span
from ingest.words import words
from service.links import span_url

NOT_FOUND = "Not in the documents: no passage answers this question."
NEARLY = 4.0  # below the best relevance, down to which a sentence is cited beside it
FROM_ONE_PASSAGE = 2  # citations; a third says less than a first one from elsewhere
SAME_WORDS = 0.8  # of two sentences' words together (Jaccard), from which one repeats the other
MOSTLY_SAME = 0.5  # of the shorter one's words, from which another paper says the same thing
FEWEST_SHARED = 4  # words, below which nothing can be told from sharing them
RELATED = 5
ANSWERS_TOO = 0.0  # the reader's logit from which another sentence is taken to answer as well
MOST_TAKEN_ALONG = 2  # sentences before one that leans on them
MOST_ADJACENT = 3  # sentences that are quoted as one citation because each of them answers
_BETWEEN_QUOTES = "\n\n"
_LEANS = re.compile(
    r"(?:(?:however|but|and|also|then|in addition|in response|as a result|despite|because of"
    r"|(?:some |all |many |one )?of)\b,?\s+)?"
    r"(?:this|that|these|those|it|its|they|them|their|theirs|he|him|his|she|her|hers|such|both|neither"
    r"|the former|the latter)\b",
    re.IGNORECASE,
)
# What begins like that and stands alone: minutes' formulas, titles, groups named right there.
_STANDS_ALONE = re.compile(
    r"IT\b|(?:His|Her) (?:Majesty|Royal)\b|[Ii]t was \w+ed (?:that|to)\b"
    r"|That (?:the|a|an|cabinet|council)\b|[Bb]oth\b[^.]*\band\b"
    r"|[Tt]hose (?:who|aged|\w+(?:ed|ing))\b"
    r"|[Tt]his (?:council|report|paper|document|letter|page|guidance)\b"
)
_NEGATED = re.compile(
    r"\b(?:not|cannot|no|nobody|nothing|never|none|nor|neither|without|unable|refused|rejected"
    r"|fail(?:s|ed|ing)? to)\b|n['’]t\b",
    re.IGNORECASE,
)
_VERBS_TOO = ("March", "May")  # months only with a capital
# Words that are numbers or months; of two sentences with other ones each tells something else.
_COUNTS = re.compile(
    r"(?i:\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty"
    r"|fifty|hundred|thousand|million|half|third|quarter|first|second"
    rf"|{'|'.join(month for month in MONTHS if month not in _VERBS_TOO)})\b)"
    rf"|\b(?:{'|'.join(_VERBS_TOO)})\b"
)


@dataclass(frozen=True, slots=True)
class AlsoIn:
    """Another paper that says the same, and where: `[start_char_index, end_char_index)`."""

    document_id: str
    document_title: str
    publisher: str | None
    published: str | None
    start_char_index: int
    end_char_index: int
    url: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A quoted span of a document. Field names follow Anthropic's citations API.

    `cited_text` is `text[start_char_index:end_char_index]` of the document, in code points. The
    context is the passage around it. The answer indexes are None for what is not in the answer.
    `also_in` are other papers that say the same and are not cited for it.
    """

    cited_text: str
    document_id: str
    document_title: str
    publisher: str | None
    published: str | None
    section: str | None
    start_char_index: int
    end_char_index: int
    context_start_char_index: int
    context_end_char_index: int
    answer_start_index: int | None
    answer_end_index: int | None
    url: str
    page: int | None = None
    also_in: tuple[AlsoIn, ...] = ()
    type: Literal["char_location"] = "char_location"


@dataclass(frozen=True, slots=True)
class Note:
    """What a careful clerk would add to an answer."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """Which index an answer comes from."""

    generation: str
    built_at: str
    documents: int
    passages: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, whether the papers answer it, and the quotes that do.

    Citations come best first; those of a question about change, a sentence a year, oldest first.
    `confidence` is that the best of them answers.
    """

    id: str
    question: str
    status: Literal["answered", "not_found"]
    answer: str
    confidence: float
    citations: tuple[Citation, ...]
    related: tuple[Citation, ...]
    notes: tuple[Note, ...]
    index: IndexInfo
    took_ms: int


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence that may be cited.

    `answers` is the reader's logit for it, `passage_relevance` the cross-encoder's for its passage,
    `relevance` both together, which sentences are ordered by.
    """

    passage: Passage
    span: Span
    reading: str
    relevance: float
    answers: float
    passage_relevance: float


@dataclass(frozen=True, slots=True)
class Composed:
    """The part of an answer that depends on scores alone."""

    text: str
    confidence: float
    citations: tuple[Citation, ...]
    related: tuple[Citation, ...]
    notes: tuple[Note, ...]


def compose(
    generation: Generation,
    chosen: Sequence[Quotable],
    quotables: Sequence[Quotable],
    passages: Sequence[Passage],
    confidence: float,
) -> Composed:
    """Cite the chosen sentences; other passages are only related.

    `chosen` are the best of `quotables`, or none of them; all come best first.
    """
    others = [also_in(generation, one, quotables, chosen) for one in chosen]
    widened = with_what_they_lean_on(generation, chosen)
    text, citations = "", []
    for one, also in zip(widened, others, strict=True):
        start = len(text) + len(_BETWEEN_QUOTES) if text else 0
        text = f"{text}{_BETWEEN_QUOTES}{one.reading}" if text else one.reading
        cited = cite(generation, one.passage, one.span, (start, len(text)))
        citations.append(replace(cited, also_in=also))
    unused = [p for p in passages if not any(_is_of(p, one) for one in widened)][:RELATED]
    related = [cite(generation, p, Span(p.start, p.end), None) for p in unused]
    notes = speaker_notes(generation, widened)
    return Composed(text or NOT_FOUND, confidence, tuple(citations), tuple(related), notes)


def choose(generation: Generation, ordered: Sequence[Quotable], limit: int) -> list[Quotable]:
    """Return up to `limit` sentences, best first: the best, and those that are nearly as good.

    A sentence that overlaps one before it, or says the same in the same words, is passed over, and
    so is one that will be quoted beside another (`with_what_answers_beside`).
    """
    chosen: list[Quotable] = []
    quoted: list[Quotable] = []
    for one in ordered:
        if len(chosen) == limit or one.relevance < ordered[0].relevance - NEARLY:
            break
        beside = [other for other in chosen if other.passage == one.passage]
        if len(beside) < FROM_ONE_PASSAGE and not any(_repeats(one, other) for other in quoted):
            chosen.append(one)
            quoted += _answering_beside(generation, one, ordered, quoted)
    return chosen


def with_what_answers_beside(
    generation: Generation, chosen: Sequence[Quotable], ordered: Sequence[Quotable]
) -> list[Quotable]:
    """Return the chosen sentences, each together with those right beside it that answer as well.

    Two sentences that each say a part of the answer are one citation, not two that compete.
    `ordered` are all sentences that may be quoted, best first.
    """
    widened, quoted = [], list(chosen)
    for one in chosen:
        run = _answering_beside(generation, one, ordered, quoted)
        quoted += run
        span = Span(run[0].span.start, run[-1].span.end)
        reading = generation.reading(one.passage.document_id, span)
        widened.append(replace(one, span=span, reading=reading) if len(run) > 1 else one)
    return widened


def _answering_beside(
    generation: Generation,
    one: Quotable,
    ordered: Sequence[Quotable],
    quoted: Sequence[Quotable],
) -> list[Quotable]:
    """A sentence and its neighbours that answer too, in the order of the text.

    Up to MOST_ADJACENT, nearly as good as the best, of one speaker, none of them quoted already.
    """
    name = one.passage.document_id
    text, speakers = generation.documents[name].text, generation.speakers[name]
    fitting = [
        other
        for other in ordered
        if other.passage.document_id == name
        and other.answers >= ANSWERS_TOO
        and other.relevance >= ordered[0].relevance - NEARLY
        and speakers.get(other.span.start) == speakers.get(one.span.start)
        and other not in quoted
    ]
    run = [one]
    while len(run) < MOST_ADJACENT:
        around = [
            other
            for other in fitting
            if _meet(text, other.span, run[0].span) or _meet(text, run[-1].span, other.span)
        ]
        if not around:
            break
        best = max(around, key=lambda other: other.answers)
        run = sorted([*run, best], key=lambda other: other.span.start)
    return run


def _meet(text: str, before: Span, after: Span) -> bool:
    """True when one span follows another, with nothing to read between them."""
    return before.end <= after.start and not text[before.end : after.start].strip()


def are_quoted(ones: Sequence[Quotable], cited: Sequence[Quotable]) -> bool:
    """True when each of some sentences stands within what is cited."""
    return all(
        any(
            one.passage.document_id == other.passage.document_id
            and other.span.start <= one.span.start
            and one.span.end <= other.span.end
            for other in cited
        )
        for one in ones
    )


def also_in(
    generation: Generation,
    cited: Quotable,
    quotables: Sequence[Quotable],
    chosen: Sequence[Quotable],
) -> tuple[AlsoIn, ...]:
    """Return where other papers say what a cited sentence says, the best place of each paper.

    A paper of another year is left out: "the latest report" is another one there.
    """
    year = (generation.documents[cited.passage.document_id].published or "")[:4]
    taken = {one.passage.document_id for one in chosen}
    found = []
    for one in quotables:
        name = one.passage.document_id
        if name in taken or not says_the_same(cited.reading, one.reading):
            continue
        if one.answers < min(ANSWERS_TOO, cited.answers):
            continue
        document = generation.documents[name]
        if year and document.published and document.published[:4] != year:
            continue
        taken.add(name)
        found.append(
            AlsoIn(
                name,
                document.title,
                document.publisher,
                document.published,
                one.span.start,
                one.span.end,
                span_url(name, document.text, one.span),
            )
        )
    return tuple(found)


def says_the_same(one: str, other: str) -> bool:
    """True when two sentences share most words of the shorter, and nothing sets them apart."""
    mine, theirs = set(words(one)), set(words(other))
    if _are_set_apart(one, other):
        return False
    return len(mine & theirs) >= max(FEWEST_SHARED, MOSTLY_SAME * min(len(mine), len(theirs)))


def _are_set_apart(one: str, other: str) -> bool:
    """True when two sentences of much the same words tell different things.

    By other numbers or months, by a "not" in one of them, or by one word of the one in place of
    what the other says ("good", "inadequate"; "rose sharply", "fell").
    """
    mine, theirs = set(words(one)), set(words(other))
    numbers = [
        {word for word in side if any(map(str.isdigit, word))}
        | set(map(str.casefold, _COUNTS.findall(reading)))
        for side, reading in ((mine, one), (theirs, other))
    ]
    if not (numbers[0] <= numbers[1] or numbers[1] <= numbers[0]):
        return True
    if (_NEGATED.search(one) is None) is not (_NEGATED.search(other) is None):
        return True
    return min(len(mine - theirs), len(theirs - mine)) == 1


def with_what_they_lean_on(generation: Generation, chosen: Sequence[Quotable]) -> list[Quotable]:
    """Return the chosen sentences, those that lean on the sentence before together with that.

    "They …" and "This will …" mislead when they are quoted alone. What is cited already, or does
    not stand right before in the same section, is not taken along.
    """
    taken = [(one.passage.document_id, one.span) for one in chosen]
    widened = []
    for place, one in enumerate(chosen):
        others = [span for name, span in taken if name == one.passage.document_id]
        start = _start_with_support(generation, one, [span for span in others if span != one.span])
        if start < one.span.start:
            span = Span(start, one.span.end)
            reading = generation.reading(one.passage.document_id, span)
            one = replace(one, span=span, reading=reading)  # noqa: PLW2901 - the same, wider
            taken[place] = (one.passage.document_id, span)
        widened.append(one)
    return widened


def _start_with_support(generation: Generation, one: Quotable, cited: Sequence[Span]) -> int:
    """Where a citation of a sentence begins so that it can be understood."""
    passage, start, reading = one.passage, one.span.start, one.reading
    text = generation.documents[passage.document_id].text
    for _ in range(MOST_TAKEN_ALONG):
        before = _sentence_before(generation, passage, start) if _leans(reading) else None
        if before is None or not _meet(text, before, Span(start, start)):  # page furniture between
            break
        if any(before.start < span.end and span.start < before.end for span in cited):
            break
        start = before.start
        reading = generation.reading(passage.document_id, Span(start, one.span.end))
    return start


def _leans(reading: str) -> bool:
    begins = reading.strip(OPENERS)
    return _LEANS.match(begins) is not None and _STANDS_ALONE.match(begins) is None


def _sentence_before(generation: Generation, passage: Passage, start: int) -> Span | None:
    """The last sentence of a passage's section that ends before an offset."""
    place = (passage.document_id, passage.section, passage.heading)
    section = (
        sentence
        for other in generation.passages
        if (other.document_id, other.section, other.heading) == place
        for sentence in other.sentences
        if sentence.end <= start
    )
    return max(section, key=lambda sentence: sentence.end, default=None)


def speaker_notes(generation: Generation, chosen: Sequence[Quotable]) -> tuple[Note, ...]:
    """Say whose words are quoted, where the quoted sentence does not: they are not the paper's."""
    notes = []
    for one in chosen:
        who = generation.speakers[one.passage.document_id].get(one.span.start)
        if who and len(who.split()) > 1:  # "It" and "She" name nobody
            opening = " ".join(one.reading.strip(OPENERS).split()[:6])
            notes.append(Note("speaker", f"“{opening} …” was said by {who}."))
    return tuple(notes)


def is_statement(reading: str) -> bool:
    """False for a question, for what only leads on to something, and for a mere word or two."""
    return not reading.rstrip(CLOSERS).endswith(("?", ":")) and len(reading.split()) > 2


def cite(
    generation: Generation, passage: Passage, span: Span, in_answer: tuple[int, int] | None
) -> Citation:
    """Return the citation of a span; its text is cut from the document, never from a reading."""
    document = generation.documents[passage.document_id]
    text = document.text[span.start : span.end]
    start, end = in_answer or (None, None)
    return Citation(
        cited_text=text,
        document_id=document.id,
        document_title=document.title,
        publisher=document.publisher,
        published=document.published,
        section=passage.section,
        start_char_index=span.start,
        end_char_index=span.end,
        context_start_char_index=min(passage.start, span.start),
        context_end_char_index=max(passage.end, span.end),
        answer_start_index=start,
        answer_end_index=end,
        url=span_url(document.id, document.text, span),
    )


def _is_of(passage: Passage, one: Quotable) -> bool:
    """True when a part of what is quoted stands in a passage."""
    same_document = one.passage.document_id == passage.document_id
    return same_document and one.span.start < passage.end and passage.start < one.span.end


def _repeats(one: Quotable, other: Quotable) -> bool:
    same_document = one.passage.document_id == other.passage.document_id
    if same_document and one.span.start < other.span.end and other.span.start < one.span.end:
        return True
    if _are_set_apart(one.reading, other.reading):
        return False
    mine, theirs = set(words(one.reading)), set(words(other.reading))
    return len(mine & theirs) >= SAME_WORDS * len(mine | theirs)
