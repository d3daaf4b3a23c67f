"""What a person sees in a paper is what the program sees."""

import pytest

from eval.lessons import OWN, TRAINING
from ingest.documents import Document, read_corpus
from ingest.lines import is_furniture
from ingest.sentences import Span
from ingest.structure import Block, mask, read_structure, reading_form, sections

REPORT = "council-2025-scrutiny-report"


def shown(text: str) -> list[tuple[str, str | None, str]]:
    """Kind, number and reading form of every block."""
    blocks = read_structure(text)
    masked = mask(text, blocks)
    return [
        (
            block.kind,
            block.number,
            reading_form(text if block.kind == "furniture" else masked, block.span),
        )
        for block in blocks
    ]


def block_that_reads(documents: dict[str, Document], document_id: str, start: str) -> Block:
    text = documents[document_id].text
    blocks = read_structure(text)
    masked = mask(text, blocks)
    (found,) = [b for b in blocks if reading_form(masked, b.span).startswith(start)]
    return found


@pytest.mark.parametrize(
    ("number", "start"),
    [
        ("1.1", "Ofsted undertook an inspection"),
        ("1.2", "The latest report gives an overall rating"),
        ("1.3", "The report identifies a number of priority areas"),
        ("1.4", "A summary of actions"),
        ("1.5", "The five areas that Ofsted"),
        ("1.9", "We have immediately reviewed"),
        ("1.10", "We will continue to consider our rights-based approach"),
        ("1.11", "The judgement by Ofsted in this area is new"),
        ("2.1", "The publication of the report"),
        ("2.2", "There are two other areas of complaint"),
        ("2", "The Children, Young People and Education Scrutiny Commission is invited"),
        ("5.2", "There are no direct legal implications"),
        ("5.3", "Children’s Services are responsible"),
        ("5.4", "Signed: Duncan Bell"),
        ("7", "Appendix A: ILACS"),
    ],
)
def test_each_paragraph_of_the_committee_paper_has_its_own_number(
    documents: dict[str, Document], number: str, start: str
) -> None:
    assert block_that_reads(documents, REPORT, start).number == number


def test_a_sentence_that_displaced_numbers_cut_is_whole(documents: dict[str, Document]) -> None:
    block = block_that_reads(documents, REPORT, "The latest report gives")
    masked = mask(documents[REPORT].text, [block])
    assert reading_form(masked, block.sentences[0]) == (
        "The latest report gives an overall rating of “requires improvement to be good” and "
        "identifies areas that need strengthening for impact to consistently “good”."
    )


def test_a_page_break_does_not_end_a_paragraph(documents: dict[str, Document]) -> None:
    block = block_that_reads(documents, REPORT, "There are two other areas")
    reading = reading_form(documents[REPORT].text, block.span)
    assert "part of the framework was not in place at the time" in reading


@pytest.mark.parametrize(
    ("start", "heading"),
    [
        ("We will continue", "Support for care leavers who may be more reluctant"),
        ("Ofsted found evidence", "The timeliness and robustness of responses"),
        ("The publication", "Ofsted’s Response to the Complaint"),
        ("The recommendations in this report", "Financial implications"),
        ("Other implications", "Financial, legal, equalities"),
    ],
)
def test_each_paragraph_knows_its_heading(
    documents: dict[str, Document], start: str, heading: str
) -> None:
    found = block_that_reads(documents, REPORT, start).heading
    assert found is not None
    assert found.startswith(heading)


def test_numbers_torn_off_by_a_pdf_go_to_the_paragraphs_that_follow() -> None:
    text = (
        "4.1 The scheme began in May and\n4.2\n4.3\nended in June. It cost nothing to anyone.\n\n"
        "The library opened in a new building that is next to the old market hall.\n\n"
        "The bridge was closed for repairs that took the whole of the summer of 2019.\n\n"
        "4.4 The park stayed open.\n"
    )
    assert [(number, reading[:11]) for _, number, reading in shown(text)] == [
        ("4.1", "The scheme "),
        ("4.2", "The library"),
        ("4.3", "The bridge "),
        ("4.4", "The park st"),
    ]


def test_several_numbers_on_one_line_are_given_out_in_order() -> None:
    text = "Parks\n\n3.1 3.2\n\nThe first one is open.\n\nThe second one is closed.\n"
    assert [(number, reading) for kind, number, reading in shown(text) if kind == "paragraph"] == [
        ("3.1", "The first one is open."),
        ("3.2", "The second one is closed."),
    ]


def test_figures_of_a_table_are_not_paragraph_numbers() -> None:
    text = "1.1 The costs are these.\n\n12.5\n\n87.25\n\nThey rose.\n\n1.2 They fell again.\n"
    assert [(n, r) for kind, n, r in shown(text) if kind == "paragraph"] == [
        ("1.1", "The costs are these."),
        ("1.1", "They rose."),
        ("1.2", "They fell again."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2.6 million people live here.\n",
        "2021. That was the year.\n",
        "£2.6m was spent.\n",
        "It is set out in paragraph\n1.3.\n",
    ],
)
def test_a_number_that_is_part_of_a_sentence_numbers_nothing(text: str) -> None:
    assert [number for _, number, _ in shown(text)] == [None]


@pytest.mark.parametrize(
    "line",
    [
        "Skip to content",
        "Image caption,",
        "Image source, Leicester City Council",
        "A picture of a medalImage source, Getty Images",
        "Get in touch",
        "Follow BBC Leicester on Facebook, external, on X, external, or on Instagram, external.",
        "Newspapers in English",
        "Newspapers from United Kingdom",
        "?? ??",
        "Coun Sarah Russell, below",
        "Page 3 of 10",
        "- 7 -",
        "12",
        "[4]",
        "• Published",
        "- By COREY BEDFORD corey.bedford@reachplc.com @CoreyBJourno",
        "Tel: 0116 454 1000",
        "press.office@example.gov.uk",
    ],
)
def test_furniture_is_recognised(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "Published on Monday, September 4, 2017",
        "2015",
        "He read more books.",
        "By the end of the year it was over.",
        "Call 0116 454 1000 to report a missed bin, or write to bins@example.gov.uk.",
        "Signed: Kamal Adatia",
        "The search for a new director began.",
    ],
)
def test_content_is_not_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_no_furniture_of_the_papers_is_in_a_sentence(documents: dict[str, Document]) -> None:
    listed = (
        "Skip to content|Image caption|Image source|Get in touch|Follow BBC|Newspapers in|?? ??|"
        "Tell us which stories|eastmidsnews@|0808 100|reachplc|@CoreyBJourno|white stone building"
    ).split("|")
    for document in documents.values():
        blocks = read_structure(document.text)
        quotable = " ".join(
            document.text[span.start : span.end] for block in blocks for span in block.sentences
        )
        assert [phrase for phrase in listed if phrase in quotable] == []


def test_blocks_are_in_order_and_do_not_overlap(documents: dict[str, Document]) -> None:
    for document in documents.values():
        position = 0
        for block in read_structure(document.text):
            assert position <= block.span.start < block.span.end <= len(document.text)
            position = block.span.end


def test_all_text_of_the_papers_is_in_a_block_but_paragraph_numbers_and_bullets(
    documents: dict[str, Document],
) -> None:
    for document in documents.values():
        left = document.text
        for block in reversed(read_structure(document.text)):
            left = left[: block.span.start] + " " + left[block.span.end :]
        assert not [token for token in left.split() if not token.replace(".", "").isdigit()]


def test_a_statement_without_its_full_stop_is_not_a_heading() -> None:
    text = (
        "Intro.\n\n5.2 Legal implications\n"
        "There are no direct implications from this report\n\nMore.\n"
    )
    assert shown(text)[1:3] == [
        ("heading", "5.2", "Legal implications"),
        ("paragraph", "5.2", "There are no direct implications from this report"),
    ]


def test_what_a_form_says_in_two_fields_is_one_item(documents: dict[str, Document]) -> None:
    block = block_that_reads(documents, REPORT, "Signed: Mohammed Irfan")
    assert block.kind == "item"
    assert len(block.sentences) == 1
    assert reading_form(documents[REPORT].text, block.span) == (
        "Signed: Mohammed Irfan Dated: 22.01.2025"
    )


def test_a_pull_quote_that_repeats_the_text_is_furniture() -> None:
    text = (
        "It rained.\n\nShe said that the park is open to all of us again.\n\n"
        "the park is open to all of us\n\nThe end came.\n"
    )
    assert ("furniture", None, "the park is open to all of us") in shown(text)


def test_a_section_holds_no_furniture_between_its_sentences() -> None:
    text = "One is here.\n\nTwo is here.\n\nImage caption,\n\nA bridge\n\nThree is here.\n"
    found = sections(read_structure(text))
    assert [[text[s.start : s.end] for s in section.sentences] for section in found] == [
        ["One is here.", "Two is here."],
        ["Three is here."],
    ]


def test_lines_that_are_paragraphs_are_not_joined(documents: dict[str, Document]) -> None:
    blocks = read_structure(documents["news-2025-failing-ofsted-report"].text)
    assert len(blocks) == 14


WRAPPED = (
    "1.1 The Council welcomed the report from the Department for Transport on the roads\n"
    "– which was published in May – and asked officers to prepare a detailed action plan\n"
    "for it by the end of the month, so that residents may object to all of the plans\n"
    "by emailing planning@anytown.gov.uk before the date. Late comments will not be taken\n"
    "into account by the committee when it decides.\n\n"
)


def test_a_dash_or_an_address_at_the_start_of_a_wrapped_line_does_not_cut_the_sentence() -> None:
    ((kind, number, reading),) = shown(WRAPPED)
    assert (kind, number) == ("paragraph", "1.1")
    assert "Transport on the roads – which was" in reading
    assert "plans by emailing planning@anytown.gov.uk before the date. Late" in reading


def test_a_line_that_runs_along_the_tops_of_pages_is_furniture() -> None:
    text = (
        "Overview Committee 20 March 2025\n\n2.1 The cost of a placement rose and rose again\n\n"
        "3\nOverview Committee 20 March 2025\n\nto £6,200 a week. It fell.\n\n"
        "4\nOverview Committee 20 March 2025\n\n2.2 Complaints rose too.\n"
    )
    read = [(number, reading) for kind, number, reading in shown(text) if kind != "furniture"]
    assert read == [
        ("2.1", "The cost of a placement rose and rose again to £6,200 a week. It fell."),
        ("2.2", "Complaints rose too."),
    ]


@pytest.mark.parametrize(
    "start", ["£1.5m was taken from reserves.", "2024/25 saw a rise.", "the Director agreed."]
)
def test_a_paragraph_need_not_begin_with_a_capital_to_be_numbered(start: str) -> None:
    text = f"1.2 It rose.\n\n1.3 {start}\n\n1.4 It fell.\n"
    assert [(n, r) for _, n, r in shown(text)][1] == ("1.3", start)


@pytest.mark.parametrize("bullet", ["-", "•", "(a)", "(1)", "2)"])
def test_an_item_is_never_quoted_without_what_leads_to_it(bullet: str) -> None:
    text = f"The Executive did not agree to:\n\n{bullet} close the library\n{bullet} sell it\n"
    blocks = read_structure(text)
    assert [text[s.start : s.end] for block in blocks for s in block.sentences] == [text.strip()]


GUIDANCE = """Winter Fuel Grant
Who can get it
You can get the grant if both of these apply:
you were born before 26 September 1957
you lived in England for at least one day of the week of 18 September (the ‘qualifying week’)
You cannot get it if you:
are in hospital and have had free treatment for more than a year
were in prison for the whole week
What you will get
The rates are:
Aged 66 to 79 – £200
Aged 80 or over – £300
You will get a letter that tells you how much you will be paid and into which account.
What to send
Send these with the form:
Your passport
A letter from your bank
Where to send it
The address is on the form.
"""


def test_a_line_of_guidance_is_an_entry_of_the_list_above_it_or_a_heading() -> None:
    headings = [reading for kind, _, reading in shown(GUIDANCE) if kind == "heading"]
    assert headings[1:] == [
        "Who can get it",
        "What you will get",
        "What to send",
        "Where to send it",
    ]
    blocks = read_structure(GUIDANCE)
    masked = mask(GUIDANCE, blocks)
    read = [reading_form(masked, s) for block in blocks for s in block.sentences]
    assert [sentence.split(":")[0] for sentence in read] == [
        "You can get the grant if both of these apply",
        "You cannot get it if you",
        "The rates are",
        "You will get a letter that tells you how much you will be paid and into which account.",
        "Send these with the form",
        "The address is on the form.",
    ]
    assert read[1].endswith("were in prison for the whole week")
    assert read[2] == "The rates are:\nAged 66 to 79 – £200\nAged 80 or over – £300"
    assert read[4].splitlines()[1:] == ["Your passport", "A letter from your bank"]


def test_entries_that_blank_lines_set_apart_belong_to_their_list() -> None:
    text = "You qualify if:\n\nyou are 18 or over\n\nyou have a child\n\nClaim online.\n"
    blocks = read_structure(text)
    assert [reading_form(text, s) for block in blocks for s in block.sentences] == [
        "You qualify if: you are 18 or over you have a child",
        "Claim online.",
    ]


def test_entries_in_a_wrapped_paper_may_run_over_their_line() -> None:
    text = (
        WRAPPED
        + "1.2 The Council may refuse an application that comes after the closing date if:\n"
        "the applicant was told of the date in good time and gave no reason for being late\n"
        "that the officer could accept\n"
        "the money has been spent\n\n"
    )
    blocks = read_structure(text)
    assert [text[b.span.start : b.span.end].split()[-1] for b in blocks if b.kind == "item"] == [
        "accept",
        "spent",
    ]


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        (
            "You may get:\nrent\nCouncil Tax\nhelp with fares\nWho can apply\nAnyone may.",
            ["Who can apply"],
        ),
        ("Send us:\nYour passport\nA letter from your bank\n\nYou will hear in 5 days.", []),
        ("It is closed.\nWhat happens next?\nWe will tell you.", ["What happens next?"]),
        ("It is closed.\nIf you are refused\nYou can appeal.", ["If you are refused"]),
        ("It is so.\nWhat a permit is for\nA permit lets you park.", ["What a permit is for"]),
        ("Send it.\n1. Fill in the form\n2. Sign it\n3. Post it\nWait.", []),
        ("It is so.\nBand A\n£1,200\nIt is due in May.", ["Band A"]),
        ("The form is free. Check your day", []),
        (
            "How many\n1\n£26.05 a week\n2\n£43.30 a week\n3\n£60.55 a week\nIt is paid.",
            ["How many"],
        ),
    ],
)
def test_headings_of_guidance_are_told_from_entries_steps_and_rows(
    text: str, headings: list[str]
) -> None:
    opened = "Permits\nThis page is about them.\n" + text + "\n"
    found = [reading for kind, _, reading in shown(opened) if kind == "heading"]
    assert found[1:] == headings
    assert not [one for one in shown(opened) if one[0] == "furniture" and "£" in one[2]]


def test_a_warning_after_a_list_is_none_of_its_entries() -> None:
    text = "Pay at:\nthe Civic Centre\nany library\nImportant: you must display your permit.\n"
    blocks = read_structure(text)
    assert [reading_form(text, s) for block in blocks for s in block.sentences] == [
        "Pay at: the Civic Centre any library",
        "Important: you must display your permit.",
    ]


def test_the_end_of_a_paragraph_is_kept_though_it_has_no_stop() -> None:
    text = "It is collected on Mondays. Check your day\n"
    blocks = read_structure(text)
    assert [text[s.start : s.end] for block in blocks for s in block.sentences] == [
        "It is collected on Mondays.",
        "Check your day",
    ]


@pytest.mark.parametrize(
    "row",
    [
        "Market Square £1.50 £1.70",
        "Councillor Smith (Chair)",
        "2023/24 1,850 2,090 (240)",
        "Aged 16 to 24 – up to £61.40",
        "Monday to Friday, 8am to 6pm",
    ],
)
def test_a_row_of_a_table_or_a_list_of_names_is_no_heading(row: str) -> None:
    text = f"Some text is here.\n\n{row}\n\nMore text is here.\n"
    assert ("heading", None, row) not in shown(text)


def test_an_entry_of_a_contents_list_is_furniture() -> None:
    assert is_furniture("1. Introduction ........................................ 3")


def test_many_addresses_on_a_line_are_read_at_once() -> None:
    assert not is_furniture("tel " + "a.b@c.d" * 40 + "!")


@pytest.mark.parametrize("text", ["", "\n\n", "x", "1.1", "•", "“", "1.1\n1.2\n", "A\r\n\r\nb"])
def test_odd_little_texts_are_read_without_a_fault(text: str) -> None:
    for block in read_structure(text):
        assert text[block.span.start : block.span.end].strip()


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        (
            "The sum was set at the figure of\n2.6\nmillion pounds. More came.\n",
            "figure of 2.6 million",
        ),
        (
            "4.6 We decided that we would spend the whole of the money on\n\n4.7\n\nthe roads and"
            " on the parks of the city. Another sentence follows.\n",
            "the money on the roads",
        ),
    ],
)
def test_a_bare_number_within_a_sentence_is_left_out_only_where_it_numbers_a_paragraph(
    text: str, reads: str
) -> None:
    masked = mask(text, read_structure(text))
    assert len(masked) == len(text)
    assert reads in reading_form(masked, Span(0, len(text)))


def test_masking_moves_no_offset_in_a_thousand_papers() -> None:
    for folder in OWN:
        for paper in read_corpus(TRAINING / folder):
            masked = mask(paper.text, read_structure(paper.text))
            assert len(masked) == len(paper.text), paper.id
            pairs = zip(masked, paper.text, strict=True)
            assert all(
                shown in (" ", written) or (shown == "\u2029" and written.isspace())
                for shown, written in pairs
            ), paper.id


def test_a_line_of_a_megabyte_is_looked_at_once() -> None:
    assert not is_furniture("A" * 1_000_000)


def test_a_page_saved_with_its_tags_reads_as_the_page() -> None:
    text = (
        "<h1>Winter Help</h1><p>You may get it. It is paid by the <strong>Board</strong>, which"
        ' meets in <a href="/may">May</a>.</p>\n<h2 class="x">Who can apply</h2>\n'
        "<p>You must:</p>\n<ul>\n<li>be over 16</li>\n<li>live here</li>\n</ul>\n"
        "<p>Those aged < 18 need a letter.<br/>It costs nothing.</p>\n"
    )
    blocks = read_structure(text)
    masked = mask(text, blocks)
    assert [(b.heading, reading_form(masked, s)) for b in blocks for s in b.sentences] == [
        (None, "You may get it."),
        (None, "It is paid by the Board, which meets in May."),
        ("Who can apply", "You must:\n• be over 16\n• live here"),
        ("Who can apply", "Those aged < 18 need a letter."),
        ("Who can apply", "It costs nothing."),
    ]
    quoted = [text[s.start : s.end] for b in blocks for s in b.sentences]
    assert quoted[0] == "You may get it."
    assert quoted[3] == "Those aged < 18 need a letter."
