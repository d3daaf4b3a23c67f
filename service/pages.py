"""What the pages show: templates, answers' quotations in readable form, the papers in order."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from ingest.dates import published_in_words
from ingest.documents import Document
from ingest.index import Generation
from ingest.sentences import Span
from service.answers import Citation
from service.asking import Asking
from service.look import Look
from service.reading import minutes_to_read
from service.trail import address_of


def templates_of(package: str) -> Environment:
    """Return the templates of a package, everything that they show escaped."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )


_templates = templates_of("service")
_templates.filters |= {"in_words": published_in_words, "minutes": minutes_to_read}


def render(template: str, look: Look, **values: Any) -> str:
    """Return a page under the council's name; every value is escaped."""
    return _templates.get_template(template).render(look=look, **values)


def quotations(
    generation: Generation, citations: Sequence[Citation], asking: Asking, *, numbered: bool
) -> list[dict[str, Any]]:
    """Return citations with their text as it reads and what stands around it, for a page.

    Their addresses know the question, and where `numbered` which citation of its answer they are,
    so that the paper's page can lead to the next one and back.
    """

    def reading(citation: Citation, start: int, end: int) -> str:
        return generation.reading(citation.document_id, Span(start, end)) if start < end else ""

    return [
        asdict(one)
        | {
            "url": address_of(one, asking, number if numbered else None),
            "reading": reading(one, one.start_char_index, one.end_char_index),
            "before": reading(one, one.context_start_char_index, one.start_char_index),
            "after": reading(one, one.end_char_index, one.context_end_char_index),
        }
        for number, one in enumerate(citations, start=1)
    ]


def by_date(generation: Generation) -> list[Document]:
    """Return the documents, newest first; those of unknown date last."""
    documents = sorted(generation.documents.values(), key=lambda document: document.title)
    return sorted(documents, key=lambda document: document.published or "", reverse=True)
