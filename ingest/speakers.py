"""Who is speaking: a quotation that runs over several paragraphs names its speaker only once.

English papers set an opening quotation mark before each further paragraph of a speech. Whoever was
named last is still speaking there, and a passage that begins there says so in its context line.
"""

import re
from collections.abc import Iterable, Sequence

from ingest.sentences import Span
from ingest.structure import Block, reading_form

_SAYS = r"(?:said|says|added|adds|told \w+|explained|commented|stated|wrote|replied)"
_BEFORE_QUOTE = re.compile(rf"^(?P<who>[^“”\"]{{2,160}}?\b{_SAYS})\s*[:,]\s*[“\"]")
_AFTER_QUOTE = re.compile(
    rf"[,.?!][”\"]\s+(?P<who>[A-Z][^“”\",]{{1,80}}? {_SAYS}|{_SAYS} [A-Z][^“”\",.]{{1,80}})"
)
_PRONOUN = re.compile(r"(he|she|it|they)\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+")


def continued_speech(masked: str, blocks: Iterable[Block]) -> dict[int, str]:
    """Return who speaks, by the start of each sentence that does not say so itself."""
    found: dict[int, str] = {}
    speaker: str | None = None
    before = ""
    for block in blocks:
        if block.kind == "heading":
            speaker = None
        if not block.sentences:
            continue
        readings = [reading_form(masked, sentence) for sentence in block.sentences]
        speaker = speaker if readings[0].startswith(("“", '"')) else None
        speaker = _follow(found, block.sentences, readings, speaker, before)
        before = readings[-1]
    return found


def _follow(
    found: dict[int, str],
    sentences: Sequence[Span],
    readings: Sequence[str],
    speaker: str | None,
    before: str,
) -> str | None:
    """Go through one paragraph; return who may speak on in the next."""
    speaking = speaker is not None
    for sentence, reading in zip(sentences, readings, strict=True):
        if named := _named_speaker(reading, before):
            speaker = named
            if _PRONOUN.match(reading) and not _PRONOUN.match(named):
                found[sentence.start] = named  # "He said: …": the name stands one sentence up
            speaking = not reading.endswith(("”", '"')) and not _AFTER_QUOTE.search(reading)
        elif speaker and speaking:
            found[sentence.start] = speaker
            speaking = not reading.endswith(("”", '"'))
        before = reading
    return speaker


def _named_speaker(reading: str, before: str) -> str | None:
    match = _BEFORE_QUOTE.search(reading) or _AFTER_QUOTE.search(reading)
    if match is None:
        return None
    who = re.sub(rf"^{_SAYS} |[, ]+{_SAYS}$", "", match["who"])
    if _PRONOUN.match(who) and (name := _NAME.search(before)):
        return name.group()
    return who
