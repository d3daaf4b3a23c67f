"""What the reader sees, what it says, and how sure of it the service is."""

import math
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from ingest.index import Generation
from ingest.models import ModelError, ModelFiles
from service.ask import Models, search, weigh
from service.confidence import CALIBRATION, RiskError, Signals, answered_from, confidence_of
from service.pairs import CPU, session_of, short_enough, sums_overflow
from service.reader import CUT_OFF, Page, Reader, page_of
from service.retrieval import Filters

SENTENCES = ("Tea cost £4.", "The vote was put off because the clerk was ill.", "It rained.")
SURE = Signals(5.0, 5.0, 5.0, 0.0)


def page(*sentences: str) -> Page:
    """A page without context line."""
    starts = np.cumsum([0, *(len(one) + 1 for one in sentences)])
    places = tuple((int(s), int(s) + len(one)) for s, one in zip(starts, sentences, strict=False))
    return Page(" ".join(sentences), places)


def test_the_sentence_that_answers_stands_out_and_none_does_where_none_answers(
    models: Models,
) -> None:
    (late,) = models.reader.read("why was the decision late?", [page(*SENTENCES)])
    assert max(late) == late[1]
    assert late[1] > 0
    (nothing,) = models.reader.read("who chaired the meeting?", [page(*SENTENCES)])
    assert max(nothing) < late[1] - 2


def test_a_page_says_the_same_whatever_is_read_beside_it(models: Models) -> None:
    pages = [page(*SENTENCES), page("Bins are emptied on Monday.")]
    question = "why was the decision late?"
    together = models.reader.read(question, pages)
    assert together == [models.reader.read(question, [one])[0] for one in pages]
    assert together == models.reader.read(question, pages[::-1])[::-1]


@pytest.mark.parametrize(
    ("machine", "flags", "overflow"),
    [
        ("x86_64", "flags\t: fma avx2 avx512f", True),
        ("AMD64", "flags\t: avx2 avx512_vnni", False),
        ("x86_64", "flags\t: avx2 avx_vnni", False),
        ("x86_64", None, True),
        ("aarch64", "Features\t: asimd", False),
    ],
)
def test_a_cpu_on_which_int8_overflows_is_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, machine: str, flags: str | None, overflow: bool
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(flags, encoding="utf-8")
    assert sums_overflow(tmp_path / "cpuinfo") is overflow


def test_a_sum_of_int8_products_is_exact_on_this_cpu_and_with_what_others_need(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wide, many = 64, 16
    weights = numpy_helper.from_array(np.full((wide, many), 127, np.int8), "weights")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["input", "weights"], ["output"])],
        "sums",
        [helper.make_tensor_value_info("input", TensorProto.UINT8, (1, wide))],
        [helper.make_tensor_value_info("output", TensorProto.INT32, (1, many))],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.save(model, tmp_path / "sums.onnx")
    for cpu in (CPU, tmp_path / "not-there"):
        monkeypatch.setattr("service.pairs.CPU", cpu)
        session = session_of(tmp_path / "sums.onnx")
        (sums,) = session.run(None, {"input": np.full((1, wide), 255, np.uint8)})
        assert set(sums.ravel()) == {255 * 127 * wide}


def test_what_does_not_fit_is_never_cited(models: Models) -> None:
    long = page(*["The committee noted the report and thanked the officers."] * 40)
    (logits,) = models.reader.read("who was thanked?", [long])
    assert len(logits) == 40
    assert logits[-1] == CUT_OFF
    assert all(math.isfinite(one) for one in logits)


def test_every_passage_becomes_a_page_with_its_sentences_to_the_letter(
    generation: Generation,
) -> None:
    for passage in generation.passages:
        made = page_of(generation, passage)
        assert made.text.startswith(generation.in_context(passage, ""))
        assert len(made.sentences) == len(passage.sentences)
        for span, (start, end) in zip(passage.sentences, made.sentences, strict=True):
            assert made.text[start:end] == generation.reading(passage.document_id, span)


def test_weights_that_are_not_the_published_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.reader._SHA256", "0" * 64)
    with pytest.raises(ModelError, match="has SHA-256"):
        Reader()
    with pytest.raises(Exception, match="nowhere"):
        Reader(ModelFiles("other", "nowhere.onnx", ""))


def test_confidence_is_a_probability_that_rises_with_what_the_models_say() -> None:
    assert confidence_of(None) == 0.0
    for name, rises in (
        ("answers", True),
        ("passage_relevance", True),
        ("names_a_stranger", False),
    ):
        low, high = (
            confidence_of(Signals(**{**dict.fromkeys(CALIBRATION["weights"], 0.0), name: value}))
            for value in (0.0, 1.0)
        )
        assert 0 < min(low, high) < max(low, high) < 1
        assert (high > low) is rises
    assert confidence_of(SURE) > 0.8
    assert confidence_of(Signals(-9.0, -9.0, -9.0, 1.0)) < 0.05


def test_a_risk_is_one_that_was_measured_and_less_of_it_answers_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = []
    for risk in ("0.05", "0.20", "0.30"):
        monkeypatch.setenv("SCRUTINEER_RISK", risk)
        answered_from.cache_clear()
        found.append(answered_from())
    assert found == sorted(found, reverse=True)
    monkeypatch.setenv("SCRUTINEER_RISK", "none")
    answered_from.cache_clear()
    with pytest.raises(RiskError, match="must be one of"):
        answered_from()
    monkeypatch.undo()
    answered_from.cache_clear()


def test_a_stranger_in_the_question_lowers_confidence(
    generation: Generation, models: Models
) -> None:
    def said(question: str) -> float:
        ranked = search(generation, models, question, Filters())
        return confidence_of(weigh(generation, models, question, ranked).signals)

    assert said("What did Ofsted say about Derby?") < said("What did Ofsted say about Leicester?")


def test_the_calibration_says_what_it_was_made_of(models: Models) -> None:
    assert CALIBRATION["models"] == {
        "reranker": models.reranker.files.sha256,
        "reader": models.reader.files.sha256,
    }
    assert sum(CALIBRATION["fitted_on"].values()) > 500
    assert set(CALIBRATION["weights"]) == set(Signals.__dataclass_fields__)


@pytest.mark.parametrize("question", ["1," * 500, "why? " * 200, "чому це було відкладено? " * 39])
def test_a_question_longer_than_the_models_take_is_read_from_its_end(
    models: Models, question: str
) -> None:
    page = Page("Bins are emptied on Monday.", ((0, 27),))
    assert len(models.reader.read(question, [page])[0]) == 1
    assert len(models.reranker.score(question, [page.text])) == 1


def test_only_what_is_too_long_of_a_question_is_cut(models: Models) -> None:
    tokenizer = Tokenizer.from_file(str(Path(models.reranker.files.source) / "tokenizer.json"))
    tokenizer.no_padding()
    assert short_enough(tokenizer, "why was it late?", 320) == "why was it late?"
    assert short_enough(tokenizer, "one two three four five six", 6) == "three four five six"
