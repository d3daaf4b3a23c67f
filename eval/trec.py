"""A run as TREC files, and what ir_measures makes of them.

A ranking of passages is only comparable between two ways of cutting passages when it is judged by
what the passages hold. So a passage is listed as the vital facts that it is the first to state,
and the qrels hold the vital facts of each question, each of relevance 1. A passage that states
nothing new is listed by its place. Where no two facts stand in one passage this is the usual
nDCG and RR over passages, with the difference that a fact told in three places is found once.
"""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

import ir_measures
from ir_measures import RR, nDCG

from eval.places import states
from eval.questions import Question
from eval.records import Record

DEPTH = 10


def qrels_lines(questions: Iterable[Question]) -> list[str]:
    """Return `question 0 fact 1` for each vital fact. Unanswerable questions have no line."""
    return [f"{one.id} 0 {fact.id} 1" for one in questions for fact in one.vital]


def run_lines(questions: Sequence[Question], records: Iterable[Record]) -> list[str]:
    """Return `question Q0 name rank score scrutineer` for what was found, best first.

    The score only falls with the rank: tools that order by it keep the order.
    """
    by_id = {question.id: question for question in questions}
    lines = []
    for record in records:
        names = _names(by_id[record.question_id], record)
        lines += [
            f"{record.question_id} Q0 {name} {rank} {1 / rank:.6f} scrutineer"
            for rank, name in enumerate(names, start=1)
        ]
    return lines


def ranking_scores(qrels: Iterable[str], run: Iterable[str]) -> Mapping[str, tuple[float, float]]:
    """Return (nDCG@10, RR@10) of each question of the qrels; one that the run lacks has 0."""
    measures = {nDCG @ DEPTH: 0, RR @ DEPTH: 1}
    found: dict[str, list[float]] = {}
    judged = [
        ir_measures.Qrel(question, name, int(relevance))
        for question, _, name, relevance in map(str.split, qrels)
    ]
    ranked = [
        ir_measures.ScoredDoc(question, name, float(score))
        for question, _, name, _, score, _ in map(str.split, run)
    ]
    if not judged:
        return {}
    for one in ir_measures.iter_calc(list(measures), judged, ranked):
        found.setdefault(one.query_id, [0.0, 0.0])[measures[one.measure]] = float(one.value)
    return {name: (values[0], values[1]) for name, values in found.items()}


def _names(question: Question, record: Record) -> list[str]:
    names: list[str] = []
    for place in record.found:
        stated = [fact.id for fact in question.vital if states(place, fact)]
        new = [name for name in stated if name not in names]
        names += new or [f"{quote(place.document_id)}:{place.start}-{place.end}"]
    return names
