"""The commands as a person types them: real processes, exit codes, and no traceback ever."""

import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from conftest import CORPUS
from server import run, running_service, start_service

from ingest.generations import GENERATIONS, POINTER, read_pointer

DELAY = "why was publication delayed?"


def refused(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_service_answers_over_http(built_index: Path) -> None:
    with running_service(built_index) as address:
        request = urllib.request.Request(
            f"{address}/ask",
            json.dumps({"question": DELAY}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request) as response:
            answer = json.load(response)
    assert answer["citations"][0]["section"] == "2.1"


def test_a_paper_that_may_not_be_read_is_named(index: Path, corpus: Path) -> None:
    paper = corpus / "mercury-2021-good-rating.txt"
    paper.chmod(0)
    result = run("ingest", str(corpus), "--index", str(index), before=unprivileged())
    assert f"{paper} cannot be read" in refused(result)


def test_a_terminal_without_unicode_gets_the_answer_too(built_index: Path) -> None:
    result = run("service", "ask", "Who was sacked?", "--index", str(built_index), encoding="ascii")
    assert (result.returncode, result.stderr) == (0, "")


def test_ctrl_c_ends_it_without_a_traceback(built_index: Path) -> None:
    process, _ = start_service(built_index)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "")


def test_one_question_in_the_terminal(built_index: Path) -> None:
    result = run("service", "ask", DELAY, "--index", str(built_index))
    assert result.returncode == 0
    assert result.stderr == ""
    quote, source, *_ = result.stdout.splitlines()
    assert quote.startswith("The publication of the report by several months was due to Ofsted")
    assert source.strip().endswith("Leicester City Council, 2025, 2.1")


def test_one_question_in_the_terminal_for_programs(built_index: Path) -> None:
    result = run("service", "ask", DELAY, "--json", "--index", str(built_index))
    assert json.loads(result.stdout)["citations"][0]["section"] == "2.1"


def test_what_is_not_in_the_papers_is_said_in_the_terminal(built_index: Path) -> None:
    result = run("service", "ask", "when are the bins collected", "--index", str(built_index))
    assert result.returncode == 0
    assert result.stdout.startswith("Not in the documents")


@pytest.mark.parametrize("question", ["", "x" * 1001, "a\x01b"])
def test_a_question_that_does_not_fit_is_refused(built_index: Path, question: str) -> None:
    assert "question" in refused(run("service", "ask", question, "--index", str(built_index)))


@pytest.mark.parametrize("command", [[], ["ask", DELAY]])
def test_without_an_index_it_says_what_to_type(tmp_path: Path, command: list[str]) -> None:
    result = run("service", *command, "--index", str(tmp_path / "none"))
    assert f"python -m ingest --index {tmp_path / 'none'}" in refused(result)


@pytest.mark.parametrize("command", [["--port", "0"], ["ask", DELAY]])
def test_a_damaged_index_is_refused_before_anything_is_served(
    index: Path, command: list[str]
) -> None:
    vectors = index / GENERATIONS / read_pointer(index).generation / "vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-4])
    assert "vectors.faiss has" in refused(run("service", *command, "--index", str(index)))


def test_an_index_of_another_encoder_is_refused(index: Path, tmp_path: Path) -> None:
    other = tmp_path / "model"
    other.mkdir()
    (other / "model.safetensors").write_bytes(b"other weights")
    result = run("service", "ask", DELAY, "--index", str(index), "--encoder", str(other))
    assert "was built with the encoder" in refused(result)


def test_a_port_in_use_is_named(built_index: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run("service", "--index", str(built_index), "--port", port)
    message = refused(result)
    assert f"port {port}" in message
    assert "--port" in message


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_a_port_that_is_none_is_refused(built_index: Path, port: str) -> None:
    assert "--port" in refused(run("service", "--index", str(built_index), f"--port={port}"))


def test_what_is_not_described_or_not_read_is_noted(corpus: Path, index: Path) -> None:
    (corpus / "extra.txt").write_text("The library will open on Sundays.\n")
    (corpus / "scan.pdf").write_bytes(b"%PDF")
    result = run("ingest", str(corpus), "--index", str(index))
    assert result.returncode == 0
    assert "note: extra.txt has no entry in documents.toml" in result.stderr
    assert "note: scan.pdf was left out" in result.stderr


def test_building_verifying_and_building_again(tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    first = run("ingest", str(CORPUS), "--index", index)
    assert "5 documents" in first.stdout
    assert "published generation" in first.stdout
    assert run("ingest", str(CORPUS), "--index", index).stdout.startswith("nothing changed")
    summary = json.loads(run("ingest", str(CORPUS), "--index", index, "--json").stdout)
    assert (summary["documents"], summary["changed"]) == (5, False)
    assert "is whole" in run("ingest", "verify", "--index", index).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no folder nowhere"),
        (["verify", "--index", "nowhere"], "there is no index in nowhere"),
        (["show", "nothing"], "there is no document 'nothing'"),
        (["--encoder", "no-such/model"], "there is no model 'no-such/model'"),
        (["--index", "/proc/scrutineer"], "/proc/scrutineer cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: list[str], said: str) -> None:
    assert said in refused(run("ingest", *arguments))


def test_show_prints_what_was_understood() -> None:
    shown = run("ingest", "show", "council-2025-scrutiny-report").stdout
    assert "2.1" in shown
    assert "passage 1" in shown
    assert "left out inside: 1.3" in shown
    assert "furniture: Skip to content" in run("ingest", "show", CORPUS_2017).stdout


CORPUS_2017 = "council-2017-sustained-progress"


def unprivileged() -> list[str]:
    """What to put before a command so that a folder's permissions hold, even for root."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and setpriv is not here to take that away")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def test_a_read_only_index_serves_and_is_not_written(index: Path, corpus: Path) -> None:
    (corpus / "extra.txt").write_text("The library will open on Sundays.\n")
    folders = [index, *(path for path in index.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    (index / ".lock").chmod(0o444)
    try:
        build = run("ingest", str(corpus), "--index", str(index), before=unprivileged())
        assert "cannot be written" in refused(build)
        result = run("service", "ask", DELAY, "--json", "--index", str(index))
        assert json.loads(result.stdout)["status"] == "answered"
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert (index / POINTER).exists()


def test_a_command_in_the_wrong_place_is_explained() -> None:
    assert "right after `python -m ingest`" in refused(run("ingest", "--index", "x", "verify"))
    assert "write `ask` first" in refused(run("service", "--index", "x", "ask", "what?"))
