"""From one citation of an answer to the next, and back: what a paper's page needs to lead on.

The page keeps nothing of who asked what. The question and the citation's number stand in its
address, the question is asked again, and the citations are those of the papers as they are now.
"""

import re
from dataclasses import dataclass

from pydantic import ValidationError

from ingest.index import Generation
from ingest.sentences import Span
from service.answers import Citation
from service.ask import Models
from service.asking import Asking, answer_to

_NUMBER = re.compile(r"[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Place:
    """Which citation of how many a page shows, and the addresses of those beside it."""

    number: int
    count: int
    previous: str | None
    following: str | None


@dataclass(frozen=True, slots=True)
class Trail:
    """The question that led to a page, the address of its answer, and the place in that answer.

    `place` is None where the page is not a citation of the answer, or no longer is.
    """

    question: str
    back: str
    place: Place | None


def address_of(citation: Citation, asking: Asking, number: int | None) -> str:
    """Return a citation's address with the question that it answers, and its number from 1."""
    address, _, fragment = citation.url.partition("#")
    return f"{address}&{asking.query(n='' if number is None else str(number))}#{fragment}"


def trail_of(
    generation: Generation,
    models: Models,
    document_id: str,
    cited: Span | None,
    asking: Asking,
    number: str | None,
) -> Trail | None:
    """Return the way on from a span of a document that was opened from an answer.

    None without a question that could have been asked. It is asked again only where there is a
    number to look up.
    """
    try:
        request = asking.request()
    except ValidationError:
        return None
    place = None
    if cited and number and _NUMBER.fullmatch(number):
        answer = answer_to(generation, models, request)
        place = _place(answer.citations, asking, int(number), document_id, cited)
    return Trail(request.question, f"/?{asking.query()}", place)


def _place(
    citations: tuple[Citation, ...], asking: Asking, number: int, document_id: str, cited: Span
) -> Place | None:
    if number > len(citations):
        return None
    here = citations[number - 1]
    span = Span(here.start_char_index, here.end_char_index)
    if (here.document_id, span) != (document_id, cited):
        return None  # the papers have changed since

    def beside(other: int) -> str | None:
        within = 1 <= other <= len(citations)
        return address_of(citations[other - 1], asking, other) if within else None

    return Place(number, len(citations), beside(number - 1), beside(number + 1))
