"""The report as a person sees it: one file, nothing fetched, filters that work in a browser."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import needs_chromium
from playwright.sync_api import Browser, Page

from eval.report import MARKDOWN, OUTCOMES, write_report
from eval.score import Scores


@pytest.fixture(scope="module")
def report(scores: dict[str, Scores], tmp_path_factory: pytest.TempPathFactory) -> Path:
    others = [scores["bm25"], scores["dense"]]
    return write_report(scores["full"], others, tmp_path_factory.mktemp("report"))


@pytest.fixture(params=[1280, 360], ids=["desktop", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest, report: Path) -> Iterator[Page]:
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(report.as_uri())
    yield page
    context.close()
    assert complaints == []


def shown(page: Page) -> int:
    return page.locator("details:visible").count()


def test_the_page_needs_nothing_else(report: Path) -> None:
    assert not re.search(r"(?:src|href)=|url\(|@import", report.read_text(encoding="utf-8"))


def test_the_markdown_holds_the_same_table(report: Path, scores: dict[str, Scores]) -> None:
    text = report.with_name(MARKDOWN).read_text(encoding="utf-8")
    assert "| success@1 | ." in text
    assert "|  | full | bm25 | dense |" in text


@needs_chromium
def test_questions_are_filtered_by_outcome_kind_and_words(
    page: Page, scores: dict[str, Scores]
) -> None:
    scored = scores["full"].scored
    counted = Counter(one.outcome for one in scored)
    assert shown(page) == len(scored)
    for outcome in OUTCOMES:
        if outcome != "wrong":
            page.get_by_label(f"{OUTCOMES[outcome]} (").uncheck()
    assert shown(page) == counted["wrong"] > 0
    assert page.locator("output").inner_text() == f"{counted['wrong']} of {len(scored)}"
    page.get_by_label("kind").select_option("date")
    assert shown(page) == sum(one.outcome == "wrong" and one.kind == "date" for one in scored)
    page.get_by_label("words").fill("no question has these words")
    assert shown(page) == 0


@needs_chromium
def test_a_question_opens_to_what_was_cited_and_expected(
    page: Page, scores: dict[str, Scores]
) -> None:
    row = page.locator("details", has_text="why was publication delayed?").first
    row.locator("summary").click()
    assert row.locator("blockquote.good").first.is_visible()
    assert "due to Ofsted" in row.locator("blockquote.good").first.inner_text()
    assert row.get_by_role("heading", name="Expected").is_visible()


@needs_chromium
def test_the_page_itself_never_scrolls_sideways(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0
