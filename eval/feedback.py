"""What people said of answers, as candidates for the gold that a person reviews."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from eval.questions import Evidence, Fact, Question, to_line
from eval.records import EvalError
from service.feedback import Feedback, Shown

TO_FILL = "TO FILL IN: "  # begins the note of a candidate without evidence
_TO_BE_ANSWERED = "lookup"  # such a kind without facts is refused until a person decided


def candidates(said: Iterable[Feedback]) -> list[Question]:
    """Return one candidate for each question that was judged, in the order of first asking.

    Where all found the answer helpful, the facts are what was cited last: the first is vital, the
    others okay, for a person to check. Where somebody did not, there are none, and `note` holds
    what was said and cited. Questions that differ in capitals and white space alone are one.
    """
    by_question: dict[str, list[Feedback]] = {}
    for one in said:
        by_question.setdefault(folded(one.question), []).append(one)
    return [_candidate(together) for together in by_question.values()]


def write_candidates(path: Path, questions: Sequence[Question]) -> None:
    """Write candidates, one a line. Raises EvalError rather than write over a review."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{to_line(question)}\n" for question in questions)
    except FileExistsError as error:
        raise EvalError(
            f"{path} is there already and may hold a review: name another file with --out"
        ) from error


def folded(question: str) -> str:
    """Return a question so that those which differ in capitals and white space are equal."""
    return " ".join(question.split()).casefold()


def _candidate(together: Sequence[Feedback]) -> Question:
    first, last = together[0], together[-1]
    helpful = all(one.verdict == "helpful" for one in together)
    name = hashlib.sha256(folded(first.question).encode()).hexdigest()[:10]
    cited = last.citations if helpful else ()
    kind = "out-of-corpus" if helpful and not cited else _TO_BE_ANSWERED
    told = "\n".join(_told(one, with_citations=not helpful) for one in together)
    return Question(
        id=f"feedback-{name}",
        question=first.question,
        kind=kind,
        facts=tuple(_fact(number, shown) for number, shown in enumerate(cited, start=1)),
        note=told if helpful else f"{TO_FILL}{told}",
    )


def _fact(number: int, shown: Shown) -> Fact:
    evidence = Evidence(shown.document_id, shown.start, shown.end, shown.cited_text)
    return Fact(f"f{number}", "vital" if number == 1 else "okay", (evidence,))


def _told(one: Feedback, *, with_citations: bool) -> str:
    parts = [f"{one.when} {one.verdict}"]
    if one.paper:
        parts.append(f"the answer is said to be in {one.paper}")
    if one.note.strip():
        parts.append(f"note: {one.note.strip()}")
    if with_citations:
        parts += [
            f"cited: {shown.document_id} [{shown.start}, {shown.end}) “{shown.cited_text}”"
            for shown in one.citations
        ] or ["nothing was cited"]
    return "; ".join(parts)
