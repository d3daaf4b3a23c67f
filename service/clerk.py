"""What a careful clerk knows of dates: what is newer counts now, and when two dates differ.

Wary rules: a note that is wrong costs more than one that is missing.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.dates import parse_published, published_in_words
from ingest.documents import Document
from ingest.index import Generation
from service.answers import NEARLY, Note, Quotable, says_the_same

AGE, MOST_YEARS = 1.5, 3  # logits for each year that a paper is older than the newest
ANSWERS_TOO = 0.0  # the reader's logit from which another sentence is taken to answer as well
_LONGEST_QUOTE = 160  # characters of a quotation within a note
_NOW = re.compile(
    r"\b(?:latest|newest|most recent|current|currently|now|nowadays|today|at present|these days"
    r"|this time|still)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SINCE = re.compile(r"\b(?:since|after|from|before)\b[^,.;]*?\b(?:19|20)\d\d\b", re.IGNORECASE)
_OVER_TIME = re.compile(
    r"\b(?:history|timeline|chronology|over time|(?:over|through|down) the (?:\w+ ){0,2}years"
    r"|year by year|(?:each|every) (?:year|time|inspection))\b"
    r"|\bhow (?:has|have|did)\b.*\b(?:chang|evolv|mov|gone|gr[eo]w|develop|ris[ei]|rose|fall|fell)",
    re.IGNORECASE,
)
_ASKS_WHEN = re.compile(r"\b(?:when|what date|which date|(?:what|which) month|what day)\b", re.I)
_MONTH_AND_YEAR = re.compile(
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?: of)? ((?:19|20)\d\d)\b"
)


def asks_for_now(question: str) -> bool:
    """True for a question about what holds now: it says so, and names no year."""
    return _NOW.search(question) is not None and _YEAR.search(question) is None


def newest_first(
    generation: Generation, question: str, quotables: Sequence[Quotable]
) -> list[Quotable]:
    """Return sentences by their relevance, that of older papers lowered if "now" is asked for.

    Each year behind the newest of their papers counts AGE, up to MOST_YEARS of them. A paper of
    unknown date is taken to be of the newest.
    """
    if asks_for_now(question):
        years = [_year(generation.documents[one.passage.document_id]) for one in quotables]
        newest = max((year for year in years if year), default=0)
        quotables = [
            replace(one, relevance=one.relevance - AGE * min(MOST_YEARS, newest - (year or newest)))
            for one, year in zip(quotables, years, strict=True)
        ]
    return sorted(quotables, key=lambda one: -one.relevance)


def over_time(
    generation: Generation, question: str, quotables: Sequence[Quotable], limit: int
) -> list[Quotable]:
    """Return the best sentence for each year that a question about change asks of, oldest first.

    These are the years that it names, if there are two or more, or all years where it asks for a
    history. Empty for other questions, and where fewer than two years are told of nearly as well
    as the best. Two sentences of different years that say the same are one.
    """
    named = set(_YEAR.findall(question))
    if len(named) < 2 and not _OVER_TIME.search(question):
        return []
    told: dict[str, Quotable] = {}
    for one in quotables:
        if one.relevance < quotables[0].relevance - NEARLY or len(told) == limit:
            break
        year = _year_told_of(generation, one)
        if not year or year in told or (len(named) > 1 and year not in named):
            continue
        if not any(says_the_same(one.reading, other.reading) for other in told.values()):
            told[year] = one
    return [told[year] for year in sorted(told)] if len(told) > 1 else []


def _year_told_of(generation: Generation, one: Quotable) -> str:
    """The one year that a sentence names, not as a mere beginning, or else its paper's."""
    years: set[str] = set(_YEAR.findall(_SINCE.sub("", one.reading)))
    if len(years) == 1:
        return years.pop()
    return (generation.documents[one.passage.document_id].published or "")[:4]


def that_differs(question: str, quotables: Sequence[Quotable]) -> Quotable | None:
    """Return a sentence that answers "when?" with another month than the first one does."""
    if not quotables or not _ASKS_WHEN.search(question):
        return None
    first, *others = quotables
    said = set(_MONTH_AND_YEAR.findall(first.reading))
    if len(said) != 1 or first.answers < ANSWERS_TOO:
        return None
    for other in others:
        theirs = set(_MONTH_AND_YEAR.findall(other.reading))
        if other.answers >= ANSWERS_TOO and len(theirs) == 1 and theirs != said:
            return other
    return None


def with_what_differs(
    question: str, chosen: Sequence[Quotable], quotables: Sequence[Quotable], limit: int
) -> list[Quotable]:
    """Return the chosen sentences and, in the last place, one that gives another date."""
    other = that_differs(question, quotables) if chosen else None
    if other is None or other in chosen or limit < 2:
        return list(chosen)
    return [*chosen[: limit - 1], other]


def notes_on(
    generation: Generation, question: str, chosen: Sequence[Quotable], quotables: Sequence[Quotable]
) -> tuple[Note, ...]:
    """Return the notes on what is cited; `quotables` are all sentences, best first."""
    if not chosen:
        return ()
    notes = []
    other = that_differs(question, quotables)
    if other is not None and other in chosen:
        (mine,) = _MONTH_AND_YEAR.findall(chosen[0].reading)
        (theirs,) = _MONTH_AND_YEAR.findall(other.reading)
        text = f"The papers differ: one sentence says {' '.join(mine)}, another {' '.join(theirs)}."
        notes.append(Note("differ", text))
    if asks_for_now(question):
        notes += _on_age(generation, chosen, quotables)
    return tuple(notes)


def _on_age(
    generation: Generation, chosen: Sequence[Quotable], quotables: Sequence[Quotable]
) -> list[Note]:
    """For a question about now: that a newer paper is silent, or what an older one said."""
    documents = generation.documents
    newest_cited = max(_last_day(documents[one.passage.document_id]) for one in chosen)
    if not newest_cited:
        return []
    newer = [one for one in documents.values() if _first_day(one) > newest_cited]
    if newer:
        newest = max(newer, key=_first_day)
        return [
            Note(
                "not-newest",
                f"What is quoted is not from the newest paper: “{newest.title}” "
                f"({published_in_words(newest.published)}) is newer, and was not found to say it.",
            )
        ]
    since = _first_day(documents[chosen[0].passage.document_id])
    older = [
        one
        for one in quotables
        if one.answers >= ANSWERS_TOO
        and "" < _last_day(documents[one.passage.document_id]) < since
        and one not in chosen
    ]
    if not older:
        return []
    latest = max(older, key=lambda one: _last_day(documents[one.passage.document_id]))
    document = documents[latest.passage.document_id]
    quote = latest.reading.strip("“”\"' ")
    if len(quote) > _LONGEST_QUOTE:
        quote = f"{quote[:_LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
    when = published_in_words(document.published)
    return [Note("older", f"An older paper ({document.title}, {when}) said: “{quote}”")]


def _year(document: Document) -> int | None:
    return int(document.published[:4]) if document.published else None


def _first_day(document: Document) -> str:
    return str(parse_published(document.published).first) if document.published else ""


def _last_day(document: Document) -> str:
    return str(parse_published(document.published).last) if document.published else ""
