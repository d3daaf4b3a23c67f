"""Addresses that open a paper at quoted words, and still find them when the paper has changed."""

import zlib
from urllib.parse import quote

from ingest.sentences import Span

MOVED = 20_000  # characters to either side, within which words that have moved are looked for
LONGEST_MOVED = 5_000  # characters; longer quotations are not looked for elsewhere


def document_url(document_id: str) -> str:
    """Return the address of a document's page."""
    return f"/documents/{quote(document_id, safe='')}"


def span_url(document_id: str, text: str, span: Span) -> str:
    """Return the address of a document's page that marks a span of its text.

    It also says what the words were, as a checksum: another text is never marked in their place.
    """
    words = checksum(text[span.start : span.end])
    return f"{document_url(document_id)}?start={span.start}&end={span.end}&words={words}#cited"


def checksum(words: str) -> str:
    """Return the CRC-32 of the words in UTF-8, eight hexadecimal digits."""
    return f"{zlib.crc32(words.encode()):08x}"


def where_now(text: str, start: int, end: int, words: str) -> Span | None:
    """Return where words of that checksum stand, first where they stood, then nearby; or None."""
    length = end - start
    reach = MOVED if length <= LONGEST_MOVED else 0
    places = range(max(0, start - reach), min(len(text) - length, start + reach) + 1)
    for place in sorted(places, key=lambda place: abs(place - start)):
        if checksum(text[place : place + length]) == words:
            return Span(place, place + length)
    return None
