"""A question's acronyms read in full, its misspelt words as words of the papers or of English."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ingest.stopwords import STOPWORDS
from ingest.words import Vocabulary, stem
from service.followups import substance
from service.names import begins_a_sentence

_WORD = re.compile(r"(?<!\w['’])\b[^\W\d_]+\b(?!n?['’]t\b)")  # not "need" of "needn't"
_SHORTEST = 4  # letters; shorter words have too many neighbours
_ACRONYM = 5  # letters, up to which a word in capitals is taken for one
_LONG = 9  # letters, from which two slips are allowed instead of one
_ENDINGS = ("ally", "ing", "ers", "ed", "er", "es", "ly", "s")
# Typed without its apostrophe: "wasnt", "theyre".
_CONTRACTED = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|wo|would|ca|could|should|must|need|might|ai)nt"
    r"|(?:you|we|they|who|there|would|could|should|might)(?:ve|re|ll|d)"
    r"|(?:he|she|it|that|what|who|where|when|there|how|here|let)s"
)
# How common an English word must be for a word of so many letters to be read as it: what neither
# the papers nor the language know is often a name, and the more so the shorter it is. Of 3,500
# names in the training papers that the language has not, 4% are read as a word when written small.
_COMMON = {4: 500, 5: 7_000, 6: 12_000, 7: 12_000}
_COMMON_FOR_LONG = 22_000
_FOR_ANY_LETTER = {4: 0, 5: 0, 6: 800, 7: 2_000}  # the same, where a letter from afar was typed
_FOR_ANY_LETTER_OF_LONG, _FOR_THE_UNSPEAKABLE = 3_000, 5_000
_SIX = 6  # letters, from which what cannot be spoken is no short form or name
_DOUBLED = {6: 26_000, 7: 30_000}  # the same, where a letter was doubled
_DOUBLED_IN_LONG = 40_000
_LONG_ENOUGH = 8  # letters, from which a wrong vowel is a slip too
_WELL_KNOWN, _OFTEN = 25_000, 3  # words, and how many of them have the same three letters in a row
_VOWELS = frozenset("aeiou")
_KEYS = {
    letter: (row, place + row / 2)
    for row, letters in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm"))
    for place, letter in enumerate(letters)
}


@dataclass(frozen=True, slots=True)
class Repair:
    """A word as it was written, and as it is read."""

    written: str
    read: str


def misspelt(
    question: str, vocabulary: Vocabulary, is_english: Callable[[str], bool]
) -> list[Repair]:
    """Return which words of a question to read as others, of the papers or of English.

    A word is only touched when neither the papers nor the language know it as it stands, and a word
    with the same first letter is one slip away (two in a long one, for the papers'): a letter too
    many, too few, another one, or two exchanged (Damerau 1964). What is known but for its ending is
    read as the papers' alone. As English only what is written small, and only a common word; what
    begins a sentence only as a word that asks or joins. A name within a sentence is only read as a
    name of the papers. Acronyms and words with a capital inside are left as they are.
    """
    found = []
    for match in _WORD.finditer(question):
        written = match.group()
        word = written.casefold()
        if len(word) < _SHORTEST or _is_known_whole(word, vocabulary, is_english):
            continue
        if written.isupper() and len(written) <= _ACRONYM and not question.isupper():
            continue
        if not (written.istitle() or written.islower() or written.isupper()):
            continue
        is_name = written.istitle() and not begins_a_sentence(question[: match.start()])
        has_an_ending = _is_known_but_for_its_ending(word, vocabulary, is_english)
        slips = 2 if len(word) >= _LONG and not has_an_ending else 1
        read = _nearest(word, vocabulary.names if is_name else vocabulary.counts, slips, vocabulary)
        if not (read or has_an_ending or is_name or written.isupper()):
            read = _common_english(word)
            if written.istitle() and read not in STOPWORDS:
                read = None  # the first word may be a name, unless it asks
        if read is not None:
            found.append(Repair(written, read.capitalize() if written[0].isupper() else read))
    return list(dict.fromkeys(found))


def spelt_out(question: str, acronyms: Mapping[str, str]) -> list[Repair]:
    """Return which acronyms of a question to read as what they stand for in the papers.

    They are told by two capitals, and so by nothing in a question of capitals alone; or, written
    small, by being no word of English ("dfe", "sw").
    """
    if question.isupper():
        return []
    found = []
    for match in _WORD.finditer(question):
        written = match.group()
        forms = (written, written.removesuffix("s"))
        letters = next((one for one in forms if one.casefold() in acronyms), "")
        is_small = letters.islower() and letters not in english_words()
        if not is_small and sum(map(str.isupper, letters)) < 2:
            continue
        read = acronyms[letters.casefold()]
        if read.split(" (")[0].casefold() not in question.casefold():
            found.append(Repair(written, read))
    return list(dict.fromkeys(found))


def repaired(question: str, repairs: list[Repair]) -> str:
    """Return the question as it is read."""
    read = {repair.written: repair.read for repair in repairs}
    return _WORD.sub(lambda match: read.get(match.group(), match.group()), question)


def unheard_of(
    question: str, vocabulary: Vocabulary, is_english: Callable[[str], bool]
) -> list[str]:
    """Return a question's words of substance if neither the papers nor the language know any.

    Empty if one is known, or is a number, or an acronym of words in one of the papers' sentences.
    """
    subjects = substance(question)
    for word in map(str.casefold, subjects):
        is_acronym = word in vocabulary.initials and word.upper() in question
        if not word.isalpha() or is_acronym or _is_known_whole(word, vocabulary, is_english):
            return []
        if _is_known_but_for_its_ending(word, vocabulary, is_english):
            return []
    return subjects


def _is_known_whole(word: str, vocabulary: Vocabulary, is_english: Callable[[str], bool]) -> bool:
    """True for a word of the papers or of the language, as it stands."""
    if word in vocabulary.counts or _CONTRACTED.fullmatch(word):
        return True
    return is_english(word) or word in english_words()


def _is_known_but_for_its_ending(
    word: str, vocabulary: Vocabulary, is_english: Callable[[str], bool]
) -> bool:
    """True for a word of the papers with another ending, or of the language with a usual one."""
    if stem(word) in vocabulary.stems:
        return True
    bare = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    return any(
        (len(one) >= 4 and one in english_words()) or (len(one) >= 5 and is_english(one))
        for one in bare
    )


def _nearest(word: str, among: Iterable[str], slips: int, vocabulary: Vocabulary) -> str | None:
    """The word of the papers with the fewest slips; of several, the one they use most."""
    candidates = [
        one for one in among if one[0] == word[0] and len(one) >= _SHORTEST and one not in STOPWORDS
    ]
    near = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=slips, limit=None)
    if not near:
        return None
    return min(near, key=lambda one: (one[1], -vocabulary.counts.get(one[0], 0), one[0]))[0]


@cache
def english_words() -> Mapping[str, int]:
    """Return 83,000 words of English, British and American, the commonest numbered 0."""
    lines = (files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
    return {line.split()[0]: rank for rank, line in enumerate(lines.splitlines()) if line.strip()}


@cache
def _english_by_letter() -> Mapping[str, list[str]]:
    """English words of more than four letters, by their first."""
    found: dict[str, list[str]] = {}
    for word in english_words():
        if len(word) > _SHORTEST and word.isalpha():
            found.setdefault(word[0], []).append(word)
    return found


def _common_english(word: str) -> str | None:
    """The commonest English word that is one likely slip away.

    A letter left out or doubled is the likeliest: "happend" is "happened", not "happen".
    """
    candidates = _english_by_letter().get(word[0], [])
    near = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=1, limit=None)
    ranks = english_words()
    likely = [one for one, *_ in near if ranks[one] < _least_common(word, one)]

    def by_slip(one: str) -> tuple[bool, int]:
        return len(one) <= len(word) and not _is_doubled(word, one), ranks[one]

    return min(likely, key=by_slip, default=None)


def _least_common(word: str, read: str) -> int:
    """How rare a word may be for another to be read as it, by the slip between them."""
    if read in STOPWORDS:
        return len(english_words())
    common = _COMMON.get(len(word), _COMMON_FOR_LONG)
    if _is_doubled(word, read):
        return max(common, _DOUBLED.get(len(word), _DOUBLED_IN_LONG if len(word) > _SIX else 0))
    replaced = [pair for pair in zip(word, read, strict=False) if pair[0] != pair[1]]
    if len(word) != len(read) or len(replaced) != 1:
        return common  # a letter more or less, or two exchanged
    (typed, meant) = replaced[0]
    if _are_neighbours(typed, meant):
        return common
    if len(word) >= _LONG_ENOUGH and {typed, meant} <= _VOWELS:
        return common
    likely = _FOR_ANY_LETTER.get(len(word), _FOR_ANY_LETTER_OF_LONG)
    if len(word) < _SIX or _is_speakable(word):
        return likely
    return common if len(word) >= _LONG else _FOR_THE_UNSPEAKABLE


def _is_doubled(word: str, read: str) -> bool:
    """True where one of two equal letters in a row is too many."""
    pairs = (at for at in range(2, len(word)) if word[at] == word[at - 1])
    return any(word[:at] + word[at + 1 :] == read for at in pairs)


def _is_speakable(word: str) -> bool:
    """True when each three letters of a word in a row, or two at its ends, are usual in English."""
    return _threes(word) <= _usual_threes()


@cache
def _usual_threes() -> frozenset[str]:
    known = (word for word, rank in english_words().items() if rank < _WELL_KNOWN)
    counts = Counter(three for word in known for three in _threes(word))
    return frozenset(three for three, count in counts.items() if count >= _OFTEN)


def _threes(word: str) -> frozenset[str]:
    ended = f"^{word}$"
    return frozenset(ended[at : at + 3] for at in range(len(ended) - 2))


def _are_neighbours(one: str, other: str) -> bool:
    """True for letters on keys that touch."""
    if one not in _KEYS or other not in _KEYS:
        return False
    (row, place), (other_row, other_place) = _KEYS[one], _KEYS[other]
    return abs(row - other_row) <= 1 and abs(place - other_place) <= 1
