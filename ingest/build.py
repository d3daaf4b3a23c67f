"""Bring an index up to date with a folder of papers: decide, lock, assemble, publish."""

import fcntl
import hashlib
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.documents import METADATA_FILE, CorpusError, corpus_files
from ingest.generations import (
    IndexRefused,
    is_whole,
    point_to,
    prune,
    read_pointer,
    verify_generation,
)
from ingest.models import LIBRARIES, ModelFiles

if TYPE_CHECKING:
    from ingest.assemble import Track


class BuildError(Exception):
    """The index cannot be written; the message says why. The old one still stands."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build did. `embedded` passages had to be computed, the others were known."""

    generation: str
    changed: bool
    documents: int
    sections: int
    passages: int
    embedded: int
    seconds: float


def build(corpus: Path, index: Path, model: ModelFiles, track: "Track" = iter) -> Summary:
    """Bring the index up to date with a corpus folder and publish it.

    When nothing changed, nothing is published. Raises CorpusError for papers that cannot be read
    and BuildError for a folder that cannot be written; what was served before is served still.
    """
    began = time.perf_counter()
    sources = sources_digest(corpus, model)
    manifest = _served_from(index, sources)
    changed, embedded = False, 0
    if manifest is None:
        before = _served(index)
        try:
            with _locked(index):
                embedded = _assemble_and_publish(corpus, index, model, sources, track)
        except (OSError, sqlite3.OperationalError) as error:
            raise BuildError(
                f"{index} cannot be written ({error}): free the folder or name another with --index"
            ) from error
        manifest = verify_generation(index, read_pointer(index))
        changed = manifest["generation"] != before
    return Summary(
        manifest["generation"],
        changed,
        manifest["documents"],
        manifest["sections"],
        manifest["passages"],
        embedded,
        time.perf_counter() - began,
    )


def _assemble_and_publish(
    corpus: Path, index: Path, model: ModelFiles, sources: str, track: "Track"
) -> int:
    # Imported here because an unchanged corpus need not wait for FAISS and the models.
    from ingest.assemble import assemble

    for left_behind in index.glob(".building-*"):  # by a build that was killed
        shutil.rmtree(left_behind)
    identity, embedded = assemble(corpus, index, model, track)
    point_to(index, identity, sources)
    prune(index)
    return embedded


def sources_digest(corpus: Path, model: ModelFiles) -> str:
    """Return one SHA-256 over all that an index is built from: papers, model and code."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    metadata = corpus / METADATA_FILE
    papers = corpus_files(corpus) + ([metadata] if metadata.is_file() else [])
    digest = hashlib.sha256()
    for line in [
        f"{model.name} {model.sha256}",
        *(f"{name} {version(name)}" for name in LIBRARIES),
    ]:
        digest.update(line.encode() + b"\n")
    for path in code + papers:
        digest.update(path.name.encode(errors="surrogateescape") + b"\0")
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as error:
            raise CorpusError(f"{path} cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def _served_from(index: Path, sources: str) -> dict[str, Any] | None:
    """The manifest of the served generation if it was built from these sources and is whole."""
    try:
        pointer = read_pointer(index)
        return verify_generation(index, pointer) if pointer.sources == sources else None
    except IndexRefused:
        return None


def _served(index: Path) -> str | None:
    """The served generation's id, or None when there is none that is whole."""
    try:
        identity = read_pointer(index).generation
    except IndexRefused:
        return None
    return identity if is_whole(index, identity) else None


@contextmanager
def _locked(index: Path) -> Iterator[None]:
    """Make the index folder, and keep a second build out of it."""
    index.mkdir(parents=True, exist_ok=True)
    with (index / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BuildError(
                f"another build is writing {index}: wait until it has ended"
            ) from error
        yield
