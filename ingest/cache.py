"""Vectors that were computed before, by model and text, so that only new passages are embedded."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ingest.encoder import Vectors, stack

_SAVE_EVERY = 256  # an interrupted run starts again from what was saved


def embed_cached(
    path: Path,
    model_sha256: str,
    dimensions: int,
    texts: Sequence[str],
    encode: Callable[[str], Vectors],
    track: Callable[[Sequence[str]], Iterable[str]],
) -> tuple[Vectors, int]:
    """Return the vectors of all texts, (texts, dimensions), and how many had to be computed.

    `track` wraps the texts that must be encoded, to show progress. A cache that is damaged is
    begun anew: it holds nothing that cannot be computed again.
    """
    keys = [_key(model_sha256, text) for text in texts]
    with _open(path) as cache:
        known = {key: row for key in keys if (row := _read(cache, key, dimensions)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        for done, (key, text) in enumerate(
            zip(missing, track(list(missing.values())), strict=True), start=1
        ):
            known[key] = encode(text)
            cache.execute("REPLACE INTO vectors VALUES (?, ?)", (key, known[key].tobytes()))
            if done % _SAVE_EVERY == 0:
                cache.commit()
        cache.commit()
    return stack([known[key] for key in keys], dimensions), len(missing)


def _key(model_sha256: str, text: str) -> bytes:
    return hashlib.sha256(f"{model_sha256}\0{text}".encode()).digest()


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that is closed at the end, to a database that is sound or new."""
    try:
        connection = _connect(path)
    except sqlite3.OperationalError:
        raise  # a folder that cannot be written is not a damaged cache
    except sqlite3.DatabaseError:
        path.unlink()
        connection = _connect(path)
    try:
        yield connection
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    try:
        if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("quick_check failed")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
        )
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _read(cache: sqlite3.Connection, key: bytes, dimensions: int) -> Vectors | None:
    """A cached vector, or None when it is absent or cannot be one (a wrong size or length)."""
    row = cache.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
    if row is None or len(row[0]) != 4 * dimensions:
        return None
    vector = np.frombuffer(row[0], dtype=np.float32)
    return vector if abs(float(np.linalg.norm(vector)) - 1.0) < 1e-3 else None
