"""Texts to unit vectors. The only place where vectors are normalised."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.models import ModelError, ModelFiles

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors of one length; both methods return unit rows, (n, dimensions)."""

    files: ModelFiles
    dimensions: int

    def encode_passage(self, text: str) -> Vectors:
        """Return the vector of a passage with its context line, (dimensions,)."""

    def encode_question(self, text: str) -> Vectors:
        """Return the vector of a question, (dimensions,)."""


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Scale the last axis to length 1, as float32. Raises ValueError for zero or infinite rows."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths == 0):
        raise ValueError("a vector of zero or non-finite length cannot be normalised")
    scaled: Vectors = (vectors / lengths).astype(np.float32)
    return scaled


class SentenceEncoder:
    """A sentence-transformers model.

    Texts are encoded one at a time: padding changes the last bits of a vector with its batch
    mates, and an index that was updated must equal one that was built from nothing.
    """

    def __init__(self, files: ModelFiles) -> None:
        from sentence_transformers import SentenceTransformer  # seconds to import
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model = SentenceTransformer(files.source, device="cpu")
        except (OSError, ValueError) as error:
            raise ModelError(f"the encoder {files.name} cannot be loaded: {error}") from error
        self.files = files
        dimensions = self._model.get_embedding_dimension()
        if dimensions is None:
            raise ModelError(f"the encoder {files.name} does not say how long its vectors are")
        self.dimensions: int = dimensions

    def encode_passage(self, text: str) -> Vectors:
        return unit(np.asarray(self._model.encode_document(text, show_progress_bar=False)))

    def encode_question(self, text: str) -> Vectors:
        return unit(np.asarray(self._model.encode_query(text, show_progress_bar=False)))


def stack(rows: Sequence[Vectors], dimensions: int) -> Vectors:
    """Return rows as one array, (n, dimensions), float32, contiguous; (0, dimensions) for none."""
    return np.ascontiguousarray(np.reshape(rows, (len(rows), dimensions)), dtype=np.float32)
