"""What a run leaves in its folder, as files that anyone can read.

manifest.json     what was asked of what: system, settings, models and data by SHA-256
questions.jsonl   the gold as it was
documents.jsonl   the papers' texts as they were
answers.jsonl     what came back for each question, and how long it took
run.trec, qrels.trec   the same as a ranking, for any TREC tool
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from eval.places import Place
from eval.questions import Question, read_questions, to_line
from service.answers import Answer

MANIFEST, QUESTIONS, DOCUMENTS = "manifest.json", "questions.jsonl", "documents.jsonl"
ANSWERS, RUN, QRELS = "answers.jsonl", "run.trec", "qrels.trec"


class EvalError(Exception):
    """The harness cannot go on; the message says why, and what to type."""


@dataclass(frozen=True, slots=True)
class Record:
    """One question asked: the whole answer, the passages found, best first, and the time.

    `same_again` says whether a second asking gave the same, None where it was asked once.
    """

    question_id: str
    milliseconds: float
    answer: Answer
    found: tuple[Place, ...]
    same_again: bool | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run was made of. Equal `inputs` mean the same run, to be gone on with.

    `setting` is what happened to be so: seconds to load, memory in MiB, the library versions.
    """

    inputs: Mapping[str, Any]
    setting: Mapping[str, Any]
    questions: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A run read back from its folder. `texts` are the papers by id."""

    name: str
    manifest: Manifest
    questions: tuple[Question, ...]
    texts: Mapping[str, str]
    records: Mapping[str, Record]


_RECORD = TypeAdapter(Record)
_MANIFEST = TypeAdapter(Manifest)


def read_run(folder: Path) -> Run:
    """Read a complete run. Raises EvalError when it is not there, not whole, or not finished."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise EvalError(f"{folder} holds no run: make one with `python -m eval run --out {folder}`")
    records = read_records(folder)
    if not manifest.complete:
        raise EvalError(
            f"{folder} holds {len(records)} of {manifest.questions} answers: "
            "type the same `python -m eval run` again to finish it"
        )
    questions = tuple(read_questions(folder / QUESTIONS))
    try:
        lines = (folder / DOCUMENTS).read_text(encoding="utf-8").splitlines()
        texts = {record["id"]: record["text"] for record in map(json.loads, lines)}
    except (OSError, ValueError, KeyError) as error:
        raise EvalError(f"{folder / DOCUMENTS} cannot be read: {error}") from error
    return Run(folder.name, manifest, questions, texts, {one.question_id: one for one in records})


def read_manifest(folder: Path) -> Manifest | None:
    """Return a run's manifest, None when there is no run in the folder."""
    try:
        return _MANIFEST.validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise EvalError(f"{folder / MANIFEST} cannot be read: {error}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a run's manifest whole or not at all."""
    beside = folder / f"{MANIFEST}.part"
    beside.write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    beside.replace(folder / MANIFEST)


def read_records(folder: Path) -> list[Record]:
    """Return the answers that a run has so far; a last line cut short is not one."""
    path = folder / ANSWERS
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    try:
        return [_RECORD.validate_json(line) for line in lines]
    except ValidationError as error:
        raise EvalError(f"{path} cannot be read: {first_fault(error)}") from error


def record_line(record: Record) -> str:
    """Return the line of `answers.jsonl` that holds a record."""
    return json.dumps(asdict(record), ensure_ascii=False)


def write_inputs(folder: Path, questions: Iterable[Question], texts: Mapping[str, str]) -> None:
    """Write the gold and the papers as they are at the time of a run."""
    lines = [to_line(question) for question in questions]
    (folder / QUESTIONS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (folder / DOCUMENTS).open("w", encoding="utf-8") as file:
        for name in sorted(texts):
            file.write(json.dumps({"id": name, "text": texts[name]}, ensure_ascii=False) + "\n")


def first_fault(error: ValidationError) -> str:
    """Return the first thing that is wrong with a value, as `field: why`."""
    fault = error.errors()[0]
    return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"


def digest(values: Sequence[str]) -> str:
    """Return one SHA-256 over texts, each with its length."""
    hashed = hashlib.sha256()
    for value in values:
        encoded = value.encode()
        hashed.update(f"{len(encoded)}\n".encode() + encoded)
    return hashed.hexdigest()
