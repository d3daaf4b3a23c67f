"""A question's vector turned towards the passages that answer it, and towards their sentences.

The encoder puts like texts side by side, and a question is not much like its answer. Two linear
maps, learnt from questions with known answers (`python -m eval adapt`), move it there; what is in
an index stays as it is. They fit the encoder that they were learnt with and no other.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.encoder import Vectors, unit
from ingest.models import ModelFiles, check_weights

WEIGHTS = Path(__file__).parent / "adapter.npy"
_SHA256 = "70cb1416164cb302381c10cc8a4cf743bb60cc6b532ae23699a5e38f65248573"
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def adapted(question: Vectors, encoder: ModelFiles) -> tuple[Vectors, Vectors]:
    """Return a question's vector for the search of passages, and for that of sentences.

    All are unit vectors, (dimensions,). For another encoder both are the question's own.
    Raises ModelError where the weights are not the ones meant.
    """
    if encoder.sha256 != ENCODER_SHA256:
        return question, question
    for_passages, for_sentences = moved(question, _maps())
    return for_passages, for_sentences


def moved(question: Vectors, maps: NDArray[np.float32]) -> Vectors:
    """Return what each map makes of a question, (maps, dimensions); unit rows."""
    return unit(question + question @ maps)


@cache
def _maps() -> NDArray[np.float32]:
    """What is added to a question, for passages and for sentences; (2, dimensions, dimensions)."""
    check_weights(WEIGHTS, _SHA256, "scrutineer")
    maps: NDArray[np.float32] = np.load(WEIGHTS, allow_pickle=False).astype(np.float32)
    return maps
