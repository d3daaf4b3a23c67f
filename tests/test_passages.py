"""Passages are whole sentences of one section, at exact offsets."""

import pytest

from ingest.documents import Document
from ingest.passages import PASSAGE_LENGTH, Passage, context_line, split
from ingest.structure import mask, read_structure, reading_form


def passages_of(document: Document, length: int = PASSAGE_LENGTH) -> list[Passage]:
    return split(document, read_structure(document.text), length)


@pytest.mark.parametrize("length", [50, 200, 500, 2000])
def test_passages_are_runs_of_whole_sentences_and_lose_none(
    documents: dict[str, Document], length: int
) -> None:
    for document in documents.values():
        blocks = read_structure(document.text)
        passages = split(document, blocks, length)
        sentences = [sentence for block in blocks for sentence in block.sentences]
        assert [sentence for passage in passages for sentence in passage.sentences] == sentences
        for passage in passages:
            assert passage.start == passage.sentences[0].start
            assert passage.end == passage.sentences[-1].end
            assert len(passage.sentences) == 1 or len(passage.reading) <= length


def test_a_passage_reads_as_its_span_does(documents: dict[str, Document]) -> None:
    for document in documents.values():
        blocks = read_structure(document.text)
        masked = mask(document.text, blocks)
        for passage in split(document, blocks):
            assert passage.reading == " ".join(
                reading_form(masked, sentence) for sentence in passage.sentences
            )


def test_no_passage_crosses_two_numbered_paragraphs(documents: dict[str, Document]) -> None:
    document = documents["council-2025-scrutiny-report"]
    blocks = read_structure(document.text)
    for passage in split(document, blocks):
        inside = {
            block.number
            for block in blocks
            for sentence in block.sentences
            if passage.start <= sentence.start < passage.end
        }
        assert inside == {passage.section}


def test_the_sentence_that_says_why_publication_was_delayed_is_in_section_2_1(
    documents: dict[str, Document],
) -> None:
    document = documents["council-2025-scrutiny-report"]
    (passage,) = [p for p in passages_of(document) if p.reading.startswith("The publication of")]
    assert passage.section == "2.1"
    assert passage.heading == "Ofsted’s Response to the Complaint About The Inspection Process"


def test_the_context_line_says_what_is_known_and_no_more() -> None:
    text = "1. Parks\n\n1.1 It is open.\n"
    (passage,) = passages_of(Document("a", text, "Parks paper", "A Council", published="2025-01"))
    known = Document("a", text, "Parks paper", "A Council", published="2025-01")
    assert context_line(known, passage) == "Parks paper (A Council, January 2025). Parks"
    assert context_line(Document("a", text, "Parks paper"), passage) == "Parks paper. Parks"


def test_the_splitters_own_separator_in_a_text_does_no_harm() -> None:
    text = "One\x1eis here. Two \x1e\x1e is here. Three is here."
    (passage,) = passages_of(Document("a", text, "t"))
    assert [text[s.start : s.end] for s in passage.sentences] == [
        "One\x1eis here.",
        "Two \x1e\x1e is here.",
        "Three is here.",
    ]
