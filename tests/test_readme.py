"""The README is true: its commands run, and its answers are what comes back."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from server import ENVIRONMENT, running_service

from service.confidence import answered_from

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]


def blocks(kind: str) -> list[str]:
    return [block for found, block in BLOCKS if found == kind]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def test_every_command_is_one_that_a_test_here_knows() -> None:
    known = ("make run", "make test", "make eval", "python -m ", "curl -s http://127.0.0.1:8000/")
    assert COMMANDS
    assert [command for command in COMMANDS if not command.startswith(known)] == []


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("python")])
def test_each_python_command_runs(command: str, index: Path) -> None:
    words = [sys.executable if word == "python" else word for word in shlex.split(command)]
    if "--index" in words:
        words[words.index("--index") + 1] = str(index)
    elif "show" not in words:
        words += ["--index", str(index)]
    result = run(words)
    assert result.returncode == 0, result.stderr
    if "ask" in words:
        assert result.stdout.strip() == blocks("text")[0].strip()


def test_the_curl_command_gets_the_answer_shown(built_index: Path) -> None:
    (command,) = [c for c in COMMANDS if c.startswith("curl")]
    with running_service(built_index) as address:
        result = run(shlex.split(command.replace("http://127.0.0.1:8000", address)))
    answer = json.loads(result.stdout)
    shown = json.loads(blocks("json")[0])
    assert {name: answer[name] for name in shown} == shown


def test_the_confidence_from_which_an_answer_is_shown_is_the_one_named() -> None:
    assert f"from {answered_from():.2f} of which it is shown" in README


def test_make_run_types_the_commands_of_the_readme() -> None:
    typed = run(["make", "-n", "run", "PORT=8080", "HOST=0.0.0.0"]).stdout
    assert "python -m ingest corpus --index .index" in typed
    assert "python -m service --index .index --host 0.0.0.0 --port 8080" in typed
    assert "python -m eval all --corpus corpus" in run(["make", "-n", "eval"]).stdout


def test_make_help_lists_every_target_of_the_readme() -> None:
    listed = run(["make", "help"]).stdout
    for target in ("install", "run", "test", "eval", "lint", "format"):
        assert f"make {target}" in listed


def test_every_file_the_readme_names_is_there() -> None:
    for name in re.findall(r"`((?:ingest|service|eval|corpus)/[\w./-]*)`", README):
        assert os.path.exists(ROOT / name), name
