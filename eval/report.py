"""A run as one page that needs nothing else: figures, plots, and every question with its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.compare import pairs_of
from eval.metrics import Outcome, Scored
from eval.places import cited_place, states
from eval.questions import UNANSWERABLE, Question
from eval.records import Record
from eval.score import OF_A_PERFECT_ONE, Figure, Scores, reported, reported_group
from eval.selective import RiskCoverage, once
from eval.tables import HEADLINE, counts, figure, main_groups, markdown_table, shown
from service.answers import Citation
from service.pages import templates_of

REPORT, MARKDOWN = "report.html", "report.md"
OUTCOMES: dict[Outcome, str] = {
    "right": "first citation right",
    "right later": "right, but not first",
    "wrong": "wrong",
    "silent": "not found, though it is there",
    "false answer": "answered, though it is not there",
    "refused": "rightly not found",
}
_MEANS = {
    "success@1": "the first citation is right",
    "success@3": "one of the first three is",
    "fact recall": "of what an answer must hold, how much is cited",
    "citation precision": "of what is cited, how much states a fact",
    "citation F1": "both together; 0 where it said nothing",
    "false answers": "answered what the papers do not say",
    "false abstentions": "said nothing though the papers do",
    "truthfulness": "+1 right, +½ right later, 0 silent, −1 wrong",
    "nDCG@10": "the passages found, the best first",
    "RR@10": "1 / place of the first passage that holds a fact",
    "character F1": "the cited characters against the gold ones",
    "cited characters": "an answer's length",
    "AUROC": "confidence tells what can be answered from what cannot",
    "risk-coverage area": "mean share wrong; less is better",
    "coverage at 5% wrong": "how much could be answered at one wrong in twenty",
    "calibration error": "distance of confidence from the truth; less is better",
    OF_A_PERFECT_ONE: "what chance alone shows of so many questions",
}
_templates = templates_of("eval")
_templates.filters["shown"] = shown


@dataclass(frozen=True, slots=True)
class Quote:
    """Something quoted on the page: where it stands, what it says, whether it states a fact."""

    source: str
    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One question on the page: what was asked, cited, and expected."""

    scored: Scored
    question: Question
    outcome: str
    cited: tuple[Quote, ...]
    related: tuple[Quote, ...]
    expected: tuple[tuple[str, bool, tuple[Quote, ...]], ...]


def write_report(scores: Scores, others: Sequence[Scores], folder: Path) -> Path:
    """Write `report.html` and `report.md` of a run, others beside it; return the page's path."""
    systems = [scores, *others]
    for other in others:
        pairs_of(scores, other)  # the same questions about the same papers, or it says so
    group, groups = reported_group(scores.scored), main_groups(scores)
    page = _templates.get_template("report.html").render(
        scores=scores,
        systems=systems,
        counts=counts(scores, group),
        headline=[
            (name, _MEANS[name], [figure(s, group, name) for s in systems]) for name in HEADLINE
        ],
        groups=groups,
        by_group=[(name, [figure(scores, one, name) for one in groups]) for name in HEADLINE],
        kinds=_kinds(scores),
        coverage=[(one.run.name, _risk_points(one)) for one in systems if _varies(one)],
        reliability=scores.reliability,
        rows=[
            _row(question, one, scores.run.records[question.id])
            for question, one in zip(scores.run.questions, scores.scored, strict=True)
        ],
        outcomes=OUTCOMES,
        counted={name: sum(one.outcome == name for one in scores.scored) for name in OUTCOMES},
    )
    (folder / REPORT).write_text(page, encoding="utf-8")
    (folder / MARKDOWN).write_text(markdown_table(systems) + "\n", encoding="utf-8")
    return folder / REPORT


def _kinds(scores: Scores) -> list[tuple[str, str, Figure]]:
    """Return (kind, what is right for it, its rate): answered right, or rightly not answered."""
    found = []
    for group in scores.groups:
        if not group.startswith("kind: "):
            continue
        kind = group.removeprefix("kind: ")
        if kind in UNANSWERABLE:
            one = figure(scores, group, "false answers")
            if one and one.n:
                kept = Figure("", 1 - one.value, 1 - one.high, 1 - one.low, one.n)
                found.append((kind, "rightly not found", kept))
        else:
            one = figure(scores, group, "success@1")
            if one and one.n:
                found.append((kind, "first citation right", one))
    return sorted(found, key=lambda row: (row[1], -row[2].value))


def _risk_points(scores: Scores) -> list[tuple[float, float]]:
    """Return (coverage, risk) of the reported group, the most confident first."""
    questions = reported(scores.scored)
    _, coverage, risk = RiskCoverage(questions).curve(once(len(questions)))
    return [(float(x), float(y)) for x, y in zip(coverage[0], risk[0], strict=True)]


def _varies(scores: Scores) -> bool:
    """False for a system whose confidence is always the same: it has no curve."""
    return len({one.confidence for one in scores.scored}) > 1


def _row(question: Question, scored: Scored, record: Record) -> Row:
    cited = [cited_place(one) for one in record.answer.citations]
    return Row(
        scored,
        question,
        OUTCOMES[scored.outcome],
        tuple(_quote(one, question) for one in record.answer.citations),
        tuple(_quote(one, question) for one in record.answer.related),
        tuple(
            (
                fact.weight,
                any(states(place, fact) for place in cited),
                tuple(Quote(one.document_id, one.quote, right=True) for one in fact.spans),
            )
            for fact in question.facts
        ),
    )


def _quote(citation: Citation, question: Question) -> Quote:
    right = any(states(cited_place(citation), fact) for fact in question.facts)
    return Quote(citation.document_id, citation.cited_text, right)
