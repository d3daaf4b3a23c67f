"""A question's misspelt words, read as words of the papers or as common English."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ingest.words import STOPWORDS, Vocabulary, stem

_WORD = re.compile(r"(?<!\w['’])\b[^\W\d_]+\b(?!n?['’]t\b)")  # not "need" of "needn't"
_SHORTEST = 4  # letters; shorter words have too many neighbours
_ACRONYM = 5  # letters, up to which a word in capitals is taken for one
_ENGLISH = 5  # letters of a word that only English knows, from which a slip is read as it
_LONG = 9  # letters, from which two slips are allowed instead of one
_ENDINGS = ("ally", "ing", "ers", "ed", "er", "es", "ly", "s")


@dataclass(frozen=True, slots=True)
class Repair:
    """A word as it was written, and as it is read."""

    written: str
    read: str


def misspelt(question: str, vocabulary: Vocabulary, english: Mapping[str, int]) -> list[Repair]:
    """Return which words of a question to read as others; `english` are its words by commonness.

    A word is only touched when neither the papers nor the language know it, and a word of either
    with the same first letter is one slip away (two in a long one): a letter too many, too few,
    another one, or two exchanged (Damerau 1964). A name within a sentence is only read as a name
    of the papers; a short acronym is left as it is.
    """
    found = []
    for match in _WORD.finditer(question):
        written = match.group()
        word = written.casefold()
        known = word in vocabulary.counts or _is_form_of_word(word, english)
        if len(word) < _SHORTEST or known or stem(word) in vocabulary.stems:
            continue
        if written.isupper() and len(written) <= _ACRONYM and not question.isupper():
            continue
        if written.istitle() and question[: match.start()].rstrip()[-1:].isalpha():
            read = _nearest(word, vocabulary.names, vocabulary.counts, {})
        else:
            read = _nearest(word, vocabulary.counts, vocabulary.counts, english)
        if read is not None:
            found.append(Repair(written, read.capitalize() if written[0].isupper() else read))
    return list(dict.fromkeys(found))


def repaired(question: str, repairs: list[Repair]) -> str:
    """Return the question as it is read."""
    read = {repair.written: repair.read for repair in repairs}
    return _WORD.sub(lambda match: read.get(match.group(), match.group()), question)


def _is_form_of_word(word: str, english: Mapping[str, int]) -> bool:
    """True for a word of the language, or one with an ordinary ending."""
    bare = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    return word in english or any(len(one) >= 3 and one in english for one in bare)


def _nearest(
    word: str, among: Iterable[str], counts: Mapping[str, int], english: Mapping[str, int]
) -> str | None:
    """The word with the fewest slips; of several one of the papers, which they use most."""
    slips = 2 if len(word) >= _LONG else 1
    theirs = (one for one in among if len(one) >= _SHORTEST and one not in STOPWORDS)
    common = (one for one in english if len(one) >= _ENGLISH)
    candidates = {one for one in chain(theirs, common) if one[0] == word[0]}
    near = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=slips, limit=None)
    if not near:
        return None
    return min(
        near, key=lambda one: (one[1], -counts.get(one[0], 0), english.get(one[0], 0), one[0])
    )[0]
