"""Two runs on the same questions: what differs, and whether that may be chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.intervals import bootstrap_mean, holm, randomisation_p, smallest_difference
from eval.metrics import Scored
from eval.questions import Question
from eval.records import EvalError
from eval.score import Scores

# The metrics by which a system is judged. Those on which less is better are turned round, so that
# a positive difference is always for the better.
HEADLINES: Mapping[str, Callable[[Scored], float | None]] = {
    "success@1": lambda one: one.success_1,
    "success@3": lambda one: one.success_3,
    "fact recall": lambda one: one.fact_recall,
    "citation F1": lambda one: one.citation_f1,
    "nDCG@10": lambda one: one.ndcg_10,
    "truthfulness": lambda one: one.truthfulness,
    "no false answer": lambda one: None if one.answerable else float(not one.answered),
    "no false abstention": lambda one: float(one.answered) if one.answerable else None,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """The second run minus the first on one metric, over the questions both have.

    `p` is of a paired randomisation test, `p_holm` adjusted for all metrics. `detectable` is the
    smallest mean difference that this many questions show four times in five.
    """

    metric: str
    first: float
    second: float
    change: float
    low: float
    high: float
    p: float
    p_holm: float
    wins: int
    ties: int
    losses: int
    detectable: float
    n: int


@dataclass(frozen=True, slots=True)
class Flip:
    """A question whose outcome is another in the second run."""

    id: str
    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second run does otherwise than the first."""

    first: str
    second: str
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]


def compare(first: Scores, second: Scores) -> Comparison:
    """Compare two runs question by question. Raises EvalError when their questions differ."""
    pairs = pairs_of(first, second)
    return Comparison(
        first.run.name, second.run.name, differences(pairs), flips(pairs, first.run.questions)
    )


def pairs_of(first: Scores, second: Scores) -> list[tuple[Scored, Scored]]:
    """Return each question's two scores. Raises EvalError when questions or papers differ."""
    mine, theirs = ({one.id: one for one in scores.scored} for scores in (first, second))
    names = f"{first.run.name} and {second.run.name}"
    other = sorted(
        name for name in mine.keys() | theirs.keys() if _gold(mine, name) != _gold(theirs, name)
    )
    if other:
        raise EvalError(
            f"{names} asked different questions ({len(other)} of them, such as {other[0]}): "
            "run both on the same set"
        )
    if first.run.texts != second.run.texts:
        raise EvalError(f"{names} were asked about different papers: run both on the same ones")
    return [(one, theirs[one.id]) for one in first.scored]


def differences(pairs: Sequence[tuple[Scored, Scored]]) -> tuple[Difference, ...]:
    """Return the difference on each headline metric that a question here has a value for."""
    values = {name: found for name, of in HEADLINES.items() if (found := _values(of, pairs))}
    p = {
        name: randomisation_p([after - before for _, before, after in found])
        for name, found in values.items()
    }
    adjusted = holm(p)
    return tuple(
        _difference(name, found, p[name], adjusted[name]) for name, found in values.items()
    )


def flips(
    pairs: Sequence[tuple[Scored, Scored]], questions: Sequence[Question]
) -> tuple[Flip, ...]:
    """Return the questions whose outcome changed, in the order of the set."""
    asked = {one.id: one.question for one in questions}
    return tuple(
        Flip(before.id, asked[before.id], before.outcome, after.outcome)
        for before, after in pairs
        if before.outcome != after.outcome
    )


def as_text(comparison: Comparison) -> str:
    """Return a comparison as a person reads it in a terminal."""
    first, second = comparison.first, comparison.second
    lines = [
        f"{second} against {first}; a positive change is for the better",
        "",
        f"{'metric':20} {first[:10]:>10} {second[:10]:>10}  {'change':>7}  95% interval      "
        "p (Holm)   better/same/worse  shows from",
    ]
    lines += [
        f"{one.metric:20} {one.first:10.3f} {one.second:10.3f}  {one.change:+7.3f}  "
        f"[{one.low:+.3f}, {one.high:+.3f}]  {one.p_holm:8.4f}   "
        f"{f'{one.wins}/{one.ties}/{one.losses}':>17}  "
        f"{f'{one.detectable:.3f}' if one.detectable > 0 else '–':>10}"
        for one in comparison.differences
    ]
    lines += ["", f"{len(comparison.flips)} questions have another outcome:"]
    lines += [
        f"  {one.id:8} {one.before} → {one.after}: {one.question}" for one in comparison.flips
    ]
    return "\n".join(lines)


def _gold(scored: Mapping[str, Scored], name: str) -> str | None:
    return scored[name].gold if name in scored else None


def _values(
    of: Callable[[Scored], float | None], pairs: Sequence[tuple[Scored, Scored]]
) -> list[tuple[str, float, float]]:
    """Return (cluster, before, after) of the questions for which both runs have a value."""
    return [
        (first.cluster, before, after)
        for first, second in pairs
        if (before := of(first)) is not None and (after := of(second)) is not None
    ]


def _difference(
    metric: str, values: Sequence[tuple[str, float, float]], p: float, p_holm: float
) -> Difference:
    changes = [after - before for _, before, after in values]
    low, high = bootstrap_mean([cluster for cluster, _, _ in values], changes)
    n = len(values)
    return Difference(
        metric=metric,
        first=sum(before for _, before, _ in values) / n,
        second=sum(after for _, _, after in values) / n,
        change=sum(changes) / n,
        low=low,
        high=high,
        p=p,
        p_holm=p_holm,
        wins=sum(change > 0 for change in changes),
        ties=sum(change == 0 for change in changes),
        losses=sum(change < 0 for change in changes),
        detectable=smallest_difference(changes),
        n=n,
    )
