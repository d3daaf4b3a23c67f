"""What a change may cost: today's answers against a committed baseline, question by question.

python -m eval gate RUN --update     makes the run's figures the new baseline
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from eval.compare import Difference, Flip, differences, flips, pairs_of
from eval.metrics import Scored
from eval.records import EvalError
from eval.score import Scores

BASELINE = Path(__file__).parent / "baseline.jsonl"
MOST_LOST = 0.03  # of a headline metric, whatever the interval says
SURELY_LOST = 0.01  # of a headline metric, when chance would seldom take as much
SELDOM = 0.05  # p of the paired randomisation test; five papers make an interval too rough
_KEPT = (
    "id",
    "gold",
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
    """Whether a run passes: `reasons` why not, and what changed.

    `unknown` are questions that the baseline lacks, `missing` those that only it has.
    """

    reasons: tuple[str, ...]
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


def judge(now: Scores, baseline: Mapping[str, Scored], plainer: Sequence[Scores] = ()) -> Verdict:
    """Hold a run against the baseline, and against plainer systems on the same questions.

    Questions that the baseline does not have as they are now are named, and count nowhere; those
    that only the baseline has are a reason not to pass. Raises EvalError when no question is known.
    """
    known = {name: one.gold for name, one in baseline.items()}
    pairs = [(baseline[one.id], one) for one in now.scored if known.get(one.id) == one.gold]
    if not pairs:
        raise EvalError(
            f"the baseline has none of the questions of {now.run.name}: "
            "name another with --baseline, or make one with --update"
        )
    found = differences(pairs)
    lost = sorted(baseline.keys() - {one.id for one in now.scored})
    reasons = (
        [f"{len(lost)} questions of the baseline were not asked ({lost[0]} …)"] if lost else []
    )
    reasons += [
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
        tuple(one.id for one in now.scored if known.get(one.id) != one.gold),
        tuple(lost),
    )


def read_baseline(path: Path = BASELINE) -> dict[str, Scored]:
    """Return the baseline's figures by question. Raises EvalError when there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        empty = {field.name: None for field in fields(Scored)}
        found = [Scored(**{**empty, **json.loads(line)}) for line in lines]
    except (OSError, ValueError, TypeError) as error:
        raise EvalError(
            f"{path} cannot be read ({error}): `python -m eval gate RUN --update` makes it"
        ) from error
    return {one.id: one for one in found}


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
    if one.change < -SURELY_LOST and one.p < SELDOM:
        return f"{figures}: by more than {SURELY_LOST}, and p = {one.p:.3f}"
    return None


def _not_ahead(now: Scores, other: Scores) -> list[str]:
    """The headline metrics of citing on which a plainer system is as good."""
    found = differences(pairs_of(other, now))
    return [
        f"{one.metric} is {one.second:.3f}, no better than {one.first:.3f} of {other.run.name}"
        for one in found
        if one.metric in AHEAD_ON and one.change <= 0
    ]
