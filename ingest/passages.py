"""Passages: whole sentences of one section, about as long as a paragraph."""

from collections.abc import Iterable
from dataclasses import dataclass

from langchain_text_splitters import RecursiveCharacterTextSplitter

from ingest.dates import published_in_words
from ingest.documents import Document
from ingest.sentences import Span
from ingest.speakers import continued_speech
from ingest.structure import Block, mask, reading_form, sections

PASSAGE_LENGTH = 500
_BETWEEN_SENTENCES = "\x1e"  # ASCII's record separator; never left inside a sentence


@dataclass(frozen=True, slots=True)
class Passage:
    """The span `[start, end)` of one document, and the sentences in it.

    `section` is the paragraph's number or, without one, its heading. `speaker` says whose words it
    begins with where an earlier passage names them. `reading` is its sentences with white space
    folded and displaced numbers left out: what is embedded, searched and reranked.
    """

    document_id: str
    start: int
    end: int
    section: str | None
    heading: str | None
    speaker: str | None
    sentences: tuple[Span, ...]
    reading: str


def split(
    document: Document, blocks: Iterable[Block], length: int = PASSAGE_LENGTH
) -> list[Passage]:
    """Return the passages of a document in the order of its text.

    A passage holds as many whole sentences of one section as fit into `length` characters of
    reading form; a longer sentence stands alone. Passages do not overlap.
    """
    blocks = list(blocks)
    masked = mask(document.text, blocks)
    speakers = continued_speech(masked, blocks)
    found = []
    for section in sections(blocks):
        for sentences in _fill(masked, section.sentences, length):
            span = Span(sentences[0].start, sentences[-1].end)
            found.append(
                Passage(
                    document.id,
                    span.start,
                    span.end,
                    section.label,
                    section.heading,
                    speakers.get(span.start),
                    sentences,
                    " ".join(reading_form(masked, sentence) for sentence in sentences),
                )
            )
    return found


def context_line(document: Document, passage: Passage) -> str:
    """Return what is put before a passage when embedding and reranking: where it comes from."""
    known = [document.publisher, document.published and published_in_words(document.published)]
    source = ", ".join(part for part in known if part)
    title = f"{document.title} ({source})" if source else document.title
    speaker = passage.speaker and f"{passage.speaker} said"
    return ". ".join(part for part in (title, passage.heading, speaker) if part)


def in_context(document: Document, passage: Passage, text: str) -> str:
    """Return a passage's text, or a sentence of it, as the models read it: context line first."""
    return f"{context_line(document, passage)}\n{text}"


def _fill(masked: str, sentences: tuple[Span, ...], length: int) -> list[tuple[Span, ...]]:
    """Cut the sentences of a section into runs; the splitter decides how many make a passage."""
    splitter = RecursiveCharacterTextSplitter(
        separators=[_BETWEEN_SENTENCES],
        keep_separator="end",
        chunk_size=length,
        chunk_overlap=0,
        strip_whitespace=False,
    )
    readings = [
        reading_form(masked, sentence).replace(_BETWEEN_SENTENCES, " ") for sentence in sentences
    ]
    joined = "".join(reading + _BETWEEN_SENTENCES for reading in readings)
    runs, done = [], 0
    for chunk in splitter.split_text(joined):
        count = chunk.count(_BETWEEN_SENTENCES)
        runs.append(sentences[done : done + count])
        done += count
    if done != len(sentences) or not all(runs):
        raise AssertionError(f"the splitter returned {done} of {len(sentences)} sentences")
    return runs
