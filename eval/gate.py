"""What a change may cost: today's answers against a committed baseline, question by question.

python -m eval gate RUN --update     makes the run's figures the new baseline
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from eval.compare import Difference, Flip, differences, flips
from eval.metrics import Scored
from eval.records import EvalError
from eval.score import Scores

BASELINE = Path(__file__).parent / "baseline.jsonl"
MOST_LOST = 0.03  # of a headline metric, whatever the interval says
SURELY_LOST = 0.01  # of a headline metric, when the interval leaves out 0
_KEPT = (
    "id",
    "cluster",
    "answerable",
    "answered",
    "outcome",
    "success_1",
    "success_3",
    "fact_recall",
    "citation_f1",
    "ndcg_10",
    "truthfulness",
)
AHEAD_ON = ("success@1", "citation F1", "nDCG@10", "truthfulness", "no false answer")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a run passes: `reasons` why not, what changed, and what the baseline lacks."""

    reasons: tuple[str, ...]
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    unknown: tuple[str, ...]


def judge(now: Scores, baseline: Mapping[str, Scored], plainer: Sequence[Scores] = ()) -> Verdict:
    """Hold a run against the baseline, and against plainer systems on the same questions.

    Questions that the baseline does not have are named, and count nowhere.
    """
    pairs = [(baseline[one.id], one) for one in now.scored if one.id in baseline]
    found = differences(pairs)
    reasons = [
        f"{one.name} does not hold for {', '.join(one.broken[:5])}"
        for one in now.invariants
        if one.broken
    ]
    reasons += [reason for one in found if (reason := _fell(one))]
    reasons += [reason for other in plainer for reason in _not_ahead(now, other)]
    return Verdict(
        tuple(reasons),
        found,
        flips(pairs, now.run.questions),
        tuple(one.id for one in now.scored if one.id not in baseline),
    )


def read_baseline(path: Path = BASELINE) -> dict[str, Scored]:
    """Return the baseline's figures by question. Raises EvalError when there is none."""
    try:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise EvalError(
            f"{path} cannot be read ({error.strerror}): `python -m eval gate RUN --update` makes it"
        ) from error
    empty = {field.name: None for field in fields(Scored)}
    return {record["id"]: Scored(**{**empty, **record}) for record in records}


def write_baseline(scores: Scores, path: Path = BASELINE) -> None:
    """Make a run's figures the baseline."""
    lines = []
    for one in scores.scored:
        record = asdict(one)
        lines.append(json.dumps({name: record[name] for name in _KEPT}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _fell(one: Difference) -> str | None:
    figures = f"{one.metric} fell from {one.first:.3f} to {one.second:.3f} (n = {one.n})"
    if one.metric == "no false answer" and one.change < 0:
        return f"{figures}: more is answered that the papers do not say"
    if one.change < -MOST_LOST:
        return f"{figures}: by more than {MOST_LOST}"
    if one.change < -SURELY_LOST and one.high < 0:
        return f"{figures}: by more than {SURELY_LOST}, and the interval leaves out 0"
    return None


def _not_ahead(now: Scores, other: Scores) -> list[str]:
    """The headline metrics of citing on which a plainer system is as good."""
    theirs = {one.id: one for one in other.scored}
    found = differences([(theirs[one.id], one) for one in now.scored])
    return [
        f"{one.metric} is {one.second:.3f}, no better than {one.first:.3f} of {other.run.name}"
        for one in found
        if one.metric in AHEAD_ON and one.change <= 0
    ]
