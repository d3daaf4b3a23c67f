"""What in a document is content: headings, numbered paragraphs, sentences, and page furniture.

Everything is a span over the unchanged text. Papers come as they come: wrapped by a printer, cut by
page breaks, their paragraph numbers torn off by a PDF reader, among a web page's buttons. The
steps, in order: lines → furniture and bare numbers → runs of lines → paragraphs → paragraphs joined
across breaks → numbers and headings given to paragraphs → sentences.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from ingest.sentences import BULLETS, CLOSERS, OPENERS, Span, split_sentences, trim

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
    lines = _lines(text)
    wrapped = _is_hard_wrapped(text, lines)
    pieces = _pieces(text, lines, wrapped)
    _mark_entries(text, pieces)
    pieces = _join_across_breaks(text, pieces)
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
    """Return the text with furniture and displaced numbers blanked out, every offset unchanged.

    Before each entry of a list that is one sentence stands a paragraph separator.
    """
    blocks = list(blocks)
    masked = _without(
        text,
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

    One before a list's entry becomes a line break.
    """
    joined = re.sub(r"(?<=[a-z])-\s*[\r\n]\s*(?=[a-z])", "-", text)
    return re.sub(r"\s+", lambda space: "\n" if _ENTRY in space.group() else " ", joined)


# --- lines --------------------------------------------------------------------------------------

_FURNITURE = re.compile(
    r"""
      (skip|jump)\ to\ (main\ )?(content|navigation) | back\ to\ top | share(\ this(\ page)?)?
    | print\ this\ page | (accept|reject)(\ all)?\ cookies | advertisement | read\ more
    | menu | search
    | image\ caption,?.{0,3} | .*image\ source,.* | media\ caption,?.{0,3} | related\ topics
    | [•*-]?\s*(published|comments?)
    | get\ in\ touch | tell\ us\ which\ stories\b.* | (send|share)\ (us\ )?your\ (story|stories)\b.*
    | follow\ .*\bon\ (facebook|x|twitter|instagram|whatsapp|youtube|linkedin|bluesky)\b.*
    | (listen\ to|watch)\ .*\bon\ (bbc|itv|sky)\b.* | sign\ up\ (for|to)\ .*\bnewsletters?\b.*
    | .{3,60},\ (pictured|above|below|left|right)(\ (left|right))?
    | newspapers\ (in|from)\ \w+(\ \w+){0,2}
    | page\ \d+(\ of\ \d+)? | -\s*\d{1,4}\s*- | \[\d{1,4}\] | \d{1,3} | \d{1,4}\s*(/|of)\s*\d{1,4}
    | .*(\.{5,}|(\.\ ){5,})\s*\d{1,3}
    | [^\w]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONTACT = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.]+|(?<!\w)@\w{2,}|(?:\+44|\b0)[\d ()-]{9,14}\d\b"
_CONTACTS = re.compile(_CONTACT)
_BYLINE = re.compile(rf"[-–—•]?\s*(?i:by|words|reported by)[: ]\s*[A-Z].{{0,60}}?(?:{_CONTACT}).*")
_CONTACT_WORDS = frozenset("e-mail email tel telephone phone mobile contact twitter or and".split())
_PAGE_MARK = re.compile(r"(?i:page )?\d{1,3}(?: of \d{1,3})?|-\s*\d{1,3}\s*-|\[\d{1,3}\]")
_CAPTION_FOLLOWS = re.compile(r"(image|media)\s+caption,?", re.IGNORECASE)

_NUMBER = r"(?:\d{1,3}(?:\.\d{1,3})+\.?|\d{1,3}\.)"  # 1.3, 1.3. or 1. but never 2021 or a bare 3
_BARE_NUMBERS = re.compile(rf"{_NUMBER}(?:\s+{_NUMBER})*")
_LEADING_NUMBER = re.compile(
    rf"(?P<number>{_NUMBER})\s+(?=[{re.escape(OPENERS)}]*[A-Z]|[£€$]\d|\d{{4}}/)"
)
_DOTTED_NUMBER = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3})+)\.?\s+(?=\S)")
_REFERS_TO_NUMBER = re.compile(
    r"\b(paragraphs?|paras?|sections?|appendix|table|figure|item)$", re.I
)
_LEADING_BULLET = re.compile(
    rf"(?:[{re.escape(BULLETS)}–-]|\(?(?:[a-z]|[ivx]{{1,4}}|\d{{1,2}})\))\s+(?=\S)"
)
_FIELD = re.compile(
    r"(?!Q:|A:|Question|Answer)[A-Z][\w’'/-]*(?: [\w’'/-]+){0,3}:\s?[^\s“\"].{0,90}"
)
_SIGNATURE = re.compile(r"(signed|dated|date|name|title|position)\b", re.IGNORECASE)
_DATELINE = re.compile(r"(published|posted|updated|last updated|date)\b.*\d.{0,40}", re.IGNORECASE)

_FUNCTION_WORDS = frozenset(
    """
    a an and any are as at be been but by for from had has have if in into is its of on or our
    over per than that the their these this those to under upon was were which who will with
    """.split()
)


def is_furniture(line: str) -> bool:
    """True when a line, without white space at its ends, is a web page's or a printer's own."""
    return bool(_FURNITURE.fullmatch(line)) or _is_contact(line)


def _is_contact(line: str) -> bool:
    """True for a byline with an address, and for a line of nothing but addresses and numbers."""
    if _BYLINE.fullmatch(line):
        return True
    rest, contacts = _CONTACTS.subn(" ", line)
    left = {word.strip(".,:;|/()").lower() for word in rest.split()} - {""}
    return contacts > 0 and left <= _CONTACT_WORDS


def _lines(text: str) -> list[Span]:
    """All lines, blank ones included, without white space at their ends."""
    found, position = [], 0
    for line in text.splitlines(keepends=True):
        found.append(trim(text, Span(position, position + len(line))))
        position += len(line)
    return found


_NEARLY_FULL = 0.85  # of the width that lines are wrapped at, which differs with the letters


def _is_hard_wrapped(text: str, lines: Sequence[Span]) -> bool:
    """True when line breaks stand inside sentences: three in ten of those after a longer line.

    Where most lines without an end would have had room for the next word, or a capital follows
    them, they are list entries and headings.
    """
    pairs = [
        (line.end - line.start, following, _is_terminated(text[line.start : line.end]))
        for line, following in pairwise(lines)
        if line.end - line.start >= 40 and following.end > following.start
    ]
    open_ = sorted(length for length, _, ended in pairs if not ended)
    if len(open_) < 0.3 * len(pairs) or not open_:
        return False
    width = open_[int(0.9 * len(open_))]
    full = sum(
        not ended and length + 1 + _first_word(text, following) > _NEARLY_FULL * width
        for length, following, ended in pairs
    )
    goes_on = sum(not ended and text[line.start].islower() for _, line, ended in pairs)
    return full >= 0.6 * len(open_) and goes_on >= 0.4 * len(open_)


def _first_word(text: str, line: Span) -> int:
    """The length of a line's first word."""
    return len(text[line.start : line.end].split(maxsplit=1)[0])


def _is_terminated(text: str) -> bool:
    return text.rstrip(CLOSERS).endswith((".", "!", "?", "…", ":", ";")) if text else False


# --- pieces: paragraphs before they have a number -----------------------------------------------


@dataclass(slots=True)
class _Piece:
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


def _pieces(text: str, lines: Sequence[Span], wrapped: bool) -> list[_Piece]:
    found: list[_Piece] = []
    run: list[Span] = []
    caption_next = False
    running = _running_lines(text, lines)
    width = _width(lines)

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
            found.append(_Piece("numbers", line))
        elif line in running or (is_furniture(content) and not _goes_on(text, run, content)):
            close_run()
            if _CAPTION_FOLLOWS.fullmatch(content):
                _picture_description_is_furniture(text, found)
                caption_next = True
            found.append(_Piece("furniture", line))
        else:
            run.append(line)
    close_run()
    return found


def _goes_on(text: str, run: Sequence[Span], content: str) -> bool:
    """True for an address in the middle of a sentence: "may object by⏎writing to a@b.uk"."""
    if not run or not _is_contact(content):
        return False
    above = text[run[-1].start : run[-1].end]
    return len(above) >= 40 and not _is_terminated(above)


def _running_lines(text: str, lines: Sequence[Span]) -> set[Span]:
    """Headers and footers: lines at the edge of a page that stand at another page's edge too."""
    written = [line for line in lines if line.end > line.start]
    contents = [text[line.start : line.end] for line in written]
    edges: Counter[str] = Counter()
    for place, line in enumerate(written):
        beside = contents[max(0, place - 1) : place] + contents[place + 1 : place + 2]
        gap = text[written[place - 1].end : line.start] if place else ""
        at_edge = "\f" in gap or any(_PAGE_MARK.fullmatch(other) for other in beside)
        is_name = not _is_terminated(contents[place]) and not re.search("[£€$%]", contents[place])
        if at_edge and is_name and len(contents[place]) <= 120:
            edges[_without_digits(contents[place])] += 1
    running = {content for content, times in edges.items() if times > 1}
    return {
        line
        for line, content in zip(written, contents, strict=True)
        if _without_digits(content) in running
    }


def _without_digits(content: str) -> str:
    return re.sub(r"\d+", "0", content)


def _refers(text: str, run: Sequence[Span]) -> bool:
    """True when the line above ends with "paragraph" or the like, so that a number completes it."""
    return bool(run) and bool(_REFERS_TO_NUMBER.search(text, run[-1].start, run[-1].end))


def _picture_description_is_furniture(text: str, found: list[_Piece]) -> None:
    """What stands right before "Image caption," without a full stop describes the picture."""
    if found and found[-1].kind == "text":
        span = found[-1].span
        if not _is_terminated(text[span.start : span.end]):
            found[-1] = _Piece("furniture", span)


def _width(lines: Sequence[Span]) -> int:
    """The length that nine in ten lines stay under: where the printer wrapped, if it did."""
    lengths = sorted(line.end - line.start for line in lines if line.end > line.start)
    return lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0


def _paragraphs(
    text: str, run: Sequence[Span], wrapped: bool, width: int, in_list: bool
) -> Iterator[_Piece]:
    """Cut a run of lines without a blank one between them where a new paragraph begins.

    `in_list` says whether what stands before it leads to a list or is an entry of one.
    """
    first = last = run[0]
    for line in run[1:]:
        is_led = text[last.end - 1] == ":"
        is_entry = (in_list or is_led) and text[line.start].islower()
        if wrapped and is_entry and not is_led:
            length = last.end - last.start + 1 + _first_word(text, line)
            is_entry = length < _NEARLY_FULL * width
        if is_entry or _breaks_between(text, last, line, wrapped, width):
            piece = _piece(text, Span(first.start, last.end), in_list)
            yield piece
            in_list = _leads_to_entries(text, piece) or (in_list and _may_be_entry(text, piece))
            first = line
        last = line
    yield _piece(text, Span(first.start, last.end), in_list)


def _leads_to_entries(text: str, piece: _Piece) -> bool:
    """True when what follows in small letters is a list's entry, with or without a bullet."""
    return piece.kind == "text" and (piece.is_item or text[piece.span.end - 1] == ":")


def _breaks_between(text: str, line: Span, following: Span, wrapped: bool, width: int) -> bool:
    before, after = text[line.start : line.end], text[following.start : following.end]
    ended = _is_terminated(before) or len(before) < 0.6 * width
    if _LEADING_BULLET.match(after):
        return ended or not wrapped or after[0] not in "-–"  # a dash may stand in a sentence
    if not wrapped:
        return not _continues(before, after)
    if _LEADING_NUMBER.match(after) or _FIELD.fullmatch(after):
        return ended
    return len(before) < 0.6 * width and not after[0].islower()


def _piece(text: str, span: Span, in_list: bool = False) -> _Piece:
    """A paragraph without its number or bullet, which are remembered."""
    content = text[span.start : span.end]
    if match := _LEADING_NUMBER.match(content):
        number = match["number"].rstrip(".")
        return _Piece("text", Span(span.start + match.end(), span.end), number=number)
    if match := _LEADING_BULLET.match(content):
        inside = Span(span.start + match.end(), span.end)
        return _Piece("text", inside, is_item=True, begins=span.start)
    is_entry = in_list and content[0].islower()
    is_item = is_entry or bool(_FIELD.fullmatch(content) or _DATELINE.fullmatch(content))
    return _Piece("text", span, is_item=is_item)


_LONGEST_ENTRY = 120  # characters of a list's entry that has neither a bullet nor a small letter


def _mark_entries(text: str, pieces: Sequence[_Piece]) -> None:
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


def _may_be_entry(text: str, piece: _Piece) -> bool:
    content = text[piece.span.start : piece.span.end]
    is_marked = piece.number is not None or piece.begins is not None
    if piece.kind != "text" or is_marked or _FIELD.fullmatch(content):
        return False
    is_open = not _is_terminated(content) or content.endswith(";")
    return content[0].islower() or (is_open and len(content) <= _LONGEST_ENTRY)


def _is_heading_of(text: str, entries: Sequence[_Piece], after: _Piece) -> bool:
    """True when the last line of a list in capitals belongs to the sentence after it."""
    last = entries[-1].span
    if after.kind != "text" or after.is_item or _is_row(text[last.start : last.end]):
        return False
    before = entries[-2].span.end if len(entries) > 1 else 0
    set_apart = text.count("\n", last.end, after.span.start) > 1
    return not (set_apart and before and text.count("\n", before, last.start) == 1)


def _continues(before: str, after: str) -> bool:
    """True when a sentence that stopped without an end goes on after the break."""
    if _is_terminated(before) or _LEADING_NUMBER.match(after) or _LEADING_BULLET.match(after):
        return False
    if after.isupper() != before.isupper():
        return False
    if after[0].isupper() and _ASKS.match(before) and len(before.split()) <= 12:
        return False  # "What a Blue Badge is for" is a heading
    last_word = before.rsplit(maxsplit=1)[-1]
    last_word = last_word.lower() if before.isupper() else last_word  # "Band A" has no article
    if _REFERS_TO_NUMBER.search(before):
        return True
    return after[0].islower() or after[0] == "(" or last_word in _FUNCTION_WORDS


def _join_across_breaks(text: str, pieces: Sequence[_Piece]) -> list[_Piece]:
    """Join what a page or column break cut, over the numbers and furniture that stand between."""
    joined: list[_Piece] = []
    open_: _Piece | None = None
    between: list[_Piece] = []
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
    text: str, open_: _Piece, piece: _Piece, content: str, between: Sequence[_Piece]
) -> bool:
    before = text[open_.span.start : open_.span.end]
    if _FIELD.fullmatch(before) and _FIELD.fullmatch(content):
        both_sign = _SIGNATURE.match(before) and _SIGNATURE.match(content)
        return bool(both_sign) and not between  # "Signed: …" and "Dated: …" are one thing
    return piece.number is None and not piece.is_item and _continues(before, content)


# --- numbers and headings -----------------------------------------------------------------------


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

    def enter_paragraph(self, piece: "_Piece") -> None:
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


def _number_and_name(text: str, pieces: Sequence[_Piece], wrapped: bool) -> Iterator[Block]:
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


def _heads_an_answer(content: str, piece: _Piece, following: _Piece | None) -> bool:
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


def _is_step(pieces: Sequence[_Piece], index: int) -> bool:
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


def _is_entry(text: str, piece: _Piece) -> bool:
    """True for an item with a bullet or a small letter, not for a form's field."""
    return piece.is_item and (piece.begins is not None or text[piece.span.start].islower())


def _keep_figures(text: str, piece: _Piece, place: _Place) -> None:
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
    return _FIELD.fullmatch(text, block.span.start, block.span.end) is not None


def _paragraph(
    text: str, piece: _Piece, number: str | None, heading: str | None, wrapped: bool
) -> Block:
    omitted = tuple(piece.omitted)
    masked = _without(text, omitted)
    kind: Kind = "item" if piece.is_item else "paragraph"
    sentences = split_sentences(masked, piece.span.start, piece.span.end)
    if piece.is_item:
        sentences = (Span(sentences[0].start, sentences[-1].end),)
    elif len(sentences) > 1:
        last = masked[sentences[-1].start : sentences[-1].end]
        is_cut = wrapped or last.split()[-1] in _FUNCTION_WORDS
        if is_cut and len(last.split()) <= 4 and not _is_terminated(last):
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


def _content(text: str, piece: _Piece) -> str:
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


def _take_number(piece: _Piece, content: str, last: str) -> str:
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
_ASKS = re.compile(
    r"(what|why|who|how|when|where|which|if|unless|before|after|while|until)\b", re.IGNORECASE
)
_PAST_TENSE = re.compile(
    r"\b(said|made|took|gave|held|met|rose|fell|went|came|became|began|led|left|kept|paid|saw|got|"
    r"found|felt|put|set|cost|cut|grew|told|spoke|brought|bought|built|won|lost|ran|\w{2,}ed)\b"
)
_PRONOUN = re.compile(r"(he|she|it|they|we|i|you|this|these|those|there)\b", re.IGNORECASE)


def _is_heading(content: str, piece: _Piece, place: _Place, followed_by_number: bool) -> bool:
    """Short, and a name rather than a statement. Capitals, and question words, make names."""
    if piece.is_item or len(content) > 200 or content[0].islower() or _is_row(content):
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


_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_ROW = re.compile(
    rf"(?:councillors?|cllrs?|coun)\b|{_WEEKDAY} (?:to|and) {_WEEKDAY}\b"
    r"|[£€$]\d[\d,.]*(?: (?:an?|per|each|every) .{,20})?$"
    r"|.{,45}[–:-] .{,12}[£€$]\d.{,25}$",  # "Aged 16 to 24 – up to £61.40 a week"
    re.IGNORECASE,
)


def _is_row(content: str) -> bool:
    """True for a row of a table or a name in a list of those present: short, but no heading."""
    figures = re.findall(r"(?<![\w.])[(£€$]*\d[\d,.]*[%)mk]*(?![\w])", content)
    is_figure = not re.search(r"[^\W\d_]{2}", content) and re.search("[£€$%,]", content)
    return len(figures) > 1 or bool(is_figure or _ROW.match(content))


def _states_something(content: str) -> bool:
    """True when an unfinished line has a verb of its own: a sentence without its full stop."""
    if content.isupper() or _ASKS.match(content):
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
    if len(content.split()) < 5 or _is_terminated(content):
        return False
    return any(content in other for other in around if _is_terminated(other))


def _around(contents: Sequence[str], index: int, reach: int = 30) -> Sequence[str]:
    return contents[max(0, index - reach) : index + reach]
