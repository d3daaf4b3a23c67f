"""Acronyms that the papers spell out: "Sector-led Improvement Partner (SLIP)"."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

_SHORTEST = 3  # letters; two begin too many pairs of words
_LONGEST = 7  # words, of those that are not told to be one
_SMALL = frozenset(("and", "at", "by", "for", "in", "of", "on", "the", "to", "with"))
_ADDRESSES = frozenset(("coun", "cllr", "councillor", "dr", "mr", "mrs", "ms", "sir"))
_TOLD = re.compile(r"\(([A-Z][A-Za-z]*[A-Z])s?\)")
_WRITTEN = re.compile(r"\b[A-Z][A-Za-z]*[A-Z](?=s?\b)")
_WORD = re.compile(r"[^\W\d_][\w'’]*")
_NAMED = re.compile(  # words with capitals, small ones between them
    rf"[A-Z][\w'’]*(?:[ -](?:(?:{'|'.join(sorted(_SMALL))})[ ])*[A-Z][\w'’]*)+"
)


def acronyms_of(sentences: Iterable[str]) -> Mapping[str, str]:
    """Return what to read acronyms as, by their letters casefolded.

    What a paper tells goes first, and is read with the acronym, as it stands there: "Sector-led
    Improvement Partner (SLIP)". Else names that have the letters, "Department for Education" for
    "dfe", if no paper has the acronym itself. Of several the most frequent, then the first.
    """
    told: dict[str, Counter[str]] = {}
    named: dict[str, Counter[str]] = {}
    written = set()
    for sentence in sentences:
        written.update(_WRITTEN.findall(sentence))
        for match in _TOLD.finditer(sentence):
            acronym = match.group(1)
            words = list(_WORD.finditer(sentence[: match.start()]))
            if begin := _begins(words, acronym.casefold()):
                full = sentence[begin.start() : match.start()].strip(" \"'“”‘’")
                told.setdefault(acronym.casefold(), Counter())[f"{full} ({acronym})"] += 1
        for match in _NAMED.finditer(sentence):
            for letters, full in _runs(match.group()):
                named.setdefault(letters, Counter())[full] += 1
    for letters in map(str.casefold, written):
        named.pop(letters, None)
    return {letters: found.most_common(1)[0][0] for letters, found in {**named, **told}.items()}


def _begins(words: Sequence[re.Match[str]], letters: str) -> re.Match[str] | None:
    """The word from which the words up to their end have the letters, small ones as they like."""
    left = letters
    for word in reversed(words[-2 * len(letters) :]):
        initial = word.group()[0].casefold()
        if initial == left[-1]:
            left = left[:-1]
        elif word.group().casefold() not in _SMALL:
            return None
        if not left:
            return word
    return None


def _runs(name: str) -> Iterable[tuple[str, str]]:
    """Each run of a name's words that begins and ends with a capital, and the letters it has."""
    words = list(_WORD.finditer(name))
    places = range(len(words))
    for first, last in ((at, end) for at in places for end in places[at + 1 : at + _LONGEST]):
        within = [word.group() for word in words[first : last + 1]]
        initials = "".join(word[0] for word in within)
        if not (initials[0].isupper() and initials[-1].isupper()):
            continue
        if not _ADDRESSES.isdisjoint(map(str.casefold, within)):
            continue  # a person's name
        full = name[words[first].start() : words[last].end()]
        for letters in {initials.casefold(), "".join(filter(str.isupper, initials)).casefold()}:
            if len(letters) >= _SHORTEST:
                yield letters, full
