"""Each part of the system that can be turned off does something, and is back on afterwards."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.ablation import PARTS, remembering_pairs, without
from eval.questions import Question, read_questions
from eval.run import Target, in_process
from eval.systems import Attempt
from ingest.models import DEFAULT_ENCODER

# Asked of a part where its work shows; the first is for all that read and rank.
ASKED = (
    "why was publication delayed?",
    "what did the concil say about the becaause",
    "How has the rating changed over the years?",
    "How is the council rated now?",
    "What was the rating in 2021?",
    "In which month of 2024 did Ofsted inspect Leicester's children's services?",
    "Who will oversee the improvement plan?",
    "What does Ofsted say about Nottingham?",
    "How did the council react to the 2025 report?",
    "any update",
    "did thay change it back again",
    "I moved here in the spring with my children and my mother, who had just left hospital, and a "
    "neighbour told me over the fence about the rating and the council and the newspapers and all "
    "that. Why was the report published late?",
    "I have worked for the city as a social worker since the spring, and my manager, who is kind, "
    "told me over lunch that there had been a complaint about the inspectors and that nobody knew "
    "what came of it in the end. What did we complain to Ofsted about?",
)


@pytest.fixture(scope="module")
def target(built_index: Path) -> Target:
    return in_process(built_index, DEFAULT_ENCODER, "full")


def questions() -> list[Question]:
    pattern = read_questions()[0]
    return [replace(pattern, question=one) for one in ASKED]


def asked(target: Target) -> list[Attempt]:
    attempts = [target.ask(one) for one in questions()]
    return [replace(one, answer=replace(one.answer, id="", took_ms=0)) for one in attempts]


def test_every_part_changes_some_answer_and_comes_back(target: Target) -> None:
    whole = asked(target)
    idle = []
    with remembering_pairs():
        assert asked(target) == whole
        for part in PARTS:
            with without(part):
                if asked(target) == whole:
                    idle.append(part)
    assert idle == []
    assert asked(target) == whole
