"""Public sets in one schema: their texts untouched, their evidence where they say it is."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from server import run

from eval.questions import GoldError, check_questions
from eval.run import in_process
from eval.sets import (
    document_id,
    is_public_set,
    read_qrels,
    read_set,
    write_corpus,
    write_crowd,
    write_some,
)
from eval.whole import build_whole
from ingest.documents import read_corpus
from ingest.index import load_generation
from ingest.models import DEFAULT_ENCODER, ModelFiles

SHARED = ROOT.parent / "shared" / "datasets"
ODD = "\N{GRINNING FACE}\x7f"  # JSON writes what TOML does not read
TEXTS = {
    "a/1 b": "Bins are emptied on Monday.\r\nTell nobody.",
    "a/2": "Parks open at 8. And at 9.",
}


def lines(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")


def question(qid: str, mode: str, *spans: tuple[str, int, int], **meta: Any) -> dict[str, Any]:
    return {
        "qid": qid,
        "question": f"what of {qid}?",
        "answerable": bool(spans),
        "answers": [],
        "evidence_mode": mode,
        "evidence": [
            {"doc_id": name, "start": start, "end": end, "text": TEXTS[name][start:end]}
            for name, start, end in spans
        ],
        "meta": {"doc_id": "a/2", **meta},
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    (folder / "qrels").mkdir(parents=True)
    lines(folder / "docs.jsonl", [
        {"doc_id": name, "title": f"About {name} {ODD}", "text": text}
        for name, text in TEXTS.items()
    ])  # fmt: skip
    lines(folder / "questions.jsonl", [
        question("any 1", "any", ("a/2", 0, 16), ("a/2", 17, 26), ("a/2", 0, 16)),
        question("all1", "all", ("a/1 b", 0, 27), ("a/2", 0, 16), first=True),
        question("none", "any"),
    ])  # fmt: skip
    lines(folder / "queries.jsonl", [{"_id": "7", "text": "parks?"}])
    (folder / "qrels" / "test.tsv").write_text("q\td\ts\n7\ta/2\t1\n7\ta/1 b\t0\n", "utf-8")
    return folder


@pytest.fixture
def corpus(source: Path, tmp_path: Path) -> Path:
    write_corpus(source, tmp_path / "corpus")
    return tmp_path / "corpus"


def test_texts_are_written_as_they_are(corpus: Path) -> None:
    assert {one.id: one.text for one in read_corpus(corpus)} == {
        document_id(name): text for name, text in TEXTS.items()
    }
    assert {one.title for one in read_corpus(corpus)} == {f"About {name} {ODD}" for name in TEXTS}


def test_alternatives_make_one_fact_and_needed_spans_one_each(source: Path, corpus: Path) -> None:
    either, both, nothing = read_set(source)
    assert [len(fact.spans) for fact in either.facts] == [2]  # said twice, counted once
    assert [len(fact.spans) for fact in both.facts] == [1, 1]
    assert nothing.facts == ()
    documents = {one.id: one for one in read_corpus(corpus)}
    check_questions(source, [either, both, nothing], documents)
    assert either.id == "any_1"


def test_a_sample_is_the_same_each_time_and_part_of_a_larger_one(source: Path) -> None:
    one, two = read_set(source, sample=1), read_set(source, sample=2)
    assert two[:1] == one == read_set(source, sample=1)


def test_questions_are_chosen_by_what_their_meta_says(source: Path) -> None:
    assert [one.id for one in read_set(source, only="first")] == ["all1"]
    with pytest.raises(GoldError, match="no question is left"):
        read_set(source, only="second")


def test_questions_can_be_asked_of_the_paper_they_belong_to(source: Path) -> None:
    assert {one.within for one in read_set(source, within=True)} == {(document_id("a/2"),)}


def test_qrels_make_whole_documents_the_facts(source: Path, corpus: Path) -> None:
    (asked,) = read_qrels(source, corpus)
    assert (asked.id, asked.question) == ("7", "parks?")
    assert [fact.spans[0].quote for fact in asked.facts] == [TEXTS["a/2"]]


def test_whole_documents_are_searched_by_title_and_text(
    source: Path, corpus: Path, tmp_path: Path, model: ModelFiles
) -> None:
    build_whole(corpus, tmp_path / "index", model, iter)
    generation = load_generation(tmp_path / "index", model)
    assert [(one.start, one.end) for one in generation.passages] == [
        (0, len(generation.documents[one.document_id].text)) for one in generation.passages
    ]
    (question,) = read_qrels(source, corpus)
    for system in ("dense", "bm25"):
        target = in_process(tmp_path / "index", DEFAULT_ENCODER, system)
        assert target.ask(question).found[0].document_id == document_id("a/2")


def test_a_folder_that_is_no_set_is_refused(tmp_path: Path) -> None:
    result = run("eval", "run", "--set", str(tmp_path), "--out", str(tmp_path / "out"))
    assert result.returncode == 1
    assert "is not a set: it needs docs.jsonl and questions.jsonl" in result.stderr


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the public sets are not here ({SHARED.name})")
def test_the_evidence_of_every_public_set_is_where_it_says(tmp_path: Path) -> None:
    for source in sorted(path for path in SHARED.iterdir() if is_public_set(path)):
        write_corpus(source, tmp_path / source.name)
        documents = {one.id: one for one in read_corpus(tmp_path / source.name)}
        check_questions(source, read_set(source), documents)


def test_a_crowd_is_the_corpus_with_so_many_documents_more(source: Path, tmp_path: Path) -> None:
    crowd = tmp_path / "crowd"
    write_crowd(ROOT / "corpus", [source], crowd, 2)
    before = {one.id: one for one in read_corpus(ROOT / "corpus")}
    found = {one.id: one for one in read_corpus(crowd)}
    assert {name: found[name] for name in before} == before
    assert sorted(found[name].text for name in found.keys() - before) == sorted(TEXTS.values())
    with pytest.raises(GoldError, match="hold 2 documents, 3 are wanted"):
        write_crowd(ROOT / "corpus", [source], crowd, 3)


def test_some_papers_of_a_corpus_are_what_they_are_in_all_of_it(tmp_path: Path) -> None:
    every = {paper.id: paper for paper in read_corpus(ROOT / "corpus")}
    two = sorted(every)[:2]
    write_some(ROOT / "corpus", [*two, *two], tmp_path / "two")
    assert read_corpus(tmp_path / "two") == [every[name] for name in two]
