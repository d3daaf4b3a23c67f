"""A model that reads a question and a text together: each pair alone, one pair a thread."""

import platform
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from ingest.threads import THREADS

CPU = Path("/proc/cpuinfo")


def pair_tokenizer(path: Path, longest: int) -> Tokenizer:
    """Return a tokenizer for pairs of up to `longest` tokens, which cuts the text alone."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest, strategy="only_second")
    return tokenizer


def short_enough(tokenizer: Tokenizer, question: str, longest: int) -> str:
    """Return the end of a question that leaves at least a third of `longest` tokens to the text."""
    offsets = tokenizer.encode(question, add_special_tokens=False).offsets
    most = 2 * longest // 3
    return question if len(offsets) <= most else question[offsets[-most][0] :]


def sums_overflow(cpu: Path) -> bool:
    """True where onnxruntime adds int8 products up in 16 bits, so that what a model says is noise.

    That is on x86-64 without VNNI instructions (AMD before Zen 4, Intel before Ice Lake), or where
    the file about the CPU is not there to tell.
    """
    if platform.machine().casefold() not in ("x86_64", "amd64"):
        return False
    return not cpu.is_file() or "vnni" not in cpu.read_text(encoding="utf-8")


def session_of(weights: Path) -> onnxruntime.InferenceSession:
    """Return a session of an int8 model, on one thread; its sums are exact on every CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    if sums_overflow(CPU):
        options.add_session_config_entry("session.x64quantprecision", "1")  # half as slow again
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


class PairModel:
    """A BERT as int8 ONNX with its tokenizer.

    Each pair is read alone: what comes out does not depend on what it is read with (dynamic
    quantisation takes its scale from the whole batch), nothing is spent on padding, and on two
    cores two pairs at a time are faster than one pair over both.
    """

    def __init__(self, weights: Path, tokenizer: Path, longest: int) -> None:
        """Load it. A pair may have up to `longest` tokens."""
        self._session = session_of(weights)
        self.tokenizer = pair_tokenizer(tokenizer, longest)
        self._longest = longest
        self._uncut = Tokenizer.from_file(str(tokenizer))
        self._uncut.no_truncation()
        self._uncut.no_padding()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="pairs")

    def read(self, question: str, texts: Sequence[str]) -> list[tuple[Encoding, NDArray[Any]]]:
        """Return for each text, in their order, the pair's tokens and what the model makes of it.

        That is float32: one row of the model's only output. Of a question that is too long, its
        end is read.
        """
        question = short_enough(self._uncut, question, self._longest)
        # The longest first, so that both threads end at about the same time.
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        outputs = self._pool.map(lambda place: self._read_pair(question, texts[place]), order)
        found = dict(zip(order, outputs, strict=True))
        return [found[place] for place in range(len(texts))]

    def _read_pair(self, question: str, text: str) -> tuple[Encoding, NDArray[Any]]:
        pair = self.tokenizer.encode(question, text)
        inputs = {
            "input_ids": np.array([pair.ids], dtype=np.int64),
            "attention_mask": np.array([pair.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([pair.type_ids], dtype=np.int64),
        }
        (output,) = self._session.run(None, inputs)
        return pair, output[0]
