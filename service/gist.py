"""What a message asks: without its story, without its courtesies, and with its question mark.

How one asks must not matter: the models make more of a question that looks like one.
"""

import re

from ingest.sentences import CLOSERS, split_sentences
from service.followups import ASKS_WHOLLY, leans, substance

LONG_QUESTION = 40  # words; a longer one tells a story before it asks
LONGEST_STORY = 100  # words that leave room for a passage in what the reader takes
_OF_A_PERSON = re.compile(r"\b(?:i|my|mine|me|myself|we|us|our|ours|he|him|his|she|her)\b", re.I)
_ASKS_WITHOUT_MARK = re.compile(
    r"\b(?:(?:like|want|need|love|curious|interested) to (?:know|hear|understand)"
    r"|tell me|explain|wonder(?:ing)?|please (?:say|advise|confirm|state))\b",
    re.IGNORECASE,
)
_GREETING = (
    r"(?:hi|hello|hey|dear \w+|good (?:morning|afternoon|evening)|excuse me|sorry|please|pls)"
)
_WISH = (
    r"(?:(?:can|could|would|will) (?:you|someone|anyone|somebody|anybody) (?:please |kindly )?)?"
    r"(?:tell|let|advise|inform|remind|show) (?:me|us)(?: know)?"
    r"|i(?: was|['’]m| am) wondering"
    r"|i(?:['’]d| would|['’]m| am)? (?:just |really |also )?"
    r"(?:like|love|want|need|wish|curious|interested|trying) to "
    r"(?:know|ask|hear|find out|understand)"
)
# "Tell me about X", "tell me more" and "tell me that" are left: nothing is asked without them.
_OPENING = re.compile(
    rf"^\s*(?:{_GREETING}\b[\s,.!:]*)*(?:(?:{_WISH})(?: please)?[\s,:]+"
    r"(?!(?:about|of|more|off|that|all|everything|something|anything|what you)\b))?",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"[\s,.?!]+(?:please|pls|(?:many )?thanks(?: very much| in advance)?|thank you|cheers)\W*$",
    re.IGNORECASE,
)


def without_courtesies(message: str) -> str:
    """Return a message without greetings, "please can you tell me" and thanks.

    One of nothing else is returned as it is.
    """
    bare = _CLOSING.sub("", _OPENING.sub("", message, count=1)).strip()
    return bare if any(map(str.isalnum, bare)) else message


def what_is_asked(question: str) -> str:
    """Return the asking part of a long message, all of a shorter one or where none is seen.

    It comes without courtesies, ending in a question mark.

    A cross-encoder that is given a story of circumstances ranks passages about the story. What
    cannot be understood alone ("Can they do that?") comes with what it leans on.
    """
    if len(question.split()) <= LONG_QUESTION:
        return as_a_question(question)
    sentences = _sentences(question)
    asked = [place for place, one in enumerate(sentences) if one.endswith("?")]
    if not asked and sentences[-1][-1].isalnum() and ASKS_WHOLLY.match(sentences[-1]):
        asked = [len(sentences) - 1]  # its mark was left out
    wished = [place for place, one in enumerate(sentences) if _ASKS_WITHOUT_MARK.search(one)]
    if not asked and not wished:
        return as_a_question(question)
    first = last = (asked or wished)[-1]
    understood = len(substance(sentences[last])) > 1 and not leans(sentences[last])
    while first and not understood:
        first -= 1
        understood = len(substance(sentences[first])) > 1
    return as_a_question(" ".join(sentences[first : last + 1]))


def with_circumstances(question: str) -> str:
    """Return what is asked, with the story before it where the asking part is about its people.

    Whose case it is decides which rule answers ("I am 17 … Can I claim?"), and the reader was
    taught that. Of a message longer than LONGEST_STORY it is the asking part alone.
    """
    asked = what_is_asked(question)
    is_short = len(question.split()) <= LONGEST_STORY
    return as_a_question(question) if is_short and _OF_A_PERSON.search(asked) else asked


def without_circumstances(asked: str) -> str:
    """Return the sentences of what is asked that ask, all of it where none does.

    "I broke my leg in Austria. Will I be paid?" is no question about Austria.
    """
    return " ".join(one for one in _sentences(asked) if one.endswith("?")) or asked


def _sentences(message: str) -> list[str]:
    return [message[span.start : span.end] for span in split_sentences(message, 0, len(message))]


def as_a_question(asked: str) -> str:
    """Return what is asked without courtesies, ending in a question mark."""
    bare = without_courtesies(asked)
    return bare if bare.rstrip(CLOSERS).endswith("?") else bare.rstrip(".!,;:… ") + "?"
