"""A whole paper as its page shows it: with addresses, contents, and page furniture apart."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from ingest.documents import Document
from ingest.index import Generation
from ingest.sentences import Span
from ingest.structure import Block, Kind, fold

CONTENTS_FROM = 3  # headings; with fewer, a list of them says nothing that the page does not
CHARACTERS_A_MINUTE = 1_500  # 238 words (Brysbaert 2019, silent reading) of the papers' 6.3
_LONGEST_SLUG = 60  # characters


@dataclass(frozen=True, slots=True)
class Part:
    """Some text of a paragraph as it reads; `first` where the page scrolls to."""

    text: str
    marked: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class Readable:
    """A block as the page shows it.

    `number` is its paragraph number where that begins; `anchor`, unique on the page, is there for
    headings and where a number begins; `level` is a heading's, 2 to 6, and 0 for all else.
    """

    kind: Kind
    number: str | None
    parts: tuple[Part, ...]
    anchor: str | None = None
    level: int = 0

    @property
    def text(self) -> str:
        """The block's text as it reads, without its number."""
        return "".join(part.text for part in self.parts)

    @property
    def is_marked(self) -> bool:
        """True when some of it is cited."""
        return any(part.marked for part in self.parts)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive blocks: all of them page furniture, which the page folds away, or none."""

    is_furniture: bool
    blocks: tuple[Readable, ...]

    @property
    def is_marked(self) -> bool:
        """True when some of it is cited, so that it must not be folded."""
        return any(block.is_marked for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Reading:
    """A paper's page. `contents` are its headings, none where they are too few to list."""

    stretches: tuple[Stretch, ...]
    contents: tuple[Readable, ...]


def read(generation: Generation, document: Document, cited: Span | None) -> Reading:
    """Return all of a document in order, with the characters of `cited` marked."""
    blocks = list(_with_anchors(_readable(generation, document, cited)))
    headings = tuple(block for block in blocks if block.kind == "heading")
    grouped = groupby(blocks, key=lambda block: block.kind == "furniture")
    stretches = tuple(Stretch(is_furniture, tuple(found)) for is_furniture, found in grouped)
    return Reading(stretches, headings if len(headings) >= CONTENTS_FROM else ())


def minutes_to_read(document: Document) -> int:
    """Return about how long a document takes to read, in whole minutes, at least 1."""
    return max(1, round(len(document.text) / CHARACTERS_A_MINUTE))


def _readable(generation: Generation, document: Document, cited: Span | None) -> Iterator[Readable]:
    masked = generation.masked[document.id]
    blocks = generation.blocks[document.id]
    opening = _repeats_of_the_title(document, blocks)
    levels = _levels(blocks, opening)
    number = None
    marked_before = False
    for block, level in zip(blocks, levels, strict=True):
        kind: Kind = "furniture" if block in opening else block.kind
        source = document.text if kind == "furniture" else masked
        parts = []
        for part in _parts(source, block.span, cited):
            parts.append(replace(part, first=part.marked and not marked_before))
            marked_before |= part.marked
        begins = block.number if block.number != number else None
        if kind not in ("furniture", "caption"):  # the paragraph goes on below them
            number = block.number
        yield Readable(kind, begins, tuple(parts), level=level)


def _repeats_of_the_title(document: Document, blocks: Sequence[Block]) -> list[Block]:
    """The headings above all text that say again what the page says over it: title, publisher."""
    said = [_words(document.title), _words(document.publisher or "")]
    found = []
    for block in blocks:
        if block.kind not in ("heading", "furniture", "caption"):
            break
        content = document.text[block.span.start : block.span.end]
        if block.kind == "heading" and block.number is None and _words(content) in said:
            found.append(block)
    return found


def _levels(blocks: Sequence[Block], opening: Sequence[Block]) -> list[int]:
    """One level a block: h2 for 5, h3 for 5.1, never one left out between; 0 for no heading.

    A heading without a number stands under the numbered one above it when the next paragraph does:
    "Delays" between 1 and 1.6 is an h3, between 1.6 and 2.1 an h2.
    """
    levels = []
    above, last = "", 1
    for place, block in enumerate(blocks):
        if block.kind != "heading" or block in opening:
            levels.append(0)
            continue
        level = 2
        if block.number:
            level, above = 2 + block.number.count("."), block.number
        elif above:
            following = next((other.number for other in blocks[place:] if other.number), None)
            while above and not f"{following}".startswith(f"{above}."):
                above = above.rpartition(".")[0]
            level = 3 + above.count(".") if above else 2
        last = min(level, last + 1, 6)
        levels.append(last)
    return levels


def _with_anchors(blocks: Iterable[Readable]) -> Iterator[Readable]:
    taken: set[str] = set()
    for block in blocks:
        if block.kind == "heading":
            wanted = f"section-{block.number or _slug(block.text)}"
        elif block.number and block.kind != "furniture":
            wanted = f"paragraph-{block.number}"
        else:
            yield block
            continue
        anchor, times = wanted, 1
        while anchor in taken:
            times += 1
            anchor = f"{wanted}-{times}"
        taken.add(anchor)
        yield replace(block, anchor=anchor)


def _slug(text: str) -> str:
    slug = "-".join(_words(text))
    if len(slug) > _LONGEST_SLUG:
        slug = slug[: _LONGEST_SLUG + 1].rpartition("-")[0] or slug[:_LONGEST_SLUG]
    return slug or "untitled"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"['’]", "", text).casefold())


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
