"""Generations on disk: written aside, checked, published whole, and refused when they disagree.

INDEX/current.json            which generation is served, and the SHA-256 of its manifest
INDEX/generations/<id>/       vectors.faiss, sentences.faiss, lexical/, passages.jsonl,
                                  documents.jsonl, manifest.json, manifest.sha256
INDEX/vectors.sqlite3         a cache of vectors by model and text (see cache.py)
"""

import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.models import file_sha256

FORMAT = 2
POINTER = "current.json"
MANIFEST = "manifest.json"
MANIFEST_DIGEST = "manifest.sha256"
GENERATIONS = "generations"
KEPT = 3
_BUILD = "python -m ingest"


class IndexRefused(Exception):
    """The index is missing, damaged or not for this service; the message says what to type."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which generation is served. `sources` is a digest of all that it was built from."""

    format: int
    generation: str
    manifest_sha256: str
    sources: str


def read_pointer(index: Path) -> Pointer:
    """Return which generation an index serves. Raises IndexRefused when there is none."""
    try:
        fields = json.loads((index / POINTER).read_text(encoding="utf-8"))
        if isinstance(fields, dict) and fields.get("format", FORMAT) != FORMAT:
            raise IndexRefused(
                f"the index in {index} has format {fields['format']}, this version reads {FORMAT}: "
                f"build it again with `{_BUILD} --index {index}`"
            )
        pointer = Pointer(**fields)
        if not re.fullmatch(r"[0-9a-f]{16}", pointer.generation):
            raise ValueError("not the name of a generation")
        return pointer
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexRefused(
            f"there is no index in {index}: build one with `{_BUILD} --index {index}`"
        ) from error
    except OSError as error:
        raise IndexRefused(f"{index / POINTER} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise IndexRefused(
            f"{index / POINTER} is damaged: build the index again with `{_BUILD} --index {index}`"
        ) from error


def verify_generation(index: Path, pointer: Pointer) -> dict[str, Any]:
    """Check every file of a generation against its manifest, and the manifest against the pointer.

    Returns the manifest. Raises IndexRefused with what disagrees and what to type.
    """
    folder = index / GENERATIONS / pointer.generation
    again = f"build the index again with `{_BUILD} --index {index}`"
    _check(folder / MANIFEST, None, pointer.manifest_sha256, again)
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    if manifest["format"] != FORMAT:
        raise IndexRefused(
            f"the index in {index} has format {manifest['format']}, this version reads {FORMAT}: "
            f"{again}"
        )
    for name, known in manifest["files"].items():
        _check(folder / name, known["bytes"], known["sha256"], again)
    return manifest


def _check(path: Path, size: int | None, sha256: str, again: str) -> None:
    try:
        found_size, found = path.stat().st_size, file_sha256(path)
    except FileNotFoundError as error:
        raise IndexRefused(f"{path} is missing: {again}") from error
    except OSError as error:
        raise IndexRefused(f"{path} cannot be read ({error.strerror}): {again}") from error
    if size is not None and found_size != size:
        raise IndexRefused(f"{path} has {found_size} bytes, its manifest says {size}: {again}")
    if found != sha256:
        raise IndexRefused(
            f"{path} was altered: its SHA-256 is {found[:12]}…, expected {sha256[:12]}…; {again}"
        )


def is_whole(index: Path, identity: str) -> bool:
    """True when a generation of this name is there, and is what was written when it was built."""
    try:
        verify_generation(index, pointer_to(index, identity))
    except (IndexRefused, OSError, ValueError):
        return False
    return True


def pointer_to(index: Path, identity: str, sources: str = "") -> Pointer:
    """Return a pointer to a generation that is kept. Raises OSError when it is not."""
    digest = (index / GENERATIONS / identity / MANIFEST_DIGEST).read_text("ascii").strip()
    return Pointer(FORMAT, identity, digest, sources)


def put_in_place(index: Path, written: Path, identity: str) -> None:
    """Sync a written generation to disk and move it to its place, where no pointer names it yet.

    The manifest's own digest is kept beside it, for when no pointer does.
    """
    (written / MANIFEST_DIGEST).write_text(file_sha256(written / MANIFEST) + "\n", "ascii")
    for path in [*written.rglob("*"), written]:
        sync(path)
    home = index / GENERATIONS / identity
    if home.exists():  # it was damaged, or it would not have been written again
        shutil.rmtree(home)
    os.replace(written, home)
    sync(home.parent)


def point_to(index: Path, identity: str, sources: str) -> None:
    """Make a generation that is in its place the served one, and the newest."""
    os.utime(index / GENERATIONS / identity)
    pointer = pointer_to(index, identity, sources)
    aside = index / f"{POINTER}.new"
    aside.write_text(json.dumps(asdict(pointer)), encoding="utf-8")
    sync(aside)
    os.replace(aside, index / POINTER)
    sync(index)


def prune(index: Path, kept: int = KEPT) -> None:
    """Remove all but the served generation and the newest others, `kept` in all."""
    served = read_pointer(index).generation
    folders = sorted(
        (index / GENERATIONS).iterdir(),
        key=lambda folder: (folder.name == served, folder.stat().st_mtime_ns),
        reverse=True,
    )
    for folder in folders[kept:]:
        shutil.rmtree(folder)


def sync(path: Path) -> None:
    """Make sure that a file's content, or a folder's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
