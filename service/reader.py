"""Which sentence of a passage answers a question, or that none does: a reader trained for that.

It gives each token of a passage a logit: how much it belongs to the answer. A sentence's is the
logarithm of the mean of its tokens' exponentials; below 0 it rather does not answer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from ingest.index import Generation
from ingest.models import DEFAULT_RERANKER, ModelFiles, check_weights, locate_model
from ingest.passages import Passage
from service.pairs import PairModel

LONGEST = 320  # tokens of question and passage that it was trained with
CUT_OFF = -30.0  # the logit of a sentence that did not fit
WEIGHTS = Path(__file__).parent / "reader.onnx"
_SHA256 = "f83f674ae42a02beeacf7e2bf5320a7ea46b61f0a17a66c778d1ca42beedf5a3"


@dataclass(frozen=True, slots=True)
class Page:
    """A passage as the reader sees it: its context line first, then its sentences.

    `sentences` are `[start, end)` in `text`, in order.
    """

    text: str
    sentences: tuple[tuple[int, int], ...]

    def reading(self, number: int) -> str:
        """The text of one sentence, numbered from 0."""
        start, end = self.sentences[number]
        return self.text[start:end]


def page_of(generation: Generation, passage: Passage) -> Page:
    """Return a passage as the reader sees it."""
    text = generation.in_context(passage, "")
    places = []
    for number, span in enumerate(passage.sentences):
        reading = generation.reading(passage.document_id, span)
        text += " " if number else ""
        places.append((len(text), len(text) + len(reading)))
        text += reading
    return Page(text, tuple(places))


def sentence_of_each_token(pair: Encoding, page: Page) -> NDArray[np.int64]:
    """Return for each token of a pair the number of its sentence, -1 for none; (tokens,)."""
    sentence_at = np.full(len(page.text) + 1, -1, dtype=np.int64)
    for number, (start, end) in enumerate(page.sentences):
        sentence_at[start:end] = number
    return np.array(
        [
            sentence_at[start] if part == 1 else -1
            for (start, _), part in zip(pair.offsets, pair.sequence_ids, strict=True)
        ]
    )


class Reader:
    """The reader as int8 ONNX, with the tokenizer of the cross-encoder, from which it was made."""

    def __init__(self, files: ModelFiles | None = None) -> None:
        """Load it, from the package or from a file of weights. Raises ModelError."""
        if files is None:
            check_weights(WEIGHTS, _SHA256, "scrutineer")
            files = ModelFiles("scrutineer-reader (int8 ONNX)", str(WEIGHTS), _SHA256)
        self.files = files
        tokenizer = Path(locate_model(DEFAULT_RERANKER).source) / "tokenizer.json"
        self._pairs = PairModel(Path(self.files.source), tokenizer, LONGEST)

    def read(self, question: str, pages: Sequence[Page]) -> list[list[float]]:
        """Return a logit for each sentence of each page: about -12, never, to 8, surely."""
        outputs = self._pairs.read(question, [page.text for page in pages])
        return [
            _of_sentences(logits, sentence_of_each_token(pair, page), len(page.sentences))
            for page, (pair, logits) in zip(pages, outputs, strict=True)
        ]


def _of_sentences(
    tokens: NDArray[np.float32], places: NDArray[np.int64], sentences: int
) -> list[float]:
    found = []
    for number in range(sentences):
        own = tokens[places == number].astype(np.float64)
        found.append(float(np.logaddexp.reduce(own)) - math.log(len(own)) if len(own) else CUT_OFF)
    return found
