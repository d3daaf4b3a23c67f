"""Names in a question that no paper mentions: whoever asks about Derby is not told of Leicester."""

import re
from collections.abc import Mapping, Sequence

from ingest.words import STOPWORDS, plain_words
from service.spelling import shares_stem

_CAPITALISED = re.compile(r"(?<![\w'’-])[A-Z][\w'’-]*")
_ENDING = re.compile(r"['’]\w{0,2}$")  # 's, 'd, 've
_OPENS = '.?!:;"“‘('  # what a sentence, or a quotation, begins after
_NO_NAMES = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december christmas easter
    mr mrs ms miss dr sir madam cllr cllrs councillor councillors mp mps
    """.split()
)


def unmentioned(
    question: str, vocabulary: Mapping[str, int], texts: Sequence[str] = ()
) -> list[str]:
    """Return the names in a question that the papers do not have, in order.

    A name is a capitalised word within a sentence; neighbours make one name. Days, months, forms of
    address, forms of the papers' words, and acronyms whose letters begin consecutive words of one
    of `texts` ("DCS", director of children's services) are none. Nothing can be told from a
    question mostly in capitals.
    """
    written = question.split()
    if sum(word[:1].isupper() for word in written) > len(written) / 2:
        return []
    unknown: list[str] = []
    end_of_last = 0
    for match in _CAPITALISED.finditer(question):
        name = _ENDING.sub("", match.group())
        before = question[: match.start()].rstrip()
        if not before or before[-1] in _OPENS or _is_known(name, vocabulary, texts):
            continue
        if unknown and question[end_of_last : match.start()].isspace():
            unknown[-1] += f" {name}"
        else:
            unknown.append(name)
        end_of_last = match.end()
    return list(dict.fromkeys(unknown))


def _is_known(name: str, vocabulary: Mapping[str, int], texts: Sequence[str]) -> bool:
    parts = [part for part in plain_words(name) if part not in STOPWORDS]
    if all(part in vocabulary or part in _NO_NAMES for part in parts):
        return True
    if name.isupper() and len(name) > 1:
        return any(name.casefold() in _initials(text) for text in texts)
    return all(shares_stem(part, vocabulary) for part in parts)


def _initials(text: str) -> str:
    """The first letters of a text's words, those that only join left out."""
    return "".join(word[0] for word in plain_words(text) if word not in STOPWORDS)
