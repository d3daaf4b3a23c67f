"""A question that leans on an earlier one, said in full: "and in 2021?", "why?", "did she agree?".

Rules, not a model, and wary ones: an earlier topic must not leak into a question that could stand
alone, and most of what people type does.
"""

import re
from collections.abc import Sequence

from ingest.dates import MONTHS
from ingest.stopwords import STOPWORDS
from ingest.words import CAPITALISED, plain_words

_JOINING = re.compile(
    r"(?:(?:ok(?:ay)?|no|yes|thanks|thank you|great|and|but|so|then|or|what about|how about|also"
    r"|i meant?)\b[\s,:]*)+",
    re.IGNORECASE,
)
_ONLY_POLITE = frozenset(
    "ok okay thanks thank you please yes no great good fine sorry hello hi".split()
)
# "And who chairs the board?" is another question, "so who chairs it then?" is not.
_ADDING = frozenset("and but also".split())
ASKS_WHOLLY = re.compile(
    r"(?:who|what|when|where|why|which|whose|how (?:many|much|long|often)|how"
    r"|is|are|was|were|do|does|did|has|have|had|will|would|can|could|should)\b",
    re.IGNORECASE,
)
_POINTING = frozenset(
    "he him his she her hers they them their theirs it its this that these those there".split()
)
_POSSESSIVE = frozenset("his her its their".split())
# They point when they end a question or stand before its verb, and may also join two clauses.
_MAY_JOIN = frozenset("this that these those there".split())
# Words that name no subject: "when did that happen?" is about something said before.
_EMPTY = frozenset(
    """
    say says said tell told hear heard mean means meant happen happened happens think thought know
    go went gone come came take took make made want wanted need needed explain change changed true
    right exactly again else ever
    more long often far soon late still yet even really actually instead before since until
    reason reasons why when where how ago later earlier first last next time times date year
    years month day people person anyone anybody someone somebody thing things please ask
    nothing anything something everything
    asked answer question ones one same such whats whos isnt wasnt didnt dont
    update updates news due worth back matter matters situation position regard regards regarding
    concerning kindly advise above below sorted details detail info elaborate sure reply new
    hello hi hey dear thanks thank ok okay ta cheers sorry
    current currently latest today present
    both agree agreed compare compared comparison figure figures numbers give gave given end
    """.split()
)
_LONGEST = 4  # words of substance; a question with more stands alone, whatever it points at
_EXPLETIVE = re.compile(
    r"\b(?:is|was|does|did|will|would|can|if|that)\s+it\s+(?:is\s+)?"
    r"(?:true|right|possible|likely|take|cost|matter|the case)\b(?:\s+that\b|(?=\W+\w))"
    r"|\b(?:(?:is|was)\s+it(?:\s+ever)?|(?:will|would|should|could|can)\s+it\s+(?:ever\s+)?be"
    r"|(?:has|had)\s+it\s+(?:ever\s+)?been)\s+(?:an?\s+|so\s+|too\s+|any\s+)?"
    r"(?!(?:able|about|allowed|bound|due|expected|meant|ready|required|set|supposed|used|willing)\b"
    r"|\w+ing\b)\w+\s+(?:to|for|that|who|whether|when|why|how|what|if)\b"
    r"|\bhow\s+\w+\s+is\s+it\s+to\b|\b(?:is|was)\s+it\s+(?:worth\s+\w+ing|like)\b"
    r"|\b(?:is|are|was|were|will|has|have)\s+there\b|\bthere\s+(?:is|are|was|were|will|has|have)\b"
    r"|\b(?:this|that|these|those)\s+(?:council|city|authority|time|year|month|week|days|papers?"
    r"|documents?)\b",
    re.IGNORECASE,
)
_COMPUTING = re.compile(r"\bIT\b")  # no pronoun
_YEAR_OR_YEARS = r"(?<![£$€\w])(?:19|20)\d\d(?:[/–-]\d{2,4})?(?!\w)"
_TIME = re.compile(
    rf"\b(?:between|from)\s+{_YEAR_OR_YEARS}\s+(?:and|to|until)\s+{_YEAR_OR_YEARS}"
    r"|\b(?:in|on|at|since|before|after|until|from|by|during)?\s*"
    r"(?:(?:\d{1,2}(?:st|nd|rd|th)?\s+)?"
    rf"(?:{'|'.join(MONTHS)})\s+)?{_YEAR_OR_YEARS}"
    r"|\b(?:current|currently|latest|now|today|at present)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"[£$€]?\w*\d[\w.,]*")  # "the A47", "£500": subjects, where years are not
_YEAR = re.compile(_YEAR_OR_YEARS)
_LONE_NUMBER = re.compile(r"\W*\d+\W*")
_OBJECT_AT_END = re.compile(
    r"(?P<before>.+)\s(?:it|him|them|the others)\W*$", re.IGNORECASE | re.DOTALL
)
_BEGINS_A_CLAUSE = frozenset("if when who which that and but or because while as".split())
# What a pronoun stands after when it means the one noun before: "what can a parent do if they …".
_ANOTHER_CLAUSE = frozenset(
    "if when because unless while until whether say said says think".split()
)
_FEWEST_LETTERS = re.compile(r"[^\W\d_]{2,}")
_SPACES = re.compile(r"\s+")


def in_full(question: str, history: Sequence[str]) -> str:
    """Return a question as it would be asked without the earlier ones, which come oldest first.

    One that stands alone comes back as it is. Another is put after those that it leans on, without
    their years where it names its own.
    """
    said: list[str] = []
    for one in [*(earlier for earlier in history if _says_something(earlier)), question]:
        if not leans(one):
            said = [one]
            continue
        if _TIME.search(one):
            timeless = [_TIME.sub(" ", earlier) for earlier in said]
            said = [earlier for earlier in timeless if substance(earlier)] or timeless
        said = [*said[:1], *said[1:][-1:], one]  # the topic, the question before, and this
    if said == [question]:
        return question
    return _SPACES.sub(" ", " ".join(f"{one.strip(' ?.!,')}?" for one in said))


def leans(question: str) -> bool:
    """True for a question that cannot be understood without an earlier one."""
    asked = question.strip()
    joining = _JOINING.match(asked)
    rest = asked[joining.end() :] if joining else asked
    if not _says_something(asked) and _TIME.search(asked) is None:
        return False
    own = substance(rest)
    if not own:
        return _FEWEST_LETTERS.search(asked) is not None or _TIME.search(rest) is not None
    if len(own) > _LONGEST:
        return False
    joins = {*plain_words(joining.group())} if joining else set()
    another = joins <= _ADDING and len(own) > 1 and ASKS_WHOLLY.match(rest) is not None
    if not another and not _ONLY_POLITE.issuperset(joins - {"so"}):
        return True
    if not asked.isupper():
        rest = _COMPUTING.sub("computing", rest)
    return _points_back(_EXPLETIVE.sub(" ", rest), own)


def _says_something(question: str) -> bool:
    """False for mere signs and for what is only polite."""
    return not _ONLY_POLITE.issuperset(plain_words(question))


def names_nothing(question: str) -> bool:
    """True for a question without a word of substance: "why did they do that?", "any update?".

    A year is one, since the papers tell of some: "what happened in 2021?".
    """
    return not substance(question) and not _YEAR.search(question)


def substance(text: str) -> list[str]:
    """Return the words of a text that name something; "A47" and "£500" do, a year does not."""
    own = [
        word
        for word in plain_words(text)
        if len(word) > 1 and word not in STOPWORDS and word not in _EMPTY  # not the "s" of "what's"
    ]
    if _LONE_NUMBER.fullmatch(text):
        return own
    # "May", "IT" and "WHO" are no stop words within a sentence.
    capitalised = [one for one in CAPITALISED.findall(text) if one.casefold() not in own]
    return own + capitalised + _NUMBERED.findall(_YEAR.sub(" ", text))


def _points_back(question: str, own: Sequence[str]) -> bool:
    """True when a pronoun can mean nothing within the question itself."""
    if match := _OBJECT_AT_END.search(question):
        return _BEGINS_A_CLAUSE.isdisjoint(plain_words(match["before"])[1:])
    said = plain_words(question)
    for place, word in enumerate(said):
        if word not in _POINTING:
            continue
        before = [one for one in said[:place] if one in own]
        if word in _MAY_JOIN:
            if not before or place == len(said) - 1:
                return True
        elif not _ANOTHER_CLAUSE.isdisjoint(said[:place]) and said[0] not in _ANOTHER_CLAUSE:
            if not before:
                return True
        elif len(before) < (1 if word in _POSSESSIVE else 2) and not _names_someone(question, word):
            return True
    return False


def _names_someone(question: str, pronoun: str) -> bool:
    """True when a name stands before the pronoun, with a capital letter within the sentence."""
    before = re.split(rf"\b{pronoun}\b", question, maxsplit=1, flags=re.IGNORECASE)[0]
    return any(word[:1].isupper() for word in before.split()[1:])
