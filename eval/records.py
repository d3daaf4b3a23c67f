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
_AGAIN = "type the same `python -m eval run` again"
ANSWERS, RUN, QRELS = "answers.jsonl", "run.trec", "qrels.trec"


class EvalError(Exception):
    """The harness cannot go on; the message says why, and what to type."""


@dataclass(frozen=True, slots=True)
class Record:
    """One question asked: the whole answer, the passages found, best first, and the time.

    `first` is what it cites first or, where it abstained, would have cited.
    `same_again` says whether a second asking gave the same, None where it was asked once.
    """

    question_id: str
    milliseconds: float
    answer: Answer
    first: Place | None
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
    """Read a complete run. Raises EvalError when it is not there, not whole, or was altered."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise EvalError(f"{folder} holds no run: make one with `python -m eval run --out {folder}`")
    questions = tuple(read_questions(folder / QUESTIONS))
    texts = _read_texts(folder / DOCUMENTS)
    for name, found in (
        ("questions_sha256", questions_digest(questions)),
        ("documents_sha256", texts_digest(texts)),
    ):
        if manifest.inputs.get(name) != found:
            raise EvalError(
                f"{folder}: {name.split('_', 1)[0]}.jsonl was altered after the run: "
                f"{_AGAIN} with --restart"
            )
    records = read_records(folder)
    by_id = {one.question_id: one for one in records}
    lacking = [one.id for one in questions if one.id not in by_id]
    if lacking or not manifest.complete:
        raise EvalError(
            f"{folder} holds {len(questions) - len(lacking)} of {len(questions)} answers"
            f"{f', not that to {lacking[0]}' if lacking else ''}: {_AGAIN} to finish it"
        )
    if len(records) > len(questions):
        raise EvalError(f"{folder / ANSWERS} has answers too many: {_AGAIN} to mend it")
    return Run(folder.resolve().name, manifest, questions, texts, by_id)


def _read_texts(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        return {record["id"]: str(record["text"]) for record in map(json.loads, lines)}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise EvalError(f"{path} cannot be read ({error!r}): {_AGAIN}") from error


def read_manifest(folder: Path) -> Manifest | None:
    """Return a run's manifest, None when there is no run in the folder."""
    try:
        return _MANIFEST.validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise EvalError(
            f"{folder / MANIFEST} cannot be read ({first_fault(error)}): {_AGAIN} with --restart"
        ) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a run's manifest whole or not at all."""
    beside = folder / f"{MANIFEST}.part"
    beside.write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    beside.replace(folder / MANIFEST)


def read_records(folder: Path) -> list[Record]:
    """Return the answers that a run has so far; a last line cut short is not one."""
    path = folder / ANSWERS
    found = []
    for number, line in enumerate(_lines(path), start=1):
        try:
            found.append(_RECORD.validate_json(line))
        except ValidationError as error:
            raise EvalError(
                f"{path} line {number} cannot be read ({first_fault(error)}): {_AGAIN} to mend it"
            ) from error
    return found


def usable_records(folder: Path, questions: Iterable[Question]) -> list[Record]:
    """Return what a run can keep of its answers: the first that can be read to each question."""
    kept: dict[str, Record] = {}
    known = {question.id for question in questions}
    for line in _lines(folder / ANSWERS):
        try:
            record = _RECORD.validate_json(line)
        except ValidationError:
            continue
        if record.question_id in known:
            kept.setdefault(record.question_id, record)
    return list(kept.values())


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


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
    return ": ".join(part for part in (".".join(map(str, fault["loc"])), fault["msg"]) if part)


def questions_digest(questions: Iterable[Question]) -> str:
    """Return the SHA-256 of a set of questions."""
    return digest([to_line(question) for question in questions])


def texts_digest(texts: Mapping[str, str]) -> str:
    """Return the SHA-256 of the papers, by id."""
    return digest([part for pair in sorted(texts.items()) for part in pair])


def digest(values: Sequence[str]) -> str:
    """Return one SHA-256 over texts, each with its length."""
    hashed = hashlib.sha256()
    for value in values:
        encoded = value.encode()
        hashed.update(f"{len(encoded)}\n".encode() + encoded)
    return hashed.hexdigest()
