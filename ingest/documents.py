"""Documents: a folder of text files, and what `documents.toml` knows of them beside their text."""

import datetime
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.dates import parse_published
from ingest.lines import is_furniture

METADATA_FILE = "documents.toml"
METADATA_FIELDS = ("title", "publisher", "kind", "published", "published_evidence")
TITLE_LENGTH = 200


class CorpusError(Exception):
    """The papers cannot be read as they are; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Document:
    """One paper: its exact text, and what is known about it. None means that it is not known."""

    id: str
    text: str
    title: str
    publisher: str | None = None
    kind: str | None = None
    published: str | None = None
    published_evidence: str | None = None


def corpus_files(folder: Path) -> list[Path]:
    """Return the papers of a folder and its subfolders: every `.txt` file that is not hidden.

    Raises CorpusError when the folder is missing or holds none, or when two files have one stem.
    """
    if not folder.is_dir():
        raise CorpusError(f"there is no folder {folder}: name the one that holds your papers")
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() == ".txt" and path.is_file() and not _is_hidden(path, folder)
    )
    if not files:
        raise CorpusError(f"{folder} holds no .txt file: put the papers there as UTF-8 text")
    by_stem: defaultdict[str, list[Path]] = defaultdict(list)
    for path in files:
        by_stem[path.stem.casefold()].append(path)
    for same in by_stem.values():
        if len(same) > 1:
            names = " and ".join(str(path.relative_to(folder)) for path in same)
            raise CorpusError(
                f"{names} would both be the document {same[0].stem!r}: rename one of them"
            )
    return files


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def notes_on_corpus(folder: Path) -> list[str]:
    """Return what a person should know of a folder of papers: what is missing or left out."""
    described = read_metadata(folder / METADATA_FILE)
    notes = [
        f"{path.name} has no entry in {METADATA_FILE}: "
        "its first line is its title, its date is unknown"
        for path in corpus_files(folder)
        if path.stem not in described
    ]
    known = {METADATA_FILE, "README.md"}
    others = sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix.lower() != ".txt" and not _is_hidden(path, folder)
    )
    for path in others:
        if path.name == METADATA_FILE and path.parent.name:
            notes.append(
                f"{path} was left out: only the {METADATA_FILE} of the folder itself is read"
            )
        elif path.name not in known:
            notes.append(f"{path} was left out: only .txt files are read")
    return notes


def read_corpus(folder: Path) -> list[Document]:
    """Read all papers of a folder, in the order of their ids.

    Raises CorpusError, naming the file and what to do, for whatever cannot be read.
    """
    files = corpus_files(folder)
    metadata = read_metadata(folder / METADATA_FILE)
    orphans = sorted(set(metadata) - {path.stem for path in files})
    if orphans:
        raise CorpusError(
            f"{folder / METADATA_FILE} describes {', '.join(map(repr, orphans))}, but there is no "
            f"{orphans[0]}.txt: add the file, correct the name, or remove the entry"
        )
    documents = [read_document(path, metadata.get(path.stem, {})) for path in files]
    return sorted(documents, key=lambda document: document.id)


def read_document(path: Path, metadata: Mapping[str, str]) -> Document:
    """Read one UTF-8 file. Only a leading byte order mark is dropped; nothing else is changed."""
    try:
        path.stem.encode()
    except UnicodeEncodeError as error:
        raise CorpusError(f"{path!a}: the file's name is not UTF-8; rename it") from error
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path} is not UTF-8: byte {error.start} is 0x{raw[error.start]:02x}; "
            "save it as UTF-8 (for example: iconv -f WINDOWS-1252 -t UTF-8)"
        ) from error
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise CorpusError(f"{path} is empty: fill it or remove it")
    first_line = next((line for line in lines if not is_furniture(line)), path.stem)
    known = {"title": first_line[:TITLE_LENGTH], **metadata}
    return Document(id=path.stem, text=text, **known)


def read_metadata(path: Path) -> dict[str, dict[str, str]]:
    """Read `documents.toml`: a table for each document id. A missing file is an empty one."""
    try:
        tables = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not UTF-8: byte {error.start} is wrong") from error
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{path} is not TOML: {error}") from error
    return {name: _entry(path, name, table) for name, table in tables.items()}


def _entry(path: Path, name: str, table: Any) -> dict[str, str]:
    if not isinstance(table, dict):
        raise CorpusError(
            f"{path}: {name!r} stands outside a table; write [the document's id] above it"
        )
    entry: dict[str, str] = {}
    for field, value in table.items():
        if isinstance(value, dict):
            raise CorpusError(
                f"{path}: [{name}.{field}] is a table in a table; leave .txt out of a name, and "
                f'write one that holds a dot in quotes: ["{name}.{field}"]'
            )
        if field not in METADATA_FIELDS:
            raise CorpusError(
                f"{path}: [{name}] has an unknown field {field!r}; "
                f"known are {', '.join(METADATA_FIELDS)}"
            )
        entry[field] = _value(path, name, field, value)
    return entry


def _value(path: Path, name: str, field: str, value: Any) -> str:
    if field == "published" and type(value) in (int, datetime.date):
        value = str(value)  # TOML's own dates, and a bare year
    if not isinstance(value, str) or not value.strip():
        raise CorpusError(f"{path}: [{name}] {field} must be text in quotes, not {value!r}")
    if field == "published":
        try:
            parse_published(value)
        except ValueError as error:
            raise CorpusError(f"{path}: [{name}] published = {error}") from error
    return value
