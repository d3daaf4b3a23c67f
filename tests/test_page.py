"""The page, in a real browser, without JavaScript: ask, read, open the paper at the quote."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import needs_chromium
from playwright.sync_api import Browser, Page, Request, expect
from server import running_service

DELAY = "why was publication delayed?"
QUOTE = (
    "The publication of the report by several months was due to Ofsted responding to a complaint "
    "about the inspection process made by the local authority."
)
pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(built_index: Path) -> Iterator[str]:
    with running_service(built_index) as address:
        yield address


@pytest.fixture(params=[1280, 320], ids=["desktop", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page without JavaScript that fails the test on any complaint in the browser's console."""
    complaints: list[str] = []
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": request.param, "height": 800}
    )
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))

    def note_failed(failed: Request) -> None:
        if failed.failure != "net::ERR_ABORTED":  # the test went on to another page
            complaints.append(failed.url)

    page.on("requestfailed", note_failed)
    yield page
    context.close()
    refusals = "the server responded with a status of 4"  # these pages are asked for on purpose
    assert [complaint for complaint in complaints if refusals not in complaint] == []


def ask(page: Page, address: str, question: str) -> None:
    page.goto(address)
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask").click()


def fits(page: Page) -> bool:
    """True when nothing is wider than the window."""
    box = page.locator("main").bounding_box()
    assert box is not None
    assert page.viewport_size is not None
    widest = page.evaluate("document.documentElement.scrollWidth")
    return bool(widest <= page.viewport_size["width"])


def test_ask_read_and_open_the_paper_at_the_quote(page: Page, address: str) -> None:
    ask(page, address, DELAY)
    first = page.locator("figure").first
    assert first.locator("blockquote").inner_text() == QUOTE
    source = first.locator("figcaption").inner_text()
    assert "Leicester City Council, 2025, paragraph 2.1" in source
    expect(page.get_by_role("heading", name=DELAY)).to_be_visible()
    assert fits(page)

    first.get_by_role("link", name="Open in the paper").click()
    mark = page.locator("mark#cited")
    assert mark.inner_text() == QUOTE
    expect(mark).to_be_in_viewport(ratio=1)  # the browser scrolls there when it has laid out all
    assert fits(page)


def test_what_is_not_in_the_papers_is_said_with_the_nearest_passages(
    page: Page, address: str
) -> None:
    ask(page, address, "when are the bins collected?")
    expect(page.get_by_role("heading", name="Not in the papers")).to_be_visible()
    expect(page.locator(".related li").first).to_be_visible()
    assert page.locator("figure").count() == 0


def test_an_empty_and_a_too_long_question_are_explained(page: Page, address: str) -> None:
    ask(page, address, "   ")
    assert "must not be empty" in page.locator(".error").inner_text()
    page.goto(f"{address}/?q={'x' * 1001}")
    assert "at most 1,000 characters" in page.locator(".error").inner_text()
    assert fits(page)


def test_a_hostile_question_is_only_text(page: Page, address: str) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&"
    ask(page, address, hostile)
    assert page.locator(".asked").inner_text() == hostile
    assert page.locator("main img, main script").count() == 0


def test_every_paper_opens_from_the_list_of_papers(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Papers", exact=True).click()
    expect(page.locator(".papers a")).to_have_count(5)
    links = [link.get_attribute("href") for link in page.locator(".papers a").all()]
    for link in links:
        page.goto(f"{address}{link}")
        assert page.locator("article p").count() > 5
        assert fits(page)


def test_wrapped_lines_and_displaced_numbers_read_as_one_paragraph(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/documents/council-2025-scrutiny-report")
    paragraph = page.locator("p", has_text="The latest report gives an overall rating").first
    assert paragraph.inner_text().startswith(
        "1.2 The latest report gives an overall rating of “requires improvement to be good” and "
        "identifies areas"
    )


def test_an_address_that_leads_nowhere_is_a_page_with_a_way_back(page: Page, address: str) -> None:
    page.goto(f"{address}/documents/nothing")
    assert page.get_by_role("heading", name="Not Found").is_visible()
    page.get_by_role("link", name="Ask about the papers").click()
    expect(page.get_by_label("Your question")).to_be_visible()


def test_a_follow_up_is_asked_with_what_came_before(page: Page, address: str) -> None:
    ask(page, address, "What was the rating in 2017?")
    page.get_by_label("Ask on").fill("and in 2021?")
    page.get_by_role("button", name="Ask").click()
    understood = page.locator(".understood").inner_text()
    assert understood == "Asked as: “What was the rating? and in 2021?”"


def test_a_question_can_be_asked_of_some_of_the_papers(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_text("Only some of the papers").click()
    page.get_by_label("Publisher").select_option("Leicester Mercury")
    page.get_by_label("Your question").fill("What is the rating?")
    page.get_by_role("button", name="Ask").click()
    shown = page.locator(".turn figcaption, .turn .related li")
    expect(shown.first).to_be_attached()
    page.wait_for_load_state()
    sources = shown.all_text_contents()
    assert all("Leicester Mercury, 2021" in source for source in sources)
    page.goto(f"{address}/?q=why&from=20x1")
    assert "From year must be four digits" in page.locator(".error").inner_text()
