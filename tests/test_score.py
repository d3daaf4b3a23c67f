"""Scores of real runs: the same bytes again, the same as other tools, worse for worse systems."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval.compare import as_text, compare
from eval.records import ANSWERS, QRELS, RUN, EvalError, Record, read_records, record_line
from eval.score import PER_QUESTION, SCORES, Scores, score
from eval.tables import figure, headline_table, scores_text
from ingest.index import Generation
from ingest.sentences import Span
from service.answers import Answer, Citation


def value(scores: Scores, name: str, group: str = "all") -> float:
    found = figure(scores, group, name)
    assert found is not None
    return found.value


def rewritten(folder: Path, out: Path, change: Callable[[Answer], Answer]) -> Scores:
    """Score a copy of a run in which every answer is changed."""
    shutil.copytree(folder, out)
    records = [replace(one, answer=change(one.answer)) for one in read_records(folder)]
    write(out, records)
    return score(out)


def write(out: Path, records: Sequence[Record]) -> None:
    (out / ANSWERS).write_text("".join(f"{record_line(one)}\n" for one in records), "utf-8")


def test_a_run_scored_again_gives_the_same_bytes(runs: dict[str, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(runs["full"], tmp_path / "full"))
    score(copy)
    first = (copy / SCORES).read_bytes(), (copy / PER_QUESTION).read_bytes()
    score(copy)
    assert first == ((copy / SCORES).read_bytes(), (copy / PER_QUESTION).read_bytes())


def test_the_trec_files_give_the_same_by_ir_measures_own_command(
    runs: dict[str, Path], scores: dict[str, Scores]
) -> None:
    for name, folder in runs.items():
        said = subprocess.run(
            [sys.executable, "-m", "ir_measures", folder / QRELS, folder / RUN, "nDCG@10", "RR@10"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        theirs = dict(line.split() for line in said.splitlines())
        for measure in ("nDCG@10", "RR@10"):
            assert f"{value(scores[name], measure):.4f}" == theirs[measure]


def test_scoring_loads_no_model(runs: dict[str, Path], tmp_path: Path) -> None:
    copy = shutil.copytree(runs["full"], tmp_path / "full")
    look = (
        "import sys; from pathlib import Path; from eval.score import score; "
        "score(Path(sys.argv[1])); print('torch' in sys.modules, 'service.ask' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", look, copy], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["False", "False"]


def test_all_that_must_hold_holds(scores: dict[str, Scores]) -> None:
    for found in scores.values():
        assert {one.name: one.broken for one in found.invariants if one.broken} == {}
        assert all(one.checked for one in found.invariants)


def broken(scores: Scores) -> set[str]:
    return {one.name for one in scores.invariants if one.broken}


def test_what_does_not_hold_is_found(runs: dict[str, Path], tmp_path: Path) -> None:
    def misquote(answer: Answer) -> Answer:
        return replace(
            answer,
            citations=tuple(
                replace(one, cited_text=one.cited_text.upper()) for one in answer.citations
            ),
        )

    def beyond(answer: Answer) -> Answer:
        return replace(
            answer,
            citations=tuple(replace(one, end_char_index=10**6) for one in answer.citations),
        )

    full = runs["full"]
    assert broken(rewritten(full, tmp_path / "a", misquote)) == {"quoted to the letter"}
    assert "offsets within the document" in broken(rewritten(full, tmp_path / "b", beyond))
    liar = rewritten(full, tmp_path / "c", lambda answer: replace(answer, status="not_found"))
    assert broken(liar) == {"citations if and only if answered"}
    records = read_records(full)
    copy = Path(shutil.copytree(full, tmp_path / "d"))
    index = replace(records[0].answer.index, generation="other")
    records[0] = replace(
        records[0], same_again=False, answer=replace(records[0].answer, index=index)
    )
    write(copy, records)
    assert broken(score(copy)) == {
        "the same answer when asked again",
        "one generation answers all",
    }


def test_an_unfinished_run_is_not_scored(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="holds no run: make one with"):
        score(tmp_path)


# --- worse systems, each made of the full one's answers -----------------------------------------


def spans(answer: Answer, chosen: Sequence[Citation]) -> Answer:
    return replace(answer, citations=tuple(chosen), status="answered" if chosen else "not_found")


def test_never_answering_is_safe_and_useless(
    runs: dict[str, Path], scores: dict[str, Scores], tmp_path: Path
) -> None:
    never = rewritten(runs["full"], tmp_path / "never", lambda answer: spans(answer, ()))
    assert value(never, "success@1") == value(never, "citation F1") == 0
    assert value(never, "false answers") == 0
    assert value(never, "false abstentions") == 1
    assert value(never, "balanced accuracy") == 0.5
    unanswerable = sum(not one.answerable for one in never.scored)
    assert value(never, "truthfulness") == unanswerable / len(never.scored)


def test_always_answering_costs_truthfulness(
    runs: dict[str, Path], scores: dict[str, Scores], tmp_path: Path
) -> None:
    def insist(answer: Answer) -> Answer:
        return spans(answer, answer.citations or answer.related[:1])

    always = rewritten(runs["full"], tmp_path / "always", insist)
    full = scores["full"]
    assert value(always, "false answers") > 0.9
    assert value(always, "false abstentions") < value(full, "false abstentions")
    assert value(always, "truthfulness") < value(full, "truthfulness")
    # Its confidence is the same, and so is all that only depends on that.
    assert value(always, "AUROC") == value(full, "AUROC")


def test_whole_documents_state_everything_and_show_nothing(
    runs: dict[str, Path],
    scores: dict[str, Scores],
    generation: Generation,
    tmp_path: Path,
) -> None:
    def whole(answer: Answer) -> Answer:
        return spans(answer, [_widened(one, generation) for one in answer.citations])

    papers = rewritten(runs["full"], tmp_path / "papers", whole)
    full = scores["full"]
    assert value(papers, "fact recall") >= value(full, "fact recall")
    assert value(papers, "character F1") < value(full, "character F1") / 2
    assert value(papers, "cited characters") > 10 * value(full, "cited characters")
    assert value(papers, "redundant citations") > value(full, "redundant citations")


def test_other_sentences_of_the_same_passages_are_wrong(
    runs: dict[str, Path],
    scores: dict[str, Scores],
    generation: Generation,
    tmp_path: Path,
) -> None:
    dice = random.Random(1)

    def around(citation: Citation) -> list[Span]:
        """The sentences of what stands around a quote, which may go beyond one passage."""
        start, end = citation.context_start_char_index, citation.context_end_char_index
        return [
            sentence
            for passage in generation.passages
            if passage.document_id == citation.document_id
            for sentence in passage.sentences
            if start <= sentence.start and sentence.end <= end
        ]

    def shuffled(answer: Answer) -> Answer:
        return spans(
            answer,
            [_moved(one, dice.choice(around(one)), generation) for one in answer.citations],
        )

    other, full = rewritten(runs["full"], tmp_path / "other", shuffled), scores["full"]
    for metric in ("success@1", "fact recall", "citation F1", "character F1", "truthfulness"):
        assert value(other, metric) < value(full, metric)
    assert value(other, "false answers") == value(full, "false answers")
    assert value(other, "nDCG@10") == value(full, "nDCG@10")


def test_without_the_reranker_or_one_search_it_is_worse(scores: dict[str, Scores]) -> None:
    for plainer in ("fused", "bm25", "dense"):
        for metric in ("success@1", "citation F1", "nDCG@10", "truthfulness"):
            assert value(scores[plainer], metric) < value(scores["full"], metric)


def _moved(citation: Citation, span: Span, generation: Generation) -> Citation:
    text = generation.documents[citation.document_id].text
    return replace(
        citation,
        cited_text=text[span.start : span.end],
        start_char_index=span.start,
        end_char_index=span.end,
    )


def _widened(citation: Citation, generation: Generation) -> Citation:
    text = generation.documents[citation.document_id].text
    return _moved(citation, Span(0, len(text)), generation)


# --- what people read ---------------------------------------------------------------------------


def test_a_comparison_counts_wins_and_names_what_flipped(scores: dict[str, Scores]) -> None:
    found = compare(scores["dense"], scores["full"])
    first = next(one for one in found.differences if one.metric == "success@1")
    assert first.wins + first.ties + first.losses == first.n
    assert first.change == pytest.approx((first.wins - first.losses) / first.n)
    assert first.low <= first.change <= first.high
    assert first.p <= first.p_holm < 0.05
    assert 0 < first.detectable < 0.2
    flipped = {one.id for one in found.flips}
    before = {one.id: one.outcome for one in scores["dense"].scored}
    assert flipped == {one.id for one in scores["full"].scored if before[one.id] != one.outcome}
    assert found.flips[0].question in as_text(found)


def test_a_run_against_itself_differs_in_nothing(scores: dict[str, Scores]) -> None:
    found = compare(scores["full"], scores["full"])
    assert found.flips == ()
    assert all((one.change, one.p_holm) == (0, 1) for one in found.differences)


def test_runs_on_different_questions_are_not_compared(scores: dict[str, Scores]) -> None:
    full = scores["full"]
    with pytest.raises(EvalError, match="asked different questions"):
        compare(full, replace(full, scored=full.scored[1:]))
    changed = replace(full.scored[0], gold="other")
    with pytest.raises(EvalError, match=f"1 of them, such as {changed.id}"):
        compare(full, replace(full, scored=(changed, *full.scored[1:])))
    with pytest.raises(EvalError, match="about different papers"):
        compare(full, replace(full, run=replace(full.run, texts={})))


def test_every_figure_is_shown_with_its_interval(scores: dict[str, Scores]) -> None:
    text = scores_text(scores["full"])
    for name in (
        "success@1",
        "calibration error",
        "of a perfect confidence",
        "near-miss",
        "0.9 to 1.0",
        "held: quoted to the letter",
    ):
        assert name in text
    row = next(line for line in text.splitlines() if line.startswith("success@1"))
    assert row.count("[") == row.count("]") == 3
    assert "dense" in headline_table([scores["full"], scores["dense"]])


def test_scores_are_json_for_programs(runs: dict[str, Path], scores: dict[str, Scores]) -> None:
    kept = json.loads((runs["full"] / SCORES).read_text(encoding="utf-8"))
    shown = kept["figures"]["test"]["success@1"]
    assert shown["value"] == round(value(scores["full"], "success@1", "test"), 6)
    assert shown["interval"][0] < shown["value"] < shown["interval"][1]
    assert kept["figures"]["kind: nonsense"]["success@1"]["value"] is None
