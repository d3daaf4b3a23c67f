"""Names in a question that no paper mentions: whoever asks about Derby is not told of Leicester."""

import re

from ingest.dates import MONTHS
from ingest.stopwords import STOPWORDS
from ingest.words import Vocabulary, plain_words, stem

_CAPITALISED = re.compile(r"(?<![\w'’-])[A-Z][\w'’-]*")
_ENDING = re.compile(r"['’]\w{0,2}$")  # 's, 'd, 've
_ADDRESSED = re.compile(  # "Coun. Okafor", "J. Okafor"
    r"\b(?:Mr|Mrs|Ms|Mx|Dr|St|Sir|Hon|Rev|Revd|Prof|Cllr|Coun|Ald|Supt|Insp|Sgt|[A-Z])\.$"
)
_OPENS = '.?!:;"“‘('  # what a sentence, or a quotation, begins after
_NO_NAMES = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays
    fridays saturdays sundays day bank holiday holidays christmas easter
    mum mam mummy dad daddy gran granny grandma grandad grandpa nan nana aunt auntie uncle
    mr mrs ms mx miss dr prof rev revd st sir lord lady dame madam hon supt insp sgt mp mps
    cllr cllrs coun councillor councillors ald alderman boxing diwali eid ramadan hanukkah whitsun
    """.split()
) | {month.lower() for month in MONTHS}


def unmentioned(question: str, vocabulary: Vocabulary) -> list[str]:
    """Return the names in a question that the papers do not have, in order.

    A name is a capitalised word within a sentence; neighbours make one name. Days, months, forms of
    address, kin, forms of the papers' words, and acronyms whose letters begin consecutive words of
    one of their sentences ("DCS", director of children's services) are none. Nothing can be told
    from a question that writes every word with a capital.
    """
    if not any(word[:1].islower() for word in question.split()[1:]):
        return []
    unknown: list[str] = []
    end_of_last = 0
    for match in _CAPITALISED.finditer(question):
        name = _ENDING.sub("", match.group())
        if begins_a_sentence(question[: match.start()]) or _is_known(name, vocabulary):
            continue
        if unknown and question[end_of_last : match.start()].isspace():
            unknown[-1] += f" {name}"
        else:
            unknown.append(name)
        end_of_last = match.end()
    return list(dict.fromkeys(unknown))


def begins_a_sentence(before: str) -> bool:
    """True for what stands after nothing, or after a sign that opens a sentence or quotation.

    The stop of a form of address or of an initial opens none.
    """
    before = before.rstrip()
    return not before or (before[-1] in _OPENS and not _ADDRESSED.search(before))


def _is_known(name: str, vocabulary: Vocabulary) -> bool:
    parts = [part for part in plain_words(name) if part not in STOPWORDS and len(part) > 1]
    if all(part in vocabulary.counts or part in _NO_NAMES for part in parts):
        return True
    if name.isupper() and len(name) > 1:
        return name.casefold() in vocabulary.initials
    return all(stem(part) in vocabulary.stems for part in parts)
