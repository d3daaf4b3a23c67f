"""Paragraphs in the making: runs of lines cut where one begins, joined where a page broke it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ingest.lines import (
    ASKS,
    CAPTION_FOLLOWS,
    FUNCTION_WORDS,
    NEARLY_FULL,
    first_word,
    is_contact,
    is_furniture,
    is_row,
    is_terminated,
    running_lines,
    width_of,
)
from ingest.sentences import BULLETS, OPENERS, Span

_NUMBER = r"(?:\d{1,3}(?:\.\d{1,3})+\.?|\d{1,3}\.)"  # 1.3, 1.3. or 1. but never 2021 or a bare 3
_BARE_NUMBERS = re.compile(rf"{_NUMBER}(?:\s+{_NUMBER})*")
_LEADING_NUMBER = re.compile(
    rf"(?P<number>{_NUMBER})\s+(?=[{re.escape(OPENERS)}]*[A-Z]|[£€$]\d|\d{{4}}/)"
)
_REFERS_TO_NUMBER = re.compile(
    r"\b(paragraphs?|paras?|sections?|appendix|table|figure|item)$", re.I
)
_LEADING_BULLET = re.compile(
    rf"(?:[{re.escape(BULLETS)}–-]|\(?(?:[a-z]|[ivx]{{1,4}}|\d{{1,2}})\))\s+(?=\S)"
)
FIELD = re.compile(r"(?!Q:|A:|Question|Answer)[A-Z][\w’'/-]*(?: [\w’'/-]+){0,3}:\s?[^\s“\"].{0,90}")
_SIGNATURE = re.compile(r"(signed|dated|date|name|title|position)\b", re.IGNORECASE)
_DATELINE = re.compile(r"(published|posted|updated|last updated|date)\b.*\d.{0,40}", re.IGNORECASE)


@dataclass(slots=True)
class Piece:
    """A paragraph in the making, or a line of furniture, or a line of bare numbers.

    `begins` is where its bullet stands, before the span. `numbers` are those of the `omitted` that
    are bare numbers; such a line of its own `is_inside` a paragraph that goes on after it.
    """

    kind: Literal["text", "caption", "furniture", "numbers"]
    span: Span
    number: str | None = None
    is_item: bool = False
    begins: int | None = None
    omitted: list[Span] = field(default_factory=list)
    numbers: list[Span] = field(default_factory=list)
    is_inside: bool = False


def pieces_of(text: str, lines: Sequence[Span], wrapped: bool) -> list[Piece]:
    """Return the paragraphs, furniture and bare numbers that lines make, in their order.

    `wrapped` says whether the lines were wrapped by a printer.
    """
    found: list[Piece] = []
    run: list[Span] = []
    caption_next = False
    running = running_lines(text, lines)
    width = width_of(lines)

    def close_run() -> None:
        nonlocal caption_next
        if run:
            in_list = bool(found) and _leads_to_entries(text, found[-1])
            paragraphs = list(_paragraphs(text, run, wrapped, width, in_list))
            if caption_next:
                paragraphs[0].kind = "caption"
            found.extend(paragraphs)
            run.clear()
            caption_next = False

    for line in lines:
        content = text[line.start : line.end]
        if not content:
            close_run()
        elif _BARE_NUMBERS.fullmatch(content) and not _refers(text, run):
            close_run()
            found.append(Piece("numbers", line))
        elif line in running or (is_furniture(content) and not _goes_on(text, run, content)):
            close_run()
            if CAPTION_FOLLOWS.fullmatch(content):
                _picture_description_is_furniture(text, found)
                caption_next = True
            found.append(Piece("furniture", line))
        else:
            run.append(line)
    close_run()
    return found


def _goes_on(text: str, run: Sequence[Span], content: str) -> bool:
    """True for an address in the middle of a sentence: "may object by⏎writing to a@b.uk"."""
    if not run or not is_contact(content):
        return False
    above = text[run[-1].start : run[-1].end]
    return len(above) >= 40 and not is_terminated(above)


def _refers(text: str, run: Sequence[Span]) -> bool:
    """True when the line above ends with "paragraph" or the like, so that a number completes it."""
    return bool(run) and bool(_REFERS_TO_NUMBER.search(text, run[-1].start, run[-1].end))


def _picture_description_is_furniture(text: str, found: list[Piece]) -> None:
    """What stands right before "Image caption," without a full stop describes the picture."""
    if found and found[-1].kind == "text":
        span = found[-1].span
        if not is_terminated(text[span.start : span.end]):
            found[-1] = Piece("furniture", span)


def _paragraphs(
    text: str, run: Sequence[Span], wrapped: bool, width: int, in_list: bool
) -> Iterator[Piece]:
    """Cut a run of lines without a blank one between them where a new paragraph begins.

    `in_list` says whether what stands before it leads to a list or is an entry of one.
    """
    first = last = run[0]
    for line in run[1:]:
        is_led = text[last.end - 1] == ":"
        is_entry = (in_list or is_led) and text[line.start].islower()
        if wrapped and is_entry and not is_led:
            length = last.end - last.start + 1 + first_word(text, line)
            is_entry = length < NEARLY_FULL * width
        if is_entry or _breaks_between(text, last, line, wrapped, width):
            piece = _piece(text, Span(first.start, last.end), in_list)
            yield piece
            in_list = _leads_to_entries(text, piece) or (in_list and _may_be_entry(text, piece))
            first = line
        last = line
    yield _piece(text, Span(first.start, last.end), in_list)


def _leads_to_entries(text: str, piece: Piece) -> bool:
    """True when what follows in small letters is a list's entry, with or without a bullet."""
    return piece.kind == "text" and (piece.is_item or text[piece.span.end - 1] == ":")


def _breaks_between(text: str, line: Span, following: Span, wrapped: bool, width: int) -> bool:
    before, after = text[line.start : line.end], text[following.start : following.end]
    ended = is_terminated(before) or len(before) < 0.6 * width
    if _LEADING_BULLET.match(after):
        return ended or not wrapped or after[0] not in "-–"  # a dash may stand in a sentence
    if not wrapped:
        return not _continues(before, after)
    if _LEADING_NUMBER.match(after) or FIELD.fullmatch(after):
        return ended
    return len(before) < 0.6 * width and not after[0].islower()


def _piece(text: str, span: Span, in_list: bool = False) -> Piece:
    """A paragraph without its number or bullet, which are remembered."""
    content = text[span.start : span.end]
    if match := _LEADING_NUMBER.match(content):
        number = match["number"].rstrip(".")
        return Piece("text", Span(span.start + match.end(), span.end), number=number)
    if match := _LEADING_BULLET.match(content):
        inside = Span(span.start + match.end(), span.end)
        return Piece("text", inside, is_item=True, begins=span.start)
    is_entry = in_list and content[0].islower()
    is_item = is_entry or bool(FIELD.fullmatch(content) or _DATELINE.fullmatch(content))
    return Piece("text", span, is_item=is_item)


_LONGEST_ENTRY = 120  # characters of a list's entry that has neither a bullet nor a small letter


def mark_entries(text: str, pieces: Sequence[Piece]) -> None:
    """Make items of the short lines without an end that stand after a line that ends in ":".

    A capital after small letters ends the list unless small letters follow again. The last of a
    list in capitals, where a sentence follows it, is the heading of that sentence.
    """
    for place, lead in enumerate(pieces):
        if lead.kind != "text" or lead.is_item or text[lead.span.end - 1] != ":":
            continue
        end = place + 1
        while end < len(pieces) and _may_be_entry(text, pieces[end]):
            end += 1
        entries, after = list(pieces[place + 1 : end]), pieces[end : end + 1]
        if entries and text[entries[0].span.start].islower():
            while not text[entries[-1].span.start].islower():
                entries.pop()
        elif entries and after and _is_heading_of(text, entries, after[0]):
            entries.pop()
        for piece in entries:
            piece.is_item = True


def _may_be_entry(text: str, piece: Piece) -> bool:
    content = text[piece.span.start : piece.span.end]
    is_marked = piece.number is not None or piece.begins is not None
    if piece.kind != "text" or is_marked or FIELD.fullmatch(content):
        return False
    is_open = not is_terminated(content) or content.endswith(";")
    return content[0].islower() or (is_open and len(content) <= _LONGEST_ENTRY)


def _is_heading_of(text: str, entries: Sequence[Piece], after: Piece) -> bool:
    """True when the last line of a list in capitals belongs to the sentence after it."""
    last = entries[-1].span
    if after.kind != "text" or after.is_item or is_row(text[last.start : last.end]):
        return False
    before = entries[-2].span.end if len(entries) > 1 else 0
    set_apart = text.count("\n", last.end, after.span.start) > 1
    return not (set_apart and before and text.count("\n", before, last.start) == 1)


def _continues(before: str, after: str) -> bool:
    """True when a sentence that stopped without an end goes on after the break."""
    if is_terminated(before) or _LEADING_NUMBER.match(after) or _LEADING_BULLET.match(after):
        return False
    if after.isupper() != before.isupper():
        return False
    if after[0].isupper() and ASKS.match(before) and len(before.split()) <= 12:
        return False  # "What a Blue Badge is for" is a heading
    last_word = before.rsplit(maxsplit=1)[-1]
    last_word = last_word.lower() if before.isupper() else last_word  # "Band A" has no article
    if _REFERS_TO_NUMBER.search(before):
        return True
    return after[0].islower() or after[0] == "(" or last_word in FUNCTION_WORDS


def join_across_breaks(text: str, pieces: Sequence[Piece]) -> list[Piece]:
    """Join what a page or column break cut, over the numbers and furniture that stand between."""
    joined: list[Piece] = []
    open_: Piece | None = None
    between: list[Piece] = []
    for piece in pieces:
        if piece.kind != "text":
            between.append(piece)
            continue
        content = text[piece.span.start : piece.span.end]
        if open_ and _belongs_to(text, open_, piece, content, between):
            numbers = [other for other in between if other.kind == "numbers"]
            open_.omitted += [other.span for other in between]
            open_.numbers += [other.span for other in numbers]
            open_.span = Span(open_.span.start, piece.span.end)
            joined += [replace(other, is_inside=True) for other in numbers]
        else:
            joined += [*between, piece]
            open_ = piece
        between = []
    return joined + between


def _belongs_to(
    text: str, open_: Piece, piece: Piece, content: str, between: Sequence[Piece]
) -> bool:
    before = text[open_.span.start : open_.span.end]
    if FIELD.fullmatch(before) and FIELD.fullmatch(content):
        both_sign = _SIGNATURE.match(before) and _SIGNATURE.match(content)
        return bool(both_sign) and not between  # "Signed: …" and "Dated: …" are one thing
    return piece.number is None and not piece.is_item and _continues(before, content)
