"""A run's files to figures: each with n and an interval. Loads no model; same files, same bytes."""

import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.intervals import Floats, bootstrap, bootstrap_mean, wilson
from eval.metrics import Scored, score_question
from eval.records import Record, Run, read_run
from eval.selective import (
    Auroc,
    BalancedAccuracy,
    CalibrationError,
    CoverageAtRisk,
    RiskCoverage,
    once,
)
from eval.trec import qrels_lines, ranking_scores, run_lines

OF_A_PERFECT_ONE = "of a perfect confidence"
SCORES, PER_QUESTION = "scores.json", "scored.jsonl"
FEWEST_TESTED = 20  # answerable questions in the test half; with fewer, all are reported
Method = Callable[[Sequence[Scored]], "Figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value over n questions, and the interval that holds the true one 95 times in 100.

    NaN where no question has a value.
    """

    name: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that must hold for every answer, and the questions where it does not."""

    name: str
    checked: int
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures of a run: `groups` by name ("test", "kind: date"), each a figure a metric.

    `reliability` is of the reported group: for each tenth of confidence how many questions, the
    mean confidence, and the share right.
    """

    run: Run
    scored: tuple[Scored, ...]
    groups: Mapping[str, tuple[Figure, ...]]
    invariants: tuple[Invariant, ...]
    reliability: tuple[tuple[int, float, float], ...]
    median_ms: float
    p95_ms: float


def score(folder: Path) -> Scores:
    """Score the run in a folder and write `scores.json` and `scored.jsonl` beside it."""
    run = read_run(folder)
    records = list(run.records.values())
    ranking = ranking_scores(qrels_lines(run.questions), run_lines(run.questions, records))
    scored = tuple(
        score_question(question, run.records[question.id], ranking.get(question.id))
        for question in run.questions
    )
    by_style = len({one.style for one in scored}) > 1
    members: dict[str, list[Scored]] = {}
    for one in scored:
        for group in groups_of(one, by_style):
            members.setdefault(group, []).append(one)
    times = [one.milliseconds for one in scored]
    scores = Scores(
        run,
        scored,
        {name: figures(name, members[name]) for name in sorted(members, key=_reading_order)},
        invariants(run.records, run.texts),
        tuple(CalibrationError(reported(scored)).table()),
        statistics.median(times),
        statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0],
    )
    _write(folder, scores)
    return scores


def reported_group(scored: Sequence[Scored]) -> str:
    """Return the group that is reported: the test half, or all where the set is too small."""
    tested = sum(one.answerable and one.split == "test" for one in scored)
    return "test" if tested >= FEWEST_TESTED else "all"


def reported(scored: Sequence[Scored]) -> list[Scored]:
    """Return the questions of the group that is reported."""
    group = reported_group(scored)
    return [one for one in scored if group in groups_of(one, by_style=False)]


def groups_of(one: Scored, by_style: bool) -> list[str]:
    """The groups that a question counts in: all, its split and kind, and its style if they vary."""
    styles = [one.style, f"{one.style} {one.split}"] if by_style else []
    return ["all", one.split, *styles, f"kind: {one.kind}"]


def figures(group: str, scored: Sequence[Scored]) -> tuple[Figure, ...]:
    """Return the figures of a group of questions, in the order in which they are shown.

    Those that weigh answerable questions against others make no sense within one kind.
    """
    methods = QUESTION_BY_QUESTION if group.startswith("kind") else QUESTION_BY_QUESTION + TOGETHER
    return tuple(method(scored) for method in methods)


def invariants(records: Mapping[str, Record], texts: Mapping[str, str]) -> tuple[Invariant, ...]:
    """Return what must hold for every answer, checked on all that `/ask` returned."""
    cited = [
        (name, one)
        for name, record in records.items()
        for one in record.answer.citations + record.answer.related
    ]
    in_range = {
        id(one): 0 <= one.start_char_index < one.end_char_index <= len(texts[one.document_id])
        if one.document_id in texts
        else False
        for _, one in cited
    }
    verbatim = {
        id(one): in_range[id(one)]
        and texts[one.document_id][one.start_char_index : one.end_char_index] == one.cited_text
        for _, one in cited
    }
    answers = {name: record.answer for name, record in records.items()}
    asked_twice = {n: one for n, one in records.items() if one.same_again is not None}
    return (
        _invariant("quoted to the letter", [(n, verbatim[id(one)]) for n, one in cited]),
        _invariant("offsets within the document", [(n, in_range[id(one)]) for n, one in cited]),
        _invariant(
            "citations if and only if answered",
            [(n, (a.status == "answered") == bool(a.citations)) for n, a in answers.items()],
        ),
        _invariant(
            "the same answer when asked again",
            [(n, bool(one.same_again)) for n, one in asked_twice.items()],
        ),
        _invariant(
            "confidence between 0 and 1", [(n, 0 <= a.confidence <= 1) for n, a in answers.items()]
        ),
        _invariant(
            "one generation answers all",
            [
                (n, a.index.generation == next(iter(answers.values())).index.generation)
                for n, a in answers.items()
            ],
        ),
    )


def to_json(scores: Scores) -> dict[str, Any]:
    """Return the figures as plain values; what has none is null."""
    return {
        "run": scores.run.name,
        "inputs": scores.run.manifest.inputs,
        "invariants": [
            {"name": one.name, "checked": one.checked, "broken": list(one.broken)}
            for one in scores.invariants
        ],
        "figures": {
            group: {
                one.name: {
                    "value": _plain(one.value),
                    "interval": [_plain(one.low), _plain(one.high)],
                    "n": one.n,
                }
                for one in found
            }
            for group, found in scores.groups.items()
        },
        "reliability": [
            {"n": n, "confidence": _plain(said), "right": _plain(right)}
            for n, said, right in scores.reliability
        ],
        "median_ms": _plain(scores.median_ms),
        "p95_ms": _plain(scores.p95_ms),
    }


# --- one metric over a group --------------------------------------------------------------------


def _rate(name: str, of: Callable[[Scored], float | None]) -> Method:
    """A share of questions, with Wilson's interval."""

    def method(scored: Sequence[Scored]) -> Figure:
        values = [value for one in scored if (value := of(one)) is not None]
        right, n = sum(values), len(values)
        return Figure(name, right / n if n else math.nan, *wilson(right, n), n)

    return method


def _mean(name: str, of: Callable[[Scored], float | None]) -> Method:
    """A mean over questions, with a bootstrap interval over documents."""

    def method(scored: Sequence[Scored]) -> Figure:
        pairs = [(one.cluster, value) for one in scored if (value := of(one)) is not None]
        if not pairs:
            return Figure(name, math.nan, math.nan, math.nan, 0)
        values = [value for _, value in pairs]
        interval = bootstrap_mean([cluster for cluster, _ in pairs], values)
        return Figure(name, sum(values) / len(values), *interval, len(values))

    return method


def _selective(name: str, of: Callable[[Sequence[Scored]], Callable[[Floats], Floats]]) -> Method:
    """A figure over all questions together, with a bootstrap interval over documents."""

    def method(scored: Sequence[Scored]) -> Figure:
        statistic = of(scored)
        value = float(statistic(once(len(scored)))[0])
        interval = bootstrap([one.cluster for one in scored], statistic)
        return Figure(name, value, *interval, len(scored))

    return method


def _of_a_perfect_confidence(scored: Sequence[Scored]) -> Figure:
    """The calibration error that chance alone would show, with where 95% of its draws fall."""
    drawn = CalibrationError(scored).of_a_perfect_confidence()
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(OF_A_PERFECT_ONE, float(drawn.mean()), float(low), float(high), len(scored))


def _answered_wrongly(one: Scored) -> float | None:
    return None if one.answerable else float(one.answered)


def _silent(one: Scored) -> float | None:
    return float(not one.answered) if one.answerable else None


QUESTION_BY_QUESTION: tuple[Method, ...] = (
    _rate("success@1", lambda one: one.success_1),
    _rate("success@3", lambda one: one.success_3),
    _mean("fact recall", lambda one: one.fact_recall),
    _mean("citation precision", lambda one: one.citation_precision),
    _mean("citation F1", lambda one: one.citation_f1),
    _rate("false answers", _answered_wrongly),
    _rate("false abstentions", _silent),
    _mean("truthfulness", lambda one: one.truthfulness),
    _mean("nDCG@10", lambda one: one.ndcg_10),
    _mean("RR@10", lambda one: one.rr_10),
    _mean("all-fact recall", lambda one: one.all_fact_recall),
    _mean("redundant citations", lambda one: one.redundant),
    _mean("character precision", lambda one: one.char_precision),
    _mean("character recall", lambda one: one.char_recall),
    _mean("character F1", lambda one: one.char_f1),
    _mean("cited characters", lambda one: one.cited_length),
)
TOGETHER: tuple[Method, ...] = (
    _selective("balanced accuracy", BalancedAccuracy),
    _selective("AUROC", Auroc),
    _selective("risk-coverage area", RiskCoverage),
    _selective("coverage at 5% wrong", CoverageAtRisk),
    _selective("calibration error", CalibrationError),
    _of_a_perfect_confidence,
)


def _invariant(name: str, held: Sequence[tuple[str, bool]]) -> Invariant:
    broken = dict.fromkeys(question for question, holds in held if not holds)
    return Invariant(name, len(held), tuple(broken))


def _reading_order(group: str) -> tuple[bool, int, str]:
    first = ("all", "test", "dev")
    return group.startswith("kind"), first.index(group) if group in first else len(first), group


def _write(folder: Path, scores: Scores) -> None:
    lines = [json.dumps(asdict(one)) for one in scores.scored]
    (folder / PER_QUESTION).write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = json.dumps(to_json(scores), indent=1, ensure_ascii=False)
    (folder / SCORES).write_text(f"{text}\n", encoding="utf-8")


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
