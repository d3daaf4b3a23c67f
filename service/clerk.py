"""What a careful clerk knows of dates: what is newer counts now, and when two dates differ.

Wary rules: a note that is wrong costs more than one that is missing.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ingest.dates import MONTHS, parse_published, published_in_words
from ingest.documents import Document
from ingest.index import Generation
from service.answers import ANSWERS_TOO, Note, Quotable, are_quoted, says_the_same
from service.gist import what_is_asked

AGE, MOST_YEARS = 1.5, 3  # logits for each year that a paper is older than the newest
EARLY_IN_A_YEAR = "03-31"
FOR_A_YEAR = 5.0  # below the best relevance, down to which a sentence tells of its year
DATES_TOO = -1.0  # the logit from which it is, for another date of what is asked for
_LONGEST_QUOTE = 160  # characters of a quotation within a note
_MONTHS = [month[:3] for month in MONTHS]
_WORDS_FOR_NOW = (
    r"\b(?:latest|newest|most recent|current|currently|now|nowadays|today|at present|presently"
    r"|at the moment|up[- ]to[- ]date|these days|this time|still)\b"
)
_NOW = re.compile(
    _WORDS_FOR_NOW +
    # "what did they make of it the last time?", and not "has it grown since the last inspection?"
    r"|(?<!\bthan )(?<!\bwith )(?<!\bsince )\b(?:the|this|their|its|our|your|at)\s+last\s+"
    r"(?:time|count|inspection|visit|report|review|audit|check|assessment|survey|judge?ment|verdict"
    r"|rating|grade|mark|score|result)s?\b"
    r"|\b(?:is|are|was|were|been)\b.*\blast\s+(?:inspected|visited|reviewed|audited|checked|assessed"
    r"|surveyed|judged|rated|graded|marked|counted)\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"\b(?:is|are|has|have|does|do)\b|(?:(?<=\bwhat)|(?<=\bwho))['’]s\b", re.IGNORECASE
)
_IN_THE_PAST = {"is": "was", "are": "were", "has": "had", "have": "had", "does": "did", "do": "did"}
_PAST = re.compile(  # "the rating before the current one", "was it still open when …"
    r"\b(?:before|previous(?:ly)?|former(?:ly)?|earlier|prior|(?:until|up to) now)\b"
    r"|\b(?:was|were|did|had)\b.*\bstill\b",
    re.IGNORECASE,
)
# Of a financial year, "2023/24", its first.
_YEAR = re.compile(r"(?<![\w£/.,-])(?:19|20)\d\d(?:(?=[/–-]\d\d(?![\w/-]))|(?![\w/–-]|[.,]\d))")
# Years that are part of a name, and those that are only where something begins or ends.
_IN_A_NAME = re.compile(
    r"\b(?:Acts?|Regulations|Order|Plan|Strategy|Census)\s+(?:of\s+)?(?:19|20)\d\d"
    r"|\b(?:19|20)\d\d census\b",
    re.IGNORECASE,
)
# "Index of Deprivation 2019" has its year by name; "September 2024" and "In 2015" tell of theirs.
_NAMED_BY_YEAR = re.compile(
    rf"(?<=[^\s.?!] )(?!(?:(?:{'|'.join(_MONTHS)})[a-z]*"
    r"|Spring|Summer|Autumn|Winter|Easter|Christmas"
    r"|In|On|By|Since|During|From|Until|After|Before)\b)[A-Z]\w+ (?:19|20)\d\d\b"
)
_BOUND = re.compile(
    r"\b(?:since|after|from|before|until|by)\s+(?:[^\W\d]\w*\s+){0,4}(?:19|20)\d\d\b", re.IGNORECASE
)
_FROM_TO = re.compile(
    r"\b(?:between|from)\s+(?P<first>(?:19|20)\d\d)\s+(?:and|to|until)\s+(?P<last>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\b(?:since|from)\s+(?P<first>(?:19|20)\d\d)\b(?!\S*\s+(?:and|to|until)\s+(?:19|20)\d\d)",
    re.IGNORECASE,
)
_OVER_TIME = re.compile(
    r"\b(?:history|timeline|chronology) of\b|\bover time\b"
    r"|\b(?:over|through|down) the (?:\w+ ){0,2}(?:years|decades?)\b"
    r"|\byear (?:on|by|after) year\b|\bby year\b(?!\s*(?:end|\d))"
    r"|\b(?:in|at) (?:each|every) (?:year|inspection)\b(?!\s+(?:group|\d))"
    r"|\bhow(?:['’]s| has| have| did)\b"
    r"(?:(?!\b(?:when|why|that|after|since|because|if|whether)\b).)*\b"
    r"(?:changed?|evolved?|improved?|increased?|decreased?|declined?|dropp?e?d?|worsened?|grown?|grew"
    r"|rise|risen|rose|fall|fallen|fell|(?:go|gone|get|got|gotten) (?:up|down|better|worse))"
    r"(?=\W*$|[?,.;]|\s+(?:or|and|since|over|between|from|in|after|under|during|compared)\b)"
    # "every rating since 2015", and not "have all schools since 2015 …?"
    r"|^(?!\W*(?:is|are|was|were|do|does|did|has|have|had|will|can|could|should)\b).*"
    r"\b(?:every|each|all)\s+(?:[\w’'-]+\s+){1,8}(?:since|from|between)\s+(?:19|20)\d\d\b",
    re.IGNORECASE,
)
# "When children leave care, who …?" and "which day centres …?" ask for no date.
_A_VERB_OR_END = (
    r"(?=\s+(?:is|are|was|were|do|does|did|will|would|can|could|should|must|has|have|had|in|of|exactly)\b"
    r"|\W*$)"
)
_ASKS_WHEN = re.compile(
    rf"(?:^|[.?!,;:])\W*(?:(?:and|so|but|since|by|until|exactly)\s+){{0,2}}when{_A_VERB_OR_END}"
    rf"|\b(?:what|which) (?:date|day|month){_A_VERB_OR_END}|\bdate of (?!birth\b)",
    re.IGNORECASE,
)
_MONTH_AND_YEAR = re.compile(
    r"\b(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
    r"(?: \d{1,2}(?:st|nd|rd|th)?)?,?(?: of)? (?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)


def asks_for_now(question: str) -> bool:
    """True for a question about what holds now: it says so, and names no year and no "before"."""
    return bool(_NOW.search(question)) and not (_YEAR.search(question) or _PAST.search(question))


def as_of_then(question: str) -> str:
    """Return a question about now as it would ask of an earlier time: "What was the rating?"."""
    bare = " ".join(re.sub(_WORDS_FOR_NOW, "", question, flags=re.IGNORECASE).split())
    return _PRESENT.sub(lambda verb: _IN_THE_PAST.get(verb[0].casefold(), " was"), bare, count=1)


def newest_first(
    generation: Generation, question: str, quotables: Sequence[Quotable]
) -> list[Quotable]:
    """Return sentences by their relevance, that of older papers lowered if "now" is asked for.

    Each year behind the newest of the papers that could come first counts AGE, up to MOST_YEARS of
    them. A paper of unknown date is taken to be of the newest.
    """
    if asks_for_now(question) and not asks_over_time(question):
        years = [_year(generation.documents[one.passage.document_id]) for one in quotables]
        best = max((one.relevance for one in quotables), default=0.0)
        near = best - AGE * MOST_YEARS  # what is further behind comes first in no case
        newest = max(
            (y for one, y in zip(quotables, years, strict=True) if y and one.relevance >= near),
            default=0,
        )
        quotables = [
            replace(one, relevance=one.relevance - AGE * _behind(newest, year))
            for one, year in zip(quotables, years, strict=True)
        ]
    return sorted(quotables, key=lambda one: -one.relevance)


def _behind(newest: int, year: int | None) -> int:
    return min(MOST_YEARS, max(0, newest - (year or newest)))


def over_time(
    generation: Generation, question: str, quotables: Sequence[Quotable], limit: int
) -> list[Quotable]:
    """Return the best sentence for each year that a question about change asks of, oldest first.

    These are the years that it names, if there are two or more, or all years (since one, from one
    to another) where it asks for a history. Empty for other questions, where fewer than two years
    are told of nearly as well as the best, and where the best sentence is of none of them.
    """
    asked_of = _years_asked_of(question)
    told: dict[int, Quotable] = {}
    for one in quotables:
        if (
            not asked_of
            or one.relevance < quotables[0].relevance - FOR_A_YEAR
            or len(told) == limit
        ):
            break
        years = [year for year in _years_told_of(generation, one) if year in asked_of]
        if years:
            told.setdefault(years[0], one)
        elif not told:
            break
    return [told[year] for year in sorted(told)] if len(told) > 1 else []


def of_the_year_asked(
    generation: Generation, question: str, chosen: Sequence[Quotable]
) -> list[Quotable]:
    """Return the chosen sentences without those that tell of another year than the question's.

    That holds for a question that names one year, not only as the bound of a time ("since 2015"),
    and where the first sentence tells of it; else all are returned.
    """
    named = _years_in(question)
    if len(named) != 1 or named != _years_in(_BOUND.sub("", question)) or asks_over_time(question):
        return list(chosen)
    told = [one for one in chosen if named & set(_years_told_of(generation, one))]
    return told if told[:1] == list(chosen[:1]) else list(chosen)


def asks_over_time(question: str) -> bool:
    """True for a question about change: one that asks for a history, or names several years."""
    return bool(_years_asked_of(question))


def _years_asked_of(question: str) -> Collection[int]:
    """The years that a question about change asks of; none for another question."""
    every = range(1, 3000)
    if _OVER_TIME.search(question):
        if match := _FROM_TO.search(question):
            return range(int(match["first"]), int(match["last"]) + 1)
        if match := _SINCE.search(question):
            return range(int(match["first"]), every.stop)
    named = set() if _FROM_TO.search(question) else _years_in(question)
    if len(named) > 1:
        return named
    return every if _OVER_TIME.search(question) else ()


def _years_in(text: str) -> set[int]:
    return {int(year) for year in _YEAR.findall(_IN_A_NAME.sub("", text))}


def _years_told_of(generation: Generation, one: Quotable) -> list[int]:
    """The one year that a sentence tells of, or else its paper's, the likelier one first.

    What a paper of a year's first months tells, or of a day unknown, may be of the year before.
    """
    document = generation.documents[one.passage.document_id]
    paper = _year(document)
    bare = _NAMED_BY_YEAR.sub("", _BOUND.sub("", one.reading))
    years = {year for year in _years_in(bare) if paper is None or year <= paper}
    if len(years) == 1:
        return [*years]
    if paper is None:
        return []
    may_be_early = _first_day(document) <= f"{paper}-{EARLY_IN_A_YEAR}"
    return [paper, paper - 1] if may_be_early else [paper]


def that_differs(question: str, quotables: Sequence[Quotable]) -> Quotable | None:
    """Return a sentence that answers "when?" with another month of the year than the first does."""
    if not quotables or not _ASKS_WHEN.search(question):
        return None
    first, *others = quotables
    said = _month_told(first)
    if said is None or first.answers < ANSWERS_TOO:
        return None
    for other in others:
        theirs = _month_told(other)
        if other.answers >= DATES_TOO and theirs and theirs[0] == said[0] and theirs != said:
            return other
    return None


def _month_told(one: Quotable) -> tuple[int, int] | None:
    """The one (year, month) that a sentence names, if it names just one."""
    found = {
        (int(match["year"]), _MONTHS.index(match["month"][:3].title()) + 1)
        for match in _MONTH_AND_YEAR.finditer(one.reading)
    }
    return found.pop() if len(found) == 1 else None


def with_what_differs(
    question: str, chosen: Sequence[Quotable], quotables: Sequence[Quotable], limit: int
) -> list[Quotable]:
    """Return the chosen sentences and, in the last place, one that gives another date."""
    other = that_differs(question, quotables) if chosen else None
    if other is None or other in chosen or limit < 2:
        return list(chosen)
    return [*chosen[: limit - 1], other]


def notes_on(
    generation: Generation,
    question: str,
    chosen: Sequence[Quotable],
    quotables: Sequence[Quotable],
    read_as: Callable[[str], Sequence[Quotable]],
) -> tuple[Note, ...]:
    """Return the notes on what is cited; `quotables` are all sentences, best first.

    `read_as` says what the same passages answer to another question.
    """
    if not chosen:
        return ()
    notes = []
    other = that_differs(question, quotables)
    if other is not None and are_quoted([quotables[0], other], chosen):
        mine, theirs = (_in_words(_month_told(one)) for one in (quotables[0], other))
        text = f"The papers differ: one sentence says {mine}, another {theirs}."
        notes.append(Note("differ", text))
    asked = what_is_asked(question)
    if asks_for_now(asked):
        notes += _on_age(generation, asked, chosen, quotables, read_as)
    return tuple(notes)


def _in_words(told: tuple[int, int] | None) -> str:
    return published_in_words(f"{told[0]}-{told[1]:02}") if told else ""


def _on_age(
    generation: Generation,
    asked: str,
    chosen: Sequence[Quotable],
    quotables: Sequence[Quotable],
    read_as: Callable[[str], Sequence[Quotable]],
) -> list[Note]:
    """For a question about now: that a newer paper is silent, or what was before."""
    documents = generation.documents
    newest_cited = max(_last_day(documents[one.passage.document_id]) for one in chosen)
    if not newest_cited:
        return []
    later = [  # of papers that were read: the others are about something else
        one for one in quotables if _first_day(documents[one.passage.document_id]) > newest_cited
    ]
    agreeing = {
        one.passage.document_id
        for one in later
        if any(says_the_same(cited.reading, one.reading) for cited in chosen)
    }
    newer = {one.passage.document_id for one in later} - agreeing
    if newer:
        newest = max((documents[name] for name in sorted(newer)), key=_first_day)
        return [
            Note(
                "not-newest",
                f"What is quoted is not from the newest paper: “{newest.title}” "
                f"({published_in_words(newest.published)}) is newer, and was not found to say it.",
            )
        ]
    before, then = _what_was_before(generation, chosen, quotables), as_of_then(asked)
    if before or then == asked:
        return before
    return _what_was_before(generation, chosen, read_as(then))


def _what_was_before(
    generation: Generation, chosen: Sequence[Quotable], quotables: Sequence[Quotable]
) -> list[Note]:
    """What an older paper said, or what a paper says of an earlier year: the latest of these."""
    documents = generation.documents
    since = _first_day(documents[chosen[0].passage.document_id])
    now = _years_told_of(generation, chosen[0])
    found = None
    for one in quotables:
        if one.answers < ANSWERS_TOO or are_quoted([one], chosen):
            continue
        years = _years_told_of(generation, one)
        if not years:
            continue
        is_older = "" < _last_day(documents[one.passage.document_id]) < since
        tells_of_before = bool(now) and max(years) < min(now)
        if (is_older or tells_of_before) and (found is None or max(years) > found[0]):
            found = max(years), one, is_older
    if found is None:
        return []
    year, one, is_older = found
    document = documents[one.passage.document_id]
    quote = one.reading.strip("“”\"' ")
    if len(quote) > _LONGEST_QUOTE:
        quote = f"{quote[:_LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
    source = f"{document.title}, {published_in_words(document.published)}"
    if not is_older:
        said = f"Of {year} a paper ({source}) says"
    elif year == _year(document):
        said = f"An older paper ({source}) said"
    else:
        said = f"Of {year} an older paper ({source}) said"
    return [Note("older", f"{said}: “{quote}”")]


def _year(document: Document) -> int | None:
    return int(document.published[:4]) if document.published else None


def _first_day(document: Document) -> str:
    return str(parse_published(document.published).first) if document.published else ""


def _last_day(document: Document) -> str:
    return str(parse_published(document.published).last) if document.published else ""
