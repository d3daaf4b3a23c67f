"""The same question, written as people write when in a hurry: the answer should not change."""

import hashlib
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from eval.compare import Difference, differences
from eval.questions import Question
from eval.score import Scores

_WORD = re.compile(r"[^\W\d_]{5,}")  # shorter words are rarely misspelt, and hard to read when so
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
SLIPS = 2


def misspelt(question: str) -> str:
    """Return a question with a slip in two of its longer words, the same ones each time.

    A letter is lost, doubled, replaced, or exchanged with the next, but never the first.
    """
    draw = random.Random(hashlib.sha256(question.encode()).digest())  # noqa: S311
    places = list(_WORD.finditer(question))
    for match in sorted(
        draw.sample(places, min(SLIPS, len(places))), key=lambda match: -match.start()
    ):
        word = match.group()
        at = draw.randrange(1, len(word) - 1)
        slip = draw.choice(
            [
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + draw.choice(_LETTERS) + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            ]
        )
        question = question[: match.start()] + slip + question[match.end() :]
    return question


def politely(question: str) -> str:
    """Return a question after words that ask nothing."""
    return f"Please can you tell me {question}"


REWORDINGS: Mapping[str, Callable[[str], str]] = {
    "misspelt": misspelt,
    "in capitals": str.upper,
    "without question mark": lambda question: question.rstrip(" ?") or question,
    "politely": politely,
}


def reworded(questions: Sequence[Question], how: str) -> list[Question]:
    """Return questions written in one of the REWORDINGS; their facts stay what they are."""
    return [replace(one, question=REWORDINGS[how](one.question)) for one in questions]


def cost_of(plain: Scores, rewritten: Scores) -> tuple[Difference, ...]:
    """Return what a rewording changes, question by question; negative is for the worse."""
    written = {one.id: one for one in rewritten.scored}
    return differences([(one, written[one.id]) for one in plain.scored])
