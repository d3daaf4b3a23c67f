"""How well a text answers a question, by a cross-encoder that reads both together."""

from collections.abc import Sequence
from pathlib import Path

from ingest.models import DEFAULT_RERANKER, ModelFiles, locate_model
from service.pairs import PairModel

_LONGEST_PAIR = 512  # tokens that the model was trained for


class Reranker:
    """The cross-encoder as int8 ONNX."""

    def __init__(self, files: ModelFiles | None = None) -> None:
        """Load from a folder with `model.onnx` and `tokenizer.json`. Raises ModelError."""
        self.files = files or locate_model(DEFAULT_RERANKER)
        folder = Path(self.files.source)
        self._pairs = PairModel(folder / "model.onnx", folder / "tokenizer.json", _LONGEST_PAIR)

    def knows(self, word: str) -> bool:
        """True for a casefolded word that its vocabulary of 30,522 has whole: common English."""
        return self._pairs.tokenizer.token_to_id(word) is not None

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a relevance score (a logit, about -12 to 12) for each text, in their order."""
        return [float(output[0]) for _, output in self._pairs.read(question, texts)]
