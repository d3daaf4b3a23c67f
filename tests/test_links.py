"""A permanent link shows the same answer again, or what was said then beside what is said now."""

import html
import re
import shutil
from pathlib import Path

from starlette.testclient import TestClient

from ingest.build import build
from ingest.generations import GENERATIONS
from ingest.models import ModelFiles
from service.app import create_app
from service.ask import Models
from service.served import ServedIndex

DELAY = "why was publication delayed?"
PAPER = "council-2025-scrutiny-report.txt"


def link_in(page: str) -> str:
    found = re.search(r'class="permanent" href="([^"]+)"', page)
    assert found
    return html.unescape(found.group(1))


def quotes_in(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r"<blockquote>(.*?)</blockquote>", page, re.S)]


def test_a_link_leads_to_the_same_answer(client: TestClient) -> None:
    first = client.get(
        "/", params={"q": "and in 2021?", "h": ["What was the rating in 2017?"]}
    ).text
    again = client.get(link_in(first)).text
    assert quotes_in(again) == quotes_in(first)
    assert "papers have changed" not in again


def test_when_the_papers_changed_both_answers_are_shown_as_long_as_the_old_one_is_kept(
    corpus: Path, index: Path, model: ModelFiles, models: Models
) -> None:
    with TestClient(create_app(ServedIndex(index, model), models)) as client:
        link = link_in(client.get("/", params={"q": DELAY}).text)
        text = (corpus / PAPER).read_text(encoding="utf-8")
        changed = text.replace("publication of the report by several months", "report coming late")
        (corpus / PAPER).write_text(changed, encoding="utf-8")
        build(corpus, index, model)
        page = client.get(link).text
        assert "The papers have changed since this link was made" in page
        now, then = page.split("What was shown then</h2>")
        assert any("The report coming late was due to" in quote for quote in quotes_in(now))
        assert any("by several months was due to" in quote for quote in quotes_in(then))

        old = re.search(r"g=([0-9a-f]{16})", link)
        assert old
        shutil.rmtree(index / GENERATIONS / old.group(1))
    with TestClient(create_app(ServedIndex(index, model), models)) as client:
        page = client.get(link).text
        assert "what was shown then is no longer kept" in page
        assert client.get(link.replace(old.group(1), "../../etc")).status_code == 200


def test_a_link_to_the_papers_of_a_publisher_who_left_shows_what_was_shown_then(
    corpus: Path, index: Path, model: ModelFiles, models: Models
) -> None:
    asked = {"q": "What is the rating?", "publisher": "Leicester Mercury"}
    with TestClient(create_app(ServedIndex(index, model), models)) as client:
        link = link_in(client.get("/", params=asked).text)
        metadata = corpus / "documents.toml"
        metadata.write_text(metadata.read_text().replace("Leicester Mercury", "The Mercury"))
        build(corpus, index, model)
        assert client.get("/", params=asked).status_code == 422
        page = client.get(link)
        assert page.status_code == 200
        now, then = page.text.split("What was shown then</h2>")
        assert quotes_in(then)
        assert not quotes_in(now)
