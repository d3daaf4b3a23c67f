"""A build publishes what changed, whole, and nothing when nothing changed."""

import json
import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from ingest.build import BuildError, _locked, build
from ingest.cache import embed_cached
from ingest.documents import CorpusError
from ingest.generations import GENERATIONS, POINTER, is_whole, read_pointer
from ingest.index import load_generation
from ingest.models import ModelFiles


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def counting(counted: list[int]) -> Callable[[Sequence[str]], Iterable[str]]:
    def track(texts: Sequence[str]) -> Iterable[str]:
        counted.append(len(texts))
        return texts

    return track


def test_nothing_changed_publishes_nothing_and_says_so(
    corpus: Path, index: Path, model: ModelFiles
) -> None:
    before = content(index)
    summary = build(corpus, index, model)
    assert not summary.changed
    assert summary.embedded == 0
    assert content(index) == before


def test_the_same_corpus_gives_the_same_generation_and_the_same_bytes(
    corpus: Path, built_index: Path, tmp_path: Path, model: ModelFiles
) -> None:
    fresh = tmp_path / "fresh"
    summary = build(corpus, fresh, model)
    assert summary.generation == read_pointer(built_index).generation
    ours = content(fresh / GENERATIONS / summary.generation)
    theirs = content(built_index / GENERATIONS / summary.generation)
    for files in (ours, theirs):
        del files["manifest.json"], files["manifest.sha256"]  # they hold the time of building
    assert ours == theirs


def test_only_the_new_passages_of_a_changed_document_are_embedded(
    corpus: Path, index: Path, tmp_path: Path, model: ModelFiles
) -> None:
    paper = corpus / "news-2025-failing-ofsted-report.txt"
    paper.write_text(paper.read_text() + "\nThe library will open on Sundays from May.\n")
    asked: list[int] = []
    summary = build(corpus, index, model, counting(asked))
    assert summary.changed
    assert 1 <= summary.embedded <= 2
    in_place, alone = asked  # each is read with its context line, then without, as its sentences
    assert in_place == summary.embedded
    assert in_place <= alone <= 10

    scratch = build(corpus, tmp_path / "scratch", model)
    assert scratch.generation == summary.generation
    name = f"{GENERATIONS}/{summary.generation}/vectors.faiss"
    assert (index / name).read_bytes() == (tmp_path / "scratch" / name).read_bytes()


def test_going_back_to_an_earlier_corpus_takes_up_its_generation_again(
    corpus: Path, index: Path, model: ModelFiles
) -> None:
    before = read_pointer(index).generation
    paper = corpus / "mercury-2021-good-rating.txt"
    text = paper.read_text()
    paper.write_text(text + "\nThe end of it came in May.\n")
    assert build(corpus, index, model).generation != before
    paper.write_text(text)
    summary = build(corpus, index, model)
    assert (summary.generation, summary.changed, summary.embedded) == (before, True, 0)
    for line in ("Another came in June.", "A third came in July."):
        paper.write_text(f"{text}\n{line}\n")
        build(corpus, index, model)
    assert is_whole(index, before)  # it was served last but two, though it was made first


def test_a_new_title_is_a_new_generation(corpus: Path, index: Path, model: ModelFiles) -> None:
    metadata = corpus / "documents.toml"
    before = read_pointer(index).generation
    metadata.write_text(metadata.read_text().replace("Good rating from", "A rating from"))
    assert build(corpus, index, model).generation != before


def test_a_damaged_index_is_mended_by_building_again(
    corpus: Path, index: Path, model: ModelFiles
) -> None:
    damaged = index / GENERATIONS / read_pointer(index).generation / "vectors.faiss"
    damaged.write_bytes(b"")
    assert build(corpus, index, model).changed
    assert load_generation(index, model).vectors.ntotal > 0


def test_a_manifest_that_was_altered_is_not_taken_up_again(
    corpus: Path, index: Path, model: ModelFiles
) -> None:
    folder = index / GENERATIONS / read_pointer(index).generation
    manifest = folder / "manifest.json"
    entries = json.loads(manifest.read_text())
    del entries["files"]["vectors.faiss"]
    manifest.write_text(json.dumps(entries))
    (folder / "vectors.faiss").write_bytes(b"altered as well")
    assert build(corpus, index, model).changed
    assert load_generation(index, model).vectors.ntotal > 0


def test_other_words_are_another_generation(
    corpus: Path, index: Path, model: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_pointer(index).generation
    monkeypatch.setattr("ingest.words.STOPWORDS", frozenset({"council"}))
    (index / "current.json").write_text(
        (index / "current.json").read_text().replace('"sources": "', '"sources": "0')
    )
    assert build(corpus, index, model).generation != before


@pytest.mark.parametrize("junk", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_cache_is_begun_anew(
    corpus: Path, tmp_path: Path, index: Path, model: ModelFiles, junk: bytes
) -> None:
    (index / "vectors.sqlite3").write_bytes(junk)
    (corpus / "extra.txt").write_text("The library will open on Sundays.\n")
    summary = build(corpus, index, model)
    assert summary.embedded == summary.passages


@pytest.mark.parametrize("broken", [b"", b"It cost \xa32m.\n"])
def test_a_paper_that_cannot_be_read_leaves_the_index_as_it_was(
    corpus: Path, index: Path, model: ModelFiles, broken: bytes
) -> None:
    before = content(index)
    (corpus / "broken.txt").write_bytes(broken)
    with pytest.raises(CorpusError, match=r"broken\.txt"):
        build(corpus, index, model)
    assert {name: data for name, data in content(index).items() if name != ".lock"} == {
        name: data for name, data in before.items() if name != ".lock"
    }
    assert load_generation(index, model)


def test_papers_without_a_sentence_are_refused(tmp_path: Path, model: ModelFiles) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "buttons.txt").write_text("Skip to content\n\nMenu\n")
    with pytest.raises(CorpusError, match="no sentence that could be quoted"):
        build(folder, tmp_path / "index", model)


def _hold(index: Path, held: Event, done: Event) -> None:
    with _locked(index):
        held.set()
        done.wait(60)


def test_a_second_build_is_kept_out_while_one_is_writing(
    corpus: Path, index: Path, model: ModelFiles
) -> None:
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(index, held, done))
    holder.start()
    try:
        assert held.wait(60)
        (corpus / "extra.txt").write_text("The library will open on Sundays.\n")
        with pytest.raises(BuildError, match="another build is writing"):
            build(corpus, index, model)
    finally:
        done.set()
        holder.join(60)
    assert build(corpus, index, model).changed


def test_what_a_killed_build_left_behind_is_cleared_away(
    corpus: Path, index: Path, model: ModelFiles
) -> None:
    (index / ".building-killed" / "half").mkdir(parents=True)
    (index / f"{POINTER}.new").write_text("half")
    (corpus / "extra.txt").write_text("The library will open on Sundays.\n")
    build(corpus, index, model)
    assert not (index / ".building-killed").exists()
    assert load_generation(index, model)


def test_old_generations_are_removed_but_for_the_last_few(
    corpus: Path, index: Path, model: ModelFiles
) -> None:
    for day in ("Sunday", "Monday", "Tuesday", "Friday"):
        (corpus / "extra.txt").write_text(f"The library will open on {day}.\n")
        served = build(corpus, index, model).generation
    kept = [folder.name for folder in (index / GENERATIONS).iterdir()]
    assert len(kept) == 3
    assert served in kept


def test_a_cached_vector_that_cannot_be_one_is_computed_again(tmp_path: Path) -> None:
    import sqlite3

    import numpy as np

    def encode(text: str) -> np.ndarray:
        return np.array([0, 1], dtype=np.float32)

    path = tmp_path / "cache"
    embed_cached(path, "model", 2, ["a"], encode, iter)
    with sqlite3.connect(path) as cache:
        cache.execute("UPDATE vectors SET vector = ?", (b"\0" * 8,))
    cache.close()
    vectors, computed = embed_cached(path, "model", 2, ["a"], encode, iter)
    assert computed == 1
    assert vectors.tolist() == [[0, 1]]
    assert embed_cached(path, "model", 2, ["a"], encode, iter)[1] == 0
    assert embed_cached(path, "another model", 2, ["a"], encode, iter)[1] == 1
