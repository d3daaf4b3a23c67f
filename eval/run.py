"""Ask a target every question and keep what comes back; what was interrupted goes on."""

import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from eval.questions import Question, check_questions
from eval.records import (
    ANSWERS,
    MANIFEST,
    QRELS,
    RUN,
    EvalError,
    Manifest,
    Record,
    questions_digest,
    read_manifest,
    record_line,
    texts_digest,
    usable_records,
    write_inputs,
    write_manifest,
)
from eval.systems import SYSTEMS, Attempt, System
from eval.trec import qrels_lines, run_lines
from ingest.documents import Document
from ingest.index import load_generation
from ingest.models import LIBRARIES, ModelFiles, locate_model
from service.ask import Models, as_written, load_models
from service.confidence import answered_from
from service.followups import in_full
from service.retrieval import Filters

ASKED_TWICE = 10  # every tenth question is, to see that the same comes back
# What an answer depends on, beside the models.
ASKING_CODE = ("ingest/*.py", "service/*.py", "service/calibration.json", "eval/systems.py")
Track = Callable[[Sequence[Question]], Iterable[Question]]


@dataclass(frozen=True, slots=True)
class Target:
    """Something that answers: in this process, or a service at an address.

    `inputs` say what it is made of, `setting` how it happened to load.
    """

    ask: Callable[[Question], Attempt]
    documents: Mapping[str, Document]
    inputs: Mapping[str, Any]
    setting: Mapping[str, Any]


def in_process(index: Path, encoder: str, system: str, limit: int | None = None) -> Target:
    """Load an index and, the first time, the models, and answer with one of the systems."""
    began = time.perf_counter()
    files = locate_model(encoder)
    generation = load_generation(index, files)
    models = _models(files)
    answer: System = SYSTEMS[system]

    def ask(question: Question) -> Attempt:
        filters = Filters(document_ids=question.within)
        asked = in_full(question.question, question.history)
        attempt = answer(generation, models, asked, limit, filters)
        return replace(attempt, answer=as_written(attempt.answer, question.question))

    inputs = {
        "system": system,
        "limit": limit,
        "answered_from": answered_from(),
        "generation": generation.id,
        "encoder": f"{files.name} {files.sha256}",
        "reranker": f"{models.reranker.files.name} {models.reranker.files.sha256}",
        "reader": f"{models.reader.files.name} {models.reader.files.sha256}",
        "code": code_digest(),
        "libraries": {name: version(name) for name in (*LIBRARIES, "onnxruntime", "tokenizers")},
    }
    loaded = {"load_seconds": round(time.perf_counter() - began, 2), "commit": _commit()}
    return Target(ask, generation.documents, inputs, loaded)


@cache
def _models(encoder: ModelFiles) -> Models:
    """The models; several runs of one process share them."""
    return load_models(encoder)


def run(
    target: Target,
    gold: Path,
    questions: Sequence[Question],
    out: Path,
    restart: bool,
    track: Track,
) -> Manifest:
    """Ask every question that `out` has no answer to yet, and write all files of a run there.

    Raises GoldError when a quote is not in the target's papers, and EvalError when `out` holds
    another run, unless `restart` says to begin anew.
    """
    check_questions(gold, questions, target.documents)
    texts = {name: document.text for name, document in target.documents.items()}
    inputs = {
        "questions": gold.name,
        "questions_sha256": questions_digest(questions),
        "documents_sha256": texts_digest(texts),
        **target.inputs,
    }
    manifest = Manifest(inputs, dict(target.setting), len(questions), complete=False)
    records = _begin(out, manifest, questions, restart)
    write_inputs(out, questions, texts)
    if len(records) < len(questions):
        write_manifest(out, manifest)
        records += _ask_rest(target, questions, records, out, track)
    qrels, ranking = qrels_lines(questions), run_lines(questions, records)
    (out / QRELS).write_text("".join(f"{line}\n" for line in qrels), encoding="utf-8")
    (out / RUN).write_text("".join(f"{line}\n" for line in ranking), encoding="utf-8")
    before = read_manifest(out)
    if before is not None and before.complete:
        return before  # nothing was asked
    done = replace(
        manifest, complete=True, setting={**manifest.setting, "memory_mib": _memory_mib()}
    )
    write_manifest(out, done)
    return done


def _begin(
    out: Path, manifest: Manifest, questions: Sequence[Question], restart: bool
) -> list[Record]:
    """Make the folder ready; return the answers it already has to the same questions."""
    out.mkdir(parents=True, exist_ok=True)
    try:
        before = read_manifest(out)
    except EvalError:
        if not restart:
            raise
        before = None
    same = before is not None and before.inputs == json.loads(json.dumps(manifest.inputs))
    if not same and not restart:
        if before is not None:
            differs = sorted(
                name
                for name in before.inputs.keys() | manifest.inputs.keys()
                if before.inputs.get(name) != manifest.inputs.get(name)
            )
            raise EvalError(
                f"{out} holds another run ({', '.join(differs)} differ): "
                "name another folder with --out, or begin anew with --restart"
            )
        if (out / ANSWERS).exists():
            raise EvalError(
                f"{out} holds {ANSWERS} but no manifest: "
                "name another folder with --out, or begin anew with --restart"
            )
    if not same:
        (out / ANSWERS).unlink(missing_ok=True)
        (out / MANIFEST).unlink(missing_ok=True)
    records = usable_records(out, questions)
    lines = "".join(f"{record_line(one)}\n" for one in records).encode()
    if (out / ANSWERS).exists() and (out / ANSWERS).read_bytes() != lines:
        (out / ANSWERS).write_bytes(lines)  # without what cannot be read, or is there twice
    return records


def _ask_rest(
    target: Target,
    questions: Sequence[Question],
    records: Sequence[Record],
    out: Path,
    track: Track,
) -> list[Record]:
    done = {record.question_id for record in records}
    twice = {question.id for question in questions[::ASKED_TWICE]}
    found = []
    with (out / ANSWERS).open("a", encoding="utf-8") as answers:
        for question in track([question for question in questions if question.id not in done]):
            record = _ask(target, question, question.id in twice)
            answers.write(record_line(record) + "\n")
            answers.flush()
            found.append(record)
    return found


def _ask(target: Target, question: Question, twice: bool) -> Record:
    before = time.perf_counter()
    attempt = target.ask(question)
    milliseconds = round(1000 * (time.perf_counter() - before), 1)
    same = _repeatable(target.ask(question)) == _repeatable(attempt) if twice else None
    return Record(question.id, milliseconds, attempt.answer, attempt.first, attempt.found, same)


def _repeatable(attempt: Attempt) -> Attempt:
    """All of an attempt that must be the same a second time."""
    return replace(attempt, answer=replace(attempt.answer, id="", took_ms=0))


def code_digest() -> str:
    """Return one SHA-256 over the code that answers depend on."""
    top = Path(__file__).parent.parent
    hashed = hashlib.sha256()
    for path in sorted(path for pattern in ASKING_CODE for path in top.glob(pattern)):
        hashed.update(f"{path.parent.name}/{path.name}\n".encode())
        hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()


def _commit() -> str | None:
    """The commit that is checked out, None without git."""
    try:
        said = subprocess.run(  # noqa: S603 - a fixed command; git is where the PATH says
            ("git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"),  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return said.stdout.strip()


def _memory_mib() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB; bytes on macOS
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)
