"""Words as the lexical index sees them: folded, stemmed, and without those that only ask."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import Stemmer

from ingest.acronyms import acronyms_of
from ingest.stopwords import STOPWORDS

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_LETTERS = re.compile(r"[^\W\d_]+")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")
CAPITALISED = re.compile(r"(?<=[a-z,;] )[A-Z]\w+")  # within a sentence
_NOT_CAPITALISED = re.compile(r"(?<!\w)[a-z]\w+")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of an index's papers, casefolded.

    `counts` says how often each stands there, `stems` are theirs, `names` those that are written
    with a capital within a sentence, or never without one. `initials` are the first letters of each
    sentence's words, a line a sentence: what an acronym may stand for; `acronyms` what those stand
    for of which it is told, or nearly certain.
    """

    counts: Mapping[str, int]
    stems: frozenset[str]
    names: frozenset[str]
    initials: str
    acronyms: Mapping[str, str]


def vocabulary_of(titles: Iterable[str], sentences: Sequence[str]) -> Vocabulary:
    """Return the vocabulary of titles (and publishers' names) and sentences."""
    counts: Counter[str] = Counter()
    names: set[str] = set()
    ordinary: set[str] = set()
    initials = []
    for title in titles:
        counts.update(plain_words(title))
        names.update(plain_words(title))
    for sentence in sentences:
        found = plain_words(sentence)
        counts.update(found)
        names.update(match.casefold() for match in CAPITALISED.findall(sentence))
        ordinary.update(_NOT_CAPITALISED.findall(sentence))
        initials.append("".join(word[0] for word in found if word not in STOPWORDS))
    names.update(word for word in counts if word not in ordinary)
    stems = frozenset(_stemmer().stemWords(list(counts)))
    acronyms = acronyms_of(sentences)
    return Vocabulary(dict(counts), stems, frozenset(names), "\n".join(initials), acronyms)


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """Return the stems of a text's words in order, stop words left out (Snowball English)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = _APOSTROPHE.sub("", _POSSESSIVE.sub("", folded))
    kept = [word for word in _WORD.findall(folded) if word not in STOPWORDS]
    stems: list[str] = _stemmer().stemWords(kept)
    return stems


def plain_words(text: str) -> list[str]:
    """Return a text's words as they are written, casefolded, without numbers."""
    return _LETTERS.findall(text.casefold())


def stem(word: str) -> str:
    """Return the stem of one casefolded word (Snowball English)."""
    return str(_stemmer().stemWord(word))
