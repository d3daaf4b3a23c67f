"""How well a text answers a question, by a cross-encoder that reads both together."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from ingest.models import DEFAULT_RERANKER, ModelFiles, locate_model
from ingest.threads import THREADS

_LONGEST_PAIR = 512  # tokens that the model was trained for; the text is cut, never the question


class Reranker:
    """The cross-encoder as int8 ONNX.

    Each pair is scored alone, one pair a thread: its score does not depend on what it is scored
    with (dynamic quantisation takes its scale from the whole batch), nothing is spent on padding,
    and on two cores two pairs at a time are faster than one pair over both.
    """

    def __init__(self, files: ModelFiles | None = None) -> None:
        """Load from a folder with `model.onnx` and `tokenizer.json`. Raises ModelError."""
        self.files = files or locate_model(DEFAULT_RERANKER)
        folder = Path(self.files.source)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            folder / "model.onnx", options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_LONGEST_PAIR, strategy="only_second")
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="rerank")

    def knows(self, word: str) -> bool:
        """True for a casefolded word that its vocabulary of 30,522 has whole: common English."""
        return self._tokenizer.token_to_id(word) is not None

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a relevance score (a logit, about -12 to 12) for each text, in their order."""
        # The longest first, so that both threads end at about the same time.
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        scores = self._pool.map(lambda place: self._score_pair(question, texts[place]), order)
        found = dict(zip(order, scores, strict=True))
        return [found[place] for place in range(len(texts))]

    def _score_pair(self, question: str, text: str) -> float:
        pair = self._tokenizer.encode(question, text)
        inputs = {
            "input_ids": np.array([pair.ids], dtype=np.int64),
            "attention_mask": np.array([pair.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([pair.type_ids], dtype=np.int64),
        }
        (logits,) = self._session.run(None, inputs)
        return float(logits[0][0])
