"""The HTTP contract: every route, every field, every refusal."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from ingest.build import build
from ingest.models import ModelFiles
from service.app import create_app
from service.ask import Models
from service.served import ServedIndex

OUR_SCRIPT = '<script src="/static/page.js" defer></script>'
DELAY = "why was publication delayed?"
REPORT = "council-2025-scrutiny-report"
CITATION_FIELDS = (
    "type cited_text document_id document_title publisher published section page also_in "
    "start_char_index "
    "end_char_index context_start_char_index context_end_char_index answer_start_index "
    "answer_end_index url"
).split()


def ask(client: TestClient, question: str = DELAY, **more: Any) -> dict[str, Any]:
    response = client.post("/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == status
    assert found["title"]
    assert found["detail"].endswith(".")
    return found


def test_why_was_publication_delayed(client: TestClient) -> None:
    answer = ask(client)
    assert answer["status"] == "answered"
    citation = answer["citations"][0]
    assert (citation["document_id"], citation["section"]) == (REPORT, "2.1")
    assert citation["cited_text"] == (
        "The publication of the report by several months was due to Ofsted responding to a\n"
        "complaint about the inspection process made by the local authority."
    )


def test_an_answer_has_every_field_of_the_contract(client: TestClient) -> None:
    answer = ask(client)
    assert set(answer) == {
        *("id", "question", "status", "answer", "confidence", "citations", "related", "notes"),
        *("index", "took_ms"),
    }
    assert set(answer["index"]) == {"generation", "built_at", "documents", "passages"}
    for citation in answer["citations"] + answer["related"]:
        assert set(citation) == set(CITATION_FIELDS)
        assert citation["type"] == "char_location"
    assert 0 <= answer["confidence"] <= 1
    assert answer["question"] == DELAY


def test_a_citations_address_opens_the_document_at_the_span(client: TestClient) -> None:
    citation = ask(client)["citations"][0]
    page = client.get(citation["url"])
    assert page.status_code == 200
    marked = page.text.split('<mark id="cited">')[1].split("</mark>")[0]
    assert marked == " ".join(citation["cited_text"].split())


def test_limit_bounds_the_citations(client: TestClient) -> None:
    question = "What did Sarah Russell say about the inspection?"
    assert len(ask(client, question, limit=1)["citations"]) == 1
    assert 1 <= len(ask(client, question, limit=10)["citations"]) <= 10


def test_a_history_has_as_many_citations_as_years_unless_it_is_limited(client: TestClient) -> None:
    question = "How has the Ofsted rating of children's services changed over time?"
    told = [one["cited_text"] for one in ask(client, question)["citations"]]
    assert len(told) == 4
    assert [one["cited_text"] for one in ask(client, question, limit=3)["citations"]] != told
    assert len(ask(client, question, limit=3)["citations"]) == 3


def test_filters_leave_only_their_documents(client: TestClient) -> None:
    question = "What was the rating of children's services?"
    for filters, expected in (
        ({"document_ids": ["mercury-2021-good-rating"]}, "mercury-2021-good-rating"),
        ({"publishers": ["leicester MERCURY"]}, "mercury-2021-good-rating"),
        ({"published_to": "2017-12"}, "council-2017-sustained-progress"),
        ({"published_from": "2021", "published_to": "2021"}, "mercury-2021-good-rating"),
    ):
        answer = ask(client, question, filters=filters)
        found = {c["document_id"] for c in answer["citations"] + answer["related"]}
        assert found == {expected}


def test_filters_that_leave_nothing_find_nothing(client: TestClient) -> None:
    answer = ask(client, filters={"published_from": "1990", "published_to": "1991"})
    assert (answer["status"], answer["citations"], answer["related"]) == ("not_found", [], [])
    assert answer["confidence"] == 0


def test_history_is_accepted(client: TestClient) -> None:
    assert ask(client, history=["what was the rating?"])["citations"] == ask(client)["citations"]


@pytest.mark.parametrize(
    "question",
    [
        "a",
        "?",
        "🙂",
        "𝕎𝕙𝕪?",
        "لماذا تأخر النشر؟",
        "\u202eagainst the grain",
        "\u0301" * 50,
        "a\nb\tc",
        "why " * 250,
        "<script>alert(1)</script>",
        "'; DROP TABLE passages; --",
    ],
)
def test_odd_questions_get_an_answer(client: TestClient, question: str) -> None:
    answer = ask(client, question)
    assert answer["question"] == question
    assert answer["status"] in ("answered", "not_found")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "question is missing"),
        ({"question": ""}, "question must not be empty"),
        ({"question": " \n\t "}, "question must not be empty"),
        ({"question": "x" * 1001}, "question must be at most 1,000 characters"),
        ({"question": "a\x00b"}, "control characters"),
        ({"question": "a\x1bb"}, "control characters"),
        ({"question": 5}, "question must be text"),
        ({"question": None}, "question must be text"),
        ({"question": ["a"]}, "question must be text"),
        ({"question": "a", "limit": 0}, "limit must be at least 1"),
        ({"question": "a", "limit": 11}, "limit must be at most 10"),
        ({"question": "a", "limit": "3"}, "limit must be a whole number"),
        ({"question": "a", "limit": True}, "limit must be a whole number"),
        ({"question": "a", "limit": 2.5}, "limit must be a whole number"),
        ({"question": "a", "surprise": 1}, "not a field of this request"),
        ({"question": "a", "filters": {"surprise": 1}}, "not a field of this request"),
        ({"question": "a", "filters": []}, "filters must be a JSON object"),
        ({"question": "a", "filters": {"document_ids": ["surprise"]}}, "GET /documents lists"),
        ({"question": "a", "filters": {"publishers": ["surprise"]}}, "GET /documents lists"),
        ({"question": "a", "filters": {"document_ids": "x"}}, "must be a list"),
        ({"question": "a", "filters": {"published_from": "2021-13"}}, "must be a date"),
        (
            {"question": "a", "filters": {"published_from": "2021", "published_to": "2020"}},
            "published_from must not be after published_to",
        ),
        ({"question": "a", "history": "x"}, "history must be a list"),
        ({"question": "a", "history": ["x"] * 51}, "at most 50 entries"),
        ([1], "must be a JSON object"),
        ("a", "must be a JSON object"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_in_words_without_an_echo(
    client: TestClient, body: Any, said: str
) -> None:
    response = client.post("/ask", json=body)
    assert said in problem(response, 422)["detail"]
    assert "surprise" not in response.text


@pytest.mark.parametrize(
    "raw", [b"{", b'{"question": "a"', b"\xff\xfe{}", b'{"question": "\xc3"}', b"[" * 50_000]
)
def test_a_body_that_is_not_json_is_refused(client: TestClient, raw: bytes) -> None:
    response = client.post("/ask", content=raw, headers={"content-type": "application/json"})
    assert "JSON" in problem(response, 400)["detail"]


def test_half_a_surrogate_pair_is_refused(client: TestClient) -> None:
    raw = b'{"question": "\\ud83d"}'
    response = client.post("/ask", content=raw, headers={"content-type": "application/json"})
    problem(response, 422)


@pytest.mark.parametrize("question", ["🙂", "\u200b", "\u202e\u202d", "...", "?!"])
def test_a_question_without_a_letter_or_digit_finds_nothing(
    client: TestClient, question: str
) -> None:
    answer = ask(client, question)
    assert (answer["status"], answer["related"], answer["confidence"]) == ("not_found", [], 0)


def test_a_script_that_posts_gets_problems_whatever_it_accepts(client: TestClient) -> None:
    problem(client.post("/ask", json={}, headers={"accept": "text/html"}), 422)


@pytest.mark.parametrize("address", ["/", "/documents", f"/documents/{REPORT}/text", "/livez"])
def test_head_is_get_without_the_body(client: TestClient, address: str) -> None:
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == client.get(address).headers["content-type"]


def test_ten_megabytes_are_refused(client: TestClient) -> None:
    body = json.dumps({"question": "x" * 10_000_000})
    response = client.post("/ask", content=body, headers={"content-type": "application/json"})
    assert "64 KiB" in problem(response, 413)["detail"]


def test_ten_megabytes_that_do_not_say_how_long_they_are_are_refused(client: TestClient) -> None:
    response = client.post(
        "/ask",
        content=(b"x" * 10_000 for _ in range(1000)),
        headers={"content-type": "application/json"},
    )
    assert "64 KiB" in problem(response, 413)["detail"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/documents/nothing", 404),
        ("/documents/nothing/text", 404),
        ("/documents/..%2f..%2fetc%2fpasswd/text", 404),
        ("/nothing", 404),
        ("/static/nothing.css", 404),
        ("/static/..%2fapp.py", 404),
        (f"/documents/{REPORT}?start=9&end=2", 422),
        (f"/documents/{REPORT}?start=2&end=2", 422),
        (f"/documents/{REPORT}?start=-1&end=2", 422),
        (f"/documents/{REPORT}?start=0&end=99999999", 422),
        (f"/documents/{REPORT}?start=3", 422),
        (f"/documents/{REPORT}?start=a&end=b", 422),
        ("/ask", 405),
    ],
)
def test_addresses_that_lead_nowhere_say_so(client: TestClient, address: str, status: int) -> None:
    problem(client.get(address), status)


@pytest.mark.parametrize("address", ["/documents/nothing", "/nothing", "/?q=", f"/?q={'x' * 1001}"])
def test_a_browser_gets_its_errors_as_a_page(client: TestClient, address: str) -> None:
    response = client.get(address, headers={"accept": "text/html"})
    assert response.status_code in (404, 422)
    assert "text/html" in response.headers["content-type"]
    assert 'class="error"' in response.text


def test_documents_are_listed_newest_first_with_what_is_known(client: TestClient) -> None:
    documents = client.get("/documents").json()
    assert len(documents) == 5
    assert documents[-1]["id"] == "council-2017-sustained-progress"
    assert documents[-1]["published"] == "2017-09-04"


def test_the_exact_text_is_served(client: TestClient) -> None:
    from conftest import CORPUS

    for path in CORPUS.glob("*.txt"):
        response = client.get(f"/documents/{path.stem}/text")
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.content == path.read_bytes()


def test_it_is_live_and_ready_and_counts(client: TestClient) -> None:
    ask(client)
    assert client.get("/livez").json()["status"] == "live"
    ready = client.get("/readyz").json()
    assert ready["generation"] == ask(client)["index"]["generation"]
    figures = client.get("/metrics").text
    assert 'scrutineer_answers_total{status="answered"}' in figures
    assert 'scrutineer_http_requests_total{method="POST",route="/ask",status="200"}' in figures


@pytest.mark.parametrize("address", ["/", "/documents", "/nothing", "/static/style.css"])
def test_every_response_forbids_foreign_content(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_fault_inside_is_a_problem_that_tells_nothing(
    built_index: Path, model: ModelFiles, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(ServedIndex(built_index, model), models)
    app.state.models = None  # what an error of ours would look like
    with TestClient(app, raise_server_exceptions=False) as client:
        found = problem(client.post("/ask", json={"question": DELAY}), 500)
    assert "NoneType" not in json.dumps(found)


def test_a_new_generation_is_taken_up_between_two_questions(
    corpus: Path, index: Path, model: ModelFiles, models: Models
) -> None:
    question = "When will the new library open?"
    with TestClient(create_app(ServedIndex(index, model), models)) as client:
        before = ask(client, question)
        assert before["status"] == "not_found"
        (corpus / "library.txt").write_text("The new library will open on 3 May 2026.\n")
        build(corpus, index, model)
        after = ask(client, question)
    assert after["citations"][0]["cited_text"] == "The new library will open on 3 May 2026."
    assert after["citations"][0]["publisher"] is None
    assert after["index"]["generation"] != before["index"]["generation"]


def test_a_new_generation_that_is_refused_leaves_the_old_one_serving(
    corpus: Path,
    index: Path,
    model: ModelFiles,
    models: Models,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with TestClient(create_app(ServedIndex(index, model), models)) as client:
        before = ask(client)
        pointer = (index / "current.json").read_text()
        (index / "aside.json").write_text(
            pointer.replace('"manifest_sha256": "', '"manifest_sha256": "0')
        )
        (index / "aside.json").replace(index / "current.json")
        after = ask(client)
    assert "still serving generation" in caplog.text
    for answer in (before, after):
        del answer["id"], answer["took_ms"]
    assert after == before


def test_hostile_text_and_metadata_are_shown_and_never_run(
    tmp_path: Path, model: ModelFiles, models: Models
) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    name = "a&b <i>\"'"
    hostile = "<script>alert(1)</script>"
    (papers / f"{name}.txt").write_text(f"The {hostile} bridge was closed in May.\n")
    (papers / "documents.toml").write_text(
        f"[{json.dumps(name)}]\ntitle = '{hostile}'\npublisher = '{hostile}'\n"
    )
    build(papers, tmp_path / "index", model)
    with TestClient(create_app(ServedIndex(tmp_path / "index", model), models)) as client:
        citation = ask(client, "When was the bridge closed?")["citations"][0]
        pages = [
            client.get("/", params={"q": f"{hostile} bridge closed"}).text,
            client.get(citation["url"]).text,
            client.get("/documents/" + hostile, headers={"accept": "text/html"}).text,
        ]
    assert citation["document_id"] == name
    for page in pages:
        assert "<script" not in page.replace(OUR_SCRIPT, "")
    assert "&lt;script&gt;" in pages[0]
    assert "&lt;script&gt;" in pages[1]
