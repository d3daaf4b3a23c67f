"""What the pages show: answers and whole documents in readable form, with the cited span marked."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from ingest.dates import published_in_words
from ingest.documents import Document
from ingest.index import Generation
from ingest.sentences import Span
from ingest.structure import fold
from service.answers import Citation


def templates_of(package: str) -> Environment:
    """Return the templates of a package, everything that they show escaped."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )


_templates = templates_of("service")
_templates.filters["in_words"] = published_in_words


@dataclass(frozen=True, slots=True)
class Part:
    """Some text of a paragraph as it reads; `first` where the page scrolls to."""

    text: str
    marked: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class Readable:
    """A block as the page shows it, and its paragraph number where that begins."""

    kind: str
    number: str | None
    parts: tuple[Part, ...]


def render(template: str, **values: Any) -> str:
    """Return a page; every value is escaped."""
    return _templates.get_template(template).render(**values)


def readable(
    generation: Generation, document: Document, cited: Span | None
) -> tuple[Readable, ...]:
    """Return all blocks of a document in order, with the characters of `cited` marked."""
    masked = generation.masked[document.id]
    found: list[Readable] = []
    number = None
    marked_before = False
    for block in generation.blocks[document.id]:
        source = document.text if block.kind == "furniture" else masked
        parts = []
        for part in _parts(source, block.span, cited):
            parts.append(replace(part, first=part.marked and not marked_before))
            marked_before |= part.marked
        begins = block.number if block.number != number else None
        number = block.number
        found.append(Readable(block.kind, begins, tuple(parts)))
    return tuple(found)


def quotations(generation: Generation, citations: Sequence[Citation]) -> list[dict[str, Any]]:
    """Return citations with their text as it reads, for a page."""
    return [
        asdict(citation)
        | {
            "reading": generation.reading(
                citation.document_id, Span(citation.start_char_index, citation.end_char_index)
            )
        }
        for citation in citations
    ]


def by_date(generation: Generation) -> list[Document]:
    """Return the documents, newest first; those of unknown date last."""
    documents = sorted(generation.documents.values(), key=lambda document: document.title)
    return sorted(documents, key=lambda document: document.published or "", reverse=True)


def _parts(text: str, span: Span, cited: Span | None) -> Iterator[Part]:
    edges = {span.start, span.end}
    if cited:
        edges |= {min(max(edge, span.start), span.end) for edge in (cited.start, cited.end)}
    ordered = sorted(edges)
    for start, end in pairwise(ordered):
        if folded := _fold(text[start:end], start == span.start, end == span.end):
            yield Part(folded, bool(cited and cited.start <= start and end <= cited.end))


def _fold(text: str, first: bool, last: bool) -> str:
    folded = fold(text).lstrip() if first else fold(text)
    return folded.rstrip() if last else folded
