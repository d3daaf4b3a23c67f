"""What people say of answers, kept in one SQLite file for a person to review.

Nothing is kept of who said it: no address, cookie, session, account or browser. What a person
writes into the question or the note is kept as it is.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:  # the libraries of answers take a second, and a file is refused before
    from service.answers import Answer

Verdict = Literal["helpful", "wrong", "elsewhere"]
MOST_PAGES = 65_536  # of 4 KiB each, 256 MiB: strangers may write, and must not fill the disk
_PATIENCE = 10.0  # seconds to wait for another process that holds the file
_APPLICATION, _FORMAT = 0x53637246, 1  # "ScrF" in the file's header; raise _FORMAT with the table
_TABLE = """
CREATE TABLE IF NOT EXISTS feedback (
    number INTEGER PRIMARY KEY,
    said_at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    question TEXT NOT NULL,
    generation TEXT NOT NULL,
    citations TEXT NOT NULL,
    paper TEXT,
    note TEXT NOT NULL
)"""


class FeedbackError(Exception):
    """The file of feedback cannot be used; the message says why, and what to type."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A citation as it was shown: `[start, end)` of the document, in code points."""

    document_id: str
    start: int
    end: int
    cited_text: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person said of one answer. It holds nothing about the person.

    `when` is UTC in ISO 8601, to the second. `citations` are what the generation cites for the
    question, best first; none when it was not found. `paper` is the id of the document that was
    named as holding the answer.
    """

    when: str
    verdict: Verdict
    question: str
    generation: str
    citations: tuple[Shown, ...]
    paper: str | None = None
    note: str = ""


_FEEDBACK = TypeAdapter(Feedback)


def feedback_on(answer: "Answer", verdict: Verdict, paper: str | None, note: str) -> Feedback:
    """Return what is kept of a verdict on an answer that the service gave just now."""
    shown = tuple(
        Shown(one.document_id, one.start_char_index, one.end_char_index, one.cited_text)
        for one in answer.citations
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Feedback(now, verdict, answer.question, answer.index.generation, shown, paper, note)


class FeedbackStore:
    """Appends to a file of feedback, from any thread.

    The file is opened anew for each write, so that between two writes it is whole and alone, to be
    copied or moved away. A new file can be read by its owner only.
    """

    def __init__(self, path: Path) -> None:
        """Make the file, or look at the one that is there. Raises FeedbackError."""
        self.path = path
        self._writing = threading.Lock()
        with self._transaction():  # what could not be written later is said now
            pass

    def add(self, feedback: Feedback) -> None:
        """Write one, and return when it is on the disk. Raises FeedbackError when it is not."""
        row = asdict(feedback) | {"citations": json.dumps([asdict(c) for c in feedback.citations])}
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO feedback (said_at, verdict, question, generation, citations, paper, "
                "note) VALUES (:when, :verdict, :question, :generation, :citations, :paper, :note)",
                row,
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            _make_private(self.path)
            with _connected(self.path, "rw") as connection:
                if _is_new(connection):
                    with suppress(sqlite3.OperationalError):  # another process is doing it
                        connection.execute("PRAGMA journal_mode = WAL")
                else:
                    _check_ours(connection, self.path)
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(f"PRAGMA max_page_count = {MOST_PAGES}")
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {_FORMAT}")
                yield connection
                connection.execute("COMMIT")  # without it, closing takes all back


def read_feedback(path: Path) -> list[Feedback]:
    """Return all that a file holds, the first said first. Raises FeedbackError."""
    if not path.exists():
        raise FeedbackError(
            f"there is no file {path}: `python -m service --feedback {path}` makes and fills it"
        )
    with _connected(path, "ro") as connection:
        _check_ours(connection, path)
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT * FROM feedback ORDER BY number").fetchall()
    return [_feedback(path, dict(row)) for row in rows]


def _feedback(path: Path, row: dict[str, object]) -> Feedback:
    number = row.pop("number")
    try:
        citations = json.loads(str(row["citations"]))
        return _FEEDBACK.validate_python(row | {"when": row.pop("said_at"), "citations": citations})
    except (ValueError, ValidationError) as error:
        raise FeedbackError(
            f"{path}: number {number} of its table is not as the service wrote it: delete it there"
        ) from error


@contextmanager
def _connected(path: Path, mode: Literal["rw", "ro"]) -> Iterator[sqlite3.Connection]:
    """A connection that is closed at the end; whatever SQLite refuses is a FeedbackError."""
    address = f"{path.resolve().as_uri()}?mode={mode}"
    try:
        with closing(
            sqlite3.connect(address, timeout=_PATIENCE, isolation_level=None, uri=True)
        ) as connection:
            yield connection
    except sqlite3.Error as error:
        raise _refused(path, error) from error


def _make_private(path: Path) -> None:
    """Make the file where there is none, for its owner only; SQLite's files beside it follow."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise _refused(path, error.strerror) from error


def _is_new(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    return bool(tables == 0 and application == 0)


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise _refused(path, "it is a database of something else")
    if found != _FORMAT:
        raise _refused(path, f"it has the format {found}, this version writes {_FORMAT}")


def _refused(path: Path, why: object) -> FeedbackError:
    return FeedbackError(f"{path} cannot be used for feedback ({why}): name another file")
