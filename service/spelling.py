"""A question's misspelt words, read as words of the papers."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ingest.words import STOPWORDS, Vocabulary, stem

_WORD = re.compile(r"(?<!\w['’])\b[^\W\d_]+\b(?!n?['’]t\b)")  # not "need" of "needn't"
_SHORTEST = 4  # letters; shorter words have too many neighbours
_ACRONYM = 5  # letters, up to which a word in capitals is taken for one
_LONG = 9  # letters, from which two slips are allowed instead of one
_ENDINGS = ("ally", "ing", "ers", "ed", "er", "es", "ly", "s")


@dataclass(frozen=True, slots=True)
class Repair:
    """A word as it was written, and as it is read."""

    written: str
    read: str


def misspelt(
    question: str, vocabulary: Vocabulary, is_english: Callable[[str], bool]
) -> list[Repair]:
    """Return which words of a question to read as words of the papers.

    A word is only touched when neither the papers nor the language know it, and a word of theirs
    with the same first letter is one slip away (two in a long one): a letter too many, too few,
    another one, or two exchanged (Damerau 1964). A name within a sentence is only read as a name;
    a short acronym is left as it is.
    """
    found = []
    for match in _WORD.finditer(question):
        written = match.group()
        word = written.casefold()
        known = word in vocabulary.counts or _is_form_of_word(word, is_english)
        if len(word) < _SHORTEST or known or stem(word) in vocabulary.stems:
            continue
        if written.isupper() and len(written) <= _ACRONYM and not question.isupper():
            continue
        is_name = written.istitle() and question[: match.start()].rstrip()[-1:].isalpha()
        read = _nearest(word, vocabulary.names if is_name else vocabulary.counts, vocabulary.counts)
        if read is not None:
            found.append(Repair(written, read.capitalize() if written[0].isupper() else read))
    return list(dict.fromkeys(found))


def repaired(question: str, repairs: list[Repair]) -> str:
    """Return the question as it is read."""
    read = {repair.written: repair.read for repair in repairs}
    return _WORD.sub(lambda match: read.get(match.group(), match.group()), question)


def _is_form_of_word(word: str, is_english: Callable[[str], bool]) -> bool:
    """True for a word of the language, or one with an ordinary ending."""
    bare = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    return is_english(word) or any(len(one) >= 3 and is_english(one) for one in bare)


def _nearest(word: str, among: Iterable[str], counts: Mapping[str, int]) -> str | None:
    """The word of the papers with the fewest slips; of several, the one they use most."""
    slips = 2 if len(word) >= _LONG else 1
    candidates = [
        one for one in among if one[0] == word[0] and len(one) >= _SHORTEST and one not in STOPWORDS
    ]
    near = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=slips, limit=None)
    if not near:
        return None
    return min(near, key=lambda one: (one[1], -counts.get(one[0], 0), one[0]))[0]
