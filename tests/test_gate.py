"""The gate: answers are no worse than the committed baseline, and the whole beats its parts."""

from dataclasses import replace
from pathlib import Path

import pytest
from server import run

from eval.gate import judge, read_baseline, write_baseline
from eval.metrics import Scored
from eval.records import EvalError
from eval.score import Invariant, Scores
from eval.tables import verdict_text


def test_answers_are_no_worse_than_the_baseline_and_better_than_the_parts_alone(
    scores: dict[str, Scores],
) -> None:
    verdict = judge(scores["full"], read_baseline(), [scores["bm25"], scores["dense"]])
    assert verdict.reasons == (), verdict_text(verdict)


def test_the_baseline_holds_every_question(scores: dict[str, Scores]) -> None:
    assert {one.id for one in scores["full"].scored} == set(read_baseline())


def today(scores: dict[str, Scores]) -> dict[str, Scored]:
    return {one.id: one for one in scores["full"].scored}


def worse(scores: Scores, share: float, **changes: object) -> Scores:
    """The same run with some right answers made into something else, one in 1 / share."""
    right = [one.id for one in scores.scored if one.outcome == "right"]
    chosen = set(right[: round(share * sum(one.answerable for one in scores.scored))])
    return replace(
        scores,
        scored=tuple(
            replace(one, **changes) if one.id in chosen else one  # type: ignore[arg-type]
            for one in scores.scored
        ),
    )


LOST = {"outcome": "wrong", "success_1": 0.0, "truthfulness": -1.0}


def test_a_change_that_makes_answers_worse_is_stopped_with_its_questions(
    scores: dict[str, Scores],
) -> None:
    changed = worse(scores["full"], 0.04, **LOST)
    verdict = judge(changed, today(scores))
    (told,) = [reason for reason in verdict.reasons if reason.startswith("success@1 fell")]
    assert "more than 0.03" in told
    assert len(verdict.flips) == round(0.04 * sum(one.answerable for one in changed.scored))
    text = verdict_text(verdict)
    assert "gate: success@1 fell" in text
    assert f"{verdict.flips[0].id}: right → wrong: {verdict.flips[0].question}" in text


def test_a_small_loss_that_is_sure_is_stopped_and_one_that_may_be_chance_is_not(
    scores: dict[str, Scores],
) -> None:
    for share in (0.004, 0.012):  # one question, and four
        unsure = worse(scores["full"], share, success_1=0.0)
        assert judge(unsure, today(scores)).reasons == ()
    sure = worse(scores["full"], 0.025, success_1=0.0)  # eight, all of the same papers
    (reason,) = judge(sure, today(scores)).reasons
    assert "success@1 fell" in reason
    assert "by more than 0.01, and p = 0.0" in reason


def test_one_more_false_answer_is_stopped(scores: dict[str, Scores]) -> None:
    refused = next(one for one in scores["full"].scored if one.outcome == "refused")
    changed = replace(
        scores["full"],
        scored=tuple(
            replace(one, outcome="false answer", answered=True) if one.id == refused.id else one
            for one in scores["full"].scored
        ),
    )
    (reason,) = judge(changed, today(scores)).reasons
    assert "more is answered that the papers do not say" in reason


def test_a_broken_promise_is_stopped(scores: dict[str, Scores]) -> None:
    changed = replace(scores["full"], invariants=(Invariant("quoted to the letter", 9, ("p001",)),))
    assert judge(changed, today(scores)).reasons == ("quoted to the letter does not hold for p001",)


def test_a_part_alone_that_is_as_good_as_the_whole_is_told(scores: dict[str, Scores]) -> None:
    full = scores["full"]
    verdict = judge(full, today(scores), [full])
    assert any("no better than" in reason and "of full" in reason for reason in verdict.reasons)


def test_a_question_that_is_new_to_the_baseline_counts_nowhere(scores: dict[str, Scores]) -> None:
    before = today(scores)
    gone = before.popitem()[0]
    verdict = judge(scores["full"], before)
    assert verdict.unknown == (gone,)
    assert verdict.reasons == ()


def test_a_question_that_was_changed_is_new(scores: dict[str, Scores]) -> None:
    before = today(scores)
    before["p001"] = replace(before["p001"], gold="other", success_1=1.0, outcome="right")
    assert judge(scores["full"], before).unknown == ("p001",)


def test_questions_that_are_no_longer_asked_do_not_pass(scores: dict[str, Scores]) -> None:
    fewer = replace(scores["full"], scored=scores["full"].scored[3:])
    verdict = judge(fewer, today(scores))
    assert verdict.missing == ("p001", "p002", "p003")
    assert verdict.reasons == ("3 questions of the baseline were not asked (p001 …)",)


def test_a_baseline_of_other_questions_is_refused(scores: dict[str, Scores]) -> None:
    with pytest.raises(EvalError, match="has none of the questions of full"):
        judge(scores["full"], {})


def test_a_deliberate_change_becomes_the_baseline_with_its_differences(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    baseline = str(tmp_path / "baseline.jsonl")
    made = run("eval", "gate", str(runs["full"]), "--baseline", baseline, "--update")
    assert made.returncode == 0
    refused = run("eval", "gate", str(runs["dense"]), "--baseline", baseline)
    assert refused.returncode == 1
    assert "gate: success@1 fell from" in refused.stdout
    accepted = run("eval", "gate", str(runs["dense"]), "--baseline", baseline, "--update")
    assert accepted.returncode == 0
    assert "gate: success@1 fell from" in accepted.stdout
    passed = run("eval", "gate", str(runs["dense"]), "--baseline", baseline)
    assert (passed.returncode, passed.stdout) == (0, "gate: passed\n")


def test_a_baseline_is_read_as_it_was_written(scores: dict[str, Scores], tmp_path: Path) -> None:
    write_baseline(scores["full"], tmp_path / "b.jsonl")
    kept = read_baseline(tmp_path / "b.jsonl")
    assert {name: one.outcome for name, one in kept.items()} == {
        one.id: one.outcome for one in scores["full"].scored
    }
    with pytest.raises(EvalError, match="--update"):
        read_baseline(tmp_path / "none.jsonl")
    (tmp_path / "b.jsonl").write_text("{}?", encoding="utf-8")
    with pytest.raises(EvalError, match="--update"):
        read_baseline(tmp_path / "b.jsonl")
