"""Public question sets in one schema, made into a corpus folder and questions like any other.

A set is a folder with `docs.jsonl` ({doc_id, title, text}) and `questions.jsonl` ({qid, question,
answerable, evidence_mode, evidence: [{doc_id, start, end, text}], meta}). "any": the spans are
alternatives for one fact; "all": each is a fact of its own.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.questions import Evidence, Fact, GoldError, Question
from ingest.documents import METADATA_FILE, read_document, read_metadata
from service.requests import LONGEST_QUESTION, MOST_HISTORY

_SAMPLED = "scrutineer"  # put before an id when sampling, so that samples are the same everywhere


def is_public_set(path: Path) -> bool:
    """True for a folder in the schema of the public sets."""
    return (path / "docs.jsonl").is_file() and (path / "questions.jsonl").is_file()


def write_corpus(source: Path, folder: Path) -> None:
    """Write a set's documents as `.txt` files with a `documents.toml`; nothing if that is done.

    The texts are written as they are, so that the evidence's offsets hold.
    """
    done = folder / METADATA_FILE
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    titles = []
    for record in _records(source / "docs.jsonl"):
        titles += _write_document(record, folder)
    done.write_text("\n".join(titles), encoding="utf-8")


def write_crowd(corpus: Path, sets: Sequence[Path], folder: Path, count: int) -> None:
    """Write a corpus together with `count` documents of public sets, taken from them in turn.

    Raises GoldError when they have fewer.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(corpus, folder)
    records = [record for source in sets for record in _records(source / "docs.jsonl")]
    if len(records) < count:
        raise GoldError(f"the public sets hold {len(records)} documents, {count} are wanted")
    with (folder / METADATA_FILE).open("a", encoding="utf-8") as metadata:
        for record in records[:count]:
            metadata.writelines(f"\n{entry}" for entry in _write_document(record, folder))


def _write_document(record: Mapping[str, Any], folder: Path) -> list[str]:
    """Write one document of a set; return its entry for `documents.toml`, none without a title."""
    name = document_id(record["doc_id"])
    (folder / f"{name}.txt").write_bytes(record["text"].encode())
    title = " ".join(record["title"].split())
    return [f"[{_toml(name)}]\ntitle = {_toml(title)}\n"] if title else []


def write_some(corpus: Path, names: Iterable[str], folder: Path) -> None:
    """Write some papers of a corpus, with what its `documents.toml` says of them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    known = read_metadata(corpus / METADATA_FILE)
    with (folder / METADATA_FILE).open("w", encoding="utf-8") as metadata:
        for name in sorted(set(names)):
            shutil.copyfile(corpus / f"{name}.txt", folder / f"{name}.txt")
            fields = [f"{field} = {_toml(value)}" for field, value in known.get(name, {}).items()]
            metadata.write("\n".join([f"[{_toml(name)}]", *fields, "\n"]))


def _toml(text: str) -> str:
    """A text as a TOML string: JSON's, but for what TOML does not allow in one."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def document_id(doc_id: str) -> str:
    """Return a file name that stands for a set's own id, distinct for distinct ids."""
    readable = re.sub(r"[^a-zA-Z0-9]+", "-", doc_id).strip("-")[:60]
    return f"{readable}-{hashlib.sha256(doc_id.encode()).hexdigest()[:8]}"


def read_set(
    source: Path, sample: int | None = None, only: str | None = None, within: bool = False
) -> list[Question]:
    """Return a set's questions.

    `sample` keeps that many, the same ones each time; `only` keeps those whose `meta` says so
    ("first_turn"); `within` asks each of the one document that it belongs to.
    """
    records = _records(source / "questions.jsonl")
    if only:
        records = [record for record in records if record["meta"].get(only)]
    if sample is not None:
        records = sorted(records, key=lambda record: _hash(record["qid"]))[:sample]
    if not records:
        raise GoldError(f"{source}: no question is left of the set")
    try:
        return [_question(record, within) for record in records]
    except KeyError as error:
        raise GoldError(f"{source}: a question lacks the field {error}") from error


def read_qrels(source: Path, corpus: Path) -> list[Question]:
    """Return a BEIR set's test questions, with each relevant document as a fact, whole.

    This is what published figures for retrieval are measured on. `corpus` is the folder that
    `write_corpus` made of the set.
    """
    relevant: dict[str, list[str]] = {}
    qrels = source / "qrels" / "test.tsv"
    if not qrels.is_file():
        raise GoldError(f"{qrels} is not there: --whole is for sets in BEIR's form")
    for line in qrels.read_text(encoding="utf-8").splitlines()[1:]:
        qid, doc_id, score = line.split("\t")
        if int(score) > 0:
            relevant.setdefault(qid, []).append(document_id(doc_id))
    asked = {record["_id"]: record["text"] for record in _records(source / "queries.jsonl")}
    return [
        Question(qid, asked[qid], "lookup", _whole_documents(names, corpus), style="public")
        for qid, names in relevant.items()
    ]


def _question(record: Mapping[str, Any], within: bool) -> Question:
    spans = list(
        dict.fromkeys(
            Evidence(document_id(one["doc_id"]), one["start"], one["end"], one["text"])
            for one in record["evidence"]
        )
    )
    groups = [tuple(spans)] if record["evidence_mode"] == "any" else [(span,) for span in spans]
    facts = tuple(
        Fact(f"f{number}", "vital", group) for number, group in enumerate(groups, start=1) if group
    )
    home = record["meta"].get("doc_id")
    if within and home is None:
        raise GoldError(f"{record['qid']} does not say which document it belongs to")
    return Question(
        id="_".join(str(record["qid"]).split()),
        question=record["question"],
        kind="lookup" if facts else "near-miss",
        facts=facts,
        style="public",
        within=(document_id(home),) if within else (),
        history=_asked_before(record["meta"]),
    )


def _asked_before(meta: Mapping[str, Any]) -> tuple[str, ...]:
    """What the user said earlier in a dialogue, oldest first, as far as AskRequest takes it."""
    turns = reversed(meta.get("history_newest_first", []))
    said = [turn.removeprefix("user:") for turn in turns if turn.startswith("user:")]
    return tuple(turn[:LONGEST_QUESTION] for turn in said if turn.strip())[-MOST_HISTORY:]


def _whole_documents(names: Sequence[str], corpus: Path) -> tuple[Fact, ...]:
    texts = [read_document(corpus / f"{name}.txt", {}).text for name in names]
    spans = [Evidence(name, 0, len(text), text) for name, text in zip(names, texts, strict=True)]
    return tuple(Fact(f"f{n}", "vital", (span,)) for n, span in enumerate(spans, start=1))


def _records(path: Path) -> Sequence[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise GoldError(f"{path} cannot be read: {error}") from error


def _hash(qid: str) -> str:
    return hashlib.sha256(f"{_SAMPLED}{qid}".encode()).hexdigest()
