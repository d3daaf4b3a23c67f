"""A real service process on a free port, ended by its id."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from conftest import ROOT

ENVIRONMENT = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}


def start_service(index: Path) -> tuple[subprocess.Popen[str], str]:
    """Start `python -m service` and wait for the line that says where; return it and that."""
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "--index", str(index), "--port", "0"],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return process, found.group()
    raise AssertionError(f"the service did not start: {said}")


@contextmanager
def running_service(index: Path) -> Iterator[str]:
    """A service at an address, ended afterwards."""
    process, address = start_service(index)
    try:
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=30)


def run(
    module: str, *arguments: str, before: Sequence[str] = (), encoding: str = "utf-8"
) -> subprocess.CompletedProcess[str]:
    """Run `python -m module …` to its end, `before` put in front of it."""
    return subprocess.run(
        [*before, sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**ENVIRONMENT, "PYTHONIOENCODING": encoding},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
