"""A paper's page and the list of papers: addresses, contents, the way on and back, filters."""

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urldefrag, urlencode, urlsplit

import pytest
from browser import needs_chromium
from playwright.sync_api import Browser, Locator, Page, expect
from server import running_service
from starlette.testclient import TestClient

from ingest.build import build
from ingest.index import Generation
from ingest.models import ModelFiles
from ingest.sentences import Span
from service.app import create_app
from service.ask import Models
from service.links import document_url, span_url, where_now
from service.served import ServedIndex

REPORT = "/documents/council-2025-scrutiny-report"
NEWS = "/documents/bbc-2025-council-hits-back"
DELAY = "why was publication delayed?"
RUSSELL = "What did Sarah Russell say about the inspection?"
HOSTILE = "<script>alert(1)</script>\"'&"


class Outline(HTMLParser):
    """What a test asks of a page: its ids, links, headings, marked text and open elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.levels: list[int] = []
        self.marked: list[str] = []
        self.folded = self.shown = ""
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        assert not {"style", "onclick", "onload", "onerror"} & set(found), found
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" else []
        self.levels += [int(tag[1])] if re.fullmatch(r"h[1-6]", tag) else []
        self.marked += [""] if tag == "mark" else []
        self._open += [] if tag in ("meta", "link", "input") else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "mark" in self._open:
            self.marked[-1] += data
        if "details" in self._open:
            self.folded += data
        else:
            self.shown += data


def outline(client: TestClient, address: str, status: int = 200) -> Outline:
    response = client.get(urldefrag(address).url)
    assert response.status_code == status, response.text
    return Outline(response.text)


def quoted_links(client: TestClient, question: str) -> list[str]:
    """The addresses of an answer's citations, as its page gives them."""
    found = outline(client, f"/?{urlencode({'q': question})}").links
    return [link for link in found if "&n=" in link]


def titles(client: TestClient, **wanted: str) -> list[str]:
    page = client.get("/papers", params=wanted)
    assert page.status_code == 200
    return [unescape(found) for found in re.findall(r'<li><a href="/doc[^>]*>(.*?)</a>', page.text)]


def paper_addresses(client: TestClient) -> list[str]:
    return [document["url"] for document in client.get("/documents").json()]


# --- a paper as a document ----------------------------------------------------------------------


def test_every_paper_has_one_h1_no_level_left_out_and_addresses_that_are_unique_and_lead_somewhere(
    client: TestClient,
) -> None:
    for address in paper_addresses(client):
        page = outline(client, address)
        assert page.levels.count(1) == 1
        assert page.levels[0] == 1
        assert all(
            after <= before + 1 for before, after in zip(page.levels, page.levels[1:], strict=False)
        )
        assert len(page.ids) == len(set(page.ids))
        fragments = {link[1:] for link in page.links if link.startswith("#")}
        assert fragments <= set(page.ids)
        assert "/papers" in page.links


def test_each_paragraph_number_and_heading_has_an_address_of_its_own(client: TestClient) -> None:
    page = outline(client, REPORT)
    numbers = [f"paragraph-1.{number}" for number in range(1, 12)]
    assert [found for found in page.ids if found.startswith("paragraph-1.")] == numbers
    assert {"paragraph-2.1", "section-2", "section-5.3"} <= set(page.ids)
    assert "section-ofsteds-response-to-the-complaint-about-the-inspection" in page.ids


def test_a_heading_without_a_number_stands_under_the_numbered_one_whose_paragraphs_it_is_among(
    client: TestClient,
) -> None:
    text = client.get(REPORT).text
    found = re.findall(r"<h([23]) id=\"section-([a-z]+|[0-9.]+)", text)
    assert found[:6] == [
        ("2", "1"),
        *[("3", "the"), ("3", "the"), ("3", "arrangements"), ("3", "support")],
        ("2", "ofsteds"),
    ]
    assert ("3", "5.1") in found


def test_a_paper_with_three_headings_has_contents_and_one_with_fewer_has_none(
    client: TestClient,
) -> None:
    contents = client.get(REPORT).text.split('<details class="contents')[1].split("</details>")[0]
    assert contents.count("<li") == len(outline(client, REPORT).levels) - 1
    assert 'href="#section-5.1"' in contents
    assert 'class="contents' not in client.get(NEWS).text


def test_page_furniture_is_folded_away_and_what_the_paper_says_is_not(client: TestClient) -> None:
    page = outline(client, NEWS)
    assert "Get in touch" in page.folded
    assert "Get in touch" not in page.shown
    assert "Ofsted declined to comment." in page.shown
    assert "The council says inspectors did not recognise" in page.shown
    assert page.shown.count("Council hits back after Ofsted inspection criticism") == 2  # with head


def test_furniture_that_is_pointed_at_is_unfolded(client: TestClient) -> None:
    start = client.get(f"{NEWS}/text").text.index("Get in touch")
    text = client.get(f"{NEWS}?start={start}&end={start + 12}").text
    assert text.count('<details class="furniture" open>') == 1
    assert Outline(text).marked == ["Get in touch"]


def test_a_paper_says_its_publisher_and_its_date_in_words_and_how_that_is_known(
    client: TestClient,
) -> None:
    shown = outline(client, "/documents/council-2017-sustained-progress").shown
    assert "Leicester City Council, 4 September 2017, press release" in shown
    assert "Printed: 'Published on Monday, September 4, 2017'." in shown


@pytest.mark.parametrize(
    "question", [DELAY, RUSSELL, "What was the rating in 2017?", "Who was sacked?"]
)
def test_what_is_marked_is_the_citation_as_it_reads(
    client: TestClient, generation: Generation, question: str
) -> None:
    answer = client.post("/ask", json={"question": question, "limit": 10}).json()
    assert answer["citations"]
    for citation in answer["citations"]:
        span = Span(citation["start_char_index"], citation["end_char_index"])
        marked = outline(client, citation["url"]).marked
        assert " ".join(marked) == generation.reading(citation["document_id"], span)


# --- from citation to citation, and back --------------------------------------------------------


def test_next_goes_through_all_citations_of_an_answer_and_previous_all_the_way_back(
    client: TestClient,
) -> None:
    citations = client.post("/ask", json={"question": RUSSELL}).json()["citations"]
    links = quoted_links(client, RUSSELL)
    assert len(links) == len(citations) == 3
    there = list(walk(client, links[0], "next"))
    assert there == links
    assert list(walk(client, there[-1], "prev")) == links[::-1]
    for number, (link, citation) in enumerate(zip(links, citations, strict=True), start=1):
        page = outline(client, link)
        assert link.startswith(citation["url"].split("#")[0])
        assert f"Citation {number} of 3 for “{RUSSELL}”" in page.shown
        back = next(found for found in page.links if found.startswith("/?"))
        assert quoted_links(client, parse_qs(urlsplit(back).query)["q"][0]) == links


def walk(client: TestClient, address: str, direction: str) -> Iterator[str]:
    """Each page from an address on in one direction."""
    while True:
        yield address
        page = client.get(urldefrag(address).url).text
        found = re.search(rf'<a rel="{direction}" href="([^"]+)"', page)
        if found is None:
            return
        address = unescape(found[1])


@pytest.mark.parametrize("number", ["2", "0", "-1", "99", "9" * 5000, "x", "٣", "", "1.0"])
def test_a_number_that_is_not_this_citations_leaves_only_the_way_back(
    client: TestClient, number: str
) -> None:
    address = urldefrag(client.post("/ask", json={"question": DELAY}).json()["citations"][0]["url"])
    page = outline(client, f"{address.url}&{urlencode({'q': DELAY, 'n': number})}")
    assert "Citation" not in page.shown
    assert f"/?{urlencode({'q': DELAY})}" in page.links


def test_a_span_that_is_not_cited_and_none_at_all_leave_only_the_way_back(
    client: TestClient,
) -> None:
    for address in (f"{REPORT}?start=5&end=9&", f"{REPORT}?"):
        page = outline(client, f"{address}{urlencode({'q': DELAY, 'n': 1})}")
        assert "Citation" not in page.shown
        assert "Back to the answer" in page.shown


@pytest.mark.parametrize("question", ["", "  ", "a\x00b", "x" * 1001])
def test_a_question_that_cannot_be_asked_is_no_error_and_leads_nowhere(
    client: TestClient, question: str
) -> None:
    page = outline(client, f"{REPORT}?{urlencode({'q': question, 'n': 1})}")
    assert "Back to the answer" not in page.shown


def test_passages_that_were_not_relied_on_lead_back_too(client: TestClient) -> None:
    question = "when are the bins collected?"
    links = outline(client, f"/?{urlencode({'q': question})}").links
    related = next(link for link in links if "/documents/" in link and "q=" in link)
    page = outline(client, related)
    assert f"Opened from “{question}”" in page.shown
    assert f"/?{urlencode({'q': question})}" in page.links


def test_an_address_is_quoted() -> None:
    assert document_url("a b/ç?#") == "/documents/a%20b%2F%C3%A7%3F%23"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("One two. Three four. Five.", 9),
        ("A line more.\nOne two. Three four. Five.", 22),  # moved on
        ("Three four. Five.", 0),  # moved up, to the front
        ("One two. Three fore. Five.", None),  # another word
        ("", None),
    ],
)
def test_quoted_words_are_found_where_they_stand_now_or_not_at_all(
    text: str, place: int | None
) -> None:
    quoted = Span(9, 20)
    address = span_url("a", "One two. Three four. Five.", quoted)
    assert address == "/documents/a?start=9&end=20&words=1f7ea18e#cited"
    expected = None if place is None else Span(place, place + 11)
    assert where_now(text, 9, 20, "1f7ea18e") == expected


def test_a_paper_that_has_changed_marks_no_other_words_in_place_of_the_quoted(
    client: TestClient,
) -> None:
    url = client.post("/ask", json={"question": DELAY}).json()["citations"][0]["url"]
    page, marked = Outline(client.get(url).text), "The publication of the report by several"
    assert page.marked[0].startswith(marked)
    later = re.sub(
        r"start=(\d+)&end=(\d+)", lambda m: f"start={int(m[1]) + 7}&end={int(m[2]) + 7}", url
    )
    assert Outline(client.get(later).text).marked == page.marked
    other = re.sub(r"words=\w+", "words=00000000", url)
    gone = Outline(client.get(other).text)
    assert gone.marked == []
    assert "This paper has changed since it was quoted" in gone.shown
    far = re.sub(r"start=\d+&end=\d+", "start=99999990&end=99999999", url)
    assert "This paper has changed since it was quoted" in Outline(client.get(far).text).shown


def test_the_address_in_the_json_stays_as_it_was(client: TestClient) -> None:
    url = client.post("/ask", json={"question": DELAY}).json()["citations"][0]["url"]
    assert re.fullmatch(rf"{REPORT}\?start=\d+&end=\d+&words=[0-9a-f]{{8}}#cited", url)


# --- the list -----------------------------------------------------------------------------------


def test_all_papers_are_listed_newest_first_with_what_is_known(client: TestClient) -> None:
    expected = [document["title"] for document in client.get("/documents").json()]
    assert titles(client) == expected
    shown = outline(client, "/papers").shown
    assert "All 5 papers" in shown
    assert "Leicester City Council, 2025, committee report, about 10 minutes to read" in shown
    assert "Leicester City Council, 4 September 2017, press release, about 2 minutes" in shown


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"publisher": "Leicester City Council"}, ["report to the", "Sustained progress"]),
        ({"publisher": "leicester city council", "from": "2018"}, ["report to the"]),
        ({"publisher": "Leicester City Council", "to": "2024"}, ["Sustained progress"]),
        ({"from": "2021", "to": "2021"}, ["Good rating"]),
        ({"from": "2017", "to": "2021"}, ["Good rating", "Sustained progress"]),
        ({"title": "SERVICES leicester’s"}, ["failing Ofsted", "Sustained progress"]),
        ({"title": "leicester's", "from": "2025"}, ["failing Ofsted"]),
        ({"title": "rating", "publisher": "Leicester Mercury", "from": "2021"}, ["Good rating"]),
        ({"title": " ", "publisher": "", "from": "", "to": ""}, None),
    ],
)
def test_filters_leave_what_fits_all_of_them_and_say_how_many(
    client: TestClient, wanted: dict[str, str], expected: list[str] | None
) -> None:
    found = titles(client, **wanted)
    shown = outline(client, f"/papers?{urlencode(wanted)}").shown
    if expected is None:
        assert len(found) == 5
        assert "All 5 papers" in shown
        return
    assert len(found) == len(expected)
    assert all(part in title for part, title in zip(expected, found, strict=True))
    assert f"{len(expected)} of 5 papers" in shown


def test_what_was_typed_stays_in_the_form(client: TestClient) -> None:
    wanted = {"title": "Ofsted", "publisher": "BBC News", "from": "2020", "to": "2026"}
    text = client.get("/papers", params=wanted).text
    for value in ("Ofsted", "2020", "2026"):
        assert f'value="{value}"' in text
    assert '<option value="BBC News" selected>' in text


def test_nothing_found_is_said_with_a_way_to_all_papers(client: TestClient) -> None:
    page = outline(client, "/papers?title=bins&from=2020")
    assert "0 of 5 papers" in page.shown
    assert "No paper fits all of that." in page.shown
    assert "/papers" in page.links
    assert "Ask about" not in page.shown


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"from": "soon"}, "From year must be four digits"),
        ({"to": "20211"}, "To year must be four digits"),
        ({"from": "0000"}, "From year must be four digits"),
        ({"from": "２０２１"}, "From year must be four digits"),
        ({"from": "2022", "to": "2021"}, "To year must not be before the from year."),
        ({"publisher": "Nobody"}, "No paper here is from that publisher"),
        ({"title": "x" * 301}, "at most 300 characters"),
    ],
)
def test_what_cannot_be_wanted_is_refused_in_the_form_in_words(
    client: TestClient, wanted: dict[str, str], said: str
) -> None:
    page = outline(client, f"/papers?{urlencode(wanted)}", 422)
    assert said in page.shown
    (name,) = set(wanted) if len(wanted) == 1 else {"to"}
    assert f"{name}-fault" in page.ids
    assert not [link for link in page.links if link.startswith("/documents")]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "Ask about all papers"),
        ({"title": "ofsted"}, "Ask about all papers"),
        (
            {"publisher": "Leicester City Council", "from": "2017", "to": "2025"},
            "Ask about the papers from Leicester City Council, published from 2017 to 2025",
        ),
        ({"from": "2021", "to": "2021"}, "Ask about the papers published in 2021"),
        ({"to": "2021"}, "Ask about the papers published in 2021 or earlier"),
        ({"from": "2021"}, "Ask about the papers published in 2021 or later"),
    ],
)
def test_one_can_go_and_ask_of_just_these_papers_and_is_told_which_they_are(
    client: TestClient, wanted: dict[str, str], said: str
) -> None:
    page = outline(client, f"/papers?{urlencode(wanted)}")
    assert said in page.shown.replace("\n", "")
    asked = {name: value for name, value in wanted.items() if name != "title"}
    assert (f"/?{urlencode(asked)}" if asked else "/") in page.links


# --- papers that mean harm, and papers of which little is known ----------------------------------


@pytest.fixture
def odd(tmp_path: Path, model: ModelFiles, models: Models) -> Iterator[TestClient]:
    """Papers with hostile names and texts, one with headings that are alike, one undated."""
    papers = tmp_path / "papers"
    papers.mkdir()
    name = "a&b <i>\"'"
    (papers / f"{name}.txt").write_text(
        f"1. Roads {HOSTILE}\n\n1.1 The {HOSTILE} bridge was closed in May.\n\n"
        f"Cited\n\nThe road was closed.\n\nCited\n\nThe path was closed.\n\n??? !!!\n\n"
        f"<b>Main</b>\n\nThe park was closed.\n"
    )
    (papers / "undated.txt").write_text("The library opened in spring.\n")
    (papers / "documents.toml").write_text(
        f"[{json.dumps(name)}]\ntitle = '''{HOSTILE}'''\npublisher = '''{HOSTILE}'''\n"
        f"kind = '''{HOSTILE}'''\npublished = '2020'\npublished_evidence = '''{HOSTILE}'''\n"
    )
    build(papers, tmp_path / "index", model)
    with TestClient(create_app(ServedIndex(tmp_path / "index", model), models)) as client:
        yield client


def test_hostile_papers_and_questions_are_only_text(odd: TestClient) -> None:
    question = f"When was the {HOSTILE} bridge closed?"
    link = quoted_links(odd, question)[0]
    for address in (
        link,
        "/papers",
        f"/papers?{urlencode({'publisher': HOSTILE})}",
        f"/papers?{urlencode({'title': HOSTILE, 'from': '2020'})}",
    ):
        text = odd.get(urldefrag(address).url).text
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        Outline(text)
    for wanted in ({"publisher": "<script>"}, {"from": "<script>"}, {"title": "<script>" * 99}):
        assert "<script" not in odd.get("/papers", params=wanted).text
    assert "<script" not in odd.get(f"/documents/{quote('<script>')}").text
    assert f"Citation 1 of 1 for “{question}”" in outline(odd, link).shown


def test_headings_that_are_alike_have_addresses_that_differ(odd: TestClient) -> None:
    address = next(link for link in paper_addresses(odd) if "undated" not in link)
    page = outline(odd, address)
    assert len(page.ids) == len(set(page.ids))
    assert {"section-cited", "section-cited-2", "section-1", "paragraph-1.1"} <= set(page.ids)


def test_a_paper_of_unknown_date_is_listed_last_and_not_when_a_year_is_given(
    odd: TestClient,
) -> None:
    assert [title == HOSTILE for title in titles(odd)] == [True, False]
    assert titles(odd, **{"from": "1900"}) == [HOSTILE]
    assert "date unknown" in outline(odd, "/papers").shown


# --- in a real browser --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(built_index: Path) -> Iterator[str]:
    with running_service(built_index) as address:
        yield address


def opened(browser: Browser, width: int, **more: Any) -> Page:
    viewport = {"width": width, "height": 700}
    return browser.new_page(java_script_enabled=False, viewport=viewport, **more)  # type: ignore[arg-type]


def top_and_bottom(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box is not None
    return box["y"], box["y"] + box["height"]


@needs_chromium
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_every_citation_is_in_view_below_the_way_on_that_stays_at_the_top(
    browser: Browser, address: str, width: int
) -> None:
    page = opened(browser, width)
    page.goto(f"{address}/?{urlencode({'q': RUSSELL})}")
    page.locator("figure a").first.click()
    for number in (1, 2, 3):
        expect(page.locator(".trail")).to_contain_text(f"Citation {number} of 3")
        expect(page.locator("#cited")).to_be_in_viewport()
        (trail_top, trail_bottom), (top, _) = map(
            top_and_bottom, (page.locator(".trail"), page.locator("#cited"))
        )
        assert 0 <= trail_top < trail_bottom <= top < 700
        if number < 3:
            page.get_by_role("link", name="Next citation").click()
    page.get_by_role("link", name="Back to the answer").click()
    expect(page.get_by_role("heading", name=RUSSELL)).to_be_visible()
    page.close()


@needs_chromium
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_wider_than_the_window_and_nothing_to_press_is_smaller_than_24_pixels(
    browser: Browser, address: str, width: int
) -> None:
    page = opened(browser, width)
    cited = f"{REPORT}?start=9127&end=9276&{urlencode({'q': 'long' * 250, 'n': 1})}#cited"
    for path in (REPORT, NEWS, cited, "/papers", "/papers?from=x&to=y&title=ofsted"):
        page.goto(f"{address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        for found in page.locator("main :is(a, summary, button, input, select)").all():
            if found.is_visible():
                box = found.bounding_box()
                assert box is not None
                assert min(box["width"], box["height"]) >= 24, (path, found.inner_text(), box)
    page.close()


@needs_chromium
def test_a_paragraphs_link_is_seen_when_the_keyboard_reaches_it_and_leads_there(
    browser: Browser, address: str
) -> None:
    page = opened(browser, 1000)
    page.goto(f"{address}{REPORT}")
    link = page.get_by_role("link", name="Link to paragraph 1.7")
    opacity = "element => getComputedStyle(element).opacity"
    assert link.evaluate(opacity) == "0"
    page.get_by_role("link", name="Link to paragraph 1.6").focus()
    page.keyboard.press("Tab")
    assert link.evaluate("element => element === document.activeElement")
    assert link.evaluate(opacity) == "1"
    page.keyboard.press("Enter")
    page.wait_for_url("**#paragraph-1.7")
    paragraph = page.locator('[id="paragraph-1.7"]')
    expect(paragraph).to_be_in_viewport()
    top, _ = top_and_bottom(paragraph)
    assert 0 <= top < 100
    page.close()


@needs_chromium
@pytest.mark.parametrize(("width", "folded"), [(320, True), (1280, False)])
def test_contents_are_folded_on_a_phone_and_beside_the_text_on_a_wide_screen(
    browser: Browser, address: str, width: int, folded: bool
) -> None:
    page = opened(browser, width)
    page.goto(f"{address}{REPORT}")
    contents = page.get_by_role("navigation", name="Contents")
    assert contents.count() == (0 if folded else 1)
    if folded:
        page.locator("summary", has_text="Contents").click()
    contents.get_by_role("link", name="5.3 Equalities implications").click()
    heading = page.get_by_role("heading", name="5.3 Equalities implications")
    expect(heading).to_be_in_viewport()
    assert 0 <= top_and_bottom(heading)[0] < 100
    page.close()


@needs_chromium
def test_paper_is_printed_without_what_only_a_screen_needs(browser: Browser, address: str) -> None:
    page = opened(browser, 1280)
    page.emulate_media(media="print")
    page.goto(f"{address}{REPORT}?start=9127&end=9276&{urlencode({'q': DELAY, 'n': 1})}")
    assert page.locator("#cited").is_visible()
    for hidden in (".trail", ".contents", ".ways", ".anchor"):
        assert not [found for found in page.locator(hidden).all() if found.is_visible()]
    page.close()


@needs_chromium
def test_the_list_is_narrowed_without_a_script(browser: Browser, address: str) -> None:
    page = opened(browser, 320)
    page.goto(f"{address}{NEWS}")
    page.get_by_role("link", name="All papers").click()
    page.get_by_label("Publisher").select_option("Leicester City Council")
    page.get_by_label("From year").fill("2020")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="1 of 5 papers")).to_be_visible()
    page.get_by_role("link", name="Clear, and show all papers").click()
    expect(page.get_by_role("heading", name="All 5 papers")).to_be_visible()
    page.close()
