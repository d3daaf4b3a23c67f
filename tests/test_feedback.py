"""Feedback: off unless asked for, safe from strangers, private, and exported for a person."""

import json
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import CHROMIUM, FLAGS, needs_chromium
from conftest import ROOT
from playwright.sync_api import sync_playwright
from server import ENVIRONMENT, run, running_service
from starlette.testclient import TestClient

from eval.__main__ import main
from eval.feedback import TO_FILL, candidates
from eval.questions import faults_in, read_questions
from ingest.documents import Document
from ingest.models import ModelFiles
from service import feedback as feedback_module
from service.app import create_app
from service.ask import Models
from service.cross_site import is_cross_site
from service.feedback import Feedback, FeedbackError, FeedbackStore, Shown, read_feedback
from service.served import ServedIndex
from service.throttle import Rate, Throttle

DELAY = "why was publication delayed?"
REPORT = "council-2025-scrutiny-report"
QUOTE = (
    "The publication of the report by several months was due to Ofsted responding to a\n"
    "complaint about the inspection process made by the local authority."
)
BINS = "when are the bins collected"
HOSTILE = "'; DROP TABLE feedback; --\n\"<script>alert(1)</script>\u2028\u202e🙂 \\ %00"
SHOWN = Shown(REPORT, 9127, 9276, QUOTE)
SAID = Feedback("2026-01-31T09:00:00+00:00", "helpful", DELAY, "0e08f0722d8a9547", (SHOWN,))
FREELY = Rate(burst=1000, seconds=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture
def kept(built_index: Path, model: ModelFiles, models: Models, file: Path) -> Iterator[TestClient]:
    """The real application, which keeps feedback in `file` and limits nobody."""
    app = create_app(ServedIndex(built_index, model), models, feedback=FeedbackStore(file))
    app.state.throttle = Throttle(FREELY, FREELY)
    with TestClient(app, follow_redirects=False) as client:
        yield client


def post(client: TestClient, **more: Any) -> Any:
    return client.post("/feedback", json={"question": DELAY, "verdict": "helpful", **more})


def post_form(client: TestClient, headers: dict[str, str] | None = None, **more: str) -> Any:
    fields = {"question": DELAY, "verdict": "helpful", **more}
    return client.post("/feedback", data=fields, headers=headers)


def refused(response: Any, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["detail"])


# --- the service --------------------------------------------------------------------------------


def test_feedback_is_off_unless_a_file_is_named(client: TestClient) -> None:
    assert "--feedback FILE" in refused(post(client), 404)
    assert "--feedback FILE" in refused(post_form(client), 404)


def test_a_verdict_is_kept_with_what_the_service_itself_cites(kept: TestClient, file: Path) -> None:
    response = post(kept, note="As I remember it.")
    assert (response.status_code, response.content) == (204, b"")
    (said,) = read_feedback(file)
    assert said.citations == (SHOWN,)
    assert said.generation == kept.get("/readyz").json()["generation"]
    assert (said.verdict, said.question, said.paper) == ("helpful", DELAY, None)
    assert said.note == "As I remember it."
    assert said.when.endswith("+00:00")


def test_nobody_can_plant_a_quote(kept: TestClient, file: Path) -> None:
    planted = [{"document_id": REPORT, "start": 0, "end": 3, "cited_text": "a lie"}]
    assert "is not a field" in refused(post(kept, citations=planted), 422)
    assert "is not a field" in refused(post_form(kept, citations="a lie"), 422)
    assert read_feedback(file) == []


def test_nothing_is_kept_about_the_person(kept: TestClient, file: Path) -> None:
    telltale = {"user-agent": "telltale-agent", "cookie": "session=telltale-cookie"}
    assert post_form(kept, headers=telltale).status_code == 303
    raw = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert DELAY.encode() in raw
    assert b"telltale" not in raw
    assert b"testclient" not in raw  # the address that the test's client has


def test_a_form_leads_back_to_its_question(kept: TestClient, file: Path) -> None:
    question = "why was publication delayed & <b>100%</b>?"
    response = post_form(kept, question=question, verdict="wrong", paper="", note="one\r\ntwo")
    assert (response.status_code, response.content) == (303, b"")
    address = urlsplit(response.headers["location"])
    assert (address.scheme, address.netloc, address.path) == ("", "", "/")
    assert parse_qs(address.query) == {"q": [question], "thanks": ["1"]}
    (said,) = read_feedback(file)
    assert (said.question, said.paper, said.note) == (question, None, "one\ntwo")


def test_feedback_is_on_the_answer_that_was_seen(kept: TestClient, file: Path) -> None:
    seen = {"publisher": "Leicester Mercury", "from": "2021", "to": ""}
    asked = {"question": "and in 2021?", "h": "What was the rating in 2017?"}
    response = post_form(kept, **asked, **seen, verdict="wrong")
    address = urlsplit(response.headers["location"])
    assert parse_qs(address.query) == {
        "q": ["and in 2021?"],
        "h": ["What was the rating in 2017?"],
        "publisher": ["Leicester Mercury"],
        "from": ["2021"],
        "thanks": ["1"],
    }
    (said,) = read_feedback(file)
    assert said.question == "What was the rating? and in 2021?"
    assert {one.document_id for one in said.citations} <= {"mercury-2021-good-rating"}


def test_a_note_of_a_thousand_characters_fits_as_a_browser_sends_its_line_ends(
    kept: TestClient, file: Path
) -> None:
    assert post_form(kept, note="🙂\r\n" * 500).status_code == 303
    assert read_feedback(file)[0].note == "🙂\n" * 500


def test_hostile_text_is_stored_as_it_is(kept: TestClient, file: Path) -> None:
    assert post(kept, question=HOSTILE, note=HOSTILE).status_code == 204
    assert post_form(kept, question=HOSTILE, note=HOSTILE).status_code == 303
    assert [(one.question, one.note) for one in read_feedback(file)] == [(HOSTILE, HOSTILE)] * 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"question": ""}, "question must not be empty"),
        ({"question": "x" * 1001}, "question must be at most 1,000 characters"),
        ({"question": "a\x1bb"}, "control characters"),
        ({"note": "x" * 1001}, "note must be at most 1,000 characters"),
        ({"note": "a\x00b"}, "control characters"),
        ({"verdict": "surprise"}, "verdict must be 'helpful', 'wrong' or 'elsewhere'"),
        ({"verdict": "elsewhere"}, "must name the paper"),
        ({"verdict": "elsewhere", "paper": ""}, "must name the paper"),
        ({"verdict": "elsewhere", "paper": "surprise"}, "GET /documents lists"),
        ({"surprise": "x"}, "is not a field"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_without_an_echo(
    kept: TestClient, file: Path, more: dict[str, str], said: str
) -> None:
    for response in (post(kept, **more), post_form(kept, **more)):
        assert said in refused(response, 422)
        assert "surprise" not in response.text
    assert read_feedback(file) == []


@pytest.mark.parametrize(
    ("media_type", "raw", "status"),
    [
        ("application/json", b"{", 400),
        ("application/json", b"\xff", 400),
        ("application/json", b"[" * 50_000, 400),
        ("application/json", b"[1]", 422),
        ("application/json", b'{"question": 5, "verdict": "helpful"}', 422),
        ("application/x-www-form-urlencoded", b"question=\xff&verdict=helpful", 400),
        ("application/x-www-form-urlencoded", b"question=%ff&verdict=helpful", 400),
        ("application/x-www-form-urlencoded", b"question=a&question=b&verdict=helpful", 400),
        ("application/x-www-form-urlencoded", b"a=1&" * 50, 400),
        ("application/x-www-form-urlencoded", b"", 422),
        ("application/x-www-form-urlencoded", b"note=" + b"x" * 70_000, 413),
        ("text/plain", b'{"question": "a", "verdict": "helpful"}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    kept: TestClient, media_type: str, raw: bytes, status: int
) -> None:
    response = kept.post("/feedback", content=raw, headers={"content-type": media_type})
    refused(response, status)


def test_a_person_gets_the_errors_of_a_form_as_a_page(kept: TestClient) -> None:
    response = post_form(kept, {"accept": "text/html"}, verdict="elsewhere")
    assert response.status_code == 422
    assert "text/html" in response.headers["content-type"]
    assert "must name the paper" in response.text


@pytest.mark.parametrize(
    ("headers", "refuses"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        # a proxy may change Host, never Sec-Fetch-Site
        ({"sec-fetch-site": "same-origin", "origin": "https://public", "host": "inner"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://a", "host": "a"}, True),
        ({"origin": "http://Papers.example:8000", "host": "papers.example:8000"}, False),
        ({"origin": "http://papers.example", "host": "papers.example:8000"}, True),
        ({"origin": "http://evil.example", "host": "papers.example"}, True),
        ({"origin": "http://papers.example"}, True),
        ({"origin": "null", "host": "papers.example"}, True),
        ({"origin": "http://[", "host": "["}, True),
        ({"origin": "", "host": ""}, True),
    ],
)
def test_what_another_sites_page_sends_is_told_apart(
    headers: dict[str, str], refuses: bool
) -> None:
    assert is_cross_site(headers) is refuses


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}]
)
def test_another_sites_page_cannot_give_feedback(
    kept: TestClient, file: Path, headers: dict[str, str]
) -> None:
    assert "Another site" in refused(post_form(kept, headers), 403)
    body = {"question": DELAY, "verdict": "helpful"}
    refused(kept.post("/feedback", json=body, headers=headers), 403)
    assert read_feedback(file) == []


def test_much_at_once_is_refused_until_a_time_that_is_said(kept: TestClient, file: Path) -> None:
    kept.app.state.throttle = Throttle(FREELY, Rate(burst=2, seconds=3600))  # type: ignore[attr-defined]
    refused(post(kept, verdict="elsewhere"), 422)  # what is not asked again costs nothing
    assert [post(kept).status_code for _ in range(2)] == [204, 204]
    response = post(kept)
    seconds = int(response.headers["retry-after"])
    assert 3500 < seconds <= 3600
    assert f"{seconds} s" in refused(response, 429)
    page = post_form(kept, {"accept": "text/html"})
    assert (page.status_code, "retry-after" in page.headers) == (429, True)
    assert len(read_feedback(file)) == 2


def test_feedback_that_cannot_be_written_is_a_problem_and_no_thanks(
    kept: TestClient, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_bytes(b"no database " * 1000)
    assert "could not be kept" in refused(post(kept), 503)
    assert str(file) in caplog.text
    assert DELAY not in caplog.text


# --- the throttle -------------------------------------------------------------------------------


def test_a_burst_is_let_through_and_then_one_at_a_time() -> None:
    throttle = Throttle(FREELY, Rate(burst=3, seconds=10))
    assert [throttle.wait("192.0.2.1", 100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 10.0]
    assert throttle.wait("192.0.2.1", 104.0) == 6.0
    assert throttle.wait("192.0.2.1", 110.0) == 0.0  # refusals took nothing
    assert throttle.wait("192.0.2.1", 110.0) == 10.0
    assert [throttle.wait("192.0.2.1", 1000.0) for _ in range(4)] == [0.0, 0.0, 0.0, 10.0]


def test_one_address_does_not_use_up_anothers_turn() -> None:
    throttle = Throttle(FREELY, Rate(burst=1, seconds=10))
    assert [throttle.wait(one, 0.0) for one in ("192.0.2.1", "192.0.2.2")] == [0.0, 0.0]
    assert throttle.wait("192.0.2.1", 0.0) == 10.0


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),  # one household has 2^64 of them
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::1", True),
        ("testclient", "testclient", True),
        ("testclient", "", False),
    ],
)
def test_addresses_of_one_person_share_their_turns(first: str, second: str, same: bool) -> None:
    throttle = Throttle(FREELY, Rate(burst=1, seconds=10))
    throttle.wait(first, 0.0)
    assert (throttle.wait(second, 0.0) > 0) is same


def test_many_addresses_share_a_limit_and_little_memory() -> None:
    throttle = Throttle(Rate(burst=30, seconds=2), Rate(burst=5, seconds=12))
    through, most = 0, 0
    for tick in range(100_000):  # a thousand seconds, a hundred addresses a second
        through += throttle.wait(f"10.{tick >> 16}.{tick >> 8 & 255}.{tick & 255}", tick / 100) == 0
        most = max(most, len(throttle))
    assert through == 30 + 499
    assert most <= 30 + 60 / 2


def test_no_address_is_held_in_memory() -> None:
    first, second = (Throttle(FREELY, FREELY) for _ in range(2))
    for throttle in (first, second):
        throttle.wait("192.0.2.77", 0.0)
    held = [list(vars(throttle)["_each_full_at"]) for throttle in (first, second)]
    assert b"192.0.2.77" not in held[0][0]
    assert held[0] != held[1]  # a salt of its own each


# --- the file -----------------------------------------------------------------------------------


def test_what_is_written_is_read_back_in_order(file: Path) -> None:
    written = [
        SAID,
        Feedback("2026-02-01T09:00:00+00:00", "wrong", HOSTILE, "x", (SHOWN, SHOWN), None, HOSTILE),
        Feedback("2026-01-01T09:00:00+00:00", "elsewhere", BINS, "x", (), REPORT),
    ]
    for one in written:
        FeedbackStore(file).add(one)
    assert read_feedback(file) == written


def test_the_file_is_its_owners_alone_and_stands_alone(file: Path) -> None:
    FeedbackStore(file).add(SAID)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_file_with_odd_characters_in_its_name_is_that_file(tmp_path: Path) -> None:
    file = tmp_path / "what? #1 100%.db"
    FeedbackStore(file).add(SAID)
    assert file.exists()
    assert read_feedback(file) == [SAID]


def test_threads_that_write_at_once_lose_nothing(file: Path) -> None:
    store, start = FeedbackStore(file), threading.Barrier(2)
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            start.wait()
            for number in range(20):
                store.add(Feedback(SAID.when, "helpful", f"{name} {number}", "x", (SHOWN,)))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    asked = [one.question for one in read_feedback(file)]
    for name in "ab":
        assert [q for q in asked if q.startswith(name)] == [f"{name} {n}" for n in range(20)]


def test_processes_that_write_at_once_lose_nothing(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from service.feedback import *\n"
        f"store = FeedbackStore(Path({str(file)!r}))\n"
        "for n in range(20): store.add(Feedback('x', 'wrong', f'{sys.argv[1]} {n}', 'x', ()))"
    )
    command = [sys.executable, "-c", code]
    both = [subprocess.Popen([*command, name], cwd=ROOT, env=ENVIRONMENT) for name in "ab"]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert len({one.question for one in read_feedback(file)}) == 40


@pytest.mark.parametrize("content", [b"no database " * 1000, b"no"])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(
    file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    for use in (FeedbackStore, read_feedback):
        with pytest.raises(FeedbackError, match=r"feedback\.db cannot be used.*not a database"):
            use(file)
    assert file.read_bytes() == content


def test_a_database_of_something_else_is_refused_and_left_as_it_is(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE vectors (key)")
    connection.close()
    before = file.read_bytes()
    for use in (FeedbackStore, read_feedback):
        with pytest.raises(FeedbackError, match="something else"):
            use(file)
    assert file.read_bytes() == before


def test_a_file_of_another_version_is_refused(file: Path) -> None:
    FeedbackStore(file)
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(FeedbackError, match="it has the format 2, this version writes 1"):
        FeedbackStore(file)


def test_a_row_that_the_service_did_not_write_is_named(file: Path) -> None:
    FeedbackStore(file).add(SAID)
    for change in ("citations = '[1'", "citations = '[1]'", "verdict = 'surprise'"):
        with sqlite3.connect(file) as connection:
            connection.execute(f"UPDATE feedback SET {change}")
        connection.close()
        with pytest.raises(FeedbackError, match="number 1 "):
            read_feedback(file)


def fill(store: FeedbackStore, long: Feedback) -> None:
    for _ in range(20):
        store.add(long)


def test_a_file_that_is_full_says_so_and_keeps_what_it_has(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback_module, "MOST_PAGES", 4)
    store = FeedbackStore(file)
    long = Feedback(SAID.when, "wrong", "x" * 1000, "x", (), None, "x" * 1000)
    with pytest.raises(FeedbackError, match="full"):
        fill(store, long)
    kept = read_feedback(file)
    assert kept
    assert set(kept) == {long}


def test_a_place_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere" / "feedback.db"):
        with pytest.raises(FeedbackError, match=f"{place} cannot be used.*name another file"):
            FeedbackStore(place)


# --- the commands -------------------------------------------------------------------------------


def test_the_service_refuses_a_file_before_it_serves(built_index: Path, file: Path) -> None:
    file.write_bytes(b"no database " * 1000)
    result = run("service", "--index", str(built_index), "--port", "0", "--feedback", str(file))
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith(f"error: {file} cannot be used for feedback")


def exported(file: Path, said: list[Feedback]) -> tuple[int, list[Any], Path]:
    """What `python -m eval feedback` writes of some feedback."""
    store, out = FeedbackStore(file), file.with_name("candidates.jsonl")
    for one in said:
        store.add(one)
    code = main(["feedback", str(file), "--out", str(out)])
    lines = out.read_text(encoding="utf-8").split("\n")[:-1] if out.exists() else []
    return code, [json.loads(line) for line in lines], out


def saying(verdict: Any, question: str = "Why so late?", **more: Any) -> Feedback:
    values = {"generation": "x", "citations": (SHOWN,), **more}
    return Feedback("2026-02-01T09:00:00+00:00", verdict, question, **values)


def test_a_helpful_answer_is_a_candidate_that_validates_as_it_is(
    file: Path, documents: dict[str, Document]
) -> None:
    code, (record,), out = exported(file, [saying("helpful")])
    assert code == 0
    assert record["question"] == "Why so late?"
    spans = [[REPORT, 9127, 9276, QUOTE]]
    assert record["facts"] == [{"id": "f1", "weight": "vital", "spans": spans}]
    questions, faults = faults_in(out, documents)
    assert ([one.id for one in questions], faults) == ([record["id"]], [])


@pytest.mark.parametrize("verdict", ["wrong", "elsewhere"])
def test_what_was_wrong_is_refused_as_gold_until_a_person_filled_it_in(
    file: Path, verdict: str
) -> None:
    said = saying(verdict, paper="bbc-2025-council-hits-back", note="Look at page 3.")
    _, (record,), out = exported(file, [said])
    assert record["facts"] == []
    assert record["note"].startswith(TO_FILL)
    for part in (verdict, QUOTE, "[9127, 9276)", "bbc-2025-council-hits-back", "Look at page 3."):
        assert part in record["note"]
    assert main(["validate", str(out)]) == 1
    fact = {"id": "f1", "weight": "vital", "spans": [[REPORT, " ".join(QUOTE.split())]]}
    out.write_text(json.dumps(record | {"facts": [fact]}) + "\n", encoding="utf-8")
    assert main(["validate", str(out), "--fill"]) == 0
    (question,) = read_questions(out)
    assert (question.vital[0].spans[0].start, question.vital[0].spans[0].end) == (9127, 9276)


def test_a_refusal_that_helped_is_a_candidate_without_an_answer() -> None:
    (found,) = candidates([saying("helpful", citations=())])
    assert (found.facts, found.kind) == ((), "out-of-corpus")


def test_a_question_is_one_candidate_and_one_doubt_leaves_it_to_a_person() -> None:
    said = [saying("helpful"), saying("wrong", "WHY so  late?\n"), saying("helpful", "Who?")]
    late, who = candidates(said)
    assert (late.question, late.facts) == ("Why so late?", ())
    assert (who.question, len(who.facts)) == ("Who?", 1)
    assert late.id != who.id
    assert candidates(said[:1])[0].id == candidates(said[1:2])[0].id


def test_the_second_citation_is_welcome_and_not_vital() -> None:
    (found,) = candidates([saying("helpful", citations=(SHOWN, Shown("other", 0, 3, "The")))])
    assert [fact.weight for fact in found.facts] == ["vital", "okay"]


def test_hostile_text_is_exported_unharmed_and_moves_no_terminal(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, (record,), out = exported(file, [saying("helpful", HOSTILE, note=f"\x1b[2J{HOSTILE}")])
    assert code == 0
    assert record["question"] == HOSTILE
    assert HOSTILE.strip() in record["note"]
    assert read_questions(out)[0].question == HOSTILE
    printed = capsys.readouterr().out
    assert not {"\x1b", "\u202e", "\u2028"} & set(printed)
    assert "<script>" in printed


def test_the_export_says_what_there_is_and_what_to_type_next(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    *_, out = exported(
        file, [saying("helpful"), saying("wrong", "Who?", paper="other", note="No.")]
    )
    printed = capsys.readouterr().out
    assert f"{file}: 2 verdicts, 2026-02-01 to 2026-02-01" in printed
    assert "  wrong      Who? (in other) (note: No.)" in printed
    assert "2 candidates, 1 with evidence to check, 1 without" in printed
    assert f"python -m eval validate {out} --fill" in printed


def test_a_review_is_never_written_over(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.with_name("candidates.jsonl").write_text('{"reviewed": 1}\n')
    code, lines, _ = exported(file, [saying("helpful")])
    assert (code, lines) == (1, [{"reviewed": 1}])
    assert "--out" in capsys.readouterr().err


def test_questions_of_the_gold_are_not_offered_again(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = read_questions()[0].question
    code, lines, _ = exported(file, [saying("wrong", f"  {gold.upper()}")])
    assert (code, lines) == (0, [])
    assert "1 of the questions are in questions.jsonl already" in capsys.readouterr().out


def test_a_file_that_is_not_there_or_empty_is_said(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feedback", str(file)]) == 1
    assert f"python -m service --feedback {file}" in capsys.readouterr().err
    assert not file.exists()
    assert exported(file, [])[:2] == (0, [])
    assert "no feedback yet" in capsys.readouterr().out


# --- a real browser -----------------------------------------------------------------------------

FORM = """([address, question]) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = `${address}/feedback`;
    for (const [name, value] of [["question", question], ["verdict", "helpful"]]) {
        const field = document.createElement("input");
        [field.type, field.name, field.value] = ["hidden", name, value];
        form.append(field);
    }
    document.body.append(form);
    form.submit();
}"""


@needs_chromium
def test_a_browser_sends_our_own_forms_and_not_another_sites(
    built_index: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On plain HTTP to a name, where browsers send no Sec-Fetch-Site: Origin has to do."""
    monkeypatch.setitem(ENVIRONMENT, "SCRUTINEER_FEEDBACK", str(file))
    resolve = "--host-resolver-rules=MAP papers.test 127.0.0.1, MAP evil.test 127.0.0.1"
    with running_service(built_index) as address, sync_playwright() as playwright:
        ours = address.replace("127.0.0.1", "papers.test")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, resolve])
        page = browser.new_page()
        page.goto(ours)
        with page.expect_navigation(url=f"{ours}/?*") as navigated:
            page.evaluate(FORM, [ours, DELAY])
        first = navigated.value.request.redirected_from
        assert first is not None
        assert "sec-fetch-site" not in first.all_headers()
        assert parse_qs(urlsplit(page.url).query) == {"q": [DELAY], "thanks": ["1"]}
        page.route("http://evil.test/", lambda route: route.fulfill(body="<p>", status=200))
        page.goto("http://evil.test/")
        with page.expect_navigation(url=f"{ours}/feedback") as navigated:
            page.evaluate(FORM, [ours, "planted?"])
        assert navigated.value.status == 403
        browser.close()
    assert [one.question for one in read_feedback(file)] == [DELAY]
