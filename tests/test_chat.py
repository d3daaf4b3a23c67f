"""The conversation in a real browser, with its script."""

import json
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from browser import needs_chromium
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from server import running_service

from ingest.build import build
from ingest.models import ModelFiles

DELAY = "why was publication delayed?"
QUOTE = (
    "The publication of the report by several months was due to Ofsted responding to a complaint "
    "about the inspection process made by the local authority."
)
BINS = "when are the bins collected?"
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(built_index: Path) -> Iterator[str]:
    with running_service(built_index) as address:
        yield address


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Opened]:
    """Open pages that fail the test on any complaint in the browser's console."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(width: int = 1280, path: str = "/", **settings: object) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            permissions=["clipboard-read", "clipboard-write"],
            **settings,  # type: ignore[arg-type] # what new_context takes
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
        page.goto(f"{address}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    refusals = ("responded with a status of 4", "responded with a status of 503")  # on purpose
    assert [one for one in complaints if not any(known in one for known in refusals)] == []


def ask(page: Page, question: str) -> None:
    """Type a question, send it with Enter, and wait for its card."""
    before = page.locator(".turn").count()
    page.locator("#q").fill(question)
    page.locator("#q").press("Enter")
    expect(page.locator(".turn:not(.waiting)")).to_have_count(before + 1)


def hold_answers(page: Page) -> list[Route]:
    """Keep the service's answers back; those asked for are in the list, to be continued."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route("**/answer?*", keep)
    return held


def fits(page: Page) -> bool:
    """True when nothing is wider than the window."""
    assert page.viewport_size is not None
    widest = page.evaluate("document.documentElement.scrollWidth")
    return bool(widest <= page.viewport_size["width"])


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page as it is now."""
    page.evaluate(AXE)
    found = page.evaluate(
        "rules => axe.run({runOnly: rules}).then(found => found.violations.map("
        "one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 120)).join(' | ')))",
        RULES,
    )
    return list(found)


@pytest.mark.parametrize("width", [1280, 320])
def test_a_whole_conversation_without_loading_the_page(opened: Opened, width: int) -> None:
    page = opened(width)
    page.evaluate("window.loadedOnce = true")
    ask(page, DELAY)
    first = page.locator(".turn").first
    assert first.locator("blockquote").first.inner_text() == QUOTE
    assert "Leicester City Council, 2025, paragraph 2.1" in first.inner_text()
    assert page.locator("#q").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "q"
    ask(page, "What was the rating in 2017?")
    ask(page, "and in 2021?")
    last = page.locator(".turn").last
    assert last.locator(".understood").inner_text() == (
        "Asked as: “What was the rating? and in 2021?”"
    )
    asked = page.locator(".asked").all_inner_texts()
    assert asked == [DELAY, "What was the rating in 2017?", "and in 2021?"]
    heading = last.locator(".asked")
    expect(heading).to_be_in_viewport()
    assert page.evaluate("window.loadedOnce") is True
    assert fits(page)


def test_the_quote_opens_in_the_paper_and_the_conversation_is_there_again(opened: Opened) -> None:
    page = opened()
    ask(page, BINS)
    ask(page, DELAY)
    page.locator(".turn").last.get_by_role("link", name="Open in the paper").first.click()
    mark = page.locator("mark#cited")
    assert mark.inner_text() == QUOTE
    expect(mark).to_be_in_viewport()
    page.go_back()
    expect(page.locator(".asked")).to_have_text([BINS, DELAY])
    assert page.locator(".turn").first.get_by_text("Not in the papers").is_visible()
    page.get_by_role("button", name="Clear the conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    page.reload()
    expect(page.locator(".turn")).to_have_count(0)


def test_a_citation_is_copied_with_its_source_date_and_address(
    opened: Opened, address: str
) -> None:
    page = opened()
    ask(page, DELAY)
    page.get_by_role("button", name="Copy citation").first.click()
    expect(page.locator("#status")).to_have_text("Citation copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"“{QUOTE}” – Ofsted inspection of children's services: report to the")
    assert "Leicester City Council, 2025, paragraph 2.1\n" in copied
    link = copied.splitlines()[-1]
    assert link.startswith(f"{address}/documents/council-2025-scrutiny-report?start=")
    page.goto(link)
    assert page.locator("mark#cited").inner_text() == QUOTE


def test_the_words_around_a_quote_open_in_place_with_the_quote_marked(opened: Opened) -> None:
    page = opened()
    ask(page, DELAY)
    around = page.locator(".around").first
    around.locator("summary").click()
    assert around.locator("mark").inner_text() == QUOTE
    assert "We have not complained about the content" in around.inner_text()


def test_enter_sends_and_shift_enter_makes_a_line(opened: Opened) -> None:
    page = opened()
    page.locator("#q").press_sequentially("why was")
    page.locator("#q").press("Shift+Enter")
    page.locator("#q").press_sequentially("publication delayed?")
    assert page.locator(".turn").count() == 0
    assert page.locator("#q").input_value() == "why was\npublication delayed?"
    page.locator("#q").press("Enter")
    expect(page.locator(".turn blockquote").first).to_have_text(QUOTE)


def test_while_it_works_one_line_says_so_and_the_field_stays_usable(opened: Opened) -> None:
    page = opened()
    held = hold_answers(page)
    page.locator("#q").fill(DELAY)
    page.locator("#q").press("Enter")
    expect(page.locator(".turn.waiting")).to_contain_text("Looking in the papers …")
    assert page.locator("#status").inner_text() == "Looking in the papers …"
    page.locator("#q").press_sequentially("and then")
    assert page.locator("#q").input_value() == "and then"
    assert violations(page) == []
    held[0].continue_()
    expect(page.locator(".turn blockquote").first).to_have_text(QUOTE)
    assert page.locator("#q").input_value() == "and then"


def test_an_answer_is_announced_once(opened: Opened) -> None:
    page = opened()
    page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(document.getElementById('status')"
        ".textContent)).observe(document.getElementById('status'), {childList: true})"
    )
    ask(page, DELAY)
    said = page.evaluate("window.said")
    assert said[0] == "Looking in the papers …"
    assert re.fullmatch(r"Answered with .* from the papers\.", said[1])
    assert len(said) == 2
    assert page.locator("[aria-live], [role=status], [role=alert]").count() == 1


def test_when_the_script_cannot_reach_the_service_the_form_is_sent(opened: Opened) -> None:
    page = opened()
    page.route("**/answer?*", lambda route: route.fulfill(status=503, body="busy"))
    page.locator("#q").fill(DELAY)
    page.locator("#q").press("Enter")
    page.wait_for_url("**/?q=*")
    assert page.locator(".turn blockquote").first.inner_text() == QUOTE


def test_a_follow_up_on_a_linked_answer_knows_its_history_and_leaves_the_conversation_alone(
    opened: Opened,
) -> None:
    page = opened()
    home = page.url
    ask(page, "What was the rating in 2017?")
    ask(page, "and in 2021?")
    page.locator(".permanent").last.evaluate("link => location.assign(link.href)")
    page.wait_for_url("**g=*")
    ask(page, "and in 2015?")
    understood = page.locator(".understood").last
    expect(understood).to_have_text("Asked as: “What was the rating? and in 2015?”")
    page.goto(home)
    expect(page.locator(".asked")).to_have_text(["What was the rating in 2017?", "and in 2021?"])


def test_what_is_wrong_with_a_question_is_said_beside_the_field(opened: Opened) -> None:
    page = opened()
    page.locator("#q").press("Enter")
    assert page.locator("#error").inner_text() == "Your question must not be empty."
    assert page.locator("#q").get_attribute("aria-describedby") == "error"
    assert violations(page) == []
    page.get_by_text("Only some of the papers").click()
    page.get_by_label("From year").fill("MMXV")
    page.locator("#q").fill(DELAY)
    page.locator("#q").press("Enter")
    expect(page.locator("#error")).to_have_text("From year must be four digits, such as 2021.")
    assert page.locator("#q").input_value() == DELAY
    assert page.locator(".turn").count() == 0
    page.get_by_label("From year").fill("")
    page.locator("#q").press("Enter")
    expect(page.locator(".turn blockquote").first).to_have_text(QUOTE)
    assert page.locator("#error").is_hidden()


def test_questions_to_begin_with_are_answered(opened: Opened) -> None:
    page = opened()
    suggestion = page.locator(".suggestions a")
    for _ in range(100):  # they are found after the first page was shown
        if suggestion.count():
            break
        page.reload()
    assert 3 <= suggestion.count() <= 5
    question = suggestion.first.inner_text()
    suggestion.first.click()
    expect(page.locator(".turn:not(.waiting) .kicker")).to_have_text("Quoted from the papers")
    assert page.locator(".asked").inner_text() == question


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_in_any_state(opened: Opened, scheme: str) -> None:
    page = opened(768, color_scheme=scheme)
    found = {"empty": violations(page)}
    page.locator("#q").press_sequentially("why")
    found["typing"] = violations(page)
    for question in (DELAY, BINS, "What was the rating in 2017?", "and in 2021?", "in Derby?"):
        ask(page, question)
        found[question] = violations(page)
    for paths in ("/papers", "/accessibility", "/nothing", f"/?q={'x' * 1001}", "/?q=why&from=no"):
        page.goto(page.url.split("/?")[0].rstrip("/") if "/?" in page.url else page.url)
        page.goto(re.sub(r"(http://[^/]+).*", rf"\1{paths}", page.url))
        found[paths[:40]] = violations(page)
    page.goto(re.sub(r"(http://[^/]+).*", r"\1/documents/council-2025-scrutiny-report", page.url))
    found["a paper"] = violations(page)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}


def test_the_keyboard_alone_reaches_everything_and_focus_is_seen(opened: Opened) -> None:
    page = opened()
    ask(page, DELAY)
    page.reload()  # so that Tab begins at the top
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "(() => { const one = document.activeElement; const box = one.getBoundingClientRect();"
            " const style = getComputedStyle(one); return {name: one.textContent.trim() || one.id,"
            " body: one === document.body, outline: style.outlineStyle, width: box.width,"
            " height: box.height, seen: box.bottom > 0 && box.top < innerHeight}; })()"
        )
        if here["body"]:
            break
        reached.append(here)
    assert all(one["outline"] != "none" and one["seen"] for one in reached), reached
    names = [one["name"] for one in reached]
    for wanted in ("Skip to the content", "Copy citation", "Ask", "q", "Clear the conversation"):
        assert wanted in names
    assert any(name.startswith("Open in the paper") for name in names)
    small = [one["name"] for one in reached if min(one["width"], one["height"]) < 24]
    links_in_text = ("5 papers", "Accessibility", "Ofsted inspection", "Council hits")
    assert [name for name in small if not name.startswith(links_in_text)] == []


@pytest.mark.parametrize(("width", "text"), [(320, "100%"), (1280, "200%")])
def test_at_four_times_the_size_and_with_large_text_nothing_scrolls_sideways(
    opened: Opened, width: int, text: str
) -> None:
    page = opened(width)
    ask(page, DELAY)
    ask(page, BINS)
    page.evaluate("size => { document.documentElement.style.fontSize = size }", text)
    for details in page.locator("details > summary").all():
        details.click()
    assert fits(page)


def test_without_motion_nothing_moves_and_forced_colours_keep_the_borders(opened: Opened) -> None:
    page = opened(reduced_motion="reduce", forced_colors="active")
    held = hold_answers(page)
    page.locator("#q").fill(DELAY)
    page.locator("#q").press("Enter")
    expect(page.locator(".waiting .working")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    held[0].continue_()
    figure = page.locator(".turn figure").first
    expect(figure).to_be_visible()
    assert figure.evaluate("one => getComputedStyle(one).borderLeftStyle") == "solid"


def test_print_shows_the_quotes_and_their_sources_and_no_controls(opened: Opened) -> None:
    page = opened()
    ask(page, DELAY)
    page.emulate_media(media="print")
    assert page.locator("#ask").is_hidden()
    assert page.get_by_role("button", name="Copy citation").first.is_hidden()
    assert page.locator(".turn blockquote").first.is_visible()
    assert "Leicester City Council, 2025" in page.locator("figcaption").first.inner_text()


def test_the_first_visit_is_small_and_asks_no_other_host(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    loaded: dict[str, int] = {}
    page.on("response", lambda got: loaded.update({got.url: len(got.body())}))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    context.close()
    assert all(url.startswith((address, "data:")) for url in loaded), loaded
    assert 1000 < sum(loaded.values()) < 60_000, loaded


# --- hostile text -------------------------------------------------------------------------------

HOSTILE = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<iframe src=javascript:window.pwned=1></iframe>",
    "<a href=javascript:window.pwned=1>here</a>",
    "<body onload=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<video><source onerror=window.pwned=1></video>",
    "<math><mtext></mtext><script>window.pwned=1</script></math>",
    "<style>*{display:none}</style>",
    "<style>@import 'http://203.0.113.1/x.css'</style>",
    "<link rel=stylesheet href=http://203.0.113.1/x.css>",
    "<base href=http://203.0.113.1/>",
    "<meta http-equiv=refresh content='0;url=http://203.0.113.1/'>",
    "<form action=http://203.0.113.1/><button>Ask</button></form>",
    "<object data=http://203.0.113.1/></object>",
    "<embed src=http://203.0.113.1/>",
    '"><script>window.pwned=1</script>',
    "'><script>window.pwned=1</script>",
    '" onmouseover=window.pwned=1 x="',
    "' onmouseover=window.pwned=1 x='",
    "` onmouseover=window.pwned=1 x=`",
    "</textarea><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "</blockquote></figure></article></main><script>window.pwned=1</script>",
    "--><script>window.pwned=1</script><!--",
    "<![CDATA[<script>window.pwned=1</script>]]>",
    "{{ 7 * 7 }}",
    "{% for x in range(9) %}x{% endfor %}",
    "${7*7}",
    "#{7*7}",
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "%3Cscript%3Ewindow.pwned=1%3C/script%3E",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;script&#62;window.pwned=1&#60;/script&#62;",
    "\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    "<ſcript>window.pwned=1</ſcript>",
    "＜script＞window.pwned=1＜/script＞",
    "\u202eneddih si siht\u202c",
    "\u200b\u200b\u200bzero\u200bwidth\ufeff",
    "Z̴̡͓̏a̶͎̾l̷̥̈g̴̰͝o̷͙͌ " * 8,
    "W" * 300,
    "ﷺ" * 40,
    "👩‍👩‍👧‍👦" * 30,
    "'; DROP TABLE papers; --",
    "../../../../etc/passwd",
    "\ttab and\nline",
    "x" * 50 + "<b>bold</b>" + "y" * 200,
]


def harmless(page: Page) -> bool:
    """True when nothing has run, nothing foreign stands in the page, and it is not torn wide."""
    foreign = "main script, main iframe, main img, main svg, main style, main link, main object"
    return (
        page.evaluate("window.pwned === undefined")
        and page.locator(foreign).count() == 0
        and page.locator("form[action^=http], base, meta[http-equiv=refresh]").count() == 0
        and page.locator("#ask, article, .narrow").first.is_visible()
        and fits(page)
    )


def test_hostile_questions_stay_text_with_and_without_the_script(opened: Opened) -> None:
    assert len(HOSTILE) > 50
    page = opened(320)
    for text in HOSTILE:
        ask(page, text)
        assert page.locator(".asked").last.text_content() == text
        assert harmless(page), text
    page.reload()
    expect(page.locator(".asked")).to_have_count(len(HOSTILE))
    assert harmless(page)
    at = re.sub(r"(http://[^/]+).*", r"\1", page.url)
    encode = "([path, fields]) => path + '?' + new URLSearchParams(fields)"
    for text in HOSTILE[::6]:
        for path, fields in (
            ("/", {"q": text, "h": text}),
            ("/", {"q": "why", "publisher": text, "from": text}),
            ("/papers", {"title": text, "publisher": text, "to": text}),
        ):
            page.goto(at + page.evaluate(encode, [path, fields]))
            assert harmless(page), (path, text)


def test_hostile_papers_stay_text_on_every_page(
    browser: Browser, tmp_path: Path, model: ModelFiles
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    metadata = []
    for number, text in enumerate(HOSTILE):
        name = f"h{number:02} <b>'&\"" if number % 7 == 0 else f"h{number:02}"
        body = f"{text}\n\nThe fee for item {number} is £{number + 10}. {text} It is paid in May.\n"
        (corpus / f"{name}.txt").write_text(body, encoding="utf-8")
        title, key = (json.dumps(one, ensure_ascii=False) for one in (text.strip(), name))
        metadata.append(f"[{key}]\ntitle = {title}\npublisher = {title}\npublished = '2024'\n")
    (corpus / "documents.toml").write_text("\n".join(metadata), encoding="utf-8")
    index = tmp_path / "index"
    build(corpus, index, model)
    complaints: list[str] = []
    with running_service(index) as address:
        context = browser.new_context(viewport={"width": 320, "height": 800})
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(address)
        for number in range(0, len(HOSTILE), 3):
            ask(page, f"What is the fee for item {number}?")
            assert harmless(page), HOSTILE[number]
        page.goto(f"{address}/papers")
        links = [link.get_attribute("href") for link in page.locator("main li a").all()]
        assert page.evaluate("window.pwned === undefined")
        assert fits(page)
        papers = [link for link in links if link and link.startswith("/documents/")]
        assert len(papers) == len(HOSTILE)
        for link in papers:
            page.goto(f"{address}{link}")
            assert harmless(page), link
        context.close()
    assert complaints == []
