"""Acronyms: those that the papers spell out, "Improvement Partner (SLIP)", and common ones."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import dropwhile

from ingest.stopwords import STOPWORDS

_SHORTEST = 3  # letters; two begin too many pairs of words
_LONGEST = 7  # words of a name that is not told to have one
_SMALL = frozenset(("and", "at", "by", "for", "in", "of", "on", "the", "to", "with"))
_ADDRESSES = frozenset(("coun", "cllr", "councillor", "dr", "mr", "mrs", "ms", "sir"))
_TOLD = re.compile(r"\(([A-Z][A-Za-z]*[A-Z])s?\)")
_WRITTEN = re.compile(r"\b[A-Z][A-Za-z]*[A-Z](?=s?\b)")
_WORD = re.compile(r"[^\W\d_][\w'’]*")
_NAMED = re.compile(  # words with capitals, small ones between them
    rf"[A-Z][\w'’]*(?:[ -](?:(?:{'|'.join(sorted(_SMALL))})[ ])*[A-Z][\w'’]*)+"
)


# What people write short when they ask British councils and departments, with what it stands for.
_COMMON: Mapping[str, tuple[str, ...]] = {
    "ai": ("artificial intelligence",),
    "asb": ("anti-social behaviour", "antisocial behaviour"),
    "aqma": ("air quality management area",),
    "cce": ("child criminal exploitation", "criminal exploitation"),
    "cic": ("children in care", "child in care"),
    "cil": ("community infrastructure levy",),
    "cin": ("children in need", "child in need"),
    "cpp": ("child protection plan",),
    "cqc": ("Care Quality Commission",),
    "csc": ("children's social care",),
    "cse": ("child sexual exploitation", "sexual exploitation"),
    "ctr": ("council tax reduction",),
    "cyp": ("children and young people",),
    "da": ("domestic abuse", "domestic violence"),
    "dbs": ("Disclosure and Barring",),
    "dfg": ("disabled facilities grant",),
    "dla": ("disability living allowance",),
    "dols": ("deprivation of liberty",),
    "dv": ("domestic violence", "domestic abuse"),
    "ehc": ("education, health and care", "education health and care"),
    "ehcp": ("education, health and care plan", "education health and care plan"),
    "eia": ("equality impact assessment",),
    "esa": ("employment and support allowance",),
    "eyfs": ("early years foundation stage",),
    "foi": ("freedom of information",),
    "fsm": ("free school meals",),
    "fte": ("full-time equivalent",),
    "hb": ("housing benefit",),
    "hmo": ("house in multiple occupation", "houses in multiple occupation"),
    "hr": ("human resources",),
    "hra": ("housing revenue account",),
    "iro": ("independent reviewing officer",),
    "jsa": ("jobseeker's allowance",),
    "kpi": ("key performance indicator", "performance indicator"),
    "la": ("local authority", "local authorities"),
    "lac": ("looked after children", "looked after child", "children in care"),
    "lado": ("local authority designated officer", "designated officer"),
    "lgo": ("Local Government and Social Care Ombudsman", "Local Government Ombudsman"),
    "ltn": ("low traffic neighbourhood",),
    "mash": ("multi-agency safeguarding hub",),
    "mtfs": ("medium term financial strategy",),
    "neet": ("not in education, employment or training",),
    "ni": ("National Insurance", "Northern Ireland"),
    "pcn": ("penalty charge notice",),
    "pep": ("personal education plan",),
    "pip": ("personal independence payment",),
    "qa": ("quality assurance",),
    "ri": ("requires improvement",),
    "sen": ("special educational needs",),
    "send": ("special educational needs and disabilities", "special educational needs"),
    "sgo": ("special guardianship order",),
    "smp": ("statutory maternity pay",),
    "ssp": ("statutory sick pay",),
    "sw": ("social worker",),
    "uasc": ("unaccompanied asylum-seeking children",),
    "uc": ("universal credit",),
    "vcs": ("voluntary and community sector", "voluntary sector"),
    "yot": ("youth offending team",),
}
_PLAIN = str.maketrans("’-", "' ")


def acronyms_of(sentences: Sequence[str]) -> Mapping[str, str]:
    """Return what to read acronyms as, by their letters casefolded.

    What a paper tells goes first, and is read with the acronym, as it stands there: "Sector-led
    Improvement Partner (SLIP)". Else whole names that have the letters, "Department for Education"
    for "dfe", if no paper has the acronym itself. Of several the most frequent, then the first.
    Last what is written short everywhere, where the papers have the words and not the acronym.
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
            for letters, full in _letters_of(match.group()):
                named.setdefault(letters, Counter())[full] += 1
    common = _written_short(sentences)
    for letters in STOPWORDS.union(map(str.casefold, written)):
        named.pop(letters, None)
        common.pop(letters, None)
    counted = {**named, **told}
    return common | {letters: found.most_common(1)[0][0] for letters, found in counted.items()}


def _written_short(sentences: Iterable[str]) -> dict[str, str]:
    """The common acronyms whose words the papers have, hyphens and spaces being alike."""
    text = "\n".join(sentences).casefold().translate(_PLAIN)
    has = {
        letters: next((n for n in names if n.casefold().translate(_PLAIN) in text), None)
        for letters, names in _COMMON.items()
    }
    return {letters: name for letters, name in has.items() if name}


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


def _letters_of(name: str) -> Iterable[tuple[str, str]]:
    """The letters that a whole name has, with those of its small words and without, and the name.

    A part of a name has none: "Local Authority Children's Services" tells of no LAC. Nor has a
    person, or what is written in capitals.
    """
    every = _WORD.finditer(name)  # "The" and "In", that begin a sentence, are none of it
    words = list(dropwhile(lambda word: word.group().casefold() in STOPWORDS, every))
    within = [word.group() for word in words]
    if not 1 < len(within) <= _LONGEST or all(map(str.isupper, within)):
        return
    if not _ADDRESSES.isdisjoint(map(str.casefold, within)):
        return
    initials = "".join(word[0] for word in within)
    for letters in {initials.casefold(), "".join(filter(str.isupper, initials)).casefold()}:
        if len(letters) >= _SHORTEST:
            yield letters, name[words[0].start() :]
