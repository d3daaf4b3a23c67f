"""What a question's answer is worth, one question at a time. The formulas, with their sources.

- A citation is right when it states a vital fact (`places.states`).
- Fact recall: share of the vital facts that the citations state (TREC RAG nuggets, Pradeep 2024).
- Citation precision: share of the citations that state any fact, vital or okay (ALCE, Gao 2023).
- Redundant: share of the citations that state only what citations before them state (ALCE).
- Citation F1: harmonic mean of precision and recall; 0 when it abstained (LongCite, Zhang 2024).
- Characters: the cited characters against those of the gold spans, as sets (SQuAD's F1 over
  words, here over places). Recall counts, for each vital fact, the alternative covered best.
- Truthfulness: +1 first citation right, +0.5 right among the rest, 0 abstained, -1 wrong;
  unanswerable: +1 abstained, -1 answered (CRAG, Yang 2024).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eval.intervals import ALONE
from eval.places import Place, cited_place, states
from eval.questions import Evidence, Fact, Question, to_line
from eval.records import Record, digest

TOP = 3
Outcome = Literal["right", "right later", "wrong", "silent", "refused", "false answer"]


@dataclass(frozen=True, slots=True)
class Scored:
    """One question's figures, each 0 to 1 but for truthfulness (-1 to 1) and lengths (characters).

    `gold` is a digest of the question and its facts. None is what has no value: facts of an
    unanswerable question, precision of no citation.
    `right` says whether what it cites first, or would have cited had it not abstained, is right.
    """

    id: str
    gold: str
    kind: str
    style: str
    split: str
    cluster: str
    answerable: bool
    answered: bool
    outcome: Outcome
    confidence: float
    right: bool
    success_1: float | None
    success_3: float | None
    fact_recall: float | None
    all_fact_recall: float | None
    citation_precision: float | None
    redundant: float | None
    citation_f1: float | None
    char_precision: float | None
    char_recall: float | None
    char_f1: float | None
    cited_length: float | None
    ndcg_10: float | None
    rr_10: float | None
    truthfulness: float
    milliseconds: float


def score_question(
    question: Question, record: Record, ranking: tuple[float, float] | None
) -> Scored:
    """Return one question's figures. `ranking` is (nDCG@10, RR@10), None when unanswerable."""
    citations = [cited_place(one) for one in record.answer.citations]
    hits = [any(states(place, fact) for fact in question.vital) for place in citations]
    outcome = _outcome(question.answerable, hits, bool(citations))
    fits = question.answerable
    recall = fact_recall(question.vital, citations)
    precision = citation_precision(question.facts, citations)
    char_precision, char_recall = character_overlap(question, citations)
    return Scored(
        id=question.id,
        gold=digest([to_line(question)])[:8],
        kind=question.kind,
        style=question.style,
        split=question.split,
        cluster=home(question),
        answerable=question.answerable,
        answered=bool(citations),
        outcome=outcome,
        confidence=record.answer.confidence,
        right=record.first is not None
        and any(states(record.first, fact) for fact in question.vital),
        success_1=float(any(hits[:1])) if fits else None,
        success_3=float(any(hits[:TOP])) if fits else None,
        fact_recall=recall if fits else None,
        all_fact_recall=fact_recall(question.facts, citations) if fits else None,
        citation_precision=precision if fits else None,
        redundant=redundancy(question.facts, citations) if fits else None,
        citation_f1=harmonic(precision or 0.0, recall) if fits else None,
        char_precision=char_precision if fits else None,
        char_recall=char_recall if fits else None,
        char_f1=harmonic(char_precision or 0.0, char_recall) if fits else None,
        cited_length=float(sum(p.end - p.start for p in citations)) if citations else None,
        ndcg_10=ranking[0] if ranking else None,
        rr_10=ranking[1] if ranking else None,
        truthfulness=truthfulness(outcome),
        milliseconds=record.milliseconds,
    )


def fact_recall(facts: Sequence[Fact], citations: Sequence[Place]) -> float:
    """Return the share of the facts that a citation states; 0 without facts."""
    stated = [fact for fact in facts if any(states(place, fact) for place in citations)]
    return len(stated) / len(facts) if facts else 0.0


def citation_precision(facts: Sequence[Fact], citations: Sequence[Place]) -> float | None:
    """Return the share of the citations that state a fact, None without citations."""
    if not citations:
        return None
    return sum(any(states(p, fact) for fact in facts) for p in citations) / len(citations)


def redundancy(facts: Sequence[Fact], citations: Sequence[Place]) -> float | None:
    """Return the share of the citations that state facts, all stated before; None without any."""
    if not citations:
        return None
    known: set[str] = set()
    repeated = 0
    for place in citations:
        stated = {fact.id for fact in facts if states(place, fact)}
        repeated += bool(stated) and stated <= known
        known |= stated
    return repeated / len(citations)


def character_overlap(question: Question, citations: Sequence[Place]) -> tuple[float | None, float]:
    """Return precision (None without citations) and recall of the cited characters."""
    cited = _merged(citations)
    gold = _merged([_place(one) for fact in question.facts for one in fact.spans])
    needed = _merged([_place(_covered_best(fact, cited)) for fact in question.vital])
    precision = _common(cited, gold) / _length(cited) if cited else None
    return precision, _common(cited, needed) / _length(needed) if needed else 0.0


def harmonic(precision: float, recall: float) -> float:
    """Return the harmonic mean of two shares, 0 when both are 0 (van Rijsbergen's F1)."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def truthfulness(outcome: Outcome) -> float:
    """Return CRAG's sign of an outcome."""
    return {
        "right": 1.0,
        "right later": 0.5,
        "silent": 0.0,
        "wrong": -1.0,
        "refused": 1.0,
        "false answer": -1.0,
    }[outcome]


def home(question: Question) -> str:
    """Return the document a question is about: most of its vital evidence stands there.

    A question without evidence is about the one document it is asked of, or stands for itself.
    """
    counted: dict[str, int] = {}
    for fact in question.vital:
        for name in {one.document_id for one in fact.spans}:
            counted[name] = counted.get(name, 0) + 1
    if counted:
        return max(sorted(counted), key=lambda name: counted[name])
    return question.within[0] if len(question.within) == 1 else f"{ALONE}{question.id}"


def _outcome(answerable: bool, hits: Sequence[bool], answered: bool) -> Outcome:
    if not answerable:
        return "false answer" if answered else "refused"
    if not answered:
        return "silent"
    if hits[0]:
        return "right"
    return "right later" if any(hits) else "wrong"


def _place(evidence: Evidence) -> Place:
    return Place(evidence.document_id, evidence.start, evidence.end)


def _covered_best(fact: Fact, cited: Sequence[Place]) -> Evidence:
    return max(fact.spans, key=lambda one: _common([_place(one)], cited) / (one.end - one.start))


def _merged(places: Sequence[Place]) -> list[Place]:
    """The same characters as places that do not overlap, each counted once."""
    merged: list[Place] = []
    for one in sorted(places, key=lambda place: (place.document_id, place.start)):
        last = merged[-1] if merged else None
        if last and last.document_id == one.document_id and one.start <= last.end:
            merged[-1] = Place(last.document_id, last.start, max(last.end, one.end))
        else:
            merged.append(one)
    return merged


def _length(merged: Sequence[Place]) -> int:
    return sum(one.end - one.start for one in merged)


def _common(some: Sequence[Place], others: Sequence[Place]) -> int:
    return sum(
        max(0, min(one.end, other.end) - max(one.start, other.start))
        for one in some
        for other in others
        if one.document_id == other.document_id
    )
