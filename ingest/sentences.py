"""Sentences as spans: ends that survive wrapped lines, abbreviations, quotations and lists."""

import re
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The characters from `start` up to `end`, in Unicode code points of one document's text."""

    start: int
    end: int


CLOSERS = "\"'”’)]»"
OPENERS = "\"'“‘([«"
BULLETS = "•▪●◦‣∙·*«¢"

_STOP = re.compile(
    rf"(?P<stop>[.!?…]+)(?P<closers>[{re.escape(CLOSERS)}]*)(?P<space>\s+|$|(?=[A-Z]))"
)
_LAST_TOKEN = re.compile(r"[^\s(\[“‘\"]+$")
_INLINE_BULLET = re.compile(rf"(?<=\s)[{re.escape(BULLETS)}](?=\s)")
# In a list that a PDF ran together, such a word after a small letter begins a new sentence, but
# for one after a word that joins: "Care at The Willows".
_NO_JOINING_WORD = "".join(
    rf"(?<!\b{word})" for word in "of at in on by for to from with and or near the".split()
)
_AFTER_LIST = re.compile(
    rf"(?<=[a-z]){_NO_JOINING_WORD}\s+"
    r"(?=(?:They|The|This|These|Those|It|In|One|We|There|If|As|For|All|Each)\s)"
)

# Titles and references: a stop after these never ends a sentence.
_NEVER_LAST = frozenset(
    """
    coun cllr cllrs ald co mr mrs ms mx messrs dr prof rev revd sir st rt hon lt col gen capt sgt
    supt insp excl incl dept govt
    eg e.g ie i.e viz vs v cf al ext tel fig figs para paras pp ref refs vol ed eds ss jan feb mar
    apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri
    """.split()
)
# These end one only when no number follows: "No. 3", "p. 12", but "the answer is no."
_NOT_BEFORE_A_NUMBER = frozenset(
    "no nos p s c ch chap sec sect app cl est art reg sch approx".split()
)
_LETTERED = frozenset(
    (
        "appendix",
        "annex",
        "schedule",
        "part",
        "option",
        "section",
        "table",
        "grade",
        "plan",
        "tier",
        "band",
    )
)
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]")  # P. Soulsby, J.P. Morgan, the U.S. Government
_LABEL = re.compile(r"\(?[A-Za-z]?\d{0,3}\)?")  # "2." or "Q4." before a sentence is part of it
_PARENTHESIS_LENGTH = 300


def split_sentences(text: str, start: int, end: int) -> tuple[Span, ...]:
    """Return the sentences of `text[start:end]`, without white space at their ends.

    Offsets are those of `text`. Every character between the first and the last that is not
    white space belongs to exactly one sentence.
    """
    cuts = [start]
    for match in _STOP.finditer(text, start, end):
        if match.end() < end and _is_boundary(text, cuts[-1], match, end):
            cuts.append(match.end())
    cuts.append(end)
    spans = [trim(text, Span(a, b)) for a, b in pairwise(cuts)]
    return tuple(
        part for span in spans if span.start < span.end for part in _split_run_on_list(text, span)
    )


def trim(text: str, span: Span) -> Span:
    """Return the span without white space at either end; an all-white one becomes empty."""
    inside = text[span.start : span.end]
    left = len(inside) - len(inside.lstrip())
    return Span(span.start + left, max(span.start + left, span.start + len(inside.rstrip())))


def _is_boundary(text: str, start: int, match: re.Match[str], end: int) -> bool:
    follows = text[match.end() : min(end, match.end() + 40)].lstrip(OPENERS)
    if not follows or follows[0].islower():
        return False
    if _inside_parenthesis(text, start, match.end(), end):
        return False
    if _LABEL.fullmatch(text[start : match.start()].strip()):
        return False
    if match["stop"] != ".":
        return bool(match["space"])
    before = _LAST_TOKEN.search(text, start, match.start())
    token = before.group().lower() if before else ""
    if not match["space"]:  # "September 2024.This was": the space was lost
        return bool(re.search(r"[a-z0-9]{2}$", token)) and bool(re.match(r"[A-Z][a-z]+\s", follows))
    if match["closers"]:
        return True
    if token in _NEVER_LAST:
        return False
    if before and _INITIALS.fullmatch(before.group()):
        previous = text[start : before.start()].split()[-1:]
        return bool(previous) and previous[0].lower() in _LETTERED
    if token in _NOT_BEFORE_A_NUMBER:
        return not follows[0].isdigit()
    return True


def _inside_parenthesis(text: str, start: int, here: int, end: int) -> bool:
    if text.count("(", start, here) <= text.count(")", start, here):
        return False
    return ")" in text[here : min(end, here + _PARENTHESIS_LENGTH)]


def _split_run_on_list(text: str, span: Span) -> list[Span]:
    bullets = list(_INLINE_BULLET.finditer(text, span.start, span.end))
    if not bullets:
        return [span]
    cuts = [match.end() for match in _AFTER_LIST.finditer(text, bullets[0].end(), span.end)]
    edges = [span.start, *cuts, span.end]
    return [trim(text, Span(a, b)) for a, b in pairwise(edges)]
