"""What in a document is content: headings, numbered paragraphs, sentences, and page furniture.

Everything is a span over the unchanged text. Papers come as they come: wrapped by a printer, cut by
page breaks, their paragraph numbers torn off by a PDF reader, among a web page's buttons. The
steps, in order: lines (lines.py) → furniture and bare numbers → runs of lines → paragraphs, joined
across breaks (pieces.py) → numbers and headings given to paragraphs → sentences.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from ingest.lines import (
    ASKS,
    FUNCTION_WORDS,
    is_hard_wrapped,
    is_row,
    is_terminated,
    lines_of,
    without_tags,
)
from ingest.pieces import FIELD, Piece, join_across_breaks, mark_entries, pieces_of
from ingest.sentences import CLOSERS, OPENERS, Span, split_sentences

_ENTRY = "\u2029"  # Unicode's paragraph separator, which is white space, in a masked text

Kind = Literal["heading", "paragraph", "item", "caption", "furniture"]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, an item (list entry, form field), a picture's caption or furniture.

    Paragraphs and items have sentences and can be quoted; the others cannot. The span leaves out
    the paragraph's number; its sentences leave out an item's bullet. `number` and `heading` say
    where it belongs; `omitted` are displaced numbers and furniture inside the span, not read.
    """

    kind: Kind
    span: Span
    number: str | None = None
    heading: str | None = None
    sentences: tuple[Span, ...] = ()
    omitted: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive paragraphs with one number under one heading, as their sentences."""

    number: str | None
    heading: str | None
    sentences: tuple[Span, ...]

    @property
    def label(self) -> str | None:
        """The number where there is one, else the heading; None above the first heading."""
        return self.number or self.heading


def read_structure(text: str) -> tuple[Block, ...]:
    """Return the blocks of a document in the order of its text; their spans do not overlap."""
    text = without_tags(text)
    lines = lines_of(text)
    wrapped = is_hard_wrapped(text, lines)
    pieces = pieces_of(text, lines, wrapped)
    mark_entries(text, pieces)
    pieces = join_across_breaks(text, pieces)
    blocks = sorted(_number_and_name(text, pieces, wrapped), key=lambda block: block.span)
    return tuple(_keep_lists_together(text, blocks))


def sections(blocks: Iterable[Block]) -> list[Section]:
    """Group sentences that follow each other under one number and heading.

    Furniture or a caption between two sentences begins a new group: no span over one holds any.
    """
    found: list[tuple[str | None, str | None, list[Span]]] = []
    unbroken = False
    for block in blocks:
        if block.kind in ("furniture", "caption"):
            unbroken = False
        for sentence in block.sentences:
            if unbroken and found[-1][:2] == (block.number, block.heading):
                gap = Span(found[-1][2][-1].end, sentence.start)
                unbroken = not any(gap.start <= hole.start < gap.end for hole in block.omitted)
            else:
                unbroken = False
            if unbroken:
                found[-1][2].append(sentence)
            else:
                found.append((block.number, block.heading, [sentence]))
            unbroken = True
    return [Section(number, heading, tuple(spans)) for number, heading, spans in found]


def mask(text: str, blocks: Iterable[Block]) -> str:
    """Return the text with furniture, displaced numbers and tags blanked out, at the same offsets.

    Before each entry of a list that is one sentence stands a paragraph separator.
    """
    blocks = list(blocks)
    masked = _without(
        without_tags(text),
        [
            span
            for block in blocks
            for span in ((block.span,) if block.kind == "furniture" else block.omitted)
        ],
    )
    edges = [block.span.start for block in blocks if block.kind == "item" and not block.sentences]
    parts = [masked[start:end] for start, end in pairwise([0, *edges, len(masked)])]
    return "".join([part[:-1] + _ENTRY for part in parts[:-1]] + parts[-1:])


def reading_form(masked: str, span: Span) -> str:
    """Return a span of masked text as it reads: white space folded, hyphens at a break joined.

    A list's entries stay on lines of their own.
    """
    return fold(masked[span.start : span.end]).strip()


def fold(text: str) -> str:
    """Make each run of white space one space, and none after a hyphen at the end of a line.

    One before a list's entry becomes a line break; a wide gap before a comma was a tag.
    """
    text = re.sub(r" {3,}(?=[,.;:!?)’”])", "", text)
    joined = re.sub(r"(?<=[a-z])-\s*[\r\n]\s*(?=[a-z])", "-", text)
    return re.sub(r"\s+", lambda space: "\n" if _ENTRY in space.group() else " ", joined)


# --- numbers and headings -----------------------------------------------------------------------

_DOTTED_NUMBER = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3})+)\.?\s+(?=\S)")


@dataclass(slots=True)
class _Place:
    """Where reading has come to: paragraph number, headings above, numbers not yet given."""

    number: str | None = None
    last_number: str | None = None
    headings: list[tuple[str | None, str]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    seen_paragraph: bool = False

    def enter_heading(self, number: str | None, content: str) -> None:
        is_title = number is None and not self.seen_paragraph and not self.waiting
        while self.headings and not _is_under(number, self.headings[-1][0]):
            self.headings.pop()
        if not is_title:
            self.headings.append((number, content))
        self.number = number
        self.last_number = number or self.last_number

    def enter_paragraph(self, piece: "Piece") -> None:
        self.seen_paragraph = True
        if piece.number is not None:
            self.waiting = []
        elif not self.waiting or piece.is_item:
            return
        self.number = self.last_number = piece.number or self.waiting.pop(0)
        while (
            self.headings
            and self.headings[-1][0]
            and not _is_under(self.number, self.headings[-1][0])
        ):
            self.headings.pop()


def _is_under(number: str | None, above: str | None) -> bool:
    """True when `number` lies below the heading numbered `above`: 5.1 under 5, not 51."""
    return above is not None and number is not None and f"{number}.".startswith(f"{above}.")


def _number_and_name(text: str, pieces: Sequence[Piece], wrapped: bool) -> Iterator[Block]:
    """Give each paragraph its number and heading; displaced numbers go to those that follow."""
    place = _Place()
    contents = [_content(text, piece) for piece in pieces]
    for index, piece in enumerate(pieces):
        content = contents[index]
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        followed_by_number = following is not None and following.number is not None
        leads = content.endswith(":") and following is not None and _is_entry(text, following)
        if piece.kind == "text" and piece.number is None and place.last_number:
            content = _take_number(piece, content, place.last_number)
        if piece.kind == "caption":
            yield Block("caption", piece.span)
        elif piece.kind == "furniture" or _is_pull_quote(content, _around(contents, index)):
            yield Block("furniture", piece.span)
        elif piece.kind == "numbers":
            last = place.waiting[-1] if place.waiting else place.last_number
            found = _displaced_numbers(content, last)
            place.waiting += found
            if not found and not piece.is_inside:  # a table's figures, not a paragraph's number
                yield Block("furniture", piece.span)
        elif _heads_an_answer(content, piece, following) or (
            not leads
            and _is_heading(content, piece, place, followed_by_number)
            and not _is_step(pieces, index)
        ):
            place.enter_heading(piece.number, content)
            yield Block("heading", piece.span, number=piece.number)
        else:
            place.enter_paragraph(piece)
            _keep_figures(text, piece, place)
            heading = place.headings[-1][1] if place.headings else None
            yield _paragraph(text, piece, place.number, heading, wrapped)


_LONGEST_ASKED = 14  # words of a heading that asks
_STEPS = 3  # in a row, and they are steps


def _heads_an_answer(content: str, piece: Piece, following: Piece | None) -> bool:
    """True for a short question on its own with text below it: "What happens next?"."""
    return (
        content.endswith("?")
        and content[0].isupper()
        and len(content.split()) <= _LONGEST_ASKED
        and len(split_sentences(content, 0, len(content))) == 1
        and not (piece.is_item or piece.number or re.match(r"Q\b|Question\b", content))
        and following is not None
        and following.kind == "text"
        and not following.is_item
    )


def _is_step(pieces: Sequence[Piece], index: int) -> bool:
    """True for one of several pieces numbered 1, 2, 3 … with nothing between, unlike headings."""
    number = pieces[index].number
    if number is None or not number.isdigit():
        return False
    known = {
        int(number) + other - index: pieces[other].number
        for other in range(max(0, index - 2), min(len(pieces), index + 3))
    }
    follows = [known.get(int(number) + step) == str(int(number) + step) for step in range(-2, 3)]
    return any(all(follows[start : start + _STEPS]) for start in range(3))


def _is_entry(text: str, piece: Piece) -> bool:
    """True for an item with a bullet or a small letter, not for a form's field."""
    return piece.is_item and (piece.begins is not None or text[piece.span.start].islower())


def _keep_figures(text: str, piece: Piece, place: _Place) -> None:
    """Leave in a sentence the bare numbers that number no paragraph: "a sum of / 2.6 / million"."""
    last = place.waiting[-1] if place.waiting else place.last_number
    for span in piece.numbers:
        found = _displaced_numbers(text[span.start : span.end], last)
        if found:
            last = found[-1]
        else:
            piece.omitted.remove(span)


_LONGEST_LIST = 900  # characters; the items of a longer one stand alone


def _keep_lists_together(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Make one sentence of "The following were rejected:" and its items: alone they mislead."""
    kept = list(blocks)
    place = 0
    while place < len(kept):
        lead, end = kept[place], place + 1
        of_fields = end < len(kept) and _is_field(text, kept[end])
        while end < len(kept) and kept[end].kind == "item" and kept[end].number == lead.number:
            if not of_fields and _is_field(text, kept[end]):  # "Important: …" is no entry of it
                break
            end += 1
        if lead.kind == "paragraph" and lead.sentences and end > place + 1:
            opening = lead.sentences[-1]
            whole = Span(opening.start, kept[end - 1].span.end)
            ends_open = text[opening.start : opening.end].endswith((":", "-", "–", "to", "that"))
            if ends_open and whole.end - whole.start <= _LONGEST_LIST:
                kept[place] = replace(lead, sentences=(*lead.sentences[:-1], whole))
                for item in range(place + 1, end):
                    kept[item] = replace(kept[item], sentences=())
        place = end
    return kept


def _is_field(text: str, block: Block) -> bool:
    return FIELD.fullmatch(text, block.span.start, block.span.end) is not None


def _paragraph(
    text: str, piece: Piece, number: str | None, heading: str | None, wrapped: bool
) -> Block:
    omitted = tuple(piece.omitted)
    masked = _without(text, omitted)
    kind: Kind = "item" if piece.is_item else "paragraph"
    sentences = split_sentences(masked, piece.span.start, piece.span.end)
    if piece.is_item:
        sentences = (Span(sentences[0].start, sentences[-1].end),)
    elif len(sentences) > 1:
        last = masked[sentences[-1].start : sentences[-1].end]
        is_cut = wrapped or last.split()[-1] in FUNCTION_WORDS
        if is_cut and len(last.split()) <= 4 and not is_terminated(last):
            sentences = sentences[:-1]  # cut off by the end of a column, and says nothing
    begins = piece.span.start if piece.begins is None else piece.begins
    return Block(kind, Span(begins, piece.span.end), number, heading, sentences, omitted)


def _without(text: str, spans: Iterable[Span]) -> str:
    """The text with these spans blanked out."""
    kept, done = [], 0
    for span in sorted(spans):
        start = max(done, span.start)
        kept += [text[done:start], " " * (span.end - start)]
        done = max(done, span.end)
    return "".join([*kept, text[done:]])


def _content(text: str, piece: Piece) -> str:
    return reading_form(_without(text, piece.omitted), piece.span)


def _displaced_numbers(content: str, last: str | None) -> list[str]:
    """The numbers of a bare line if each may follow the one before it, else none."""
    found: list[str] = []
    for token in content.split():
        number = token.rstrip(".")
        if not _may_follow(number, found[-1] if found else last):
            return []
        found.append(number)
    return found


def _take_number(piece: Piece, content: str, last: str) -> str:
    """Take a paragraph's number off its text where what follows does not look like a beginning.

    "1.3 £1.5m was saved" and "1.5 the Director" are numbered if that number comes next; "2.6
    million" is not. Returns the text that is left.
    """
    match = _DOTTED_NUMBER.match(content)
    if match is None or not _may_follow(match["number"], last):
        return content
    piece.number = match["number"]
    piece.span = Span(piece.span.start + match.end(), piece.span.end)
    return content[match.end() :]


def _may_follow(number: str, last: str | None) -> bool:
    """True for the next sibling (two may be missing), a first child, or the next part's start."""
    new = [int(part) for part in number.split(".")]
    if last is None:
        return new[-1] == 1 or len(new) == 1
    old = [int(part) for part in last.split(".")]
    if new == [*old, 1]:
        return True
    for depth in range(min(len(old), len(new))):
        step = new[depth] - old[depth]
        if new[:depth] == old[:depth] and 1 <= step <= 3 and new[depth + 1 :] in ([], [1]):
            return True
    return False


_RELATIVE_CLAUSE = re.compile(r"\b(who|which|that|whose)\b[^,.]*([,.]|$)", re.IGNORECASE)
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has|have|had|will|would|can|could|may|might|must|shall|should|do|does|did)\b"
)
_PAST_TENSE = re.compile(
    r"\b(said|made|took|gave|held|met|rose|fell|went|came|became|began|led|left|kept|paid|saw|got|"
    r"found|felt|put|set|cost|cut|grew|told|spoke|brought|bought|built|won|lost|ran|\w{2,}ed)\b"
)
_PRONOUN = re.compile(r"(he|she|it|they|we|i|you|this|these|those|there)\b", re.IGNORECASE)


def _is_heading(content: str, piece: Piece, place: _Place, followed_by_number: bool) -> bool:
    """Short, and a name rather than a statement. Capitals, and question words, make names."""
    if piece.is_item or len(content) > 200 or content[0].islower() or is_row(content):
        return False
    first, *more = split_sentences(content, 0, len(content))
    opening = content[first.start : first.end]
    if more and (_PRONOUN.match(opening) or _states_something(opening)):
        return False
    words = len(content.split())
    ended = content.rstrip(CLOSERS).endswith((".", "!", "?", "…", ";", ","))
    if piece.number is not None:
        longest = 10 if "." in piece.number else 14
        return not ended and words <= longest and not _states_something(content)
    if not ended:
        in_title = not place.seen_paragraph
        return not content.endswith(":") and (in_title or not _states_something(content))
    between_numbers = followed_by_number and "." in (place.last_number or "")
    return between_numbers and _is_noun_phrase(content)


def _states_something(content: str) -> bool:
    """True when an unfinished line has a verb of its own: a sentence without its full stop."""
    if content.isupper() or ASKS.match(content):
        return False
    return bool(_AUXILIARY.search(_RELATIVE_CLAUSE.sub(" ", content)))


def _is_noun_phrase(content: str) -> bool:
    """One phrase with a full stop but no verb of its own: a heading typed as a sentence."""
    if re.search(r"[.!?]\s", content) or content[0] in OPENERS or _PRONOUN.match(content):
        return False
    own = _RELATIVE_CLAUSE.sub(" ", content)
    return not _AUXILIARY.search(own) and not _PAST_TENSE.search(own)


def _is_pull_quote(content: str, around: Sequence[str]) -> bool:
    """True for a line set large that only repeats words of a paragraph near it."""
    if len(content.split()) < 5 or is_terminated(content):
        return False
    return any(content in other for other in around if is_terminated(other))


def _around(contents: Sequence[str], index: int, reach: int = 30) -> Sequence[str]:
    return contents[max(0, index - reach) : index + reach]
