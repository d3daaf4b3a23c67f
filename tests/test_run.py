"""A run: what it leaves, that it goes on after an interruption, and the same over HTTP."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from conftest import ROOT
from server import ENVIRONMENT, running_service
from server import run as command

from eval.questions import QUESTIONS, GoldError, Question, read_questions, to_line
from eval.records import ANSWERS, MANIFEST, EvalError, Record, read_records, read_run
from eval.remote import over_http
from eval.run import Target, in_process, run
from eval.systems import SYSTEMS, Attempt
from ingest.documents import Document
from ingest.models import DEFAULT_ENCODER

SOME = read_questions()[:12]


@pytest.fixture(scope="module")
def target(built_index: Path) -> Target:
    return in_process(built_index, DEFAULT_ENCODER, "full")


@pytest.fixture(scope="module")
def finished(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "full"
    run(target, QUESTIONS, SOME, out, restart=False, track=iter)
    return out


def without_times(records: list[Record]) -> list[Record]:
    return [
        replace(one, milliseconds=0, answer=replace(one.answer, id="", took_ms=0))
        for one in records
    ]


def refuse_after(target: Target, questions: int) -> Target:
    """A target that stops answering."""
    left = iter(range(questions))

    def ask(question: Question) -> Attempt:
        if next(left, None) is None:
            raise EvalError("gone")
        return target.ask(question)

    return replace(target, ask=ask)


def test_a_run_holds_all_that_was_asked_and_answered(finished: Path, target: Target) -> None:
    found = read_run(finished)
    assert [one.id for one in found.questions] == [one.id for one in SOME]
    assert list(found.records) == [one.id for one in SOME]
    assert found.texts == {name: one.text for name, one in target.documents.items()}
    assert found.manifest.inputs["encoder"].endswith(
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    )
    assert found.records[SOME[0].id].same_again is True


def test_an_interrupted_run_goes_on_and_loses_nothing(
    target: Target, finished: Path, tmp_path: Path
) -> None:
    with pytest.raises(EvalError, match="gone"):
        run(refuse_after(target, 5), QUESTIONS, SOME, tmp_path, restart=False, track=iter)
    kept = read_records(tmp_path)
    assert 0 < len(kept) < len(SOME)
    with pytest.raises(
        EvalError, match=rf"holds {len(kept)} of 12 answers, not that to .*: type the same"
    ):
        read_run(tmp_path)
    with (tmp_path / ANSWERS).open("a", encoding="utf-8") as answers:
        answers.write('{"question_id": "p0')  # killed while it wrote
    asked: list[Question] = []
    run(
        target,
        QUESTIONS,
        SOME,
        tmp_path,
        restart=False,
        track=lambda rest: asked.extend(rest) or rest,  # type: ignore[func-returns-value]
    )
    assert [one.id for one in asked] == [one.id for one in SOME[len(kept) :]]
    assert read_records(tmp_path)[: len(kept)] == kept
    assert without_times(read_records(tmp_path)) == without_times(read_records(finished))


def test_a_finished_run_is_not_asked_again(target: Target, finished: Path) -> None:
    before = (finished / ANSWERS).read_bytes()
    run(refuse_after(target, 0), QUESTIONS, SOME, finished, restart=False, track=iter)
    assert (finished / ANSWERS).read_bytes() == before


def test_a_folder_with_another_run_is_left_alone(target: Target, finished: Path) -> None:
    other = replace(target, inputs={**target.inputs, "limit": 5})
    before = (finished / ANSWERS).read_bytes()
    with pytest.raises(EvalError, match=r"holds another run \(limit differ\).*--restart"):
        run(other, QUESTIONS, SOME, finished, restart=False, track=iter)
    assert (finished / ANSWERS).read_bytes() == before


def test_restart_begins_another_run_in_the_folder(target: Target, tmp_path: Path) -> None:
    run(target, QUESTIONS, SOME[:2], tmp_path, restart=False, track=iter)
    run(target, QUESTIONS, SOME[2:3], tmp_path, restart=True, track=iter)
    assert list(read_run(tmp_path).records) == [SOME[2].id]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda lines: lines[:1], r"holds 1 of 2 answers, not that to"),
        (lambda lines: [*lines, lines[0]], r"answers\.jsonl has answers too many"),
        (lambda lines: [lines[0], "{}"], r"answers\.jsonl line 2 cannot be read \(question_id: "),
        (lambda lines: [lines[0], lines[1][:-9]], r"line 2 cannot be read \(Invalid JSON"),
    ],
)
def test_damaged_answers_are_named_and_the_same_command_mends_them(
    target: Target, tmp_path: Path, damage: Callable[[list[str]], list[str]], told: str
) -> None:
    run(target, QUESTIONS, SOME[:2], tmp_path, restart=False, track=iter)
    before = read_records(tmp_path)
    lines = damage((tmp_path / ANSWERS).read_text(encoding="utf-8").splitlines())
    (tmp_path / ANSWERS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(EvalError, match=f"{told}.*type the same `python -m eval run` again"):
        read_run(tmp_path)
    run(target, QUESTIONS, SOME[:2], tmp_path, restart=False, track=iter)
    assert without_times(read_records(tmp_path)) == without_times(before)
    assert len(read_run(tmp_path).records) == 2


@pytest.mark.parametrize("name", ["questions", "documents"])
def test_gold_or_papers_that_were_altered_are_not_scored(
    target: Target, tmp_path: Path, name: str
) -> None:
    run(target, QUESTIONS, SOME[:2], tmp_path, restart=False, track=iter)
    path = tmp_path / f"{name}.jsonl"
    path.write_text(path.read_text("utf-8").replace("Leicester", "Nottingham"), "utf-8")
    with pytest.raises(EvalError, match=rf"{name}\.jsonl was altered after the run"):
        read_run(tmp_path)
    run(target, QUESTIONS, SOME[:2], tmp_path, restart=False, track=iter)
    assert len(read_run(tmp_path).records) == 2


def test_a_paper_may_hold_unusual_line_ends(target: Target, tmp_path: Path) -> None:
    odd = {"odd": Document("odd", "One.\u2028Two.\u0085Three.", "Odd")}
    nobody = [replace(SOME[0], facts=(), kind="near-miss")]
    run(replace(target, documents=odd), QUESTIONS, nobody, tmp_path, restart=False, track=iter)
    assert read_run(tmp_path).texts == {"odd": "One.\u2028Two.\u0085Three."}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--sample", "3"], "--sample is for public sets"),
        (["--within"], "--within is for public sets"),
        (["--url", ""], "'' is not an address"),
        (["--url", "http://[::1"], "is not an address"),
        (["--set", "none.jsonl"], "none.jsonl cannot be read"),
    ],
)
def test_an_option_that_cannot_be_meant_is_told(
    tmp_path: Path, options: list[str], told: str
) -> None:
    result = command("eval", "run", "--out", str(tmp_path / "out"), *options)
    assert result.returncode == 1
    assert told in result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


def test_more_citations_than_ask_gives_cannot_be_asked_for(tmp_path: Path) -> None:
    result = command("eval", "run", "--out", str(tmp_path), "--limit", "11")
    assert result.returncode == 2
    assert "argument --limit: invalid choice: 11" in result.stderr


def test_gold_of_other_papers_is_refused(target: Target, tmp_path: Path) -> None:
    fewer = replace(target, documents={})
    with pytest.raises(GoldError, match="there is no document"):
        run(fewer, QUESTIONS, SOME, tmp_path, restart=False, track=iter)
    assert not (tmp_path / MANIFEST).exists()


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_every_system_quotes_the_papers(built_index: Path, system: str) -> None:
    asked = in_process(built_index, DEFAULT_ENCODER, system)
    answer = asked.ask(SOME[0]).answer
    assert answer.citations
    for one in answer.citations:
        text = asked.documents[one.document_id].text
        assert text[one.start_char_index : one.end_char_index] == one.cited_text


def test_a_question_can_be_asked_of_one_paper(built_index: Path) -> None:
    only = replace(SOME[0], within=("mercury-2021-good-rating",))
    for system in SYSTEMS:
        found = in_process(built_index, DEFAULT_ENCODER, system).ask(only).found
        assert found
        assert {place.document_id for place in found} <= {"mercury-2021-good-rating"}


def test_over_http_the_answers_are_those_of_the_process(
    built_index: Path, finished: Path, tmp_path: Path
) -> None:
    gold, out = finished / "questions.jsonl", tmp_path / "url"
    with running_service(built_index) as address:
        result = command("eval", "run", "--set", str(gold), "--url", address, "--out", str(out))
    assert (result.returncode, result.stderr) == (0, "")
    here, there = without_times(read_records(finished)), without_times(read_records(out))
    assert [one.answer for one in there] == [one.answer for one in here]
    for one, other in zip(here, there, strict=True):
        assert one.found[: len(other.found)] == other.found != ()


class Service(BaseHTTPRequestHandler):
    """Something that listens and is not quite a Scrutineer; `replies` are its answers in turn."""

    replies: Iterator[tuple[int, bytes]]
    documents: bytes = b"[]"

    def do_GET(self) -> None:
        self.reply(200, self.documents)

    def do_POST(self) -> None:
        self.reply(*next(self.replies))

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Start a service with given replies; return its address."""
    servers = []

    def start(
        *given: tuple[int, bytes],
        replies: Iterator[tuple[int, bytes]] | None = None,
        documents: bytes = b"[]",
    ) -> str:
        turns = replies or iter(given)
        handler = type("Handler", (Service,), {"replies": turns, "documents": documents})
        server = HTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_an_address_where_nothing_listens_is_told(serve: Callable[..., str]) -> None:
    with pytest.raises(EvalError, match="did not answer its list of documents"):
        over_http("http://127.0.0.1:9")
    with pytest.raises(EvalError, match="is not an address"):
        over_http("localhost:8000")


def test_something_else_that_listens_is_told(serve: Callable[..., str]) -> None:
    with pytest.raises(EvalError, match="is not a list of documents: is it a Scrutineer"):
        over_http(serve(documents=b"<html>"))


def test_a_service_that_stops_answering_loses_nothing(
    serve: Callable[..., str], finished: Path, tmp_path: Path
) -> None:
    lines = (finished / ANSWERS).read_text(encoding="utf-8").splitlines()
    good = [json.dumps(json.loads(line)["answer"]).encode() for line in lines]
    nobody = [replace(one, facts=(), kind="near-miss") for one in SOME[:3]]
    address = serve((200, good[0]), (200, good[0]), (200, good[1]), (503, b"busy"))
    with pytest.raises(EvalError, match=rf"refused question {SOME[2].id}: 503.*the same command"):
        run(over_http(address), QUESTIONS, nobody, tmp_path, restart=False, track=iter)
    assert [one.question_id for one in read_records(tmp_path)] == [SOME[0].id, SOME[1].id]


def test_ctrl_c_stops_a_run_that_goes_on_later(
    serve: Callable[..., str], finished: Path, tmp_path: Path
) -> None:
    lines = (finished / ANSWERS).read_text(encoding="utf-8").splitlines()
    good = [json.dumps(json.loads(line)["answer"]).encode() for line in lines]
    gold, out = tmp_path / "gold.jsonl", tmp_path / "out"
    nobody = [replace(one, facts=(), kind="near-miss") for one in SOME[:4]]
    gold.write_text("\n".join(to_line(one) for one in nobody), encoding="utf-8")
    started: list[subprocess.Popen[str]] = []

    def replies() -> Iterator[tuple[int, bytes]]:
        yield from ((200, good[0]), (200, good[0]), (200, good[1]))
        started[0].send_signal(signal.SIGINT)
        yield 200, good[2]

    address = serve(replies=replies())
    arguments = ["run", "--set", str(gold), "--url", address, "--out", str(out)]
    started.append(
        subprocess.Popen(
            [sys.executable, "-m", "eval", *arguments],
            cwd=ROOT,
            env=ENVIRONMENT,
            stderr=subprocess.PIPE,
            text=True,
        )
    )
    _, said = started[0].communicate(timeout=60)
    assert (started[0].returncode, said) == (
        130,
        "stopped: the same command goes on from here\n",
    )
    assert [one.question_id for one in read_records(out)][:2] == [SOME[0].id, SOME[1].id]


@pytest.mark.parametrize(
    ("body", "told"), [(b"hello", "Invalid JSON"), (b'{"id": "x"}', "question: Field required")]
)
def test_an_answer_that_is_none_is_told(serve: Callable[..., str], body: bytes, told: str) -> None:
    with pytest.raises(EvalError, match=f"not an answer.*{told}"):
        over_http(serve((200, body))).ask(SOME[0])
