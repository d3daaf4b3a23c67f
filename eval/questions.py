"""Gold: questions on the corpus, each with the spans of the papers that answer it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ingest.documents import Document

QUESTIONS = Path(__file__).parent / "questions.jsonl"


class GoldError(Exception):
    """A question file that cannot be right; the message names the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place in the papers that states a fact: `[start, end)` in code points."""

    document_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that an answer should hold. Any one of the spans is enough."""

    id: str
    weight: Literal["vital", "okay"]
    spans: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the facts that answer it; none when the papers do not.

    `style` is "plain" as people ask, or "hard": worded on purpose unlike the papers.
    """

    id: str
    question: str
    style: Literal["plain", "hard"]
    kind: str
    facts: tuple[Fact, ...]
    as_of: str | None
    note: str

    @property
    def answerable(self) -> bool:
        """True when the papers answer the question."""
        return bool(self.facts)

    @property
    def split(self) -> Literal["dev", "test"]:
        """Which half it is in, by a hash of its id: tune on dev, report test."""
        return "dev" if hashlib.sha256(self.id.encode()).digest()[0] % 2 == 0 else "test"

    def is_hit(self, document_id: str, start: int, end: int) -> bool:
        """True when a citation states a vital fact.

        It does when it covers at least half of one of the fact's spans, or lies inside one.
        """
        return any(
            _covers(evidence, document_id, start, end)
            for fact in self.facts
            if fact.weight == "vital"
            for evidence in fact.spans
        )


def read_questions(path: Path = QUESTIONS) -> list[Question]:
    """Read a file of questions, one JSON object a line. Raises GoldError for a line that is not."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(_question(json.loads(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise GoldError(f"{path}:{number}: not a question: {error!r}") from error
    return found


def check_questions(questions: Iterable[Question], documents: Mapping[str, Document]) -> None:
    """Raise GoldError for an id that is used twice, or a quote that is not the document's text."""
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise GoldError(f"{question.id} is used twice")
        seen.add(question.id)
        for evidence in (one for fact in question.facts for one in fact.spans):
            document = documents.get(evidence.document_id)
            if document is None:
                raise GoldError(f"{question.id}: there is no document {evidence.document_id}")
            if document.text[evidence.start : evidence.end] != evidence.quote:
                raise GoldError(
                    f"{question.id}: {evidence.document_id} [{evidence.start}, {evidence.end}) "
                    f"is not {evidence.quote[:60]!r}"
                )


def _question(record: dict[str, Any]) -> Question:
    facts = tuple(
        Fact(fact["id"], fact["weight"], tuple(Evidence(*span) for span in fact["spans"]))
        for fact in record["facts"]
    )
    return Question(**{**record, "facts": facts})


def _covers(evidence: Evidence, document_id: str, start: int, end: int) -> bool:
    if evidence.document_id != document_id:
        return False
    shared = min(end, evidence.end) - max(start, evidence.start)
    inside = evidence.start <= start and end <= evidence.end
    return shared > 0 and (inside or 2 * shared >= evidence.end - evidence.start)
