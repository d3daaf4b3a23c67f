"""Gold: questions on the papers, each with the spans of the papers that answer it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from ingest.dates import parse_published
from ingest.documents import Document
from service.problems import first_reason
from service.requests import AskRequest

QUESTIONS = Path(__file__).parent / "questions.jsonl"
FRESH = QUESTIONS.with_name("fresh.jsonl")  # by authors who saw the papers alone
CONVERSATIONS = Path(__file__).parent / "conversations.jsonl"  # thirty, turn by turn
ANSWERABLE = (
    "lookup",
    "date",
    "amount",
    "person",
    "who-said-what",
    "yes-no",
    "multi-document",
    "latest",
    "as-of-a-year",
    "disagreement",
)
UNANSWERABLE = (
    "out-of-corpus",
    "near-miss",
    "false-premise",
    "underspecified",
    "personal",
    "nonsense",
)
WEIGHTS = ("vital", "okay")
STYLES = ("plain", "hard", "varied", "public")
_FIELDS = {"id", "question", "kind", "facts"}
_MAY_BE_LEFT_OUT: Mapping[str, Any] = {
    "style": "plain",
    "as_of": None,
    "note": "",
    "within": [],
    "history": [],
}


class GoldError(Exception):
    """A question file that cannot be right; the message names the lines and what is wrong."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place in the papers that states a fact: `[start, end)` in code points."""

    document_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that an answer should hold. Any one of the spans is enough.

    Without a "vital" fact an answer is no answer; an "okay" one may be in it.
    """

    id: str
    weight: Literal["vital", "okay"]
    spans: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the facts that answer it; none when the papers do not.

    `style` is "plain" as people ask, "hard" when worded on purpose unlike the papers, "varied"
    for keywords, misspellings and long stories. `within` are the documents that it is asked of,
    all when empty. `history` are the questions asked before it in a conversation, oldest first.
    """

    id: str
    question: str
    kind: str
    facts: tuple[Fact, ...]
    style: str = "plain"
    as_of: str | None = None
    note: str = ""
    within: tuple[str, ...] = ()
    history: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        """True when the papers answer the question."""
        return bool(self.facts)

    @property
    def vital(self) -> tuple[Fact, ...]:
        """The facts without which an answer is none."""
        return tuple(fact for fact in self.facts if fact.weight == "vital")

    @property
    def split(self) -> Literal["dev", "test"]:
        """Which half it is in, by a hash of its id: tune on dev, report test."""
        return "dev" if hashlib.sha256(self.id.encode()).digest()[0] % 2 == 0 else "test"


def read_questions(path: Path = QUESTIONS) -> list[Question]:
    """Read a file of questions, one JSON object a line. Raises GoldError for one with faults."""
    numbered, faults = _parse(path)
    _refuse(path, faults)
    return [question for _, question in numbered]


def check_questions(
    path: Path, questions: Iterable[Question], documents: Mapping[str, Document]
) -> None:
    """Raise GoldError when a quote is not the document's text, or there is no such document."""
    _refuse(path, [fault for question in questions for fault in _misquotes(question, documents)])


def faults_in(path: Path, documents: Mapping[str, Document]) -> tuple[list[Question], list[str]]:
    """Return the questions of a file that can be read, and all that is wrong, line by line."""
    numbered, faults = _parse(path)
    for number, question in numbered:
        faults += [f"line {number}: {fault}" for fault in _misquotes(question, documents)]
    return [question for _, question in numbered], sorted(faults, key=_line_of)


def with_offsets(path: Path, documents: Mapping[str, Document]) -> tuple[str, list[str]]:
    """Return a file's text with each span written as `[document_id, quote]` given its offsets.

    The quote may be typed with other white space than the paper has. Lines without such a span,
    and those that cannot be read, stay as they are. Also returns which quotes are not in their
    document, or more than once.
    """
    filled, faults = _read(path).split("\n"), []
    for place, line in enumerate(filled):
        try:
            record = json.loads(line)
            spans = [spans for fact in record["facts"] if isinstance(spans := fact["spans"], list)]
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # `faults_in` says what is wrong with it
        drafts = [(group, n) for group in spans for n, one in enumerate(group) if _is_draft(one)]
        for group, n in drafts:
            try:
                group[n] = _placed(group[n][0], group[n][1], documents)
            except ValueError as error:
                faults.append(f"line {place + 1}: {error}")
        if drafts:
            filled[place] = json.dumps(record, ensure_ascii=False)
    return "\n".join(filled), faults


def to_line(question: Question) -> str:
    """Return the line of a file of questions that is read as this one."""
    record = asdict(question)
    if not question.history:
        del record["history"]
    for fact, ours in zip(record["facts"], question.facts, strict=True):
        fact["spans"] = [[s.document_id, s.start, s.end, s.quote] for s in ours.spans]
    return json.dumps(record, ensure_ascii=False)


# --- reading a line -----------------------------------------------------------------------------


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise GoldError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise GoldError(f"{path} is not UTF-8: byte {error.start} is wrong") from error


def _parse(path: Path) -> tuple[list[tuple[int, Question]], list[str]]:
    numbered: list[tuple[int, Question]] = []
    faults: list[str] = []
    first_at: dict[str, int] = {}
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            question = _question(json.loads(line, object_pairs_hook=_without_doubles))
        except (ValueError, TypeError, RecursionError) as error:
            told = f"not JSON: {error}" if isinstance(error, json.JSONDecodeError) else error
            faults.append(f"line {number}: {told}")
            continue
        if question.id in first_at:
            faults.append(
                f"line {number}: the id {question.id!r} stands in line {first_at[question.id]} too"
            )
        first_at.setdefault(question.id, number)
        numbered.append((number, question))
    if not numbered and not faults:
        faults.append("line 1: the file holds no question")
    return numbered, faults


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a field given twice, of which one would be lost, is an error."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {max(names, key=names.count)!r} is given twice")
    return found


def _question(record: Any) -> Question:
    if not isinstance(record, dict):
        raise TypeError("a question is a JSON object, {…}")
    if missing := _FIELDS - record.keys():
        raise ValueError(f"the field {min(missing)!r} is missing")
    if unknown := record.keys() - _FIELDS - _MAY_BE_LEFT_OUT.keys():
        raise ValueError(f"there is no field {min(unknown)!r}")
    record = {**_MAY_BE_LEFT_OUT, **record}
    for field in ("id", "question", "kind", "style", "note"):
        if not isinstance(record[field], str):
            raise TypeError(f"{field} must be text, not {record[field]!r}")
    for field in ("facts", "within", "history"):
        if not isinstance(record[field], list):
            raise TypeError(f"{field} must be a list, […], not {record[field]!r}"[:100])
    _check_name("id", record["id"])
    try:
        AskRequest(question=record["question"], history=record["history"])
    except ValidationError as error:
        raise ValueError(first_reason(error.errors())) from error
    if record["style"] not in STYLES:
        raise ValueError(f"style {record['style']!r} is none of {', '.join(STYLES)}")
    if record["as_of"] is not None:
        parse_published(str(record["as_of"]))
    facts = tuple(_fact(fact) for fact in record["facts"])
    _check_facts(record["kind"], facts, record["within"])
    lists = {name: tuple(record[name]) for name in ("within", "history")}
    return Question(**{**record, **lists, "facts": facts})


def _check_name(what: str, name: str) -> None:
    """Refuse what cannot stand in the columns of a TREC file, or be written as UTF-8."""
    if not name or any(one.isspace() or one == ":" or not one.isprintable() for one in name):
        raise ValueError(f"{what} {name!r} must be one word without a colon")


def _check_facts(kind: str, facts: Sequence[Fact], within: Sequence[Any]) -> None:
    kinds = ANSWERABLE if facts else UNANSWERABLE
    if kind not in kinds:
        told = "has facts" if facts else "has no facts"
        raise ValueError(f"kind {kind!r}: a question that {told} is one of {', '.join(kinds)}")
    if facts and not any(fact.weight == "vital" for fact in facts):
        raise ValueError("no fact is vital: say which one an answer must hold")
    if len({fact.id for fact in facts}) < len(facts):
        raise ValueError("two facts have the same id")
    for fact in facts:
        if within and not any(one.document_id in within for one in fact.spans):
            raise ValueError(f"fact {fact.id} stands in none of the documents of `within`")


def _fact(record: Any) -> Fact:
    if not isinstance(record, dict) or record.keys() != {"id", "weight", "spans"}:
        raise ValueError(f"a fact has id, weight and spans, not {str(record)[:60]}")
    name, weight, spans = record["id"], record["weight"], record["spans"]
    _check_name("fact", str(name))
    if weight not in WEIGHTS:
        raise ValueError(f"fact {name}: weight is 'vital' or 'okay', not {weight!r}")
    if not isinstance(spans, list) or not spans:
        raise ValueError(f"fact {name} names no span of a document")
    return Fact(str(name), weight, tuple(_evidence(name, span) for span in spans))


def _evidence(fact: str, span: Any) -> Evidence:
    if _is_draft(span):
        raise ValueError(f"fact {fact}: offsets are missing; run `validate --fill` once")
    match span:
        case [str(document_id), int(start), int(end), str(quote)]:
            if isinstance(start, bool) or isinstance(end, bool) or not 0 <= start < end:
                raise ValueError(f"fact {fact}: [{start}, {end}) is not a span")
            return Evidence(document_id, start, end, quote)
    raise ValueError(
        f"fact {fact}: spans is a list of [document_id, quote] or "
        f"[document_id, start, end, quote], not of {span!r}"[:200]
    )


def _is_draft(span: Any) -> bool:
    """True for `[document_id, quote]`, whose offsets are to be filled in."""
    return isinstance(span, list) and len(span) == 2 and all(isinstance(s, str) for s in span)


def _misquotes(question: Question, documents: Mapping[str, Document]) -> list[str]:
    faults = [
        f"{question.id}: there is no document {name!r}"
        for name in question.within
        if name not in documents
    ]
    for evidence in (one for fact in question.facts for one in fact.spans):
        document = documents.get(evidence.document_id)
        if document is None:
            faults.append(f"{question.id}: there is no document {evidence.document_id!r}")
        elif (found := document.text[evidence.start : evidence.end]) != evidence.quote:
            faults.append(
                f"{question.id}: {evidence.document_id} [{evidence.start}, {evidence.end}) is "
                f"{found[:50]!r}, not {evidence.quote[:50]!r}"
            )
    return faults


def _placed(document_id: str, quote: str, documents: Mapping[str, Document]) -> list[Any]:
    if document_id not in documents:
        raise ValueError(f"there is no document {document_id!r}")
    text = documents[document_id].text
    places = _places(text, quote)
    if not places:
        raise ValueError(
            f"{document_id} does not hold {quote[:60]!r}: copy it from the paper; look at "
            "apostrophes, dashes and capitals"
        )
    if len(places) > 1:
        raise ValueError(
            f"{document_id} holds {quote[:60]!r} {len(places)} times: quote more, so that it "
            "stands there once, or give [document_id, start, end, quote]"
        )
    start, end = places[0]
    return [document_id, start, end, text[start:end]]


def _places(text: str, quote: str) -> list[tuple[int, int]]:
    """Where a quote stands in a text, white space of any kind and length being equal."""
    dense = [(place, character) for place, character in enumerate(text) if not character.isspace()]
    letters = "".join(character for _, character in dense)
    wanted = "".join(quote.split())
    found, at = [], letters.find(wanted) if wanted else -1
    while at >= 0:
        found.append((dense[at][0], dense[at + len(wanted) - 1][0] + 1))
        at = letters.find(wanted, at + 1)
    return found


def _refuse(path: Path, faults: Sequence[str]) -> None:
    if faults:
        more = f" (and {len(faults) - 1} more: python -m eval validate {path})"
        raise GoldError(f"{path}: {faults[0]}{more if len(faults) > 1 else ''}")


def _line_of(fault: str) -> int:
    return int(fault.split()[1].rstrip(":"))
