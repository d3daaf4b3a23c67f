"""The lines of a document: laid out as tags say, page furniture, rows, where they wrap."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from ingest.sentences import CLOSERS, Span, trim

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
CAPTION_FOLLOWS = re.compile(r"(image|media)\s+caption,?", re.IGNORECASE)

ASKS = re.compile(
    r"(what|why|who|how|when|where|which|if|unless|before|after|while|until)\b", re.IGNORECASE
)
FUNCTION_WORDS = frozenset(
    """
    a an and any are as at be been but by for from had has have if in into is its of on or our
    over per than that the their these this those to under upon was were which who will with
    """.split()
)


_TAG = re.compile(
    r"<(?P<closing>/?)(?P<name>p|div|section|article|blockquote|h[1-6]|[ou]l|li|dl|dt|dd|table"
    r"|t(?:head|body|r|h|d)|br|hr|details|summary|strong|em|b|i|u|a|span|abbr|su[bp])"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_INLINE = frozenset("strong em b i u a span abbr sub sup".split())


def without_tags(text: str) -> str:
    """Return a text as long, with the layout that HTML tags mean in their place.

    Papers saved from a web page may come with them: `<li>` becomes a bullet on a line of its own,
    a heading stands between blank lines.
    """
    return _TAG.sub(_layout_of, text)


def _layout_of(tag: re.Match[str]) -> str:
    name = tag["name"].lower()
    if name in _INLINE:
        layout = ""
    elif name == "li" and not tag["closing"]:
        layout = "\n• "
    else:
        layout = "\n\n" if name.startswith("h") else "\n"
    return layout.ljust(len(tag.group()))


def is_furniture(line: str) -> bool:
    """True when a line, without white space at its ends, is a web page's or a printer's own."""
    return bool(_FURNITURE.fullmatch(line)) or is_contact(line)


def is_contact(line: str) -> bool:
    """True for a byline with an address, and for a line of nothing but addresses and numbers."""
    if _BYLINE.fullmatch(line):
        return True
    rest, contacts = _CONTACTS.subn(" ", line)
    left = {word.strip(".,:;|/()").lower() for word in rest.split()} - {""}
    return contacts > 0 and left <= _CONTACT_WORDS


def lines_of(text: str) -> list[Span]:
    """All lines, blank ones included, without white space at their ends."""
    found, position = [], 0
    for line in text.splitlines(keepends=True):
        found.append(trim(text, Span(position, position + len(line))))
        position += len(line)
    return found


NEARLY_FULL = 0.85  # of the width that lines are wrapped at, which differs with the letters


def is_hard_wrapped(text: str, lines: Sequence[Span]) -> bool:
    """True when line breaks stand inside sentences: three in ten of those after a longer line.

    Where most lines without an end would have had room for the next word, or a capital follows
    them, they are list entries and headings.
    """
    pairs = [
        (line.end - line.start, following, is_terminated(text[line.start : line.end]))
        for line, following in pairwise(lines)
        if line.end - line.start >= 40 and following.end > following.start
    ]
    open_ = sorted(length for length, _, ended in pairs if not ended)
    if len(open_) < 0.3 * len(pairs) or not open_:
        return False
    width = open_[int(0.9 * len(open_))]
    full = sum(
        not ended and length + 1 + first_word(text, following) > NEARLY_FULL * width
        for length, following, ended in pairs
    )
    goes_on = sum(not ended and text[line.start].islower() for _, line, ended in pairs)
    return full >= 0.6 * len(open_) and goes_on >= 0.4 * len(open_)


def first_word(text: str, line: Span) -> int:
    """The length of a line's first word."""
    return len(text[line.start : line.end].split(maxsplit=1)[0])


def is_terminated(text: str) -> bool:
    """True for a text that ends as a sentence, a clause or what leads to a list does."""
    return text.rstrip(CLOSERS).endswith((".", "!", "?", "…", ":", ";")) if text else False


def running_lines(text: str, lines: Sequence[Span]) -> set[Span]:
    """Headers and footers: lines at the edge of a page that stand at another page's edge too."""
    written = [line for line in lines if line.end > line.start]
    contents = [text[line.start : line.end] for line in written]
    edges: Counter[str] = Counter()
    for place, line in enumerate(written):
        beside = contents[max(0, place - 1) : place] + contents[place + 1 : place + 2]
        gap = text[written[place - 1].end : line.start] if place else ""
        at_edge = "\f" in gap or any(_PAGE_MARK.fullmatch(other) for other in beside)
        is_name = not is_terminated(contents[place]) and not re.search("[£€$%]", contents[place])
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


def width_of(lines: Sequence[Span]) -> int:
    """The length that nine in ten lines stay under: where the printer wrapped, if it did."""
    lengths = sorted(line.end - line.start for line in lines if line.end > line.start)
    return lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0


_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_ROW = re.compile(
    rf"(?:councillors?|cllrs?|coun)\b|{_WEEKDAY} (?:to|and) {_WEEKDAY}\b"
    r"|[£€$]\d[\d,.]*(?: (?:an?|per|each|every) .{,20})?$"
    r"|.{,45}[–:-] .{,12}[£€$]\d.{,25}$",  # "Aged 16 to 24 – up to £61.40 a week"
    re.IGNORECASE,
)


def is_row(content: str) -> bool:
    """True for a row of a table or a name in a list of those present: short, but no heading."""
    figures = re.findall(r"(?<![\w.])[(£€$]*\d[\d,.]*[%)mk]*(?![\w])", content)
    is_figure = not re.search(r"[^\W\d_]{2}", content) and re.search("[£€$%,]", content)
    return len(figures) > 1 or bool(is_figure or _ROW.match(content))
