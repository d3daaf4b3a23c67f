"""How often the first version is right on the gold questions, and how long it takes."""

import math
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.questions import Question, check_questions, read_questions
from ingest.index import load_generation
from ingest.models import locate_model
from service.answers import Answer
from service.ask import ask, load_models
from service.retrieval import Filters

LIMIT = 3  # citations asked for


@dataclass(frozen=True, slots=True)
class Rate:
    """`right` of `n`, and the interval that holds the true rate 95 times of 100."""

    name: str
    right: int
    n: int

    def interval(self) -> tuple[float, float]:
        """The Wilson score interval (Wilson 1927), 0 to 1; (0, 1) for n = 0."""
        if self.n == 0:
            return 0.0, 1.0
        z, rate = 1.959964, self.right / self.n
        middle = rate + z * z / (2 * self.n)
        half = z * math.sqrt(rate * (1 - rate) / self.n + z * z / (4 * self.n * self.n))
        whole = 1 + z * z / self.n
        return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds until both models and the index are loaded, then milliseconds an answer takes."""

    load_seconds: float
    first_ms: float
    median_ms: float
    p95_ms: float
    memory_mib: int


def measure(
    index: Path, encoder: str, track: Callable[[Sequence[Question]], Iterable[Question]]
) -> tuple[list[Rate], Speed]:
    """Ask every gold question once; return the rates by style and the times."""
    began = time.perf_counter()
    model = locate_model(encoder)
    generation = load_generation(index, model)
    models = load_models(model)
    loaded = time.perf_counter() - began
    questions = read_questions()
    check_questions(questions, generation.documents)
    answers, times = [], []
    for question in track(questions):
        before = time.perf_counter()
        answers.append(ask(generation, models, question.question, LIMIT, Filters()))
        times.append(1000 * (time.perf_counter() - before))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB; bytes on macOS
    speed = Speed(
        loaded,
        times[0],
        statistics.median(times),
        statistics.quantiles(times, n=20)[-1],
        peak // (1024 * 1024 if sys.platform == "darwin" else 1024),
    )
    return rates(list(zip(questions, answers, strict=True))), speed


def rates(answered: Sequence[tuple[Question, Answer]]) -> list[Rate]:
    """Return what share of each style's questions is answered right, wrongly, or not at all."""
    found = []
    for style in ("plain", "hard"):
        ours = [pair for pair in answered if pair[0].style == style]
        for split in ("dev", "test"):
            can = [(q, a) for q, a in ours if q.answerable and q.split == split]
            cannot = [a for q, a in ours if not q.answerable and q.split == split]
            for name, right, n in (
                ("first citation right", sum(_hit(q, a, 1) for q, a in can), len(can)),
                (f"one of {LIMIT} right", sum(_hit(q, a, LIMIT) for q, a in can), len(can)),
                ("not answered, though it could be", _silent(a for _, a in can), len(can)),
                ("answered, though it cannot be", len(cannot) - _silent(cannot), len(cannot)),
            ):
                found.append(Rate(f"{style} {split}: {name}", right, n))
    return found


def _hit(question: Question, answer: Answer, k: int) -> bool:
    return any(
        question.is_hit(one.document_id, one.start_char_index, one.end_char_index)
        for one in answer.citations[:k]
    )


def _silent(answers: Iterable[Answer]) -> int:
    return sum(answer.status == "not_found" for answer in answers)
